//! `lab scenario ID --step` on a real pseudo-terminal: what is told when, forward and back, at every size; that going back
//! runs nothing; and the terminal afterwards as it was before.
#![cfg(target_os = "linux")]

mod common;

use std::time::{Duration, Instant};

use common::terminal::Session;

const LAB: &str = env!("CARGO_BIN_EXE_lab");

fn step(columns: u16, rows: u16) -> Option<Session> {
    let line = format!("{LAB} scenario 2 --step; echo code $?");
    let session = Session::start(columns, rows, &line, &[])?;
    session.shows("event 1 of 8");
    Some(session)
}

/// As a shell expects it.
fn is_sane(session: &Session) -> bool {
    let settings = session.settings();
    settings.contains(" icanon") && settings.contains(" echo ")
}

#[test]
fn a_touch_stops_before_its_outcome_and_the_terminal_comes_back() {
    let Some(mut session) = step(80, 24) else { return };
    assert!(!is_sane(&session), "keys come one by one");
    session.keys("g7\n");
    let asked = session.shows("event 7 of 8");
    assert!(asked.contains("ASK") && asked.contains('^'), "{asked}");
    assert!(
        !asked.contains("si_addr=base+15000") && !asked.contains("WHY"),
        "told too early: {asked}"
    );
    session.keys(" ");
    let told = session.shows("WHY");
    assert!(told.contains("si_code=BUS_ADRERR, si_addr=base+15000") && told.contains("+++ killed by SIGBUS +++"));
    session.keys("p");
    let again = session.shows("ASK");
    assert!(again.contains("event 7 of 8") && !again.contains("si_addr"), "{again}");
    session.keys("m");
    session.shows("MODEL");
    session.keys("q");
    session.drew("code 0");
    assert!(is_sane(&session), "{}", session.settings());
    let all = session.end();
    assert!(
        all.contains("\u{1b}[?1049h") && all.contains("\u{1b}[?1049l"),
        "another screen, and back"
    );
}

#[test]
fn the_machines_own_view_is_that_of_the_moment() {
    let Some(mut session) = step(80, 30) else { return };
    session.keys("v");
    let opened = session.shows("st_size=0");
    assert!(!opened.contains("Rss"), "nothing is mapped yet: {opened}");
    session.keys("nn");
    let mapped = session.shows("rw-s");
    // the mapping's line, its numbers, a mark for each of four pages, and the file
    assert!(mapped.contains(" 00000000 ") && mapped.contains(" fd\n"), "{mapped}");
    assert!(
        mapped.contains("base: Rss 0 kB, Private_Dirty 0 kB, mincore |#"),
        "{mapped}"
    );
    assert!(mapped.contains("fd: st_size=5000, st_blocks="), "{mapped}");
    session.keys("n");
    session.shows("event 4 of 8");
    session.keys(" ");
    let after = session.shows("WHY");
    assert!(!after.contains("Rss 0 kB") && after.contains("Rss "), "{after}");
    session.keys("pp");
    session.shows("Rss 0 kB");
    session.keys("v");
    session.shows_no_more("Rss");
    session.keys("q");
    session.drew("code 0");
}

#[test]
fn presenters_keys_work_too() {
    let Some(mut session) = step(80, 24) else { return };
    session.keys("\u{1b}[6~");
    session.shows("event 2 of 8");
    session.keys("\u{1b}[C");
    session.shows("event 3 of 8");
    session.keys("\u{1b}[5~\u{1b}[D");
    session.shows("event 1 of 8");
    session.keys("\u{1b}[Aq");
    session.drew("code 0");
}

#[test]
fn ctrl_c_ends_with_130_and_brings_the_terminal_back() {
    let Some(mut session) = step(80, 24) else { return };
    session.keys(" \u{3}");
    session.drew("code 130");
    assert!(is_sane(&session), "{}", session.settings());
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_draws_again() {
    // a shell that knows jobs
    let Some(mut session) = Session::start(80, 24, "PS1='$ ' sh -i", &[]) else {
        return;
    };
    session.drew("$ ");
    session.keys(&format!("{LAB} scenario 2 --step\n"));
    session.shows("event 1 of 8");
    session.keys("n");
    session.shows("event 2 of 8");
    session.keys("\u{1a}");
    session.drew("Stopped");
    assert!(is_sane(&session), "{}", session.settings());
    assert!(session.all().contains("\u{1b}[?1049l"));
    session.keys("echo s''topped; fg\n");
    let all = session.drew("stopped");
    let drawn = all.matches("\u{1b}[?1049h").count();
    session.shows("event 2 of 8");
    let end = Instant::now() + Duration::from_secs(20);
    while session.all().matches("\u{1b}[?1049h").count() < drawn.max(2) {
        assert!(
            Instant::now() < end,
            "its screen does not come back:\n{}",
            session.screen()
        );
    }
    session.keys("n");
    session.shows("event 3 of 8");
    assert!(!is_sane(&session));
    session.keys("q");
    session.keys("echo code $?\n");
    session.drew("code 0");
    session.keys("exit\n");
}

#[test]
fn another_size_is_drawn_at_once() {
    let Some(mut session) = step(80, 24) else { return };
    session.keys("g7\n");
    session.shows("event 7 of 8");
    session.resize(40, 20);
    let small = session.shows(" space n p g m v q");
    assert!(small.lines().count() <= 20, "{small}");
    assert!(small.lines().all(|line| line.chars().count() <= 40), "{small}");
    assert!(small.contains("base+15000") && small.contains("ASK"), "{small}");
    session.resize(120, 40);
    session.shows("v view   q quit");
    session.keys("q");
    session.drew("code 0");
}

#[test]
fn a_key_answers_within_50_milliseconds() {
    let Some(mut session) = step(80, 24) else { return };
    let mut took = Vec::new();
    for n in 2..=3 {
        for (key, number) in [("n", n), ("p", n - 1), ("n", n)] {
            let begin = Instant::now();
            session.keys(key);
            session.shows(&format!("event {number} of 8"));
            took.push(begin.elapsed());
        }
    }
    session.keys("q");
    session.drew("code 0");
    took.sort();
    // the middle one: a machine that has much else to do may let any one of them wait
    let middle = took[took.len() / 2];
    assert!(middle < Duration::from_millis(50), "{took:?}");
}

#[test]
fn going_back_runs_nothing_again() {
    let trace = tempfile::NamedTempFile::new().expect("a file");
    let path = trace.path().display();
    if std::process::Command::new("strace").arg("-V").output().is_err() {
        common::skip("strace is not installed");
        return;
    }
    let calls = "trace=fork,vfork,clone,clone3,execve,mmap,write";
    let line = format!("strace -f -o {path} -e {calls} {LAB} scenario 2 --step; echo code $?");
    let Some(mut session) = Session::start(80, 24, &line, &[]) else {
        return;
    };
    session.shows("event 1 of 8");
    session.keys("nnn n n ");
    session.shows("WHY");
    session.keys("ppppp");
    session.shows("event 2 of 8");
    session.keys("vg8\n mpppg1\n");
    session.shows("event 1 of 8");
    session.keys("q");
    session.drew("code 0");
    let calls = std::fs::read_to_string(trace.path()).expect("a trace");
    let forks = |part: &str| {
        let fork = |line: &&str| line.contains("clone") || line.contains("fork(");
        part.lines().filter(fork).count()
    };
    let (recorded, shown) = calls.split_once("?1049h").expect("the screen is entered");
    assert!(forks(recorded) > 0, "the lesson forks");
    assert!(shown.matches("\\33[H\\33[2J").count() > 15, "screens were drawn");
    assert_eq!(forks(shown), 0, "{shown}");
}

#[test]
fn without_a_terminal_it_says_so() {
    let out = common::lab(&["scenario", "2", "--step"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("needs a terminal"));
}
