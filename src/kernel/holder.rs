//! The holder: a forked child that makes the files and the mapping, runs a script and executes every access itself. What
//! it sees goes into the shared record and nowhere else; it allocates nothing, so nothing can settle in the hole that it
//! leaves around the mapping. It may not know what anybody expects.
#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::Ordering::{Relaxed, Release};

use nix::errno::Errno;
use nix::sys::uio::pread;

use super::record::{Shared, trouble, what};
use super::{Options, access, witness};
use crate::op::{Access, Op};

mod calls;
mod place;
mod spare;

pub use spare::SpareName;

/// A holder gave up; the record says why.
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
    /// no pread was made
    pub const NO_PREAD: u64 = 1 << 9;
    /// pread met the end of the file
    pub const PREAD_END: u64 = 1 << 8;
}

struct File {
    fd: OwnedFd,
    /// the descriptor's own offset, which write(2) moves
    position: u64,
}

struct Mapped {
    file: usize,
    offset: u64,
    rounded: u64,
}

/// What a holder works with.
pub struct Holder<'a> {
    pub record: &'a Shared,
    pub options: &'a Options,
    /// made by the parent: enough bytes of each value that the script writes, by value
    pub fill: &'a [(u8, Vec<u8>)],
    /// the descriptors of this script's files, with room for all of them
    pub files: Vec<Option<FileSlot>>,
    spare: SpareName,
    mapped: Option<Mapped>,
}

/// Room for one file.
pub struct FileSlot(File);

impl<'a> Holder<'a> {
    /// All room is made here, in the parent.
    pub fn new(
        record: &'a Shared,
        options: &'a Options,
        fill: &'a [(u8, Vec<u8>)],
        ops: &[Op],
    ) -> Holder<'a> {
        let count = ops
            .iter()
            .filter(|op| matches!(op, Op::Create { .. }))
            .count();
        Holder {
            record,
            options,
            fill,
            files: (0..count).map(|_| None).collect(),
            spare: SpareName::new(options),
            mapped: None,
        }
    }

    /// Run the script. Only for a child that is about to `_exit`.
    pub fn run(&mut self, ops: &[Op]) -> Result<(), GaveUp> {
        self.reserve(ops)?;
        for (index, op) in ops.iter().enumerate() {
            self.record.head().op.store(index as u32, Relaxed);
            let answer = match *op {
                Op::Touch { at, access } => self.touch(at, access)?,
                Op::Read { file, at } => self.read(file, at),
                Op::Create { file } => self.create(file).map(|()| [answer::DONE, 0, 0, 0, 0, 0])?,
                _ => match self.call(op) {
                    Ok(()) => [answer::DONE, 0, 0, 0, 0, 0],
                    Err(errno) => [answer::ERRNO, errno as u64, 0, 0, 0, 0],
                },
            };
            self.record.note(what::ANSWER, false, 0, answer);
        }
        Ok(())
    }

    /// Note a system call and what it returned.
    fn note<T: Copy>(
        &self,
        nr: i64,
        args: [u64; 6],
        asked: bool,
        result: nix::Result<T>,
        value: impl Fn(T) -> i64,
    ) {
        self.record.note(
            nr as u32,
            asked,
            result.map_or_else(|errno| -(errno as i64), value),
            args,
        );
    }

    fn give_up(&self, kind: u32, a: i64, b: i64) -> GaveUp {
        self.record.head().trouble.a.store(a, Relaxed);
        self.record.head().trouble.b.store(b, Relaxed);
        self.record.head().trouble.kind.store(kind, Release);
        GaveUp
    }

    fn base(&self) -> usize {
        self.record.head().base.load(Relaxed)
    }

    fn file(&self, file: usize) -> Result<&File, Errno> {
        self.files
            .get(file)
            .and_then(Option::as_ref)
            .map(|slot| &slot.0)
            .ok_or(Errno::EBADF)
    }

    /// pread(2) of one byte.
    fn pread(&self, file: usize, at: u64, asked: bool) -> nix::Result<Option<u8>> {
        let fd = &self.file(file)?.fd;
        let mut byte = [0];
        let read = pread(fd, &mut byte, at as i64);
        let args = [fd.as_raw_fd() as u64, byte[0].into(), 1, at, 0, 0];
        self.note(libc::SYS_pread64, args, asked, read, |count| count as i64);
        read.map(|count| (count == 1).then_some(byte[0]))
    }

    fn read(&self, file: usize, at: u64) -> [u64; 6] {
        match self.pread(file, at, true) {
            Ok(Some(byte)) => [answer::BYTE, byte.into(), answer::NO_PREAD, 0, 0, 0],
            Ok(None) => [answer::END, 0, 0, 0, 0, 0],
            Err(errno) => [answer::ERRNO, errno as u64, 0, 0, 0, 0],
        }
    }

    /// One access, its pread or its witness.
    fn touch(&self, at: i64, access: Access) -> Result<[u64; 6], GaveUp> {
        let address = self.base().wrapping_add_signed(at as isize);
        let slot = &self.record.head().holder;
        slot.clear();
        let value = match access {
            // SAFETY: the parent's prologue has installed the handler in this process.
            Access::Load => unsafe { access::load(address) },
            // SAFETY: likewise; and `parent::stays_inside` holds the script to where no Rust object lies.
            Access::Store(value) => unsafe { access::store(address, value) }.then_some(value),
        };
        let Some(value) = value else {
            let Some((signo, code, reported)) = slot.seen() else {
                return Err(self.give_up(trouble::WITNESS, 0, 0));
            };
            if self.options.witnesses {
                // The byte that was touched, not the one that si_addr names: the two must turn out to be one.
                witness::repeat(self.record, address, access)
                    .map_err(|(kind, a, b)| self.give_up(kind, a, b))?;
            }
            return Ok([
                answer::FAULT,
                signo as u64,
                code as u64,
                reported as u64,
                0,
                0,
            ]);
        };
        if matches!(access, Access::Store(_)) {
            return Ok([answer::STORED, 0, 0, 0, 0, 0]);
        }
        let confirmed = match &self.mapped {
            Some(map) if at >= 0 && (at as u64) < map.rounded => {
                match self.pread(map.file, map.offset + at as u64, false) {
                    Ok(Some(byte)) => byte.into(),
                    Ok(None) => answer::PREAD_END,
                    Err(_) => answer::NO_PREAD,
                }
            }
            _ => answer::NO_PREAD,
        };
        Ok([answer::BYTE, value.into(), confirmed, 0, 0, 0])
    }
}
