//! The system calls a script asks for, each noted as it was made. A call that is refused is an answer, not a failure.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::num::NonZeroUsize;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, FallocateFlags, OFlag, fallocate, open};
use nix::sys::mman::{MapFlags, MsFlags, ProtFlags, mmap, mprotect, msync, munmap};
use nix::sys::stat::Mode;
use nix::sys::uio::pwrite;
use nix::unistd::{UnlinkatFlags, ftruncate, unlinkat, write};

use super::{File, FileSlot, GaveUp, Holder, Mapped, SpareName};
use crate::kernel::Behind;
use crate::kernel::record::trouble;
use crate::op::{Op, Prot, Share};

impl Holder<'_> {
    /// A nameless file: O_TMPFILE, or where the filesystem has none, a name that is gone at once.
    pub(super) fn create(&mut self, file: usize) -> Result<(), GaveUp> {
        let mode = Mode::S_IRUSR | Mode::S_IWUSR;
        let flags = OFlag::O_RDWR | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        let attempt = |holder: &Self, name: &CStr, flags: OFlag| {
            let opened = open(name, flags, mode);
            let result = opened.as_ref().map(AsRawFd::as_raw_fd).map_err(|errno| *errno);
            let named = flags.contains(OFlag::O_CREAT);
            let args = [0, named.into(), flags.bits() as u64, mode.bits().into(), 0, 0];
            holder.note(libc::SYS_openat, args, true, result, i64::from);
            opened
        };
        let mut opened = attempt(self, &self.options.dir, flags | OFlag::O_TMPFILE);
        if let Err(Errno::EOPNOTSUPP | Errno::EISDIR | Errno::EINVAL) = opened {
            for number in 0..SpareName::COUNT {
                self.spare.choose(number);
                opened = attempt(self, self.spare.name(), flags | OFlag::O_CREAT);
                // Another container's process may have our process id, and the same TMPDIR.
                if !matches!(opened, Err(Errno::EEXIST)) {
                    break;
                }
            }
            if opened.is_ok() {
                let gone = unlinkat(AT_FDCWD, self.spare.name(), UnlinkatFlags::NoRemoveDir);
                self.note(libc::SYS_unlinkat, [0; 6], true, gone, |()| 0);
                gone.map_err(|errno| self.give_up(trouble::LEFT, errno as i64, self.spare.number().into()))?;
            }
        }
        let fd = opened.map_err(|errno| self.give_up(trouble::REFUSED, errno as i64, libc::SYS_openat))?;
        self.files[file] = Some(FileSlot(File { fd, position: 0 }));
        Ok(())
    }

    fn write(&mut self, file: usize, at: u64, len: u64, byte: u8) -> nix::Result<()> {
        let row = self.fill.iter().find(|row| row.0 == byte).map_or(&[][..], |row| &row.1);
        let mut done = 0;
        while done < len {
            let File { fd, position } = self.file(file)?;
            let chunk = &row[..row.len().min((len - done) as usize)];
            let place = at + done;
            let args = [fd.as_raw_fd() as u64, byte.into(), chunk.len() as u64, place, 0, 0];
            let wrote = if place == *position {
                let wrote = write(fd, chunk);
                self.note(libc::SYS_write, args, true, wrote, |count| count as i64);
                let moved = position + wrote? as u64;
                self.files[file].as_mut().ok_or(Errno::EBADF)?.0.position = moved;
                wrote?
            } else {
                let wrote = pwrite(fd, chunk, place as i64);
                self.note(libc::SYS_pwrite64, args, true, wrote, |count| count as i64);
                wrote?
            };
            if wrote == 0 {
                return Err(Errno::ENOSPC);
            }
            done += wrote as u64;
        }
        Ok(())
    }

    /// A system call that answers with success or an errno.
    pub(super) fn call(&mut self, op: &Op) -> nix::Result<()> {
        let address = |at: i64| self.base().wrapping_add_signed(at as isize);
        let pointer = |at: i64| NonNull::new(address(at) as *mut _).ok_or(Errno::EINVAL);
        match *op {
            Op::Write { file, at, len, byte } => self.write(file, at, len, byte),
            Op::Truncate { file, size } => {
                let fd = &self.file(file)?.fd;
                let done = ftruncate(fd, size as i64);
                self.note(
                    libc::SYS_ftruncate,
                    [fd.as_raw_fd() as u64, size, 0, 0, 0, 0],
                    true,
                    done,
                    |()| 0,
                );
                done
            }
            Op::Allocate { file, at, len } => {
                let fd = &self.file(file)?.fd;
                let done = fallocate(fd, FallocateFlags::empty(), at as i64, len as i64);
                self.note(
                    libc::SYS_fallocate,
                    [fd.as_raw_fd() as u64, 0, at, len, 0, 0],
                    true,
                    done,
                    |()| 0,
                );
                done
            }
            Op::Map {
                file,
                offset,
                len,
                prot,
                share,
            } => self.map(file, offset, len, prot, share),
            Op::Unmap { at, len } => {
                // SAFETY: `parent::stays_inside` holds every script to the mapping and the hole around it, where no object lies.
                let done = unsafe { munmap(pointer(at)?, len as usize) };
                self.note(
                    libc::SYS_munmap,
                    [address(at) as u64, len, 0, 0, 0, 0],
                    true,
                    done,
                    |()| 0,
                );
                done
            }
            Op::Protect { at, len, prot } => {
                let flags = protection(prot);
                // SAFETY: as for munmap.
                let done = unsafe { mprotect(pointer(at)?, len as usize, flags) };
                let args = [address(at) as u64, len, flags.bits() as u64, 0, 0, 0];
                self.note(libc::SYS_mprotect, args, true, done, |()| 0);
                done
            }
            Op::Sync { at, len } => {
                // SAFETY: writing back changes no memory that a Rust object lies in.
                let done = unsafe { msync(pointer(at)?, len as usize, MsFlags::MS_SYNC) };
                let args = [address(at) as u64, len, MsFlags::MS_SYNC.bits() as u64, 0, 0, 0];
                self.note(libc::SYS_msync, args, true, done, |()| 0);
                done
            }
            Op::Create { .. } | Op::Read { .. } | Op::Touch { .. } => {
                unreachable!("answered elsewhere")
            }
        }
    }

    /// mmap(2) with the hole as a hint, not MAP_FIXED, so that the call is the textbook's; the result is checked.
    fn map(&mut self, file: usize, offset: u64, len: u64, prot: Prot, share: Share) -> nix::Result<()> {
        let fd = &self.file(file)?.fd;
        let base = self.base();
        let length = NonZeroUsize::new(len as usize).ok_or(Errno::EINVAL)?;
        let flags = match (share, self.options.behind) {
            (Share::Shared, Behind::Hole) => MapFlags::MAP_SHARED,
            (Share::Private, Behind::Hole) => MapFlags::MAP_PRIVATE,
            (Share::Shared, Behind::Guard) => MapFlags::MAP_SHARED | MapFlags::MAP_FIXED,
            (Share::Private, Behind::Guard) => MapFlags::MAP_PRIVATE | MapFlags::MAP_FIXED,
        };
        // SAFETY: without MAP_FIXED nothing existing is replaced; with it, only the instrument's own guard pages are.
        let place = unsafe {
            mmap(
                NonZeroUsize::new(base),
                length,
                protection(prot),
                flags,
                fd,
                offset as i64,
            )
        };
        let bits = [protection(prot).bits() as u64, flags.bits() as u64];
        let args = [base as u64, len, bits[0], bits[1], fd.as_raw_fd() as u64, offset];
        self.note(libc::SYS_mmap, args, true, place, |place| place.as_ptr() as i64);
        if place?.as_ptr() as usize != base {
            self.give_up(trouble::TAKEN, 0, 0);
            // SAFETY: _exit runs nothing of ours.
            unsafe { libc::_exit(1) }
        }
        self.mapped = Some(Mapped {
            file,
            offset,
            rounded: crate::op::round_up(len, self.options.page),
        });
        Ok(())
    }
}

fn protection(prot: Prot) -> ProtFlags {
    let mut flags = ProtFlags::PROT_NONE;
    flags.set(ProtFlags::PROT_READ, prot.read);
    flags.set(ProtFlags::PROT_WRITE, prot.write);
    flags
}
