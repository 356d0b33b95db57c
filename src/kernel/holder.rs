//! The holder: a forked child that makes the files and the mapping, runs a script and executes every access itself. What
//! it sees goes into the shared record and nowhere else; it allocates nothing, so nothing can settle in the hole that it
//! leaves around the mapping. It may not know what anybody expects.
#![allow(unsafe_code)]

use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::Ordering::{Relaxed, Release};

use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, OFlag, fallocate, open};
use nix::sys::mman::{MapFlags, MsFlags, ProtFlags, mmap, mmap_anonymous, mprotect, msync, munmap};
use nix::sys::stat::Mode;
use nix::sys::uio::{pread, pwrite};
use nix::unistd::{ftruncate, unlink, write};

use super::record::{Shared, trouble, what};
use super::{Behind, HOLE_PAGES, Options, access, map_length, witness};
use crate::op::{Access, Op, Prot, Share};

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

    /// Find a place for the mapping with free pages on both sides: reserve, then give the reservation back. The place is
    /// aligned as a huge page would be, so that two runs meet the same alignment.
    fn reserve(&self, ops: &[Op]) -> Result<(), GaveUp> {
        let page = self.options.page;
        let margin = HOLE_PAGES * page;
        let huge = page * (page / 8);
        let refused = |errno| self.give_up(trouble::REFUSED, errno as i64, libc::SYS_mmap);
        let room = map_length(ops, page)
            .checked_add(2 * margin + huge)
            .ok_or(Errno::ENOMEM)
            .map_err(refused)?;
        let room = NonZeroUsize::new(room as usize)
            .ok_or(Errno::ENOMEM)
            .map_err(refused)?;
        let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_NORESERVE;
        // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
        let reserve = unsafe { mmap_anonymous(None, room, ProtFlags::PROT_NONE, flags) };
        let args = [
            0,
            room.get() as u64,
            0,
            (flags | MapFlags::MAP_ANONYMOUS).bits() as u64,
            u64::MAX,
            0,
        ];
        self.note(libc::SYS_mmap, args, false, reserve, |place| {
            place.as_ptr() as i64
        });
        let reserve = reserve.map_err(refused)?;
        let base = (reserve.as_ptr() as u64 + margin).next_multiple_of(huge) as usize;
        self.record
            .head()
            .reserve
            .store(reserve.as_ptr() as usize, Relaxed);
        self.record.head().base.store(base, Relaxed);
        if self.options.behind == Behind::Hole {
            // SAFETY: exactly the reservation made above, which nobody refers to.
            let freed = unsafe { munmap(reserve, room.get()) };
            let args = [reserve.as_ptr() as u64, room.get() as u64, 0, 0, 0, 0];
            self.note(libc::SYS_munmap, args, false, freed, |()| 0);
            freed.map_err(refused)?;
        }
        Ok(())
    }

    /// A nameless file: O_TMPFILE, or where the filesystem has none, a name that is gone at once.
    fn create(&mut self, file: usize) -> Result<(), GaveUp> {
        let refused = |errno| self.give_up(trouble::REFUSED, errno as i64, libc::SYS_openat);
        let mode = Mode::S_IRUSR | Mode::S_IWUSR;
        let flags = OFlag::O_RDWR | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        let attempt = |name, flags: OFlag| {
            let opened = open(name, flags, mode);
            let result = opened
                .as_ref()
                .map(AsRawFd::as_raw_fd)
                .map_err(|errno| *errno);
            let named = flags.contains(OFlag::O_CREAT);
            let args = [
                0,
                named.into(),
                flags.bits() as u64,
                mode.bits().into(),
                0,
                0,
            ];
            self.note(libc::SYS_openat, args, true, result, i64::from);
            opened
        };
        let fd = match attempt(self.options.dir.as_c_str(), flags | OFlag::O_TMPFILE) {
            Err(Errno::EOPNOTSUPP | Errno::EISDIR | Errno::EINVAL) => {
                let name = self.options.spare_name.as_c_str();
                let fd = attempt(name, flags | OFlag::O_CREAT).map_err(refused)?;
                self.note(UNLINK, [0, 1, 0, 0, 0, 0], true, unlink(name), |()| 0);
                fd
            }
            opened => opened.map_err(refused)?,
        };
        self.files[file] = Some(FileSlot(File { fd, position: 0 }));
        Ok(())
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

    fn write(&mut self, file: usize, at: u64, len: u64, byte: u8) -> nix::Result<()> {
        let row = self
            .fill
            .iter()
            .find(|row| row.0 == byte)
            .map_or(&[][..], |row| &row.1);
        let mut done = 0;
        while done < len {
            let File { fd, position } = self.file(file)?;
            let chunk = &row[..row.len().min((len - done) as usize)];
            let place = at + done;
            let args = [
                fd.as_raw_fd() as u64,
                byte.into(),
                chunk.len() as u64,
                place,
                0,
                0,
            ];
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
    fn call(&mut self, op: &Op) -> nix::Result<()> {
        let address = |at: i64| self.base().wrapping_add_signed(at as isize);
        let pointer = |at: i64| NonNull::new(address(at) as *mut _).ok_or(Errno::EINVAL);
        match *op {
            Op::Write {
                file,
                at,
                len,
                byte,
            } => self.write(file, at, len, byte),
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
                // SAFETY: scenarios are held to the hole around the mapping (see `scenario`), where no object lies.
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
                let args = [
                    address(at) as u64,
                    len,
                    MsFlags::MS_SYNC.bits() as u64,
                    0,
                    0,
                    0,
                ];
                self.note(libc::SYS_msync, args, true, done, |()| 0);
                done
            }
            Op::Create { .. } | Op::Read { .. } | Op::Touch { .. } => {
                unreachable!("answered elsewhere")
            }
        }
    }

    /// mmap(2) with the hole as a hint, not MAP_FIXED, so that the call is the textbook's; the result is checked.
    fn map(
        &mut self,
        file: usize,
        offset: u64,
        len: u64,
        prot: Prot,
        share: Share,
    ) -> nix::Result<()> {
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
        let args = [
            base as u64,
            len,
            bits[0],
            bits[1],
            fd.as_raw_fd() as u64,
            offset,
        ];
        self.note(libc::SYS_mmap, args, true, place, |place| {
            place.as_ptr() as i64
        });
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

    /// One access, its pread or its witness.
    fn touch(&self, at: i64, access: Access) -> Result<[u64; 6], GaveUp> {
        let address = self.base().wrapping_add_signed(at as isize);
        let slot = &self.record.head().holder;
        slot.clear();
        let value = match access {
            // SAFETY: the parent's prologue has installed the handler in this process.
            Access::Load => unsafe { access::load(address) },
            // SAFETY: likewise; and scenarios are held to the hole around the mapping, where no Rust object lies.
            Access::Store(value) => unsafe { access::store(address, value) }.then_some(value),
        };
        let Some(value) = value else {
            let Some((signo, code, address)) = slot.seen() else {
                return Err(self.give_up(trouble::WITNESS, 0, 0));
            };
            if self.options.witnesses {
                witness::repeat(self.record, address, access)
                    .map_err(|(kind, a, b)| self.give_up(kind, a, b))?;
            }
            return Ok([
                answer::FAULT,
                signo as u64,
                code as u64,
                address as u64,
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

fn protection(prot: Prot) -> ProtFlags {
    let mut flags = ProtFlags::PROT_NONE;
    flags.set(ProtFlags::PROT_READ, prot.read);
    flags.set(ProtFlags::PROT_WRITE, prot.write);
    flags
}

/// unlink(2) where the architecture has it, else what the C library calls for it.
#[cfg(target_arch = "x86_64")]
pub const UNLINK: i64 = libc::SYS_unlink;
/// unlink(2) where the architecture has it, else what the C library calls for it.
#[cfg(not(target_arch = "x86_64"))]
pub const UNLINK: i64 = libc::SYS_unlinkat;
