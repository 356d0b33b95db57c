//! The vocabulary that the three voices share: operations, accesses, outcomes. Plain data. It may not know a system
//! call, a page size of its own, or where a script came from; it compiles with `core` and `alloc` alone.

use alloc::vec::Vec;

mod file;
mod map;
mod measure;
mod outcome;
mod place;
mod process;
mod want;
mod world;

pub use file::{FileKind, Growth, Rights, Seals};
pub use map::{Advice, MapFlags, Mapping, Prot, Share, Source};
pub use measure::{Condition, Measure, PIECE_PAGES, SERIES, Series, WAYS, Way};
pub use outcome::{
    Fault, Outcome, SI_CODES, Signal, Zone, ZoneKind, errno_name, errno_number, si_code_name, si_code_number,
};
pub use place::{Access, NOWHERE, Place, Routine, WIDE, WILD};
pub use process::Sending;
pub use process::{Limit, OnFault, Quantity};
pub use want::{AuthorZone, Expected, Want};
pub use world::{Arch, ExecuteOnly, Filesystem, Noexec, World};

/// A descriptor of a script, counted from 0 in the order in which they are opened.
pub type FileId = usize;

/// A process of a script: 0 is A, which every script has; the others are forked by one before them.
pub type ProcId = usize;

/// A stretch of the address space that the script's mappings go to, with a hole around it. Area 0 begins at `base`.
pub type AreaId = usize;

/// At most this many processes in a script.
pub const PROC_LIMIT: usize = 4;

/// At most this many areas in a script.
pub const AREA_LIMIT: usize = 4;

/// A process's name: A, B, C.
pub fn proc_name(process: ProcId) -> char {
    char::from(b'A' + process as u8)
}

/// One operation of a script. Places count in bytes from an area's first byte, offsets of a file from its first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Open a new, empty object of this kind.
    Create {
        /// the descriptor's name in this script
        file: FileId,
        /// what it is
        kind: FileKind,
    },
    /// Open the object behind a descriptor once more: open(2) of /proc/self/fd/N.
    Reopen {
        /// the new descriptor
        file: FileId,
        /// the descriptor whose object it is
        of: FileId,
        /// what the new one may do
        rights: Rights,
    },
    /// Open what stands now under the name that a named file was created with.
    OpenName {
        /// the new descriptor
        file: FileId,
        /// the file that was created with that name
        name: FileId,
    },
    /// unlink(2): take away a name; whoever has the file open or mapped keeps it.
    Unlink {
        /// the file that was created with that name
        name: FileId,
    },
    /// rename(2): the first name goes, and the second stands for what the first stood for.
    Rename {
        /// the file that was created with the first name
        from: FileId,
        /// the file that was created with the second
        to: FileId,
    },
    /// close(2)
    Close {
        /// the descriptor
        file: FileId,
    },
    /// write(2) `len` times `byte` at `at`; the file grows where that is past its end.
    Write {
        /// the file
        file: FileId,
        /// first byte written
        at: u64,
        /// how many bytes
        len: u64,
        /// their value
        byte: u8,
    },
    /// ftruncate(2): give the file this size, in bytes.
    Truncate {
        /// the file
        file: FileId,
        /// its new size in bytes
        size: u64,
    },
    /// fallocate(2)
    Allocate {
        /// the file
        file: FileId,
        /// what is to become of the range
        mode: Growth,
        /// first byte
        at: u64,
        /// how many bytes
        len: u64,
    },
    /// fcntl(2), F_ADD_SEALS
    Seal {
        /// the memfd
        file: FileId,
        /// which seals
        seals: Seals,
    },
    /// pread(2) of one byte of the file, past every mapping.
    Read {
        /// the file
        file: FileId,
        /// which byte
        at: u64,
    },
    /// pwrite(2) to a file out of memory: the kernel reads `len` bytes from `from`.
    Send {
        /// the file
        file: FileId,
        /// where in the file
        at: u64,
        /// first byte of memory
        from: Place,
        /// how many bytes
        len: u64,
    },
    /// pread(2) of a file into memory: the kernel writes `len` bytes to `to`.
    Receive {
        /// the file
        file: FileId,
        /// where in the file
        at: u64,
        /// first byte of memory
        to: Place,
        /// how many bytes
        len: u64,
    },
    /// mmap(2)
    Map {
        /// the address asked for
        at: Place,
        /// all else
        mapping: Mapping,
    },
    /// munmap(2)
    Unmap {
        /// first byte
        at: Place,
        /// how many bytes
        len: u64,
    },
    /// mprotect(2)
    Protect {
        /// first byte
        at: Place,
        /// how many bytes
        len: u64,
        /// the new protection
        prot: Prot,
    },
    /// mremap(2)
    Remap {
        /// first byte
        at: Place,
        /// the old length, in bytes
        len: u64,
        /// the new length, in bytes
        new: u64,
        /// MREMAP_MAYMOVE|MREMAP_FIXED, to this place; none: it stays where it is
        to: Option<Place>,
        /// MREMAP_DONTUNMAP: the pages move, and the old mapping stays, empty
        keep: bool,
    },
    /// madvise(2)
    Advise {
        /// first byte
        at: Place,
        /// how many bytes
        len: u64,
        /// what
        advice: Advice,
    },
    /// msync(2) with MS_SYNC: write dirty pages back now.
    Sync {
        /// first byte
        at: Place,
        /// how many bytes
        len: u64,
    },
    /// mlock(2)
    Lock {
        /// first byte
        at: Place,
        /// how many bytes
        len: u64,
    },
    /// munlock(2)
    Unlock {
        /// first byte
        at: Place,
        /// how many bytes
        len: u64,
    },
    /// mseal(2): from now on nobody may unmap, move or protect it otherwise.
    Mseal {
        /// first byte
        at: Place,
        /// how many bytes
        len: u64,
    },
    /// userfaultfd(2) with UFFD_FEATURE_SIGBUS: a missing page is not made at a touch, but raises SIGBUS.
    Userfaultfd {
        /// first byte
        at: Place,
        /// how many bytes
        len: u64,
    },
    /// Touch memory.
    Touch {
        /// first byte
        at: Place,
        /// load or store
        access: Access,
    },
    /// Copy memory as a program does it, by a load and a store for each byte from the first; the first that is bad ends it.
    Copy {
        /// first byte read
        from: Place,
        /// first byte written
        to: Place,
        /// how many bytes
        len: u64,
    },
    /// Let the C library go over memory, in whatever order and whatever pieces its author chose. A forked child calls it, and
    /// dies of it where a byte is bad.
    Library {
        /// which routine
        routine: Routine,
        /// first byte read, of memcpy and strnlen
        from: Place,
        /// first byte written, of memcpy and memset
        to: Place,
        /// how many bytes
        len: u64,
    },
    /// Ask the kernel for a number.
    Ask(Quantity),
    /// Two forked processes add 1 to the eight bytes at a place, so many times each, at the same time; what is missing in the
    /// end is the answer.
    Race {
        /// first byte of the counter, which is set to 0 before
        at: Place,
        /// additions of each
        times: u64,
        /// by an instruction that is atomic?
        atomic: bool,
    },
    /// Mount a tmpfs of so many bytes over TMPDIR, seen by this process and its children alone: user_namespaces(7),
    /// mount_namespaces(7). Files created from now on lie on it.
    Mount {
        /// what it holds, in bytes
        bytes: u64,
        /// huge=always: where there is room, files get huge pages
        huge: bool,
    },
    /// fork(2)
    Fork {
        /// the new process
        child: ProcId,
    },
    /// From now on, what a bad access of this process comes to.
    OnFault(OnFault),
    /// SIGBUS to itself, by one of the calls that send a signal. A handler notes it, and the process goes on.
    Raise(Sending),
    /// setrlimit(2) for this process.
    Limit(Limit, u64),
}

/// An operation and the process that carries it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// who
    pub by: ProcId,
    /// what
    pub op: Op,
}

/// What all three voices answer: operations, one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// in the order in which they happen
    pub acts: Vec<Act>,
}

impl Script {
    /// A script of process A alone.
    pub fn alone(ops: impl IntoIterator<Item = Op>) -> Script {
        let acts = ops.into_iter().map(|op| Act { by: 0, op }).collect();
        Script { acts }
    }

    /// Its operations.
    pub fn ops(&self) -> impl DoubleEndedIterator<Item = &Op> + ExactSizeIterator {
        self.acts.iter().map(|act| &act.op)
    }

    /// How many processes take part.
    pub fn processes(&self) -> usize {
        let child = |op: &Op| if let Op::Fork { child } = op { *child } else { 0 };
        1 + self.ops().map(child).max().unwrap_or(0)
    }
}

/// `n` rounded up to whole pages of `page` bytes.
pub fn round_up(n: u64, page: u64) -> u64 {
    n.div_ceil(page).saturating_mul(page)
}
