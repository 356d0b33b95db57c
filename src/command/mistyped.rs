//! Command lines that are almost right: what was meant, where that can be told. Everything else is left to clap's words.

use clap::Parser;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::{Cli, Verb, select};
use crate::scenario;

/// The sentence to print instead of clap's, if it is plain what was meant.
pub fn meant(error: &Error) -> Option<String> {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.as_str()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => no_verb(word(ContextKind::InvalidSubcommand)?),
        ErrorKind::UnknownArgument if word(ContextKind::InvalidArg)? == "--set" => no_setting(),
        _ => None,
    }
}

/// `lab 2`: a scenario stands where a command belongs.
fn no_verb(word: &str) -> Option<String> {
    let known = select::is_file(word) || scenario::find(word).is_ok();
    known.then(|| format!("no command '{word}'; did you mean lab scenario {word}?"))
}

/// `lab run 2 --set ..`: only one scenario at a time can be changed.
fn no_setting() -> Option<String> {
    let mut words: Vec<_> = std::env::args_os().collect();
    let verb = words.iter().position(|word| word == "run")?;
    words[verb] = "scenario".into();
    let (what, set) = match Cli::try_parse_from(words).ok().and_then(|cli| cli.verb) {
        Some(Verb::Scenario(args)) => (args.what, args.set),
        _ => ("ID".to_owned(), vec!["NAME=EXPR".to_owned()]),
    };
    let typed = set.iter().map(|setting| match setting.contains([' ', '(']) {
        true => format!(" --set '{setting}'"),
        false => format!(" --set {setting}"),
    });
    Some(format!(
        "run takes no --set; did you mean lab scenario {what}{}?",
        typed.collect::<String>()
    ))
}
