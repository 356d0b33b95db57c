//! The help of the command line, and in which language: clap writes it in English from the comments beside the arguments;
//! here stands the same in Chinese, by verb and argument. What the table lacks stays English, and a test misses it.

use std::ffi::OsString;

use clap::{ArgMatches, Args, Command, CommandFactory, Error, FromArgMatches, Id, ValueEnum};

use super::Cli;
use crate::say::{Lang, lang};

mod chinese;

pub const EXIT_CODES: &str = "\
Exit codes:
  0    everything observed is what was expected
  1    something differs: the kernel, the model, or the scenario file
  2    a mistake on the command line or in a scenario file; nothing was run
  3    the machine could not do it (the reason is one line)
  4    nothing selected
  130  interrupted; children reaped, nothing left behind";

/// The language that the words of the command line ask for, before they are parsed.
pub fn asked(words: impl Iterator<Item = OsString>) -> Option<Lang> {
    let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let before = words.iter().take_while(|word| *word != "--").enumerate();
    let values = before.filter_map(|(n, word)| match word.strip_prefix("--lang") {
        Some("") => words.get(n + 1).map(String::as_str),
        Some(rest) => rest.strip_prefix('='),
        None => None,
    });
    values.filter_map(|value| Lang::from_str(value, false).ok()).last()
}

/// The command line, in the language spoken.
pub fn command() -> Command {
    match lang() {
        Lang::En => Cli::command(),
        Lang::Zh => chinese::command(Cli::command()),
    }
}

/// Parse these words.
pub fn parse(words: impl Iterator<Item = OsString>) -> Result<Cli, Error> {
    let mut command = command();
    let matches: ArgMatches = command.try_get_matches_from_mut(words)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// The arguments of a verb, described to clap when the verb is met and not before: to describe them all takes longer than
/// to parse a scenario.
#[derive(Debug)]
pub struct Later<A>(pub A);

impl<A: Args> Args for Later<A> {
    fn group_id() -> Option<Id> {
        A::group_id()
    }

    fn augment_args(verb: Command) -> Command {
        verb.defer(A::augment_args)
    }

    fn augment_args_for_update(verb: Command) -> Command {
        verb.defer(A::augment_args_for_update)
    }
}

impl<A: FromArgMatches> FromArgMatches for Later<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Later<A>, Error> {
        A::from_arg_matches(matches).map(Later)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}
