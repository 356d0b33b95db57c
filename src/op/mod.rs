//! The vocabulary that the three voices share: operations, accesses, outcomes. Plain data. It may not know a system
//! call, a page size of its own, or where a script came from; it compiles with `core` and `alloc` alone.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

mod want;
mod world;
pub use want::{AuthorZone, Expected, Want};
pub use world::{Arch, Filesystem, World};

/// A file of a script, counted from 0.
pub type FileId = usize;

/// Protection of a mapping: the PROT_* bits an author can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prot {
    /// PROT_READ
    pub read: bool,
    /// PROT_WRITE
    pub write: bool,
}

impl Prot {
    /// PROT_NONE
    pub const NONE: Prot = Prot {
        read: false,
        write: false,
    };
    /// PROT_READ
    pub const READ: Prot = Prot {
        read: true,
        write: false,
    };
    /// PROT_WRITE
    pub const WRITE: Prot = Prot {
        read: false,
        write: true,
    };
    /// PROT_READ|PROT_WRITE
    pub const READ_WRITE: Prot = Prot {
        read: true,
        write: true,
    };
}

impl fmt::Display for Prot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.read, self.write) {
            (false, false) => "PROT_NONE",
            (true, false) => "PROT_READ",
            (false, true) => "PROT_WRITE",
            (true, true) => "PROT_READ|PROT_WRITE",
        })
    }
}

/// Who sees a store: mmap(2), MAP_SHARED and MAP_PRIVATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Stores reach the file and every other shared mapping of it.
    Shared,
    /// The first store to a page copies that page for this mapping alone.
    Private,
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Share::Shared => "MAP_SHARED",
            Share::Private => "MAP_PRIVATE",
        })
    }
}

/// One access of one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read the byte.
    Load,
    /// Write this value to it.
    Store(u8),
}

/// One operation of a script. Offsets `at` count in bytes from `base`, the first byte of the script's mapping, and may
/// be negative; offsets of a file count from its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Create an empty, nameless file.
    Create {
        /// the file's name in this script
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
    /// fallocate(2), mode 0: the file gets blocks for this range and grows to its end.
    Allocate {
        /// the file
        file: FileId,
        /// first byte
        at: u64,
        /// how many bytes
        len: u64,
    },
    /// pread(2) of one byte of the file, past every mapping.
    Read {
        /// the file
        file: FileId,
        /// which byte
        at: u64,
    },
    /// mmap(2) of the file, once in a script; its first byte becomes `base`.
    Map {
        /// the file
        file: FileId,
        /// where in the file the mapping begins, in bytes
        offset: u64,
        /// the length given to mmap, in bytes; the kernel rounds it up to whole pages
        len: u64,
        /// its protection
        prot: Prot,
        /// shared or private
        share: Share,
    },
    /// munmap(2)
    Unmap {
        /// first byte, from `base`
        at: i64,
        /// how many bytes
        len: u64,
    },
    /// mprotect(2)
    Protect {
        /// first byte, from `base`
        at: i64,
        /// how many bytes
        len: u64,
        /// the new protection
        prot: Prot,
    },
    /// msync(2) with MS_SYNC: write dirty pages back now.
    Sync {
        /// first byte, from `base`
        at: i64,
        /// how many bytes
        len: u64,
    },
    /// Touch one byte of memory.
    Touch {
        /// which byte, from `base`
        at: i64,
        /// load or store
        access: Access,
    },
}

/// What all three voices answer: operations, one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// in the order in which they happen
    pub ops: Vec<Op>,
}

/// The two signals of a bad access. sigaction(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// there is an address and no data behind it
    Sigbus,
    /// there is no address, or not for this access
    Sigsegv,
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Signal::Sigbus => "SIGBUS",
            Signal::Sigsegv => "SIGSEGV",
        })
    }
}

/// The kernel's numbers for `si_code`, each with its signal and name. sigaction(2), asm-generic/siginfo.h.
pub const SI_CODES: [(Signal, i32, &str); 13] = [
    (Signal::Sigsegv, 1, "SEGV_MAPERR"),
    (Signal::Sigsegv, 2, "SEGV_ACCERR"),
    (Signal::Sigsegv, 3, "SEGV_BNDERR"),
    (Signal::Sigsegv, 4, "SEGV_PKUERR"),
    (Signal::Sigsegv, 8, "SEGV_MTEAERR"),
    (Signal::Sigsegv, 9, "SEGV_MTESERR"),
    (Signal::Sigsegv, 10, "SEGV_CPERR"),
    (Signal::Sigsegv, 128, "SI_KERNEL"),
    (Signal::Sigbus, 1, "BUS_ADRALN"),
    (Signal::Sigbus, 2, "BUS_ADRERR"),
    (Signal::Sigbus, 3, "BUS_OBJERR"),
    (Signal::Sigbus, 4, "BUS_MCEERR_AR"),
    (Signal::Sigbus, 5, "BUS_MCEERR_AO"),
];

/// The name of a signal's `si_code`, or nothing where the kernel has none for it.
pub fn si_code_name(signal: Signal, code: i32) -> Option<&'static str> {
    SI_CODES
        .iter()
        .find(|row| row.0 == signal && row.1 == code)
        .map(|row| row.2)
}

/// The number of a signal's `si_code` called `name`.
pub fn si_code_number(signal: Signal, name: &str) -> Option<i32> {
    SI_CODES
        .iter()
        .find(|row| row.0 == signal && row.2 == name)
        .map(|row| row.1)
}

/// A signal that an access raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// which signal
    pub signal: Signal,
    /// why, in the kernel's numbers
    pub si_code: i32,
    /// `si_addr`, in bytes from `base`
    pub at: i64,
}

impl Fault {
    /// The code as sigaction(2) writes it, or its number.
    pub fn code_name(&self) -> String {
        use alloc::string::ToString;
        si_code_name(self.signal, self.si_code)
            .map_or_else(|| self.si_code.to_string(), ToString::to_string)
    }
}

/// What one operation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A load, or a read of the file, gave this value.
    Byte(u8),
    /// A read of the file found its end there.
    End,
    /// A store raised no signal.
    Stored,
    /// The access raised a signal.
    Fault(Fault),
    /// The system call succeeded.
    Done,
    /// The system call failed with this errno.
    Errno(i32),
}

/// A stretch of addresses which answer loads (or stores) alike, in bytes from `base`; `to` is excluded, and none means
/// that nothing but unmapped addresses follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// first byte
    pub from: i64,
    /// first byte that no longer belongs to it
    pub to: Option<i64>,
    /// what an access there meets
    pub is: ZoneKind,
}

/// What an access to a zone meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneKind {
    /// bytes of the file
    File,
    /// the rest of the file's last page
    Tail,
    /// this signal, with this si_code
    Fault(Signal, i32),
}

/// `n` rounded up to whole pages of `page` bytes.
pub fn round_up(n: u64, page: u64) -> u64 {
    n.div_ceil(page).saturating_mul(page)
}
