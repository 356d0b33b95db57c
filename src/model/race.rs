//! Two processes that add to one counter: an addition is a load and a store, and mmap(2) orders neither.

use super::runs::Held;
use super::{Model, Object, Reason, Ruled};
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
        let all = times.saturating_mul(2);
        let Some((id, place)) = self.shared_behind(by, at) else {
            return Ruled::count(all, all, Reason::Race { atomic });
        };
        let Object { file, world, .. } = &mut self.objects[id];
        // Behind the end of a file btrfs clears the bytes at the first store of each process (fs/btrfs/file.c,
        // btrfs_page_mkwrite), and with them what the other has added.
        let cleared = world.filesystem == Filesystem::Btrfs && place + WIDE > file.size();
        let kept = atomic && !cleared;
        for (n, sum) in all.to_le_bytes().into_iter().enumerate() {
            let held = match kept {
                true => Held::Sure(sum),
                // Nobody knows how much was lost of it.
                false if all >> (8 * n) > 0 => Held::Any,
                false => Held::Sure(0),
            };
            file.store_perhaps(place + n as u64, held);
        }
        Ruled::count(0, if kept { 0 } else { all }, Reason::Race { atomic: kept })
    }
}
