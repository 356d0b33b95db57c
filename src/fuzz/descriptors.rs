//! Stories of a random script around descriptors: copies between files and memory, what is opened, what a seal forbids. It
//! draws with what `draw` knows.

use super::draw::Drawing;
use super::generate::KINDS;
use super::tale::Tale;
use crate::op::{Advice, FileId, FileKind, Growth, OnFault, Op, Prot, Quantity, Rights, Seals, Share, Source};

impl Drawing<'_> {
    /// A system call that copies between a file and memory, and as often as not a look at what it has copied. Of overlapping
    /// bytes of one object nobody promises anything.
    pub(super) fn copy(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        let place = self.touched();
        let page = self.page();
        let len = if self.chance(50) {
            self.rng.u64(..16)
        } else {
            self.small(2)
        };
        let send = self.chance(50);
        let mut at = self.place_in(file);
        if !send && self.chance(70) {
            at = at.saturating_sub(len); // what lies at the end of the file can be read
        }
        let pages =
            (place.at.div_euclid(page)..=(place.at + len as i64).div_euclid(page)).map(|n| place.area_at(n * page));
        // With O_APPEND it goes elsewhere, a page more or less is in flight, and all from the old end on may come to be there.
        let near = match self.files[file].rights {
            Rights::Append => 0..u64::MAX,
            _ => at.min(self.model.size(file)).saturating_sub(page as u64)..at.saturating_add(len + page as u64),
        };
        let mut pages = pages;
        if pages.any(|place| self.model.lies_behind(self.by, place, file, near.clone())) {
            return None;
        }
        if !send {
            let to = place;
            self.happen(Op::Receive { file, at, to, len });
            return self.look(place, len);
        }
        let from = place;
        self.happen(Op::Send { file, at, from, len });
        if self.chance(50) || len == 0 {
            return None;
        }
        let at = at + self.rng.u64(..len);
        Some(Op::Read { file, at })
    }

    /// Another file, or the same once more, or one less.
    pub(super) fn open(&mut self) -> Option<Op> {
        let file = self.files.len();
        let grows = self
            .acts
            .iter()
            .any(|act| matches!(act.op, Op::OnFault(OnFault::Grow { .. })));
        match self.rng.u32(..10) {
            0..5 => Some(Op::Create {
                file,
                kind: self.one_of(&KINDS),
            }),
            // The handler that grows a file does so by its number, which a later open would be given.
            5 if !grows => {
                let file = self.open_file()?;
                let again = self.acts.iter().any(|act| act.op == Op::Close { file });
                self.happen(Op::Close { file });
                // Once something else is opened, its number is that one's.
                if again || self.chance(50) {
                    return None;
                }
                let (at, mut mapping) = self.mapping();
                mapping.source = Source::File(file);
                Some(Op::Map { at, mapping })
            }
            _ => {
                let of = self.open_file()?;
                let known = self.files[of];
                if known.rights == Rights::Path {
                    return None;
                }
                let all = [
                    Rights::Read,
                    Rights::Write,
                    Rights::ReadWrite,
                    Rights::Append,
                    Rights::Truncate,
                    Rights::Path,
                ];
                let rights = self.one_of(&all);
                Some(Op::Reopen { file, of, rights })
            }
        }
    }

    /// What was opened, mapped: its kind and its rights decide what may be done with it.
    pub(super) fn used(&mut self, op: Op) -> Option<Op> {
        let (Op::Create { file, .. } | Op::Reopen { file, .. }) = op else {
            return Some(op);
        };
        if self.chance(30) {
            return Some(op);
        }
        self.happen(op);
        let known = self.files[file];
        let has_bytes = matches!(known.kind, FileKind::Regular | FileKind::Memfd { .. } | FileKind::Shm);
        if self.chance(if has_bytes { 30 } else { 60 }) {
            let mut tried = file;
            if !has_bytes && known.rights != Rights::Path && self.is_open(file) {
                tried = self.files.len();
                let rights = self.one_of(&[Rights::Write, Rights::ReadWrite, Rights::Path]);
                self.happen(Op::Reopen {
                    file: tried,
                    of: file,
                    rights,
                });
            }
            let op = self.tried(tried);
            self.happen(op);
            return Some(self.tried(tried));
        }
        if self.chance(30) {
            // Nothing is written, and yet the descriptor has its say.
            let (at, from, len) = (self.place_in(file), self.touched(), 0);
            return Some(Op::Send { file, at, from, len });
        }
        let (at, mut mapping) = self.mapping();
        mapping.source = Source::File(file);
        if !self.happen(Op::Map { at, mapping }) {
            return None;
        }
        let (len, prot) = (mapping.len, self.prot());
        Some(Op::Protect { at, len, prot })
    }

    /// A call on a descriptor, whatever is behind it, if anything is: a refused open(2) has a number in the script too.
    fn tried(&mut self, file: FileId) -> Op {
        let (at, len, byte) = (self.rng.u64(..3), self.small(1), self.letter());
        let modes = [Growth::Extend, Growth::Keep, Growth::Punch, Growth::Collapse];
        let all = [Rights::Read, Rights::Write, Rights::ReadWrite, Rights::Path];
        let shrink = Seals {
            shrink: true,
            ..Seals::default()
        };
        let missing = self.tale == Some(Tale::Missing);
        match self.rng.u32(..10) {
            0 if self.files[file].kind == FileKind::Zero && !missing => Op::Receive {
                file,
                at,
                to: self.touched(),
                len,
            },
            0 | 1 => Op::Write {
                file,
                at,
                len: len.max(1),
                byte,
            },
            2 | 3 => Op::Read { file, at },
            4 | 5 => Op::Allocate {
                file,
                mode: self.one_of(&modes),
                at,
                len,
            },
            6 => Op::Truncate { file, size: len },
            7 => Op::Seal { file, seals: shrink },
            _ if self.files[file].rights != Rights::Path && self.chance(50) => Op::Reopen {
                file: self.files.len(),
                of: file,
                rights: self.one_of(&all),
            },
            _ => Op::Ask(self.one_of(&[Quantity::Size(file), Quantity::Blocks(file)])),
        }
    }

    /// Where the file may not grow, a write goes to the last whole page; and where it is not to be written to in future, what is
    /// mapped of it from then on keeps nobody from forbidding it altogether.
    fn sealed(&mut self) -> Option<Op> {
        let kind = FileKind::Memfd { sealing: true };
        let sealable = |file: &FileId| self.files[*file].kind == kind && self.is_open(*file);
        let file = (0..self.files.len()).rfind(sealable)?;
        let mut seals = Seals::default();
        if self.chance(50) {
            seals.grow = true;
            self.happen(Op::Seal { file, seals });
            let size = self.model.size(file);
            let (back, byte) = (self.rng.u64(..4 * self.world.page), self.letter());
            let at = size.saturating_sub(back);
            if self.chance(30) {
                let (mode, len) = (self.one_of(&[Growth::Extend, Growth::Keep]), size - at);
                return Some(Op::Allocate { file, mode, at, len });
            }
            // To the very end, which is no growth, or beyond.
            let more = if self.chance(40) {
                0
            } else {
                self.rng.u64(1..self.world.page)
            };
            let len = (size - at + more).max(1);
            self.happen(Op::Write { file, at, len, byte });
            let at = size.saturating_sub(self.rng.u64(..self.world.page));
            return Some(Op::Read { file, at });
        }
        seals.future_write = true;
        self.happen(Op::Seal { file, seals });
        let (at, mut mapping) = self.mapping();
        mapping.source = Source::File(file);
        mapping.share = Share::Shared;
        mapping.prot = Prot::READ;
        self.happen(Op::Map { at, mapping });
        seals.write = true;
        Some(Op::Seal { file, seals })
    }

    pub(super) fn seal(&mut self) -> Option<Op> {
        if self.chance(25) {
            return self.sealed();
        }
        let sealable = |file: &FileId| {
            let known = self.files[*file];
            known.kind == FileKind::Memfd { sealing: true } && !known.closed[self.by]
        };
        let file = (0..self.files.len()).rfind(sealable).filter(|_| self.rng.u32(..4) > 0);
        let file = file.or_else(|| self.open_file())?;
        let mut seals = Seals::default();
        for seal in [
            &mut seals.shrink,
            &mut seals.grow,
            &mut seals.write,
            &mut seals.future_write,
            &mut seals.seal,
        ] {
            *seal = self.rng.u32(..4) == 0;
        }
        if seals == Seals::default() {
            seals.shrink = true;
        }
        self.happen(Op::Seal { file, seals });
        if self.chance(40) || !self.is_open(file) || !matches!(self.files[file].kind, FileKind::Memfd { .. }) {
            return None;
        }
        // What a seal forbids, in all the ways to do it.
        let at = self.place_in(file);
        Some(match self.rng.u32(..6) {
            0 => Op::Reopen {
                file: self.files.len(),
                of: file,
                rights: Rights::Truncate,
            },
            1 => Op::Truncate { file, size: at },
            2 => Op::Write {
                file,
                at,
                len: self.small(2).max(1),
                byte: self.letter(),
            },
            3 => Op::Allocate {
                file,
                mode: self.one_of(&[Growth::Extend, Growth::Keep, Growth::Punch]),
                at,
                len: self.small(2).max(1),
            },
            4 => {
                let (at, len) = self.range();
                let advice = Advice::Remove;
                Op::Advise { at, len, advice }
            }
            _ => {
                let (at, mut mapping) = self.mapping();
                mapping.source = Source::File(file);
                mapping.share = self.one_of(&[Share::Shared, Share::Private]);
                mapping.prot = self.one_of(&[Prot::READ, Prot::READ, Prot::READ_WRITE]);
                if !self.happen(Op::Map { at, mapping }) {
                    return None;
                }
                let (len, prot) = (mapping.len, Prot::READ_WRITE);
                Op::Protect { at, len, prot }
            }
        })
    }
}
