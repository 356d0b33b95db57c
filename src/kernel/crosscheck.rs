//! A cross-check of the instrument by another hand: the same faults, caught in a child through signal-hook, must have
//! the same signal, si_code and si_addr. signal-hook is no instrument itself: it refuses SIGSEGV in its safe interface,
//! knows no alternate stack, hands out no program counter, and chains to whoever was there before, so that Rust's own
//! handler disarms it after one fault. Hence the default action is restored first, and each child sees one fault.
#![allow(unsafe_code)]

use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::sync::atomic::Ordering::{Relaxed, Release};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};
use nix::sys::prctl;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction, sigprocmask};
use nix::sys::stat::Mode;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, alarm, fork, ftruncate, getpid};

use super::fault::raised_by_access;
use super::prologue::isolate;
use super::record::Shared;
use super::{Options, access};
use crate::op::{Access, Fault, FileKind, Mapping, Op, Place, Prot, Script, Share, Signal as Kind};

/// A fault as signal-hook's action saw it: signo, si_code, si_addr; none where the access did not fault.
///
/// # Errors
///
/// The errno of what was refused.
///
/// # Safety
///
/// A store must not change memory that a Rust object lies in.
unsafe fn through_signal_hook(
    record: &Shared,
    address: usize,
    access: Access,
) -> nix::Result<Option<(i32, i32, usize)>> {
    record.head().holder.clear();
    let parent = getpid();
    // SAFETY: called with one thread; the child registers, touches and ends in _exit.
    match unsafe { fork()? } {
        ForkResult::Child => {
            let ready = isolate(record, parent).and_then(|()| {
                prctl::set_dumpable(false)?;
                sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)
            });
            if ready.is_err() {
                // SAFETY: _exit runs nothing of ours.
                unsafe { libc::_exit(1) }
            }
            alarm::set(2);
            // SAFETY: the action only stores atomics and calls _exit.
            let armed = unsafe { arm(record) };
            if armed.is_ok() {
                // SAFETY: a fault ends in the action, which does not return; the caller promises that no object is changed.
                let _ = unsafe { access::make(address, access) };
            }
            // SAFETY: _exit runs nothing of ours.
            unsafe { libc::_exit(i32::from(armed.is_err())) }
        }
        ForkResult::Parent { child } => match waitpid(child, None)? {
            WaitStatus::Exited(_, 0) => Ok(record.head().holder.seen()),
            _ => Err(Errno::ECHILD),
        },
    }
}

/// # Safety
///
/// The process must end in the action or by `_exit` before `record` is gone.
unsafe fn arm(record: &Shared) -> std::io::Result<()> {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    for signal in [Signal::SIGBUS, Signal::SIGSEGV] {
        // SAFETY: the default action is no Rust code. Without this, Rust's own handler is called first and disarms us.
        unsafe { sigaction(signal, &default) }?;
        let slot = std::ptr::from_ref(&record.head().holder) as usize;
        let action = move |info: &libc::siginfo_t| {
            if !raised_by_access(info.si_signo, info.si_code) {
                // SAFETY: _exit runs nothing of ours. A signal that was sent is no fault.
                unsafe { libc::_exit(2) }
            }
            // SAFETY: the caller promises that the record outlives this process's faults; the slot is in its pages.
            let slot = unsafe { &*(slot as *const super::record::Slot) };
            slot.code.store(info.si_code, Relaxed);
            // SAFETY: a fault's siginfo carries its address.
            slot.address.store(unsafe { info.si_addr() } as usize, Relaxed);
            slot.signo.store(info.si_signo, Release);
            // SAFETY: _exit is async-signal-safe and runs nothing of ours.
            unsafe { libc::_exit(0) }
        };
        // SAFETY: the action is async-signal-safe. This one is allowed for SIGSEGV too, and has the siginfo, whatever
        // its name says.
        unsafe { signal_hook_registry::register_unchecked(signal as i32, action) }?;
    }
    Ok(())
}

/// The three faults of the subject as signal-hook sees them: a load past the end of a file of one byte, a store to a page
/// mapped for loads only, a load behind the mapping. Signal, si_code, and si_addr in bytes from the mapping.
///
/// # Errors
///
/// The errno of what was refused, where the faults could not be made.
pub fn three_faults(options: &Options) -> nix::Result<Vec<Option<Fault>>> {
    // Mapped before the hole is made, or it would settle there.
    let record = Shared::new(64)?;
    let page = options.page as usize;
    let flags = OFlag::O_RDWR | OFlag::O_TMPFILE | OFlag::O_CLOEXEC;
    let file = open(options.dir.as_c_str(), flags, Mode::S_IRUSR | Mode::S_IWUSR)?;
    ftruncate(&file, 1)?;
    let length = |pages: usize| NonZeroUsize::new(pages * page).ok_or(Errno::EINVAL);
    let none = ProtFlags::PROT_NONE;
    // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
    let reserve = unsafe { mmap_anonymous(None, length(3)?, none, MapFlags::MAP_PRIVATE)? };
    let fixed = MapFlags::MAP_SHARED | MapFlags::MAP_FIXED;
    let place = NonZeroUsize::new(reserve.as_ptr() as usize);
    // SAFETY: it replaces two of the three pages reserved above, which nobody refers to.
    let base = unsafe { mmap(place, length(2)?, ProtFlags::PROT_READ, fixed, &file, 0)? };
    let address = base.as_ptr() as usize;
    let third = NonNull::new((address + 2 * page) as *mut _).ok_or(Errno::EINVAL)?;
    // SAFETY: the third page of the reservation, which nobody refers to.
    unsafe { munmap(third, page)? };
    let touches = [(page, Access::Load), (0, Access::Store(1)), (2 * page, Access::Load)];
    let seen = touches.map(|(offset, access)| {
        // SAFETY: the only store goes to the mapping above, where no object lies.
        unsafe { through_signal_hook(&record, address + offset, access) }
    });
    // SAFETY: exactly the mapping made above.
    unsafe { munmap(base, 2 * page)? };
    let fault = |(signo, si_code, seen): (i32, i32, usize)| Fault {
        signal: if signo == libc::SIGBUS {
            Kind::Sigbus
        } else {
            Kind::Sigsegv
        },
        si_code,
        at: Place::base(seen.wrapping_sub(address) as i64),
    };
    seen.into_iter().map(|seen| Ok(seen?.map(fault))).collect()
}

/// The same three faults as a script for the instrument: one answer each, at the end of the script.
pub fn same_script(page: u64) -> Script {
    let touch = |at: u64, access| Op::Touch {
        at: Place::base(at as i64),
        access,
    };
    Script::alone([
        Op::Create {
            file: 0,
            kind: FileKind::Regular,
        },
        Op::Truncate { file: 0, size: 1 },
        Op::Map {
            at: Place::base(0),
            mapping: Mapping::of(0, 0, 2 * page, Prot::READ, Share::Shared),
        },
        touch(page, Access::Load),
        touch(0, Access::Store(1)),
        touch(2 * page, Access::Load),
    ])
}
