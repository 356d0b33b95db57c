//! mremap(2): a mapping that changes its length or its place. It may not know what a touch would meet.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::errno::{EFAULT, EINVAL, ENOMEM};
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
        let (old_end, page) = (self.end(at.at, len), self.page());
        let new_end = at.at + (crate::op::round_up(new, page) as i64);
        if keep && (new_end != old_end || to.is_none()) {
            return Err(Refusal(EINVAL, because::KEEP_MOVES));
        }
        if let Some(to) = to {
            self.aligned(to)?;
            let to_end = self.end(to.at, new);
            if to.area == at.area && to.at < old_end && at.at < to_end {
                return Err(Refusal(EINVAL, because::OVERLAP));
            }
        }
        let gone = Refusal(EFAULT, because::OLD_NOT_MAPPED);
        let found = self.processes[by].spaces[at.area].find(at.at).copied();
        let Some(mut vma) = found else {
            return Err(gone);
        };
        // What moves is looked at before the place that it goes to (mm/mremap.c, check_prep_vma, mremap_to).
        self.may_change(by, at.area, at.at, at.at + 1)?;
        if len == 0 && !vma.may_share {
            return Err(Refusal(EINVAL, because::PRIVATE_TWICE));
        }
        let across = old_end.min(new_end) > vma.end || new_end > old_end && old_end > vma.end;
        if !across && !self.processes[by].may_expand((new_end - old_end).max(0) as u64) {
            return Err(Refusal(ENOMEM, because::AS));
        }
        if let Some(to) = to.filter(|_| len == 0) {
            // The place is made free first, and the old mapping may have stood there.
            let to_end = self.end(to.at, new);
            self.may_change(by, to.area, to.at, to_end)?;
            self.processes[by].spaces[to.area].remove(to.at, to_end, page);
            vma = self.processes[by].spaces[at.area].find(at.at).copied().ok_or(gone)?;
        }
        let one = new_end == old_end && self.world.kernel >= (6, 17, 0);
        if to.is_none() && new_end <= old_end {
            self.may_change(by, at.area, new_end, old_end)?;
        } else if !(across || one && to.is_some()) {
            // The new place is made free first, and then what is cut off goes.
            if let Some(to) = to {
                self.may_change(by, to.area, to.at, self.end(to.at, new))?;
            }
            if let Err(refusal) = self.may_change(by, at.area, new_end, old_end) {
                if let Some(to) = to {
                    let to_end = self.end(to.at, new);
                    self.processes[by].spaces[to.area].remove(to.at, to_end, page);
                }
                return Err(refusal);
            }
        }
        let space = &mut self.processes[by].spaces[at.area];
        match to {
            None if new_end <= old_end => {
                space.remove(new_end, old_end, page);
                Ok(Ruled::done(Reason::Call))
            }
            // A move that changes no length takes all VMAs of the range along, since 6.17 (mm/mremap.c, remap_move).
            Some(to) if one => {
                let vmas: Vec<Vma> = space.overlapping(at.at, old_end).copied().collect();
                for vma in vmas {
                    // A device with a way of its own to choose addresses moves alone (mm/mremap.c, vma_multi_allowed).
                    let alone = vma.start <= at.at && vma.end >= old_end;
                    if vma.zero && vma.object.is_none() && !alone {
                        return Err(Refusal(EFAULT, because::DEVICE_ALONE));
                    }
                    if vma.missing.is_some() && !alone {
                        return Err(Refusal(EFAULT, because::WATCHED_ALONE));
                    }
                    // What stood before it has moved by now.
                    let (from, end) = (vma.start.max(at.at), vma.end.min(old_end));
                    self.may_change(by, at.area, from, end)?;
                    self.may_change(by, to.area, to.at + (from - at.at), to.at + (end - at.at))?;
                    let (old, to) = (at.area_at(from), to.plus(from - at.at));
                    self.may_stay(by, to, end - from, keep)?;
                    self.carry(by, old, end, end - from, to, vma);
                    self.leave(by, at.area, from, end, keep);
                }
                Ok(Ruled::done(Reason::Call))
            }
            // What is cut off may be anything; what moves is of one VMA.
            _ if across => Err(Refusal(EFAULT, because::MORE_THAN_ONE_VMA)),
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
                self.fill_locked(by, at.area, old_end, new_end, vma);
                Ok(Ruled::done(Reason::Call))
            }
            Some(to) => {
                self.may_stay(by, to, new_end - at.at, keep)?;
                self.carry(by, at, old_end.min(new_end), new_end - at.at, to, vma);
                self.fill_locked(by, to.area, to.at + (old_end - at.at), to.at + (new_end - at.at), vma);
                self.leave(by, at.area, at.at, old_end, keep);
                Ok(Ruled::done(Reason::Call))
            }
        }
    }

    /// RLIMIT_AS where the mapping stays and so counts twice. Its new place is free by then, also where this refuses
    /// (mm/mremap.c, mremap_to).
    fn may_stay(&mut self, by: ProcId, to: Place, length: i64, keep: bool) -> Result<(), Refusal> {
        let page = self.page();
        let process = &mut self.processes[by];
        if keep {
            process.spaces[to.area].remove(to.at, to.at + length, page);
        }
        match !keep || process.may_expand(length as u64) {
            true => Ok(()),
            false => Err(Refusal(ENOMEM, because::AS)),
        }
    }

    /// What becomes of the old range: it goes, or its mapping stays without the pages that have moved.
    fn leave(&mut self, by: ProcId, area: AreaId, from: i64, end: i64, keep: bool) {
        let page = self.page();
        let space = &mut self.processes[by].spaces[area];
        if keep {
            space.empty(from, end, page);
            // The whole VMA, also what did not move (mm/mremap.c, dontunmap_complete).
            for vma in &mut space.vmas {
                vma.locked &= vma.end <= from || vma.start >= end;
                if (vma.start, vma.end) == (from, end) {
                    vma.anon = None;
                }
            }
        } else {
            space.remove(from, end, page);
        }
    }

    /// What a locked mapping gains is brought in at once.
    fn fill_locked(&mut self, by: ProcId, area: usize, from: i64, to: i64, vma: Vma) {
        if vma.locked && from < to {
            let prot = Prot { read: true, ..vma.prot };
            self.populate(by, area, from, to, prot);
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
        let those = |pages: &BTreeSet<i64>| pages.range(first..last).copied().collect::<Vec<i64>>();
        let (present, guards) = (those(&old.present), those(&old.guards));
        // Private memory that nobody has stored to is as new at its new place, and may join its neighbours there (mm/vma.c,
        // copy_vma); what was stored knows where it came from.
        let anew = vma.object.is_none() && !vma.shared && vma.anon.is_none();
        let space = &mut spaces[to.area];
        space.remove(to.at, to.at + length, page);
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
        space
            .copies
            .extend(copies.into_iter().map(|(page, runs)| (page + by_pages, runs)));
        space.guards.extend(guards.into_iter().map(|page| page + by_pages));
        space.present.extend(present.into_iter().map(|page| page + by_pages));
    }
}
