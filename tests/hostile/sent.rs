//! Signals from outside: to the parent at any moment, to the holder, to a witness; and witnesses that are missing or
//! die of something else.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, pipe2};

use super::place::{Place, Ran, skip, strace, strace_works};

/// A random moment up to a little after the end of a run that takes `whole`.
fn moment(whole: Duration) -> Duration {
    whole.mul_f64(RandomState::new().hash_one(0) as f64 / u64::MAX as f64 * 1.1)
}

/// How long a run takes here.
fn whole(place: &Place, words: &str) -> Duration {
    let once = |_| {
        let begin = Instant::now();
        assert!(place.command(&[], words).output().expect("a run").status.success());
        begin.elapsed()
    };
    (0..5).map(once).min().expect("five runs")
}

fn send(pid: i32, signal: Signal) {
    let _ = kill(Pid::from_raw(pid), signal); // it may be gone, which is one of the moments
}

/// `run --all` in a group of its own, and a signal at a random moment, to lab alone or (negative) to its group. The parent
/// reaps the holder; a witness is the holder's child and dies with it, a moment later.
fn disturbed(place: &Place, whole: Duration, signal: Signal, to: fn(i32) -> i32) -> Ran {
    let mut command = place.command(&[], "run --all");
    command.process_group(0);
    let lab = place.start(command);
    sleep(moment(whole));
    send(to(lab.id() as i32), signal);
    place.end(lab, signal.as_str())
}

fn lab_alone(pid: i32) -> i32 {
    pid
}

#[test]
fn sigkill_of_the_parent_leaves_nothing() {
    let mut place = Place::new();
    let whole = whole(&place, "run --all");
    let disk = place.tmp.clone();
    let memory = tempfile::Builder::new().prefix("hostile-").tempdir_in("/dev/shm");
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
        let ran = disturbed(&place, whole, Signal::SIGKILL, lab_alone);
        killed += u32::from(ran.signal == Some(Signal::SIGKILL as i32));
    }
    assert!(killed > 50, "only {killed} of 200 were killed while they ran");
}

#[test]
fn sigint_and_sigterm_end_with_130() {
    let place = Place::new();
    let whole = whole(&place, "run --all");
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut interrupted = 0;
        for _ in 0..30 {
            let ran = disturbed(&place, whole, signal, lab_alone);
            match ran.code {
                Some(130) => assert_eq!(ran.err, "lab: interrupted\n", "{signal}"),
                Some(0) => ran.assert_correct(signal.as_str()),
                // Before it watches, while it has no child, it dies of the signal as any program does.
                _ => assert_eq!(ran.signal, Some(signal as i32), "{signal}: {ran:#?}"),
            }
            interrupted += u32::from(ran.code == Some(130));
        }
        assert!(interrupted > 0, "{signal}: no round of 30 was interrupted while it ran");
    }
}

/// Ctrl-C goes to the whole foreground group.
#[test]
fn sigint_to_the_whole_group() {
    let place = Place::new();
    let whole = whole(&place, "run --all");
    for _ in 0..30 {
        let ran = disturbed(&place, whole, Signal::SIGINT, |pid| -pid);
        let well = matches!(ran.code, Some(0 | 130)) || ran.signal == Some(Signal::SIGINT as i32);
        assert!(well, "{ran:#?}");
    }
}

/// Blocked in write(2), nobody polls any more, and no child is left to reap: it dies of the signal as any program does.
#[test]
fn a_signal_ends_lab_while_nobody_reads_its_output() {
    let place = Place::new();
    for words in ["run 1 2 3 --report json", "completions bash"] {
        for signal in [Signal::SIGTERM, Signal::SIGINT] {
            let (unread, full) = pipe2(OFlag::O_CLOEXEC).expect("a pipe");
            fcntl(&full, FcntlArg::F_SETPIPE_SZ(1)).expect("as small as it can be: one page");
            let mut command = place.command(&[], words);
            command.stdout(full).stderr(Stdio::piped());
            let mut lab = command.spawn().expect("a lab");
            drop(command); // and its end of the pipe
            let end = |wait: Duration, lab: &mut Child| {
                let until = Instant::now() + wait;
                while Instant::now() < until {
                    if let Some(status) = lab.try_wait().expect("a child") {
                        return Some(status);
                    }
                    sleep(Duration::from_millis(5));
                }
                None
            };
            assert_eq!(
                end(Duration::from_millis(500), &mut lab),
                None,
                "{words} waits for a reader"
            );
            assert_eq!(place.alive().len(), 1, "{words} has no child by then");
            send(lab.id() as i32, signal);
            let status = end(Duration::from_secs(2), &mut lab);
            let _ = lab.kill(); // where it did not end
            let ran = place.end(lab, words);
            drop(unread);
            assert!(status.is_some(), "{signal} did not end {words}");
            assert_eq!((ran.signal, ran.err.as_str()), (Some(signal as i32), ""), "{words}");
        }
    }
}

/// The pid of a process `depth` forks below the lab that the test or strace started, once there is one.
fn below(place: &Place, depth: usize) -> Option<i32> {
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
        .map(|process| process.pid)
}

fn wait_for(place: &Place, depth: usize) -> i32 {
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
    if !strace_works("a_sent_signal_is_never_a_fault") {
        return;
    }
    let place = Place::new();
    // (forks below lab, the call where it is held)
    let moments = [
        (1, "inject=ftruncate:delay_enter=500000:when=1"),
        (1, "inject=pread64:delay_enter=500000:when=2"),
        (2, "inject=prctl:delay_enter=500000:when=2"), // a witness's second prctl
    ];
    for (depth, inject) in moments {
        for signal in [Signal::SIGBUS, Signal::SIGSEGV] {
            let strace = strace(&["trace=ftruncate,pread64,prctl", inject]);
            let lab = place.start(place.command(&strace, "scenario 3"));
            let pid = wait_for(&place, depth);
            sleep(Duration::from_millis(200));
            send(pid, signal);
            let ran = place.end(lab, inject);
            ran.assert_reason("sent from outside", &format!("{signal} at {inject}"));
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
        let lab = place.start(place.command(&[], "scenario 3"));
        sleep(moment(whole));
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", lab.id())).unwrap_or_default();
        let Some(holder) = children.split_whitespace().next().and_then(|pid| pid.parse().ok()) else {
            place.end(lab, "no signal").assert_correct("no signal");
            continue;
        };
        let signal = [Signal::SIGBUS, Signal::SIGSEGV][round % 2];
        send(holder, signal);
        let ran = place.end(lab, signal.as_str());
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
    if !strace_works("a_missing_or_different_witness_is_an_error") {
        return;
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
        let strace = strace(&[&trace, &inject]);
        place
            .run(place.command(&strace, "scenario 2"))
            .assert_reason(word, &inject);
    }
}
