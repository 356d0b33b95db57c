//! What a process does to whole mappings of its own so that they behave otherwise from then on: mseal(2) and
//! userfaultfd(2). It may not know what a touch would meet.

use super::errno::{EBUSY, EINVAL, ENOMEM, ENOSYS, EPERM};
use super::{Model, Reason, Refusal, Ruled, because};
use crate::op::{AreaId, Filesystem, Place, ProcId};

impl Model {
    /// mseal(2), since 6.10: all or nothing, so a gap in the range leaves everything as it was (mm/mseal.c).
    pub(super) fn mseal(&mut self, by: ProcId, at: Place, len: u64) -> Result<Ruled, Refusal> {
        if self.world.kernel < (6, 10, 0) {
            return Err(Refusal(ENOSYS, because::NO_SUCH_CALL));
        }
        self.aligned(at)?;
        let end = self.end(at.at, len);
        let space = &mut self.processes[by].spaces[at.area];
        if space.mapped_until(at.at) < end {
            return Err(Refusal(ENOMEM, because::PAGE_NOT_MAPPED));
        }
        space.change(at.at, end, |vma| vma.sealed = true);
        Ok(Ruled::done(Reason::Call))
    }

    /// EPERM where a sealed mapping lies in the range: for munmap(2), mremap(2), and mmap(2) that would replace it.
    pub(super) fn may_change(&mut self, by: ProcId, area: AreaId, from: i64, end: i64) -> Result<(), Refusal> {
        let refused = Err(Refusal(EPERM, because::SEALED_MAPPING));
        let space = &self.processes[by].spaces[area];
        let sealed = space.overlapping(from, end).position(|vma| vma.sealed);
        match sealed {
            None => Ok(()),
            Some(0) => refused,
            Some(_) => {
                self.stay_cut(by, area, from);
                refused
            }
        }
    }

    /// What munmap(2) does, here and where something else is to stand.
    pub(super) fn make_free(&mut self, by: ProcId, area: AreaId, from: i64, end: i64) -> Result<(), Refusal> {
        self.may_change(by, area, from, end)?;
        let page = self.page();
        self.processes[by].spaces[area].remove(from, end, page);
        Ok(())
    }

    /// What was to be taken away has been cut out by the time that a call is refused, and stays cut: since 6.12 (mm/vma.c,
    /// vms_gather_munmap_vmas).
    pub(super) fn stay_cut(&mut self, by: ProcId, area: AreaId, at: i64) {
        if self.world.kernel >= (6, 12, 0) {
            self.processes[by].spaces[area].cut(at);
        }
    }

    /// UFFDIO_REGISTER for missing pages, of private anonymous memory and of tmpfs and memfd mappings; EBUSY where another
    /// userfaultfd has it already (fs/userfaultfd.c, userfaultfd_register).
    pub(super) fn userfaultfd(&mut self, by: ProcId, at: Place, len: u64) -> Result<Ruled, Refusal> {
        self.aligned(at)?;
        // Unlike the calls on memory it rounds nothing up (fs/userfaultfd.c, validate_unaligned_range).
        if len % self.page() != 0 {
            return Err(Refusal(EINVAL, because::NO_WHOLE_PAGES));
        }
        let end = self.end(at.at, len);
        let objects = &self.objects;
        let space = &self.processes[by].spaces[at.area];
        let mut none = true;
        for vma in space.overlapping(at.at, end) {
            none = false;
            if vma
                .object
                .is_some_and(|id| objects[id].world.filesystem != Filesystem::Tmpfs)
            {
                return Err(Refusal(EINVAL, because::DISK_PAGES));
            }
            // Its pages would be made in the file, which nobody may write to (VM_MAYWRITE).
            if !vma.may_write {
                return Err(Refusal(EPERM, because::MAPPING_NO_WRITE));
            }
            if vma.missing.is_some() {
                return Err(Refusal(EBUSY, because::REGISTERED));
            }
        }
        if none {
            return Err(Refusal(EINVAL, because::NOTHING_THERE));
        }
        let process = &mut self.processes[by];
        process.watchers += 1;
        let own = Some(process.watchers);
        process.spaces[at.area].change(at.at, end, |vma| vma.missing = own);
        Ok(Ruled::done(Reason::Call))
    }
}
