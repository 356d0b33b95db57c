//! Is a file in the page cache? Asked of mincore(2), and seen to by POSIX_FADV_DONTNEED. It may not know why.
#![allow(unsafe_code)]

use std::num::NonZeroUsize;
use std::os::fd::{AsFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::unistd::fdatasync;

use super::bytes::Bytes;

/// Ask that no page of the file stay in memory: what is dirty is written first, for a dirty page stays.
pub fn drop_cached(fd: &OwnedFd) -> nix::Result<()> {
    fdatasync(fd.as_fd())?;
    posix_fadvise(fd.as_fd(), 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)
}

/// How many pages of a thousand are in the cache, rounded down.
pub fn per_thousand(fd: &OwnedFd, bytes: &mut Bytes) -> nix::Result<u64> {
    let length = NonZeroUsize::new(bytes.size as usize).ok_or(Errno::EINVAL)?;
    // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
    let place = unsafe { mmap(None, length, ProtFlags::PROT_READ, MapFlags::MAP_SHARED, fd.as_fd(), 0)? };
    // SAFETY: exactly that mapping, and one byte for each of its pages.
    let asked = unsafe { libc::mincore(place.as_ptr(), length.get(), bytes.resident.as_mut_ptr()) };
    let asked = Errno::result(asked);
    // SAFETY: exactly the mapping made above, which nobody refers to.
    unsafe { munmap(place, length.get())? };
    asked?;
    let resident = bytes.resident.iter().filter(|page| **page & 1 == 1).count() as u64;
    Ok(resident * 1000 / bytes.resident.len().max(1) as u64)
}
