//! How many VMAs a stretch of a process's own address space has, as /proc/self/maps shows them: asked one by one with the
//! ioctl PROCMAP_QUERY (fs/proc/task_mmu.c, do_procmap_query), and read where a kernel is older than that.
#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::unistd::read;

use super::files::MAPS;
use super::view::{each_line, header};
use super::{GaveUp, Holder};
use crate::kernel::record::asked;
use crate::op::Place;

/// PROCMAP_QUERY, as an ioctl entry of the record numbers it.
pub const IOCTL_VMA: u64 = 3;

/// include/uapi/linux/fs.h, since Linux 6.11; what was not asked for stays 0.
#[repr(C)]
#[derive(Default)]
struct Query {
    size: u64,
    flags: u64,
    address: u64,
    start: u64,
    end: u64,
    rest: [u64; 8],
}

/// _IOWR(PROCFS_IOCTL_MAGIC, 17, struct procmap_query)
const PROCMAP_QUERY: u64 = 3 << 30 | (size_of::<Query>() as u64) << 16 | (b'f' as u64) << 8 | 17;

/// PROCMAP_QUERY_COVERING_OR_NEXT_VMA
const COVERING_OR_NEXT: u64 = 0x10;

impl Holder<'_> {
    /// VMAs of this process that have pages of the stretch.
    pub(super) fn vmas(&mut self, at: Place, len: u64) -> Result<u64, GaveUp> {
        let fd = self.proc_fd(MAPS)?;
        let address = self.address(at) as u64;
        let page = self.options.page;
        let from = address / page * page;
        let end = from + (address % page + len).next_multiple_of(page);
        let count = match self.query(&fd, from, end) {
            Err(Errno::ENOTTY) => self.read_through(&fd, from, end),
            count => count,
        };
        self.put_back(MAPS, fd);
        count.map_err(|errno| self.refused(libc::SYS_ioctl, errno))
    }

    fn query(&self, fd: &OwnedFd, from: u64, end: u64) -> nix::Result<u64> {
        let (mut address, mut count) = (from, 0);
        while address < end {
            let mut query = Query {
                size: size_of::<Query>() as u64,
                flags: COVERING_OR_NEXT,
                address,
                ..Query::default()
            };
            // SAFETY: the structure is the one that this request reads and writes, and it lives for the call.
            let found = unsafe { libc::ioctl(fd.as_raw_fd(), PROCMAP_QUERY as _, &raw mut query) };
            let found = Errno::result(found).map(drop);
            let args = [IOCTL_VMA, address, 0, 0, 0, 0];
            self.note_as(asked::NO, libc::SYS_ioctl, args, found, |()| 0);
            match found {
                Ok(()) if query.start < end => {}
                Ok(()) | Err(Errno::ENOENT) => break,
                Err(errno) => return Err(errno),
            }
            count += 1;
            address = query.end;
        }
        Ok(count)
    }

    fn read_through(&self, fd: &OwnedFd, from: u64, end: u64) -> nix::Result<u64> {
        let mut count = 0;
        let noted = |bytes: &mut [u8]| {
            let got = read(fd, bytes);
            let args = [u64::MAX - 1, 0, bytes.len() as u64, 0, 0, 0];
            self.note_as(asked::NO, libc::SYS_read, args, got, |count| count as i64);
            got
        };
        each_line(noted, |line| {
            let vma = header(line).unwrap_or_default();
            count += u64::from(from < end && vma.start < end && from < vma.end);
            vma.start < end
        })?;
        Ok(count)
    }
}
