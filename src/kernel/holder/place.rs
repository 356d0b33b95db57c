//! Places for the mappings: true holes in the address space, so that what lies behind a mapping is nothing, and not a
//! neighbour who happens to answer.
#![allow(unsafe_code)]

use std::num::NonZeroUsize;
use std::sync::atomic::Ordering::Relaxed;

use nix::errno::Errno;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use super::{GaveUp, Holder};
use crate::kernel::record::asked;
use crate::kernel::{Behind, HOLE_PAGES};
use crate::op::AREA_LIMIT;

impl Holder<'_> {
    /// Find a place for each area with free pages on both sides: reserve, then give the reservation back. Places are
    /// aligned as a huge page would be, so that two runs meet the same alignment.
    pub(super) fn reserve(&mut self, lengths: [u64; AREA_LIMIT]) -> Result<(), GaveUp> {
        let page = self.options.page;
        // A stack grows into the hole below it, and stops as far again from whatever is there.
        let margin = if self.stack { 2 } else { 1 } * HOLE_PAGES * page;
        // One huge page to align the place, one behind the mapping: a filesystem may want that much more room than the
        // length at a hint (mm/huge_memory.c, thp_get_unmapped_area), and drop the hint where it is not free.
        let huge = page * (page / 8);
        let used = lengths.iter().filter(|length| **length > 0);
        let room = used.fold(2 * margin + 2 * huge, |room, length| {
            room.saturating_add(*length).saturating_add(2 * margin + 2 * huge)
        });
        let room = NonZeroUsize::new(room as usize).ok_or_else(|| self.refused(libc::SYS_mmap, Errno::ENOMEM))?;
        let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_NORESERVE;
        // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
        let reserve = unsafe { mmap_anonymous(None, room, ProtFlags::PROT_NONE, flags) };
        let bits = (flags | MapFlags::MAP_ANONYMOUS).bits() as u64;
        let args = [0, room.get() as u64, 0, bits, u64::MAX, 0];
        self.note_as(asked::NO, libc::SYS_mmap, args, reserve, |place| place.as_ptr() as i64);
        let reserve = reserve.map_err(|errno| self.refused(libc::SYS_mmap, errno))?;
        let head = self.record.head();
        head.reserve.store(reserve.as_ptr() as usize, Relaxed);
        self.reserved = room.get();
        let mut next = reserve.as_ptr() as u64 + margin;
        for (area, length) in lengths.iter().enumerate() {
            if area > 0 && *length == 0 {
                continue;
            }
            let base = next.next_multiple_of(huge);
            head.bases[area].store(base as usize, Relaxed);
            head.lengths[area].store(*length as usize, Relaxed);
            next = base + length + huge + 2 * margin;
        }
        if self.options.behind == Behind::Hole {
            // SAFETY: exactly the reservation made above, which nobody refers to.
            let freed = unsafe { munmap(reserve, room.get()) };
            let args = [reserve.as_ptr() as u64, room.get() as u64, 0, 0, 0, 0];
            self.note_as(asked::NO, libc::SYS_munmap, args, freed, |()| 0);
            freed.map_err(|errno| self.refused(libc::SYS_munmap, errno))?;
        }
        Ok(())
    }
}
