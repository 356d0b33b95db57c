//! `lab run --answers`: answer files held against the kernel, the misconceptions of a class, and complaints about files
//! that are none.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Output;

use common::{lab, stdout};

const RIGHT: &str = r#"
lab = 1
student = "ada"

[past-eof]
"eof - 1" = "file"
"eof" = "zero"
"eof_page" = "SIGBUS"
"len" = "SIGBUS"
"border SIGSEGV" = "map_end"
because = "whole pages"

[84]
"step 1" = "2p"
"step 2" = "2p"
"step 3" = "EFAULT"
"step 4" = 42
"step 6" = "b"
"#;

fn graded(files: &[(&str, &str)], more: &[&str]) -> (Output, String) {
    let dir = tempfile::tempdir().expect("a directory");
    let place = |name: &str| dir.path().join(name).display().to_string();
    for (name, text) in files {
        fs::write(Path::new(&place(name)), text).expect("a file");
    }
    let names: Vec<String> = files.iter().map(|(name, _)| place(name)).collect();
    let args = ["run", "--answers"]
        .into_iter()
        .chain(names.iter().map(String::as_str))
        .chain(more.iter().copied());
    let output = lab(&args.collect::<Vec<_>>());
    let told = String::from_utf8_lossy(&output.stderr).replace(&place(""), "");
    (output, told)
}

#[test]
fn right_answers_are_right_on_any_machine() {
    let (output, told) = graded(&[("a.toml", RIGHT)], &[]);
    let screen = stdout(output);
    assert!(screen.contains("ada  10 of 10"), "{screen}{told}");
    assert!(screen.contains("because: whole pages"), "{screen}");
    assert!(!screen.contains("<-"), "{screen}");
}

#[test]
fn a_class_is_counted() {
    let wrong = RIGHT
        .replace("\"ada\"", "\"bob\"")
        .replace("\"len\" = \"SIGBUS\"", "\"len\" = \"SIGSEGV\"");
    let wrong = wrong
        .replace("= \"map_end\"", "= \"len\"")
        .replace("\"step 2\" = \"2p\"\n", "");
    let files = [("a.toml", RIGHT), ("b.toml", &wrong)];
    let (output, _) = graded(&files, &[]);
    assert_eq!(output.status.code(), Some(1));
    let screen = String::from_utf8_lossy(&output.stdout);
    assert!(screen.contains("bob  7 of 10"), "{screen}");
    assert!(screen.contains("2 students: 17 of 20 answers right"), "{screen}");
    assert!(screen.contains("M2  answers 2, students 1"), "{screen}");

    let (output, _) = graded(&files, &["--report", "json"]);
    let class: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(class["schema"], "lab.answers/1");
    assert_eq!(class["ideas"][0]["idea"], "M2");
    assert_eq!(class["ideas"][0]["answers"], 2);
    assert_eq!(
        class["students"][1]["scenarios"][1]["answers"][1]["answer"],
        serde_json::Value::Null
    );

    let (output, _) = graded(&files, &["--report", "markdown"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("| bob | 7 | 10 | M2 |"), "{text}");
    assert!(text.contains(" | 2 | 1 |"), "{text}");
}

#[test]
fn a_seed_gives_each_student_numbers_of_their_own() {
    let seeded = RIGHT.replace("student", "seed = 7\nstudent");
    let other = RIGHT.replace("student", "seed = 8\nstudent");
    let (output, told) = graded(&[("a.toml", &seeded), ("b.toml", &other)], &[]);
    assert!(stdout(output).contains("2 students: 20 of 20"), "{told}");
}

#[test]
fn what_is_no_answer_is_complained_of_at_its_place_and_nothing_runs() {
    let first = "lab = 1\nstudent = \"\\u001b[31m\"\n[past-eof]\n\"eof\" = \"fil\"\n\"eof + 7\" = \"zero\"\n\"border SIGSEGV\" = \"SIGBUS\"\n";
    let second = "lab = 1\nextra = 2\n[past-off]\n\"eof_pag\" = \"zero\"\n[past-eof]\n\"step x\" = true\n";
    let (output, told) = graded(&[("a.toml", first), ("b.toml", second)], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    for wanted in [
        "b.toml:2:1",
        "no such key in an answer file: extra",
        "an answer file without its \"student\"",
        "did you mean past-eof?",
        "b.toml:6:7",
        "steps are counted from 1",
        "a word, or a number, is meant",
    ] {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    let (output, told) = graded(&[("a.toml", first)], &[]);
    assert_eq!(output.status.code(), Some(2));
    for wanted in [
        "a.toml:4:9",
        "it is answered by file, zero, SIGBUS, SIGSEGV",
        "this quiz does not ask it",
        "\"border SIGSEGV\"",
        "it is answered by a number",
    ] {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    let (_, told) = graded(&[("a.toml", "student = \"a\"\n")], &[]);
    assert!(told.contains("an answer file without its \"lab\""), "{told}");
    let (_, told) = graded(&[("a.toml", "lab = 1\nstudent = \"a\"\n[read-vs-mmap]\n")], &[]);
    assert!(told.contains("a scenario without a quiz"), "{told}");
    let missing = lab(&["run", "--answers", "/nowhere/a.toml"]);
    assert_eq!(missing.status.code(), Some(2));
    let (output, told) = graded(&[("a.toml", "lab = 1\nstudent = \"a\"\n")], &[]);
    assert_eq!(output.status.code(), Some(2), "{told}");
}

#[test]
fn a_student_does_not_steer_the_terminal() {
    let steering = RIGHT
        .replace("\"ada\"", "\"a\\u001b[2Jb\"")
        .replace("whole pages", "\\u001b]0;x\\u0007");
    let (output, _) = graded(&[("a.toml", &steering)], &[]);
    assert!(!stdout(output).contains('\u{1b}'));
}

#[test]
fn the_readmes_answer_file_is_one() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("README.md");
    let block = readme.split("```toml answers\n").nth(1).expect("an answer file");
    let text = block.split("```").next().unwrap_or_default();
    let (output, told) = graded(&[("readme.toml", text)], &[]);
    assert!(told.is_empty(), "{told}");
    let screen = String::from_utf8_lossy(&output.stdout);
    assert!(
        screen.contains("2 past-eof  5 of 5") && screen.contains("84 bad-page  2 of 5"),
        "{screen}"
    );
}
