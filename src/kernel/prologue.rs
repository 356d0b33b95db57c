//! A process's first acts: lab's own, and a holder's. What the shell handed us must not decide an experiment: dispositions,
//! masks and limits are set here, and each of a holder's calls is noted.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::Relaxed;

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction, sigprocmask};
use nix::unistd::{Pid, alarm, getpid, getppid};

use super::record::{Shared, asked};
use super::{Options, fault};

/// What the shell handed us must not decide how lab itself ends: with SIGCHLD ignored the kernel would reap our children
/// before we can, a limit on file sizes would kill us where write(2) can say EFBIG, and a blocked SIGINT would never tell
/// us that a child died of it.
pub fn settle() -> nix::Result<()> {
    for (signal, handler) in [
        (Signal::SIGCHLD, SigHandler::SigDfl),
        (Signal::SIGXFSZ, SigHandler::SigIgn),
    ] {
        let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
        // SAFETY: neither action is Rust code.
        unsafe { sigaction(signal, &action)? };
    }
    let heard: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGCHLD, Signal::SIGALRM]
        .into_iter()
        .collect();
    sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&heard), None)
}

/// What every child of ours begins with, whatever it is for: it dies with its parent, has the default actions, and leaves
/// no core file.
pub fn isolate(record: &Shared, parent: Pid) -> nix::Result<()> {
    let note = |nr: i64, result, args| record.note(nr as u32, asked::NO, result, args);
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    note(
        libc::SYS_prctl,
        0,
        [libc::PR_SET_PDEATHSIG as u64, Signal::SIGKILL as u64, 0, 0, 0, 0],
    );
    let now = getppid();
    note(libc::SYS_getppid, now.as_raw().into(), [0; 6]);
    if now != parent {
        return Err(Errno::ESRCH); // the parent died before the line above; nobody will read this
    }
    let me = getpid().as_raw();
    note(libc::SYS_getpid, me.into(), [0; 6]);
    let who = record.head().who.load(Relaxed) as usize;
    record.head().pids[who].store(me, Relaxed);
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    for signal in [
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGPIPE,
        Signal::SIGXFSZ,
        Signal::SIGCHLD,
        Signal::SIGALRM,
    ] {
        // SAFETY: the default action is no Rust code.
        unsafe { sigaction(signal, &default)? };
        note(libc::SYS_rt_sigaction, 0, [signal as u64, 0, 0, 0, 0, 0]);
    }
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    note(libc::SYS_prlimit64, 0, [0; 6]);
    Ok(())
}

/// A holder's first acts.
pub fn prologue(record: &Shared, parent: Pid, stack: &mut [MaybeUninit<u8>], options: &Options) -> nix::Result<()> {
    record.head().op.store(u32::MAX, Relaxed);
    isolate(record, parent)?;
    let note = |nr: i64, result, args| record.note(nr as u32, asked::NO, result, args);
    let alternate = libc::stack_t {
        ss_sp: stack.as_mut_ptr().cast(),
        ss_flags: 0,
        ss_size: stack.len(),
    };
    // SAFETY: the stack outlives this process's last fault, and nothing else uses it.
    Errno::result(unsafe { libc::sigaltstack(&alternate, std::ptr::null_mut()) })?;
    note(libc::SYS_sigaltstack, 0, [0, 0, stack.len() as u64, 0, 0, 0]);
    // SAFETY: the record outlives this process, which ends in _exit.
    unsafe { fault::install(record)? };
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)?;
    note(libc::SYS_rt_sigprocmask, 0, [0; 6]);
    let seconds = options.timeout.as_secs() as u32 + 1;
    alarm::set(seconds); // for a holder that nobody polls any more
    note(ALARM, 0, alarm_args(seconds));
    Ok(())
}

/// How `ALARM` is noted.
pub fn alarm_args(seconds: u32) -> [u64; 6] {
    [seconds.into(), 0, 0, 0, 0, 0]
}

/// What the C library calls for alarm(3): glibc uses alarm(2) where the architecture has it; musl never does.
#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
pub const ALARM: i64 = libc::SYS_alarm;
/// What the C library calls for alarm(3): glibc uses alarm(2) where the architecture has it; musl never does.
#[cfg(not(all(target_arch = "x86_64", target_env = "gnu")))]
pub const ALARM: i64 = libc::SYS_setitimer;
