//! `lab watch FILE` on a real pseudo-terminal: run again at each save however an editor saves, mistakes shown and recovered
//! from, one key for each thing that can be done, and polling where inotify is refused.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::path::PathBuf;

use common::terminal::{Session, save_by_rename};
use tempfile::TempDir;

const LAB: &str = env!("CARGO_BIN_EXE_lab");

/// What a student writes who takes the length for the border.
const WRONG: &str = include_str!("screens/wrong.toml");

/// The same without the mistake.
fn right() -> String {
    WRONG.replace("\"len ..\"          = \"SIGSEGV\"", "\"len .. map_end\" = \"SIGBUS\"")
}

fn watch(columns: u16, before: &str, env: &[(&str, &str)]) -> Option<(Session, TempDir, PathBuf)> {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("mine.toml");
    fs::write(&file, WRONG).expect("written");
    let line = format!(
        "cd {} && {before} {LAB} watch mine.toml; echo code $?",
        dir.path().display()
    );
    let session = Session::start(columns, 50, &line, env)?;
    Some((session, dir, file))
}

#[test]
fn each_save_runs_it_again_and_mistakes_are_recovered_from() {
    let Some((mut session, _dir, file)) = watch(80, "", &[]) else {
        return;
    };
    let first = session.shows("q:quit ?");
    assert!(
        first.contains(" run 1, ") && first.contains("watching mine.toml\n"),
        "{first}"
    );
    assert!(
        first.contains("7 of 9 as expected") && first.contains("<- DIFFERS"),
        "{first}"
    );
    assert!(
        first.contains("mine.toml:17: \"len ..\" = \"SIGSEGV\" <- author says SIGSEGV, model and kernel"),
        "{first}"
    );
    assert!(!first.contains(" why "), "the explanation is left out: {first}");
    fs::write(&file, "lab = 1\noops\n").expect("written in place");
    let broken = session.shows("run 2, ");
    assert!(
        broken.contains("error[E") && broken.contains("mine.toml:2:"),
        "{broken}"
    );
    assert!(!broken.contains("p:predict") && broken.contains("r:run"), "{broken}");
    save_by_rename(&file, &right());
    let mended = session.shows("run 3, ");
    assert!(
        mended.contains("9 of 9 as expected") && !mended.contains("DIFFERS"),
        "{mended}"
    );
    fs::remove_file(&file).expect("removed");
    let gone = session.shows("run 4, ");
    assert!(gone.contains("No such file"), "{gone}");
    fs::write(&file, right()).expect("written");
    session.shows("9 of 9 as expected");
    session.keys("r");
    session.shows("run 6, ");
    session.keys("q");
    session.drew("code 0");
    assert!(session.settings().contains(" icanon"));
}

#[test]
fn hint_explanation_step_and_prediction_are_one_key_each() {
    let Some((mut session, _dir, _file)) = watch(80, "", &[]) else {
        return;
    };
    session.shows("e:explain BUS_ADRERR");
    session.keys("h");
    session.wait_until(|screen| screen.matches("15000 has an address and no page").count() == 2);
    session.keys("e");
    session.shows("see SIGBUS");
    session.keys("s");
    session.shows("event 1 of");
    session.keys("q");
    session.shows("p:predict");
    session.keys("p");
    session.shows("5 questions");
    // each key is an answer as it is typed
    session.keys("f?0bxu");
    let asked = session.shows(" 3  load base+8192");
    assert!(asked.contains("5000 is byte 904 of the mapping's page 1"), "{asked}");
    assert!(asked.contains("one of f, 0, b, s"), "{asked}");
    session.keys("bss\n");
    let marked = session.shows("back to watching");
    assert!(marked.contains("<- M2") && marked.contains("with 1 hint"), "{marked}");
    session.keys(" ");
    session.shows("q:quit ?");
    session.keys("p");
    session.shows("5 questions");
    session.keys("q");
    session.shows("given up; nothing was run");
    session.keys(" ");
    session.shows("7 of 9");
    session.keys("\u{3}");
    session.drew("code 130");
    assert!(session.settings().contains(" icanon"));
}

#[test]
fn it_is_drawn_for_the_size_of_the_moment_and_in_chinese() {
    use unicode_width::UnicodeWidthStr;
    let Some((mut session, _dir, file)) = watch(120, "", &[("LAB_LANG", "zh")]) else {
        return;
    };
    session.shows("q:退出 ?");
    for columns in [40, 60, 80] {
        session.resize(columns, 24);
        // the narrower one breaks where the wider one did not
        session.wait_until(|screen| {
            screen.contains("q:退出 ?") && screen.lines().all(|line| line.width() <= columns.into())
        });
    }
    fs::write(&file, "lab = 1\n").expect("written");
    session.shows("E10");
    session.keys("q");
    session.drew("code 0");
}

#[test]
fn where_inotify_is_refused_it_polls_and_says_so() {
    let refuse = "unshare -Ur sh -c 'echo 0 > /proc/sys/user/max_inotify_instances && exec \"$@\"' sh";
    let able = std::process::Command::new("sh")
        .args(["-c", &format!("{refuse} true")])
        .output();
    if !able.is_ok_and(|out| out.status.success()) {
        common::skip("no user namespace here, so inotify cannot be refused");
        return;
    }
    let Some((mut session, _dir, file)) = watch(80, refuse, &[]) else {
        return;
    };
    let first = session.shows("q:quit ?");
    assert!(first.contains("watching mine.toml (polling: "), "{first}");
    save_by_rename(&file, &right());
    session.shows("9 of 9 as expected");
    session.keys("q");
    session.drew("code 0");
}

#[test]
fn what_cannot_be_watched_is_said() {
    let out = common::lab(&["watch", "2"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("lab new 2 writes one"));
    let out = common::lab(&["watch", "./mine.toml"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("watch needs a terminal"));
    let Some(session) = Session::start(80, 24, &format!("{LAB} watch ./missing.toml; echo code $?"), &[]) else {
        return;
    };
    let all = session.drew("code 2");
    assert!(all.contains("lab: ./missing.toml: No such file"), "{all}");
}
