//! `lab run --lint`: what is wrong with a file on machines that this one is not. Nothing is run, so every answer is the
//! same everywhere.
#![cfg(target_os = "linux")]

use std::path::PathBuf;
use std::process::{Command, Output};

fn lint(words: &[&str]) -> (Output, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(["run", "--lint"]).args(words);
    let out = command.env("LAB_LANG", "en").env_remove("COLUMNS").output().unwrap();
    let text = String::from_utf8(out.stdout.clone()).unwrap();
    (out, text)
}

/// A file with these sizes, and this last line of `[expect]`.
fn file(name: &str, size: &str, length: &str, behind: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("lint-{}-{name}.toml", std::process::id()));
    let text = format!(
        "lab = 1\nid = \"mine\"\ntitle = \"mine\"\n[file]\nsize = {size}\nfill = \"A\"\n[map]\nlength = {length}\n[expect]\n\
         \"0 .. eof\" = \"file\"\n\"eof .. eof_page\" = \"zero\"\n\"eof_page .. map_end\" = \"SIGBUS\"\n\"map_end ..\" = \"{behind}\"\n"
    );
    std::fs::write(&path, text).unwrap();
    path
}

fn of_file(name: &str, size: &str, length: &str, behind: &str) -> (Output, String) {
    let path = file(name, size, length, behind);
    let done = lint(&[path.to_str().unwrap()]);
    std::fs::remove_file(path).unwrap();
    done
}

#[test]
fn numbers_without_pages_lose_the_lesson_elsewhere() {
    let (out, text) = of_file("plain", "5000", "15000", "SIGSEGV");
    assert_eq!(out.status.code(), Some(1));
    assert!(
        text.starts_with("warning[W01]: a zone disappears on other page sizes"),
        "{text}"
    );
    for part in [
        ":5:8\n",
        "with pages of 16384 the zone \"eof_page .. map_end\" is empty",
        "4K [#+BB]S   16K [+]S   64K [+]S",
        "\"1p + 904\", \"3p + 2712\"",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(text.matches("warning[").count(), 1, "{text}");
    let (out, text) = of_file("pages", "\"1p + 904\"", "\"3p + 2712\"", "SIGSEGV");
    assert_eq!(out.status.code(), Some(0), "{text}");
    assert!(
        text.contains(" ok ") && text.contains("[#+BB]S\n") && text.contains(" 0 warnings"),
        "{text}"
    );
}

#[test]
fn an_expectation_that_the_model_rules_out_is_named_once() {
    let (out, text) = of_file("wrong", "\"1p + 904\"", "\"3p + 2712\"", "SIGBUS");
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(text.matches("warning[").count(), 1, "{text}");
    for part in [
        "warning[W02]: what is expected contradicts the model",
        ":13:1\n",
        "expected: SIGBUS",
        "there is not even",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn every_scenario_of_the_course_is_clean_and_most_are_of_a_kind_of_their_own() {
    let (out, text) = lint(&[]);
    assert_eq!(out.status.code(), Some(0), "{text}");
    let all = mmap_lab::scenario::builtins().count();
    let total = text
        .split("\n\n")
        .last()
        .unwrap()
        .split_whitespace()
        .collect::<Vec<_>>();
    assert_eq!(total[0], all.to_string(), "{text}");
    assert!(total[4].parse::<usize>().unwrap() >= 80, "{total:?}");
    assert_eq!(
        text.lines().filter(|line| line.starts_with("   ok ")).count(),
        all,
        "{text}"
    );
}

#[test]
fn a_broken_file_is_refused_as_everywhere() {
    let (out, _) = of_file("broken", "\"1p + \"", "1", "SIGSEGV");
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8(out.stderr).unwrap().starts_with("error[E04]"));
}
