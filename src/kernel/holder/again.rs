//! Many scripts, one after another in one holder: a fork costs more than a script does. Between two of them everything
//! goes that the first has made: mappings, descriptors, what it had arranged for faults. Limits, mounts, seals of
//! memory and userfaultfds cannot be taken back, so scripts with those need a holder of their own.
#![allow(unsafe_code)]

use std::sync::atomic::Ordering::Relaxed;

use nix::errno::Errno;

use super::{GaveUp, Holder};
use crate::kernel::areas;
use crate::op::{OnFault, Op, Script};

impl Holder<'_> {
    /// Run them all as process A. Only for a child that is about to `_exit`.
    pub fn run_all(&mut self, scripts: &[&Script]) -> Result<(), GaveUp> {
        let acts = || scripts.iter().flat_map(|script| &script.acts);
        self.reserve(areas(acts(), self.options.page))?;
        if acts().any(|act| matches!(act.op, Op::Fork { .. })) {
            self.make_turns()?;
        }
        for script in scripts {
            self.go_on(&script.acts, 0)?;
            self.first += script.acts.len();
            self.forget()?;
        }
        Ok(())
    }

    /// As if nothing had happened.
    fn forget(&mut self) -> Result<(), GaveUp> {
        let reserve = self.record.head().reserve.load(Relaxed);
        // SAFETY: exactly the stretch that `reserve` found free; every mapping of the script lies in it, and no Rust object.
        let gone = Errno::result(unsafe { libc::munmap(reserve as *mut _, self.reserved) });
        gone.map_err(|errno| self.refused(libc::SYS_munmap, errno))?;
        for file in self.files.iter_mut().filter_map(Option::take).filter(|file| file.open) {
            // SAFETY: the script opened it and has not closed it, and its script is over.
            unsafe { libc::close(file.fd) };
        }
        self.keeps_from_children = false;
        self.mapped.clear();
        self.on_fault = OnFault::Note;
        Ok(())
    }
}
