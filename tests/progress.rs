//! What was predicted is kept, shown and never lost; and a file of progress that is missing, broken or cannot be written
//! changes nothing but one line.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::command;

fn output(mut lab: Command, input: &str) -> Output {
    lab.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = lab.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let _ = stdin.write_all(input.as_bytes()); // it may not want it
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn lab(state: &Path, args: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut lab = command(args);
    lab.env("XDG_STATE_HOME", state);
    let out = output(lab, input);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (out.status.code(), text(&out.stdout), text(&out.stderr))
}

const PREDICT: [&str; 3] = ["scenario", "2", "--predict"];

#[test]
fn predictions_are_kept_and_the_home_screen_knows_them() {
    let state = tempfile::tempdir().expect("a directory");
    let (_, before, said) = lab(state.path(), &[], "");
    assert!(
        said.is_empty() && !before.contains("predicted"),
        "nothing is missing: {said}"
    );
    assert!(before.contains("next: lab scenario 1 --predict"), "{before}");
    assert_eq!(
        fs::read_dir(state.path()).expect("it is there").count(),
        0,
        "looking writes nothing"
    );

    let (code, ..) = lab(state.path(), &PREDICT, "f\n0\nb\ns\n4p\n");
    assert_eq!(code, Some(0));
    let (_, again, _) = lab(state.path(), &PREDICT, "f\n0\nb\nb\n4p\n");
    assert!(again.contains(" 5 of 5."));
    let (_, worse, _) = lab(state.path(), &PREDICT, "f\n?\n0\ns\n?\nb\n4p\n");
    assert!(worse.contains(" 4 of 5, with 2 hints."));
    let file = state.path().join("lab/progress.toml");
    let kept: toml::Table = fs::read_to_string(&file).expect("it is there").parse().expect("TOML");
    let one = kept["past-eof"].as_table().expect("a table");
    let number = |key: &str| one[key].as_integer();
    assert_eq!(
        [number("times"), number("of"), number("best"), number("last")],
        [Some(3), Some(5), Some(5), Some(4)]
    );
    assert_eq!(number("hints"), Some(2), "a hint is recorded");
    assert_eq!(one["ideas"].as_array().map(Vec::len), Some(1), "of the last time");

    let (_, home, said) = lab(state.path(), &[], "");
    assert!(said.is_empty(), "{said}");
    assert!(
        home.lines()
            .any(|line| line.contains(" 2 past-eof ") && line.contains(" 5/5 ")),
        "{home}"
    );
    assert!(home.contains(" 1 of ") && home.contains(" predicted"), "{home}");
    let (code, ..) = lab(state.path(), &["scenario", "1", "--predict"], &"0\no\n".repeat(12));
    assert_eq!(code, Some(0));
    let (_, home, _) = lab(state.path(), &[], "");
    assert!(
        home.contains("next: lab scenario 3 --predict"),
        "the first that nobody predicted: {home}"
    );
    // it can be copied
    let other = tempfile::tempdir().expect("a directory");
    fs::create_dir(other.path().join("lab")).expect("made");
    fs::copy(&file, other.path().join("lab/progress.toml")).expect("copied");
    assert_eq!(lab(other.path(), &[], "").1, home);
}

#[test]
fn a_file_of_ones_own_leaves_no_mark() {
    let state = tempfile::tempdir().expect("a directory");
    let (code, ..) = lab(
        state.path(),
        &["scenario", "tests/screens/wrong.toml", "--predict"],
        "f\n0\nb\ns\ns\n",
    );
    assert_eq!(code, Some(0));
    assert_eq!(fs::read_dir(state.path()).expect("it is there").count(), 0);
}

#[test]
fn a_broken_file_is_said_once_and_never_overwritten() {
    let state = tempfile::tempdir().expect("a directory");
    fs::create_dir(state.path().join("lab")).expect("made");
    let file = state.path().join("lab/progress.toml");
    for broken in [
        "[past-eof]\ntimes = oops\n",
        "[past-eof]\ntimes = 1\nnew = 2\n",
        "\u{0}",
        "[past-eof]\n",
    ] {
        fs::write(&file, broken).expect("written");
        let (code, marked, said) = lab(state.path(), &PREDICT, "f\n0\nb\nb\n4p\n");
        assert_eq!(code, Some(0), "{said}");
        assert!(
            marked.contains(" 5 of 5.") && marked.contains("The map, and why"),
            "{marked}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(
            said.contains("progress.toml:") && said.contains("mend that line"),
            "{said}"
        );
        let (code, home, said) = lab(state.path(), &[], "");
        assert_eq!((code, said.lines().count()), (Some(0), 1), "{said}");
        assert!(home.contains("next: lab scenario 1"), "{home}");
        assert_eq!(fs::read_to_string(&file).expect("it is there"), broken);
    }
}

#[test]
fn where_it_cannot_be_written_all_else_goes_on() {
    let state = tempfile::tempdir().expect("a directory");
    // root may write anywhere, but not below a file
    fs::write(state.path().join("lab"), "in the way").expect("written");
    let (code, marked, said) = lab(state.path(), &PREDICT, "f\n0\nb\nb\n4p\n");
    assert_eq!(code, Some(0));
    assert!(marked.contains(" 5 of 5."), "{marked}");
    assert!(
        said.starts_with("lab: progress is not kept: ") && said.lines().count() == 1,
        "{said}"
    );
    let mut homeless = command(&PREDICT);
    homeless.env_remove("XDG_STATE_HOME").env_remove("HOME");
    let out = output(homeless, "f\n0\nb\nb\n4p\n");
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(0));
    assert!(said.contains("neither XDG_STATE_HOME nor HOME"), "{said}");
    // a path that is not absolute does not count
    let home = tempfile::tempdir().expect("a directory");
    let mut relative = command(&PREDICT);
    relative.env("XDG_STATE_HOME", "state").env("HOME", home.path());
    assert!(output(relative, "f\n0\nb\nb\n4p\n").stderr.is_empty());
    assert!(home.path().join(".local/state/lab/progress.toml").exists());
}

#[test]
fn many_at_once_lose_nothing() {
    let state = tempfile::tempdir().expect("a directory");
    let start = || {
        let mut lab = command(&PREDICT);
        lab.env("XDG_STATE_HOME", state.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        let mut child = lab.spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(b"f\n0\nb\nb\n4p\n").expect("it reads");
        child
    };
    let children: Vec<_> = (0..8).map(|_| start()).collect();
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    let kept = fs::read_to_string(state.path().join("lab/progress.toml")).expect("it is there");
    assert!(kept.contains("times = 8"), "{kept}");
    assert_eq!(
        fs::read_dir(state.path().join("lab")).expect("a directory").count(),
        1,
        "nothing else is left"
    );
}
