//! Hostile surroundings: in each of them lab runs correctly, or gives one line of reason and exit code 3; and nothing is
//! left behind, neither process nor file (`Place::run` asks that after every run).

#![cfg(target_os = "linux")]
#![allow(missing_docs)] // a test is documented by its name

use std::process::Stdio;

#[path = "hostile/limits.rs"]
mod limits;
#[path = "hostile/place.rs"]
mod place;
#[path = "hostile/sent.rs"]
mod sent;

use place::{Place, namespaces, root, skip, works};

const UNSHARE: [&str; 2] = ["unshare", "-Urm"];

#[test]
fn tmpdir_missing() {
    let place = Place::new();
    for tmpdir in [
        "/nonexistent/dir",
        "relative-and-not-there",
        "/etc/hostname",
    ] {
        let mut command = place.command(&[], "scenario 2");
        command.env("TMPDIR", tmpdir);
        place.run(command).assert_reason("TMPDIR", tmpdir);
    }
}

#[test]
fn tmpdir_read_only() {
    if !namespaces() {
        return skip("tmpdir_read_only", "no namespace to mount in");
    }
    let place = Place::new();
    let mounts = [
        "mount -t tmpfs -o ro none $TMPDIR",
        "mount --bind $TMPDIR $TMPDIR && mount -o remount,bind,ro $TMPDIR",
    ];
    for mount in mounts {
        let script = format!("{mount} && exec $LAB scenario 2");
        place
            .run(place.script(&UNSHARE, &script))
            .assert_reason("Read-only", mount);
    }
}

/// The options of a mount that another hides decide nothing, however long its name is.
#[test]
fn tmpdir_over_a_hidden_mount() {
    if !namespaces() {
        return skip("tmpdir_over_a_hidden_mount", "no namespace to mount in");
    }
    let place = Place::new();
    let script = "mount -t tmpfs none $TMPDIR && mkdir -p $TMPDIR/a/b && mount -t tmpfs -o huge=always none $TMPDIR/a/b \
        && mount -t tmpfs none $TMPDIR/a && mkdir $TMPDIR/a/b && TMPDIR=$TMPDIR/a/b exec $LAB doctor";
    let ran = place.run(place.script(&UNSHARE, script));
    ran.assert_correct(script);
    assert!(
        ran.out.contains("tmpfs") && !ran.out.contains("huge=always"),
        "{ran:?}"
    );
}

/// write(2) says ENOSPC; ftruncate(2) says nothing, and then every touch is SIGBUS.
#[test]
fn tmpdir_full() {
    if !namespaces() {
        return skip("tmpdir_full", "no namespace to mount in");
    }
    let place = Place::new();
    for words in ["scenario 1", "scenario 2", "scenario 3"] {
        // Full, and with one page left, which a first touch takes.
        for left in [0, 4096] {
            let script = format!(
                "mount -t tmpfs -o size=16k none $TMPDIR && head -c {} /dev/zero > $TMPDIR/fill && exec $LAB {words}",
                16384 - left
            );
            let ran = place.run(place.script(&UNSHARE, &script));
            ran.assert_reason("full", &format!("{words} with {left} bytes left"));
            assert!(
                !ran.out.contains("DIFFERS"),
                "a full filesystem is no difference: {}",
                ran.out
            );
        }
    }
}

#[test]
fn proc_not_mounted() {
    if !namespaces() {
        return skip("proc_not_mounted", "no namespace to mount in");
    }
    let place = Place::new();
    for words in [
        "scenario 1",
        "scenario 2",
        "scenario 3",
        "run --all",
        "doctor",
        "",
    ] {
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
        let run = |redirected: &str| {
            place.run(place.script(&[], &format!("exec $LAB {words} {redirected}")))
        };
        run(">&-").assert_correct(&format!("{words}, stdout closed"));
        run("<&- >&-").assert_correct(&format!("{words}, stdin and stdout closed"));
        run(">/dev/full").assert_reason("No space left", &format!("{words} >/dev/full"));
        run("2>&-").assert_correct(&format!("{words}, stderr closed"));
        assert_eq!(
            run(">/dev/full 2>&-").code,
            Some(3),
            "{words}, nowhere to say why"
        );
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
            place
                .run(place.script(&[], &script))
                .assert_correct(&script);
        }
    }
}

#[test]
fn sixteen_at_once() {
    let place = Place::new();
    let spawn = |_| {
        let mut command = place.command(&[], "run --all");
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a lab")
    };
    let labs: Vec<_> = (0..16).map(spawn).collect();
    for lab in labs {
        place::Ran::from(lab.wait_with_output().expect("its end")).assert_correct("one of sixteen");
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
    let nobody = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
    ];
    for words in ["run --all", "scenario 2", "doctor"] {
        let ran = place.run(place.command(&nobody, words));
        ran.assert_correct("an ordinary user");
    }
    let mut forbidden = place.command(&nobody, "scenario 2");
    forbidden.env("TMPDIR", "/");
    place
        .run(forbidden)
        .assert_reason("TMPDIR", "a directory of root's");
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
    let missing = format!(
        "scenario 2 --report json={}/no/such",
        place.dir.path().display()
    );
    place
        .run(place.command(&[], &missing))
        .assert_reason("cannot write", "a missing directory");
    let ran = place.run(place.command(&[], "scenario 2 --report json=/dev/full"));
    ran.assert_reason("No space left", "a full device");
}
