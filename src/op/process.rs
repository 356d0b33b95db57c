//! What a process arranges for its faults, the limits set to it, and the numbers that it asks the kernel for. Plain data.

use super::{FileId, Place};

/// How a process sends itself a signal: sigaction(2) lists the si_code of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// raise(3), which is tgkill(2)
    Raise,
    /// kill(2)
    Kill,
    /// sigqueue(3), which is rt_sigqueueinfo(2)
    Queue,
}

impl Sending {
    /// The si_code that it gives.
    pub fn si_code(self) -> i32 {
        match self {
            Sending::Raise => -6,
            Sending::Kill => 0,
            Sending::Queue => -1,
        }
    }
}

/// What happens when an access raises SIGBUS or SIGSEGV.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFault {
    /// The instrument catches it, notes it, and goes on after the access.
    #[default]
    Note,
    /// The signals are ignored: sigaction(2), SIG_IGN.
    Ignore,
    /// The signals are blocked: sigprocmask(2).
    Block,
    /// A handler returns without having repaired anything.
    Return,
    /// A handler gives the file this size in bytes, and returns.
    Grow {
        /// the file
        file: FileId,
        /// its new size
        size: u64,
    },
    /// A handler maps an anonymous page over the faulting one, and returns.
    Cover,
    /// a handler without an alternate stack, and the stack pointer where the access is: as when a stack overflows
    OwnStack,
}

/// A resource whose limit a script may lower: setrlimit(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// RLIMIT_FSIZE: how large a file may be made, in bytes
    FileSize,
    /// RLIMIT_AS: so many bytes of address space more than are used now
    AddressSpace,
    /// RLIMIT_MEMLOCK: bytes that may be locked
    Locked,
    /// RLIMIT_STACK
    Stack,
}

/// A number that a script may ask the kernel for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// the file's size in bytes: fstat(2), st_size
    Size(FileId),
    /// bytes of storage that the file takes: fstat(2), st_blocks
    Blocks(FileId),
    /// how many pages of a stretch the kernel has in memory for it: mincore(2)
    Resident(Place, u64),
    /// how many pages of a stretch this process has a page-table entry for: proc_pid_pagemap(5), bit 63
    Present(Place, u64),
    /// how many VMAs lie in a stretch, wholly or in part: proc_pid_maps(5)
    Vmas(Place, u64),
    /// minor and major page faults of this process since it last asked: getrusage(2)
    Faults,
    /// major page faults alone, for which a disk was read, since it last asked for them
    MajorFaults,
}
