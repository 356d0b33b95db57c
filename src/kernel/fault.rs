//! The fault handler, one for holder and witness. It looks whether the fault is ours, notes signal, code and address in
//! the shared record, and then the holder goes on behind the access while the witness lets the default action kill it.
//! It allocates nothing, locks nothing and calls nothing but sigaction(2) and _exit(2).
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

use super::access;
use super::record::{Shared, asked, mode, trouble, what};
use crate::op::PROC_LIMIT;

/// The record of this process. Null in a parent, which never handles a fault.
static RECORD: AtomicPtr<Shared> = AtomicPtr::new(std::ptr::null_mut());

/// SA_SIGINFO for code and address; SA_ONSTACK so that a bad stack pointer is no obstacle; SA_NODEFER so that a witness's
/// repeated access meets an unblocked signal whatever happens in between.
pub const FLAGS: SaFlags = SaFlags::SA_SIGINFO
    .union(SaFlags::SA_ONSTACK)
    .union(SaFlags::SA_NODEFER);

/// From now on faults of this process are noted in `record`. The calls made are noted there too.
///
/// # Safety
///
/// `record` must outlive the process's last fault.
pub unsafe fn install(record: &Shared) -> nix::Result<()> {
    RECORD.store(std::ptr::from_ref(record).cast_mut(), Release);
    let action = SigAction::new(SigHandler::SigAction(on_fault), FLAGS, SigSet::empty());
    for signal in [Signal::SIGBUS, Signal::SIGSEGV] {
        // SAFETY: `on_fault` is async-signal-safe: atomics, sigaction and _exit.
        unsafe { sigaction(signal, &action)? };
        record.note(
            libc::SYS_rt_sigaction as u32,
            asked::NO,
            0,
            [signal as u64, 1, 0, 0, 0, 0],
        );
    }
    Ok(())
}

extern "C" fn on_fault(signo: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let record: *const Shared = RECORD.load(Acquire);
    if record.is_null() {
        reset(signo);
        return;
    }
    // SAFETY: `install` was promised that the record outlives this process's faults.
    let record = unsafe { &*record };
    // SAFETY: the kernel passes a valid siginfo to a handler installed with SA_SIGINFO.
    let info = unsafe { &*info };
    if record.head().mode.load(Relaxed) == mode::SENT && info.si_code <= 0 && sent_by_itself(record, info) {
        let slot = &record.head().holder;
        slot.code.store(info.si_code, Relaxed);
        slot.address.store(0, Relaxed);
        slot.signo.store(signo, Release);
        let args = [signo as u64, info.si_code as u64, 0, 0, 0, 0];
        record.note(what::SIGNAL, asked::NO, 0, args);
        record.note(libc::SYS_rt_sigreturn as u32, asked::NO, 0, [0; 6]);
        return;
    }
    if !raised_by_access(signo, info.si_code) {
        let sender = if info.si_code <= 0 {
            // SAFETY: a signal that was sent carries its sender.
            unsafe { info.si_pid() }
        } else {
            0
        };
        record.head().trouble.a.store(signo.into(), Relaxed);
        record.head().trouble.b.store(sender.into(), Relaxed);
        record.head().trouble.kind.store(trouble::SENT, Release);
        // SAFETY: _exit is async-signal-safe and runs nothing of ours.
        unsafe { libc::_exit(1) }
    }
    // SAFETY: the kernel passes the interrupted context to a handler installed with SA_SIGINFO.
    let pc = unsafe { program_counter(context.cast()) };
    let mode = record.head().mode.load(Relaxed);
    if !access::is_access(*pc) && mode != mode::LIBRARY {
        reset(signo); // not ours: the same instruction faults again, and kills
        return;
    }
    // SAFETY: a fault's siginfo carries its address.
    let address = unsafe { info.si_addr() } as usize;
    let witness = record.head().who.load(Relaxed) >= PROC_LIMIT as u32;
    let slot = if witness {
        &record.head().witness
    } else {
        &record.head().holder
    };
    slot.code.store(info.si_code, Relaxed);
    slot.address.store(address, Relaxed);
    slot.signo.store(signo, Release);
    record.note(
        what::SIGNAL,
        asked::NO,
        0,
        [signo as u64, info.si_code as u64, address as u64, 0, 0, 0],
    );
    let times = record.head().faults.fetch_add(1, Relaxed) + 1;
    if matches!(mode, mode::NOTE | mode::LIBRARY) && witness {
        reset(signo);
        let args = [signo as u64, 0, 0, 0, 0, 0];
        record.note(libc::SYS_rt_sigaction as u32, asked::NO, 0, args);
    } else if mode == mode::NOTE {
        // SAFETY: installed with `FLAGS` and no mask, for an access of ours; nothing here needs a drop.
        unsafe { access::go_on(context.cast()) }
    } else if times >= mode::PATIENCE || mode != mode::RETURN && times > 1 {
        *pc = access::landing(*pc);
    } else if mode != mode::RETURN {
        repair(record, mode, address);
    }
    record.note(libc::SYS_rt_sigreturn as u32, asked::NO, 0, [0; 6]);
}

/// What a handler of the script does before it returns; both calls are async-signal-safe on Linux.
fn repair(record: &Shared, mode: u32, address: usize) {
    let [a, b] = record.head().repair.each_ref().map(|number| number.load(Relaxed));
    if mode == mode::GROW {
        // SAFETY: ftruncate touches no memory of this process.
        let done = unsafe { libc::ftruncate(a as i32, b as i64) };
        record.note(libc::SYS_ftruncate as u32, asked::YES, done.into(), [a, b, 0, 0, 0, 0]);
        return;
    }
    let page = a as usize;
    let start = address / page * page;
    let (prot, flags) = (
        libc::PROT_READ | libc::PROT_WRITE,
        libc::MAP_PRIVATE | libc::MAP_FIXED | libc::MAP_ANONYMOUS,
    );
    // SAFETY: the access that faulted lies where the script may touch, and no Rust object does: `parent::stays_inside`.
    let place = unsafe { libc::mmap(start as *mut c_void, page, prot, flags, -1, 0) };
    let args = [start as u64, a, prot as u64, flags as u64, u64::MAX, 0];
    record.note(libc::SYS_mmap as u32, asked::YES, place as i64, args);
}

/// Did this process send it?
fn sent_by_itself(record: &Shared, info: &libc::siginfo_t) -> bool {
    let head = record.head();
    let me = head.pids.get(head.who.load(Relaxed) as usize);
    // SAFETY: a signal with a code up to 0 carries its sender.
    let sender = unsafe { info.si_pid() };
    me.is_some_and(|me| me.load(Relaxed) == sender)
}

/// Does such a signal come from the instruction at hand? Not where a process sent it (a code up to 0), and not where the
/// kernel tells of memory found broken elsewhere: BUS_MCEERR_AO, "action optional", arrives at any moment. sigaction(2).
pub fn raised_by_access(signo: c_int, si_code: c_int) -> bool {
    si_code > 0 && (signo, si_code) != (libc::SIGBUS, libc::BUS_MCEERR_AO)
}

/// Give the signal its default action again.
fn reset(signo: c_int) {
    let action = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    if let Ok(signal) = Signal::try_from(signo) {
        // SAFETY: the default action is no Rust code. Should it fail, the alarm ends the loop of faults that follows.
        let _ = unsafe { sigaction(signal, &action) };
    }
}

/// The register that says which instruction faulted.
///
/// # Safety
///
/// `context` must be what the kernel passed to the handler that is running.
unsafe fn program_counter<'a>(context: *mut libc::ucontext_t) -> &'a mut usize {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: by the caller's promise the context is valid, and only this handler refers to it.
    let register = unsafe { &raw mut (*context).uc_mcontext.gregs[libc::REG_RIP as usize] };
    #[cfg(target_arch = "aarch64")]
    // SAFETY: by the caller's promise the context is valid, and only this handler refers to it.
    let register = unsafe { &raw mut (*context).uc_mcontext.pc };
    // SAFETY: a 64-bit register is a usize on both architectures.
    unsafe { &mut *register.cast::<usize>() }
}

#[cfg(test)]
mod tests {
    use super::raised_by_access;

    #[test]
    fn what_is_sent_or_arrives_by_itself_is_no_fault() {
        let (bus, segv) = (libc::SIGBUS, libc::SIGSEGV);
        for code in [libc::SI_USER, libc::SI_TKILL, libc::SI_QUEUE] {
            assert!(!raised_by_access(bus, code) && !raised_by_access(segv, code));
        }
        assert!(!raised_by_access(bus, libc::BUS_MCEERR_AO));
        assert!(
            raised_by_access(bus, libc::BUS_MCEERR_AR),
            "the very byte that was touched"
        );
        assert!(raised_by_access(bus, libc::BUS_ADRERR));
        // The same number means another thing for another signal.
        assert!(raised_by_access(segv, libc::BUS_MCEERR_AO));
    }
}
