//! Signals from outside: to the parent at any moment, to the holder, to a witness; and witnesses that are missing or
//! die of something else.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::place::{Place, Ran, skip, works};

/// A random moment up to a little after the end of a run that takes `whole`.
fn moment(whole: Duration) -> Duration {
    whole.mul_f64(RandomState::new().hash_one(0) as f64 / u64::MAX as f64 * 1.1)
}

/// How long a run takes here.
fn whole(place: &Place, words: &str) -> Duration {
    let once = |_| {
        let begin = Instant::now();
        assert!(
            place
                .command(&[], words)
                .output()
                .expect("a run")
                .status
                .success()
        );
        begin.elapsed()
    };
    (0..5).map(once).min().expect("five runs")
}

fn start(place: &Place, before: &[&str], words: &str) -> Child {
    let mut command = place.command(before, words);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a lab")
}

fn send(pid: u32, signal: Signal) {
    let _ = kill(Pid::from_raw(pid as i32), signal); // it may be gone, which is one of the moments
}

#[test]
fn sigkill_of_the_parent_leaves_nothing() {
    let mut place = Place::new();
    let whole = whole(&place, "run --all");
    let disk = place.tmp.clone();
    let memory = tempfile::Builder::new()
        .prefix("hostile-")
        .tempdir_in("/dev/shm");
    if let Err(error) = &memory {
        skip(
            "sigkill_of_the_parent_leaves_nothing",
            &format!("only on /tmp, /dev/shm is not to be had: {error}"),
        );
    }
    let mut killed = 0;
    for round in 0..200 {
        place.tmp = match &memory {
            Ok(memory) if round % 2 == 1 => memory.path().to_owned(),
            _ => disk.clone(),
        };
        let lab = start(&place, &[], "run --all");
        sleep(moment(whole));
        send(lab.id(), Signal::SIGKILL);
        let ran = Ran::from(lab.wait_with_output().expect("its end"));
        place.clean(&format!("SIGKILL, round {round}"));
        killed += u32::from(ran.signal == Some(Signal::SIGKILL as i32));
    }
    assert!(
        killed > 50,
        "only {killed} of 200 were killed while they ran"
    );
}

#[test]
fn sigint_and_sigterm_end_with_130() {
    let place = Place::new();
    let whole = whole(&place, "run --all");
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut interrupted = 0;
        for _ in 0..30 {
            let lab = start(&place, &[], "run --all");
            sleep(moment(whole));
            send(lab.id(), signal);
            let ran = Ran::from(lab.wait_with_output().expect("its end"));
            // The parent reaps the holder. A witness is the holder's child and dies with it, a moment later.
            place.clean(signal.as_str());
            match ran.code {
                Some(130) => assert_eq!(ran.err, "lab: interrupted\n", "{signal}"),
                Some(0) => ran.assert_correct(signal.as_str()),
                // Before it watches, while it has no child, it dies of the signal as any program does.
                _ => assert_eq!(ran.signal, Some(signal as i32), "{signal}: {ran:#?}"),
            }
            interrupted += u32::from(ran.code == Some(130));
        }
        assert!(
            interrupted > 0,
            "{signal}: no round of 30 was interrupted while it ran"
        );
    }
}

/// Ctrl-C goes to the whole foreground group.
#[test]
fn sigint_to_the_whole_group() {
    use std::os::unix::process::CommandExt;
    let place = Place::new();
    let whole = whole(&place, "run --all");
    for _ in 0..30 {
        let mut command = place.command(&[], "run --all");
        let lab = command
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a lab");
        sleep(moment(whole));
        let _ = kill(Pid::from_raw(-(lab.id() as i32)), Signal::SIGINT);
        let ran = Ran::from(lab.wait_with_output().expect("its end"));
        let well = matches!(ran.code, Some(0 | 130)) || ran.signal == Some(Signal::SIGINT as i32);
        assert!(well, "{ran:#?}");
        place.clean("SIGINT to the group");
    }
}

/// The pid of a process `depth` forks below the lab that the test or strace started, once there is one.
fn below(place: &Place, depth: usize) -> Option<u32> {
    let all = place.alive();
    let parent = |pid: i32| {
        all.iter()
            .find(|process| process.pid == pid)
            .map(|process| process.parent)
    };
    let forks = |pid: i32| {
        std::iter::successors(Some(pid), |pid| parent(*pid))
            .skip(1)
            .filter(|pid| parent(*pid).is_some())
    };
    all.iter()
        .find(|process| forks(process.pid).count() == depth)
        .map(|process| process.pid as u32)
}

fn wait_for(place: &Place, depth: usize) -> u32 {
    let end = Instant::now() + Duration::from_secs(5);
    loop {
        if let Some(pid) = below(place, depth) {
            return pid;
        }
        assert!(Instant::now() < end, "no process {depth} forks below lab");
        sleep(Duration::from_millis(2));
    }
}

/// strace holds the process at a call for half a second, and meanwhile kill(2) sends the signal.
#[test]
fn a_sent_signal_is_never_a_fault() {
    let test = "a_sent_signal_is_never_a_fault";
    if !works(&["strace", "-o", "/dev/null", "true"]) {
        return skip(test, "no strace, or no ptrace here");
    }
    let place = Place::new();
    // (forks below lab, the call where it is held, what is said)
    let moments = [
        (
            1,
            "inject=ftruncate:delay_enter=500000:when=1",
            "sent from outside",
        ),
        (
            1,
            "inject=pread64:delay_enter=500000:when=2",
            "sent from outside",
        ),
        (
            2,
            "inject=prctl:delay_enter=500000:when=2",
            "sent from outside",
        ), // a witness's second prctl
    ];
    for (depth, inject, said) in moments {
        for signal in [Signal::SIGBUS, Signal::SIGSEGV] {
            let strace = [
                "strace",
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                "trace=ftruncate,pread64,prctl",
                "-e",
                inject,
            ];
            let lab = start(&place, &strace, "scenario 3");
            let pid = wait_for(&place, depth);
            sleep(Duration::from_millis(200));
            send(pid, signal);
            let ran = Ran::from(lab.wait_with_output().expect("its end"));
            place.clean(inject);
            ran.assert_reason(said, &format!("{signal} at {inject}"));
        }
    }
}

/// The same at random moments, without strace: an error, or a run that the signal did not touch; never another answer.
#[test]
fn a_signal_sent_at_random_is_an_error_or_nothing() {
    let place = Place::new();
    let whole = whole(&place, "scenario 3");
    let plain = place.run(place.command(&[], "scenario 3")).out;
    let mut noticed = 0;
    for round in 0..40 {
        let lab = start(&place, &[], "scenario 3");
        sleep(moment(whole));
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", lab.id()))
            .unwrap_or_default();
        let Some(holder) = children
            .split_whitespace()
            .next()
            .and_then(|pid| pid.parse().ok())
        else {
            assert!(lab.wait_with_output().expect("its end").status.success());
            continue;
        };
        let signal = [Signal::SIGBUS, Signal::SIGSEGV][round % 2];
        send(holder, signal);
        let ran = Ran::from(lab.wait_with_output().expect("its end"));
        place.clean(signal.as_str());
        if ran.code == Some(0) {
            assert_eq!(ran.out, plain, "{signal} changed an answer");
        } else {
            ran.assert_reason("from outside", signal.as_str());
            noticed += 1;
        }
    }
    if noticed == 0 {
        skip(
            "a_signal_sent_at_random_is_an_error_or_nothing",
            "no signal hit a holder in 40 rounds",
        );
    }
}

#[test]
fn a_missing_or_different_witness_is_an_error() {
    if !works(&["strace", "-o", "/dev/null", "true"]) {
        return skip(
            "a_missing_or_different_witness_is_an_error",
            "no strace, or no ptrace here",
        );
    }
    let place = Place::new();
    // Strace counts per process; a holder makes one prctl and a witness two.
    let injections = [
        ("prctl:signal=KILL:when=2", "witness"),
        ("prctl:signal=TERM:when=2", "witness"),
        ("prctl:signal=BUS:when=2", "witness"), // the right signal, but not from the access
        ("prctl:signal=SEGV:when=2", "witness"),
        ("clone:error=EAGAIN:when=2", "fork"), // the holder's second
        ("clone:error=ENOMEM:when=2", "fork"),
        ("wait4:error=ECHILD:when=2", "wait"),
        ("alarm:signal=KILL:when=1", "SIGKILL"), // the holder itself
    ];
    for (inject, word) in injections {
        let call = inject.split(':').next().expect("a call");
        let (trace, inject) = (format!("trace={call}"), format!("inject={inject}"));
        let strace = [
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            &trace,
            "-e",
            &inject,
        ];
        place
            .run(place.command(&strace, "scenario 2"))
            .assert_reason(word, &inject);
    }
}
