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

/// Lab's own account, as `--report strace` prints it: of each script the holder, the other processes, the witnesses; and
/// of which scenario each of them is a process.
fn account(text: &str) -> (Processes, Vec<String>) {
    let (mut processes, mut scenarios) = (Processes::new(), Vec::new());
    for script in text.split("# ").skip(1) {
        let mut of_script = std::collections::BTreeMap::<(bool, usize, &str), Vec<String>>::new();
        for line in script.lines().skip(1).filter(|line| !line.is_empty()) {
            let (who, what) = line.split_once(' ').expect("a process and a line");
            let key = (who.starts_with("witness"), who.len(), who);
            of_script.entry(key).or_default().push(coarse(what.trim_start()));
        }
        scenarios.extend(
            of_script
                .iter()
                .map(|_| script.split(' ').next().unwrap_or_default().to_owned()),
        );
        processes.extend(of_script.into_values());
    }
    (processes, scenarios)
}

/// What strace does not tell, or tells in other words: which of several descriptors (only that it is one), the bytes of
/// memory that a call read or wrote, the fields of a stat or of a resource, a limit that hangs on what is in use.
fn coarse(line: &str) -> String {
    NOISE.iter().fold(line.to_owned(), |line, (pattern, with)| {
        self::pattern(pattern).replace_all(&line, *with).into_owned()
    })
}

const NOISE: [(&str, &str); 24] = [
    (r"rlim_(cur|max)=[^,}]+", "rlim_$1=N"),
    (r"\b(elsewhere|outside)\b|\bbase-\d{7,}", "area"),
    (r"\|(0x2000000|area)\b", "|0x2000000"),
    // An offset of a file may look like an address.
    (r"^(mmap.*), (0x[0-9a-f]{6,}|area|base[^)]*)\) = ", "$1, far) = "),
    // Which of several places a hint names, the result says.
    (r"mmap\((hole[2-4]?|base[^,]*), ", "mmap(place, "),
    // A second area is far behind the first, and strace knows of one base only.
    (r"\b(hole)[2-4]\b", "$1"),
    (r"\bbase([2-4]\b([+-]\d+)?|\+\d{7,})", "area"),
    (r"\bfd\d+\b", "fd"),
    (r"\b(own|turn)\b", "fd"),
    (r"\badder\d\b", "adder"),
    (r"(/proc/self/fd/)(fd|\d+)", "${1}fd"),
    (r"^(newfstatat\(fd, .., )\{.*\}", "$1{}"),
    (r"^(getrusage\(RUSAGE_SELF, )\{.*\}", "$1{}"),
    (r"^(prlimit64\(0, RLIMIT_AS, )\{.*\}", "$1{}"),
    // Of one byte its value is compared; of more, lab says how many, or where they lie.
    (
        r"^(pread64|pwrite64)\(fd, .*, (\d\d+|[2-9]), (\d+\) = )",
        "$1(fd, ..., $2, $3",
    ),
    // Whoever enters a namespace says who they are there.
    (r#"^write\(fd, "(deny|0\d{9} 0\d{9} 1)", "#, "write(fd, ..., "),
    (r"^(mincore\([^,]*, [^,]*), .*\) = ", "$1) = "),
    (r"^(geteuid|getegid)\(\) = .*", "$1()"),
    (r"^ioctl\(\w+, (UFFDIO_\w+), .*\) = ", "ioctl($1) = "),
    // An strace may be older than the kernel.
    (r"^(?:mseal|syscall_0x1ce)\(.*\) = ", "mseal() = "),
    (r"\b0x66 /\* MADV_\?\?\? \*/", "MADV_GUARD_INSTALL"),
    (r"\b0x67 /\* MADV_\?\?\? \*/", "MADV_GUARD_REMOVE"),
    (r"\b0x3e7 /\* MADV_\?\?\? \*/", "999"),
    (r"^pipe2\(\[.*\]", "pipe2([]"),
];

/// A pattern, compiled once: there are many lines, and compiling takes longer than matching.
fn pattern(text: &str) -> Regex {
    thread_local! {
        static KNOWN: std::cell::RefCell<std::collections::HashMap<String, Regex>> = std::cell::RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        known
            .entry(text.to_owned())
            .or_insert_with(|| Regex::new(text).expect("a pattern"))
            .clone()
    })
}

fn file(dir: &Path, pid: &str) -> String {
    std::fs::read_to_string(dir.join(format!("t.{pid}"))).unwrap_or_default()
}

/// The processes that `pid` forked, in order.
fn children(text: &str) -> Vec<String> {
    let fork = Regex::new(r"(?m)^clone\(child_stack=NULL.*\) = (\d+)$").expect("a pattern");
    fork.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// All that came of a process, with its own log left out.
fn descendants(dir: &Path, pid: &str) -> Vec<String> {
    let direct = children(&file(dir, pid));
    direct
        .into_iter()
        .flat_map(|child| {
            let more = descendants(dir, &child);
            std::iter::once(child).chain(more)
        })
        .collect()
}

/// Strace's account of holders and witnesses, with lab's symbols.
fn seen(dir: &Path, tmpdir: &str, root: &str) -> Processes {
    let mut processes = Vec::new();
    let place = Regex::new(r"(?m)^mmap\(0x([0-9a-f]+), .* = 0x([0-9a-f]+)").expect("a pattern");
    for holder in children(&file(dir, root)) {
        let text = file(dir, &holder);
        // The guardian of a directory for named files is the instrument's own: it alone makes a directory.
        if text.contains("mkdir(") {
            continue;
        }
        // Two that add at the same time keep no account: they would have to take turns for it.
        let mut family = descendants(dir, &holder);
        family.retain(|pid| !file(dir, pid).contains("sched_setaffinity("));
        // Process ids begin anew once they are used up.
        let first = holder.parse::<u64>().unwrap_or_default();
        family.sort_by_key(|pid| {
            pid.parse::<u64>()
                .map_or(0, |pid| if pid < first { pid + (1 << 32) } else { pid })
        });
        // A witness alone forbids its memory to be dumped: it is about to die of a signal.
        let (witnesses, others): (Vec<String>, Vec<String>) = family
            .into_iter()
            .partition(|pid| file(dir, pid).contains("SUID_DUMP_DISABLE"));
        let found = place.captures(&text).expect("a mapping at a hint");
        assert_eq!(found[1], found[2], "the hint was taken");
        let base = i64::from_str_radix(&found[1], 16).expect("an address");
        let holders: Vec<String> = std::iter::once(holder).chain(others).collect();
        for pid in holders.iter().chain(&witnesses) {
            let symbols = Symbols {
                base,
                tmpdir,
                root,
                holder: pid,
                holders: &holders,
                witnesses: &witnesses,
            };
            let lines: Vec<String> = symbols.lines(&file(dir, pid)).iter().map(|line| coarse(line)).collect();
            processes.push(lines);
        }
    }
    processes
}

struct Symbols<'a> {
    base: i64,
    tmpdir: &'a str,
    root: &'a str,
    /// whose log it is
    holder: &'a str,
    holders: &'a [String],
    witnesses: &'a [String],
}

impl Symbols<'_> {
    fn lines(&self, text: &str) -> Vec<String> {
        // The C library's own calls after fork; SIGCHLD, whose moment is the scheduler's; SIGXFSZ, which is ignored, so
        // that nobody in the process hears of it.
        let not_ours = ["set_robust_list", "rseq", "--- SIGCHLD", "--- SIGXFSZ"];
        let lines = text
            .lines()
            .filter(|line| !not_ours.iter().any(|start| line.starts_with(start)))
            // SIGCHLD came in the middle, and the kernel began the call again.
            .filter(|line| !line.ends_with("(To be restarted if SA_RESTART is set)"));
        lines.map(|line| self.line(line)).collect()
    }

    fn line(&self, line: &str) -> String {
        let mut line = line.split_once(") = ").map_or_else(
            || line.to_owned(),
            |(call, result)| format!("{}) = {result}", call.trim_end()),
        );
        let mut replace = |pattern: &str, with: &str| {
            line = self::pattern(pattern).replace_all(&line, with).into_owned();
        };
        replace(r"\)\s+= ", ") = ");
        replace(r", sa_restorer=0x[0-9a-f]+", "");
        replace(r"sa_handler=0x[0-9a-f]+", "sa_handler=handler");
        replace(r"^(rt_sigaction\(\w+, \{[^}]*\}), (\{[^}]*\}|NULL), 8\)", "$1, old, 8)");
        replace(r"ss_sp=0x[0-9a-f]+", "ss_sp=stack");
        replace(r", child_tidptr=0x[0-9a-f]+", "");
        replace(
            &format!(r"^getppid\(\) = ({}|{})$", self.root, self.holders.join("|")),
            "getppid() = parent",
        );
        replace(&format!(r"^getpid\(\) = {}$", self.holder), "getpid() = holder");
        replace(
            r"^rt_sigreturn\(\{mask=\[\]\}\) = .*",
            "rt_sigreturn({mask=[]}) = resumed",
        );
        replace(r"^(mmap\(NULL, .*MAP_NORESERVE, -1, 0\)) = 0x[0-9a-f]+", "$1 = reserve");
        replace(r"^mmap\(0x[0-9a-f]+,", "mmap(hole,");
        replace(&format!(r"{}/\.mmap-lab-\d+-\d+\.d", regex::escape(self.tmpdir)), "DIR");
        replace(&regex::escape(self.tmpdir), "TMPDIR");
        replace(r"/\.mmap-lab-\d+-\d+", "/.mmap-lab");
        replace(r" \(INJECTED\)$", "");
        replace(
            r"^((?:openat|memfd_create|eventfd2|userfaultfd)\(.*\)) = \d+$",
            "$1 = fd",
        );
        replace(
            r"^(read|write|pwrite64|pread64|ftruncate|fallocate|close|fcntl|newfstatat)\(\d+\b",
            "$1(fd",
        );
        replace(r"^(mmap\(hole, .*), \d+, (0x[0-9a-f]+|0)\)", "$1, fd, $2)");
        replace(r"^tgkill\(\d+, \d+, ", "tgkill(holder, holder, ");
        replace(r"^kill\(\d+, ", "kill(holder, ");
        replace(r"si_pid=\d+, si_uid=\d+", "si_pid=holder, si_uid=uid");
        replace(r"^rt_sigqueueinfo\(\d+, ", "rt_sigqueueinfo(holder, ");
        replace(r", si_int=0, si_ptr=NULL\}", "}");
        for (n, pid) in self.witnesses.iter().enumerate() {
            // Only where a process can stand: an offset may be the same number.
            replace(
                &format!(r"^(wait4\(|clone\(.* = ){pid}\b"),
                &format!("${{1}}witness{}", n + 1),
            );
            replace(&format!(r"^(wait4\(.*) = {pid}$"), &format!("$1 = witness{}", n + 1));
        }
        for (pid, name) in self.holders.iter().zip(["holder", "holderB", "holderC", "holderD"]) {
            replace(&format!(r"^(clone\(.* = |wait4\(){pid}\b"), &format!("${{1}}{name}"));
            replace(&format!(r"^(wait4\(.*) = {pid}$"), &format!("$1 = {name}"));
        }
        let mut line = pattern(r"^(clone\(.* = )\d+$").replace(&line, "${1}adder").into_owned();
        line = pattern(r"^(wait4\()\d+(.* = )\d+$")
            .replace(&line, "${1}adder${2}adder")
            .into_owned();
        self.addresses(&line)
    }

    fn addresses(&self, line: &str) -> String {
        let address = pattern(r"0x([0-9a-f]{7,})");
        let number = |found: &Captures<'_>| u64::from_str_radix(&found[1], 16).expect("hex");
        // no program has anything there, so it has no symbol
        let wild = |found: &Captures<'_>| number(found) >> 47 != 0;
        let symbol = |found: &Captures<'_>| match number(found) as i64 - self.base {
            _ if wild(found) => found[0].to_owned(),
            0 => "base".to_owned(),
            // Only the reservation begins before the mapping by more than a scenario may reach.
            offset if offset <= -256 * common::page() as i64 && line.starts_with("munmap(") => "reserve".to_owned(),
            offset => format!("base{offset:+}"),
        };
        address.replace_all(line, symbol).into_owned()
    }
}

/// Where a signal is ignored or blocked, no handler can tell lab of it: it knows the death alone.
fn is_deaf(lines: &[String]) -> bool {
    let deaf = pattern(r"^rt_sigaction\(SIG(BUS|SEGV), .*=SIG_IGN|^rt_sigprocmask\(SIG_BLOCK");
    lines.iter().any(|line| deaf.is_match(line))
}

fn is_signal(line: &str) -> bool {
    line.starts_with("--- SIGBUS") || line.starts_with("--- SIGSEGV")
}

/// The first place where the two accounts part.
fn difference(ours: &Processes, theirs: &Processes) -> Option<String> {
    let heard = |lines: &Vec<String>| {
        let mut lines = lines.clone();
        if is_deaf(&lines) {
            lines.retain(|line| !is_signal(line));
        }
        lines
    };
    let theirs: Processes = theirs.iter().map(heard).collect();
    if ours.len() != theirs.len() {
        return Some(format!("{} processes, strace saw {}", ours.len(), theirs.len()));
    }
    for (number, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
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

/// What lab says and what strace saw.
struct Both {
    ours: Processes,
    theirs: Processes,
    /// the scenario of each process
    scenarios: Vec<String>,
    /// lab's JSON
    json: serde_json::Value,
}

fn both(what: &[&str], more: &[&str]) -> Both {
    let dir = tempfile::tempdir().expect("a directory");
    let files = tempfile::tempdir().expect("a directory");
    let (report, json) = (files.path().join("report"), files.path().join("json"));
    let output = Command::new("strace")
        .args(["-ff", "-q", "-s", "32", "-o"])
        .arg(dir.path().join("t"))
        .args(more)
        .args([
            env!("CARGO_BIN_EXE_lab"),
            "--report",
            &format!("strace={}", report.display()),
            "--report",
            &format!("json={}", json.display()),
            "run",
        ])
        .args(what)
        .env("TMPDIR", files.path())
        .env("LAB_LANG", "en")
        .output()
        .expect("strace runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (ours, scenarios) = account(&std::fs::read_to_string(&report).expect("the report"));
    let json = serde_json::from_str(&std::fs::read_to_string(&json).expect("the report")).expect("JSON");
    let started = std::fs::read_dir(dir.path())
        .expect("it is there")
        .map(|entry| entry.expect("an entry").file_name());
    let pid = |name: std::ffi::OsString| name.to_string_lossy().trim_start_matches("t.").to_owned();
    // The one that became lab; its number may be any.
    let is_lab = |pid: &String| file(dir.path(), pid).starts_with("execve(");
    let root = started.map(pid).find(is_lab).expect("a process");
    let theirs = seen(dir.path(), &files.path().display().to_string(), &root);
    Both {
        ours,
        theirs,
        scenarios,
        json,
    }
}

/// How often each signal line came.
type Signals = std::collections::BTreeMap<String, u64>;

/// By scenario, the signals that strace saw. Of a process that is deaf to them, only which signal it was.
fn signals_seen(both: &Both) -> std::collections::BTreeMap<&str, Signals> {
    let mut all = std::collections::BTreeMap::<&str, Signals>::new();
    for (lines, scenario) in both.theirs.iter().zip(&both.scenarios) {
        let deaf = is_deaf(lines);
        let of_scenario = all.entry(scenario).or_default();
        for line in lines.iter().filter(|line| is_signal(line)) {
            let name = line.split(' ').nth(1).unwrap_or_default();
            let line = if deaf { format!("--- {name} ---") } else { line.clone() };
            *of_scenario.entry(line).or_default() += 1;
        }
    }
    all
}

/// The signals that the JSON reports of a scenario.
fn signals_told(scenario: &serde_json::Value) -> Signals {
    let mut told = Signals::new();
    for signal in scenario["signals"].as_array().expect("signals") {
        let is = signal["is"].as_str().expect("a name");
        let line = match (signal["si_code"].as_str(), signal["si_addr"].as_str()) {
            (Some(code), Some(place)) => format!("--- {is} {{si_signo={is}, si_code={code}, si_addr={place}}} ---"),
            (Some(code), None) => {
                format!("--- {is} {{si_signo={is}, si_code={code}, si_pid=holder, si_uid=uid}} ---")
            }
            _ => format!("--- {is} ---"),
        };
        *told.entry(coarse(&line)).or_default() += signal["times"].as_u64().expect("a number");
    }
    told
}

#[test]
fn every_call_and_signal_is_what_strace_saw() {
    if !strace_is_here() {
        common::skip("strace is not installed");
        return;
    }
    // A measurement makes too many calls to keep an account of them.
    let all = mmap_lab::scenario::builtins().filter(|builtin| !builtin.is_timed());
    let all: Vec<&str> = all.map(|builtin| builtin.id).collect();
    for (scenario, more) in [
        (&all[..], &[][..]),
        (&["exact"], &NO_TMPFILE),
        (&["tests/strace/named.toml"], &[]),
    ] {
        let both = both(scenario, more);
        let Both { ours, theirs, .. } = &both;
        assert!(!ours.is_empty() && ours[0].len() > 20, "something was recorded");
        assert_eq!(difference(ours, theirs), None, "{scenario:?}");
        let seen = signals_seen(&both);
        for result in both.json["scenarios"].as_array().expect("scenarios") {
            let id = result["id"].as_str().expect("an id");
            assert_eq!(Some(&signals_told(result)), seen.get(id), "{id}");
        }
        let unlinked = ours[0]
            .iter()
            .any(|line| line.starts_with("unlinkat(") && line.contains(".mmap-lab"));
        assert_eq!(unlinked, !more.is_empty(), "{scenario:?} {more:?}");
    }
}

#[test]
fn one_line_dropped_is_a_difference() {
    if !strace_is_here() {
        common::skip("strace is not installed");
        return;
    }
    let Both { ours, theirs, .. } = both(&["past-eof"], &[]);
    assert_eq!(difference(&ours, &theirs), None);
    for process in 0..ours.len() {
        for line in 0..ours[process].len() {
            let mut less = ours.clone();
            less[process].remove(line);
            // Of two equal neighbours it does not matter which one is missing; the count shows it.
            assert_ne!(difference(&less, &theirs), None, "process {process}, line {line}");
        }
    }
}
