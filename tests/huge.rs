//! Mappings of more pages than anybody looks at: borders found by search and by walking, and what is refused.
#![cfg(target_os = "linux")]

mod common;

use std::time::{Duration, Instant};

use common::{command, lab, stdout};
use serde_json::Value;

fn json(args: &[&str]) -> Value {
    let all = [&["scenario", "2", "--report", "json"][..], args].concat();
    serde_json::from_str(&stdout(lab(&all))).expect("JSON")
}

#[test]
fn a_terabyte_takes_a_blink() {
    let begin = Instant::now();
    let report = json(&["--set", "file.size=1T", "--set", "map.length=2T"]);
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    let found = &report["scenarios"][0]["borders"];
    let page = report["machine"]["page"].as_u64().expect("a page size");
    assert_eq!(found["how"], "search");
    assert_eq!(found["pages"], (2_u64 << 40) / page);
    assert_eq!(
        (&found["bytes_end"], &found["sigsegv"]),
        (&(1_u64 << 40).into(), &(2_u64 << 40).into())
    );
    assert!(
        found["touches"]
            .as_u64()
            .is_some_and(|touches| (4..=62).contains(&touches))
    );
    assert_eq!(found["samples"], 64);
    assert_eq!(found["populated"], serde_json::json!(["ok", "EFAULT", "ENOMEM"]));
    assert_eq!(found["agrees"], true);
    let screen = stdout(lab(&[
        "scenario",
        "2",
        "--set",
        "file.size=1T",
        "--set",
        "map.length=2T",
    ]));
    assert!(screen.contains("64 samples of"), "{screen}");
}

#[test]
fn small_ones_are_not_searched() {
    assert_eq!(json(&[])["scenarios"][0]["borders"], Value::Null);
}

#[test]
fn a_walk_touches_every_page() {
    let page = page();
    let (size, length) = (
        format!("file.size={}", 100 * page + 1),
        format!("map.length={}", 1000 * page),
    );
    let report = json(&["--exhaustive", "--set", &size, "--set", &length]);
    let found = &report["scenarios"][0]["borders"];
    assert_eq!(found["how"], "walk");
    assert_eq!(found["touches"], 1001);
    assert_eq!(
        (&found["bytes_end"], &found["sigsegv"]),
        (&(101 * page).into(), &(1000 * page).into())
    );
}

#[test]
fn a_walk_that_would_take_hours_or_memory_is_refused() {
    let refused = |set: [&str; 2], dir: Option<&str>| {
        let mut lab = command(&["scenario", "2", "--exhaustive", "--set", set[0], "--set", set[1]]);
        if let Some(dir) = dir {
            lab.env("TMPDIR", dir);
        }
        let out = lab.output().expect("it runs");
        assert_eq!(out.status.code(), Some(3));
        String::from_utf8(out.stderr).expect("UTF-8")
    };
    let hours = refused(["file.size=1p", "map.length=60T"], None);
    assert!(hours.contains(" hours on this machine"), "{hours}");
    let shm = std::fs::read_to_string("/proc/mounts").is_ok_and(|text| text.contains(" /dev/shm tmpfs "));
    if shm {
        let memory = refused(["file.size=1G", "map.length=2G"], Some("/dev/shm"));
        assert!(memory.contains("takes a page of memory for each"), "{memory}");
    } else {
        common::skip("/dev/shm is no tmpfs");
    }
}

#[test]
fn a_story_cannot_be_walked() {
    let out = lab(&["scenario", "fork-file", "--exhaustive"]);
    assert_eq!(out.status.code(), Some(2));
}

fn page() -> u64 {
    json(&[])["machine"]["page"].as_u64().expect("a page size")
}
