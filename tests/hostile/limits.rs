//! Resource limits, at every value at which a Rust hello-world still runs.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use super::place::{Place, Ran, root, say, skip, works};

const PAGE: u64 = 4096;

/// Hello-world, compiled here; none where there is no rustc or no prlimit, which is said.
fn hello(test: &str, place: &Place) -> Option<PathBuf> {
    let (source, binary) = (
        place.dir.path().join("hello.rs"),
        place.dir.path().join("hello"),
    );
    std::fs::write(&source, "fn main() { println!(\"hello\"); }").expect("a source");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiled = Command::new(rustc)
        .arg(&source)
        .arg("-o")
        .arg(&binary)
        .output();
    let missing = if !works(&["prlimit", "--version"]) {
        "no prlimit"
    } else if !compiled.is_ok_and(|output| output.status.success()) {
        "no rustc to compile a hello-world with"
    } else {
        return Some(binary);
    };
    skip(test, missing);
    None
}

fn runs(hello: &PathBuf, limit: &str) -> bool {
    let output = Command::new("prlimit")
        .arg(limit)
        .arg(hello)
        .output()
        .expect("prlimit");
    output.status.success() && output.stdout == b"hello\n"
}

/// What a limit on address space led to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Came {
    /// ld.so, the kernel, or std before `main` refused: nothing of lab's ran
    Unstarted,
    Reason,
    Correct,
    Bad,
}

fn came(ran: &Ran) -> Came {
    let loader = ran.code == Some(127) && ran.err.contains("error while loading shared libraries");
    let silent = matches!(ran.signal, Some(9 | 11)) && ran.err.is_empty() && ran.out.is_empty();
    match ran {
        _ if loader || silent => Came::Unstarted,
        _ if ran.code == Some(0) && ran.well() => Came::Correct,
        _ if ran.well() => Came::Reason,
        _ => Came::Bad,
    }
}

/// A sweep from hello-world's least value, coarse, and page by page wherever the outcome changes.
#[test]
fn address_space() {
    const COARSE: u64 = 128 << 10;
    let place = Place::new();
    let Some(hello) = hello("address_space", &place) else {
        return;
    };
    let (mut fails, mut least) = (0, (1 << 30) / PAGE);
    while least - fails > 1 {
        let middle = fails.midpoint(least);
        let limit = format!("--as={0}:{0}", middle * PAGE);
        if runs(&hello, &limit) {
            least = middle
        } else {
            fails = middle
        }
    }
    let least = least * PAGE;
    let mut bad = String::new();
    let mut attempt = |bytes: u64| {
        let limit = format!("--as={bytes}:{bytes}");
        let ran = place.run(place.command(&["prlimit", &limit], "scenario 2"));
        let came = came(&ran);
        if came == Came::Bad {
            let above = (bytes - least) >> 10;
            let _ = writeln!(
                bad,
                "{limit}, {above} KiB above hello-world's least: {ran:?}"
            );
        }
        // A panic names its process.
        (came, ran.err.replace(|c: char| c.is_ascii_digit(), ""))
    };
    let mut seen: Vec<(u64, (Came, String))> = Vec::new();
    for bytes in (least..least + (16 << 20)).step_by(COARSE as usize) {
        let outcome = attempt(bytes);
        if let Some((before, _)) = seen.last().filter(|before| before.1 != outcome) {
            let between = (before + PAGE..bytes).step_by(PAGE as usize);
            seen.extend(
                between
                    .map(|bytes| (bytes, attempt(bytes)))
                    .collect::<Vec<_>>(),
            );
        }
        seen.push((bytes, outcome));
    }
    let above = |what: Came| {
        let last = seen.iter().rev().find(|seen| seen.1.0 == what);
        last.map_or(0, |seen| (seen.0 + PAGE - least) >> 10)
    };
    let (started, enough) = (above(Came::Unstarted), above(Came::Reason));
    let least = least >> 10;
    say(&format!(
        "RLIMIT_AS: hello-world runs from {least} KiB; lab starts {started} KiB and succeeds {enough} KiB above that"
    ));
    assert!(bad.is_empty(), "neither correct nor a reason:\n{bad}");
    let last = seen.last().map(|seen| seen.1.0);
    assert_eq!(
        last,
        Some(Came::Correct),
        "16 MiB more than hello-world needs are enough"
    );
    // What lab's own segments and libm ask for before `main`; a debug build is large.
    let allowed = if cfg!(debug_assertions) {
        8 << 10
    } else {
        3 << 10
    };
    assert!(
        started <= allowed,
        "lab starts only {started} KiB above hello-world's least"
    );
}

#[test]
fn open_files() {
    let place = Place::new();
    let Some(hello) = hello("open_files", &place) else {
        return;
    };
    for files in (0..20).chain([64, 1024]) {
        let limit = format!("--nofile={files}:{files}");
        if runs(&hello, &limit) {
            for words in ["scenario 2", "scenario 3"] {
                place
                    .run(place.command(&["prlimit", &limit], words))
                    .assert_well(&format!("{limit} {words}"));
            }
            for words in ["doctor", "run --all", ""] {
                let ran = place.run(place.command(&["prlimit", &limit], words)); // with the reason on the screen
                assert!(
                    matches!(ran.code, Some(0 | 3)) && !ran.err.contains("panicked"),
                    "{limit} {words}: {ran:#?}"
                );
            }
        }
    }
}

#[test]
fn file_size() {
    let place = Place::new();
    let Some(hello) = hello("file_size", &place) else {
        return;
    };
    let report = place.dir.path().join("report");
    let to_report = format!("scenario 2 --report json={}", report.display());
    let powers = (0..27).map(|power| 1_u64 << power);
    for bytes in powers.chain([
        0, 100, 4095, 4097, 4999, 5000, 5001, 8191, 14_999, 15_000, 4_095_999, 4_096_001,
    ]) {
        let limit = format!("--fsize={bytes}:{bytes}");
        if !runs(&hello, &limit) {
            continue;
        }
        for words in ["scenario 2", "scenario 3", &to_report] {
            place
                .run(place.command(&["prlimit", &limit], words))
                .assert_well(&format!("{limit} {words}"));
        }
        // Into a file, where hello-world's six bytes fit.
        if bytes >= 6 {
            let script = format!("exec prlimit {limit} $LAB scenario 1 >{}", report.display());
            place.run(place.script(&[], &script)).assert_well(&script);
        }
    }
}

#[test]
fn processes() {
    if !root() || !works(&["setpriv", "--version"]) {
        return skip(
            "processes",
            "not root, or no setpriv: no user of its own whose processes could be counted",
        );
    }
    let place = Place::new();
    let Some(hello) = hello("processes", &place) else {
        return;
    };
    let mut reasons = 0;
    for count in (0..8).chain([64]) {
        let limit = format!("--nproc={count}:{count}");
        if runs(&hello, &limit) {
            // A user whom no other test is.
            let user = [
                "setpriv",
                "--reuid=65533",
                "--regid=65533",
                "--clear-groups",
                "prlimit",
                &limit,
            ];
            let ran = place.run(place.command(&user, "scenario 2"));
            ran.assert_well(&limit);
            reasons += u32::from(ran.reasoned());
            assert!(count < 64 || ran.code == Some(0), "{limit}: {ran:#?}");
        }
    }
    assert!(reasons > 0, "no limit on processes was ever met");
}
