//! Stories of VMAs: what joins two of them, and what keeps them apart. It draws with what `draw` knows.

use super::draw::Drawing;
use crate::op::{Access, Advice, Op, PROC_LIMIT, Place, Prot, Quantity, Rights, Source};

impl Drawing<'_> {
    /// Memory that had a guard, on one side of what may be two VMAs, and has moved away; and what a fork brings of it.
    pub(super) fn guarded_once(&mut self) -> Option<Op> {
        let page = self.world.page;
        let map = self.anew(Source::Anonymous, 2 * page, crate::op::Share::Private)?;
        let Op::Map { at, .. } = map else { return None };
        self.happen(map);
        let (advice, len, halves) = (Advice::GuardInstall, page, self.chance(30));
        if halves {
            let prot = Prot::READ;
            self.happen(Op::Protect { at, len, prot });
        }
        self.happen(Op::Advise { at, len, advice });
        if halves {
            let prot = Prot::READ_WRITE;
            self.happen(Op::Protect { at, len, prot });
        }
        let (to, len) = (Some(at.plus(3 * page as i64)), 2 * page);
        let (new, keep) = (len, true);
        self.happen(Op::Remap { at, len, new, to, keep });
        let (at, access) = (at.plus(page as i64), Access::Load);
        self.happen(Op::Touch { at, access });
        let child = self.processes;
        self.happen(Op::Fork { child });
        self.by = child;
        Some(Op::Ask(Quantity::Present(at, page)))
    }

    /// Mappings side by side, and what may keep them from being one VMA.
    pub(super) fn join(&mut self) -> Option<Op> {
        let page = self.world.page;
        let area = self.new_area()?;
        let source = match self.rng.u32(..3) {
            0 => self.open_file().map_or(Source::Anonymous, Source::File),
            _ => Source::Anonymous,
        };
        let mut mapping = self.plain_mapping(source);
        mapping.flags = Default::default();
        mapping.flags.no_reserve = self.chance(20);
        mapping.len = 2 * page;
        let at = Place { area, at: 0 };
        let (middle, prot) = (at.plus(mapping.len as i64), mapping.prot);
        if !self.happen(Op::Map { at, mapping }) {
            return None;
        }
        // As often as not something happens before the other is there.
        if self.chance(30) {
            self.unsettle(at, at, mapping.prot);
        }
        match self.rng.u32(..6) {
            0 => mapping.flags.no_reserve = !mapping.flags.no_reserve,
            1 => mapping.prot = self.prot(),
            2 => mapping.flags.locked = true,
            3 => mapping.source = self.open_file().map_or(source, Source::File),
            4 => {
                // The same object by another descriptor, where there is one.
                if let Source::File(of) = source {
                    let (file, rights) = (self.files.len(), Rights::ReadWrite);
                    self.happen(Op::Reopen { file, of, rights });
                    mapping.source = Source::File(file);
                }
            }
            _ => {}
        }
        if source != Source::Anonymous {
            mapping.offset += mapping.len * self.rng.u64(..4).min(1);
        }
        self.happen(Op::Map { at: middle, mapping });
        if mapping.prot != prot && self.chance(70) {
            let (len, prot) = (4 * page, Prot::READ_WRITE);
            self.happen(Op::Protect { at, len, prot });
        }
        if self.processes < PROC_LIMIT && self.chance(3) {
            let child = self.processes;
            self.happen(Op::Fork { child });
            self.by = child;
        }
        for _ in 0..self.rng.u32(..4) {
            self.unsettle(at, middle, mapping.prot);
        }
        let (old, new) = (4 * page, page * self.rng.u64(3..7));
        if self.chance(60) {
            return Some(Op::Ask(Quantity::Vmas(at, old)));
        }
        let to = self.chance(40).then(|| at.plus(8 * page as i64));
        let op = Op::Remap {
            at,
            len: old,
            new,
            to,
            keep: false,
        };
        self.happen(op);
        let at = to.unwrap_or(at);
        Some(Op::Ask(Quantity::Present(at, new)))
    }

    /// Something that makes one of two neighbours unlike the other, or like it again.
    fn unsettle(&mut self, at: Place, middle: Place, prot: Prot) {
        let page = self.world.page;
        let side = self.one_of(&[at, middle]);
        let len = self.one_of(&[page, 2 * page, 4 * page]);
        let op = match self.rng.u32(..10) {
            0..3 => Op::Touch {
                at: side,
                access: Access::Store(self.letter()),
            },
            3 => Op::Protect {
                at: side,
                len,
                prot: self.prot(),
            },
            4 => Op::Protect {
                at,
                len: 4 * page,
                prot,
            },
            5 => Op::Lock { at: side, len },
            6 => Op::Unlock { at: side, len },
            7 => {
                // Away and back again.
                let (away, len) = (at.plus(8 * page as i64), 2 * page);
                let moves = |at, to, keep| Op::Remap {
                    at,
                    len,
                    new: len,
                    to: Some(to),
                    keep,
                };
                let keep = self.chance(50);
                self.happen(moves(side, away, keep));
                if keep {
                    return;
                }
                moves(away, side, keep)
            }
            _ => Op::Advise {
                at: side,
                len,
                advice: self.one_of(&[Advice::GuardInstall, Advice::GuardRemove, Advice::DontNeed]),
            },
        };
        self.happen(op);
    }

    /// Neighbours that are made unlike, have memory of their own by then or not, and are made alike again.
    pub(super) fn reunite(&mut self) -> Option<Op> {
        let page = self.world.page;
        let at = self.stage(6)?;
        let len = 2 * page;
        let [a, b, c] = [0, 2, 4].map(|n| at.plus(n * page as i64));
        let protect = |at, prot| Op::Protect { at, len, prot };
        let advise = |at, advice| Op::Advise { at, len, advice };
        let (unlike, alike): (Vec<Op>, Vec<Op>) = match self.rng.u32(..6) {
            0 => (vec![Op::Lock { at: b, len }], vec![Op::Unlock { at, len: 3 * len }]),
            1 => (
                vec![protect(b, Prot::READ), advise(b, Advice::GuardInstall)],
                vec![protect(b, Prot::READ_WRITE)],
            ),
            2 => (vec![protect(b, Prot::WRITE)], vec![protect(b, Prot::READ_WRITE)]),
            3 => (
                vec![protect(a, Prot::READ), protect(c, Prot::READ)],
                vec![protect(a, Prot::READ_WRITE), protect(c, Prot::READ_WRITE)],
            ),
            4 => (
                vec![advise(a, Advice::DontFork), advise(c, Advice::DontFork)],
                vec![advise(b, Advice::DontFork)],
            ),
            _ => {
                // Moved away and left behind, without what it had.
                let to = Some(at.plus(8 * page as i64));
                let keep = self.chance(70);
                let (at, new) = (b, len);
                let moved = Op::Remap { at, len, new, to, keep };
                // Beside it comes what could never be stored to.
                let mut never = self.acts.iter().rev().find_map(|act| match act.op {
                    Op::Map { mapping, .. } => Some(mapping),
                    _ => None,
                })?;
                if never.source != Source::Anonymous {
                    never.offset += 2 * len;
                }
                (never.len, never.prot, never.flags.fixed) = (len, Prot::READ, true);
                let beside = Op::Map { at: c, mapping: never };
                (
                    vec![protect(b, Prot::READ)],
                    vec![moved, beside, protect(b, Prot::READ)],
                )
            }
        };
        if self.chance(40) {
            // All of it, or what can be stored to no more.
            let access = Access::Store(self.letter());
            self.happen(Op::Touch { at: b, access });
        }
        for op in unlike {
            let kept = matches!(
                op,
                Op::Advise {
                    advice: Advice::DontFork,
                    ..
                }
            );
            if kept && self.advise(at, len, Advice::DontFork).is_none() {
                return None;
            }
            self.happen(op);
        }
        let child = Some(self.processes).filter(|child| *child < PROC_LIMIT && self.rng.u32(..100) < 12);
        let early = self.chance(50);
        for (n, side) in [a, c, b].into_iter().enumerate() {
            if n == 2 && early {
                self.go_on_as(child);
            }
            if self.chance(70) {
                let access = Access::Store(self.letter());
                self.happen(Op::Touch { at: side, access });
            }
        }
        if !early {
            self.go_on_as(child);
        }
        for op in alike {
            self.happen(op);
        }
        Some(Op::Ask(Quantity::Vmas(at, 3 * len)))
    }

    fn go_on_as(&mut self, child: Option<usize>) {
        if let Some(child) = child {
            self.happen(Op::Fork { child });
            self.by = child;
        }
    }

    /// Memory that comes from another area to stand beside its like.
    pub(super) fn meet_there(&mut self) -> Option<Op> {
        let page = self.world.page;
        let (from, there) = (self.stage(2)?, self.stage(4)?);
        let access = Access::Store(self.letter());
        self.happen(Op::Touch { at: from, access });
        let (to, len) = (there.plus(self.one_of(&[4, 0]) * page as i64), 2 * page);
        self.happen(Op::Remap {
            at: from,
            len,
            new: len,
            to: Some(to),
            keep: false,
        });
        Some(Op::Ask(Quantity::Vmas(there, 6 * page)))
    }
}
