//! One access by the process itself, with its pread(2) beside it or its witness after it; and accesses under a handler of
//! the script's own, which a forked child makes where it may die of them.
#![allow(unsafe_code)]

use std::os::fd::BorrowedFd;
use std::sync::atomic::Ordering::Relaxed;

use nix::errno::Errno;
use nix::sys::uio::pread;

use super::{Answer, File, GaveUp, Holder, answer, plain};
use crate::kernel::record::{asked, mode, trouble};
use crate::kernel::{HOLE_PAGES, access, witness};
use crate::op::{Access, FileId, OnFault, Place, Routine};

impl Holder<'_> {
    /// One access, its pread or its witness.
    pub(super) fn touch(&mut self, at: Place, access: Access) -> Result<Answer, GaveUp> {
        let (answer, handled) = self.attempt(at, access)?;
        // Nobody asks for the pread of many scripts.
        if answer[0] != answer::BYTE || handled || self.record.head().quiet.load(Relaxed) != 0 {
            return Ok(answer);
        }
        let confirmed = match self.behind(at) {
            Some((file, place)) => match self.pread(file, place, asked::NO) {
                Ok(Some(byte)) => byte.into(),
                Ok(None) => answer::PREAD_END,
                Err(_) => answer::NO_PREAD,
            },
            None => answer::NO_PREAD,
        };
        Ok([answer::BYTE, answer[1], confirmed, 0, 0, 0])
    }

    /// A load and a store for each byte, until one of them is bad.
    pub(super) fn copy(&mut self, from: Place, to: Place, len: u64) -> Result<Answer, GaveUp> {
        for done in 0..len as i64 {
            let (loaded, _) = self.attempt(from.plus(done), Access::Load)?;
            if loaded[0] != answer::BYTE {
                return Ok(loaded);
            }
            let (stored, _) = self.attempt(to.plus(done), Access::Store(loaded[1] as u8))?;
            if stored[0] != answer::STORED {
                return Ok(stored);
            }
        }
        Ok(plain(answer::STORED, 0))
    }

    /// A routine of the C library. This process calls it only where a child has come through.
    pub(super) fn library(&mut self, routine: Routine, from: Place, to: Place, len: u64) -> Result<Answer, GaveUp> {
        let (from, to, len) = (self.address(from), self.address(to), len as usize);
        let deed = witness::Deed::Library(routine, from, to, len);
        let died = witness::library(self.record, deed).map_err(|(kind, a, b)| self.give_up(kind, a, b))?;
        if let Some((signo, code, at)) = died {
            return Ok([answer::FAULT, signo as u64, code as u64, at as u64, 0, 0]);
        }
        // SAFETY: the child has touched every byte of it and lived; `parent::stays_inside` holds the script to where no Rust
        // object lies.
        let count = unsafe { access::call(routine, from, to, len) };
        Ok(match routine {
            Routine::Strnlen => plain(answer::COUNT, count as u64),
            _ => plain(answer::STORED, 0),
        })
    }

    /// One access, or its witness; and whether a handler of the script's own repaired it.
    fn attempt(&mut self, at: Place, access: Access) -> Result<(Answer, bool), GaveUp> {
        let head = self.record.head();
        let address = self.address(at);
        head.faults.store(0, Relaxed);
        match self.on_fault {
            OnFault::Ignore | OnFault::Block | OnFault::Return => {
                let end = witness::endure(self.record, address, access, self.on_fault)
                    .map_err(|(kind, a, b)| self.give_up(kind, a, b))?;
                match end {
                    witness::End::Killed(signo) => return Ok((plain(answer::KILLED, signo as u64), false)),
                    witness::End::Looped => return Ok((plain(answer::LOOPS, 0), false)),
                    // It does not fault, so this process may make it.
                    witness::End::Lived => {}
                }
            }
            OnFault::Grow { file, size } => {
                let fd = self.file(file).map_or(-1, |file| file.fd);
                self.repair_by(mode::GROW, [fd as u64, size]);
            }
            OnFault::Cover => self.repair_by(mode::COVER, [self.options.page, 0]),
            // Whether it faults at all this process sees itself, on a stack that has room.
            OnFault::Note | OnFault::OwnStack => {}
        }
        let slot = &head.holder;
        slot.clear();
        // SAFETY: the parent's prologue has installed the handler in this process; `parent::stays_inside` holds the script to
        // where no Rust object lies.
        let value = unsafe { access::make(address, access) };
        let handled = head.mode.swap(mode::NOTE, Relaxed) != mode::NOTE && head.faults.load(Relaxed) > 0;
        if handled && self.on_fault == OnFault::Cover {
            self.covered(slot.seen());
        }
        let Some(value) = value else {
            let Some((signo, code, reported)) = slot.seen() else {
                return Err(self.give_up(trouble::WITNESS, 0, 0));
            };
            if handled {
                return Ok((plain(answer::LOOPS, 0), true));
            }
            if self.on_fault == OnFault::OwnStack {
                // With one byte: the first bad one, of eight.
                let bytes = address..address + access.width() as usize;
                let first = if bytes.contains(&reported) { reported } else { address };
                let end = witness::endure(self.record, first, access, self.on_fault)
                    .map_err(|(kind, a, b)| self.give_up(kind, a, b))?;
                return match end {
                    witness::End::Killed(signo) => Ok((plain(answer::KILLED, signo as u64), false)),
                    witness::End::Looped => Ok((plain(answer::LOOPS, 0), false)),
                    witness::End::Lived => Err(self.give_up(trouble::WITNESS, 0, 0)),
                };
            }
            if self.options.witnesses || self.is_sampled() {
                // The byte that was touched, not the one that si_addr names: the two must turn out to be one.
                let deed = witness::Deed::Access(address, access);
                witness::repeat(self.record, deed).map_err(|(kind, a, b)| self.give_up(kind, a, b))?;
            }
            let fault = [answer::FAULT, signo as u64, code as u64, reported as u64, 0, 0];
            return Ok((fault, false));
        };
        let answer = match access.is_store() {
            true => plain(answer::STORED, 0),
            false => [answer::BYTE, value.into(), answer::NO_PREAD, 0, 0, 0],
        };
        Ok((answer, handled))
    }

    /// A handler has put a page of its own there.
    fn covered(&mut self, seen: Option<(i32, i32, usize)>) {
        let Some((_, _, address)) = seen else { return };
        let page = self.options.page;
        let at = self.record.place(address, (HOLE_PAGES * page) as usize);
        self.remember(at.area, at.at - at.at.rem_euclid(page as i64), page, None);
    }

    /// Of many scripts, one fault in a thousand has its witness all the same.
    fn is_sampled(&self) -> bool {
        let head = self.record.head();
        // A child lacks what MADV_DONTFORK keeps from it, and the guards of what MADV_WIPEONFORK empties.
        let alike = head.quiet.load(Relaxed) != 0 && !self.keeps_from_children;
        alike && head.survived.fetch_add(1, Relaxed) % 1000 == 999
    }

    fn repair_by(&self, mode: u32, numbers: [u64; 2]) {
        let head = self.record.head();
        head.repair[0].store(numbers[0], Relaxed);
        head.repair[1].store(numbers[1], Relaxed);
        head.mode.store(mode, Relaxed);
    }

    /// An open, readable descriptor of what is mapped at a byte, and the byte's place in it.
    fn behind(&self, at: Place) -> Option<(FileId, u64)> {
        let covers = |mapped: &&super::Mapped| mapped.area == at.area && (mapped.from..mapped.to).contains(&at.at);
        let (object, shift) = self.mapped.iter().rev().find(covers)?.file?;
        let same = |file: &Option<File>| file.is_some_and(|file| file.open && file.reads && file.object == object);
        let file = self.files.iter().position(same)?;
        Some((file, u64::try_from(at.at + shift).ok()?))
    }

    /// pread(2) of one byte.
    pub(super) fn pread(&self, file: FileId, at: u64, by: u32) -> nix::Result<Option<u8>> {
        let File { fd, open, .. } = self.file(file)?;
        if !open {
            return Err(Errno::EBADF);
        }
        // SAFETY: the script has not closed it.
        let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
        let mut byte = [0];
        let read = pread(borrowed, &mut byte, at as i64);
        let args = [fd as u64, byte[0].into(), 1, at, 0, 0];
        self.note_as(by, libc::SYS_pread64, args, read, |count| count as i64);
        read.map(|count| (count == 1).then_some(byte[0]))
    }

    pub(super) fn read(&self, file: FileId, at: u64) -> nix::Result<Answer> {
        Ok(match self.pread(file, at, asked::YES)? {
            Some(byte) => [answer::BYTE, byte.into(), answer::NO_PREAD, 0, 0, 0],
            None => plain(answer::END, 0),
        })
    }
}
