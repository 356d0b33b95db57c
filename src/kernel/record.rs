//! The shared record: pages that parent, holder and witnesses all see, in which every system call, signal and answer is
//! noted as it happens. It is the only channel out of a child. Everything in it is atomic, so that a signal handler may
//! write and a shared reference suffices; only one process writes at a time (a holder waits while its witness lives).
#![allow(unsafe_code)]

use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, AtomicU64, AtomicUsize};

use super::missing::RANGES;
use crate::op::{AREA_LIMIT, PROC_LIMIT, Place};

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};

/// What an entry notes, beside system calls, which are noted by their number.
pub mod what {
    /// a signal arrived: signo, si_code, address
    pub const SIGNAL: u32 = 1 << 16;
    /// a witness was reaped: wait status
    pub const REAPED: u32 = SIGNAL + 1;
    /// an operation's answer: see `holder`
    pub const ANSWER: u32 = SIGNAL + 2;
    /// of a view, a VMA: start, end, permissions, offset, device, inode; see `view`
    pub const VMA: u32 = SIGNAL + 3;
    /// more of the VMA before it: Rss and Private_Dirty in kB, pages, how many of them are told of, a bit for each
    pub const PAGES: u32 = SIGNAL + 4;
    /// of a view, a file: which, st_size, st_blocks, st_ino
    pub const FILE: u32 = SIGNAL + 5;
}

/// One thing that happened. All zero until it is written.
#[repr(C)]
#[derive(Debug, Default)]
pub struct Entry {
    /// below `PROC_LIMIT` a process of the script, else a witness: see `Head::who`
    pub who: AtomicU32,
    /// a system call's number, or one of `what`
    pub what: AtomicU32,
    /// index of the operation it belongs to; `u32::MAX` before the first
    pub op: AtomicU32,
    /// did the script ask for it, or does the instrument need it? See `asked`
    pub asked: AtomicU32,
    /// a call's result, or -errno
    pub result: AtomicI64,
    /// arguments
    pub args: [AtomicU64; 6],
}

/// Values of `Entry::asked`.
pub mod asked {
    /// the instrument's own
    pub const NO: u32 = 0;
    /// the script's
    pub const YES: u32 = 1;
    /// the script's, and not through nix, whose types refuse such arguments
    pub const BEYOND_NIX: u32 = 2;
}

/// Why a holder gave up, in numbers.
#[repr(C)]
#[derive(Debug, Default)]
pub struct Trouble {
    /// 0 none; see `trouble`
    pub kind: AtomicU32,
    /// an errno, a signal
    pub a: AtomicI64,
    /// a system call's number, a process
    pub b: AtomicI64,
}

/// Values of `Head::mode`.
pub mod mode {
    /// note the fault and go on after the access
    pub const NOTE: u32 = 0;
    /// return, so that the access is made again
    pub const RETURN: u32 = 1;
    /// ftruncate(2), then return
    pub const GROW: u32 = 2;
    /// mmap(2) of an anonymous page over the faulting one, then return
    pub const COVER: u32 = 3;
    /// a signal that this process sends itself is noted, and returned from
    pub const SENT: u32 = 4;
    /// a routine of the C library is called: the fault may be any instruction's
    pub const LIBRARY: u32 = 5;
    /// A handler that repairs nothing is called so often before the instrument goes on after the access.
    pub const PATIENCE: u32 = 10;
}

/// Values of `Trouble::kind`.
pub mod trouble {
    /// a call that the experiment cannot do without was refused: errno, call
    pub const REFUSED: u32 = 1;
    /// si_code <= 0: signal, sender
    pub const SENT: u32 = 2;
    /// the place for the mapping was not free
    pub const TAKEN: u32 = 3;
    /// no witness died, or another death than the holder's fault: its wait status
    pub const WITNESS: u32 = 4;
    /// a name in TMPDIR could not be removed: errno, its number
    pub const LEFT: u32 = 6;
    /// the record is full: a bug
    pub const FULL: u32 = 5;
    /// a process of the script ended before its time: which
    pub const LOST: u32 = 7;
}

/// The last fault as its handler saw it; `signo` is written last and read first.
#[repr(C)]
#[derive(Debug, Default)]
pub struct Slot {
    /// 0 where nothing faulted
    pub signo: AtomicI32,
    /// si_code
    pub code: AtomicI32,
    /// si_addr
    pub address: AtomicUsize,
}

impl Slot {
    /// Forget the last fault.
    pub fn clear(&self) {
        self.signo.store(0, Release);
    }

    /// The last fault: signo, si_code, si_addr.
    pub fn seen(&self) -> Option<(i32, i32, usize)> {
        match self.signo.load(Acquire) {
            0 => None,
            signo => Some((signo, self.code.load(Relaxed), self.address.load(Relaxed))),
        }
    }
}

/// The head of the shared pages.
#[repr(C)]
#[derive(Debug, Default)]
pub struct Head {
    /// where each area begins; 0 where the script has no such area
    pub bases: [AtomicUsize; AREA_LIMIT],
    /// bytes of each area, holes excluded
    pub lengths: [AtomicUsize; AREA_LIMIT],
    /// where the instrument's reservation begins
    pub reserve: AtomicUsize,
    /// the holder's faults
    pub holder: Slot,
    /// the witnesses' faults
    pub witness: Slot,
    /// why the holder gave up
    pub trouble: Trouble,
    /// whose turn it is: below `PROC_LIMIT` a process of the script, `PROC_LIMIT` and on the first, second, ... witness
    pub who: AtomicU32,
    /// what the handler does: see `mode`
    pub mode: AtomicU32,
    /// faults of the access at hand
    pub faults: AtomicU32,
    /// of `mode::GROW`: descriptor and size; of `mode::COVER`: the page size
    pub repair: [AtomicU64; 2],
    /// the operation at hand
    pub op: AtomicU32,
    /// the process ids of the script's processes
    pub pids: [AtomicI32; PROC_LIMIT],
    /// ranges under a userfaultfd: which process, first byte, length, page size
    pub missing: [[AtomicUsize; 4]; RANGES],
    /// how many witnesses have been forked
    pub witnesses: AtomicU32,
    /// many scripts are run one after another, and nothing but their answers is noted
    pub quiet: AtomicU32,
    /// of many scripts: faults so far, each thousandth of which has its witness
    pub survived: AtomicU32,
    used: AtomicUsize,
    capacity: AtomicUsize,
}

/// The shared pages, mapped for as long as this value lives.
#[derive(Debug)]
pub struct Shared {
    start: NonNull<Head>,
    length: NonZeroUsize,
}

impl Shared {
    /// Map room for `capacity` entries, all zero.
    pub fn new(capacity: usize) -> nix::Result<Shared> {
        let bytes = size_of::<Head>() + capacity * size_of::<Entry>();
        let length = NonZeroUsize::new(bytes).ok_or(nix::errno::Errno::EINVAL)?;
        let prot = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
        let start = unsafe { mmap_anonymous(None, length, prot, MapFlags::MAP_SHARED)? };
        let shared = Shared {
            start: start.cast(),
            length,
        };
        shared.head().capacity.store(capacity, Relaxed);
        Ok(shared)
    }

    /// The head.
    pub fn head(&self) -> &Head {
        // SAFETY: `start` is page-aligned, mapped until drop, zeroed (a valid Head), and everything in it is atomic.
        unsafe { self.start.as_ref() }
    }

    /// Where an address lies: in the area that it is nearest to, with its hole of `reach` bytes on either side.
    pub fn place(&self, address: usize, reach: usize) -> Place {
        let head = self.head();
        let areas = head
            .bases
            .iter()
            .zip(&head.lengths)
            .map(|(base, length)| (base.load(Relaxed), length.load(Relaxed)));
        let inside = |(base, length): (usize, usize)| {
            base != 0 && address >= base.saturating_sub(reach) && address < base.saturating_add(length + reach)
        };
        let Some(area) = areas.clone().position(inside) else {
            return Place::nowhere(address as u64);
        };
        let base = head.bases[area].load(Relaxed);
        Place {
            area,
            at: address.wrapping_sub(base) as i64,
        }
    }

    /// The entries written so far.
    pub fn entries(&self) -> &[Entry] {
        let used = self.head().used.load(Acquire).min(self.head().capacity.load(Relaxed));
        // SAFETY: the mapping holds `capacity` entries after the head, whose size is a multiple of their alignment.
        let first = unsafe { self.start.add(1) }.cast::<Entry>();
        // SAFETY: `used` entries lie in the mapping; all-zero bytes are valid entries, and everything in them is atomic.
        unsafe { std::slice::from_raw_parts(first.as_ptr(), used) }
    }

    /// Note one thing. Signal-safe: atomics only.
    pub fn note(&self, what: u32, asked: u32, result: i64, args: [u64; 6]) {
        let head = self.head();
        if what != self::what::ANSWER && head.quiet.load(Relaxed) != 0 {
            return;
        }
        let index = head.used.fetch_add(1, Relaxed);
        if index >= head.capacity.load(Relaxed) {
            head.trouble.kind.store(trouble::FULL, Release);
            return;
        }
        let entry = &self.entries()[index];
        entry.who.store(head.who.load(Relaxed), Relaxed);
        entry.op.store(head.op.load(Relaxed), Relaxed);
        entry.asked.store(asked, Relaxed);
        entry.result.store(result, Relaxed);
        for (slot, value) in entry.args.iter().zip(args) {
            slot.store(value, Relaxed);
        }
        entry.what.store(what, Release);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: `new` mapped exactly this, and the borrows handed out end before the value does. An error would mean
        // that it is not mapped, and there would be nothing left to do.
        let _ = unsafe { munmap(self.start.cast(), self.length.get()) };
    }
}
