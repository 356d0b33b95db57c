//! What a change of a file's size or contents does to the pages that are in memory, and to the page tables that map them.
//! It may not know which call brought the change about.

use alloc::vec::Vec;

use super::file::How;
use super::object::ObjectId;
use super::{Model, Object};
use crate::op::Filesystem;

impl Model {
    /// What lies wholly past the new end goes, private copies included (the kernel unmaps those pages with `even_cows` set:
    /// mm/memory.c, unmap_mapping_range); a private copy of the page the end lies in stays.
    pub(super) fn resize(&mut self, id: ObjectId, size: u64, how: How) {
        let Object {
            file, world, reached, ..
        } = &mut self.objects[id];
        self.shrunk |= size < file.size();
        let grows = size > file.size();
        *reached = file.size().max(*reached);
        let cuts = size <= *reached;
        file.truncate(size, how, world);
        let kept = size.div_ceil(self.world.page);
        // What fallocate(2) has put behind the end stays where the file grows (mm/shmem.c, shmem_setattr).
        if !grows {
            self.objects[id].pages.retain(|page| *page < kept);
        }
        self.drop_pages(id, size.div_ceil(self.world.page));
        if cuts {
            self.split_folios(id);
        }
    }

    /// A cut through a large folio of a disk filesystem takes all its pages out of page tables, to come back at a touch.
    /// The folio may stay whole for all that (a dirty one cannot be split), and then a growth that ends inside it is a cut
    /// too: mm/truncate.c, truncate_inode_partial_folio.
    pub(super) fn split_folios(&mut self, id: ObjectId) {
        if self.object(id).world.filesystem != Filesystem::Tmpfs {
            let page = self.page();
            for space in self.processes.iter_mut().flat_map(|process| &mut process.spaces) {
                for vma in space.vmas.iter().filter(|vma| vma.object == Some(id)) {
                    let (start, end) = super::space::pages(vma.start, vma.end, page);
                    space
                        .present
                        .retain(|at| !(start..end).contains(at) || space.copies.contains_key(at));
                }
            }
        }
    }

    /// Every process loses its pages of the object from page `first` of it on, its own copies included.
    pub(super) fn drop_pages(&mut self, id: ObjectId, first: u64) {
        let page = self.page();
        for space in self.processes.iter_mut().flat_map(|process| &mut process.spaces) {
            let gone = |vma: &super::space::Vma| {
                let from = (first.saturating_mul(page).min(i64::MAX as u64) as i64).saturating_sub(vma.shift);
                (vma.object == Some(id)).then_some((from.max(vma.start), vma.end))
            };
            for (from, to) in space.vmas.iter().filter_map(gone).collect::<Vec<_>>() {
                space.forget(from, to, page);
            }
        }
    }

    /// Whole pages between these bytes of an object go from every page table; copies that a process has made stay.
    pub(super) fn drop_shared(&mut self, id: ObjectId, from: u64, to: u64) {
        let page = self.page();
        let (first, last) = (from.div_ceil(page) as i64, (to / page) as i64);
        for space in self.processes.iter_mut().flat_map(|process| &mut process.spaces) {
            for vma in space.vmas.iter().filter(|vma| vma.object == Some(id)) {
                let shift = vma.shift / page as i64;
                let (start, end) = super::space::pages(vma.start, vma.end, page);
                let gone = (first - shift).max(start)..(last - shift).min(end);
                space
                    .present
                    .retain(|at| !gone.contains(at) || space.copies.contains_key(at));
            }
        }
    }
}
