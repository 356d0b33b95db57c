//! What can be asked of mmap(2), mprotect(2) and madvise(2). Plain data.

use core::fmt;

use super::FileId;

/// Protection of a mapping: the PROT_* bits an author can ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prot {
    /// PROT_READ
    pub read: bool,
    /// PROT_WRITE
    pub write: bool,
    /// PROT_EXEC
    pub exec: bool,
}

impl Prot {
    /// PROT_NONE
    pub const NONE: Prot = Prot {
        read: false,
        write: false,
        exec: false,
    };
    /// PROT_READ
    pub const READ: Prot = Prot {
        read: true,
        ..Prot::NONE
    };
    /// PROT_WRITE
    pub const WRITE: Prot = Prot {
        write: true,
        ..Prot::NONE
    };
    /// PROT_READ|PROT_WRITE
    pub const READ_WRITE: Prot = Prot {
        read: true,
        ..Prot::WRITE
    };
    /// PROT_EXEC
    pub const EXEC: Prot = Prot {
        exec: true,
        ..Prot::NONE
    };
    /// PROT_READ|PROT_EXEC
    pub const READ_EXEC: Prot = Prot {
        exec: true,
        ..Prot::READ
    };
}

impl fmt::Display for Prot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (self.read, "PROT_READ"),
            (self.write, "PROT_WRITE"),
            (self.exec, "PROT_EXEC"),
        ];
        let mut set = names.iter().filter(|(is, _)| *is).map(|(_, name)| name);
        f.write_str(set.next().unwrap_or(&"PROT_NONE"))?;
        set.try_for_each(|name| write!(f, "|{name}"))
    }
}

/// Who sees a store: the type of a mapping, mmap(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Stores reach the file and every other shared mapping of it.
    Shared,
    /// The first store to a page copies that page for this mapping alone.
    Private,
    /// MAP_SHARED_VALIDATE, which has the value of MAP_SHARED|MAP_PRIVATE: shared, and unknown flags are refused.
    Validate,
    /// Neither of them.
    Neither,
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Share::Shared => "MAP_SHARED",
            Share::Private => "MAP_PRIVATE",
            Share::Validate => "MAP_SHARED_VALIDATE",
            Share::Neither => "0",
        })
    }
}

/// What is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// a descriptor
    File(FileId),
    /// MAP_ANONYMOUS, descriptor -1
    Anonymous,
    /// descriptor -1 without MAP_ANONYMOUS
    Nothing,
}

/// The flags of mmap(2) beside the type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct MapFlags {
    pub fixed: bool,
    pub no_replace: bool,
    pub populate: bool,
    pub locked: bool,
    pub no_reserve: bool,
    pub sync: bool,
    /// a bit that no kernel knows: 1 << 25
    pub unknown: bool,
    /// MAP_GROWSDOWN: it grows downwards at a touch below it, as a stack does
    pub grows_down: bool,
}

/// The arguments of mmap(2) but for the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// what
    pub source: Source,
    /// where in the file the mapping begins, in bytes
    pub offset: u64,
    /// the length given to mmap, in bytes; the kernel rounds it up to whole pages
    pub len: u64,
    /// its protection
    pub prot: Prot,
    /// its type
    pub share: Share,
    /// the rest
    pub flags: MapFlags,
}

impl Mapping {
    /// A plain mapping of a file.
    pub fn of(file: FileId, offset: u64, len: u64, prot: Prot, share: Share) -> Mapping {
        Mapping {
            source: Source::File(file),
            offset,
            len,
            prot,
            share,
            flags: MapFlags::default(),
        }
    }
}

/// What madvise(2) is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// MADV_DONTNEED: give the pages back
    DontNeed,
    /// MADV_FREE: the pages may go when memory is short
    Free,
    /// MADV_REMOVE: punch a hole into the file
    Remove,
    /// MADV_WILLNEED: read ahead
    WillNeed,
    /// MADV_POPULATE_READ: fault all pages in for loads
    PopulateRead,
    /// MADV_POPULATE_WRITE: fault all pages in for stores
    PopulateWrite,
    /// MADV_GUARD_INSTALL: no access to these pages
    GuardInstall,
    /// MADV_GUARD_REMOVE
    GuardRemove,
    /// MADV_DONTFORK: a child does not get the mapping
    DontFork,
    /// MADV_WIPEONFORK: a child gets zeros
    WipeOnFork,
    /// an advice that no kernel knows: 999
    Unknown,
}
