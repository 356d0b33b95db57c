//! One random script: a file, a mapping of it, and then operations of all kinds. Most of them make sense where they stand,
//! some do not. What the time of writeback decides, and what two copies of overlapping bytes come to, is not drawn.

use fastrand::Rng;

use super::draw::Drawing;
use super::tale::Gives;
use crate::model::Ruled;
use crate::op::{
    Access, Act, Advice, FileKind, Filesystem, Growth, OnFault, Op, Place, Script, Sending, Source, WILD, World,
};

/// A script and what the model says to it.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// the script
    pub script: Script,
    /// an answer for each operation
    pub ruled: Vec<Ruled>,
    /// needs it a holder of its own?
    pub apart: bool,
}

/// The script of this number in this seed's row; the same on every machine with this page size and filesystem which gives
/// the same.
pub fn draw(world: &World, gives: Gives, seed: u64, number: u64) -> Drawn {
    let rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number));
    let mut drawing = Drawing::new(world, rng);
    // Its holder costs ten times what a script of many does.
    if drawing.chance(2) {
        let tales = gives.tales();
        drawing.tale = Some(drawing.one_of(&tales));
    }
    drawing.begin();
    let count = drawing.rng.usize(5..=11);
    let fork = if drawing.chance(11) {
        drawing.rng.usize(..5)
    } else {
        usize::MAX
    };
    for n in 0..count {
        if n == fork {
            drawing.by = 0;
            let child = drawing.processes;
            drawing.happen(Op::Fork { child });
        }
        drawing.by = drawing.rng.usize(..drawing.processes);
        drawing.next();
    }
    Drawn {
        apart: drawing.tale.is_some(),
        script: Script { acts: drawing.acts },
        ruled: drawing.ruled,
    }
}

/// What may lie behind a descriptor; no bytes can be had of the last few.
pub(super) const KINDS: [FileKind; 8] = [
    FileKind::Regular,
    FileKind::Regular,
    FileKind::Regular,
    FileKind::Memfd { sealing: true },
    FileKind::Memfd { sealing: false },
    FileKind::Zero,
    FileKind::Null,
    FileKind::Directory,
];

const ADVICES: [Advice; 14] = [
    Advice::DontNeed,
    Advice::DontNeed,
    Advice::DontNeed,
    Advice::Remove,
    Advice::Remove,
    Advice::WillNeed,
    Advice::PopulateRead,
    Advice::PopulateWrite,
    Advice::GuardInstall,
    Advice::GuardInstall,
    Advice::GuardRemove,
    Advice::DontFork,
    Advice::WipeOnFork,
    Advice::Unknown,
];

impl Drawing<'_> {
    /// The file and the mapping that every script begins with.
    fn begin(&mut self) {
        if self.chance(2) {
            self.far = self.one_of(&[1 << 31, 1 << 32, 1 << 40]);
        }
        let kind = if self.chance(85) {
            FileKind::Regular
        } else {
            FileKind::Memfd { sealing: true }
        };
        self.happen(Op::Create { file: 0, kind });
        let size = self.size();
        if size > 0 && (self.far > 0 || self.chance(30)) {
            self.happen(Op::Truncate { file: 0, size });
        } else if size > 0 {
            self.happen(Op::Write {
                file: 0,
                at: 0,
                len: size,
                byte: b'A',
            });
        }
        let source = if self.chance(90) {
            Source::File(0)
        } else {
            Source::Anonymous
        };
        let mut mapping = self.plain_mapping(source);
        if self.chance(1) {
            // Room for a whole huge page, wherever the offset falls.
            mapping.len += 2 * self.world.huge_page();
            mapping.flags = Default::default();
        }
        self.happen(Op::Map {
            at: Place::base(0),
            mapping,
        });
    }

    /// One operation more; where it makes no sense at all, a touch.
    fn next(&mut self) {
        if let Some(tale) = self.tale.filter(|_| self.rng.u32(..100) < 40) {
            match self.tell(tale) {
                Some(op) => drop(self.happen(op)),
                None => self.touch(),
            }
            return;
        }
        let done = match self.rng.u32(..100) {
            0..8 => self.truncate(),
            8..14 => self.write(),
            14..20 => self.allocate(),
            20..25 => self.read(),
            25..31 => {
                let ((at, len), prot) = (self.range(), self.prot());
                Some(Op::Protect { at, len, prot })
            }
            31..35 => {
                let (at, len) = self.range();
                Some(Op::Unmap { at, len })
            }
            35..38 => Some(self.remap()).filter(|op| {
                // What may have gone through or not leaves nothing sure behind.
                self.model.clone().apply(self.by, op).possible.len() == 1
            }),
            38..43 => {
                let ((at, len), advice) = (self.range(), self.one_of(&ADVICES));
                self.advise(at, len, advice)
            }
            43 => self.sync(),
            44 => {
                let (at, len) = self.range();
                Some(if self.chance(60) {
                    Op::Lock { at, len }
                } else {
                    Op::Unlock { at, len }
                })
            }
            45..49 => self.copy(),
            49..54 => {
                let (at, mapping) = self.mapping();
                Some(Op::Map { at, mapping })
            }
            54 | 55 => self.open(),
            56 => self.special(),
            57 => Some(self.ask()),
            58 if self.chance(30) => Some(Op::Raise(self.one_of(&[Sending::Raise, Sending::Kill, Sending::Queue]))),
            58 => self.wild(),
            59..63 => return self.tail(),
            63 => {
                let (from, to) = (self.touched(), self.touched());
                let len = self.rng.u64(1..12);
                self.happen(Op::Copy { from, to, len });
                self.look(to, len)
            }
            _ => None,
        };
        match done {
            Some(op) => {
                self.happen(op);
            }
            None => self.touch(),
        }
    }

    /// Where nothing can be mapped a handler cannot repair anything either.
    fn wild(&mut self) -> Option<Op> {
        let repairs = |act: &Act| matches!(act.op, Op::OnFault(OnFault::Cover | OnFault::Grow { .. }));
        let (_, address) = self.one_of(&WILD);
        let at = Place::nowhere(address);
        let access = Access::Load;
        (!self.acts.iter().any(repairs)).then_some(Op::Touch { at, access })
    }

    /// A touch that may kill is made by a child, which lacks what MADV_DONTFORK keeps from it, and the guards of
    /// what MADV_WIPEONFORK empties: not both in one script.
    fn advise(&mut self, at: Place, len: u64, advice: Advice) -> Option<Op> {
        let kills = |act: &Act| {
            matches!(
                act.op,
                Op::OnFault(OnFault::Ignore | OnFault::Block | OnFault::Return | OnFault::OwnStack)
            )
        };
        let both = matches!(advice, Advice::DontFork | Advice::WipeOnFork) && self.acts.iter().any(kills);
        (!both).then_some(Op::Advise { at, len, advice })
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

    fn truncate(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        let size = if self.chance(25) {
            self.place_in(file)
        } else {
            self.size()
        };
        Some(Op::Truncate { file, size })
    }

    fn write(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        let (at, len, byte) = (self.place_in(file), self.small(2).max(1), self.letter());
        Some(Op::Write { file, at, len, byte })
    }

    fn allocate(&mut self) -> Option<Op> {
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

    fn read(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        let at = self.place_in(file);
        Some(Op::Read { file, at })
    }

    fn remap(&mut self) -> Op {
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
            Place { area, at }
        });
        let keep = to.is_some() && self.chance(25);
        Op::Remap { at, len, new, to, keep }
    }

    /// On a disk this waits for the disk.
    fn sync(&mut self) -> Option<Op> {
        if self.world.filesystem != Filesystem::Tmpfs && self.chance(80) {
            return None;
        }
        let (at, len) = self.range();
        Some(Op::Sync { at, len })
    }
}
