//! The holder: a forked child that makes the files and the mappings, runs a script and executes every access itself; and
//! the further processes of a script, which are forked by it and take turns. What they see goes into the shared record and
//! nowhere else; they allocate nothing, so nothing can settle in the holes around the mappings. They may not know what
//! anybody expects.
#![allow(unsafe_code)]

use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering::{Relaxed, Release};

use nix::errno::Errno;

use super::guardian::Names;
use super::record::{Shared, asked, trouble, what};
use super::{Options, areas};
use crate::op::{Act, FileId, NOWHERE, OnFault, Op, PROC_LIMIT, Place, ProcId};

mod again;
mod ask;
mod files;
mod memory;
mod place;
mod race;
mod raise;
mod spare;
mod touch;
mod turns;
mod view;
mod vmas;

pub use memory::MSEAL;
pub use spare::SpareName;
pub use vmas::IOCTL_VMA;

/// A process gave up; the record says why.
pub struct GaveUp;

/// Answers, as the record's `ANSWER` entries number them.
pub mod answer {
    /// nothing to say but that it succeeded
    pub const DONE: u64 = 1;
    /// an errno
    pub const ERRNO: u64 = 2;
    /// a byte
    pub const BYTE: u64 = 3;
    /// the end of the file
    pub const END: u64 = 4;
    /// a store that raised nothing
    pub const STORED: u64 = 5;
    /// a fault: signo, si_code, address; it follows its own SIGNAL entry
    pub const FAULT: u64 = 6;
    /// a number
    pub const COUNT: u64 = 7;
    /// a mapping went to another address
    pub const ELSEWHERE: u64 = 8;
    /// killed: signo
    pub const KILLED: u64 = 9;
    /// faulted again and again
    pub const LOOPS: u64 = 10;
    /// no pread was made
    pub const NO_PREAD: u64 = 1 << 9;
    /// pread met the end of the file
    pub const PREAD_END: u64 = 1 << 8;
}

/// An operation's answer, as its entry's arguments.
type Answer = [u64; 6];

fn plain(kind: u64, value: u64) -> Answer {
    [kind, value, 0, 0, 0, 0]
}

/// A descriptor of the script.
#[derive(Clone, Copy)]
struct File {
    fd: i32,
    open: bool,
    /// the descriptor it was first opened as: two of the same object confirm each other's bytes
    object: FileId,
    reads: bool,
    /// the descriptor's own offset, which write(2) moves; none where another process may have moved it, and of a
    /// stream, which has none
    position: Option<u64>,
}

/// What lies where, as the script's own calls have left it; the last entry that covers a byte counts.
#[derive(Clone, Copy)]
struct Mapped {
    area: usize,
    from: i64,
    to: i64,
    /// the object, and what to add to a place in the area for the place in it
    file: Option<(FileId, i64)>,
}

/// What a process of the script works with.
pub struct Holder<'a> {
    record: &'a Shared,
    options: &'a Options,
    /// made by the parent: enough bytes of each value that the script writes, by value
    fill: &'a [(u8, Vec<u8>)],
    /// with room for all descriptors of the script
    files: Vec<Option<File>>,
    spare: SpareName,
    /// of a script whose files have names
    names: Option<&'a Names>,
    /// whose object stands under the name of a file, where rename(2) has put another there
    named: Vec<Option<FileId>>,
    /// with room for all that the script maps
    mapped: Vec<Mapped>,
    /// who this is
    me: ProcId,
    /// the processes forked by this one
    children: [Option<i32>; PROC_LIMIT],
    /// for each process, the eventfd that it waits on for its turn
    turns: [i32; PROC_LIMIT],
    on_fault: OnFault,
    /// page faults counted so far: all, and major ones
    faults: [u64; 2],
    /// which limits the script has set
    limited: [bool; 4],
    /// has it said MADV_DONTFORK or MADV_WIPEONFORK?
    keeps_from_children: bool,
    /// of many scripts: operations of those before this one
    first: usize,
    /// bytes of the reservation that the areas lie in
    reserved: usize,
    /// does any mapping grow downwards?
    stack: bool,
    /// of many scripts: /proc/self/maps and /proc/self/pagemap of this process, once it has opened them
    kept: [Option<OwnedFd>; 2],
}

impl<'a> Holder<'a> {
    /// All room is made here, in the parent.
    pub fn new(
        record: &'a Shared,
        options: &'a Options,
        fill: &'a [(u8, Vec<u8>)],
        names: Option<&'a Names>,
        acts: &[Act],
    ) -> Holder<'a> {
        Holder {
            record,
            options,
            fill,
            files: acts.iter().map(|_| None).collect(),
            spare: SpareName::new(options),
            names,
            named: acts.iter().map(|_| None).collect(),
            mapped: Vec::with_capacity(2 * acts.len()),
            me: 0,
            children: [None; PROC_LIMIT],
            turns: [-1; PROC_LIMIT],
            on_fault: OnFault::Note,
            faults: [0; 2],
            limited: [false; 4],
            keeps_from_children: false,
            first: 0,
            reserved: 0,
            kept: [None, None],
            stack: acts
                .iter()
                .any(|act| matches!(act.op, Op::Map { mapping, .. } if mapping.flags.grows_down)),
        }
    }

    /// Run the script as process A. Only for a child that is about to `_exit`.
    pub fn run(&mut self, acts: &[Act]) -> Result<(), GaveUp> {
        self.reserve(areas(acts, self.options.page))?;
        if acts.iter().any(|act| matches!(act.op, Op::Fork { .. })) {
            self.make_turns()?;
        }
        self.go_on(acts, 0)
    }

    /// Carry out an operation of this process.
    fn answer(&mut self, op: &Op) -> Result<Answer, GaveUp> {
        let done = match *op {
            Op::Touch { at, access } => return self.touch(at, access),
            Op::Raise(how) => return self.raise(how),
            Op::Copy { from, to, len } => return self.copy(from, to, len),
            Op::Library { routine, from, to, len } => return self.library(routine, from, to, len),
            Op::Race { at, times, atomic } => return self.race(at, times, atomic),
            Op::Mount { bytes, huge } => {
                self.mount(bytes, huge)?;
                Ok(plain(answer::DONE, 0))
            }
            Op::Create { file, kind } => {
                self.create(file, kind)?;
                Ok(plain(answer::DONE, 0))
            }
            Op::Map { at, mapping } => return self.map(at, &mapping),
            Op::Read { file, at } => self.read(file, at),
            Op::Ask(quantity) => self.ask(quantity)?,
            Op::OnFault(what) => {
                self.arrange(what)?;
                Ok(plain(answer::DONE, 0))
            }
            Op::Limit(limit, value) => return self.limit(limit, value),
            Op::Send { file, at, from, len } => self.send(file, at, from, len),
            Op::Receive { file, at, to, len } => self.receive(file, at, to, len),
            Op::Unmap { .. }
            | Op::Protect { .. }
            | Op::Remap { .. }
            | Op::Advise { .. }
            | Op::Sync { .. }
            | Op::Lock { .. }
            | Op::Unlock { .. }
            | Op::Mseal { .. } => self.memory(op).map(|()| plain(answer::DONE, 0)),
            Op::Userfaultfd { at, len } => self.userfaultfd(at, len)?.map(|()| plain(answer::DONE, 0)),
            Op::OpenName { file, name } => self.open_name(file, name).map(|()| plain(answer::DONE, 0)),
            Op::Reopen { file, of, rights } => self.reopen(file, of, rights)?.map(|()| plain(answer::DONE, 0)),
            _ => self.file_call(op).map(|()| plain(answer::DONE, 0)),
        };
        Ok(done.unwrap_or_else(|errno| plain(answer::ERRNO, errno as u64)))
    }

    /// Note a system call of the script and what it returned.
    fn note<T: Copy>(&self, nr: i64, args: [u64; 6], result: nix::Result<T>, value: impl Fn(T) -> i64) {
        self.note_as(asked::YES, nr, args, result, value);
    }

    /// Note a system call and what it returned.
    fn note_as<T: Copy>(&self, by: u32, nr: i64, args: [u64; 6], result: nix::Result<T>, value: impl Fn(T) -> i64) {
        let result = result.map_or_else(|errno| -(errno as i64), value);
        self.record.note(nr as u32, by, result, args);
    }

    fn note_answer(&self, answer: Answer) {
        self.record.note(what::ANSWER, asked::NO, 0, answer);
    }

    fn give_up(&self, kind: u32, a: i64, b: i64) -> GaveUp {
        self.record.head().trouble.a.store(a, Relaxed);
        self.record.head().trouble.b.store(b, Relaxed);
        self.record.head().trouble.kind.store(kind, Release);
        GaveUp
    }

    fn refused(&self, nr: i64, errno: Errno) -> GaveUp {
        self.give_up(trouble::REFUSED, errno as i64, nr)
    }

    fn address(&self, place: Place) -> usize {
        if place.area == NOWHERE {
            return place.at as usize;
        }
        let base = self.record.head().bases[place.area].load(Relaxed);
        base.wrapping_add_signed(place.at as isize)
    }

    fn file(&self, file: FileId) -> Result<File, Errno> {
        self.files.get(file).copied().flatten().ok_or(Errno::EBADF)
    }
}
