//! The witness: a child of the holder, forked after a fault, which repeats the access and really dies of the signal.
//! Between fork and death it allocates nothing. It may not know whether anybody wanted the fault.
#![allow(unsafe_code)]

use std::sync::atomic::Ordering::{Acquire, Relaxed};

use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, alarm, fork, getppid};

use super::access;
use super::prologue::{ALARM, alarm_args};
use super::record::{Shared, trouble, what};
use crate::op::Access;

/// A witness may take this long, in seconds.
const PATIENCE: u32 = 2;

/// Repeat the access that has just faulted, in a forked child, and see it die of the same signal, si_code and si_addr.
/// The error is a kind of `trouble` with its numbers.
pub fn repeat(record: &Shared, address: usize, access: Access) -> Result<(), (u32, i64, i64)> {
    let head = record.head();
    let number = head.witnesses.fetch_add(1, Relaxed) + 1;
    head.witness.clear();
    let holder = Pid::from_raw(head.pid.load(Relaxed));
    // SAFETY: the child only touches memory and makes system calls; it allocates nothing and ends in _exit or death.
    let child = match unsafe { fork() } {
        Ok(ForkResult::Child) => {
            head.who.store(number, Relaxed);
            die(record, holder, address, access)
        }
        Ok(ForkResult::Parent { child }) => child,
        Err(errno) => {
            record.note(libc::SYS_clone as u32, false, -(errno as i64), [0; 6]);
            return Err((trouble::REFUSED, errno as i64, libc::SYS_clone));
        }
    };
    let status =
        waitpid(child, None).map_err(|errno| (trouble::REFUSED, errno as i64, libc::SYS_wait4))?;
    head.who.store(0, Relaxed);
    let signo = match status {
        WaitStatus::Signaled(_, signal, _) => signal as i64,
        _ => 0,
    };
    // Noted only now, for while it lived the witness was the one to write.
    record.note(libc::SYS_clone as u32, false, number.into(), [0; 6]);
    record.note(
        libc::SYS_wait4 as u32,
        false,
        number.into(),
        [signo as u64, 0, 0, 0, 0, 0],
    );
    let (_, si_code, at) = head.witness.seen().unwrap_or_default();
    let args = [number.into(), signo as u64, si_code as u64, at as u64, 0, 0];
    record.note(what::REAPED, false, 0, args);
    if head.trouble.kind.load(Acquire) == trouble::SENT {
        // The witness's own word is the better one: it was ended by a signal from outside.
        let (signal, by) = (head.trouble.a.load(Relaxed), head.trouble.b.load(Relaxed));
        return Err((trouble::SENT, signal, by));
    }
    if !confirms(head.holder.seen(), head.witness.seen(), signo) {
        return Err((trouble::WITNESS, signo, number.into()));
    }
    Ok(())
}

/// Did the witness see what the holder saw, signal, code and address, and die of it?
fn confirms(holder: Option<(i32, i32, usize)>, witness: Option<(i32, i32, usize)>, died_of: i64) -> bool {
    holder.is_some_and(|seen| witness == Some(seen) && i64::from(seen.0) == died_of)
}

/// The witness's whole life. It inherits handler, mask, core limit and alternate stack from the holder.
fn die(record: &Shared, holder: Pid, address: usize, access: Access) -> ! {
    let note = |nr: i64, result: i64, args| record.note(nr as u32, false, result, args);
    let bound = prctl::set_pdeathsig(Signal::SIGKILL);
    note(
        libc::SYS_prctl,
        code(bound),
        [
            libc::PR_SET_PDEATHSIG as u64,
            Signal::SIGKILL as u64,
            0,
            0,
            0,
            0,
        ],
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
        match access {
            // SAFETY: the handler is inherited from the holder; it lets the second fault kill.
            Access::Load => drop(unsafe { access::load(address) }),
            // SAFETY: likewise; this very store faulted in the holder, so it changes nothing.
            Access::Store(value) => drop(unsafe { access::store(address, value) }),
        }
    }
    note(libc::SYS_exit_group, 0, [0; 6]);
    // SAFETY: _exit runs nothing of ours.
    unsafe { libc::_exit(0) }
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
