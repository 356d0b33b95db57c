//! Hostile surroundings: in each of them lab runs correctly, or gives one line of reason and exit code 3; and nothing is
//! left behind, neither process nor file (`Place::run` asks that after every run).

#![cfg(target_os = "linux")]
#![allow(missing_docs)] // a test is documented by its name

#[path = "hostile/limits.rs"]
mod limits;
#[path = "hostile/place.rs"]
mod place;
#[path = "hostile/sent.rs"]
mod sent;
#[path = "hostile/tmpdir.rs"]
mod tmpdir;

use place::{Place, Ran, namespaces, root, skip, works};

#[test]
fn proc_not_mounted() {
    if !namespaces("proc_not_mounted") {
        return;
    }
    let place = Place::new();
    for words in ["scenario 1", "scenario 2", "scenario 3", "run --all", "doctor", ""] {
        let script = format!("mount -t tmpfs none /proc && exec $LAB {words}");
        let ran = place.run(place.script(&["unshare", "-Urmpf"], &script));
        ran.assert_correct(&format!("no /proc: lab {words}"));
    }
}

#[test]
fn stdout_and_stderr_closed_or_full() {
    let place = Place::new();
    for words in [
        "scenario 2",
        "run --all",
        "scenario 3 --report json",
        "doctor",
        "completions bash",
        "--help",
        "--version",
        "",
    ] {
        let run = |redirected: &str| place.run(place.script(&[], &format!("exec $LAB {words} {redirected}")));
        run(">&-").assert_correct(&format!("{words}, stdout closed"));
        run("<&- >&-").assert_correct(&format!("{words}, stdin and stdout closed"));
        run(">/dev/full").assert_reason("No space left", &format!("{words} >/dev/full"));
        run("2>&-").assert_correct(&format!("{words}, stderr closed"));
        assert_eq!(run(">/dev/full 2>&-").code, Some(3), "{words}, nowhere to say why");
        assert_eq!(
            run(">/dev/full 2>/dev/full").code,
            Some(3),
            "{words}, nowhere to say why"
        );
        assert_eq!(run("<&- >&- 2>&-").code, Some(0), "{words}, all closed");
    }
    let ran = place.run(place.script(&[], "exec $LAB scenario no-such-scenario 2>&-"));
    assert_eq!(
        ran.code,
        Some(2),
        "a mistake stays a mistake where stderr is closed: {ran:#?}"
    );
}

#[test]
fn a_broken_pipe_ends_quietly() {
    let place = Place::new();
    for words in [
        "run --all",
        "scenario 3 --report json",
        "scenario 2",
        "doctor",
        "completions bash",
        "--help",
        "",
    ] {
        for reader in ["head -c 1", "true", "exec 0<&-; sleep 0.05"] {
            let script = format!("$LAB {words} | ({reader}) >/dev/null; exit ${{PIPESTATUS[0]}}");
            place.run(place.script(&[], &script)).assert_correct(&script);
        }
    }
}

#[test]
fn sixteen_at_once() {
    let place = Place::new();
    let labs: Vec<_> = (0..16).map(|_| place.start(place.command(&[], "run --all"))).collect();
    for lab in labs {
        Ran::from(lab.wait_with_output().expect("its end")).assert_correct("one of sixteen");
    }
    place.clean("sixteen at once");
}

#[test]
fn root_and_an_ordinary_user() {
    let place = Place::new();
    place
        .run(place.command(&[], "run --all"))
        .assert_correct("whoever runs the tests");
    if !root() || !works(&["setpriv", "--version"]) {
        return skip(
            "root_and_an_ordinary_user",
            "not root, or no setpriv: tried as one user only",
        );
    }
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    for words in ["run --all", "scenario 2", "doctor"] {
        let ran = place.run(place.command(&nobody, words));
        ran.assert_correct("an ordinary user");
    }
    let mut forbidden = place.command(&nobody, "scenario 2");
    forbidden.env("TMPDIR", "/");
    place.run(forbidden).assert_reason("TMPDIR", "a directory of root's");
}

/// A program may be started with signals ignored or blocked. That must not decide an experiment.
#[test]
fn signals_ignored_or_blocked_on_entry() {
    let place = Place::new();
    if !works(&["env", "--ignore-signal=PIPE", "--block-signal=PIPE", "true"]) {
        return skip(
            "signals_ignored_or_blocked_on_entry",
            "this env(1) knows no --ignore-signal",
        );
    }
    let plain = json(&place, &[]);
    for signals in [
        "=BUS,SEGV,CHLD,ALRM",
        "=BUS",
        "=SEGV",
        "=CHLD",
        "=ALRM",
        "=INT,TERM,QUIT,HUP,PIPE,XFSZ",
        "",
    ] {
        for how in ["--ignore-signal", "--block-signal"] {
            let how = format!("{how}{signals}");
            assert_eq!(json(&place, &["env", &how]), plain, "{how}");
        }
    }
}

fn json(place: &Place, before: &[&str]) -> serde_json::Value {
    let ran = place.run(place.command(before, "run --all --report json"));
    ran.assert_correct(&format!("{before:?}"));
    let mut report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    report.as_object_mut().expect("an object").remove("timing");
    report
}

/// The file of a report counts as output too.
#[test]
fn a_report_that_cannot_be_written() {
    let place = Place::new();
    let missing = format!("scenario 2 --report json={}/no/such", place.dir.path().display());
    place
        .run(place.command(&[], &missing))
        .assert_reason("cannot write", "a missing directory");
    let ran = place.run(place.command(&[], "scenario 2 --report json=/dev/full"));
    ran.assert_reason("No space left", "a full device");
}
