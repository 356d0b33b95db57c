//! A SIGBUS that a process sends itself: what a handler must tell from one that an access raised.
#![allow(unsafe_code)]

use std::sync::atomic::Ordering::Relaxed;

use nix::errno::Errno;
use nix::unistd::getpid;

use super::{Answer, GaveUp, Holder, answer};
use crate::kernel::record::{asked, mode, trouble};
use crate::op::Sending;

/// siginfo_t of a signal that was queued: sigaction(2), asm-generic/siginfo.h. The sender fills it in; sigqueue(3) would ask
/// the kernel for its user first, which here is of no interest.
#[repr(C)]
#[derive(Default)]
struct Queued {
    signo: i32,
    errno: i32,
    code: i32,
    padding: i32,
    pid: i32,
    uid: u32,
    value: u64,
    rest: [u64; 12],
}

const _: () = assert!(size_of::<Queued>() == size_of::<libc::siginfo_t>());

impl Holder<'_> {
    /// Send it; it arrives before the call returns, for it is not blocked and nobody else could take it.
    pub(super) fn raise(&mut self, how: Sending) -> Result<Answer, GaveUp> {
        let head = self.record.head();
        head.holder.clear();
        head.mode.store(mode::SENT, Relaxed);
        let me = getpid().as_raw();
        self.note_as(asked::NO, libc::SYS_getpid, [0; 6], Ok(me), i64::from);
        let (nr, args) = match how {
            Sending::Raise => (libc::SYS_tgkill, [me as u64, me as u64, libc::SIGBUS as u64, 0, 0, 0]),
            Sending::Kill => (libc::SYS_kill, [me as u64, libc::SIGBUS as u64, 0, 0, 0, 0]),
            Sending::Queue => (libc::SYS_rt_sigqueueinfo, [me as u64, libc::SIGBUS as u64, 0, 0, 0, 0]),
        };
        // Noted beforehand: the handler's lines come before the call returns.
        self.note(nr, args, Ok(0), i64::from);
        let sent = match how {
            // SAFETY: two numbers of this very thread, and a signal with a handler; no memory is touched.
            Sending::Raise => unsafe { libc::syscall(nr, me, me, libc::SIGBUS) },
            // SAFETY: as above.
            Sending::Kill => unsafe { libc::syscall(nr, me, libc::SIGBUS) },
            Sending::Queue => {
                let told = Queued {
                    signo: libc::SIGBUS,
                    code: libc::SI_QUEUE,
                    pid: me,
                    ..Queued::default()
                };
                // SAFETY: as above; `told` is as long as the kernel's siginfo_t, and is only read.
                unsafe { libc::syscall(nr, me, libc::SIGBUS, &raw const told) }
            }
        };
        head.mode.store(mode::NOTE, Relaxed);
        Errno::result(sent).map_err(|errno| self.refused(nr, errno))?;
        match head.holder.seen() {
            Some((signo, code, _)) => Ok([answer::FAULT, signo as u64, code as u64, 0, 0, 0]),
            None => Err(self.give_up(trouble::WITNESS, 0, 0)),
        }
    }
}
