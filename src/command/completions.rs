//! `lab completions SHELL`: a completion script, for packagers. It knows the ids of built-in scenarios and what `--set`
//! can set.

use clap::builder::PossibleValuesParser;
use clap_complete::Shell;

use super::{Context, Failure, help};
use crate::scenario::{SETTINGS, builtins};

/// Print the script.
pub fn completions(shell: Shell, context: &Context) -> Result<u8, Failure> {
    // Only for the script: on the command line itself, files are as good, and a setting has a value.
    let ids = || PossibleValuesParser::new(builtins().map(|builtin| builtin.id));
    let settings = PossibleValuesParser::new(SETTINGS.iter().map(|name| format!("{name}=")));
    let mut command = help::command();
    command.build(); // or the verbs have no arguments yet
    let mut command = command
        .mut_subcommand("scenario", |verb| {
            verb.mut_arg("what", |arg| arg.value_parser(ids()))
                .mut_arg("set", |arg| arg.value_parser(settings))
        })
        .mut_subcommand("run", |verb| verb.mut_arg("what", |arg| arg.value_parser(ids())));
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "lab", &mut script);
    context.print(&String::from_utf8_lossy(&script))?;
    Ok(super::AGREES)
}
