//! The system calls on files that a script asks for, each noted as it was made. A call that is refused is an answer, not a
//! failure; only what an experiment cannot do without makes the holder give up.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::os::fd::{AsRawFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::sync::atomic::Ordering::Relaxed;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, FallocateFlags, FcntlArg, OFlag, SealFlag, fallocate, fcntl, open, renameat};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::stat::Mode;
use nix::sys::uio::pwrite;
use nix::unistd::{UnlinkatFlags, ftruncate, pipe2, unlinkat, write};

use super::{Answer, File, GaveUp, Holder, SpareName, answer, plain};
use crate::kernel::record::{asked, trouble};
use crate::op::{FileId, FileKind, Growth, Op, Place, Rights, Seals};

/// A file of /proc/self: its place in `Holder::kept`, its path, and that path's number in the record.
type Proc = (usize, &'static CStr, u64);

pub(super) const MAPS: Proc = (0, c"/proc/self/maps", 13);
pub(super) const PAGEMAP: Proc = (1, c"/proc/self/pagemap", 6);

impl Holder<'_> {
    pub(super) fn create(&mut self, file: FileId, kind: FileKind) -> Result<(), GaveUp> {
        let (nr, fd) = match kind {
            FileKind::Regular => return self.regular(file),
            FileKind::Named => (libc::SYS_openat, self.open_named(file, OFlag::O_CREAT | OFlag::O_EXCL)),
            FileKind::Memfd { sealing } => {
                let flags = if sealing {
                    MFdFlags::MFD_ALLOW_SEALING
                } else {
                    MFdFlags::empty()
                };
                let made = memfd_create(c"lab", flags | MFdFlags::MFD_CLOEXEC).map(IntoRawFd::into_raw_fd);
                self.note(libc::SYS_memfd_create, [sealing.into(), 0, 0, 0, 0, 0], made, i64::from);
                (libc::SYS_memfd_create, made)
            }
            FileKind::Shm => {
                let flags = OFlag::O_RDWR | OFlag::O_EXCL | OFlag::O_TMPFILE;
                (libc::SYS_openat, self.nameless(c"/dev/shm", flags, 12))
            }
            FileKind::Zero => (libc::SYS_openat, self.device(c"/dev/zero", OFlag::O_RDWR, 2)),
            FileKind::Null => (libc::SYS_openat, self.device(c"/dev/null", OFlag::O_RDWR, 3)),
            FileKind::Directory => (
                libc::SYS_openat,
                self.device(c"/", OFlag::O_RDONLY | OFlag::O_DIRECTORY, 4),
            ),
            FileKind::Pipe => {
                let made = pipe2(OFlag::O_CLOEXEC).map(|(reader, writer)| {
                    let _ = writer.into_raw_fd(); // stays open, as a pipe in use has it
                    reader.into_raw_fd()
                });
                self.note(libc::SYS_pipe2, [0; 6], made, i64::from);
                (libc::SYS_pipe2, made)
            }
            FileKind::Eventfd => {
                // SAFETY: eventfd takes two integers and touches no memory.
                let made = Errno::result(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) });
                self.note(libc::SYS_eventfd2, [1, 0, 0, 0, 0, 0], made, i64::from);
                (libc::SYS_eventfd2, made)
            }
        };
        let fd = fd.map_err(|errno| self.refused(nr, errno))?;
        // What has no bytes of its own confirms no load, and a stream has no place to write at.
        let reads = matches!(kind, FileKind::Named | FileKind::Shm | FileKind::Memfd { .. });
        let position = (!matches!(kind, FileKind::Pipe | FileKind::Eventfd)).then_some(0);
        self.opened(file, fd, file, reads, position);
        Ok(())
    }

    fn opened(&mut self, file: FileId, fd: i32, object: FileId, reads: bool, position: Option<u64>) {
        self.files[file] = Some(File {
            fd,
            open: true,
            object,
            reads,
            position,
        });
    }

    /// `name` is how the trace numbers the path.
    fn device(&self, path: &CStr, flags: OFlag, name: u64) -> nix::Result<i32> {
        let flags = flags | OFlag::O_CLOEXEC;
        let fd = open(path, flags, Mode::empty()).map(IntoRawFd::into_raw_fd);
        self.note(libc::SYS_openat, [0, name, flags.bits() as u64, 0, 0, 0], fd, i64::from);
        fd
    }

    /// A nameless file in a directory that has O_TMPFILE; `name` as with `device`.
    fn nameless(&self, dir: &CStr, flags: OFlag, name: u64) -> nix::Result<i32> {
        let (flags, mode) = (flags | OFlag::O_CLOEXEC, Mode::S_IRUSR | Mode::S_IWUSR);
        let fd = open(dir, flags, mode).map(IntoRawFd::into_raw_fd);
        let args = [0, name, flags.bits() as u64, mode.bits().into(), 0, 0];
        self.note(libc::SYS_openat, args, fd, i64::from);
        fd
    }

    /// A nameless file: O_TMPFILE, or where the filesystem has none, a name that is gone at once.
    fn regular(&mut self, file: FileId) -> Result<(), GaveUp> {
        let mode = Mode::S_IRUSR | Mode::S_IWUSR;
        let flags = OFlag::O_RDWR | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        let attempt = |holder: &Self, name: &CStr, flags: OFlag| {
            let opened = open(name, flags, mode).map(IntoRawFd::into_raw_fd);
            let named = flags.contains(OFlag::O_CREAT);
            let args = [0, named.into(), flags.bits() as u64, mode.bits().into(), 0, 0];
            holder.note(libc::SYS_openat, args, opened, i64::from);
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
                self.note(libc::SYS_unlinkat, [0; 6], gone, |()| 0);
                gone.map_err(|errno| self.give_up(trouble::LEFT, errno as i64, self.spare.number().into()))?;
            }
        }
        let fd = opened.map_err(|errno| self.refused(libc::SYS_openat, errno))?;
        self.opened(file, fd, file, true, Some(0));
        Ok(())
    }

    fn name(&self, file: FileId) -> nix::Result<&'_ CStr> {
        self.names.and_then(|names| names.file(file)).ok_or(Errno::ENOENT)
    }

    /// openat(2) of the name that a file was created with.
    fn open_named(&self, name: FileId, more: OFlag) -> nix::Result<i32> {
        let (mode, flags) = (Mode::S_IRUSR | Mode::S_IWUSR, OFlag::O_RDWR | OFlag::O_CLOEXEC | more);
        let fd = open(self.name(name)?, flags, mode).map(IntoRawFd::into_raw_fd);
        let args = [name as u64, 8, flags.bits() as u64, mode.bits().into(), 0, 0];
        self.note(libc::SYS_openat, args, fd, i64::from);
        fd
    }

    pub(super) fn open_name(&mut self, file: FileId, name: FileId) -> nix::Result<()> {
        let fd = self.open_named(name, OFlag::empty())?;
        let object = self.named.get(name).copied().flatten().unwrap_or(name);
        self.opened(file, fd, object, true, Some(0));
        Ok(())
    }

    /// The object of a descriptor once more. The way through /proc is the only one to a file without a name.
    pub(super) fn reopen(&mut self, file: FileId, of: FileId, rights: Rights) -> Result<nix::Result<()>, GaveUp> {
        let Ok(source) = self.file(of) else {
            return Ok(Err(Errno::EBADF));
        };
        let flags = OFlag::O_CLOEXEC
            | match rights {
                Rights::Read => OFlag::O_RDONLY,
                Rights::Write => OFlag::O_WRONLY,
                Rights::ReadWrite => OFlag::O_RDWR,
                Rights::Append => OFlag::O_RDWR | OFlag::O_APPEND,
                Rights::Truncate => OFlag::O_RDWR | OFlag::O_TRUNC,
                Rights::Path => OFlag::O_PATH,
            };
        let mut path = *b"/proc/self/fd/0000000000\0";
        let digits = path.len() - 11..path.len() - 1;
        let mut rest = source.fd;
        for digit in path[digits.clone()].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        // The kernel reads no leading zeros there, so the digits move to the front.
        let first = digits.clone().find(|at| path[*at] != b'0').unwrap_or(digits.end - 1);
        path.copy_within(first..digits.end, digits.start);
        path[digits.start + (digits.end - first)] = 0;
        let path = CStr::from_bytes_until_nul(&path).map_err(|_| GaveUp)?;
        let opened = open(path, flags, Mode::empty()).map(IntoRawFd::into_raw_fd);
        let args = [source.fd as u64, 5, flags.bits() as u64, 0, 0, 0];
        self.note(libc::SYS_openat, args, opened, i64::from);
        match opened {
            Ok(fd) => {
                let reads = !matches!(rights, Rights::Write | Rights::Path);
                self.opened(file, fd, source.object, reads, source.position.map(|_| 0));
                Ok(Ok(()))
            }
            Err(Errno::ENOENT) => Err(self.refused(libc::SYS_openat, Errno::ENOENT)), // no /proc
            Err(errno) => Ok(Err(errno)),
        }
    }

    fn write(&mut self, file: FileId, at: u64, len: u64, byte: u8) -> nix::Result<()> {
        let row = self.fill.iter().find(|row| row.0 == byte).map_or(&[][..], |row| &row.1);
        let mut done = 0;
        while done < len {
            let File { fd, position, .. } = self.file(file)?;
            // SAFETY: the script has not closed it.
            let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
            let chunk = &row[..row.len().min((len - done) as usize)];
            let place = at + done;
            let args = [fd as u64, byte.into(), chunk.len() as u64, place, 0, 0];
            let wrote = if Some(place) == position {
                let wrote = write(borrowed, chunk);
                self.note(libc::SYS_write, args, wrote, |count| count as i64);
                if let (Some(Some(file)), Ok(wrote)) = (self.files.get_mut(file), wrote) {
                    file.position = Some(place + wrote as u64);
                }
                wrote?
            } else {
                let wrote = pwrite(borrowed, chunk, place as i64);
                self.note(libc::SYS_pwrite64, args, wrote, |count| count as i64);
                wrote?
            };
            if wrote == 0 {
                return Err(Errno::ENOSPC);
            }
            done += wrote as u64;
        }
        Ok(())
    }

    /// A call on a file that answers with success or an errno.
    pub(super) fn file_call(&mut self, op: &Op) -> nix::Result<()> {
        match *op {
            Op::Write { file, at, len, byte } => self.write(file, at, len, byte),
            Op::Close { file } => {
                let File { fd, open, .. } = self.file(file)?;
                let done = if open {
                    // SAFETY: a second close of a number is not made, so nobody else's descriptor is.
                    Errno::result(unsafe { libc::close(fd) }).map(drop)
                } else {
                    Err(Errno::EBADF)
                };
                if let Some(Some(file)) = self.files.get_mut(file) {
                    file.open = false;
                }
                self.note(libc::SYS_close, [fd as u64, 0, 0, 0, 0, 0], done, |()| 0);
                done
            }
            Op::Unlink { name } => {
                let done = unlinkat(AT_FDCWD, self.name(name)?, UnlinkatFlags::NoRemoveDir);
                self.note(libc::SYS_unlinkat, [name as u64, 1, 0, 0, 0, 0], done, |()| 0);
                done
            }
            Op::Rename { from, to } => {
                let done = renameat(AT_FDCWD, self.name(from)?, AT_FDCWD, self.name(to)?);
                self.note(libc::SYS_renameat, [from as u64, to as u64, 0, 0, 0, 0], done, |()| 0);
                if done.is_ok() {
                    self.named[to] = self.named[from].or(Some(from));
                }
                done
            }
            Op::Truncate { file, size } => {
                let fd = self.file(file)?.fd;
                // SAFETY: the script has not closed it.
                let done = ftruncate(unsafe { BorrowedFd::borrow_raw(fd) }, size as i64);
                self.note(libc::SYS_ftruncate, [fd as u64, size, 0, 0, 0, 0], done, |()| 0);
                done
            }
            Op::Allocate { file, mode, at, len } => {
                let fd = self.file(file)?.fd;
                let flags = match mode {
                    Growth::Extend => FallocateFlags::empty(),
                    Growth::Keep => FallocateFlags::FALLOC_FL_KEEP_SIZE,
                    Growth::Punch => FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE,
                    Growth::Collapse => FallocateFlags::FALLOC_FL_COLLAPSE_RANGE,
                    Growth::Insert => FallocateFlags::FALLOC_FL_INSERT_RANGE,
                };
                // SAFETY: the script has not closed it.
                let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
                let done = fallocate(borrowed, flags, at as i64, len as i64);
                self.note(
                    libc::SYS_fallocate,
                    [fd as u64, flags.bits() as u64, at, len, 0, 0],
                    done,
                    |()| 0,
                );
                done
            }
            Op::Seal { file, seals } => {
                let fd = self.file(file)?.fd;
                let flags = seal_flags(seals);
                // SAFETY: the script has not closed it.
                let done = fcntl(unsafe { BorrowedFd::borrow_raw(fd) }, FcntlArg::F_ADD_SEALS(flags)).map(drop);
                self.note(
                    libc::SYS_fcntl,
                    [fd as u64, flags.bits() as u64, 0, 0, 0, 0],
                    done,
                    |()| 0,
                );
                done
            }
            _ => unreachable!("answered elsewhere"),
        }
    }

    /// pwrite(2) out of memory under test: through libc, for no slice may lie there.
    pub(super) fn send(&self, file: FileId, at: u64, from: Place, len: u64) -> nix::Result<Answer> {
        let (fd, address) = (self.file(file)?.fd, self.address(from));
        // SAFETY: the kernel reads the bytes and answers a bad address with EFAULT; nothing of ours is read as Rust memory.
        let sent = Errno::result(unsafe { libc::pwrite(fd, address as *const _, len as usize, at as i64) });
        let args = [fd as u64, address as u64, len, at, 1, 0];
        self.note(libc::SYS_pwrite64, args, sent, |count| count as i64);
        sent.map(|count| plain(answer::COUNT, count as u64))
    }

    /// pread(2) into memory under test.
    pub(super) fn receive(&self, file: FileId, at: u64, to: Place, len: u64) -> nix::Result<Answer> {
        let (fd, address) = (self.file(file)?.fd, self.address(to));
        // SAFETY: `parent::stays_inside` holds the range to where no Rust object lies.
        let got = Errno::result(unsafe { libc::pread(fd, address as *mut _, len as usize, at as i64) });
        let args = [fd as u64, address as u64, len, at, 1, 0];
        self.note(libc::SYS_pread64, args, got, |count| count as i64);
        got.map(|count| plain(answer::COUNT, count as u64))
    }

    /// A descriptor of the script that is open.
    pub(super) fn open_fd(&self, file: FileId) -> Option<BorrowedFd<'_>> {
        let file = self.file(file).ok().filter(|file| file.open)?;
        // SAFETY: the script has not closed it, and does not while the borrow lasts.
        Some(unsafe { BorrowedFd::borrow_raw(file.fd) })
    }

    /// Open a file of /proc for the instrument itself; `name` is how the trace numbers the path.
    pub(super) fn own_fd(&self, path: &CStr, name: u64, flags: OFlag) -> Result<OwnedFd, GaveUp> {
        let flags = flags | OFlag::O_CLOEXEC;
        let opened = open(path, flags, Mode::empty());
        let number = opened.as_ref().map(AsRawFd::as_raw_fd).map_err(|errno| *errno);
        let args = [0, name, flags.bits() as u64, 0, 0, 0];
        self.note_as(asked::NO, libc::SYS_openat, args, number, i64::from);
        opened.map_err(|errno| self.refused(libc::SYS_openat, errno))
    }

    /// A file of /proc/self that is asked again and again.
    pub(super) fn proc_fd(&mut self, (slot, path, name): Proc) -> Result<OwnedFd, GaveUp> {
        match self.kept[slot].take() {
            Some(fd) => Ok(fd),
            None => self.own_fd(path, name, OFlag::O_RDONLY),
        }
    }

    /// It has been asked. Of many scripts it stays open, for to open it takes longer than to ask it.
    pub(super) fn put_back(&mut self, (slot, ..): Proc, fd: OwnedFd) {
        if self.record.head().quiet.load(Relaxed) != 0 {
            self.kept[slot] = Some(fd);
        } else {
            self.drop_fd(fd);
        }
    }

    /// Close a descriptor of the instrument's own.
    pub(super) fn drop_fd(&self, fd: OwnedFd) {
        let raw = fd.into_raw_fd();
        // SAFETY: it was owned a line ago, and nobody else has it.
        let done = Errno::result(unsafe { libc::close(raw) });
        self.note_as(asked::NO, libc::SYS_close, [raw as u64, 1, 0, 0, 0, 0], done, i64::from);
    }
}

/// The bits of F_ADD_SEALS.
pub fn seal_flags(seals: Seals) -> SealFlag {
    let mut flags = SealFlag::empty();
    flags.set(SealFlag::F_SEAL_SEAL, seals.seal);
    flags.set(SealFlag::F_SEAL_SHRINK, seals.shrink);
    flags.set(SealFlag::F_SEAL_GROW, seals.grow);
    flags.set(SealFlag::F_SEAL_WRITE, seals.write);
    flags.set(
        SealFlag::from_bits_retain(libc::F_SEAL_FUTURE_WRITE),
        seals.future_write,
    );
    flags
}
