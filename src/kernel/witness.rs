//! The witness: a child of the holder, forked after a fault, which repeats the access and really dies of the signal; and
//! the child that endures an access under a disposition of the script's own.
//! Between fork and death it allocates nothing. It may not know whether anybody wanted the fault.
#![allow(unsafe_code)]

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction, sigprocmask};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, alarm, fork, getppid};

use super::access;
use super::missing;
use super::prologue::{ALARM, alarm_args};
use super::record::{Shared, asked, mode, trouble, what};
use crate::op::{Access, OnFault, PROC_LIMIT, Routine};

/// A witness may take this long, in seconds.
const PATIENCE: u32 = 2;

/// What a witness does again.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    /// one access at this address
    Access(usize, Access),
    /// a call of the C library: from where, to where, how many bytes
    Library(Routine, usize, usize, usize),
}

impl Deed {
    /// Do it.
    ///
    /// # Safety
    ///
    /// As for `access::make` or `access::call`.
    pub unsafe fn again(self) {
        match self {
            Deed::Access(address, access) => {
                // SAFETY: the caller's promise.
                let _ = unsafe { access::make(address, access) };
            }
            Deed::Library(routine, from, to, len) => {
                // SAFETY: the caller's promise.
                let _ = unsafe { access::call(routine, from, to, len) };
            }
        }
    }

    /// The stretches of memory that it touches: where, and how many bytes.
    fn touches(self) -> [(usize, usize); 2] {
        match self {
            Deed::Access(at, access) => [(at, access.width() as usize), (at, 0)],
            Deed::Library(_, from, to, len) => [(from, len), (to, len)],
        }
    }
}

/// What kinds of `trouble` there were, with its numbers.
type Troubled = (u32, i64, i64);

/// Repeat what has just faulted, in a forked child, and see it die of the same signal, si_code and si_addr.
pub fn repeat(record: &Shared, deed: Deed) -> Result<(), Troubled> {
    let head = record.head();
    let (signo, number) = die_of(record, deed)?;
    if !confirms(head.holder.seen(), head.witness.seen(), signo) {
        return Err((trouble::WITNESS, signo, number.into()));
    }
    Ok(())
}

/// Let the C library's routine run in a child, and where it dies in a second one, for this process would not survive it
/// either. None: it faults nowhere.
pub fn library(record: &Shared, deed: Deed) -> Result<Option<(i32, i32, usize)>, Troubled> {
    let head = record.head();
    head.mode.store(mode::LIBRARY, Relaxed);
    head.holder.clear();
    let died = die_of(record, deed).and_then(|(signo, number)| {
        let seen = head.witness.seen();
        match (signo, seen) {
            (0, None) => return Ok(None),
            (_, Some((signal, code, address))) => {
                head.holder.code.store(code, Relaxed);
                head.holder.address.store(address, Relaxed);
                head.holder.signo.store(signal, Release);
            }
            _ => return Err((trouble::WITNESS, signo, number.into())),
        }
        repeat(record, deed).map(|()| seen)
    });
    head.mode.store(mode::NOTE, Relaxed);
    died
}

/// Do it in a forked child: the signal that it died of, or 0, and its number.
fn die_of(record: &Shared, deed: Deed) -> Result<(i64, u32), Troubled> {
    let head = record.head();
    let number = head.witnesses.fetch_add(1, Relaxed) + 1;
    head.witness.clear();
    let who = head.who.load(Relaxed);
    let holder = Pid::from_raw(head.pids[who as usize].load(Relaxed));
    let had = missing::had(record, who, deed.touches());
    // SAFETY: the child only touches memory and makes system calls; it allocates nothing and ends in _exit or death.
    let child = match unsafe { fork() } {
        Ok(ForkResult::Child) => {
            head.who.store(PROC_LIMIT as u32 - 1 + number, Relaxed);
            die(record, holder, (who, had), deed)
        }
        Ok(ForkResult::Parent { child }) => child,
        Err(errno) => {
            record.note(libc::SYS_clone as u32, asked::NO, -(errno as i64), [0; 6]);
            return Err((trouble::REFUSED, errno as i64, libc::SYS_clone));
        }
    };
    let status = waitpid(child, None).map_err(|errno| (trouble::REFUSED, errno as i64, libc::SYS_wait4))?;
    head.who.store(who, Relaxed);
    let signo = match status {
        WaitStatus::Signaled(_, signal, _) => signal as i64,
        _ => 0,
    };
    // Noted only now, for while it lived the witness was the one to write.
    record.note(libc::SYS_clone as u32, asked::NO, number.into(), [0; 6]);
    record.note(
        libc::SYS_wait4 as u32,
        asked::NO,
        number.into(),
        [signo as u64, 0, 0, 0, 0, 0],
    );
    let (_, si_code, at) = head.witness.seen().unwrap_or_default();
    let args = [number.into(), signo as u64, si_code as u64, at as u64, 0, 0];
    record.note(what::REAPED, asked::NO, 0, args);
    if head.trouble.kind.load(Acquire) == trouble::SENT {
        // The witness's own word is the better one: it was ended by a signal from outside.
        let (signal, by) = (head.trouble.a.load(Relaxed), head.trouble.b.load(Relaxed));
        return Err((trouble::SENT, signal, by));
    }
    Ok((signo, number))
}

/// Did the witness see what the holder saw, signal, code and address, and die of it?
fn confirms(holder: Option<(i32, i32, usize)>, witness: Option<(i32, i32, usize)>, died_of: i64) -> bool {
    holder.is_some_and(|seen| witness == Some(seen) && i64::from(seen.0) == died_of)
}

/// The witness's whole life. It inherits handler, mask, core limit and alternate stack from the holder.
fn die(record: &Shared, holder: Pid, (who, had): (u32, missing::Had), deed: Deed) -> ! {
    let note = |nr: i64, result: i64, args| record.note(nr as u32, asked::NO, result, args);
    let bound = prctl::set_pdeathsig(Signal::SIGKILL);
    note(
        libc::SYS_prctl,
        code(bound),
        [libc::PR_SET_PDEATHSIG as u64, Signal::SIGKILL as u64, 0, 0, 0, 0],
    );
    let parent = getppid();
    note(libc::SYS_getppid, parent.as_raw().into(), [0; 6]);
    if parent == holder {
        // Only here, where a core file would be written: a holder must stay readable in /proc.
        let quiet = prctl::set_dumpable(false);
        note(
            libc::SYS_prctl,
            code(quiet),
            [libc::PR_SET_DUMPABLE as u64, 0, 0, 0, 0, 0],
        );
        alarm::set(PATIENCE);
        note(ALARM, 0, alarm_args(PATIENCE));
        missing::inherit(record, who, had);
        // SAFETY: the handler is inherited from the holder; it lets the second fault kill. This very access faulted in the
        // holder, so it changes nothing; and a routine of the C library stores where the script says, and this process may die.
        unsafe { deed.again() };
    }
    note(libc::SYS_exit_group, 0, [0; 6]);
    // SAFETY: _exit runs nothing of ours.
    unsafe { libc::_exit(0) }
}

/// SS_DISABLE.
const NO_STACK: libc::stack_t = libc::stack_t {
    ss_sp: std::ptr::null_mut(),
    ss_flags: libc::SS_DISABLE,
    ss_size: 0,
};

/// How a forked child that was to endure an access came out of it.
pub enum End {
    /// it died of this signal
    Killed(i32),
    /// its handler was called again and again
    Looped,
    /// the access raised nothing
    Lived,
}

/// Make an access in a forked child that ignores or blocks the signals of a fault, or whose handler repairs nothing. The
/// wait status is the only witness, for the one who could tell more may be dead. The error is a kind of `trouble`.
pub fn endure(record: &Shared, address: usize, access: Access, how: OnFault) -> Result<End, (u32, i64, i64)> {
    let head = record.head();
    let number = head.witnesses.fetch_add(1, Relaxed) + 1;
    let who = head.who.load(Relaxed);
    let holder = Pid::from_raw(head.pids[who as usize].load(Relaxed));
    let had = missing::had(record, who, Deed::Access(address, access).touches());
    // SAFETY: the child only touches memory and makes system calls; it allocates nothing and ends in _exit or death.
    let child = match unsafe { fork() } {
        Ok(ForkResult::Child) => {
            head.who.store(PROC_LIMIT as u32 - 1 + number, Relaxed);
            let looped = suffer(record, holder, (who, had), (address, access), how);
            let args = [u64::from(looped), 0, 0, 0, 0, 0];
            record.note(libc::SYS_exit_group as u32, asked::NO, 0, args);
            // SAFETY: _exit runs nothing of ours.
            unsafe { libc::_exit(i32::from(looped)) }
        }
        Ok(ForkResult::Parent { child }) => child,
        Err(errno) => {
            record.note(libc::SYS_clone as u32, asked::NO, -(errno as i64), [0; 6]);
            return Err((trouble::REFUSED, errno as i64, libc::SYS_clone));
        }
    };
    let status = waitpid(child, None).map_err(|errno| (trouble::REFUSED, errno as i64, libc::SYS_wait4))?;
    head.who.store(who, Relaxed);
    head.mode.store(mode::NOTE, Relaxed);
    record.note(libc::SYS_clone as u32, asked::NO, number.into(), [0; 6]);
    let (end, signo, code) = match status {
        WaitStatus::Signaled(_, signal @ (Signal::SIGBUS | Signal::SIGSEGV), _) => {
            (End::Killed(signal as i32), signal as u64, 0)
        }
        WaitStatus::Exited(_, 1) => (End::Looped, 0, 1),
        WaitStatus::Exited(_, 0) => (End::Lived, 0, 0),
        _ => return Err((trouble::WITNESS, 0, number.into())),
    };
    record.note(
        libc::SYS_wait4 as u32,
        asked::NO,
        number.into(),
        [signo, 0, code, 0, 0, 0],
    );
    let first = head.holder.seen().filter(|_| how == OnFault::OwnStack && signo != 0);
    let args = match first {
        // Two signals: the fault's, for whose handler there is no stack, and the one that kills for that.
        Some((first, si_code, at)) => [number.into(), signo, si_code as u64, at as u64, 2, first as u64],
        None => [number.into(), signo, 0, 0, 1, code],
    };
    record.note(what::REAPED, asked::NO, 0, args);
    Ok(end)
}

/// Did the access fault again and again?
fn suffer(
    record: &Shared,
    holder: Pid,
    (who, had): (u32, missing::Had),
    (address, access): (usize, Access),
    how: OnFault,
) -> bool {
    let note = |nr: i64, result: i64, args| record.note(nr as u32, asked::NO, result, args);
    let bound = prctl::set_pdeathsig(Signal::SIGKILL);
    note(
        libc::SYS_prctl,
        code(bound),
        [libc::PR_SET_PDEATHSIG as u64, Signal::SIGKILL as u64, 0, 0, 0, 0],
    );
    let parent = getppid();
    note(libc::SYS_getppid, parent.as_raw().into(), [0; 6]);
    if parent != holder {
        return false;
    }
    let quiet = prctl::set_dumpable(false);
    note(
        libc::SYS_prctl,
        code(quiet),
        [libc::PR_SET_DUMPABLE as u64, 0, 0, 0, 0, 0],
    );
    alarm::set(PATIENCE);
    note(ALARM, 0, alarm_args(PATIENCE));
    missing::inherit(record, who, had);
    match how {
        OnFault::Ignore => {
            let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
            for signal in [Signal::SIGBUS, Signal::SIGSEGV] {
                // SAFETY: the action is no Rust code.
                let done = unsafe { sigaction(signal, &ignore) }.map(drop);
                record.note(
                    libc::SYS_rt_sigaction as u32,
                    asked::YES,
                    code(done),
                    [signal as u64, 2, 0, 0, 0, 0],
                );
            }
        }
        OnFault::Block => {
            let set: SigSet = [Signal::SIGBUS, Signal::SIGSEGV].into_iter().collect();
            let done = sigprocmask(SigmaskHow::SIG_BLOCK, Some(&set), None);
            record.note(
                libc::SYS_rt_sigprocmask as u32,
                asked::YES,
                code(done),
                [1, 0, 0, 0, 0, 0],
            );
        }
        OnFault::OwnStack => {
            record.head().mode.store(mode::RETURN, Relaxed);
            // SAFETY: the alternate stack is not in use here, and nobody needs it any more: this child's handler is to have none.
            let done = Errno::result(unsafe { libc::sigaltstack(&NO_STACK, std::ptr::null_mut()) }).map(drop);
            record.note(libc::SYS_sigaltstack as u32, asked::YES, code(done), [0; 6]);
        }
        _ => record.head().mode.store(mode::RETURN, Relaxed),
    }
    record.head().faults.store(0, Relaxed);
    let value = match how {
        // SAFETY: it has faulted in the holder, so it faults here; the handler lands in the end, where its frame finds room, and
        // below `address` there is nothing but the experiment.
        OnFault::OwnStack => unsafe { access::make_on_stack(address, access) },
        // SAFETY: the handler, where there is one left, is inherited from the holder and lands in the end; a store that does
        // not fault changes only this child's copy, or a shared page that the holder will store the same byte to.
        _ => unsafe { access::make(address, access) },
    };
    value.is_none()
}

fn code(result: nix::Result<()>) -> i64 {
    result.map_or_else(|errno| -(errno as i64), |()| 0)
}

#[cfg(test)]
mod tests {
    use super::confirms;

    #[test]
    fn another_signal_code_or_address_confirms_nothing() {
        let seen = (7, 2, 0x2fff);
        assert!(confirms(Some(seen), Some(seen), 7));
        for other in [(11, 2, 0x2fff), (7, 3, 0x2fff), (7, 2, 0x2000)] {
            assert!(!confirms(Some(seen), Some(other), 7), "{other:?}");
        }
        assert!(!confirms(Some(seen), None, 7), "its handler never ran");
        assert!(!confirms(None, None, 0), "nothing faulted");
        assert!(!confirms(Some(seen), Some(seen), 11), "it died of something else");
        assert!(!confirms(Some(seen), Some(seen), 0), "it lived");
    }
}
