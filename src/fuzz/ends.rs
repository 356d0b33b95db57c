//! Stories of a random script around the end of a file: what becomes of bytes behind it, of private copies when its bytes
//! move, of large folios that are cut, of a write that finds less than it was promised. It draws with what `draw` knows.

use super::draw::{Drawing, Stretch};
use crate::op::{Access, FileId, Filesystem, Growth, Op, Place, Quantity, Share, Source};

impl Drawing<'_> {
    /// A stretch, and the file behind it, where the process may use that, and it does not lie too far out.
    fn stretch_of_file(&mut self) -> Option<(Stretch, FileId, u64)> {
        let stretch = self.any_stretch()?;
        let near = |(file, offset): &(FileId, u64)| self.is_open(*file) && *offset < 1 << 49;
        let (file, offset) = stretch.file.filter(near)?;
        Some((stretch, file, offset))
    }

    /// The tail's whole story, which single draws would hardly ever tell: a byte past the end of a file, then as often as not
    /// something else that may clear it, then the file grows in one of the ways, and the byte is looked at again.
    pub(super) fn tail(&mut self) {
        let page = self.world.page;
        let Some((stretch, file, offset)) = self.stretch_of_file() else {
            return self.touch();
        };
        let size = self.model.size(file);
        let length = (stretch.to - stretch.from) as u64;
        let in_sight = size > offset && size - offset <= length + page;
        if !in_sight || size % page == 0 {
            return self.touch();
        }
        let behind = if self.chance(20) {
            0
        } else {
            self.rng.u64(..page - size % page)
        };
        let place = size + behind;
        let at = Place {
            area: stretch.area,
            at: stretch.from + (place - offset) as i64,
        };
        let (access, look) = (Access::Store(self.letter()), Access::Load);
        self.happen(Op::Touch { at, access });
        if page < size && size < 8 * page && self.chance(5) {
            return self.across(file, at);
        }
        if self.chance(8) {
            // The pages beside it are written back, and not its own.
            let beside = self.one_of(&[-1, 1]) * page as i64;
            self.happen(Op::Sync {
                at: at.area_at(at.at - at.at.rem_euclid(page as i64) + beside),
                len: 1,
            });
            self.happen(Op::Touch { at, access: look });
        }
        if self.chance(40) {
            let op = self.meddle(file, size, place, at);
            self.happen(op);
            if self.chance(20) {
                let (to, len) = (self.touched(), self.rng.u64(1..4));
                self.happen(Op::Copy { from: at, to, len });
            }
            self.happen(Op::Touch { at, access: look });
        }
        // Sometimes short of the byte: what lies between the new end and the end of its page has its own rule.
        let size = self.model.size(file);
        let end = size + 1 + self.rng.u64(..2 * page);
        let byte = self.letter();
        let grow = self.grow(file, size, end, byte);
        self.happen(grow);
        self.happen(Op::Touch { at, access: look });
        // The end may have come into a block of the page that has never been asked for.
        if self.world.block < page && self.chance(30) {
            let size = self.model.size(file);
            let end = size + 1 + self.rng.u64(..2 * page);
            let grow = self.grow(file, size, end, byte);
            self.happen(grow);
            self.happen(Op::Touch { at, access: look });
        }
        self.happen(Op::Read { file, at: place });
        self.stored = Some(at);
    }

    /// What may clear the byte at `place`, behind the end of a file of `size` bytes, or must not; its borders are those of
    /// the last page and its neighbours, the end and the byte itself.
    fn meddle(&mut self, file: FileId, size: u64, place: u64, at: Place) -> Op {
        let page = self.world.page;
        let last = size - size % page;
        let borders = [
            last.saturating_sub(page),
            last,
            size.saturating_sub(1),
            size,
            place,
            place + 1,
            last + page,
            last + 2 * page,
        ];
        let (one, other) = (self.one_of(&borders), self.one_of(&borders));
        let (mut from, mut to) = (one.min(other), one.max(other).max(one.min(other) + 1));
        // On a disk this waits for the disk.
        let rare = if self.world.filesystem == Filesystem::Tmpfs {
            10
        } else {
            2
        };
        if self.chance(rare) {
            let first = from - from % page;
            return Op::Sync {
                at: at.plus(first as i64 - place as i64),
                len: to - first,
            };
        }
        let mode = match self.rng.u32(..16) {
            0..8 => Growth::Punch,
            8..12 => Growth::Keep,
            12..15 => Growth::Extend,
            _ => self.one_of(&[Growth::Collapse, Growth::Insert]),
        };
        if matches!(mode, Growth::Collapse | Growth::Insert) {
            let block = self.world.block;
            return Op::Allocate {
                file,
                mode,
                at: self.rng.u64(..=size / block) * block,
                len: block,
            };
        }
        // The end may come to lie in a block that has never been asked for; a hole across it may go on to its page's end.
        let across = match mode {
            Growth::Extend => 50,
            Growth::Punch => 15,
            _ => 0,
        };
        if self.chance(across) {
            (from, to) = (size.saturating_sub(1), place.max(1));
        }
        Op::Allocate {
            file,
            mode,
            at: from,
            len: to - from,
        }
    }

    /// A store through another mapping that ends in the page where the file does, and a look at what lies behind its end.
    fn across(&mut self, file: FileId, behind: Place) {
        let (size, page) = (self.model.size(file), self.world.page);
        let Some(map @ Op::Map { at, .. }) = self.anew(Source::File(file), size, Share::Shared) else {
            return;
        };
        self.happen(map);
        let border = at.plus((size / page * page) as i64);
        let (at, access) = (border.plus(-self.rng.i64(1..8)), Access::StoreWide(self.letter()));
        self.happen(Op::Touch { at, access });
        let (at, access) = (behind, Access::Load);
        self.happen(Op::Touch { at, access });
    }

    fn grow(&mut self, file: FileId, size: u64, end: u64, byte: u8) -> Op {
        match self.rng.u32(..6) {
            0 => Op::Truncate { file, size: end },
            1 => Op::Allocate {
                file,
                mode: Growth::Extend,
                at: size,
                len: end - size,
            },
            2 => Op::Write {
                file,
                at: end - 1,
                len: 1,
                byte,
            },
            // Appended without a gap: the rest of the tail is not looked at.
            3 => Op::Write {
                file,
                at: size,
                len: 1,
                byte,
            },
            // In front of all areas nothing is mapped: there is room by the time that the memory turns out to be bad.
            4 => Op::Send {
                file,
                at: end - 1,
                from: Place::base(-1),
                len: 1,
            },
            _ => Op::Truncate { file, size },
        }
    }

    /// A page that may be the process's own, and then the file's bytes move.
    pub(super) fn shift(&mut self) -> Option<Op> {
        let (page, block) = (self.world.page, self.world.block);
        let (stretch, file, offset) = self.stretch_of_file()?;
        let size = self.model.size(file);
        let seen = size.checked_sub(offset)?.min((stretch.to - stretch.from) as u64);
        let at = Place {
            area: stretch.area,
            at: stretch.from + self.rng.u64(..seen.max(1)) as i64,
        };
        let access = Access::Store(self.letter());
        self.happen(Op::Touch { at, access });
        let mode = self.one_of(&[Growth::Collapse, Growth::Insert]);
        let len = self.one_of(&[block, page, 2 * page]);
        let first = offset + self.rng.u64(..seen.div_ceil(page).max(1)) * page;
        self.happen(Op::Allocate {
            file,
            mode,
            at: first,
            len,
        });
        let access = Access::Load;
        if self.chance(50) {
            self.happen(Op::Touch { at, access });
            self.happen(Op::Truncate {
                file,
                size: size + page,
            });
        }
        Some(Op::Touch { at, access })
    }

    /// A file that was long, and so has a large folio on some filesystems, is cut, and grows to less than it was: what is left
    /// of its pages in the page table?
    pub(super) fn cut(&mut self) -> Option<Op> {
        let page = self.world.page;
        let (stretch, file, offset) = self.stretch_of_file()?;
        let (pages, byte) = (self.rng.u64(8..17), self.letter());
        self.happen(Op::Write {
            file,
            at: offset,
            len: pages * page,
            byte,
        });
        let at = Place {
            area: stretch.area,
            at: stretch.from,
        };
        let access = Access::Load;
        if self.chance(30) {
            self.happen(Op::Touch { at, access });
            let at = at.plus(self.rng.i64(1..4) * page as i64);
            self.happen(Op::Touch { at, access });
            let mode = Growth::Punch;
            if self.chance(30) {
                // Where the mapping begins is not where the file does.
                let Op::Map { at, mapping } = self.anew(Source::File(file), page, Share::Shared)? else {
                    return None;
                };
                let (mapped, len) = (at.plus(page as i64), page);
                self.happen(Op::Map { at: mapped, mapping });
                self.happen(Op::Touch { at: mapped, access });
                let at = mapping.offset;
                self.happen(Op::Allocate { file, mode, at, len });
                return Some(Op::Ask(Quantity::Present(mapped, len)));
            }
            // What ends in the first page may be reckoned otherwise.
            let at = self.rng.u64(..2);
            let len = page - at + self.one_of(&[0, 1]) - self.one_of(&[0, 1]);
            self.happen(Op::Allocate { file, mode, at, len });
            return Some(self.counted(stretch));
        }
        let size = offset + self.rng.u64(1..pages / 2 * page);
        self.happen(Op::Truncate { file, size });
        self.happen(Op::Touch { at, access });
        let end = size + 1 + self.rng.u64(..(pages / 2) * page);
        let grow = match self.rng.bool() {
            true => self.grow(file, size, end, byte),
            false => Op::Allocate {
                file,
                mode: Growth::Extend,
                at: size,
                len: end - size,
            },
        };
        self.happen(grow);
        Some(self.counted(stretch))
    }

    /// How many pages of a stretch are there?
    fn counted(&self, Stretch { area, from, to, .. }: Stretch) -> Op {
        Op::Ask(Quantity::Present(Place { area, at: from }, (to - from) as u64))
    }

    /// A write that runs out of memory to read, at the end of a file or in a hole of it: what lies behind what it has written?
    pub(super) fn short(&mut self) -> Option<Op> {
        let page = self.world.page;
        let (stretch, file, offset) = self.stretch_of_file()?;
        let Op::Map { at: from, mapping } = self.anew(Source::Anonymous, page, Share::Private)? else {
            return None;
        };
        self.happen(Op::Map { at: from, mapping });
        // What may be there of the page, and is not: the last bytes of it are stored, and more are asked for.
        let there = if self.chance(25) { 0 } else { self.rng.u64(1..page) };
        let from = from.plus((page - there) as i64);
        if there > 0 {
            let access = Access::Store(self.letter());
            self.happen(Op::Touch { at: from, access });
        }
        if self.chance(8) {
            self.happen(Op::Truncate { file, size: 0 });
        }
        let size = self.model.size(file);
        let at = match self.rng.u32(..4) {
            0 => size,
            1 => size + self.rng.u64(..page),
            2 => size.next_multiple_of(page) + self.rng.u64(..page),
            _ => self.rng.u64(..size.clamp(1, 4 * page)),
        };
        let len = there + self.rng.u64(1..page);
        self.happen(Op::Send { file, at, from, len });
        let behind = at + there + self.rng.u64(..page / 2);
        let seen = Place {
            area: stretch.area,
            at: stretch.from + (behind.saturating_sub(offset) as i64).min(stretch.to - stretch.from),
        };
        let access = Access::Load;
        self.happen(Op::Touch { at: seen, access });
        let (end, byte) = (behind + 1 + self.rng.u64(..page), self.letter());
        let now = self.model.size(file);
        let grow = self.grow(file, now, end.max(now + 1), byte);
        self.happen(grow);
        Some(Op::Read { file, at: behind })
    }

    /// A file that is nearly as long as its filesystem allows, or has a block there behind its end, and a hole is to come into it.
    pub(super) fn tight(&mut self) -> Option<Op> {
        let (page, block) = (self.world.page, self.world.block);
        // Where files may be as large as an offset, a scenario cannot name such sizes.
        let largest = Some(self.world.largest_file()).filter(|largest| *largest < 1 << 50)?;
        let file = self.open_file()?;
        if self.chance(60) {
            return Some(self.pushed(file, largest));
        }
        let size = largest - self.one_of(&[0, 1, block, block + 1, page, 2 * page]);
        self.happen(Op::Truncate { file, size });
        Some(Op::Allocate {
            file,
            mode: self.one_of(&[Growth::Insert, Growth::Insert, Growth::Punch]),
            at: self.rng.u64(..2) * page,
            len: self.rng.u64(1..3) * block,
        })
    }

    /// A block behind the end of a file, and after something that may take it or move it, a hole that pushes it just past the
    /// largest offset.
    fn pushed(&mut self, file: FileId, largest: u64) -> Op {
        let (page, block) = (self.world.page, self.world.block);
        // With small blocks the largest offset lies inside a page.
        let end = self.one_of(&[largest, largest - largest % page]);
        if self.chance(70) {
            let size = end - block - self.one_of(&[0, 1, page]);
            self.happen(Op::Truncate { file, size });
        }
        let (mode, len) = (Growth::Keep, 1 + self.rng.u64(..block));
        let at = end - block - self.rng.u64(..2) * block;
        self.happen(Op::Allocate { file, mode, at, len });
        let size = self.model.size(file);
        let from = size.saturating_sub(self.one_of(&[0, 1, page]));
        let op = match self.rng.u32(..10) {
            0 | 1 => Op::Truncate {
                file,
                size: self.one_of(&[size - size.min(block), size, size + 1, size + 1]),
            },
            n => {
                let (mode, at, len) = match n {
                    2 | 3 => (Growth::Collapse, 0, block),
                    4 | 5 => (Growth::Insert, 0, block),
                    _ => (Growth::Punch, from, size + self.rng.u64(..2) - from),
                };
                Op::Allocate { file, mode, at, len }
            }
        };
        self.happen(op);
        let (mode, at, len) = (Growth::Insert, 0, largest - end + block);
        self.happen(Op::Allocate { file, mode, at, len });
        Op::Ask(Quantity::Size(file))
    }
}
