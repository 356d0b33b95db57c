//! Command lines that are almost right: what was meant, where that can be told. Everything else is left to clap's words, of
//! which the common ones have a Chinese form here.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::{Verb, help, select};
use crate::say::{Lang, lang, say};
use crate::scenario;

/// The sentence to print instead of clap's, if it is plain what was meant.
pub fn meant(error: &Error) -> Option<String> {
    let known = match error.kind() {
        ErrorKind::InvalidSubcommand => no_verb(&word(error, ContextKind::InvalidSubcommand)?),
        ErrorKind::UnknownArgument if word(error, ContextKind::InvalidArg)? == "--set" => no_setting(),
        _ => None,
    };
    known.or_else(|| chinese(error).filter(|_| lang() == Lang::Zh))
}

/// One of the things that clap knows of a mistake.
fn word(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(word) => Some(word.clone()),
        ContextValue::Strings(words) => Some(words.join(", ")).filter(|all| !all.is_empty()),
        _ => None,
    }
}

/// `lab 2`: a scenario stands where a command belongs.
fn no_verb(word: &str) -> Option<String> {
    let known = select::is_file(word) || scenario::find(word).is_ok();
    known.then(|| {
        say!(
            "no command '{word}'; did you mean lab scenario {word}?",
            "没有命令「{word}」; 是不是 lab scenario {word}?"
        )
    })
}

/// `lab run 2 --set ..`: only one scenario at a time can be changed.
fn no_setting() -> Option<String> {
    let mut words: Vec<_> = std::env::args_os().collect();
    let verb = words.iter().position(|word| word == "run")?;
    words[verb] = "scenario".into();
    let (what, set) = match help::parse(words.into_iter()).ok().and_then(|cli| cli.verb) {
        Some(Verb::Scenario(help::Later(args))) => (args.what, args.set),
        _ => ("ID".to_owned(), vec!["NAME=EXPR".to_owned()]),
    };
    let typed = set.iter().map(|setting| match setting.contains([' ', '(']) {
        true => format!(" --set '{setting}'"),
        false => format!(" --set {setting}"),
    });
    let typed = typed.collect::<String>();
    Some(say!(
        "run takes no --set; did you mean lab scenario {what}{typed}?",
        "run 没有 --set; 是不是 lab scenario {what}{typed}?"
    ))
}

/// clap's complaint in Chinese: what is wrong, what was perhaps meant, and the usage.
fn chinese(error: &Error) -> Option<String> {
    let said = |kind| word(error, kind);
    let argument = || said(ContextKind::InvalidArg);
    let value = || said(ContextKind::InvalidValue);
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有参数「{}」", argument()?),
        ErrorKind::InvalidSubcommand => format!("没有命令「{}」", said(ContextKind::InvalidSubcommand)?),
        ErrorKind::MissingRequiredArgument => format!("缺少 {}", argument()?),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::InvalidValue if value().is_none_or(|value| value.is_empty()) => {
            format!("{} 缺少值", argument()?)
        }
        ErrorKind::InvalidValue => match said(ContextKind::ValidValue) {
            Some(valid) => format!("{} 不能是「{}」; 可以是 {valid}", argument()?, value()?),
            None => format!("{} 不能是「{}」", argument()?, value()?),
        },
        ErrorKind::ValueValidation => {
            let argument = argument()?;
            let why = match argument.split([' ', '=']).next() {
                Some("--width") => "应当是 40 到 120 的整数".to_owned(),
                Some("--report") => error.source()?.to_string(),
                _ => "应当是一个整数".to_owned(),
            };
            format!("{argument} 不能是「{}」; {why}", value()?)
        }
        ErrorKind::ArgumentConflict
            if said(ContextKind::PriorArg).is_none_or(|prior| prior == argument().unwrap_or_default()) =>
        {
            format!("{} 只能写一次", argument()?)
        }
        ErrorKind::ArgumentConflict => format!("{} 不能与 {} 同时使用", argument()?, said(ContextKind::PriorArg)?),
        ErrorKind::TooManyValues => format!("{} 多了一个值「{}」", argument()?, value()?),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("{} 的值的个数不对", argument()?),
        _ => return None,
    };
    let near = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let near = near.into_iter().find_map(said);
    // of a verb and its short form the verb
    let near = near.as_deref().and_then(|near| near.rsplit(", ").next());
    let near = near.map(|near| format!("; 是不是 {near}?"));
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => String::new(),
    };
    let usage = usage.trim_start_matches("Usage:").trim();
    let usage = if usage.is_empty() {
        String::new()
    } else {
        format!("\n\n用法: {usage}")
    };
    Some(format!(
        "{what}{}{usage}\n\n更多说明: lab --help",
        near.unwrap_or_default()
    ))
}
