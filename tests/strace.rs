//! What `lab` prints as a system call is what was called: the full ordered list of calls and signals of every process of
//! an experiment equals what an outside strace saw, once addresses and descriptors have their symbols.

mod common;

use std::path::Path;
use std::process::Command;

use regex::{Captures, Regex};

/// Processes in order (a holder, then its witnesses, then the next holder), each with its lines.
type Processes = Vec<Vec<String>>;

fn strace_is_here() -> bool {
    Command::new("strace")
        .arg("-V")
        .output()
        .is_ok_and(|output| output.status.success())
}

/// Lab's own account, as `--report strace` prints it.
fn account(text: &str) -> Processes {
    let mut processes: Processes = Vec::new();
    let mut of_script: Vec<(String, usize)> = Vec::new();
    for line in text.lines() {
        if line.starts_with('#') {
            of_script.clear();
            continue;
        }
        let (who, what) = line.split_once(' ').expect("a process and a line");
        let index = of_script
            .iter()
            .find(|known| known.0 == who)
            .map(|known| known.1)
            .unwrap_or_else(|| {
                processes.push(Vec::new());
                of_script.push((who.to_owned(), processes.len() - 1));
                processes.len() - 1
            });
        processes[index].push(what.trim_start().to_owned());
    }
    processes
}

fn file(dir: &Path, pid: &str) -> String {
    std::fs::read_to_string(dir.join(format!("t.{pid}"))).unwrap_or_default()
}

/// The processes that `pid` forked, in order.
fn children(text: &str) -> Vec<String> {
    let fork = Regex::new(r"(?m)^clone\(child_stack=NULL.*\) = (\d+)$").expect("a pattern");
    fork.captures_iter(text)
        .map(|found| found[1].to_owned())
        .collect()
}

/// Strace's account of holders and witnesses, with lab's symbols.
fn seen(dir: &Path, tmpdir: &str, root: &str) -> Processes {
    let mut processes = Vec::new();
    let place = Regex::new(r"mmap\(0x([0-9a-f]+), .* = 0x([0-9a-f]+)").expect("a pattern");
    for holder in children(&file(dir, root)) {
        let text = file(dir, &holder);
        let witnesses = children(&text);
        let found = place.captures(&text).expect("a mapping at a hint");
        assert_eq!(found[1], found[2], "the hint was taken");
        let base = i64::from_str_radix(&found[1], 16).expect("an address");
        let symbols = Symbols {
            base,
            tmpdir,
            root,
            holder: &holder,
            witnesses: &witnesses,
        };
        processes.push(symbols.lines(&text));
        processes.extend(witnesses.iter().map(|pid| symbols.lines(&file(dir, pid))));
    }
    processes
}

struct Symbols<'a> {
    base: i64,
    tmpdir: &'a str,
    root: &'a str,
    holder: &'a str,
    witnesses: &'a [String],
}

impl Symbols<'_> {
    fn lines(&self, text: &str) -> Vec<String> {
        // The C library's own calls after fork, and SIGCHLD, whose moment is the scheduler's.
        let not_ours = ["set_robust_list", "rseq", "--- SIGCHLD"];
        let lines = text
            .lines()
            .filter(|line| !not_ours.iter().any(|start| line.starts_with(start)));
        lines.map(|line| self.line(line)).collect()
    }

    fn line(&self, line: &str) -> String {
        let mut line = line.split_once(") = ").map_or_else(
            || line.to_owned(),
            |(call, result)| format!("{}) = {result}", call.trim_end()),
        );
        let mut replace = |pattern: &str, with: &str| {
            line = Regex::new(pattern)
                .expect("a pattern")
                .replace_all(&line, with)
                .into_owned();
        };
        replace(r"\)\s+= ", ") = ");
        replace(r", sa_restorer=0x[0-9a-f]+", "");
        replace(r"sa_handler=0x[0-9a-f]+", "sa_handler=handler");
        replace(
            r"^(rt_sigaction\(\w+, \{[^}]*\}), (\{[^}]*\}|NULL), 8\)",
            "$1, old, 8)",
        );
        replace(r"ss_sp=0x[0-9a-f]+", "ss_sp=stack");
        replace(r", child_tidptr=0x[0-9a-f]+", "");
        replace(
            &format!(r"^getppid\(\) = ({}|{})$", self.root, self.holder),
            "getppid() = parent",
        );
        replace(
            &format!(r"^getpid\(\) = {}$", self.holder),
            "getpid() = holder",
        );
        replace(
            r"^rt_sigreturn\(\{mask=\[\]\}\) = .*",
            "rt_sigreturn({mask=[]}) = resumed",
        );
        replace(
            r"^(mmap\(NULL, .*MAP_NORESERVE, -1, 0\)) = 0x[0-9a-f]+",
            "$1 = reserve",
        );
        replace(r"^mmap\(0x[0-9a-f]+,", "mmap(hole,");
        replace(&regex::escape(self.tmpdir), "TMPDIR");
        replace(r"/\.mmap-lab-\d+-\d+", "/.mmap-lab");
        replace(r" \(INJECTED\)$", "");
        replace(r"^(openat\(.*\)) = \d+$", "$1 = fd");
        replace(
            r"^(write|pwrite64|pread64|ftruncate|fallocate)\(\d+,",
            "$1(fd,",
        );
        replace(r"^(mmap\(hole, .*), \d+, (0x[0-9a-f]+|0)\)", "$1, fd, $2)");
        for (n, pid) in self.witnesses.iter().enumerate() {
            replace(&format!(r"\b{pid}\b"), &format!("witness{}", n + 1));
        }
        self.addresses(&line)
    }

    fn addresses(&self, line: &str) -> String {
        let address = Regex::new(r"0x([0-9a-f]{7,})").expect("a pattern");
        let symbol = |found: &Captures<'_>| match i64::from_str_radix(&found[1], 16).expect("hex")
            - self.base
        {
            0 => "base".to_owned(),
            // Only the reservation begins before the mapping by more than a scenario may reach.
            offset if offset < 0 && line.starts_with("munmap(") => "reserve".to_owned(),
            offset => format!("base{offset:+}"),
        };
        address.replace_all(line, symbol).into_owned()
    }
}

/// The first place where the two accounts part.
fn difference(ours: &Processes, theirs: &Processes) -> Option<String> {
    if ours.len() != theirs.len() {
        return Some(format!(
            "{} processes, strace saw {}",
            ours.len(),
            theirs.len()
        ));
    }
    for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let lines = ours.len().max(theirs.len());
        for n in 0..lines {
            let (our, their) = (ours.get(n), theirs.get(n));
            if our != their {
                return Some(format!(
                    "process {number}, line {n}:\n  lab    {our:?}\n  strace {their:?}"
                ));
            }
        }
    }
    None
}

/// Without O_TMPFILE; so is the loader's first openat(2) in lab itself, which it can do without.
const NO_TMPFILE: [&str; 2] = ["-e", "inject=openat:error=EOPNOTSUPP:when=1"];

fn both(scenario: &str, more: &[&str]) -> (Processes, Processes) {
    let dir = tempfile::tempdir().expect("a directory");
    let files = tempfile::tempdir().expect("a directory");
    let output = Command::new("strace")
        .args(["-ff", "-q", "-s", "32", "-o"])
        .arg(dir.path().join("t"))
        .args(more)
        .args([
            env!("CARGO_BIN_EXE_lab"),
            "scenario",
            scenario,
            "--report",
            "strace",
        ])
        .env("TMPDIR", files.path())
        .output()
        .expect("strace runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let ours = account(&String::from_utf8_lossy(&output.stdout));
    let started = std::fs::read_dir(dir.path())
        .expect("it is there")
        .map(|entry| entry.expect("an entry").file_name());
    let pid = |name: std::ffi::OsString| {
        name.to_string_lossy()
            .trim_start_matches("t.")
            .parse::<u64>()
            .expect("a pid")
    };
    let root = started.map(pid).min().expect("a process").to_string();
    let theirs = seen(dir.path(), &files.path().display().to_string(), &root);
    (ours, theirs)
}

#[test]
fn every_call_and_signal_is_what_strace_saw() {
    if !strace_is_here() {
        common::skip("strace is not installed");
        return;
    }
    for (scenario, more) in [
        ("exact", &[][..]),
        ("past-eof", &[]),
        ("grow", &[]),
        ("exact", &NO_TMPFILE),
    ] {
        let (ours, theirs) = both(scenario, more);
        assert!(
            ours.len() > 1 && ours[0].len() > 20,
            "something was recorded"
        );
        assert_eq!(difference(&ours, &theirs), None, "{scenario}");
        let unlinked = ours[0].iter().any(|line| line.starts_with("unlinkat("));
        assert_eq!(unlinked, !more.is_empty(), "{scenario} {more:?}");
    }
}

#[test]
fn one_line_dropped_is_a_difference() {
    if !strace_is_here() {
        common::skip("strace is not installed");
        return;
    }
    let (ours, theirs) = both("past-eof", &[]);
    assert_eq!(difference(&ours, &theirs), None);
    for process in 0..ours.len() {
        for line in 0..ours[process].len() {
            let mut less = ours.clone();
            less[process].remove(line);
            // Of two equal neighbours it does not matter which one is missing; the count shows it.
            assert_ne!(
                difference(&less, &theirs),
                None,
                "process {process}, line {line}"
            );
        }
    }
}
