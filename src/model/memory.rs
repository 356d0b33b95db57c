//! Which pages are in memory, and which have to be: mlock(2), mincore(2), page-table entries (mm/mlock.c, mm/mincore.c). It
//! may not know what a touch would meet.

use alloc::vec::Vec;

use super::advise::{Populated, done_or};
use super::errno::{ENOMEM, EPERM};
use super::space::{Vma, pages};
use super::{Model, Reason, Refusal, Ruled, because};
use crate::op::{Place, ProcId, Prot};

impl Model {
    /// mlock(2): the VMAs are marked first and the pages brought in afterwards; ENOMEM where a page is not mapped or
    /// cannot be brought in.
    pub(super) fn lock(&mut self, by: ProcId, at: Place, len: u64) -> Result<Ruled, Refusal> {
        let (from, end) = self.covering(at.at, len);
        if from == end {
            return Ok(Ruled::done(Reason::Call));
        }
        self.may_lock(by, (end - from) as u64, ENOMEM)?;
        let space = &mut self.processes[by].spaces[at.area];
        let reached = space.mapped_until(from).min(end);
        space.change(from, reached, |vma| vma.locked = true);
        if reached < end {
            return Err(Refusal(ENOMEM, because::PAGE_NOT_MAPPED));
        }
        let prot = |prot: Prot| Prot {
            read: true,
            write: prot.write,
            exec: false,
        };
        let vmas: Vec<Vma> = self.processes[by].spaces[at.area]
            .overlapping(from, end)
            .copied()
            .collect();
        let mut unsure = false;
        for vma in vmas {
            let (from, end) = (vma.start.max(from), vma.end.min(end));
            match self.populate(by, at.area, from, end, prot(vma.prot)) {
                Populated::Stopped => return Err(Refusal(ENOMEM, because::PAGE_NOT_THERE)),
                populated => unsure |= populated == Populated::Perhaps,
            }
        }
        Ok(done_or(ENOMEM, unsure))
    }

    /// munlock(2)
    pub(super) fn unlock(&mut self, by: ProcId, at: Place, len: u64) -> Result<Ruled, Refusal> {
        let (from, end) = self.covering(at.at, len);
        let space = &mut self.processes[by].spaces[at.area];
        let reached = space.mapped_until(from).min(end);
        space.change(from, reached, |vma| vma.locked = false);
        if reached < end {
            return Err(Refusal(ENOMEM, because::PAGE_NOT_MAPPED));
        }
        Ok(Ruled::done(Reason::Call))
    }

    /// The whole pages of a stretch that may begin inside one.
    fn covering(&self, at: i64, len: u64) -> (i64, i64) {
        let inside = at.rem_euclid(self.page() as i64);
        (at - inside, self.end(at - inside, len + inside as u64))
    }

    pub(super) fn may_lock(&self, by: ProcId, bytes: u64, errno: i32) -> Result<(), Refusal> {
        let process = &self.processes[by];
        match process.locked.filter(|_| !self.world.may_lock) {
            Some(0) => Err(Refusal(EPERM, because::MEMLOCK_ZERO)),
            Some(limit) if process.locked_bytes() + bytes > limit => Err(Refusal(errno, because::MEMLOCK)),
            _ => Ok(()),
        }
    }

    /// mincore(2): of a file, what its page cache holds; of anonymous memory, what this process has.
    pub(super) fn resident(&self, by: ProcId, at: Place, len: u64) -> Result<Ruled, Refusal> {
        self.aligned(at)?;
        let end = self.end(at.at, len);
        let space = &self.processes[by].spaces[at.area];
        if space.mapped_until(at.at) < end {
            return Err(Refusal(ENOMEM, because::PAGE_NOT_MAPPED));
        }
        let (least, most) = self.pages_in(by, at, end, true);
        Ok(Ruled::count(least, most, Reason::Resident))
    }

    /// How many pages this process has page-table entries for.
    pub(super) fn present(&self, by: ProcId, at: Place, len: u64) -> Ruled {
        let (from, end) = self.covering(at.at, len);
        let (least, most) = self.pages_in(by, at.area_at(from), end, false);
        Ruled::count(least, most, Reason::Present)
    }

    /// How many VMAs have pages of a stretch.
    pub(super) fn vmas(&self, by: ProcId, at: Place, len: u64) -> Ruled {
        let (from, end) = self.covering(at.at, len);
        let count = self.processes[by].spaces[at.area].overlapping(from, end).count() as u64;
        Ruled::count(count, count, Reason::Vmas)
    }

    /// The VMA of a byte is to have memory of its own.
    pub(super) fn prepare_anon(&mut self, by: ProcId, at: Place) {
        self.anons += 1;
        self.processes[by].spaces[at.area].prepare_anon(at.at, self.anons);
    }

    /// At least and at most how many pages of a stretch are in memory. A touch of a file brings its neighbours along
    /// (fault-around, readahead), never a page past the end of the file; anonymous memory comes page by page unless huge
    /// pages are on. A disk filesystem's page cache may hold pages past the end of the file, in a large folio that was cut.
    fn pages_in(&self, by: ProcId, at: Place, end: i64, cached: bool) -> (u64, u64) {
        let space = &self.processes[by].spaces[at.area];
        let (first, last) = pages(at.at, end, self.page());
        let touched = |from: i64, to: i64| space.present.range(from..to).count() as u64;
        let mut bounds = (0, 0);
        for vma in space.overlapping(at.at, end) {
            let (from, to) = pages(vma.start, vma.end, self.page());
            let (from, to) = (from.max(first), to.min(last));
            let huge = vma.object.is_some_and(|id| self.object(id).world.huge_always);
            // A huge page comes and goes whole, in the page cache and in the page table.
            let sure = if huge { 0 } else { touched(from, to) };
            let could = match vma.object {
                None if !self.world.huge_anonymous => sure,
                None => (to - from) as u64,
                Some(_) if huge => (to - from) as u64,
                Some(id) if cached && self.object(id).may_pass_end() => (to - from) as u64,
                Some(id) => {
                    let backed = self.object(id).file.size().div_ceil(self.page()) as i64;
                    let until = backed.saturating_sub(vma.shift / self.page() as i64).clamp(from, to);
                    ((until - from) as u64).max(sure)
                }
            };
            bounds = (bounds.0 + sure, bounds.1 + could);
        }
        bounds
    }
}
