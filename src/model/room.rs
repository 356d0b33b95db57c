//! A tmpfs that can be full: pages of its files are taken as they are first touched or written, and a file's size takes
//! none. tmpfs(5). Of address spaces it may know only whether they hold a file.

use super::errno::ENOSPC;
use super::object::{Descriptor, ObjectId};
use super::{Model, Refusal, because};

impl Model {
    /// Does the object lie on the script's own tmpfs, and is there no page left for this page of it? A page that is there
    /// already needs none; one that is not is taken now.
    pub(super) fn starved(&mut self, id: ObjectId, page: u64) -> bool {
        let object = self.object(id);
        // How much of a huge page counts is not followed.
        if object.world.huge_always || object.pages.contains(&page) {
            return false;
        }
        let full = object.mount.is_some_and(|mount| self.is_full(mount));
        if !full {
            self.objects[id].pages.insert(page);
        }
        full
    }

    fn is_full(&self, mount: usize) -> bool {
        let here = (0..self.objects.len()).filter(|id| self.objects[*id].mount == Some(mount) && self.is_held(*id));
        let taken: usize = here.map(|id| self.objects[id].pages.len()).sum();
        taken as u64 >= self.mounts[mount].pages
    }

    /// Does a descriptor or a mapping hold it? What nobody holds is gone, and its pages are free: unlink(2). It has no name,
    /// for the mount hides the directory of those that have.
    fn is_held(&self, id: ObjectId) -> bool {
        let opened = |descriptor: &Descriptor| descriptor.object == id && descriptor.open.contains(&true);
        let spaces = self.processes.iter().flat_map(|process| &process.spaces);
        let mut vmas = spaces.flat_map(|space| &space.vmas);
        self.descriptors.values().any(opened) || vmas.any(|vma| vma.object == Some(id))
    }

    /// fallocate(2) takes all pages of the range, or none (mm/shmem.c, shmem_fallocate).
    pub(super) fn reserve(&mut self, id: ObjectId, at: u64, end: u64) -> Result<(), Refusal> {
        let before = self.objects[id].pages.clone();
        let page = self.page();
        for n in at / page..end.div_ceil(page) {
            if self.starved(id, n) {
                self.objects[id].pages = before;
                return Err(Refusal(ENOSPC, because::FILESYSTEM_FULL));
            }
        }
        Ok(())
    }

    /// How many of `len` bytes at `at` there is room for: whole pages, as write(2) takes them.
    pub(super) fn room_for(&mut self, id: ObjectId, at: u64, len: u64) -> u64 {
        let page = self.page();
        let mut done = 0;
        while done < len {
            let here = at + done;
            if self.starved(id, here / page) {
                break;
            }
            done = len.min(done + page - here % page);
        }
        done
    }
}
