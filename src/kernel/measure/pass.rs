//! One way through a file, once: what comes before the clock, what the clock sees, what comes after it. The work is the
//! same in every way: all bytes of a piece are summed, or all are stored. It may not know how long it took.
#![allow(unsafe_code)]

use std::num::NonZeroUsize;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::NonNull;

use nix::errno::Errno;
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::sys::uio::{pread, pwrite};

use super::bytes::Bytes;
use super::sum::sum;
use crate::op::{Condition, PIECE_PAGES, Way};

/// Where a mapping lies, and its length.
type Place = (NonNull<u8>, usize);

/// One pass.
pub struct Pass<'a> {
    fd: &'a OwnedFd,
    bytes: &'a mut Bytes,
    condition: Condition,
    way: Way,
    round: u32,
    /// what is stored: in each pass another byte
    byte: u8,
    sum: u64,
    kept: Option<Place>,
    /// system calls that the work made
    pub calls: u64,
}

impl<'a> Pass<'a> {
    pub fn new(fd: &'a OwnedFd, bytes: &'a mut Bytes, condition: Condition, way: Way, round: u32) -> Pass<'a> {
        let byte = way
            .name()
            .bytes()
            .fold(round as u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte))
            | 1;
        Pass {
            fd,
            bytes,
            condition,
            way,
            round,
            byte,
            sum: 0,
            kept: None,
            calls: 0,
        }
    }

    /// What comes before the clock: a mapping that is kept was made and touched before, the pages of it that are stored to
    /// were stored to.
    pub fn before(&mut self) -> nix::Result<()> {
        if self.way == Way::Kept {
            let place = self.map(0, self.bytes.size, false)?;
            self.kept = Some(place);
            self.visit(place);
            (self.sum, self.calls) = (0, 0);
            self.byte ^= 0x80;
        }
        Ok(())
    }

    /// What the clock sees.
    pub fn work(&mut self) -> nix::Result<()> {
        match (self.way, self.kept) {
            (Way::Kept, Some(place)) => self.visit(place),
            (Way::New | Way::Populated | Way::Kept, _) => {
                let place = self.map(0, self.bytes.size, self.way == Way::Populated)?;
                self.visit(place);
                self.unmap(place)?;
            }
            (Way::Pieces, _) => {
                let size = self.piece();
                self.pieces(size, |pass, at| {
                    let place = pass.map(at, size, false)?;
                    pass.use_mapped(place.0, place.1);
                    pass.unmap(place)
                })?;
            }
            (Way::Call(_) | Way::CallPage, _) => {
                let size = self.piece();
                self.pieces(size, |pass, at| pass.call(at, size as usize))?;
            }
        }
        Ok(())
    }

    pub fn after(&mut self) -> nix::Result<()> {
        match self.kept.take() {
            Some(place) => self.unmap(place),
            None => Ok(()),
        }
    }

    /// Was the sum the right one, or does the file hold what was stored? The first byte of every page is looked at.
    pub fn was_right(&mut self) -> nix::Result<bool> {
        if !self.condition.stores {
            return Ok(self.sum == self.bytes.sum(self.condition, self.round));
        }
        let (page, mut right) = (self.bytes.page, true);
        let byte = self.byte;
        self.pieces(page, |pass, at| {
            let mut found = [0];
            right &= pread(pass.fd.as_fd(), &mut found, at as i64)? == 1 && found[0] == byte;
            Ok(())
        })?;
        Ok(right)
    }

    /// Bytes that a call, or a mapping of a piece, covers.
    fn piece(&self) -> u64 {
        match self.way {
            Way::Call(bytes) => bytes as u64,
            _ if self.condition.random => self.bytes.page,
            _ => PIECE_PAGES * self.bytes.page,
        }
    }

    /// Go through all pieces of this size that the condition asks for.
    fn pieces(&mut self, size: u64, mut each: impl FnMut(&mut Self, u64) -> nix::Result<()>) -> nix::Result<()> {
        if !self.condition.random {
            return (0..self.bytes.size)
                .step_by(size as usize)
                .try_for_each(|at| each(self, at));
        }
        let (count, from) = (self.bytes.of(self.condition) / self.bytes.page, self.round);
        for n in 0..count as usize {
            let page = self.bytes.page_at(self.condition, from, n);
            each(self, page * self.bytes.page)?;
        }
        Ok(())
    }

    /// Use a mapping of the whole file.
    fn visit(&mut self, place: Place) {
        if !self.condition.random {
            return self.use_mapped(place.0, place.1);
        }
        let page = self.bytes.page as usize;
        let _ = self.pieces(page as u64, |pass, at| {
            // SAFETY: a page of the file, inside the mapping of the whole of it.
            let piece = unsafe { place.0.add(at as usize) };
            pass.use_mapped(piece, page);
            Ok(())
        });
    }

    /// Sum, or store to, all bytes of a mapping.
    fn use_mapped(&mut self, place: NonNull<u8>, length: usize) {
        if self.condition.stores {
            // SAFETY: mapped writable, of this length, and nothing else refers to it.
            unsafe { place.as_ptr().write_bytes(self.byte, length) };
        } else {
            // SAFETY: mapped readable, of this length; nobody writes to the file, which has no name, while it is summed.
            self.sum = self.sum.wrapping_add(unsafe { sum(place.as_ptr(), length) });
        }
    }

    /// One pread(2) or pwrite(2), and the same use of its bytes.
    fn call(&mut self, at: u64, size: usize) -> nix::Result<()> {
        self.calls += 1;
        let buffer = &mut self.bytes.buffer[..size];
        let done = if self.condition.stores {
            buffer.fill(self.byte);
            pwrite(self.fd.as_fd(), buffer, at as i64)?
        } else {
            let got = pread(self.fd.as_fd(), buffer, at as i64)?;
            // SAFETY: a slice of that length, which is one of a page or of a call.
            self.sum = self.sum.wrapping_add(unsafe { sum(buffer.as_ptr(), size) });
            got
        };
        if done == size { Ok(()) } else { Err(Errno::EIO) }
    }

    fn map(&mut self, at: u64, size: u64, populate: bool) -> nix::Result<Place> {
        self.calls += 1;
        let length = NonZeroUsize::new(size as usize).ok_or(Errno::EINVAL)?;
        let (mut prot, mut flags) = (ProtFlags::PROT_READ, MapFlags::MAP_SHARED);
        if self.condition.stores {
            prot |= ProtFlags::PROT_WRITE;
        }
        if populate {
            flags |= MapFlags::MAP_POPULATE;
        }
        // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
        let place = unsafe { mmap(None, length, prot, flags, self.fd.as_fd(), at as i64)? };
        Ok((place.cast(), length.get()))
    }

    fn unmap(&mut self, place: Place) -> nix::Result<()> {
        self.calls += 1;
        // SAFETY: a mapping made by `map`, which nobody refers to any more.
        unsafe { munmap(place.0.cast(), place.1) }
    }
}
