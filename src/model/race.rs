//! Two processes that add to one counter: an addition is a load and a store, and mmap(2) orders neither.

use super::runs::Held;
use super::{Model, Reason, Ruled};
use crate::op::{Access, Filesystem, Outcome, Place, ProcId, WIDE};

impl Model {
    /// Atomic additions are all kept. Of plain ones at least those of the faster process's last are; how many are lost is
    /// chance. A private mapping keeps none, for each process adds to a copy of its own.
    pub(super) fn race(&mut self, by: ProcId, at: Place, times: u64, atomic: bool) -> Ruled {
        // By one store, at which a handler of the script's own may repair the place.
        let cleared = self.touch_handled(by, at, Access::StoreWide(0));
        if cleared.possible != [Outcome::Stored] {
            return cleared;
        }
        let shared = self.processes[by].spaces[at.area]
            .find(at.at)
            .is_some_and(|vma| vma.shared);
        let all = times.saturating_mul(2);
        if !shared {
            return Ruled::count(all, all, Reason::Race { atomic });
        }
        let kept = atomic && !self.cleared_under(by, at);
        for i in 0..WIDE {
            let sum = all.to_le_bytes()[i as usize];
            if kept {
                self.touch(by, at.plus(i as i64), Access::Store(sum));
            } else if all >> (8 * i) > 0 {
                self.doubt(by, at.plus(i as i64));
            }
        }
        Ruled::count(0, if kept { 0 } else { all }, Reason::Race { atomic: kept })
    }

    /// Behind the end of a file btrfs clears the bytes at the first store of each process (fs/btrfs/file.c,
    /// btrfs_page_mkwrite), and with them what the other has added.
    fn cleared_under(&self, by: ProcId, at: Place) -> bool {
        let vma = self.processes[by].spaces[at.area].find(at.at);
        let shown = vma.and_then(|vma| Some((self.object(vma.object?), vma.place(at.at))));
        shown.is_some_and(|(object, place)| {
            object.world.filesystem == Filesystem::Btrfs && place + WIDE > object.file.size()
        })
    }

    /// A byte of shared memory of a sum of which nobody knows how much was lost.
    fn doubt(&mut self, by: ProcId, at: Place) {
        let vma = self.processes[by].spaces[at.area].find(at.at).copied();
        if let Some((id, vma)) = vma.and_then(|vma| Some((vma.object?, vma))) {
            self.objects[id].file.store_perhaps(vma.place(at.at), Held::Any);
        }
    }
}
