//! Stories of pages: brought in or withheld, guarded, locked, inherited by a child, or behind the end of a file. Each sets a
//! stage of its own and looks afterwards. It draws with what `draw` knows.

use super::draw::Drawing;
use crate::op::{
    AREA_LIMIT, Access, Advice, FileId, FileKind, Growth, MapFlags, Mapping, Op, PROC_LIMIT, Place, Prot, Quantity,
    Seals, Share, Source,
};

impl Drawing<'_> {
    /// Pages that a userfaultfd keeps, and who makes them, or takes them away.
    pub(super) fn watch(&mut self) -> Option<Op> {
        let page = self.world.page;
        match self.rng.u32(..100) {
            0..8 => return self.watch_both(),
            8..18 => return self.watch_a_file(),
            18..26 => return self.watch_a_frame(),
            _ => {}
        }
        let watched = self.acts.iter().rev().find_map(|act| match act.op {
            Op::Map { at, mapping } if at.area > 0 && mapping.prot == Prot::READ_WRITE => Some((at, mapping)),
            _ => None,
        });
        let Some((at, mapping)) = watched else {
            let len = self.rng.u64(1..5) * page;
            let share = self.one_of(&[Share::Private, Share::Shared]);
            if self.chance(50) {
                return self.anew(Source::Anonymous, len, share);
            }
            let (file, kind) = (self.files.len(), FileKind::Memfd { sealing: false });
            self.happen(Op::Create { file, kind });
            self.happen(Op::Truncate { file, size: len });
            return self.anew(Source::File(file), len, share);
        };
        // Who makes its pages, or takes them away.
        let within = Some((at, mapping.len));
        match self.rng.u32(..9) {
            0 => return None,
            8 => {
                let deed = Op::Touch {
                    at: at.plus(page as i64),
                    access: Access::Store(self.letter()),
                };
                return self.apart(at, 0, deed);
            }
            // What moves is watched no more.
            1 => {
                let (to, len) = (at.plus(20 * page as i64), mapping.len.clamp(1, 8 * page));
                let (new, to, keep) = (len, Some(to), false);
                self.happen(Op::Remap { at, len, new, to, keep });
                let access = self.one_of(&[Access::Load, Access::Store(b'm')]);
                let at = at.plus(20 * page as i64 + self.rng.i64(0..len as i64));
                return Some(Op::Touch { at, access });
            }
            2 => return self.write(),
            3 => return self.allocate(),
            4 => {
                let (at, len) = within.filter(|_| self.rng.bool()).unwrap_or_else(|| self.range());
                let all = [
                    Advice::PopulateRead,
                    Advice::PopulateWrite,
                    Advice::DontNeed,
                    Advice::Remove,
                ];
                let advice = self.one_of(&all);
                return self.advise(at, len, advice);
            }
            _ => {}
        }
        let (first, pages) = (self.rng.u64(0..3), self.rng.u64(1..4));
        let [odd, inside] = [10, 5].map(|percent| u64::from(self.chance(percent)));
        let at = at.plus((first.min(mapping.len / page) * page + inside) as i64);
        Some(Op::Userfaultfd {
            at,
            len: pages * page - odd,
        })
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
        let size = self.rng.u64(1..7) * page;
        self.happen(Op::Truncate { file, size });
        let held = at.plus(first as i64);
        let again = match self.rng.u32(..4) {
            // What may be stored to already gets nothing new.
            0 => Op::Protect {
                at,
                len: 4 * page,
                prot: self.one_of(&[Prot::READ_WRITE, Prot::READ_WRITE, Prot::READ]),
            },
            1 => Op::Remap {
                at: held,
                len: 4 * page - first,
                new: 6 * page - first,
                to: None,
                keep: false,
            },
            _ => Op::Lock {
                at: at.plus(2 * page as i64),
                len: 2 * page,
            },
        };
        self.happen(again);
        Some(self.sight(at, 6 * page))
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
        self.advise(at, page, advice)
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
    pub(super) fn stage(&mut self, pages: u64) -> Option<Place> {
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

    pub(super) fn new_area(&self) -> Option<usize> {
        Some(self.areas).filter(|area| *area < AREA_LIMIT)
    }
}
