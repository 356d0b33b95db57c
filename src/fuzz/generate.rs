//! One random script: a file, a mapping of it, and then operations of all kinds. Most of them make sense where they stand,
//! some do not. What the time of writeback decides, and what two copies of overlapping bytes come to, is not drawn.

use fastrand::Rng;

use super::draw::Drawing;
use super::tale::{Gives, Tale};
use crate::model::Ruled;
use crate::op::{Advice, FileKind, Op, PROC_LIMIT, Place, Script, Sending, Source, World};

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
    if drawing.chance(3) {
        let tales = gives.tales();
        drawing.tale = Some(drawing.one_of(&tales));
    }
    if drawing.chance(50) {
        let mut kind = || KIND_WEIGHTS[drawing.rng.usize(..KIND_WEIGHTS.len() - UNFAVOURED)].0;
        drawing.favourites = Some([kind(), kind()]);
    }
    drawing.begin();
    let count = match drawing.tale {
        Some(_) => drawing.rng.usize(8..=12),
        None => drawing.rng.usize(3..=5),
    };
    let fork = if drawing.chance(9) {
        drawing.rng.usize(..count)
    } else {
        usize::MAX
    };
    for n in 0..count {
        if n == fork && drawing.processes < PROC_LIMIT {
            drawing.by = 0;
            let child = drawing.processes;
            drawing.happen(Op::Fork { child });
        }
        drawing.by = drawing.rng.usize(..drawing.processes);
        drawing.next();
    }
    drawing.end();
    Drawn {
        apart: drawing.tale.is_some(),
        script: Script { acts: drawing.acts },
        ruled: drawing.ruled,
    }
}

/// What may lie behind a descriptor; no bytes can be had of the last few.
pub(super) const KINDS: [FileKind; 11] = [
    FileKind::Regular,
    FileKind::Regular,
    FileKind::Regular,
    FileKind::Memfd { sealing: true },
    FileKind::Memfd { sealing: false },
    FileKind::Shm,
    FileKind::Zero,
    FileKind::Null,
    FileKind::Directory,
    FileKind::Pipe,
    FileKind::Eventfd,
];

const ADVICES: [Advice; 14] = [
    Advice::DontNeed,
    Advice::DontNeed,
    Advice::Free,
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

/// Kinds of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Truncate,
    Write,
    Allocate,
    Read,
    Protect,
    Unmap,
    Remap,
    Advise,
    Sync,
    Lock,
    Copy,
    Map,
    Open,
    Seal,
    OnFault,
    Ask,
    Raise,
    Wild,
    Tail,
    Shift,
    Cut,
    Short,
    Tight,
    Join,
    Move,
    Reunite,
    Meet,
    Bring,
    Guard,
    Relock,
    Refuse,
    Inherit,
    Moves,
    Replace,
    Held,
    Device,
    Library,
    Race,
}

/// The last few of the kinds, which nobody favours: stories, which are long, and what children come with, which cost ten times
/// what a script does.
const UNFAVOURED: usize = 18;

/// How often each is drawn, of a thousand; the rest are touches.
const KIND_WEIGHTS: [(Kind, u32); 38] = [
    (Kind::Truncate, 70),
    (Kind::Write, 60),
    (Kind::Allocate, 60),
    (Kind::Read, 40),
    (Kind::Protect, 60),
    (Kind::Unmap, 40),
    (Kind::Remap, 30),
    (Kind::Advise, 50),
    (Kind::Sync, 10),
    (Kind::Lock, 15),
    (Kind::Copy, 40),
    (Kind::Map, 50),
    (Kind::Open, 20),
    (Kind::Seal, 5),
    (Kind::Ask, 20),
    (Kind::Raise, 3),
    (Kind::Wild, 7),
    (Kind::Tail, 40),
    (Kind::Join, 12),
    (Kind::Move, 10),
    (Kind::OnFault, 6),
    (Kind::Reunite, 9),
    (Kind::Meet, 2),
    (Kind::Bring, 4),
    (Kind::Guard, 5),
    (Kind::Relock, 6),
    (Kind::Refuse, 4),
    (Kind::Inherit, 4),
    (Kind::Moves, 6),
    (Kind::Shift, 3),
    (Kind::Cut, 5),
    (Kind::Short, 8),
    (Kind::Tight, 3),
    (Kind::Replace, 4),
    (Kind::Held, 4),
    (Kind::Device, 4),
    (Kind::Library, 4),
    (Kind::Race, 1),
];

impl Drawing<'_> {
    /// The file and the mapping that every script begins with.
    fn begin(&mut self) {
        if self.chance(2) {
            let page = self.world.page;
            // Where files may be as large as an offset, sums of what is drawn must fit too.
            let largest = self.world.largest_file().min(1 << 50) / page * page - page;
            self.far = self.one_of(&[1 << 31, 1 << 32, 1 << 40, largest]);
        }
        let seals = self.favourites.is_some_and(|kinds| kinds.contains(&Kind::Seal));
        let kind = if self.chance(85) && !seals {
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
        if let Some(tale) = self.tale.filter(|_| self.rng.u32(..100) < 70) {
            match self.tell(tale) {
                Some(op) => drop(self.happen(op)),
                None => self.touch(),
            }
            return;
        }
        let Some(kind) = self.kind() else {
            return self.touch();
        };
        let done = match kind {
            Kind::Truncate => self.truncate(),
            Kind::Write => self.write(),
            Kind::Allocate => self.allocate(),
            Kind::Read => self.read(),
            Kind::Protect => {
                let ((at, len), prot) = (self.range(), self.prot());
                Some(Op::Protect { at, len, prot })
            }
            Kind::Unmap => {
                let (at, len) = self.range();
                Some(Op::Unmap { at, len })
            }
            Kind::Remap if self.tale == Some(Tale::Missing) => return self.moves(),
            Kind::Remap => {
                let op = self.remap();
                let Op::Remap { at, new, to, .. } = op else { return };
                self.followed(op, to.unwrap_or(at), new)
            }
            Kind::Join if self.chance(15) => self.twice(),
            Kind::Join if self.chance(10) => self.verge(),
            Kind::Join if self.chance(10) => self.load_across(),
            Kind::Join => self.join(),
            Kind::Reunite => self.reunite(),
            Kind::Meet => self.meet_there(),
            Kind::Bring => self.bring(),
            Kind::Guard if self.processes < PROC_LIMIT && self.chance(25) => self.guarded_once(),
            Kind::Guard => self.guard(),
            Kind::Relock => self.relock(),
            Kind::Refuse => self.refuse(),
            Kind::Inherit => self.inherit(),
            Kind::Advise => {
                let ((at, len), advice) = (self.range(), self.one_of(&ADVICES));
                self.advise(at, len, advice).and_then(|op| self.followed(op, at, len))
            }
            Kind::Sync => self.sync(),
            Kind::Lock => {
                let (at, len) = self.range();
                let op = if self.chance(60) {
                    Op::Lock { at, len }
                } else {
                    Op::Unlock { at, len }
                };
                self.followed(op, at, len)
            }
            Kind::Copy => self.copy(),
            Kind::Map => {
                let (at, mapping) = self.mapping();
                let op = Op::Map { at, mapping };
                if mapping.len < 1 << 40 && at.at % self.page() == 0 {
                    self.followed(op, at, mapping.len)
                } else {
                    Some(op)
                }
            }
            Kind::Open => self.open().and_then(|op| self.used(op)),
            Kind::Seal => self.seal(),
            Kind::OnFault => self.on_fault(),
            Kind::Ask => Some(self.ask()),
            Kind::Raise => Some(Op::Raise(self.one_of(&[Sending::Raise, Sending::Kill, Sending::Queue]))),
            Kind::Wild => self.wild(),
            Kind::Tail => return self.tail(),
            Kind::Move => self.moved(),
            Kind::Moves => return self.moves(),
            Kind::Shift => self.shift(),
            Kind::Cut => self.cut(),
            Kind::Short => self.short(),
            Kind::Tight => self.tight(),
            Kind::Replace => self.replace(),
            Kind::Held => self.held(),
            Kind::Device => self.device(),
            Kind::Library => self.library(),
            Kind::Race => self.race(),
        };
        match done {
            Some(op) => {
                self.happen(op);
            }
            None => self.touch(),
        }
    }

    /// What kind comes next, if it is no touch. Half of the scripts have two kinds that they favour: what two rules make of
    /// each other is seen where both are at work, and some kinds are rare.
    fn kind(&mut self) -> Option<Kind> {
        if let Some(favourites) = self.favourites
            && self.chance(35)
        {
            return Some(self.one_of(&favourites));
        }
        let mut roll = self.rng.u32(..1000);
        let kind = KIND_WEIGHTS.iter().find(|(_, weight)| {
            let found = roll < *weight;
            roll = roll.saturating_sub(*weight);
            found
        });
        kind.map(|(kind, _)| *kind)
    }

    /// What became of it all, where no answer has told yet: pages that came and went, and sizes.
    fn end(&mut self) {
        for _ in 0..2 {
            self.by = self.rng.usize(..self.processes);
            match self.rng.u32(..4) {
                0 | 1 => {
                    let op = self.ask();
                    self.happen(op);
                }
                2 => self.touch(),
                _ => {
                    if let Some(op) = self.read() {
                        self.happen(op);
                    }
                }
            }
        }
    }
}
