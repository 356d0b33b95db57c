//! A measurement that cannot be finished: interrupted, or without the room that it takes. It says so in one line, and
//! leaves nothing behind.

mod common;

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// What lab says on stderr, its exit code, and what lies in its TMPDIR afterwards.
fn ran(mut command: Command, meanwhile: impl FnOnce(Pid)) -> (Option<i32>, String, usize) {
    let dir = tempfile::tempdir().expect("a directory");
    command
        .env("TMPDIR", dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let begin = Instant::now();
    let mut lab = command.spawn().expect("a lab");
    meanwhile(Pid::from_raw(lab.id() as i32));
    let status = lab.wait().expect("it ends");
    assert!(begin.elapsed() < Duration::from_secs(20), "it ends soon");
    let mut said = String::new();
    let stderr = lab.stderr.as_mut().expect("piped");
    stderr.read_to_string(&mut said).expect("text");
    let left = std::fs::read_dir(dir.path()).expect("it is there").count();
    (status.code(), said, left)
}

#[test]
fn an_interruption_ends_it_at_once() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let command = common::command(&["scenario", "read-vs-mmap", "--set", "file.size=16M"]);
        let came = ran(command, |lab| {
            sleep(Duration::from_millis(400));
            kill(lab, signal).expect("it runs");
        });
        assert_eq!(came, (Some(130), "lab: interrupted\n".to_owned(), 0), "{signal}");
    }
}

#[test]
fn a_file_that_may_not_grow_is_said_so() {
    let lab = common::command(&[]);
    let mut command = Command::new("sh");
    let script = "ulimit -f 100 && exec \"$0\" scenario read-vs-mmap --set file.size=1M";
    command.args(["-c", script]).arg(lab.get_program());
    let (code, said, left) = ran(command, |_| {});
    assert_eq!((code, left), (Some(3), 0), "{said}");
    assert!(said.contains("ulimit -f") && said.lines().count() == 1, "{said}");
}

#[test]
fn a_file_for_which_there_is_no_room_is_not_begun() {
    let dir = tempfile::tempdir().expect("a directory");
    let room = mmap_lab::world::room(dir.path());
    if room.is_none_or(|room| room >= 128 << 30) {
        return common::skip("there is room for two files of 64G");
    }
    let begin = Instant::now();
    let (code, said, left) = ran(common::command(&["scenario", "100", "--set", "file.size=64G"]), |_| {});
    assert_eq!((code, left), (Some(3), 0), "{said}");
    assert!(
        said.contains("--set file.size=1M") && said.lines().count() == 1,
        "{said}"
    );
    assert!(begin.elapsed() < Duration::from_secs(2), "nothing was written");
}

#[test]
fn a_size_that_no_buffer_fills_is_pointed_at() {
    for size in ["0", "5000", "1M+1", "65G"] {
        let set = format!("file.size={size}");
        let (code, said, _) = ran(common::command(&["scenario", "100", "--set", &set]), |_| {});
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("E0") && said.contains(size), "{said}");
    }
}

/// What a claim may compare is a closed list; each mistake is pointed at.
#[test]
fn a_wrong_comparison_is_pointed_at() {
    let text = |compares: &str, kind: &str| {
        format!(
            "lab = 1\nid = \"m\"\ntitle = \"m\"\n[file]\nsize = \"1M\"\n[map]\nlength = \"size\"\n[measure]\n{kind}\n\
             [[claim]]\nid = \"c\"\ntext = \"c\"\ncompares = [{{ {compares} }}]\n"
        )
    };
    let right = "on = \"load cached random\", way = \"mmap new\", than = \"call page\", says = \"faster\"";
    let kind = "kind = \"read-vs-mmap\"";
    let wrong = |compares: &str, kind: &str| {
        let loaded = mmap_lab::scenario::load("m.toml", &text(compares, kind), &[]);
        loaded.err().map(|complaints| complaints.render(false))
    };
    assert_eq!(wrong(right, kind), None);
    for (compares, kind, said) in [
        (right.replace("random", "randon").as_str(), kind, "load cached random"),
        (right.replace("mmap new", "mmap nwe").as_str(), kind, "mmap new"),
        (
            right.replace("mmap new", "call page").as_str(),
            kind,
            "a way beside itself",
        ),
        (right.replace("\"faster\"", "\"fastest\"").as_str(), kind, "fewer calls"),
        (
            right.replace(", says = \"faster\"", "").as_str(),
            kind,
            "without its \"says\"",
        ),
        (right, "kind = \"read\"", "read-vs-mmap"),
        (right, "", "without its \"kind\""),
    ] {
        let complaint = wrong(compares, kind).unwrap_or_else(|| panic!("{compares} {kind}"));
        assert!(complaint.contains(said), "{complaint}");
    }
}
