//! A file object: its size, its page cache, and what becomes of the bytes between the end of the file and the end of its
//! last page. That tail is where filesystems and kernels differ; each difference is stated here once, from the world.

use super::runs::{Held, Runs};
use crate::op::{Filesystem, World, round_up};

/// How a file grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// ftruncate(2)
    Truncate,
    /// write(2) that begins past the end
    Write,
    /// fallocate(2)
    Allocate,
}

/// What happens to bytes stored in the tail once the file grows over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    Zeroed,
    /// it depends on what was written back before, or on a kernel nobody has measured
    Unsure,
}

/// A regular file and the page cache over it. Bytes at and past `size` are the tail.
#[derive(Clone, Debug, Default)]
pub struct File {
    size: u64,
    bytes: Runs,
    /// the end of the last block that fallocate(2) has made, where that lies behind the size
    blocks_end: u64,
}

impl File {
    /// Its size today, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The byte the page cache holds at `place`.
    pub fn get(&self, place: u64) -> Held {
        self.bytes.get(place)
    }

    /// The bytes in `from..to`, for a private copy.
    pub fn copy(&self, from: u64, to: u64) -> Runs {
        self.bytes.part(from, to)
    }

    /// A store through a shared mapping: the page cache takes it, in the tail too; the size does not move.
    pub fn store(&mut self, place: u64, value: u8) {
        self.bytes.set(place, place + 1, Held::Sure(value));
    }

    /// Put a row's bytes in, each at the place that `to` gives for it.
    pub fn paste(&mut self, row: &Runs, to: impl Fn(u64) -> u64) {
        self.bytes.paste(row, to);
    }

    /// fallocate(2), FALLOC_FL_PUNCH_HOLE: zeros; the size stays.
    pub fn punch(&mut self, from: u64, to: u64, world: &World) {
        // Of blocks behind the end it takes those in the page of the end (fs/ext4/inode.c, ext4_punch_hole).
        if from < self.size && to > self.size && self.blocks_end <= round_up(self.size, world.page) {
            self.blocks_end = 0;
        }
        match world.filesystem {
            Filesystem::Tmpfs => self.bytes.clear(from, to),
            // A hole that begins behind the end is none, and one that goes on there goes to the end of the last page
            // (fs/ext4/inode.c, ext4_punch_hole). Older kernels write back what lies there first, as the others do.
            Filesystem::Ext4 if world.kernel >= (6, 18, 0) => {
                let end = if to > self.size { u64::MAX } else { to };
                if from < self.size {
                    self.bytes.clear(from, end);
                }
            }
            // fs/xfs/xfs_bmap_util.c, xfs_flush_unmap_range; fs/btrfs/file.c, btrfs_punch_hole
            _ => {
                self.write_back(from, to, world);
                self.bytes.clear(from, to.min(self.size));
            }
        }
    }

    /// What lies behind the end may have been cleared.
    pub fn doubt_tail(&mut self) {
        self.bytes.doubt(self.size, u64::MAX);
    }

    /// fallocate(2) makes blocks up to here, which may lie behind the end of the file.
    pub fn reserve(&mut self, end: u64, world: &World) {
        self.blocks_end = self.blocks_end.max(round_up(end, world.block));
    }

    /// fallocate(2), FALLOC_FL_COLLAPSE_RANGE: what follows the range moves up.
    pub fn collapse(&mut self, at: u64, len: u64) {
        let tail = self.bytes.part(at + len, self.size);
        self.bytes.clear(at, u64::MAX);
        self.bytes.paste(&tail, |place| place - len);
        self.size -= len;
        self.blocks_end = self.blocks_end.saturating_sub(len);
    }

    /// fallocate(2), FALLOC_FL_INSERT_RANGE: a hole comes in, and what follows moves down; is it so? ext4 moves nothing where
    /// a block behind the end would pass the largest offset, and the file is longer by then all the same (fs/ext4/extents.c,
    /// ext4_insert_range, ext4_ext_shift_extents).
    pub fn insert(&mut self, at: u64, len: u64, world: &World) -> bool {
        let passes = world.filesystem == Filesystem::Ext4 && self.blocks_end + len > world.largest_file();
        let (at, moved) = if passes { (self.size, 0) } else { (at, len) };
        let tail = self.bytes.part(at, self.size);
        self.bytes.clear(at, u64::MAX);
        self.bytes.paste(&tail, |place| place + len);
        self.size += len;
        self.blocks_end += moved;
        !passes
    }

    /// A store that may not have happened.
    pub fn store_perhaps(&mut self, place: u64, held: Held) {
        self.bytes.set(place, place + 1, held);
    }

    /// Nobody knows what was stored to these bytes.
    pub fn overwrite(&mut self, from: u64, to: u64) {
        self.bytes.set(from, to, Held::Any);
    }

    /// A write of `at..end` met a bad page after `count` bytes. XFS clears new blocks but for what the write was to fill, takes
    /// them for filled, and does not come back: there, in a hole of the file and behind its end, they show what their memory
    /// held before. Measured on 6.18: 200 of 200 files behind the end, 2 of 8 inside, bytes of other programs among them; a
    /// fault of the kernel (fs/iomap/buffered-io.c, __iomap_write_begin).
    pub fn stale(&mut self, at: u64, count: u64, end: u64, world: &World) {
        let (block, done) = (world.block, at + count);
        // Whole blocks are not cleared, and not taken for filled either.
        if at % block == 0 && end % block == 0 {
            return;
        }
        let stop = end.min(round_up(self.size, world.page));
        for from in (done - done % block..stop).step_by(block as usize) {
            let to = from + block;
            // What held bytes was no hole.
            let zero =
                |place: u64| (at..done).contains(&place) || matches!(self.bytes.get(place), Held::Sure(0) | Held::Any);
            if (from..to).all(zero) {
                self.bytes.set(done.max(from), end.min(to), Held::Any);
            }
        }
    }

    /// write(2). Only a write that begins past the end leaves a gap over the old tail; one of nothing leaves none.
    pub fn write(&mut self, at: u64, len: u64, byte: u8, world: &World) {
        if len == 0 {
            return;
        }
        self.grow(at, How::Write, world);
        self.bytes.set(at, at + len, Held::Sure(byte));
        self.size = self.size.max(at + len);
    }

    /// ftruncate(2), or what sets the size as that does. Shrinking clears from the new end on, everywhere; so bytes that
    /// come back are zero. It takes blocks behind the end, and so does the same size again (fs/ext4/inode.c, ext4_setattr).
    pub fn truncate(&mut self, size: u64, how: How, world: &World) {
        if size <= self.size {
            self.blocks_end = self.blocks_end.min(size);
        }
        if size > self.size {
            self.grow(size, how, world);
        } else if size == self.size && matches!(world.filesystem, Filesystem::Other(_)) {
            // The same size again clears the tail too, on every filesystem measured.
            self.bytes.doubt(size, u64::MAX);
        } else {
            self.bytes.clear(size, u64::MAX);
            self.size = size;
        }
    }

    /// The file grows to `size` (never shrinks), and what was its tail becomes content.
    pub fn grow(&mut self, size: u64, how: How, world: &World) {
        self.make_gap(size, how, world);
        self.size = self.size.max(size);
    }

    /// What was the tail becomes a gap, up to where the file is to grow; it has not grown yet.
    pub fn make_gap(&mut self, size: u64, how: How, world: &World) {
        if size <= self.size {
            return;
        }
        let end = if world.huge_always {
            round_up(self.size, world.huge_page())
        } else {
            round_up(self.size, world.page)
        };
        // Where the growth leaves the block that the end lies in, and the next is of the same page.
        let next = round_up(self.size, world.block);
        let crosses = next % world.page != 0 && next < size;
        match fate(how, crosses, world) {
            Fate::Kept => {}
            Fate::Zeroed if how == How::Truncate => self.bytes.clear(self.size, end),
            Fate::Zeroed => {
                // A write or fallocate clears what becomes content and no more. Measured for ext4; elsewhere
                // what lies behind the new end is left open.
                let stop = size.min(end);
                self.bytes.clear(self.size, stop);
                if world.filesystem != Filesystem::Ext4 {
                    self.bytes.doubt(stop, end);
                }
            }
            Fate::Unsure => self.bytes.doubt(self.size, end),
        }
    }

    /// Dirty pages in `from..to` are written back. A disk filesystem clears the tail of the last page as it writes that
    /// page (fs/iomap, fs/ext4/page-io.c); tmpfs has nowhere to write to. mmap(2), BUGS.
    pub fn write_back(&mut self, from: u64, to: u64, world: &World) {
        let pages = from / world.page..to.div_ceil(world.page);
        match world.filesystem {
            Filesystem::Tmpfs => {}
            Filesystem::Ext4 | Filesystem::Xfs | Filesystem::Btrfs if pages.contains(&(self.size / world.page)) => {
                self.bytes.clear(self.size, u64::MAX);
            }
            // A large folio may hold pages of the range and the last page as well.
            _ => self.doubt_tail(),
        }
    }
}

/// Measured on kernels 5.10 to 7.3 with pages of 4, 16 and 64 KiB. tmpfs never clears. ext4 clears since 6.13 (commits
/// c7fc0366c656, 52aecaee1c26), with blocks smaller than the page at the latest in 6.18; before that the bytes stay unless
/// they were written back first, which nobody can promise. Of the small block that the end lies in it clears what it has a
/// block for, which may be lacking where the end came to lie there after the store; all is cleared where the growth crosses to
/// another of the page (fs/ext4/inode.c, ext4_block_truncate_page; mm/truncate.c, pagecache_isize_extended). XFS clears but
/// for fallocate and small blocks on older kernels.
fn fate(how: How, crosses: bool, world: &World) -> Fate {
    let small_blocks = world.block < world.page;
    let since = |major, minor| world.kernel >= (major, minor, 0);
    let cleared = match world.filesystem {
        Filesystem::Tmpfs => return Fate::Kept,
        Filesystem::Ext4 => since(6, 13) && !small_blocks || since(6, 18) && crosses,
        Filesystem::Xfs => since(6, 18) || since(6, 13) && !small_blocks || how != How::Allocate && !small_blocks,
        Filesystem::Btrfs => since(6, 18),
        Filesystem::Other(_) => false,
    };
    if cleared { Fate::Zeroed } else { Fate::Unsure }
}
