//! The instrument without a script: a child with the holder's handler and one mapping of a file without content, a hole
//! behind it, and somebody else's work on it. For searches, and for measuring what a touch costs. It may not know what the
//! touches are for.
#![allow(unsafe_code)]

use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Relaxed, Release};

use nix::errno::Errno;
use nix::sys::mman::{MapFlags, MmapAdvise, ProtFlags, madvise, mmap, mmap_anonymous, munmap};
use nix::sys::wait::WaitStatus;
use nix::unistd::{ForkResult, Pid, fork, ftruncate, getpid};

use super::holder::SpareName;
use super::nameless::nameless;
use super::record::{Shared, trouble};
use super::together::Together;
use super::{Interrupts, Options, Trouble, access, parent, prologue, witness};
use crate::op::{Access, round_up};

/// What a load met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// a byte
    Byte,
    /// SIGBUS
    Sigbus,
    /// SIGSEGV
    Sigsegv,
}

/// The mapping in the child.
#[derive(Debug)]
pub struct Bare<'a> {
    record: &'a Shared,
    base: usize,
    /// of the mapping and the page behind it, which is a hole
    reach: u64,
    /// how far the work is, for who waits
    pub done: &'a AtomicU64,
}

/// What the work comes to, in numbers of its own.
pub type Came = [u64; 7];

impl Bare<'_> {
    /// A load of one byte, by the instrument's own instruction and handler.
    ///
    /// # Panics
    ///
    /// Beyond the page behind the mapping, where somebody else's memory may lie.
    #[inline]
    pub fn touch(&self, offset: u64) -> Met {
        assert!(offset < self.reach, "a touch elsewhere");
        // SAFETY: the prologue has installed the handler, and a load changes nothing.
        match unsafe { access::make(self.base + offset as usize, Access::Load) } {
            Some(_) => Met::Byte,
            None if self.record.head().holder.signo.load(Relaxed) == libc::SIGBUS => Met::Sigbus,
            None => Met::Sigsegv,
        }
    }

    /// From now on all pages are touched in their order: no fault is noted, for there are more than any record holds, and
    /// neighbours may be brought in together again, which for a search cost a millisecond each.
    pub fn in_order(&self, length: u64) {
        self.record.head().quiet.store(1, Relaxed);
        // SAFETY: the child's own mapping; the advice changes no byte, and refused it costs time alone.
        let _ = unsafe { libc::madvise(self.base as *mut libc::c_void, length as usize, libc::MADV_NORMAL) };
    }

    /// A witness that raises no signal: madvise(2), MADV_POPULATE_READ of the page at this offset, since 5.14. The errno, or
    /// 0.
    pub fn populated(&self, offset: u64, page: u64) -> i32 {
        assert!(offset < self.reach, "a page elsewhere");
        let address = (self.base + offset as usize) as *mut libc::c_void;
        // SAFETY: it brings in a page, or says why it cannot; no byte changes.
        let done = unsafe { libc::madvise(address, page as usize, libc::MADV_POPULATE_READ) };
        Errno::result(done).err().map_or(0, |errno| errno as i32)
    }

    /// The same load, and where it faults a forked child that really dies of it. Did that one confirm the fault?
    pub fn witnessed(&self, offset: u64) -> bool {
        self.touch(offset) != Met::Byte
            && witness::repeat(
                self.record,
                witness::Deed::Access(self.base + offset as usize, Access::Load),
            )
            .is_ok()
    }
}

/// A child at work on its mapping.
#[derive(Debug)]
pub(super) struct Started {
    pub child: Pid,
    record: Shared,
    came: Together<[AtomicU64; 7]>,
    /// what the work says of how far it is
    pub done: Together<AtomicU64>,
}

impl Started {
    /// What came of it, once it has ended.
    pub fn came(&self, status: WaitStatus, options: &Options, interrupts: &Interrupts) -> Result<Came, Trouble> {
        parent::verdict(&self.record, status, options, interrupts)?;
        Ok(self.came.get().each_ref().map(|number| number.load(Relaxed)))
    }
}

/// Map a file of `size` bytes, all of it one hole, with this length in a child, and do some work there. The work may not
/// allocate. `faults` is for how many the record has room.
///
/// # Errors
///
/// What the machine refuses, a deadline, an interruption.
pub fn run(
    sizes: (u64, u64),
    faults: usize,
    options: &Options,
    interrupts: &Interrupts,
    work: impl FnOnce(&Bare) -> Came,
) -> Result<Came, Trouble> {
    let started = start(sizes, faults, options, work)?;
    let status = parent::wait(started.child, options, interrupts)?;
    started.came(status, options, interrupts)
}

/// The beginning of it: whoever calls this waits for the child.
pub(super) fn start(
    (size, length): (u64, u64),
    faults: usize,
    options: &Options,
    work: impl FnOnce(&Bare) -> Came,
) -> Result<Started, Trouble> {
    let refused = |errno| Trouble::Refused("mmap of the record", errno);
    let record = Shared::new(64 + 20 * faults).map_err(refused)?;
    let came = Together::<[AtomicU64; 7]>::new().map_err(refused)?;
    let done = Together::<AtomicU64>::new().map_err(refused)?;
    let mut stack = Box::new_uninit_slice(parent::STACK);
    let mut spare = SpareName::new(options);
    let me = getpid();
    // SAFETY: this process has one thread, so the child may go on as an ordinary program; it ends in _exit.
    let child = match unsafe { fork() }.map_err(|errno| Trouble::Refused("fork", errno))? {
        ForkResult::Child => {
            let mapped = prologue::prologue(&record, me, &mut stack, options)
                .and_then(|()| map((size, length), options, &mut spare));
            let ended = mapped.map(|base| {
                let reach = round_up(length, options.page) + options.page;
                let (record, done) = (&record, done.get());
                work(&Bare {
                    record,
                    base,
                    reach,
                    done,
                })
            });
            match ended {
                Ok(numbers) => {
                    for (place, number) in came.get().iter().zip(numbers) {
                        place.store(number, Relaxed);
                    }
                }
                Err(errno) => {
                    record.head().trouble.a.store(errno as i64, Relaxed);
                    let call = if errno == Errno::EFBIG {
                        libc::SYS_ftruncate
                    } else {
                        libc::SYS_mmap
                    };
                    record.head().trouble.b.store(call, Relaxed);
                    record.head().trouble.kind.store(trouble::REFUSED, Release);
                }
            }
            // SAFETY: _exit runs nothing of ours.
            unsafe { libc::_exit(ended.is_err().into()) }
        }
        ForkResult::Parent { child } => child,
    };
    Ok(Started {
        child,
        record,
        came,
        done,
    })
}

/// The mapping, with a hole of one page behind it.
fn map((size, length): (u64, u64), options: &Options, spare: &mut SpareName) -> nix::Result<usize> {
    let file = nameless(options, spare)?;
    ftruncate(&file, size as i64)?;
    let room = round_up(length, options.page) + options.page;
    let bytes = |length: u64| NonZeroUsize::new(length as usize).ok_or(Errno::EINVAL);
    let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_NORESERVE;
    // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
    let place = unsafe { mmap_anonymous(None, bytes(room)?, ProtFlags::PROT_NONE, flags)? };
    let fixed = MapFlags::MAP_SHARED | MapFlags::MAP_FIXED;
    let (at, prot) = (NonZeroUsize::new(place.as_ptr() as usize), ProtFlags::PROT_READ);
    // SAFETY: it replaces pages reserved above, which nobody refers to.
    let mapping = unsafe { mmap(at, bytes(length)?, prot, fixed, file.as_fd(), 0)? };
    // Or each touch of a hole would have its neighbours read too, as far as the disk reads ahead: a millisecond each.
    // SAFETY: exactly the mapping just made; the advice changes no byte.
    unsafe { madvise(mapping, length as usize, MmapAdvise::MADV_RANDOM)? };
    let hole = place.as_ptr().wrapping_byte_add((room - options.page) as usize);
    // SAFETY: the last page of the reservation, which nobody refers to.
    unsafe {
        munmap(
            std::ptr::NonNull::new(hole).ok_or(Errno::EINVAL)?,
            options.page as usize,
        )?
    };
    Ok(place.as_ptr() as usize)
}
