//! userfaultfd(2) with UFFD_FEATURE_SIGBUS, through which a page that was never there raises SIGBUS. Neither nix nor libc
//! has its structures: they are those of linux/userfaultfd.h.
#![allow(unsafe_code)]

use std::sync::atomic::Ordering::Relaxed;

use nix::errno::Errno;

use super::record::{Shared, asked};

/// How many ranges of a script may be registered, all processes together.
pub const RANGES: usize = 8;

/// UFFD_USER_MODE_ONLY: what an ordinary user may ask for.
const USER_MODE_ONLY: i32 = 1;
/// UFFD_API
const API: u64 = 0xaa;
/// UFFD_FEATURE_SIGBUS
const FEATURE_SIGBUS: u64 = 1 << 7;
/// UFFDIO_REGISTER_MODE_MISSING
const MODE_MISSING: u64 = 1;
/// _IOWR(0xaa, 0x3f, struct uffdio_api)
const UFFDIO_API: libc::c_ulong = 0xc018_aa3f;
/// _IOWR(0xaa, 0x00, struct uffdio_register)
const UFFDIO_REGISTER: libc::c_ulong = 0xc020_aa00;

/// `ioctl` entries of a record: which of the two it was.
pub const IOCTL_API: u64 = 1;
/// see `IOCTL_API`
pub const IOCTL_REGISTER: u64 = 2;

/// struct uffdio_api
#[repr(C)]
struct Api {
    api: u64,
    features: u64,
    ioctls: u64,
}

/// struct uffdio_register
#[repr(C)]
struct Register {
    start: u64,
    len: u64,
    mode: u64,
    ioctls: u64,
}

fn open() -> nix::Result<i32> {
    let flags = libc::O_CLOEXEC | USER_MODE_ONLY;
    // SAFETY: the call takes a number and gives a descriptor.
    Errno::result(unsafe { libc::syscall(libc::SYS_userfaultfd, flags) }).map(|fd| fd as i32)
}

fn settle(fd: i32) -> nix::Result<()> {
    let mut api = Api {
        api: API,
        features: FEATURE_SIGBUS,
        ioctls: 0,
    };
    // SAFETY: the structure is the one that this request reads and writes, and it lives for the call.
    Errno::result(unsafe { libc::ioctl(fd, UFFDIO_API as _, &raw mut api) }).map(drop)
}

/// Does this machine give one?
pub fn is_there() -> bool {
    let Ok(fd) = open() else { return false };
    let settled = settle(fd).is_ok();
    // SAFETY: the descriptor was opened above, and nobody else has it.
    unsafe { libc::close(fd) };
    settled
}

/// Register a range of memory under a new userfaultfd, which stays open for as long as the process lives. Signal-safe. An
/// `Err` of the outer kind: the machine gives none.
pub fn register(record: &Shared, start: usize, len: u64, by: u32) -> Result<nix::Result<()>, Errno> {
    let note = |nr: i64, result: nix::Result<i64>, args| {
        let result = result.unwrap_or_else(|errno| -(errno as i64));
        record.note(nr as u32, by, result, args);
    };
    let fd = open();
    note(libc::SYS_userfaultfd, fd.map(i64::from), [0; 6]);
    let fd = fd?;
    let settled = settle(fd);
    note(libc::SYS_ioctl, settled.map(|()| 0), [IOCTL_API, 0, 0, 0, 0, 0]);
    settled?;
    let mut register = Register {
        start: start as u64,
        len,
        mode: MODE_MISSING,
        ioctls: 0,
    };
    // SAFETY: the structure is the one that this request reads and writes, and it lives for the call; what is registered
    // lies in the script's areas, where no Rust object is.
    let done = Errno::result(unsafe { libc::ioctl(fd, UFFDIO_REGISTER as _, &raw mut register) }).map(drop);
    note(
        libc::SYS_ioctl,
        done.map(|()| 0),
        [IOCTL_REGISTER, start as u64, len, 0, 0, 0],
    );
    Ok(done)
}

/// Remember what a process has registered, for its witnesses. False where there is no room.
pub fn remember(record: &Shared, who: u32, start: usize, len: u64) -> bool {
    let free = record.head().missing.iter().find(|range| range[2].load(Relaxed) == 0);
    let Some([owner, from, length]) = free else {
        return false;
    };
    owner.store(who as usize, Relaxed);
    from.store(start, Relaxed);
    length.store(len as usize, Relaxed);
    true
}

/// A forked child has its parent's memory and not its registrations: make them anew, so that it meets what its parent met.
pub fn inherit(record: &Shared, from_whom: u32) {
    for [owner, from, length] in &record.head().missing {
        let len = length.load(Relaxed) as u64;
        if len > 0 && owner.load(Relaxed) == from_whom as usize {
            // Refused, it shows: the witness does not die.
            let _ = register(record, from.load(Relaxed), len, asked::NO);
        }
    }
}
