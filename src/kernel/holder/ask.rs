//! Numbers that a script asks for, and limits that it sets. Buffers stand on the stack: a holder allocates nothing.
#![allow(unsafe_code)]

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::resource::{Resource, UsageWho, getrusage, setrlimit};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::stat::fstat;
use nix::sys::uio::pread;

use super::files::PAGEMAP;
use super::{Answer, GaveUp, Holder, answer, plain};
use crate::kernel::record::{asked, trouble};
use crate::op::{FileId, Limit, Place, Quantity};

/// Pages asked for at a time.
const CHUNK: usize = 512;

impl Holder<'_> {
    pub(super) fn ask(&mut self, quantity: Quantity) -> Result<nix::Result<Answer>, GaveUp> {
        let number = match quantity {
            Quantity::Size(file) => self.stat(file, 0),
            Quantity::Blocks(file) => self.stat(file, 1),
            Quantity::Resident(at, len) => self.resident(at, len),
            Quantity::Present(at, len) => Ok(self.present(at, len)?),
            Quantity::Vmas(at, len) => Ok(self.vmas(at, len)?),
            Quantity::Faults => self.page_faults(false),
            Quantity::MajorFaults => self.page_faults(true),
        };
        Ok(number.map(|number| plain(answer::COUNT, number)))
    }

    /// fstat(2): st_size, or what st_blocks comes to in bytes.
    fn stat(&self, file: FileId, which: u64) -> nix::Result<u64> {
        let fd = self.open_fd(file).ok_or(Errno::EBADF)?;
        let stat = fstat(fd).map(|stat| [stat.st_size as u64, stat.st_blocks as u64 * 512]);
        let raw = self.file(file)?.fd as u64;
        let [size, blocks] = stat.unwrap_or_default();
        self.note(
            libc::SYS_newfstatat,
            [raw, which, size, blocks / 512, 0, 0],
            stat.map(drop),
            |()| 0,
        );
        stat.map(|both| both[which as usize])
    }

    fn resident(&self, at: Place, len: u64) -> nix::Result<u64> {
        let page = self.options.page;
        let (mut done, mut count) = (0, 0);
        loop {
            let part = (len - done).min(CHUNK as u64 * page);
            let mut pages = [0_u8; CHUNK];
            let address = self.address(at.plus(done as i64));
            // SAFETY: the vector has a byte for each page of the part.
            let seen = unsafe { libc::mincore(address as *mut _, part as usize, pages.as_mut_ptr()) };
            let here = pages.iter().filter(|page| **page & 1 != 0).count() as u64;
            let seen = Errno::result(seen);
            self.note(libc::SYS_mincore, [address as u64, part, here, 0, 0, 0], seen, |_| 0);
            seen?;
            count += here;
            done += part;
            if done >= len {
                return Ok(count);
            }
        }
    }

    /// Page-table entries that this process has: bit 63 of each page's word in /proc/self/pagemap.
    fn present(&mut self, at: Place, len: u64) -> Result<u64, GaveUp> {
        let page = self.options.page;
        let fd = self.proc_fd(PAGEMAP)?;
        let address = self.address(at) as u64;
        let first = address / page;
        let pages = (address % page + len).div_ceil(page);
        let (mut done, mut count) = (0, 0);
        while done < pages {
            let mut words = [0_u8; CHUNK * 8];
            let part = (pages - done).min(CHUNK as u64);
            let place = (first + done) * 8;
            let read = pread(&fd, &mut words[..part as usize * 8], place as i64);
            self.note_as(
                asked::NO,
                libc::SYS_pread64,
                [0, 0, part * 8, place, 2, 0],
                read,
                |count| count as i64,
            );
            if read.map_err(|errno| self.refused(libc::SYS_pread64, errno))? == 0 {
                break;
            }
            count += words.as_chunks_of_eight().filter(|word| word >> 63 != 0).count() as u64;
            done += part;
        }
        self.put_back(PAGEMAP, fd);
        Ok(count)
    }

    fn page_faults(&mut self, major: bool) -> nix::Result<u64> {
        let usage = getrusage(UsageWho::RUSAGE_SELF);
        let all = usage.map(|usage| {
            let minor = if major { 0 } else { usage.minor_page_faults() };
            (minor + usage.major_page_faults()) as u64
        });
        let args = [all.unwrap_or(0), major.into(), 0, 0, 0, 0];
        self.note(libc::SYS_getrusage, args, all, |_| 0);
        let all = all?;
        let since = all - self.faults[usize::from(major)];
        self.faults[usize::from(major)] = all;
        Ok(since)
    }

    /// setrlimit(2). A limit on file sizes also sends SIGXFSZ, which is ignored so that the call can say EFBIG.
    pub(super) fn limit(&mut self, limit: Limit, value: u64) -> Result<Answer, GaveUp> {
        let resource = match limit {
            Limit::FileSize => Resource::RLIMIT_FSIZE,
            Limit::AddressSpace => Resource::RLIMIT_AS,
            Limit::Locked => Resource::RLIMIT_MEMLOCK,
            Limit::Stack => Resource::RLIMIT_STACK,
        };
        if limit == Limit::FileSize {
            let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
            // SAFETY: the action is no Rust code.
            let done = unsafe { sigaction(Signal::SIGXFSZ, &ignore) }.map(drop);
            let args = [Signal::SIGXFSZ as u64, 2, 0, 0, 0, 0];
            self.note_as(asked::NO, libc::SYS_rt_sigaction, args, done, |()| 0);
        }
        let value = match limit {
            Limit::AddressSpace => self.address_space()?.saturating_add(value),
            _ => value,
        };
        let set = setrlimit(resource, value, value);
        self.note(libc::SYS_prlimit64, [resource as u64, value, 1, 0, 0, 0], set, |()| 0);
        let mine = std::mem::replace(&mut self.limited[limit as usize], true);
        match set {
            Ok(()) => Ok(plain(answer::DONE, 0)),
            // The ceiling is of the script's own making.
            Err(Errno::EPERM) if mine => Ok(plain(answer::ERRNO, Errno::EPERM as u64)),
            Err(errno) => Err(self.refused(libc::SYS_prlimit64, errno)),
        }
    }

    /// Bytes of address space in use: the first number of /proc/self/statm, in pages.
    fn address_space(&self) -> Result<u64, GaveUp> {
        let fd = self.own_fd(c"/proc/self/statm", 7, OFlag::O_RDONLY)?;
        let mut text = [0_u8; 128];
        let read = pread(&fd, &mut text, 0);
        self.note_as(asked::NO, libc::SYS_pread64, [0, 0, 128, 0, 2, 0], read, |count| {
            count as i64
        });
        self.drop_fd(fd);
        let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
        let pages = digits.fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        if pages == 0 {
            return Err(self.give_up(trouble::REFUSED, Errno::ENODATA as i64, libc::SYS_openat));
        }
        Ok(pages * self.options.page)
    }
}

/// Eight bytes at a time, as numbers.
trait Words {
    fn as_chunks_of_eight(&self) -> impl Iterator<Item = u64>;
}

impl Words for [u8] {
    fn as_chunks_of_eight(&self) -> impl Iterator<Item = u64> {
        self.chunks_exact(8)
            .map(|chunk| chunk.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)))
    }
}
