//! What the tests of the command line share.

#![allow(dead_code)]

pub mod terminal;

use std::process::{Command, Output};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use mmap_lab::model::Ruled;
use mmap_lab::scenario::Probe;
use mmap_lab::verdict::{Foretold, leaves_open};

/// The program with its arguments, and an environment that says nothing about colours or widths, and English.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    // what one test has predicted shall not show in another
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (test, n) = (std::process::id(), COUNT.fetch_add(1, Relaxed));
    command.env(
        "XDG_STATE_HOME",
        format!("{}/state/{test}-{n}", env!("CARGO_TARGET_TMPDIR")),
    );
    command.env("LAB_LANG", "en").args(args);
    command
}

/// Run it.
pub fn lab(args: &[&str]) -> Output {
    command(args).output().expect("the program starts")
}

/// What a run that succeeded printed.
pub fn stdout(output: Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{error}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The line about kernel, page size and filesystem says another thing on every machine, and times in every run.
pub fn without_machine(screen: &str) -> String {
    let time = regex::Regex::new(r"\d+\.\d+s").expect("a pattern");
    let line = |line: &str| match line.find("Linux ") {
        Some(at) if line.contains(" | page ") => format!("{}[MACHINE]\n", &line[..at]),
        _ => format!("{line}\n"),
    };
    time.replace_all(&screen.lines().map(line).collect::<String>(), "[TIME]")
        .into_owned()
}

/// This machine's page size in bytes.
pub fn page() -> u64 {
    let here = mmap_lab::world::detect(&mmap_lab::world::directory()).expect("a directory for files under test");
    here.world.page
}

/// Blocks of a document which begin with `$ lab ...`: the command, and what follows it.
pub fn transcripts(document: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for block in document.split("```text\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        if let Some((first, rest)) = block.split_once('\n') {
            if let Some(command) = first.strip_prefix("$ ") {
                found.push((command.to_owned(), rest.to_owned()));
            }
        }
    }
    found
}

/// Say why something was not tested here, past libtest, which keeps the output of what passes to itself.
pub fn skip(reason: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}

/// Does the model leave open what the author expects?
pub fn possible(probe: &Probe, answer: &Ruled) -> bool {
    let foretold = Foretold {
        possible: &answer.possible,
        word: answer.reason.word(),
    };
    leaves_open(probe.expected.as_ref(), foretold)
}
