//! Operations of a random script that need a story of their own: dispositions, routines, races, questions. It draws with
//! what `draw` knows.

use super::draw::Drawing;
use super::tale::Tale;
use crate::op::{Access, Act, Advice, OnFault, Op, Outcome, Place, Prot, Quantity, Routine, Share, Source, WIDE};

impl Drawing<'_> {
    /// A call on pages, and as often as not a look at what has become of them: how many there are, or what a child has.
    pub(super) fn followed(&mut self, op: Op, at: Place, len: u64) -> Option<Op> {
        if self.chance(50) {
            return Some(op);
        }
        self.happen(op);
        let child = self.processes;
        if self.acts.last().is_some_and(keeps_from_children) && child < crate::op::PROC_LIMIT && self.chance(50) {
            self.happen(Op::Fork { child });
            self.by = child;
            self.touch();
        }
        Some(Op::Ask(match self.rng.u32(..4) {
            0 => Quantity::Resident(at, len),
            1 => Quantity::Present(at, len),
            _ => Quantity::Vmas(at, len),
        }))
    }

    /// A page of a file in two mappings side by side, shared and private, and a store that goes to the page and to a copy.
    pub(super) fn twice(&mut self) -> Option<Op> {
        let (file, page) = (self.open_file()?, self.world.page);
        let Op::Map { at, mut mapping } = self.anew(Source::File(file), page, Share::Shared)? else {
            return None;
        };
        self.happen(Op::Map { at, mapping });
        let border = at.plus(page as i64);
        mapping.share = Share::Private;
        self.happen(Op::Map { at: border, mapping });
        let (at, access) = (border.plus(-self.rng.i64(1..8)), Access::StoreWide(self.letter()));
        self.happen(Op::Touch { at, access });
        // What the copy was made of.
        let (at, access) = (border.plus(page as i64 - 1), Access::Load);
        Some(Op::Touch { at, access })
    }

    /// Something that is done to one of two pages, when the other has been forbidden stores and counts no more as memory
    /// that may be needed. If it has given the page memory of its own, the two stay apart.
    pub(super) fn apart(&mut self, at: Place, other: i64, deed: Op) -> Option<Op> {
        let (len, page) = (self.world.page, self.page());
        let prot = Prot::READ;
        let (one, other) = (at.plus((1 - other) * page), at.plus(other * page));
        self.happen(Op::Protect { at: other, len, prot });
        self.happen(deed);
        self.happen(Op::Protect { at: one, len, prot });
        Some(Op::Ask(Quantity::Vmas(at, 2 * len)))
    }

    /// The same of a store that faults behind the two.
    pub(super) fn verge(&mut self) -> Option<Op> {
        let len = 2 * self.world.page;
        let map = self.anew(Source::Anonymous, len, Share::Private)?;
        let Op::Map { at, .. } = map else { return None };
        self.happen(map);
        let access = Access::StoreWide(self.letter());
        let edge = at.plus(len as i64 - self.rng.i64(1..10));
        self.apart(at, 0, Op::Touch { at: edge, access })
    }

    /// A load across two pages, private and a file's, of which it makes no copies: a later write is seen.
    pub(super) fn load_across(&mut self) -> Option<Op> {
        let page = self.world.page;
        let file = self.open_file()?;
        let map = self.anew(Source::File(file), 2 * page, Share::Private)?;
        let Op::Map { at, .. } = map else { return None };
        let (len, byte) = (2 * page, self.letter());
        self.happen(Op::Write { file, at: 0, len, byte });
        self.happen(map);
        let (edge, access) = (at.plus(page as i64 - self.rng.i64(1..8)), Access::LoadWide);
        self.happen(Op::Touch { at: edge, access });
        let byte = self.letter();
        self.happen(Op::Write { file, at: 0, len, byte });
        let access = Access::Load;
        Some(Op::Touch { at: edge, access })
    }

    /// Two bytes or more copied by the script itself, and a look at what came of it.
    pub(super) fn moved(&mut self) -> Option<Op> {
        let (from, to) = (self.touched(), self.touched());
        let len = self.rng.u64(1..12);
        self.happen(Op::Copy { from, to, len });
        if self.chance(30) {
            return Some(Op::Ask(Quantity::Present(to, len)));
        }
        self.look(to, len)
    }

    /// A load of one of so many bytes, as often as not.
    pub(super) fn look(&mut self, place: Place, len: u64) -> Option<Op> {
        if self.chance(50) || len == 0 {
            return None;
        }
        let at = place.plus(self.rng.u64(..len) as i64);
        let access = Access::Load;
        Some(Op::Touch { at, access })
    }

    /// Memory that is kept from children; and a child that stands in for its parent does not know that what a userfaultfd
    /// watches was let go when it moved.
    fn has_what_children_lack(&self) -> bool {
        let moved = |act: &Act| self.tale == Some(Tale::Missing) && matches!(act.op, Op::Remap { .. });
        self.acts.iter().any(|act| keeps_from_children(act) || moved(act))
    }

    /// What happens at a fault. The child that dies of one has not what is withheld from children.
    pub(super) fn on_fault(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        let most = if self.has_what_children_lack() { 9 } else { 14 };
        let drawn = self.rng.u32(..most);
        if drawn > 11 {
            return self.overflow();
        }
        let what = match drawn {
            0..4 => OnFault::Cover,
            4..8 => OnFault::Grow {
                file,
                size: self.size(),
            },
            8 => OnFault::Note,
            9 => OnFault::Ignore,
            10 => OnFault::Block,
            _ => OnFault::Return,
        };
        if self.chance(60) || !matches!(what, OnFault::Ignore | OnFault::Block | OnFault::Return) {
            return Some(Op::OnFault(what));
        }
        // What a child brings in before it dies is not there.
        self.happen(Op::OnFault(what));
        let share = self.one_of(&[Share::Private, Share::Shared]);
        let page = self.world.page;
        let map = self.anew(Source::Anonymous, page, share)?;
        let Op::Map { at, .. } = map else { return None };
        self.happen(map);
        let (edge, access) = (at.plus(page as i64 - 4), Access::StoreWide(self.letter()));
        self.happen(Op::Touch { at: edge, access });
        Some(Op::Ask(Quantity::Present(at, page)))
    }

    /// A routine of the C library, which a child calls first. What it makes of overlapping bytes nobody promises.
    pub(super) fn library(&mut self) -> Option<Op> {
        // Which pages a child took before it died of a fault, the model does not follow.
        if matches!(self.tale, Some(Tale::Mount | Tale::Missing)) || self.has_what_children_lack() {
            return None;
        }
        let page = self.page();
        let mut place = self.touched();
        let len = if self.chance(50) {
            self.rng.u64(1..64)
        } else {
            self.small(1).clamp(1, 1 << 12)
        };
        if self.chance(60) {
            // Across the edge of a page, where it may end.
            let edge = (place.at.div_euclid(page) + 1) * page;
            place = place.area_at(edge - self.rng.u64(..=len) as i64);
        }
        if self.chance(20) {
            return self.half_filled();
        }
        // What has one place has it twice.
        let (mut from, mut to) = (place, place);
        let other = match self.rng.u32(..3) {
            0 => self.anew(Source::Anonymous, 2 * self.world.page, Share::Private),
            _ => None,
        };
        let routine = match other {
            Some(Op::Map { at, mapping }) => {
                self.happen(Op::Map { at, mapping });
                let end = if self.chance(70) { &mut to } else { &mut from };
                *end = at.plus(self.rng.i64(0..page));
                Routine::Memcpy
            }
            _ if self.chance(50) => Routine::Strnlen,
            _ => Routine::Memset(self.letter()),
        };
        self.happen(Op::Library { routine, from, to, len });
        if matches!(routine, Routine::Memset(_)) && self.chance(40) {
            // Of bytes that it may have stored to, or not.
            let routine = Routine::Strnlen;
            return Some(Op::Library { routine, from, to, len });
        }
        self.look(to, len)
    }

    /// Zeros before the end of a shared mapping, which a routine was to fill and go past: how far did it come?
    fn half_filled(&mut self) -> Option<Op> {
        let page = self.world.page;
        let map = self.anew(Source::Anonymous, page, Share::Shared)?;
        let Op::Map { at, .. } = map else { return None };
        self.happen(map);
        let before = self.rng.u64(1..300);
        let (at, len) = (at.plus((page - before) as i64), before + self.rng.u64(1..64));
        let (from, to, routine) = (at, at, Routine::Memset(self.letter()));
        self.happen(Op::Library { routine, from, to, len });
        let routine = Routine::Strnlen;
        Some(Op::Library { routine, from, to, len })
    }

    /// Two processes at one counter, where it is memory that can be stored to.
    pub(super) fn race(&mut self) -> Option<Op> {
        // The two that add are children, and some memory is kept from children.
        if self.has_what_children_lack() {
            return None;
        }
        // Few additions hardly meet; many do, in memory that is sure to be shared. Where a file ends is a place of its own.
        let (page, story) = (self.world.page, self.rng.u32(..3));
        let end = self.model.size(0).min(8 * page).next_multiple_of(WIDE);
        let new = match story {
            0 => self.anew(Source::Anonymous, page, Share::Shared),
            1 => self.anew(Source::File(0), end + 1, Share::Shared),
            _ => None,
        };
        let mut at = self.touched();
        if let Some(map @ Op::Map { at: begin, .. }) = new {
            self.happen(map);
            at = begin.plus(if story == 1 { end as i64 } else { 0 });
        }
        let many = story == 0;
        let at = at.area_at(at.at - at.at.rem_euclid(WIDE as i64));
        let access = Access::StoreWide(b'0');
        let fine = self.model.clone().apply(self.by, &Op::Touch { at, access });
        if fine.possible != [Outcome::Stored] && self.chance(80) {
            return None;
        }
        let times = self.rng.u64(if many { 20_000..100_000 } else { 1..400 });
        let atomic = self.chance(40);
        self.happen(Op::Race { at, times, atomic });
        // Most often the sum has one byte, or two.
        let (at, access) = (at.plus(self.rng.i64(0..3)), Access::Load);
        Some(Op::Touch { at, access })
    }

    pub(super) fn ask(&mut self) -> Op {
        let file = self.open_file();
        let (at, len) = self.range();
        Op::Ask(match (self.rng.u32(..4), file) {
            (0, Some(file)) if self.chance(5) => Quantity::Blocks(file),
            (0, Some(file)) => Quantity::Size(file),
            (1, _) => Quantity::Present(at, len),
            (2, _) => Quantity::Vmas(at, len),
            _ => Quantity::Resident(at, len),
        })
    }
}

/// Does it withhold memory from children, or empty it there?
pub(super) fn keeps_from_children(act: &Act) -> bool {
    matches!(
        act.op,
        Op::Advise {
            advice: Advice::DontFork | Advice::WipeOnFork,
            ..
        }
    )
}
