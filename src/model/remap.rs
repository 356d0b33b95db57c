//! mremap(2): a mapping that changes its length or its place. It may not know what a touch would meet.

use alloc::vec::Vec;

use super::errno::{EFAULT, EINVAL, ENOMEM};
use super::space::{Vma, pages};
use super::{Model, Reason, Refusal, Ruled, because};
use crate::op::{Place, ProcId};

impl Model {
    /// mremap(2), in the order of mm/mremap.c. The file is never extended by it.
    pub(super) fn remap(
        &mut self,
        by: ProcId,
        at: Place,
        len: u64,
        new: u64,
        to: Option<Place>,
    ) -> Result<Ruled, Refusal> {
        self.aligned(at)?;
        if new == 0 {
            return Err(Refusal(EINVAL, because::NEW_LENGTH_ZERO));
        }
        let (old_end, page) = (self.end(at.at, len), self.page());
        if let Some(to) = to {
            self.aligned(to)?;
            let to_end = self.end(to.at, new);
            if to.area == at.area && to.at < old_end && at.at < to_end {
                return Err(Refusal(EINVAL, because::OVERLAP));
            }
        }
        let space = &mut self.processes[by].spaces[at.area];
        let Some(vma) = space.find(at.at).copied() else {
            return Err(Refusal(EFAULT, because::OLD_NOT_MAPPED));
        };
        let new_end = at.at + (crate::op::round_up(new, page) as i64);
        match to {
            None if new_end <= old_end => {
                space.remove(new_end, old_end, page);
                Ok(Ruled::done(Reason::Call))
            }
            // A move that changes no length takes all VMAs of the range along, since 6.17 (mm/mremap.c, remap_move).
            Some(to) if new_end == old_end && self.world.kernel >= (6, 17, 0) => {
                let vmas: Vec<Vma> = space.overlapping(at.at, old_end).copied().collect();
                for vma in vmas {
                    let (from, end) = (vma.start.max(at.at), vma.end.min(old_end));
                    let old = at.area_at(from);
                    self.carry(by, old, end, end - from, to.plus(from - at.at), vma);
                    self.processes[by].spaces[at.area].remove(from, end, page);
                }
                Ok(Ruled::done(Reason::Call))
            }
            _ if old_end > vma.end => Err(Refusal(EFAULT, because::MORE_THAN_ONE_VMA)),
            None if old_end != vma.end || space.overlapping(old_end, new_end).next().is_some() => {
                Err(Refusal(ENOMEM, because::MAY_NOT_MOVE))
            }
            None => {
                space.remove(old_end, new_end, page);
                space.insert(Vma {
                    start: old_end,
                    end: new_end,
                    ..vma
                });
                Ok(Ruled::done(Reason::Call))
            }
            Some(to) => {
                self.carry(by, at, old_end.min(new_end), new_end - at.at, to, vma);
                self.processes[by].spaces[at.area].remove(at.at, old_end, page);
                Ok(Ruled::done(Reason::Call))
            }
        }
    }

    /// Put `length` bytes of the VMA at a new place, with the private copies and the guards of the part up to `old_end`.
    fn carry(&mut self, by: ProcId, at: Place, old_end: i64, length: i64, to: Place, vma: Vma) {
        let page = self.page();
        let by_pages = (to.at - at.at) / page as i64;
        let (first, last) = pages(at.at, old_end, page);
        let spaces = &mut self.processes[by].spaces;
        let old = &spaces[at.area];
        let copies: Vec<_> = old
            .copies
            .range(first..last)
            .map(|(at, runs)| (*at, runs.clone()))
            .collect();
        let present: Vec<i64> = old.present.range(first..last).copied().collect();
        let guards: Vec<i64> = old.guards.range(first..last).copied().collect();
        let space = &mut spaces[to.area];
        space.remove(to.at, to.at + length, page);
        space.insert(Vma {
            start: to.at,
            end: to.at + length,
            shift: vma.shift + at.at - to.at,
            ..vma
        });
        space
            .copies
            .extend(copies.into_iter().map(|(page, runs)| (page + by_pages, runs)));
        space.guards.extend(guards.into_iter().map(|page| page + by_pages));
        space.present.extend(present.into_iter().map(|page| page + by_pages));
    }
}
