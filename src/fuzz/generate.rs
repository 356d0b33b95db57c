//! One random script: a file, a mapping of it, and then operations of all kinds. Most of them make sense where they stand,
//! some do not. What the time of writeback decides, and what two copies of overlapping bytes come to, is not drawn.

use fastrand::Rng;

use super::draw::Drawing;
use crate::model::Ruled;
use crate::op::{
    Access, Act, Advice, FileId, FileKind, Filesystem, Growth, OnFault, Op, Place, Quantity, Rights, Script, Seals,
    Source, World,
};

/// A script and what the model says to it.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// the script
    pub script: Script,
    /// an answer for each operation
    pub ruled: Vec<Ruled>,
}

/// The script of this number in this seed's row; the same on every machine with this page size and filesystem.
pub fn draw(world: &World, seed: u64, number: u64) -> Drawn {
    let rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number));
    let mut drawing = Drawing::new(world, rng);
    drawing.begin();
    let count = drawing.rng.usize(7..=15);
    let fork = if drawing.chance(14) {
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
        script: Script { acts: drawing.acts },
        ruled: drawing.ruled,
    }
}

/// What may lie behind a descriptor; no bytes can be had of the last few.
const KINDS: [FileKind; 8] = [
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
            57 | 58 => Some(self.ask()),
            59..63 => return self.tail(),
            63 => {
                let (from, to) = (self.touched(), self.touched());
                let len = self.rng.u64(1..12);
                Some(Op::Copy { from, to, len })
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

    /// A touch that may kill is made by a child, which lacks what MADV_DONTFORK keeps from it: not both in one script.
    fn advise(&mut self, at: Place, len: u64, advice: Advice) -> Option<Op> {
        let kills = |act: &Act| matches!(act.op, Op::OnFault(OnFault::Ignore | OnFault::Block | OnFault::Return));
        let both = advice == Advice::DontFork && self.acts.iter().any(kills);
        (!both).then_some(Op::Advise { at, len, advice })
    }

    fn touch(&mut self) {
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

    /// A system call that copies between a file and memory. Of overlapping bytes of one object nobody promises anything.
    fn copy(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        let place = self.touched();
        let page = self.page();
        let len = if self.chance(50) {
            self.rng.u64(..16)
        } else {
            self.small(2)
        };
        let mut pages =
            (place.at.div_euclid(page)..=(place.at + len as i64).div_euclid(page)).map(|n| place.area_at(n * page));
        if pages.any(|place| self.model.lies_behind(self.by, place, file)) {
            return None;
        }
        let at = self.place_in(file);
        Some(if self.chance(50) {
            Op::Send {
                file,
                at,
                from: place,
                len,
            }
        } else {
            // What lies at the end of the file can be read, mostly.
            let at = if self.chance(70) { at.saturating_sub(len) } else { at };
            Op::Receive {
                file,
                at,
                to: place,
                len,
            }
        })
    }

    /// Another file, or the same once more, or one less.
    fn open(&mut self) -> Option<Op> {
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
            5 if !grows => Some(Op::Close {
                file: self.open_file()?,
            }),
            _ => {
                let of = self.open_file()?;
                let known = self.files[of];
                if known.kind == FileKind::Directory || known.rights == Rights::Path {
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

    /// What is seldom asked for.
    fn special(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        if self.chance(40) {
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
            return Some(Op::Seal { file, seals });
        }
        let keeps = |act: &Act| {
            matches!(
                act.op,
                Op::Advise {
                    advice: Advice::DontFork,
                    ..
                }
            )
        };
        let most = if self.acts.iter().any(keeps) { 9 } else { 12 };
        Some(Op::OnFault(match self.rng.u32(..most) {
            0..4 => OnFault::Cover,
            4..8 => OnFault::Grow {
                file,
                size: self.size(),
            },
            8 => OnFault::Note,
            9 => OnFault::Ignore,
            10 => OnFault::Block,
            _ => OnFault::Return,
        }))
    }

    fn ask(&mut self) -> Op {
        let file = self.open_file();
        let (at, len) = self.range();
        Op::Ask(match (self.rng.u32(..3), file) {
            (0, Some(file)) => Quantity::Size(file),
            (1, _) => Quantity::Present(at, len),
            _ => Quantity::Resident(at, len),
        })
    }

    /// The tail's whole story, which single draws would hardly ever tell: a byte past the end of a file, then the file
    /// grows in one of the ways, and the byte is looked at again.
    fn tail(&mut self) {
        let page = self.world.page;
        let shared = self.any_stretch().and_then(|stretch| Some((stretch, stretch.file?)));
        let Some((stretch, (file, offset))) = shared else {
            return self.touch();
        };
        let size = self.model.size(file);
        if size <= offset || size % page == 0 || self.files[file].closed[self.by] {
            return self.touch();
        }
        let place = size + self.rng.u64(..page - size % page);
        let at = Place {
            area: stretch.area,
            at: stretch.from + (place - offset) as i64,
        };
        let access = Access::Store(self.letter());
        self.happen(Op::Touch { at, access });
        // Sometimes short of the byte: what lies between the new end and the end of its page has its own rule.
        let end = size + 1 + self.rng.u64(..2 * page);
        let byte = self.letter();
        let grow = self.grow(file, size, end, byte);
        self.happen(grow);
        self.happen(Op::Touch {
            at,
            access: Access::Load,
        });
        self.happen(Op::Read { file, at: place });
        self.stored = Some(at);
    }

    fn grow(&mut self, file: FileId, size: u64, end: u64, byte: u8) -> Op {
        match self.rng.u32(..5) {
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
            _ => Op::Truncate { file, size },
        }
    }
}
