//! The command line: what was typed, what is meant by it, and where output goes. One file a verb; each only wires rooms
//! together. Exit codes are part of the interface and stand here once.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::kernel::{Interrupts, Trouble};
use crate::report::result::{Machine, Report};
use crate::say::{self, Lang, said, say, system};
use crate::scenario::Complaints;
use crate::world::{self, Here};
use help::Later;
use look::{colour, width};

mod answers;
mod claims;
mod completions;
mod doctor;
mod explain;
mod fuzz;
mod help;
mod home;
mod huge;
mod lesson;
mod lint;
mod look;
mod measured;
mod mistyped;
mod needs;
mod new;
mod predict;
mod progress;
mod questions;
mod refused;
mod run;
mod scenario;
mod seed;
mod select;
mod step;
mod suites;
mod terminal;
mod voices;
mod watch;
mod words;

pub use lesson::Foretelling;
pub use seed::drawn;

/// Everything was observed as expected.
const AGREES: u8 = 0;
/// Something differs: kernel, model or scenario file.
const DIFFERS: u8 = 1;
/// A mistake on the command line or in a scenario file; nothing was run.
const USAGE: u8 = 2;
/// The machine could not do it.
const MACHINE: u8 = 3;
/// Nothing was selected.
const NOTHING: u8 = 4;
/// Interrupted; children are reaped.
const INTERRUPTED: u8 = 130;

/// What Linux does at the edges of a memory mapping: SIGBUS, SIGSEGV, and why.
///
/// Without a command: where you are, and the next thing to type.
#[derive(Debug, Parser)]
#[command(name = "lab", version, after_help = help::EXIT_CODES, after_long_help = help::EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Write a report: json, or strace (every call and signal, to hold against strace -f); without =FILE it is the output
    #[arg(long, global = true, value_name = "FORMAT[=FILE]", value_parser = report_to)]
    report: Vec<ReportTo>,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: When,
    /// Columns to draw for, 40 to 120 [default: the terminal's, else 80]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(40..=120))]
    width: Option<u16>,
    /// In which language [default: LAB_LANG, else the locale's]
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run one scenario and explain it
    #[command(visible_alias = "s")]
    Scenario(Later<scenario::Args>),
    /// Run scenarios, one line each
    Run(Later<run::Args>),
    /// Run a scenario file again whenever it is saved
    Watch(Later<watch::Args>),
    /// Random scripts: does the model agree with this kernel?
    Fuzz(Later<fuzz::Args>),
    /// Every claim of the course notes, and the kernel's verdict
    Claims(Later<claims::Args>),
    /// Write a commented scenario file to start from
    New(Later<new::Args>),
    /// One word in one screen: SIGBUS, map_end, M2 ...
    Explain(Later<explain::Args>),
    /// Can this machine show what the lesson needs?
    Doctor,
    /// Print a completion script for a shell
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    /// at a terminal, unless the environment says otherwise
    Auto,
    /// always
    Always,
    /// never
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Strace,
    Markdown,
}

#[derive(Clone, Debug)]
struct ReportTo {
    format: Format,
    file: Option<PathBuf>,
}

fn report_to(text: &str) -> Result<ReportTo, String> {
    let (format, file) = match text.split_once('=') {
        Some((_, "")) => return Err(said!("a file's name is missing after '='", "「=」之后缺少文件名").to_owned()),
        Some((format, file)) => (format, Some(PathBuf::from(file))),
        None => (text, None),
    };
    let format = match format {
        "json" => Format::Json,
        "strace" => Format::Strace,
        "markdown" => Format::Markdown,
        other => {
            return Err(say!(
                "no report '{other}'; there are json, strace, and for claims and answers markdown",
                "没有报告「{other}」; 有 json、strace, claims 与答案还有 markdown"
            ));
        }
    };
    Ok(ReportTo { format, file })
}

/// Why a command ends early. Each is printed once, and has its exit code.
#[derive(Debug)]
enum Failure {
    /// a mistake of the user's
    Usage(String),
    /// complaints about a scenario file
    Complaints(Complaints),
    /// the machine could not do it
    Machine(String),
    /// nothing was selected
    Nothing(String),
    /// SIGINT or SIGTERM
    Interrupted,
    /// whoever read our output is gone
    BrokenPipe,
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        match trouble {
            Trouble::Interrupted => Failure::Interrupted,
            other => Failure::Machine(lesson::told(&other).to_string()),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            ErrorKind::BrokenPipe => Failure::BrokenPipe,
            _ => Failure::Machine(no_output(&error)),
        }
    }
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Failure::Usage(_) | Failure::Complaints(_) => USAGE,
            Failure::Machine(_) => MACHINE,
            Failure::Nothing(_) => NOTHING,
            Failure::Interrupted => INTERRUPTED,
            Failure::BrokenPipe => AGREES,
        }
    }

    /// What is said of it.
    fn told(&self) -> String {
        match self {
            Failure::Usage(said) | Failure::Machine(said) | Failure::Nothing(said) => said.clone(),
            Failure::Complaints(complaints) => complaints.render(false),
            Failure::Interrupted => said!("interrupted", "已中断").to_owned(),
            Failure::BrokenPipe => String::new(),
        }
    }

    /// A report that cannot be written.
    fn unwritable(file: &Path, error: &io::Error) -> Failure {
        let (file, why) = (file.display(), system::of(error));
        Failure::Machine(say!("cannot write {file}: {why}", "无法写入 {file}: {why}"))
    }
}

fn no_output(error: &io::Error) -> String {
    let why = system::of(error);
    say!("cannot write the output: {why}", "无法写出结果: {why}")
}

/// What every verb needs.
struct Context {
    reports: Vec<ReportTo>,
    choice: When,
    width: usize,
    /// what `--width` says
    asked: Option<u16>,
}

impl Context {
    /// Print a screen.
    fn print(&self, screen: &str) -> Result<(), Failure> {
        let stdout = io::stdout();
        let mut out = AutoStream::new(stdout.lock(), self.colour());
        out.write_all(screen.as_bytes())?;
        Ok(out.flush()?)
    }

    /// Is a report itself the output? Then nothing else may be.
    fn screen_wanted(&self) -> bool {
        self.reports.iter().all(|report| report.file.is_some())
    }

    /// Does a report tell of every call?
    fn traces(&self) -> bool {
        self.reports.iter().any(|report| report.format == Format::Strace)
    }

    /// Columns to draw for at this moment: a terminal may have changed its size.
    fn columns(&self) -> usize {
        width(self.asked)
    }

    /// When what is printed has colours.
    fn colour(&self) -> ColorChoice {
        colour(self.choice, io::stdout().is_terminal())
    }

    /// Write the reports that were asked for.
    fn write_reports(&self, report: &Report, trace: &str) -> Result<(), Failure> {
        for to in &self.reports {
            let text = match to.format {
                Format::Json => crate::report::json(report).map_err(|error| Failure::Machine(error.to_string()))?,
                Format::Strace => trace.to_owned(),
                Format::Markdown => {
                    return Err(Failure::Usage(
                        said!("a markdown report is for lab claims", "markdown 报告只属于 lab claims").to_owned(),
                    ));
                }
            };
            match &to.file {
                None => io::stdout().lock().write_all(text.as_bytes())?,
                Some(file) => {
                    let wrote = File::create(file).and_then(|mut out| out.write_all(text.as_bytes()));
                    wrote.map_err(|error| Failure::unwritable(file, &error))?;
                }
            }
        }
        Ok(())
    }
}

/// This machine, or why it cannot be described.
fn here() -> Result<Here, Failure> {
    world::detect(&world::directory()).map_err(|unknown| Failure::Machine(unknown.0))
}

fn interrupts() -> Result<Interrupts, Failure> {
    Interrupts::catch().map_err(|error| {
        let why = system::of(&error);
        Failure::Machine(say!("cannot watch for Ctrl-C: {why}", "无法监视 Ctrl-C: {why}"))
    })
}

fn machine(here: &Here) -> Machine {
    Machine {
        kernel: here.release.clone(),
        arch: here.arch.to_owned(),
        page: here.world.page,
        fs: here.world.filesystem.name().to_owned(),
        fs_options: here.fs_options.clone(),
        euid: here.euid,
        dir: here.dir.display().to_string(),
    }
}

/// Parse the command line, do what it says, and turn what came of it into an exit code.
pub fn main() -> ExitCode {
    // Before a word is parsed: the help and the complaints about words are in that language too.
    say::speak(help::asked(std::env::args_os()).unwrap_or_else(say::of_environment));
    if let Err(errno) = crate::kernel::settle() {
        let refused = say!(
            "the machine refused sigaction: {errno}",
            "系统拒绝了 sigaction: {errno}"
        );
        let _ = writeln!(io::stderr(), "lab: {refused}");
        return ExitCode::from(MACHINE);
    }
    let cli = match help::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            if let Some(meant) = mistyped::meant(&error) {
                let _ = writeln!(io::stderr(), "lab: {meant}");
                return ExitCode::from(USAGE);
            }
            // Help and version are no errors; clap knows which is which, and where to print it.
            let code = if error.use_stderr() { USAGE } else { AGREES };
            return match error.print() {
                Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                    let _ = writeln!(io::stderr(), "lab: {}", no_output(&error));
                    ExitCode::from(MACHINE)
                }
                _ => ExitCode::from(code),
            };
        }
    };
    let context = Context {
        reports: cli.report,
        choice: cli.color,
        width: width(cli.width),
        asked: cli.width,
    };
    let reported = matches!(cli.verb, Some(Verb::Scenario(_) | Verb::Run(_) | Verb::Claims(_)));
    let done = match cli.verb {
        _ if !reported && !context.reports.is_empty() => Err(Failure::Usage(
            said!("--report goes with scenario and run", "--report 用于 scenario 和 run").to_owned(),
        )),
        None => home::home(&context),
        Some(Verb::Scenario(Later(args))) => scenario::scenario(&args, &context),
        Some(Verb::Run(Later(args))) => run::run(&args, &context),
        Some(Verb::Claims(Later(args))) => claims::claims(&args, &context),
        Some(Verb::New(Later(args))) => new::new(&args, &context),
        Some(Verb::Watch(Later(args))) => watch::watch(&args, &context),
        Some(Verb::Fuzz(Later(args))) => fuzz::fuzz(&args, &context),
        Some(Verb::Explain(Later(args))) => explain::explain(&args, &context),
        Some(Verb::Doctor) => doctor::doctor(&context),
        Some(Verb::Completions { shell }) => completions::completions(shell, &context),
    };
    let (code, message) = match done {
        Ok(code) => (code, String::new()),
        Err(Failure::Complaints(complaints)) => {
            let colour = colour(context.choice, io::stderr().is_terminal());
            (USAGE, complaints.render(colour != ColorChoice::Never))
        }
        Err(Failure::BrokenPipe) => (AGREES, String::new()),
        Err(failure) => (failure.code(), format!("lab: {}\n", failure.told())),
    };
    // Where even stderr is closed there is nobody left to tell; the exit code stands.
    let _ = io::stderr().lock().write_all(message.as_bytes());
    ExitCode::from(code)
}
