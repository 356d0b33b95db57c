//! Stories of VMAs: what joins two of them and what keeps them apart, what a fork brings along, what guards and locks leave.
//! Each sets a stage of its own, and asks afterwards. It draws with what `draw` knows.

use super::draw::Drawing;
use crate::op::{
    AREA_LIMIT, Access, Advice, FileId, FileKind, Growth, MapFlags, Mapping, Op, PROC_LIMIT, Place, Prot, Quantity,
    Seals, Share, Source,
};

impl Drawing<'_> {
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
        mapping.len = 2 * page;
        let at = Place { area, at: 0 };
        let middle = at.plus(mapping.len as i64);
        if !self.happen(Op::Map { at, mapping }) {
            return None;
        }
        // As often as not something happens before the other is there.
        if self.chance(30) {
            self.unsettle(at, at, mapping.prot);
        }
        match self.rng.u32(..6) {
            0 => mapping.flags.no_reserve = true,
            1 => mapping.prot = self.prot(),
            2 => mapping.flags.locked = true,
            3 => mapping.source = self.open_file().map_or(source, Source::File),
            _ => {}
        }
        if source != Source::Anonymous {
            mapping.offset += mapping.len * self.rng.u64(..4).min(1);
        }
        self.happen(Op::Map { at: middle, mapping });
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
                child.map(|child| self.become_child(child));
            }
            if self.chance(70) {
                let access = Access::Store(self.letter());
                self.happen(Op::Touch { at: side, access });
            }
        }
        if !early {
            child.map(|child| self.become_child(child));
        }
        for op in alike {
            self.happen(op);
        }
        Some(Op::Ask(Quantity::Vmas(at, 3 * len)))
    }

    fn become_child(&mut self, child: usize) {
        self.happen(Op::Fork { child });
        self.by = child;
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

    /// Pages of a private mapping brought in, as copies or not, and what a write to the file then changes of them.
    pub(super) fn bring(&mut self) -> Option<Op> {
        let page = self.world.page;
        let file = self.open_file()?;
        let at = Place {
            area: self.new_area()?,
            at: 0,
        };
        let mut mapping = self.plain_mapping(Source::File(file));
        mapping.share = Share::Private;
        mapping.prot = Prot::READ_WRITE;
        mapping.flags = Default::default();
        (mapping.offset, mapping.len) = (0, 2 * page);
        let brings = self.rng.u32(..4);
        mapping.flags.populate = brings == 0;
        self.happen(Op::Map { at, mapping });
        let (at, len) = (at, page * self.rng.u64(1..3));
        match brings {
            0 => {}
            1 => drop(self.happen(Op::Lock { at, len })),
            n => {
                let advices = [Advice::PopulateRead, Advice::PopulateWrite];
                let advice = advices[usize::from(n == 2)];
                self.happen(Op::Advise { at, len, advice });
            }
        }
        let byte = self.letter();
        let place = self.rng.u64(..2 * page);
        self.happen(Op::Write {
            file,
            at: place,
            len: 1,
            byte,
        });
        Some(Op::Touch {
            at: at.plus(place as i64),
            access: Access::Load,
        })
    }

    /// Guards set and taken away again, next to each other.
    pub(super) fn guard(&mut self) -> Option<Op> {
        let page = self.world.page;
        let at = self.stage(4)?;
        let range = |drawing: &mut Self| {
            let first = drawing.rng.u64(..4);
            let len = drawing.rng.u64(1..=4 - first) * page;
            (at.plus((first * page) as i64), len)
        };
        let (from, len) = range(self);
        let advice = Advice::GuardInstall;
        self.happen(Op::Advise { at: from, len, advice });
        let (from, len) = range(self);
        let advice = self.one_of(&[Advice::GuardRemove, Advice::GuardRemove, Advice::DontNeed]);
        self.happen(Op::Advise { at: from, len, advice });
        let edge = self.one_of(&[from.plus(-1), from, from.plus(len as i64 - 1), from.plus(len as i64)]);
        self.happen(Op::Touch {
            at: edge,
            access: Access::Load,
        });
        let access = Access::Load;
        let at = at.plus((self.rng.u64(..4) * page) as i64);
        Some(Op::Touch { at, access })
    }

    /// What a child has of its parent's memory: copies, pages that were only read, guards; and what it is denied.
    pub(super) fn inherit(&mut self) -> Option<Op> {
        let page = self.world.page;
        let child = Some(self.processes).filter(|child| *child < PROC_LIMIT)?;
        let at = self.stage(4)?;
        let part = |drawing: &mut Self| at.plus((drawing.rng.u64(..4) * page) as i64);
        for _ in 0..self.rng.u32(1..3) {
            let access = match self.rng.u32(..2) {
                0 => Access::Load,
                _ => Access::Store(self.letter()),
            };
            let at = part(self);
            self.happen(Op::Touch { at, access });
        }
        let advices = [Advice::GuardInstall, Advice::WipeOnFork, Advice::DontFork];
        for advice in advices {
            if self.chance(35) {
                let (at, len) = (part(self), page * self.rng.u64(1..3));
                let op = self.advise(at, len, advice);
                op.map(|op| self.happen(op));
            }
        }
        self.happen(Op::Fork { child });
        self.by = child;
        if self.chance(30) {
            let at = part(self);
            let advice = Advice::DontNeed;
            self.happen(Op::Advise { at, len: page, advice });
        }
        let op = self.sight(at, 4 * page);
        self.happen(op);
        Some(self.sight(at, 4 * page))
    }

    /// A lock that fails for want of a file, and another when the file has grown.
    pub(super) fn relock(&mut self) -> Option<Op> {
        let page = self.world.page;
        let file = self.open_file()?;
        let area = self.new_area()?;
        let at = Place { area, at: 0 };
        let mut mapping = self.plain_mapping(Source::File(file));
        mapping.prot = Prot::READ_WRITE;
        mapping.flags = Default::default();
        (mapping.offset, mapping.len) = (0, 4 * page);
        let size = self.rng.u64(..3) * page;
        self.happen(Op::Truncate { file, size });
        self.happen(Op::Map { at, mapping });
        let (first, len) = (self.rng.u64(..2) * page, self.rng.u64(1..5) * page);
        self.happen(Op::Lock {
            at: at.plus(first as i64),
            len,
        });
        if self.chance(30) {
            // What could not be had has an anon_vma for all that.
            let access = Access::Store(self.letter());
            let edge = at.plus((first + len) as i64);
            for at in [edge, edge.plus(-1)] {
                self.happen(Op::Touch { at, access });
            }
            self.happen(Op::Unlock { at, len: 4 * page });
            return Some(Op::Ask(Quantity::Vmas(at, 4 * page)));
        }
        let size = self.rng.u64(1..5) * page;
        self.happen(Op::Truncate { file, size });
        self.happen(Op::Lock {
            at: at.plus(2 * page as i64),
            len: 2 * page,
        });
        Some(self.sight(at, 4 * page))
    }

    /// What MADV_REMOVE and MADV_WIPEONFORK refuse of mappings that are hardly ever made.
    pub(super) fn refuse(&mut self) -> Option<Op> {
        let page = self.world.page;
        let area = self.new_area()?;
        let at = Place { area, at: 0 };
        let file: FileId = self.files.len();
        let mut mapping = self.plain_mapping(Source::File(file));
        mapping.flags = Default::default();
        (mapping.offset, mapping.len) = (0, 2 * page);
        mapping.share = Share::Shared;
        let mut advice = Advice::Remove;
        match self.rng.u32(..3) {
            // behind what any file of the filesystem can hold
            0 => {
                let kind = FileKind::Regular;
                self.happen(Op::Create { file, kind });
                let largest = self.world.largest_file().min(1 << 60);
                mapping.offset = largest / page * page - page * self.rng.u64(..2);
                mapping.prot = Prot::READ_WRITE;
            }
            // what was mapped before may be stored to, and what is mapped afterwards never
            1 => {
                let kind = FileKind::Memfd { sealing: true };
                self.happen(Op::Create { file, kind });
                let seals = Seals {
                    future_write: true,
                    ..Seals::default()
                };
                let seal = Op::Seal { file, seals };
                let op = Op::Map { at, mapping };
                let order = if self.chance(50) { [seal, op] } else { [op, seal] };
                for op in order {
                    self.happen(op);
                }
                return Some(Op::Advise { at, len: page, advice });
            }
            _ => {
                let kind = FileKind::Zero;
                self.happen(Op::Create { file, kind });
                mapping.share = Share::Private;
                advice = self.one_of(&[Advice::WipeOnFork, Advice::Remove, Advice::DontFork]);
            }
        }
        self.happen(Op::Map { at, mapping });
        Some(Op::Advise { at, len: page, advice })
    }

    /// Pages that a full tmpfs has behind the end of a file, and what becomes of them when the end moves.
    pub(super) fn behind_the_end(&mut self, file: FileId) -> Option<Op> {
        let page = self.world.page;
        let size = self.model.size(file).next_multiple_of(page);
        let len = self.rng.u64(1..4) * page;
        self.happen(Op::Allocate {
            file,
            mode: Growth::Keep,
            at: size,
            len,
        });
        let now = self.model.size(file);
        let sizes = [now, now, size + page, size + 2 * page, size.saturating_sub(page)];
        let size = self.one_of(&sizes);
        self.happen(Op::Truncate { file, size });
        Some(Op::Allocate {
            file,
            mode: Growth::Extend,
            at: 0,
            len: self.rng.u64(1..8) * page,
        })
    }

    /// So many pages of memory that can be stored to, most often private and anonymous.
    fn stage(&mut self, pages: u64) -> Option<Place> {
        let area = self.new_area()?;
        let file = self.open_file().filter(|_| self.rng.u32(..4) == 0);
        let mut mapping = self.plain_mapping(file.map_or(Source::Anonymous, Source::File));
        let at = Place { area, at: 0 };
        mapping = Mapping {
            len: pages * self.world.page,
            prot: Prot::READ_WRITE,
            flags: MapFlags {
                no_reserve: self.chance(15),
                ..MapFlags::default()
            },
            ..mapping
        };
        if mapping.source == Source::Anonymous {
            mapping.share = Share::Private;
        }
        self.happen(Op::Map { at, mapping }).then_some(at)
    }

    /// A look at what has become of some pages.
    fn sight(&mut self, at: Place, len: u64) -> Op {
        match self.rng.u32(..4) {
            0 => Op::Ask(Quantity::Vmas(at, len)),
            1 => Op::Ask(Quantity::Present(at, len)),
            n => Op::Touch {
                at: at.plus((self.rng.u64(..len) & !(self.world.page - 1)) as i64),
                access: if n == 2 {
                    Access::Load
                } else {
                    Access::Store(self.letter())
                },
            },
        }
    }

    fn new_area(&self) -> Option<usize> {
        Some(self.areas).filter(|area| *area < AREA_LIMIT)
    }
}
