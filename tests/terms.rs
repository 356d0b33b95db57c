//! No screen prints a term that `lab explain` does not know: every name in capitals that any scenario, quiz or list shows,
//! and the terms of the course notes in both languages.
#![cfg(target_os = "linux")]

mod common;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;

use mmap_lab::{scenario, terms};

/// Everything that these arguments print, with answers for a quiz.
fn printed(args: &[&str]) -> String {
    let mut lab = common::command(args);
    lab.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = lab.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let _ = stdin.write_all("0\no\n".repeat(12).as_bytes()); // not everything asks
    drop(stdin);
    let out = child.wait_with_output().expect("it ends");
    String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
}

/// Names in capitals of two letters or more; not the bytes that files are filled with, nor a directory's name.
fn names(screen: &str) -> impl Iterator<Item = &str> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let name = |word: &&str| {
        let capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let first = word.chars().next().unwrap_or(' ');
        word.len() > 1
            && first.is_ascii_uppercase()
            && word.chars().all(capital)
            && word.chars().any(|c| c != first)
            && !(word.len() == 2 && word.ends_with(|c: char| c.is_ascii_digit()))
    };
    screen
        .lines()
        .filter(|line| !line.contains(" | page "))
        .flat_map(move |line| line.split(word).filter(name))
}

#[test]
fn every_name_that_a_screen_prints_is_explained() {
    let mut unknown: BTreeMap<String, String> = BTreeMap::new();
    let mut seen = 0;
    let mut look = |what: &[&str]| {
        for name in names(&printed(what)) {
            seen += 1;
            if terms::find(name).is_none() {
                unknown.insert(name.to_owned(), what.join(" "));
            }
        }
    };
    for builtin in scenario::builtins().filter(|builtin| !builtin.text.contains("\n[measure]\n")) {
        look(&["scenario", builtin.id, "--width", "120"]);
        look(&["scenario", builtin.id, "--predict"]);
    }
    for list in [
        &["claims"][..],
        &["doctor"],
        &["run", "--lint"],
        &["run", "tests/screens/wrong.toml"],
        &[],
    ] {
        look(list);
    }
    assert!(seen > 4000, "only {seen} names were printed");
    assert!(unknown.is_empty(), "not explained: {unknown:?}");
}

#[test]
fn the_terms_of_the_course_notes_are_known_in_both_languages() {
    for (en, zh) in [
        ("physical memory", "物理内存"),
        ("virtual memory", "虚拟内存"),
        ("page", "页"),
        ("page fault", "缺页"),
        ("MMU", "内存管理单元"),
        ("page table", "页表"),
        ("page cache", "页缓存"),
        ("copy on write", "写时复制"),
        ("swap", "交换"),
    ] {
        let known = terms::find(en).unwrap_or_else(|| panic!("{en}"));
        assert_eq!(Some(known), terms::find(zh), "{zh}");
    }
}

#[test]
fn each_word_of_the_list_has_its_screen() {
    use unicode_width::UnicodeWidthStr;
    for term in terms::all() {
        for lang in ["en", "zh"] {
            let screen = printed(&["explain", term.names[0], "--lang", lang, "--width", "40"]);
            assert!(screen.contains(term.names[0]), "{screen}");
            assert!(screen.lines().count() >= 3, "{screen}");
            assert!(screen.lines().all(|line| line.width() <= 40), "{screen}");
        }
    }
}
