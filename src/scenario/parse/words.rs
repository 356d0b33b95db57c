//! The words of a scenario file that stand for one of a few things: protections, flags, kinds of files, advices. Each
//! table is what a complaint lists.

use crate::op::{Advice, FileKind, Growth, Limit, MapFlags, Prot, Rights, Seals, Sending, Share};

/// Protections.
pub const ACCESS: [(&str, Prot); 6] = [
    ("r", Prot::READ),
    ("w", Prot::WRITE),
    ("rw", Prot::READ_WRITE),
    ("none", Prot::NONE),
    ("x", Prot::EXEC),
    ("rx", Prot::READ_EXEC),
];

/// Types of mappings.
pub const SHARES: [(&str, Share); 4] = [
    ("shared", Share::Shared),
    ("private", Share::Private),
    // MAP_SHARED|MAP_PRIVATE is the value of MAP_SHARED_VALIDATE
    ("both", Share::Validate),
    ("neither", Share::Neither),
];

/// A flag, as what it sets.
pub type Flag = fn(&mut MapFlags);

/// Flags of mmap(2).
pub const FLAGS: [(&str, Flag); 8] = [
    ("fixed", |flags| flags.fixed = true),
    ("no-replace", |flags| flags.no_replace = true),
    ("populate", |flags| flags.populate = true),
    ("locked", |flags| flags.locked = true),
    ("no-reserve", |flags| flags.no_reserve = true),
    ("sync", |flags| flags.sync = true),
    ("unknown", |flags| flags.unknown = true),
    ("grows-down", |flags| flags.grows_down = true),
];

/// Kinds of files; none: no file, anonymous memory.
pub const KINDS: [(&str, Option<FileKind>); 11] = [
    ("regular", Some(FileKind::Regular)),
    ("named", Some(FileKind::Named)),
    ("memfd", Some(FileKind::Memfd { sealing: true })),
    ("memfd-unsealable", Some(FileKind::Memfd { sealing: false })),
    ("shm", Some(FileKind::Shm)),
    ("zero", Some(FileKind::Zero)),
    ("null", Some(FileKind::Null)),
    ("directory", Some(FileKind::Directory)),
    ("pipe", Some(FileKind::Pipe)),
    ("eventfd", Some(FileKind::Eventfd)),
    ("anonymous", None),
];

/// What fallocate(2) does.
pub const MODES: [(&str, Growth); 5] = [
    ("extend", Growth::Extend),
    ("keep-size", Growth::Keep),
    ("punch", Growth::Punch),
    ("collapse", Growth::Collapse),
    ("insert", Growth::Insert),
];

/// What a descriptor may do.
pub const RIGHTS: [(&str, Rights); 6] = [
    ("r", Rights::Read),
    ("w", Rights::Write),
    ("rw", Rights::ReadWrite),
    ("append", Rights::Append),
    ("truncate", Rights::Truncate),
    ("path", Rights::Path),
];

/// What madvise(2) is told.
pub const ADVICE: [(&str, Advice); 11] = [
    ("dontneed", Advice::DontNeed),
    ("free", Advice::Free),
    ("remove", Advice::Remove),
    ("willneed", Advice::WillNeed),
    ("populate-read", Advice::PopulateRead),
    ("populate-write", Advice::PopulateWrite),
    ("guard", Advice::GuardInstall),
    ("unguard", Advice::GuardRemove),
    ("dontfork", Advice::DontFork),
    ("wipeonfork", Advice::WipeOnFork),
    ("unknown", Advice::Unknown),
];

const NO_SEALS: Seals = Seals {
    seal: false,
    shrink: false,
    grow: false,
    write: false,
    future_write: false,
};

/// Seals, one each.
pub const SEALS: [(&str, Seals); 5] = [
    ("seal", Seals { seal: true, ..NO_SEALS }),
    (
        "shrink",
        Seals {
            shrink: true,
            ..NO_SEALS
        },
    ),
    ("grow", Seals { grow: true, ..NO_SEALS }),
    (
        "write",
        Seals {
            write: true,
            ..NO_SEALS
        },
    ),
    (
        "future-write",
        Seals {
            future_write: true,
            ..NO_SEALS
        },
    ),
];

/// Calls that send a signal.
pub const SENDINGS: [(&str, Sending); 3] = [
    ("raise", Sending::Raise),
    ("kill", Sending::Kill),
    ("sigqueue", Sending::Queue),
];

/// Limits of setrlimit(2).
pub const LIMITS: [(&str, Limit); 4] = [
    ("file-size", Limit::FileSize),
    ("address-space", Limit::AddressSpace),
    ("locked", Limit::Locked),
    ("stack", Limit::Stack),
];

/// What a process does about faults, before sizes are worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Reaction {
    Note,
    Ignore,
    Block,
    Return,
    Grow,
    Cover,
    OwnStack,
}

/// What a process does about faults.
pub const REACTIONS: [(&str, Reaction); 7] = [
    ("note", Reaction::Note),
    ("ignore", Reaction::Ignore),
    ("block", Reaction::Block),
    ("return", Reaction::Return),
    ("grow", Reaction::Grow),
    ("cover", Reaction::Cover),
    ("own-stack", Reaction::OwnStack),
];

/// What can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Quantified {
    Size,
    Blocks,
    Resident,
    Present,
    Vmas,
    Faults,
    MajorFaults,
}

/// What can be counted.
pub const QUANTITIES: [(&str, Quantified); 7] = [
    ("size", Quantified::Size),
    ("blocks", Quantified::Blocks),
    ("resident", Quantified::Resident),
    ("present", Quantified::Present),
    ("vmas", Quantified::Vmas),
    ("faults", Quantified::Faults),
    ("major-faults", Quantified::MajorFaults),
];
