//! The system calls on the address space that a script asks for, each noted as it was made. Through nix, but for what its
//! types refuse to say: a length of 0, a descriptor that is none.
#![allow(unsafe_code)]

use std::num::NonZeroUsize;
use std::ptr::NonNull;

use nix::errno::Errno;
use nix::sys::mman::{
    MRemapFlags, MapFlags, MsFlags, ProtFlags, mlock, mmap, mmap_anonymous, mprotect, mremap, msync, munlock, munmap,
};

use super::{Answer, GaveUp, Holder, Mapped, answer, plain};
use crate::kernel::Behind;
use crate::kernel::missing;
use crate::kernel::record::{asked, trouble};
use crate::op::{Advice, Mapping, Op, Place, Prot, Share, Source, round_up};

/// mseal(2), by the number that it has on every architecture; libc has none for it yet.
pub const MSEAL: i64 = 462;

impl Holder<'_> {
    /// mmap(2) with the hole as a hint, not MAP_FIXED, so that the call is the textbook's; the result is checked.
    pub(super) fn map(&mut self, at: Place, mapping: &Mapping) -> Result<Answer, GaveUp> {
        let address = self.address(at);
        let (prot, mut flags) = (protection(mapping.prot), map_flags(mapping));
        if self.options.behind == Behind::Guard {
            flags |= MapFlags::MAP_FIXED;
        }
        let (hint, length) = (NonZeroUsize::new(address), NonZeroUsize::new(mapping.len as usize));
        let file = match mapping.source {
            Source::File(file) => self.open_fd(file),
            _ => None,
        };
        // The C library refuses an offset inside a page itself: then nobody would have asked the kernel.
        let asks = mapping.offset % self.options.page == 0;
        let (by, fd, place) = match (length, file, mapping.source) {
            (Some(length), Some(file), _) if asks => {
                // SAFETY: without MAP_FIXED nothing existing is replaced; with it, `parent::stays_inside` holds the range to
                // where no Rust object lies.
                let place = unsafe { mmap(hint, length, prot, flags, file, mapping.offset as i64) };
                (asked::YES, std::os::fd::AsRawFd::as_raw_fd(&file), place)
            }
            (Some(length), _, Source::Anonymous) if mapping.offset == 0 => {
                // SAFETY: as above.
                let place = unsafe { mmap_anonymous(hint, length, prot, flags) };
                (asked::YES, -1, place)
            }
            _ => {
                let fd = match mapping.source {
                    Source::File(file) => self.file(file).map_or(-1, |file| file.fd),
                    _ => -1,
                };
                let (len, offset, bits) = (mapping.len, mapping.offset, (prot.bits() as i64, flags.bits() as i64));
                // SAFETY: as above; nix has no words for these arguments, and the C library not for all of them.
                let place =
                    unsafe { libc::syscall(libc::SYS_mmap, address, len, bits.0, bits.1, i64::from(fd), offset) };
                let place = Errno::result(place).map(|place| place as *mut std::ffi::c_void);
                (
                    asked::BEYOND_NIX,
                    fd,
                    place.and_then(|place| NonNull::new(place).ok_or(Errno::EINVAL)),
                )
            }
        };
        let args = [
            address as u64,
            mapping.len,
            prot.bits() as u64,
            flags.bits() as u64,
            fd as i64 as u64,
            mapping.offset,
        ];
        self.note_as(by, libc::SYS_mmap, args, place, |place| place.as_ptr() as i64);
        let place = match place {
            Ok(place) => place,
            Err(errno) => return Ok(plain(answer::ERRNO, errno as u64)),
        };
        let page = self.options.page;
        let start = at.at - at.at.rem_euclid(page as i64);
        if place.as_ptr() as usize != self.address(at.area_at(start)) {
            return self.elsewhere(at, start, mapping.len, place);
        }
        let file = match mapping.source {
            Source::File(file) => {
                let object = self.file(file).map_or(file, |file| file.object);
                Some((object, mapping.offset as i64 - start))
            }
            _ => None,
        };
        self.let_go(at.area_at(start), mapping.len);
        self.remember(at.area, start, mapping.len, file);
        Ok(plain(answer::DONE, 0))
    }

    /// The kernel chose another address. Where the script's own mappings are in the way that is an answer; where nothing of
    /// the script's is, something else has settled in the hole.
    fn elsewhere(&self, at: Place, start: i64, len: u64, place: NonNull<std::ffi::c_void>) -> Result<Answer, GaveUp> {
        // A stack may have grown down to here, and keeps others at a distance.
        let end = if self.stack {
            i64::MAX
        } else {
            start.saturating_add_unsigned(len)
        };
        let ours = |mapped: &Mapped| mapped.area == at.area && mapped.from < end && start < mapped.to;
        if !self.mapped.iter().any(ours) {
            return Err(self.give_up(trouble::TAKEN, 0, 0));
        }
        // SAFETY: exactly the mapping just made, which nobody refers to; it would be in the way of others.
        let gone = unsafe { munmap(place, len as usize) };
        let args = [place.as_ptr() as u64, len, 1, 0, 0, 0];
        self.note_as(asked::NO, libc::SYS_munmap, args, gone, |()| 0);
        gone.map_err(|errno| self.refused(libc::SYS_munmap, errno))?;
        Ok(plain(answer::ELSEWHERE, 0))
    }

    /// A stretch is mapped anew, or not at all any more.
    fn let_go(&self, at: Place, len: u64) {
        let len = round_up(len, self.options.page);
        if !missing::forget(self.record, self.me as u32, self.address(at), len) {
            self.give_up(trouble::FULL, 0, 0);
        }
    }

    pub(super) fn remember(&mut self, area: usize, from: i64, len: u64, file: Option<(usize, i64)>) {
        let to = from.saturating_add_unsigned(round_up(len, self.options.page));
        if self.mapped.len() < self.mapped.capacity() {
            self.mapped.push(Mapped { area, from, to, file });
        }
    }

    /// A call on the address space that answers with success or an errno.
    pub(super) fn memory(&mut self, op: &Op) -> nix::Result<()> {
        let pointer = |at: Place| NonNull::new(self.address(at) as *mut std::ffi::c_void).ok_or(Errno::EINVAL);
        let number = |at: Place| self.address(at) as u64;
        match *op {
            Op::Unmap { at, len } => {
                // SAFETY: `parent::stays_inside` holds every script to its areas and the holes around them, where no object lies.
                let done = unsafe { munmap(pointer(at)?, len as usize) };
                self.note(libc::SYS_munmap, [number(at), len, 0, 0, 0, 0], done, |()| 0);
                if done.is_ok() {
                    self.let_go(at, len);
                    self.remember(at.area, at.at, len, None);
                }
                done
            }
            Op::Protect { at, len, prot } => {
                let flags = protection(prot);
                // SAFETY: as for munmap.
                let done = unsafe { mprotect(pointer(at)?, len as usize, flags) };
                self.note(
                    libc::SYS_mprotect,
                    [number(at), len, flags.bits() as u64, 0, 0, 0],
                    done,
                    |()| 0,
                );
                done
            }
            Op::Sync { at, len } => {
                // SAFETY: writing back changes no memory that a Rust object lies in.
                let done = unsafe { msync(pointer(at)?, len as usize, MsFlags::MS_SYNC) };
                let args = [number(at), len, MsFlags::MS_SYNC.bits() as u64, 0, 0, 0];
                self.note(libc::SYS_msync, args, done, |()| 0);
                done
            }
            Op::Lock { at, len } => {
                // SAFETY: locking changes no contents.
                let done = unsafe { mlock(pointer(at)?, len as usize) };
                self.note(libc::SYS_mlock, [number(at), len, 0, 0, 0, 0], done, |()| 0);
                done
            }
            Op::Unlock { at, len } => {
                // SAFETY: unlocking changes no contents.
                let done = unsafe { munlock(pointer(at)?, len as usize) };
                self.note(libc::SYS_munlock, [number(at), len, 0, 0, 0, 0], done, |()| 0);
                done
            }
            Op::Advise { at, len, advice } => {
                self.keeps_from_children |= matches!(advice, Advice::DontFork | Advice::WipeOnFork);
                let (address, number_of) = (self.address(at), advice_number(advice));
                // SAFETY: as for munmap; through libc, for nix lacks the newer advices.
                let done = unsafe { libc::madvise(address as *mut _, len as usize, number_of) };
                let done = Errno::result(done).map(drop);
                self.note(
                    libc::SYS_madvise,
                    [address as u64, len, number_of as u64, 0, 0, 0],
                    done,
                    |()| 0,
                );
                done
            }
            Op::Mseal { at, len } => {
                // SAFETY: nothing but the script's own mappings lies there, and none is changed.
                let done = unsafe { libc::syscall(MSEAL, self.address(at), len, 0_u64) };
                let done = Errno::result(done).map(drop);
                self.note(MSEAL, [number(at), len, 0, 0, 0, 0], done, |()| 0);
                done
            }
            Op::Remap { at, len, new, to, keep } => self.remap(at, len, new, to, keep),
            _ => unreachable!("answered elsewhere"),
        }
    }

    /// userfaultfd(2) over a stretch, known to the witnesses too.
    pub(super) fn userfaultfd(&mut self, at: Place, len: u64) -> Result<nix::Result<()>, GaveUp> {
        let start = self.address(at);
        let done = missing::register(self.record, start, len, asked::YES);
        let done = done.map_err(|errno| self.refused(libc::SYS_userfaultfd, errno))?;
        if done.is_ok() && !missing::remember(self.record, self.me as u32, start, len, self.options.page) {
            return Err(self.give_up(trouble::FULL, 0, 0));
        }
        Ok(done)
    }

    fn remap(&mut self, at: Place, len: u64, new: u64, to: Option<Place>, keep: bool) -> nix::Result<()> {
        let old = NonNull::new(self.address(at) as *mut std::ffi::c_void).ok_or(Errno::EINVAL)?;
        let mut flags = match to {
            Some(_) => MRemapFlags::MREMAP_MAYMOVE | MRemapFlags::MREMAP_FIXED,
            None => MRemapFlags::empty(),
        };
        flags.set(MRemapFlags::from_bits_retain(libc::MREMAP_DONTUNMAP), keep);
        let target = to.and_then(|to| NonNull::new(self.address(to) as *mut std::ffi::c_void));
        // SAFETY: as for munmap, for the old range and for the new one.
        let place = unsafe { mremap(old, len as usize, new as usize, flags, target) };
        let target = target.map_or(0, |target| target.as_ptr() as u64);
        let args = [old.as_ptr() as u64, len, new, flags.bits() as u64, target, 0];
        self.note(libc::SYS_mremap, args, place, |place| place.as_ptr() as i64);
        if let (Err(_), Some(to)) = (place, to) {
            // Of several mappings some may have moved before one was refused.
            self.remember(to.area, to.at, new, None);
        }
        place?;
        let covers = |mapped: &&Mapped| mapped.area == at.area && (mapped.from..mapped.to).contains(&at.at);
        let file = self.mapped.iter().rev().find(covers).and_then(|mapped| mapped.file);
        let now = to.unwrap_or(at);
        if !keep {
            self.remember(at.area, at.at, len, None);
        }
        if let Some(to) = to {
            self.let_go(to, new);
            if !keep {
                self.let_go(at, len);
            }
        }
        self.remember(
            now.area,
            now.at,
            new,
            file.map(|(file, shift)| (file, shift + at.at - now.at)),
        );
        Ok(())
    }
}

fn protection(prot: Prot) -> ProtFlags {
    let mut flags = ProtFlags::PROT_NONE;
    flags.set(ProtFlags::PROT_READ, prot.read);
    flags.set(ProtFlags::PROT_WRITE, prot.write);
    flags.set(ProtFlags::PROT_EXEC, prot.exec);
    flags
}

fn map_flags(mapping: &Mapping) -> MapFlags {
    let mut flags = match mapping.share {
        Share::Shared => MapFlags::MAP_SHARED,
        Share::Private => MapFlags::MAP_PRIVATE,
        Share::Validate => MapFlags::MAP_SHARED_VALIDATE,
        Share::Neither => MapFlags::empty(),
    };
    let more = mapping.flags;
    flags.set(MapFlags::MAP_ANONYMOUS, mapping.source == Source::Anonymous);
    flags.set(MapFlags::MAP_FIXED, more.fixed);
    flags.set(MapFlags::MAP_FIXED_NOREPLACE, more.no_replace);
    flags.set(MapFlags::MAP_POPULATE, more.populate);
    flags.set(MapFlags::MAP_LOCKED, more.locked);
    flags.set(MapFlags::MAP_NORESERVE, more.no_reserve);
    flags.set(MapFlags::MAP_GROWSDOWN, more.grows_down);
    flags.set(MapFlags::from_bits_retain(libc::MAP_SYNC), more.sync);
    flags.set(MapFlags::from_bits_retain(1 << 25), more.unknown);
    flags
}

/// MADV_*: asm-generic/mman-common.h.
pub fn advice_number(advice: Advice) -> i32 {
    match advice {
        Advice::DontNeed => libc::MADV_DONTNEED,
        Advice::Free => libc::MADV_FREE,
        Advice::Remove => libc::MADV_REMOVE,
        Advice::WillNeed => libc::MADV_WILLNEED,
        Advice::PopulateRead => libc::MADV_POPULATE_READ,
        Advice::PopulateWrite => libc::MADV_POPULATE_WRITE,
        Advice::GuardInstall => 102,
        Advice::GuardRemove => 103,
        Advice::DontFork => libc::MADV_DONTFORK,
        Advice::WipeOnFork => libc::MADV_WIPEONFORK,
        Advice::Unknown => 999,
    }
}
