//! Stories of a random script about what has no room: a full filesystem, a limit on a file's size. It draws with what `draw`
//! knows.

use super::draw::Drawing;
use crate::op::{Access, FileKind, Growth, Limit, Op, Quantity, Share, Source};

impl Drawing<'_> {
    /// A full filesystem, a file of it that loses pages or has some behind its end, and then a write that takes what has become
    /// free, or a page more; or that would begin past the end.
    pub(super) fn fill(&mut self) -> Option<Op> {
        let page = self.world.page;
        let later = self.acts.iter().skip_while(|act| !matches!(act.op, Op::Mount { .. }));
        let file = later.filter_map(|act| match act.op {
            Op::Create { file, .. } => Some(file),
            _ => None,
        });
        let file = file.last().filter(|file| self.is_open(*file))?;
        let byte = self.letter();
        let len = 6 * page;
        self.happen(Op::Write { file, at: 0, len, byte });
        if self.chance(30) {
            let at = 6 * page + self.rng.u64(1..2 * page);
            self.happen(Op::Write { file, at, len: 1, byte });
            return Some(Op::Ask(Quantity::Size(file)));
        }
        let first = self.rng.u64(..4) * page;
        let at = first + self.one_of(&[0, 0, 1]);
        let len = self.one_of(&[1, page - 1, page, page + 1, 2 * page, 2 * page + 1]);
        let mode = Growth::Punch;
        match self.rng.u32(..4) {
            0 => self.happen(Op::Truncate { file, size: at }),
            1 => {
                self.happen(Op::Truncate { file, size: at });
                let mode = Growth::Keep;
                self.happen(Op::Allocate { file, mode, at, len });
                let size = at + self.rng.u64(..2 * page);
                self.happen(Op::Truncate { file, size })
            }
            _ => self.happen(Op::Allocate { file, mode, at, len }),
        };
        let inside = self.one_of(&[0, 0, 1, page / 2]);
        let at = if self.chance(60) { first + inside } else { 8 * page };
        let (len, byte) = (self.rng.u64(1..4) * page, self.letter());
        self.happen(Op::Write { file, at, len, byte });
        Some(Op::Ask(Quantity::Size(file)))
    }

    /// A file that fills its filesystem, and what may hold it still when its descriptor is closed; what nobody holds leaves
    /// room for a page of another.
    pub(super) fn let_go(&mut self) -> Option<Op> {
        let page = self.world.page;
        let (other, file) = (self.files.len(), self.files.len() + 1);
        let kind = FileKind::Regular;
        self.happen(Op::Create { file: other, kind });
        self.happen(Op::Truncate {
            file: other,
            size: page,
        });
        self.happen(Op::Create { file, kind });
        let (byte, len) = (self.letter(), 8 * page);
        self.happen(Op::Write { file, at: 0, len, byte });
        if self.chance(30) {
            let share = self.one_of(&[Share::Shared, Share::Private]);
            let map = self.anew(Source::File(file), page, share)?;
            self.happen(map);
        }
        if self.chance(80) {
            self.happen(Op::Close { file });
        }
        Some(Op::Write {
            file: other,
            at: 0,
            len: 1,
            byte,
        })
    }

    /// Memory of its own, written to a file that may have no room for all of it.
    pub(super) fn send_much(&mut self, at: u64) -> Option<Op> {
        let file = (0..self.files.len()).rfind(|file| self.is_open(*file))?;
        let page = self.world.page;
        let map = self.anew(Source::Anonymous, 4 * page, Share::Private)?;
        let Op::Map { at: from, .. } = map else { return None };
        self.happen(map);
        let len = self.rng.u64(page..=4 * page);
        Some(Op::Send { file, at, from, len })
    }

    /// A private copy of a page that its full filesystem has no more.
    pub(super) fn keep_copy(&mut self) -> Option<Op> {
        let file = (0..self.files.len()).rfind(|file| self.is_open(*file))?;
        let page = self.world.page;
        let map = self.anew(Source::File(file), page, Share::Private)?;
        let Op::Map { at, .. } = map else { return None };
        self.happen(map);
        let access = Access::Store(self.letter());
        self.happen(Op::Touch { at, access });
        let (mode, len) = (Growth::Punch, page);
        self.happen(Op::Allocate { file, mode, at: 0, len });
        let (behind, len, byte) = (page, 8 * page, self.letter());
        self.happen(Op::Write {
            file,
            at: behind,
            len,
            byte,
        });
        let access = Access::Load;
        Some(Op::Touch { at, access })
    }

    /// More than a filesystem has room for, which takes none of it; and then a page.
    pub(super) fn refuse_all(&mut self) -> Option<Op> {
        let file = (0..self.files.len()).rfind(|file| self.is_open(*file))?;
        let page = self.world.page;
        let (mode, at, len) = (Growth::Extend, 0, 8 * page);
        self.happen(Op::Allocate { file, mode, at, len });
        let (at, len, byte) = (self.rng.u64(..4 * page), 1, self.letter());
        Some(Op::Write { file, at, len, byte })
    }

    /// A file that comes to just the limit, or a little less or more; or stays as long as it is, longer than the limit allows.
    pub(super) fn reach_limit(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        let limit = self.acts.iter().rev().find_map(|act| match act.op {
            Op::Limit(Limit::FileSize, limit) => Some(limit),
            _ => None,
        })?;
        let block = self.world.block;
        let size = self.model.size(file);
        let (mode, at, len) = match self.rng.u32(..5) {
            4 => {
                // Nothing fits behind the limit.
                let (from, len) = (self.touched(), self.rng.u64(1..8));
                return Some(Op::Send {
                    file,
                    at: limit,
                    from,
                    len,
                });
            }
            0 | 2 => (Growth::Insert, 0, self.rng.u64(1..3) * block),
            1 if (1..64 * block).contains(&limit) => {
                let at = self.rng.u64(..limit);
                (Growth::Extend, at, limit - at + self.rng.u64(..2))
            }
            _ => {
                let len = self.rng.u64(1..=self.world.page).min(size.max(1));
                (
                    self.one_of(&[Growth::Extend, Growth::Keep]),
                    size.saturating_sub(len),
                    len,
                )
            }
        };
        if mode == Growth::Insert {
            let size = (limit + self.rng.u64(..2)).checked_sub(len).filter(|size| *size > 0)?;
            self.happen(Op::Truncate { file, size });
        }
        Some(Op::Allocate { file, mode, at, len })
    }
}
