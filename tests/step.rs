//! `lab scenario ID --step` on a real pseudo-terminal, which script(1) makes: keys in, screens out, and the terminal
//! afterwards as it was before.
#![cfg(target_os = "linux")]

mod common;

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Everything that was drawn while these keys were typed, and what stty says afterwards.
fn typed(keys: &[&str]) -> Option<String> {
    let lab = env!("CARGO_BIN_EXE_lab");
    let line = format!("stty cols 80 rows 24; {lab} scenario 2 --step; echo code $?; stty -a");
    let script = Command::new("script")
        .args(["-qc", &line, "/dev/null"])
        .env("LAB_LANG", "en")
        .env("TERM", "xterm")
        .env_remove("COLUMNS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut script) = script else {
        common::skip("script(1) is not installed");
        return None;
    };
    let mut stdin = script.stdin.take().expect("a pipe");
    // The lesson runs before the first key counts.
    std::thread::sleep(Duration::from_millis(1500));
    for key in keys {
        stdin.write_all(key.as_bytes()).expect("it reads");
        stdin.flush().expect("it reads");
        std::thread::sleep(Duration::from_millis(150));
    }
    std::thread::sleep(Duration::from_millis(300));
    drop(stdin);
    let out = script.wait_with_output().expect("it ends");
    Some(String::from_utf8_lossy(&out.stdout).into_owned())
}

#[test]
fn a_touch_stops_before_its_outcome_and_the_terminal_comes_back() {
    let Some(all) = typed(&["g", "7", "\n", " ", "q"]) else {
        return;
    };
    let screens: Vec<&str> = all.split("\u{1b}[H\u{1b}[2J").collect();
    let asked = screens.iter().find(|screen| screen.contains("step 7 of 8"));
    let asked = asked.unwrap_or_else(|| panic!("no seventh step in\n{all}"));
    assert!(asked.contains("ASK") && asked.contains('^'), "{asked}");
    assert!(
        !asked.contains("si_addr=base+15000") && !asked.contains("WHY"),
        "told too early: {asked}"
    );
    let told = screens
        .iter()
        .find(|screen| screen.contains("WHY"))
        .expect("it is revealed");
    assert!(told.contains("si_code=BUS_ADRERR, si_addr=base+15000") && told.contains("+++ killed by SIGBUS +++"));
    assert!(all.contains("code 0"), "{all}");
    let after = all.rsplit("code 0").next().unwrap_or_default();
    assert!(after.contains(" icanon") && after.contains(" echo "), "{after}");
    assert!(
        all.contains("\u{1b}[?1049h") && all.contains("\u{1b}[?1049l"),
        "another screen, and back"
    );
}

#[test]
fn ctrl_c_ends_with_130_and_brings_the_terminal_back() {
    let Some(all) = typed(&[" ", "\u{3}"]) else {
        return;
    };
    assert!(all.contains("code 130"), "{all}");
    let after = all.rsplit("code 130").next().unwrap_or_default();
    assert!(after.contains(" icanon") && after.contains(" echo "), "{after}");
}

#[test]
fn without_a_terminal_it_says_so() {
    let out = common::lab(&["scenario", "2", "--step"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("needs a terminal"));
}
