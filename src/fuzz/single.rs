//! Operations of a random script that stand for themselves: a touch, a truncation, a write, a move. It draws with what
//! `draw` knows.

use super::draw::Drawing;
use crate::op::{Access, Act, Advice, Filesystem, Growth, OnFault, Op, Place, WILD};

impl Drawing<'_> {
    /// Where nothing can be mapped a handler cannot repair anything either.
    pub(super) fn wild(&mut self) -> Option<Op> {
        let repairs = |act: &Act| matches!(act.op, Op::OnFault(OnFault::Cover | OnFault::Grow { .. }));
        let (_, address) = self.one_of(&WILD);
        let at = Place::nowhere(address);
        let access = Access::Load;
        (!self.acts.iter().any(repairs)).then_some(Op::Touch { at, access })
    }

    /// A touch that may kill, a routine or a race is made by a child, which lacks what MADV_DONTFORK keeps from it, and the guards of
    /// what MADV_WIPEONFORK empties: not both in one script.
    pub(super) fn advise(&mut self, at: Place, len: u64, advice: Advice) -> Option<Op> {
        let both = matches!(advice, Advice::DontFork | Advice::WipeOnFork) && self.needs_children();
        (!both).then_some(Op::Advise { at, len, advice })
    }

    /// Is there anything that a child does first, or in place of its parent?
    pub(super) fn needs_children(&self) -> bool {
        let kills = |act: &Act| {
            matches!(
                act.op,
                Op::OnFault(OnFault::Ignore | OnFault::Block | OnFault::Return | OnFault::OwnStack)
                    | Op::Library { .. }
                    | Op::Race { .. }
            )
        };
        self.acts.iter().any(kills)
    }

    pub(super) fn touch(&mut self) {
        let at = self.touched();
        let access = match self.rng.u32(..20) {
            0..9 => Access::Load,
            9..16 => Access::Store(self.letter()),
            16..18 => Access::LoadWide,
            _ => Access::StoreWide(self.letter()),
        };
        let at = match access {
            // Across an edge as often as not.
            Access::LoadWide | Access::StoreWide(_) if self.chance(50) => at.plus(-self.rng.i64(0..8)),
            _ => at,
        };
        if access.is_store() {
            self.stored = Some(at);
        }
        self.happen(Op::Touch { at, access });
    }

    pub(super) fn truncate(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        let size = if self.chance(25) {
            self.place_in(file)
        } else {
            self.size()
        };
        Some(Op::Truncate { file, size })
    }

    pub(super) fn write(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        let (at, len, byte) = (self.place_in(file), self.small(2).max(1), self.letter());
        Some(Op::Write { file, at, len, byte })
    }

    pub(super) fn allocate(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        let modes = [
            Growth::Extend,
            Growth::Extend,
            Growth::Keep,
            Growth::Punch,
            Growth::Collapse,
            Growth::Insert,
        ];
        let mode = self.one_of(&modes);
        let (mut at, mut len) = (self.place_in(file), self.small(3));
        if matches!(mode, Growth::Collapse | Growth::Insert) && self.chance(80) {
            let block = self.world.block;
            at -= at % block;
            len = (len - len % block).max(block);
        }
        Some(Op::Allocate { file, mode, at, len })
    }

    pub(super) fn read(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        let at = self.place_in(file);
        Some(Op::Read { file, at })
    }

    pub(super) fn remap(&mut self) -> Op {
        let (at, len) = self.range();
        let new = match self.rng.u32(..4) {
            0 => len,
            1 => len + self.world.page * self.rng.u64(1..3),
            2 => len.saturating_sub(self.world.page),
            _ => self.small(4),
        };
        let to = self.chance(50).then(|| {
            let area = self.rng.usize(..self.areas);
            let ends = self
                .stretches
                .iter()
                .filter(|stretch| stretch.area == area)
                .map(|stretch| stretch.to);
            let end = ends.max().unwrap_or(0).min(24 * self.page());
            let at = if self.chance(70) {
                end + self.page() * self.rng.i64(0..2)
            } else {
                0
            };
            let odd = if self.chance(2) { 1 } else { 0 };
            Place { area, at: at + odd }
        });
        let keep = self.chance(if to.is_some() { 25 } else { 3 });
        Op::Remap { at, len, new, to, keep }
    }

    /// On a disk this waits for the disk.
    pub(super) fn sync(&mut self) -> Option<Op> {
        if self.world.filesystem != Filesystem::Tmpfs && self.chance(80) {
            return None;
        }
        let (at, len) = self.range();
        Some(Op::Sync { at, len })
    }
}
