//! Resource limits, at every value at which a Rust hello-world still runs.

use std::path::PathBuf;
use std::process::Command;

use super::place::{Place, Ran, root, say, skip, works};

const PAGE: u64 = 4096;

/// Hello-world, compiled here; none where there is no rustc or no prlimit, which is said.
fn hello(test: &str, place: &Place) -> Option<PathBuf> {
    let (source, binary) = (place.dir.path().join("hello.rs"), place.dir.path().join("hello"));
    std::fs::write(&source, "fn main() { println!(\"hello\"); }").expect("a source");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiled = Command::new(rustc).arg(&source).arg("-o").arg(&binary).output();
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
    let output = Command::new("prlimit").arg(limit).arg(hello).output().expect("prlimit");
    output.status.success() && output.stdout == b"hello\n"
}

/// Each of these, under this limit, runs correctly or gives a reason.
fn assert_well(place: &Place, limit: &str, commands: &[&str]) {
    for words in commands {
        place
            .run(place.command(&["prlimit", limit], words))
            .assert_well(&format!("{limit} {words}"));
    }
}

/// What a limit on address space led to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Came {
    /// the kernel, ld.so, or std before `main` refused: nothing of lab's ran
    Unstarted,
    Reason,
    Correct,
    Bad,
}

fn came(ran: &Ran) -> Came {
    let loader = ran.code == Some(127) && ran.out.is_empty(); // ld.so's code, never lab's
    let silent = matches!(ran.signal, Some(9 | 11)) && ran.err.is_empty() && ran.out.is_empty();
    match ran {
        _ if loader || silent => Came::Unstarted,
        _ if ran.code == Some(0) && ran.well() => Came::Correct,
        _ if ran.well() => Came::Reason,
        _ => Came::Bad,
    }
}

/// Every value from hello-world's least up, page by page, until nothing is refused any more.
#[test]
fn address_space() {
    const ENOUGH: u64 = if cfg!(debug_assertions) { 32 << 20 } else { 16 << 20 };
    let place = Place::new();
    let Some(hello) = hello("address_space", &place) else {
        return;
    };
    let (mut fails, mut least) = (0, (1 << 30) / PAGE);
    while least - fails > 1 {
        let middle = fails.midpoint(least);
        if runs(&hello, &space(middle * PAGE)) {
            least = middle
        } else {
            fails = middle
        }
    }
    let least = least * PAGE;
    let odd = std::thread::spawn(move || sweep(least + PAGE, least + ENOUGH));
    let mut seen = sweep(least, least + ENOUGH);
    seen.extend(odd.join().expect("the other half"));
    let above = |what: Came| {
        let values = seen.iter().filter(|seen| seen.1 == what).map(|seen| seen.0);
        values.max().map_or(0, |last| (last + PAGE - least) >> 10)
    };
    let (started, enough) = (above(Came::Unstarted), above(Came::Reason));
    say(&format!(
        "RLIMIT_AS: hello-world runs from {} KiB; lab starts {started} KiB and succeeds {enough} KiB above that",
        least >> 10
    ));
    assert!(enough << 10 < ENOUGH, "so much more than hello-world needs is enough");
    // A build that begins at its own first instruction gives the reason from hello-world's least on. Else the loader maps
    // more of lab than of hello-world, and of an unoptimized build much more.
    let allowed = if cfg!(own_start) {
        0
    } else if cfg!(debug_assertions) {
        14 << 10
    } else {
        5 << 9
    };
    assert!(
        started <= allowed,
        "lab starts only {started} KiB above hello-world's least"
    );
}

fn space(bytes: u64) -> String {
    format!("--as={bytes}:{bytes}")
}

/// Every other page, and what it led to; until there was enough for two MiB of values in a row.
fn sweep(from: u64, to: u64) -> Vec<(u64, Came)> {
    let place = Place::new();
    let mut seen: Vec<(u64, Came)> = Vec::new();
    for bytes in (from..to).step_by(2 * PAGE as usize) {
        let limit = space(bytes);
        let ran = place.run(place.command(&["prlimit", &limit], "scenario 2"));
        let came = came(&ran);
        assert_ne!(came, Came::Bad, "neither correct nor a reason: {limit}: {ran:?}");
        seen.push((bytes, came));
        if seen.len() > 256 && seen[seen.len() - 256..].iter().all(|seen| seen.1 == Came::Correct) {
            break;
        }
    }
    seen
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
            assert_well(&place, &limit, &["scenario 2", "scenario 3"]);
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
        assert_well(&place, &limit, &["scenario 2", "scenario 3", &to_report]);
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
