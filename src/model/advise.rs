//! madvise(2), and bringing pages in: what each advice changes and refuses. It may not know what a touch would meet but
//! by asking for one.

use alloc::vec::Vec;

use super::errno::{EACCES, EFAULT, EFBIG, EINVAL, ENOMEM, EPERM};
use super::space::{Vma, pages};
use super::{Model, Reason, Refusal, Ruled, because};
use crate::op::{Access, Advice, Outcome, Place, ProcId, Prot};

/// How far pages were brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Populated {
    Whole,
    /// to a page that would raise a signal
    Stopped,
    /// nobody knows: whether a userfaultfd's page of a file is there is not followed
    Perhaps,
}

impl Model {
    /// madvise(2), in the order of mm/madvise.c: what is mapped is worked on, and a gap is told afterwards with ENOMEM;
    /// only pages are brought in no further than to the gap.
    pub(super) fn advise(&mut self, by: ProcId, at: Place, len: u64, advice: Advice) -> Result<Ruled, Refusal> {
        if advice == Advice::Unknown || self.too_new(advice) {
            return Err(Refusal(EINVAL, because::NO_SUCH_ADVICE));
        }
        self.aligned(at)?;
        let end = self.end(at.at, len);
        let space = &self.processes[by].spaces[at.area];
        let reached = space.mapped_until(at.at).min(end);
        let until = match advice {
            Advice::PopulateRead | Advice::PopulateWrite => reached,
            _ => end,
        };
        let vmas: Vec<Vma> = space.overlapping(at.at, until).copied().collect();
        let mut unsure = false;
        for vma in vmas {
            let (from, to) = (vma.start.max(at.at), vma.end.min(end));
            unsure |= self.advise_one(by, at.area, vma, from, to, advice)?;
        }
        if reached < end {
            return Err(Refusal(ENOMEM, because::PAGE_NOT_MAPPED));
        }
        Ok(done_or(EFAULT, unsure))
    }

    /// Guard regions came with 6.13, and for files with 6.15.
    fn too_new(&self, advice: Advice) -> bool {
        match advice {
            Advice::GuardInstall | Advice::GuardRemove => self.world.kernel < (6, 13, 0),
            Advice::PopulateRead | Advice::PopulateWrite => self.world.kernel < (5, 14, 0),
            _ => false,
        }
    }

    /// Is it unsure whether it succeeds?
    fn advise_one(
        &mut self,
        by: ProcId,
        area: usize,
        vma: Vma,
        from: i64,
        to: i64,
        advice: Advice,
    ) -> Result<bool, Refusal> {
        let page = self.page();
        let file_guards = self.world.kernel >= (6, 15, 0);
        let space = &mut self.processes[by].spaces[area];
        let discards = matches!(
            advice,
            Advice::DontNeed
                | Advice::Free
                | Advice::Remove
                | Advice::DontFork
                | Advice::WipeOnFork
                | Advice::GuardInstall
        );
        if vma.sealed && discards && vma.object.is_none() && !vma.prot.write {
            return Err(Refusal(EPERM, because::SEALED_KEEPS));
        }
        match advice {
            Advice::DontNeed | Advice::Remove | Advice::Free if vma.locked => {
                return Err(Refusal(EINVAL, because::LOCKED));
            }
            Advice::DontNeed => space.forget(from, to, page),
            Advice::Free if vma.object.is_some() => {
                return Err(Refusal(EINVAL, because::LAZY_FREE));
            }
            Advice::Free | Advice::WillNeed => {}
            Advice::Remove => {
                let Some(id) = vma.object else {
                    if vma.zero {
                        return Err(Refusal(EACCES, because::MAPPING_NO_WRITE));
                    }
                    return Err(Refusal(EINVAL, because::NO_FILE_TO_PUNCH));
                };
                if !vma.shared || !vma.may_write {
                    return Err(Refusal(EACCES, because::MAPPING_NO_WRITE));
                }
                let object = &mut self.objects[id];
                // While such a mapping is there F_SEAL_WRITE cannot be set, and none is made afterwards.
                if vma.place(to) > object.world.largest_file() {
                    return Err(Refusal(EFBIG, because::LARGEST_FILE));
                }
                if object.seals.future_write {
                    return Err(Refusal(EPERM, because::SEAL_WRITE));
                }
                object.punch(vma.place(from), vma.place(to));
                self.drop_shared(id, vma.place(from), vma.place(to));
                self.split_folios(id);
            }
            Advice::PopulateRead | Advice::PopulateWrite => {
                let store = advice == Advice::PopulateWrite;
                // The VMA's own word counts here (mm/gup.c, check_vma_flags), not what a page table can express.
                if !store && !vma.prot.read || store && !vma.prot.write {
                    return Err(Refusal(EINVAL, because::PROTECTION));
                }
                let prot = if store { Prot::READ_WRITE } else { Prot::READ };
                return match self.populate(by, area, from, to, prot) {
                    Populated::Stopped => Err(Refusal(EFAULT, because::WOULD_SIGBUS)),
                    populated => Ok(populated == Populated::Perhaps),
                };
            }
            Advice::GuardInstall | Advice::GuardRemove
                if vma.locked && advice == Advice::GuardInstall || vma.object.is_some() && !file_guards =>
            {
                return Err(Refusal(EINVAL, because::NO_GUARD));
            }
            Advice::GuardInstall => {
                space.forget(from, to, page);
                let (first, last) = pages(from, to, page);
                space.guards.extend(first..last);
                // VM_MAYBE_GUARD, which has page tables copied at fork(2), of a file it alone; measured on 6.18.
                let flagged = self.world.kernel >= (6, 18, 0);
                if flagged {
                    space.guard(from);
                }
                if vma.object.is_none() || !flagged {
                    self.prepare_anon(by, Place { area, at: from });
                }
            }
            Advice::GuardRemove => space.unguard(from, to, page),
            Advice::DontFork => space.change(from, to, |vma| vma.dont_fork = true),
            Advice::WipeOnFork if vma.object.is_some() || vma.zero => {
                return Err(Refusal(EINVAL, because::WIPE));
            }
            Advice::WipeOnFork => space.change(from, to, |vma| vma.wipe_on_fork = true),
            Advice::Unknown => {}
        }
        Ok(false)
    }

    /// Bring the pages of a stretch in as an access would; false at the first that cannot be, which raises no signal.
    pub(super) fn populate(&mut self, by: ProcId, area: usize, from: i64, to: i64, prot: Prot) -> Populated {
        let page = self.page() as i64;
        let mut populated = Populated::Whole;
        let Some(vma) = self.processes[by].spaces[area].find(from) else {
            return populated;
        };
        let store = prot.write && !vma.shared;
        for at in (from..to).step_by(page as usize) {
            let place = Place { area, at };
            if store {
                self.prepare_anon(by, place);
            }
            let met = self.touch(by, place, Access::Load).possible;
            let bad = met.iter().filter(|outcome| matches!(outcome, Outcome::Fault(_)));
            match bad.count() {
                0 => {}
                bad if bad == met.len() => return Populated::Stopped,
                _ => populated = Populated::Perhaps,
            }
            if store {
                self.own_copy(by, place);
            }
        }
        populated
    }
}

/// Done; or perhaps this errno.
pub(super) fn done_or(errno: i32, unsure: bool) -> Ruled {
    let mut ruled = Ruled::done(Reason::Call);
    ruled.possible.extend(unsure.then_some(Outcome::Errno(errno)));
    ruled
}
