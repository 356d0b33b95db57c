//! `lab scenario ID --predict` from outside: nothing is told before all answers are there, the kernel marks them, and a
//! wrong answer is traced to the misconception that it shows.
#![cfg(target_os = "linux")]

mod common;

use std::io::Write;
use std::process::{Output, Stdio};

use common::command;
use common::terminal::Session;

fn predict(what: &[&str], answers: &str) -> Output {
    let args: Vec<&str> = ["scenario"].iter().chain(what).copied().chain(["--predict"]).collect();
    let mut lab = command(&args);
    lab.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = lab.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(answers.as_bytes()).expect("it reads");
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn screen(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// The row of the marks for this question.
fn row(screen: &str, question: usize) -> String {
    let marks = screen.split_once("Now the kernel:").expect("marks").1;
    let head = format!(" {question:3} ");
    marks
        .lines()
        .find(|line| line.starts_with(&head))
        .expect("a row")
        .to_owned()
}

#[test]
fn right_answers_are_right_whatever_the_page_size() {
    let output = predict(&["2"], "f\n0\nb\nb\n4p\n");
    assert_eq!(output.status.code(), Some(0));
    assert!(screen(&output).contains(" 5 of 5."), "{}", screen(&output));
    assert!(!screen(&output).contains("<-"));
}

#[test]
fn each_wrong_answer_has_the_name_of_its_misconception() {
    // question, answer, misconception; the other questions are answered rightly
    let right = ["f", "0", "b", "b", "4p"];
    for (question, wrong, idea) in [
        (1, "b", "M3"),
        (1, "s", "M37"),
        (1, "0", "M37"),
        (2, "f", "M7"),
        (2, "b", "M1"),
        (2, "s", "M1"),
        (3, "0", "M8"),
        (3, "f", "M8"),
        (3, "s", "M9"),
        (4, "s", "M2"),
        (4, "0", "M8"),
        (5, "len", "M2"),
        (5, "eof", "M1"),
        (5, "eof_page", "M9"),
        (5, "9p", "M10"),
        (5, "4p-1", "M43"),
        (5, "len-1", "M2"),
    ] {
        let mut answers = right;
        answers[question - 1] = wrong;
        let output = predict(&["2"], &(answers.join("\n") + "\n"));
        let row = row(&screen(&output), question);
        assert!(row.ends_with(&format!("<- {idea}")), "{question} {wrong}: {row}");
        assert!(screen(&output).contains("4 of 5"), "{row}");
        assert_eq!(output.status.code(), Some(0), "a quiz is no build");
    }
}

#[test]
fn nothing_is_told_and_nothing_is_run_before_all_answers_are_there() {
    let output = predict(&["2"], "f\n0\n");
    assert_eq!(output.status.code(), Some(2));
    let told = screen(&output);
    assert!(!told.contains("kernel") && !told.contains("file  "), "{told}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("2 of 5 questions answered; nothing was run"));
    assert_eq!(predict(&["2"], "q\n").status.code(), Some(4));
}

#[test]
fn an_answer_can_be_taken_back_and_a_hint_is_recorded() {
    let output = predict(&["2"], "s\nu\nf\n?\nx\n0\nb\nb\n4p\n");
    assert!(screen(&output).contains(" 5 of 5, with 1 hint."), "{}", screen(&output));
    assert!(screen(&output).contains("one of f, 0, b, s"));
}

#[test]
fn the_questions_move_with_the_numbers() {
    let output = predict(&["2", "--set", "file.size=2p+1"], "f\n0\nb\nb\n4p\n");
    let told = screen(&output);
    assert!(!told.contains(" 5000 bytes"), "{told}");
    assert!(told.contains(" of "), "{told}");
}

/// Every quiz is asked and marked, and fits the narrowest screen in both languages.
#[test]
fn no_quiz_is_wider_than_its_screen() {
    use unicode_width::UnicodeWidthStr;
    // each question takes one of them, and says of the others what it takes
    let answers = "0\no\n".repeat(12);
    for builtin in mmap_lab::scenario::builtins().filter(|builtin| !builtin.text.contains("\n[measure]\n")) {
        for lang in ["en", "zh"] {
            let output = predict(&[builtin.id, "--width", "40", "--lang", lang], &answers);
            let screen = screen(&output);
            assert_eq!(output.status.code(), Some(0), "{}: {screen}", builtin.id);
            let asks = screen
                .lines()
                .filter(|line| !line.ends_with(" 0") && !line.ends_with(" o"));
            for line in asks {
                assert!(line.width() <= 40, "{} {lang}: {line}", builtin.id);
            }
        }
    }
}

const LAB: &str = env!("CARGO_BIN_EXE_lab");

/// At a terminal a key is an answer, and what was typed wrong can be taken back, in numbers too.
#[test]
fn at_a_terminal_one_key_is_an_answer() {
    let line = format!("{LAB} scenario 2 --predict; echo code $?");
    let Some(mut session) = Session::start(80, 40, &line, &[]) else {
        return;
    };
    session.shows(" 1  load base+4999");
    assert!(!session.settings().contains(" icanon"), "no Enter is needed");
    session.keys("S");
    session.shows(" 2  load base+5000");
    session.keys("u");
    session.wait_until(|screen| screen.matches(" 1  load base+4999").count() == 2);
    session.keys("f0bb");
    session.shows(" 5  first offset that gets SIGSEGV");
    assert!(
        !session.screen().contains("kernel:"),
        "nothing is revealed before all are locked"
    );
    session.keys("9\u{7f}15000\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}4q\u{7f}p\n");
    // the last answer too, until Enter locks them all
    session.shows("Enter locks all answers");
    session.keys("u");
    session.wait_until(|screen| screen.matches(" 5  first offset that gets SIGSEGV").count() == 2);
    assert!(!session.screen().contains("kernel:"), "still nothing is revealed");
    session.keys("4p\n\n");
    let marked = session.shows("code 0");
    assert!(marked.contains(" 5 of 5."), "{marked}");
    assert!(session.settings().contains(" icanon"), "{}", session.settings());
}

#[test]
fn giving_up_and_ctrl_c_run_nothing() {
    for (keys, code) in [
        ("f0q", "code 4"),
        ("f0bb4p\nq", "code 4"),
        ("f0\u{3}", "code 130"),
        ("f0\u{4}", "code 2"),
    ] {
        let line = format!("{LAB} scenario 2 --predict; echo code $?");
        let Some(mut session) = Session::start(80, 40, &line, &[]) else {
            return;
        };
        session.shows(" 1  load base+4999");
        session.keys(keys);
        let all = session.drew(code);
        assert!(!all.contains("Now the kernel"), "{all}");
        assert!(session.settings().contains(" icanon"), "{}", session.settings());
    }
    // where answers are lines, Ctrl-C is heard too
    let line = format!("{LAB} scenario 2 --predict | cat; echo over");
    let Some(mut session) = Session::start(80, 40, &line, &[]) else {
        return;
    };
    session.shows(" 1  load base+4999");
    session.keys("f\n");
    session.shows(" 2  load base+5000");
    session.keys("\u{3}");
    let all = session.drew("over");
    assert!(!all.contains("Now the kernel"), "{all}");
}
