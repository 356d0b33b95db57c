//! A place for the mapping: a true hole in the address space, so that what lies behind the mapping is nothing, and not a
//! neighbour who happens to answer.
#![allow(unsafe_code)]

use std::num::NonZeroUsize;
use std::sync::atomic::Ordering::Relaxed;

use nix::errno::Errno;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use super::{GaveUp, Holder};
use crate::kernel::record::trouble;
use crate::kernel::{Behind, HOLE_PAGES, map_length};
use crate::op::Op;

impl Holder<'_> {
    /// Find a place for the mapping with free pages on both sides: reserve, then give the reservation back. The place is
    /// aligned as a huge page would be, so that two runs meet the same alignment.
    pub(super) fn reserve(&self, ops: &[Op]) -> Result<(), GaveUp> {
        let page = self.options.page;
        let margin = HOLE_PAGES * page;
        // One huge page to align the place, one behind the mapping: a filesystem may want that much more room than the
        // length at a hint (mm/huge_memory.c, thp_get_unmapped_area), and drop the hint where it is not free.
        let huge = page * (page / 8);
        let refused = |errno| self.give_up(trouble::REFUSED, errno as i64, libc::SYS_mmap);
        let room = map_length(ops, page)
            .checked_add(2 * margin + 2 * huge)
            .ok_or(Errno::ENOMEM)
            .map_err(refused)?;
        let room = NonZeroUsize::new(room as usize)
            .ok_or(Errno::ENOMEM)
            .map_err(refused)?;
        let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_NORESERVE;
        // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
        let reserve = unsafe { mmap_anonymous(None, room, ProtFlags::PROT_NONE, flags) };
        let args = [
            0,
            room.get() as u64,
            0,
            (flags | MapFlags::MAP_ANONYMOUS).bits() as u64,
            u64::MAX,
            0,
        ];
        self.note(libc::SYS_mmap, args, false, reserve, |place| {
            place.as_ptr() as i64
        });
        let reserve = reserve.map_err(refused)?;
        let base = (reserve.as_ptr() as u64 + margin).next_multiple_of(huge) as usize;
        self.record
            .head()
            .reserve
            .store(reserve.as_ptr() as usize, Relaxed);
        self.record.head().base.store(base, Relaxed);
        if self.options.behind == Behind::Hole {
            // SAFETY: exactly the reservation made above, which nobody refers to.
            let freed = unsafe { munmap(reserve, room.get()) };
            let args = [reserve.as_ptr() as u64, room.get() as u64, 0, 0, 0, 0];
            self.note(libc::SYS_munmap, args, false, freed, |()| 0);
            freed.map_err(refused)?;
        }
        Ok(())
    }
}
