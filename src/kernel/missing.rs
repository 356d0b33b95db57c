//! userfaultfd(2) with UFFD_FEATURE_SIGBUS, through which a page that was never there raises SIGBUS. Neither nix nor libc
//! has its structures: they are those of linux/userfaultfd.h.
#![allow(unsafe_code)]

use std::sync::atomic::Ordering::Relaxed;

use nix::errno::Errno;

use super::record::{Shared, asked};

/// How many ranges of a script may be registered, all processes together.
pub const RANGES: usize = 32;

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

/// Remember what a process has registered, in pages of so many bytes, for its witnesses. False where there is no room.
pub fn remember(record: &Shared, who: u32, start: usize, len: u64, page: u64) -> bool {
    let free = record.head().missing.iter().find(|range| range[2].load(Relaxed) == 0);
    let Some([owner, from, length, size]) = free else {
        return false;
    };
    owner.store(who as usize, Relaxed);
    from.store(start, Relaxed);
    size.store(page as usize, Relaxed);
    length.store(len as usize, Relaxed);
    true
}

/// What a process maps over, or takes away, is registered no more. False where there is no room to say so.
pub fn forget(record: &Shared, who: u32, start: usize, len: u64) -> bool {
    let end = start + len as usize;
    let mut said = true;
    for [owner, from, length, page] in &record.head().missing {
        let (first, last) = (from.load(Relaxed), from.load(Relaxed) + length.load(Relaxed));
        if owner.load(Relaxed) != who as usize || end <= first || last <= start {
            continue;
        }
        // What is left before it keeps the entry, what is left behind it gets one.
        length.store(start.saturating_sub(first), Relaxed);
        let behind = last.saturating_sub(end);
        if behind > 0 {
            said &= remember(record, who, end, behind as u64, page.load(Relaxed) as u64);
        }
    }
    said
}

/// Some pages of a registered range, by their addresses; 0 is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Had([usize; 8]);

/// Which pages of these stretches of memory, each an address and a length, the process has registered and has in memory
/// all the same: asked before it forks a witness.
pub fn had(record: &Shared, who: u32, stretches: [(usize, usize); 2]) -> Had {
    let mut had = Had::default();
    let mut slots = had.0.iter_mut();
    for [owner, from, length, size] in &record.head().missing {
        let (from, length, page) = (from.load(Relaxed), length.load(Relaxed), size.load(Relaxed));
        if length == 0 || owner.load(Relaxed) != who as usize {
            continue;
        }
        for (start, len) in stretches {
            let (mut at, end) = (start.max(from), (start + len).min(from + length));
            at -= at % page;
            while at < end {
                let mut state = 0_u8;
                // SAFETY: one byte is written for the one page that is asked about.
                let asked = Errno::result(unsafe { libc::mincore(at as *mut _, page, &raw mut state) });
                let (here, result) = (u64::from(state & 1), asked.map_or_else(|errno| -(errno as i64), |_| 0));
                let args = [at as u64, page as u64, here, 0, 0, 0];
                record.note(libc::SYS_mincore as u32, asked::NO, result, args);
                if here == 1
                    && let Some(slot) = slots.next()
                {
                    *slot = at;
                }
                at += page;
            }
        }
    }
    had
}

/// A forked child has its parent's memory and not its registrations: make them anew, so that it meets what its parent met.
/// Of memory that was only read it has no page tables either (mm/memory.c, vma_needs_copy), and would miss the pages that
/// its parent `had`: they are brought in first.
pub fn inherit(record: &Shared, from_whom: u32, had: Had) {
    for [owner, from, length, page] in &record.head().missing {
        let (from, len) = (from.load(Relaxed), length.load(Relaxed));
        if len == 0 || owner.load(Relaxed) != from_whom as usize {
            continue;
        }
        for at in had.0.into_iter().filter(|at| (from..from + len).contains(at)) {
            // Memory that may only be written is brought in by a write, of what it holds.
            for advice in [libc::MADV_POPULATE_READ, libc::MADV_POPULATE_WRITE] {
                let page = page.load(Relaxed);
                // SAFETY: it changes no byte of the script's areas, and no Rust object lies there.
                let done = Errno::result(unsafe { libc::madvise(at as *mut _, page, advice) });
                let result = done.map_or_else(|errno| -(errno as i64), |_| 0);
                let args = [at as u64, page as u64, advice as u64, 0, 0, 0];
                record.note(libc::SYS_madvise as u32, asked::NO, result, args);
                if done.is_ok() {
                    break;
                }
            }
        }
        // Refused, it shows: the witness does not die.
        let _ = register(record, from, len as u64, asked::NO);
    }
}
