//! mremap(2): a mapping that changes its length or its place. It may not know what a touch would meet.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::errno::{EFAULT, EINVAL, ENOMEM, EPERM};
use super::space::{ANONYMOUS, Vma, pages};
use super::{Model, Reason, Refusal, Ruled, because};
use crate::op::{AreaId, Place, ProcId, Prot};

impl Model {
    /// mremap(2), in the order of mm/mremap.c. The file is never extended by it.
    pub(super) fn remap(
        &mut self,
        by: ProcId,
        at: Place,
        len: u64,
        new: u64,
        to: Option<Place>,
        keep: bool,
    ) -> Result<Ruled, Refusal> {
        self.aligned(at)?;
        if new == 0 {
            return Err(Refusal(EINVAL, because::NEW_LENGTH_ZERO));
        }
        let (old_end, new_end) = (self.end(at.at, len), self.end(at.at, new));
        if keep && (new_end != old_end || to.is_none()) {
            return Err(Refusal(EINVAL, because::KEEP_MOVES));
        }
        if let Some(to) = to {
            self.aligned(to)?;
            if to.area == at.area && to.at < old_end && at.at < self.end(to.at, new) {
                return Err(Refusal(EINVAL, because::OVERLAP));
            }
            if new_end == old_end && self.world.kernel >= (6, 17, 0) {
                return self.move_all(by, at, old_end, to, keep);
            }
        }
        let vma = self.movable(by, at)?;
        if to.is_none() && new_end <= old_end {
            // What is cut off may be anything.
            self.make_free(by, at.area, new_end, old_end)?;
            return Ok(Ruled::done(Reason::Call));
        }
        if len == 0 && !vma.may_share {
            return Err(Refusal(EINVAL, because::PRIVATE_TWICE));
        }
        // What moves or grows is of one VMA.
        let kept = old_end.min(new_end);
        if kept > vma.end {
            return Err(Refusal(EFAULT, because::MORE_THAN_ONE_VMA));
        }
        if !self.processes[by].may_expand((new_end - old_end).max(0) as u64) {
            return Err(Refusal(ENOMEM, because::AS));
        }
        match to {
            Some(to) => self.move_one(by, at, (old_end, new_end), to, keep),
            None => self.grow(by, at.area, old_end, new_end, vma),
        }
    }

    /// The VMA that is to change; a sealed one does not (mm/mremap.c, check_prep_vma).
    fn movable(&self, by: ProcId, at: Place) -> Result<Vma, Refusal> {
        match self.processes[by].spaces[at.area].find(at.at) {
            None => Err(Refusal(EFAULT, because::OLD_NOT_MAPPED)),
            Some(vma) if vma.sealed => Err(Refusal(EPERM, because::SEALED_MAPPING)),
            Some(vma) => Ok(*vma),
        }
    }

    /// Where it stands, and only over free addresses.
    fn grow(&mut self, by: ProcId, area: AreaId, old_end: i64, new_end: i64, vma: Vma) -> Result<Ruled, Refusal> {
        let space = &mut self.processes[by].spaces[area];
        if space.overlapping(old_end, new_end).next().is_some() {
            return Err(Refusal(ENOMEM, because::MAY_NOT_MOVE));
        }
        space.insert(Vma {
            start: old_end,
            end: new_end,
            ..vma
        });
        self.fill_locked(by, area, old_end, new_end, vma);
        Ok(Ruled::done(Reason::Call))
    }

    /// A move that changes the length: the new place is made free first, and then what is cut off goes.
    fn move_one(
        &mut self,
        by: ProcId,
        at: Place,
        (old_end, new_end): (i64, i64),
        to: Place,
        keep: bool,
    ) -> Result<Ruled, Refusal> {
        let by_bytes = to.at - at.at;
        self.make_free(by, to.area, to.at, new_end + by_bytes)?;
        // A second mapping of the same, for a length of 0, may have been sent to where the first stood.
        let vma = self.movable(by, at)?;
        self.make_free(by, at.area, new_end, old_end)?;
        self.carry(by, at, old_end.min(new_end), (to, new_end - at.at), vma, keep)?;
        self.fill_locked(by, to.area, old_end + by_bytes, new_end + by_bytes, vma);
        Ok(Ruled::done(Reason::Call))
    }

    /// A move that changes no length takes all VMAs of the range along, since 6.17 (mm/mremap.c, remap_move).
    fn move_all(&mut self, by: ProcId, at: Place, old_end: i64, to: Place, keep: bool) -> Result<Ruled, Refusal> {
        let space = &self.processes[by].spaces[at.area];
        if space.find(at.at).is_none() {
            return Err(Refusal(EFAULT, because::OLD_NOT_MAPPED));
        }
        let vmas: Vec<Vma> = space.overlapping(at.at, old_end).copied().collect();
        for vma in vmas {
            let (from, end) = (vma.start.max(at.at), vma.end.min(old_end));
            // A device with a way of its own to choose addresses moves alone (mm/mremap.c, vma_multi_allowed).
            let alone = from == at.at && end == old_end;
            if !alone && vma.zero && vma.object.is_none() {
                return Err(Refusal(EFAULT, because::DEVICE_ALONE));
            }
            if !alone && vma.missing.is_some() {
                return Err(Refusal(EFAULT, because::WATCHED_ALONE));
            }
            // What stood before it has moved by now.
            let (old, to) = (at.area_at(from), to.plus(from - at.at));
            self.movable(by, old)?;
            self.make_free(by, to.area, to.at, to.at + (end - from))?;
            self.carry(by, old, end, (to, end - from), vma, keep)?;
        }
        Ok(Ruled::done(Reason::Call))
    }

    /// What a locked mapping gains is brought in at once.
    fn fill_locked(&mut self, by: ProcId, area: AreaId, from: i64, to: i64, vma: Vma) {
        if vma.locked {
            let prot = Prot { read: true, ..vma.prot };
            self.populate(by, area, from, to, prot);
        }
    }

    /// Put the VMA, from `at` to `end`, at a new and free place of so many bytes, with its private copies and guards.
    fn carry(
        &mut self,
        by: ProcId,
        at: Place,
        end: i64,
        (to, length): (Place, i64),
        vma: Vma,
        keep: bool,
    ) -> Result<(), Refusal> {
        // What stays counts twice (mm/mremap.c, mremap_to).
        if keep && !self.processes[by].may_expand(length as u64) {
            return Err(Refusal(ENOMEM, because::AS));
        }
        let page = self.page();
        let by_pages = (to.at - at.at) / page as i64;
        let (first, last) = pages(at.at, end, page);
        let spaces = &mut self.processes[by].spaces;
        let old = &spaces[at.area];
        let copies: Vec<_> = old
            .copies
            .range(first..last)
            .map(|(page, runs)| (page + by_pages, runs.clone()))
            .collect();
        let moved =
            |pages: &BTreeSet<i64>| -> Vec<i64> { pages.range(first..last).map(|page| page + by_pages).collect() };
        let (present, guards) = (moved(&old.present), moved(&old.guards));
        // Private memory that nobody has stored to is as new at its new place, and may join its neighbours there (mm/vma.c,
        // copy_vma); what was stored knows where it came from.
        let anew = vma.object.is_none() && vma.anon.is_none();
        let space = &mut spaces[to.area];
        space.insert(Vma {
            start: to.at,
            end: to.at + length,
            shift: if anew {
                ANONYMOUS[to.area]
            } else {
                vma.shift + at.at - to.at
            },
            ..vma
        });
        space.unwatch(to.at);
        space.copies.extend(copies);
        space.guards.extend(guards);
        space.present.extend(present);
        self.leave(by, at.area, at.at, end, keep);
        Ok(())
    }

    /// What becomes of the old range: it goes, or its mapping stays without the pages that have moved.
    fn leave(&mut self, by: ProcId, area: AreaId, from: i64, end: i64, keep: bool) {
        let page = self.page();
        let space = &mut self.processes[by].spaces[area];
        if !keep {
            return space.remove(from, end, page);
        }
        space.empty(from, end, page);
        // The whole VMA, also what did not move (mm/mremap.c, dontunmap_complete). Its anon_vma goes if all of it has moved.
        for vma in space.vmas.iter_mut().filter(|vma| vma.start < end && from < vma.end) {
            vma.locked = false;
            vma.anon = vma.anon.filter(|_| (vma.start, vma.end) != (from, end));
        }
    }
}
