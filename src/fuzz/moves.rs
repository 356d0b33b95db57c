//! The story of a move: VMAs side by side, each with a past of its own, then mremap(2) of a stretch of them, and a look at
//! what lies where it was and where it is now. It draws with what `draw` knows.

use super::draw::Drawing;
use super::tale::Tale;
use crate::op::{AREA_LIMIT, Access, Advice, FileKind, Limit, Op, PROC_LIMIT, Place, Prot, Quantity, Share, Source};

impl Drawing<'_> {
    /// The whole story.
    pub(super) fn moves(&mut self) {
        if self.tale == Some(Tale::Missing) && self.needs_children() {
            return self.touch();
        }
        match self.rng.u32(..10) {
            0 => return self.kept(),
            1 if self.processes < PROC_LIMIT => return self.brought_along(),
            _ => {}
        }
        let page = self.page();
        let base = self.free_place();
        let mut end = base;
        for _ in 0..self.rng.u32(1..4) {
            let pages = self.rng.i64(1..4);
            if !self.with_a_past(end, pages) {
                return;
            }
            end = end.plus(pages * page);
            if self.chance(10) {
                end = end.plus(page);
            }
        }
        let pages = (end.at - base.at) / page;
        if self.tale == Some(Tale::Limits) && self.chance(70) {
            let room = self.rng.u64(0..3) * page as u64;
            let limit = self.lower(Limit::AddressSpace, room);
            limit.map(|limit| self.happen(limit));
        }
        for _ in 0..self.rng.u32(1..3) {
            if self.tale == Some(Tale::Seal) && self.chance(50) {
                // Refused where any of it is sealed, after a cut.
                let (at, len) = self.pages_of(base, pages);
                self.happen(Op::Unmap { at, len });
                self.happen(Op::Ask(Quantity::Vmas(base, (pages * page) as u64)));
            }
            let op = self.a_move(base, pages);
            self.happen(op);
            self.look_at_both(op);
        }
    }

    /// Addresses that nothing was put at yet.
    pub(super) fn free_place(&mut self) -> Place {
        let area = self.areas.min(AREA_LIMIT - 1);
        let ends = self.stretches.iter().filter(|stretch| stretch.area == area);
        let end = ends.map(|stretch| stretch.to).max();
        Place {
            area,
            at: end.map_or(0, |end| end.clamp(0, 100 * self.page()) + 2 * self.page()),
        }
    }

    /// So many of these pages, from one of them on.
    fn pages_of(&mut self, base: Place, pages: i64) -> (Place, u64) {
        let page = self.page();
        let first = if self.chance(40) { 0 } else { self.rng.i64(0..pages) };
        let count = if self.chance(40) {
            pages - first
        } else {
            self.rng.i64(1..=pages - first)
        };
        (base.plus(first * page), (count * page) as u64)
    }

    /// A mapping, and what happens to pages of it.
    fn with_a_past(&mut self, at: Place, pages: i64) -> bool {
        let source = match self.rng.u32(..8) {
            0 | 1 => self.open_file().map_or(Source::Anonymous, Source::File),
            2 => {
                let (file, kind) = (self.files.len(), FileKind::Zero);
                self.happen(Op::Create { file, kind });
                Source::File(file)
            }
            _ => Source::Anonymous,
        };
        let mut mapping = self.plain_mapping(source);
        mapping.len = (pages * self.page()) as u64;
        mapping.flags = Default::default();
        mapping.flags.locked = self.chance(15);
        if self.chance(70) {
            mapping.prot = Prot::READ_WRITE;
        }
        if self.tale == Some(Tale::Missing) && source == Source::Anonymous {
            mapping.share = Share::Private;
        }
        let private = mapping.share == Share::Private && source == Source::Anonymous;
        if !self.happen(Op::Map { at, mapping }) {
            return false;
        }
        if self.chance(60) {
            let (at, len) = self.pages_of(at, pages);
            match self.tale {
                Some(Tale::Seal) => drop(self.happen(Op::Mseal { at, len })),
                Some(Tale::Missing) if private => drop(self.happen(Op::Userfaultfd { at, len })),
                _ => {}
            }
        }
        for _ in 0..self.rng.u32(..3) {
            let (at, len) = self.pages_of(at, pages);
            let op = match self.rng.u32(..8) {
                0..4 => Op::Touch {
                    at,
                    access: Access::Store(self.letter()),
                },
                4..6 => Op::Touch {
                    at,
                    access: Access::Load,
                },
                6 => Op::Advise {
                    at,
                    len,
                    advice: Advice::GuardInstall,
                },
                _ => Op::Lock { at, len },
            };
            self.happen(op);
        }
        true
    }

    /// mremap(2) of a stretch of these pages, to where it grows or shrinks, or to beside them or over one of them.
    fn a_move(&mut self, base: Place, pages: i64) -> Op {
        let page = self.world.page;
        let (at, mut len) = self.pages_of(base, pages);
        if self.chance(5) {
            len = 0;
        }
        let new = match self.rng.u32(..8) {
            0 => len + page * self.rng.u64(1..3),
            1 => len.saturating_sub(page),
            2 => self.rng.u64(1..5) * page,
            _ => len,
        };
        let new = new.max(page);
        let to = self.chance(80).then(|| match self.rng.u32(..5) {
            0 => base.plus(-(new as i64)),
            1 => base.plus(self.page() * self.rng.i64(0..pages)),
            2 => base.plus(self.page() * (pages + self.rng.i64(1..4))),
            _ => base.plus(self.page() * pages),
        });
        let keep = to.is_some() && self.chance(35);
        Op::Remap { at, len, new, to, keep }
    }

    /// Pages of the old place and of the new one.
    fn look_at_both(&mut self, op: Op) {
        let Op::Remap { at, len, new, to, .. } = op else { return };
        let to = to.unwrap_or(at);
        for _ in 0..self.rng.u32(1..4) {
            let (at, len) = if self.chance(70) { (to, new) } else { (at, len) };
            let pages = len.div_ceil(self.world.page).max(1) as i64;
            let at = at.plus(self.rng.i64(0..pages) * self.page());
            let access = match self.rng.u32(..4) {
                0 => Access::Store(self.letter()),
                _ => Access::Load,
            };
            self.happen(Op::Touch { at, access });
        }
        let (at, len) = if self.chance(60) { (to, new) } else { (at, len.max(1)) };
        self.happen(Op::Ask(Quantity::Present(at, len)));
        if self.chance(50) {
            // With the neighbours that it may have joined.
            let (at, len) = (to.plus(-self.page()), new + 2 * self.world.page);
            self.happen(Op::Ask(Quantity::Vmas(at, len)));
        }
    }
}
