//! The model: a pure reference model of what Linux does with a mapped file. A state machine over one file object per
//! `Create` and the VMAs of one mapping; every answer is derived from that state by a rule and carries its reason.
//! It may not know std::io, the clock, the machine's page size or what a scenario expects: `core` and `alloc` suffice.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use crate::op::{FileId, Op, Outcome, Prot, Script, Share, World};

mod calls;
mod file;
mod rule;
mod runs;
mod touch;
mod zones;

use file::{File, Growth};
pub use rule::{Reason, Rule};
use runs::{Held, Runs};

/// SEGV_MAPERR: no VMA covers the address. sigaction(2).
const MAPERR: i32 = 1;
/// SEGV_ACCERR: a VMA covers it and forbids the access. sigaction(2).
const ACCERR: i32 = 2;
/// BUS_ADRERR: the VMA's file has no page there. sigaction(2), mmap(2) SIGBUS.
const ADRERR: i32 = 2;

/// asm-generic/errno-base.h
const ENOMEM: i32 = 12;
/// asm-generic/errno-base.h
const EINVAL: i32 = 22;
/// asm-generic/errno.h
const EOVERFLOW: i32 = 75;

/// The model's answer to one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// Every outcome that the rules leave open; one where they are certain.
    pub possible: Vec<Outcome>,
    /// Why.
    pub reason: Reason,
}

impl Ruled {
    fn certain(outcome: Outcome, reason: Reason) -> Ruled {
        Ruled {
            possible: vec![outcome],
            reason,
        }
    }

    fn errno(errno: i32) -> Ruled {
        Ruled::certain(Outcome::Errno(errno), Reason::Refused(errno))
    }

    fn done() -> Ruled {
        Ruled::certain(Outcome::Done, Reason::Call)
    }
}

/// A virtual memory area: whole pages, one protection, one stretch of the file. Offsets in bytes from `base`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Vma {
    start: i64,
    end: i64,
    prot: Prot,
}

/// What mmap fixed once and for all.
#[derive(Clone, Copy, Debug)]
struct Mapping {
    file: FileId,
    /// where in the file `base` lies
    offset: u64,
    /// the length given to mmap, rounded up to whole pages
    rounded: u64,
    share: Share,
}

/// The machine's memory and files, as far as one script can tell.
#[derive(Clone, Debug)]
pub struct Model {
    world: World,
    files: Vec<File>,
    mapping: Option<Mapping>,
    /// sorted, disjoint
    vmas: Vec<Vma>,
    /// private copies: page of the mapping, counted from `base`, to its bytes by their place in the file
    copies: BTreeMap<u64, Runs>,
    shrunk: bool,
}

impl Model {
    /// A machine on which nothing has happened yet.
    pub fn new(world: &World) -> Model {
        Model {
            world: world.clone(),
            files: Vec::new(),
            mapping: None,
            vmas: Vec::new(),
            copies: BTreeMap::new(),
            shrunk: false,
        }
    }

    /// The answers to a whole script, one for each operation.
    pub fn answer(world: &World, script: &Script) -> Vec<Ruled> {
        let mut model = Model::new(world);
        script.ops.iter().map(|op| model.apply(op)).collect()
    }

    /// Has a file been made smaller yet?
    pub fn has_shrunk(&self) -> bool {
        self.shrunk
    }

    /// Does the mapping hold a private copy of the page of this byte?
    pub fn has_copy(&self, at: i64) -> bool {
        self.copies.contains_key(&self.page_of(at))
    }

    /// Carry out one operation and say what it comes to.
    pub fn apply(&mut self, op: &Op) -> Ruled {
        match *op {
            Op::Create { file } => {
                debug_assert_eq!(file, self.files.len());
                self.files.push(File::default());
                Ruled::done()
            }
            Op::Write {
                file,
                at,
                len,
                byte,
            } => {
                self.files[file].write(at, len, byte, &self.world);
                Ruled::done()
            }
            Op::Truncate { file, size } => self.truncate(file, size),
            Op::Allocate { file, at, len } => {
                if len == 0 {
                    return Ruled::errno(EINVAL);
                }
                self.files[file].grow(at.saturating_add(len), Growth::Allocate, &self.world);
                Ruled::done()
            }
            Op::Read { file, at } => self.read(file, at),
            Op::Map {
                file,
                offset,
                len,
                prot,
                share,
            } => self.map(file, offset, len, prot, share),
            Op::Unmap { at, len } => self.unmap(at, len),
            Op::Protect { at, len, prot } => self.protect(at, len, prot),
            Op::Sync { at, len } => self.sync(at, len),
            Op::Touch { at, access } => self.touch(at, access),
        }
    }

    fn page(&self) -> u64 {
        self.world.page
    }

    fn page_of(&self, at: i64) -> u64 {
        (at.max(0) as u64) / self.page()
    }

    fn aligned(&self, at: i64) -> bool {
        at.rem_euclid(self.page() as i64) == 0
    }
}

fn bytes(held: Held) -> Vec<Outcome> {
    match held {
        Held::Sure(value) => vec![Outcome::Byte(value)],
        Held::ZeroOr(value) => vec![Outcome::Byte(0), Outcome::Byte(value)],
    }
}
