//! The model's reasons: which rule gave an answer, and the sentence that says so with this script's own numbers.

use alloc::string::String;
use core::fmt;

use crate::op::{Access, Prot, Signal};

/// The rules of the subject, by the names that reports print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// no VMA covers the byte
    NotMapped,
    /// a VMA covers it and its protection forbids the access
    Protection,
    /// the file has no page there
    PastLastFilePage,
    /// the byte belongs to the file
    FileByte,
    /// the byte lies between the end of the file and the end of its page
    TailOfLastPage,
    /// the mapping has a copy of its own
    PrivateCopy,
    /// a huge page reaches past the end of the file
    HugePage,
    /// the file ends before the place read
    EndOfFile,
    /// memory that no file is behind
    Anonymous,
    /// MADV_GUARD_INSTALL
    GuardPage,
    /// the page is not there, and a userfaultfd has said that none is to be made
    MissingPage,
    /// the page belongs to the file, and the filesystem has no room for it
    FilesystemFull,
    /// what a process has arranged for a fault
    Handler,
    /// what can be counted and not derived
    Measured,
    /// a system call's own rules
    SystemCall,
}

impl Rule {
    /// The name in reports.
    pub fn id(self) -> &'static str {
        match self {
            Rule::NotMapped => "not-mapped",
            Rule::Protection => "protection",
            Rule::PastLastFilePage => "past-last-file-page",
            Rule::FileByte => "file-byte",
            Rule::TailOfLastPage => "tail-of-last-page",
            Rule::PrivateCopy => "private-copy",
            Rule::HugePage => "huge-page",
            Rule::EndOfFile => "end-of-file",
            Rule::Anonymous => "anonymous",
            Rule::GuardPage => "guard-page",
            Rule::MissingPage => "missing-page",
            Rule::FilesystemFull => "filesystem-full",
            Rule::Handler => "handler",
            Rule::Measured => "measured",
            Rule::SystemCall => "system-call",
        }
    }
}

/// A rule with the numbers it was applied to. Places `at` are offsets in the file, or from `base` where the rule is about
/// addresses; all in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are named by the sentences below
pub enum Reason {
    NotMapped { at: i64, map_end: Option<i64> },
    Protection { prot: Prot, access: Access },
    PastLastFilePage { at: i64, size: u64, page: u64 },
    FileByte { at: u64, size: u64 },
    BesideCopy { at: u64 },
    Tail { size: u64, end: u64 },
    StoredInFile { at: u64 },
    StoredInTail { size: u64, end: u64 },
    PrivateCopy { at: u64 },
    CopiedOnWrite { at: u64 },
    HugePage { huge: u64 },
    EndOfFile { size: u64 },
    Endless,
    Mapped { len: u64, rounded: u64 },
    Anonymous { stored: bool },
    StoredAnonymous,
    Guarded,
    Missing,
    Forced { signal: Signal },
    Loops,
    Repaired { at: i64 },
    Copied { count: u64, len: u64 },
    Size { size: u64 },
    Resident,
    Present,
    Measured,
    Elsewhere,
    Race { atomic: bool },
    FilesystemFull,
    Forked,
    Unlinked,
    Renamed,
    Refused { errno: i32, because: &'static str },
    Call,
}

impl Reason {
    pub(super) fn in_file(at: u64, size: u64, page: u64) -> Reason {
        if at < size {
            Reason::FileByte { at, size }
        } else {
            Reason::Tail {
                size,
                end: crate::op::round_up(size, page),
            }
        }
    }

    pub(super) fn stored(at: u64, size: u64, page: u64) -> Reason {
        if at < size {
            Reason::StoredInFile { at }
        } else {
            Reason::StoredInTail {
                size,
                end: crate::op::round_up(size, page),
            }
        }
    }

    /// The rule behind it.
    pub fn rule(&self) -> Rule {
        match self {
            Reason::NotMapped { .. } => Rule::NotMapped,
            Reason::Protection { .. } => Rule::Protection,
            Reason::PastLastFilePage { .. } => Rule::PastLastFilePage,
            Reason::FileByte { .. } | Reason::BesideCopy { .. } | Reason::StoredInFile { .. } => Rule::FileByte,
            Reason::Tail { .. } | Reason::StoredInTail { .. } => Rule::TailOfLastPage,
            Reason::PrivateCopy { .. } | Reason::CopiedOnWrite { .. } => Rule::PrivateCopy,
            Reason::HugePage { .. } => Rule::HugePage,
            Reason::EndOfFile { .. } => Rule::EndOfFile,
            Reason::Anonymous { .. } | Reason::StoredAnonymous => Rule::Anonymous,
            Reason::Guarded => Rule::GuardPage,
            Reason::Missing => Rule::MissingPage,
            Reason::Forced { .. } | Reason::Loops | Reason::Repaired { .. } => Rule::Handler,
            Reason::Resident | Reason::Present | Reason::Measured | Reason::Race { .. } => Rule::Measured,
            Reason::FilesystemFull => Rule::FilesystemFull,
            Reason::Endless
            | Reason::Mapped { .. }
            | Reason::Copied { .. }
            | Reason::Size { .. }
            | Reason::Elsewhere
            | Reason::Forked
            | Reason::Unlinked
            | Reason::Renamed
            | Reason::Refused { .. }
            | Reason::Call => Rule::SystemCall,
        }
    }

    /// The word for what answers a load or store there.
    pub fn word(&self) -> Option<&'static str> {
        match self.rule() {
            Rule::FileByte => Some("file"),
            Rule::TailOfLastPage | Rule::Anonymous => Some("zero"),
            Rule::PrivateCopy => Some("private"),
            _ => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NotMapped { at, map_end: Some(end) } if at >= end => {
                write!(f, "The mapping ends at {end}; at {at} there is not even an address.")
            }
            Reason::NotMapped { at, map_end: Some(_) } if *at < 0 => {
                write!(f, "The mapping begins at 0; before it, at {at}, nothing is mapped.")
            }
            Reason::NotMapped { at, map_end: Some(_) } => {
                write!(f, "The page of {at} was unmapped; no address is left.")
            }
            Reason::NotMapped { at, map_end: None } => {
                write!(f, "Nothing is mapped, so there is no address at {at}.")
            }
            Reason::Protection { prot, access } => {
                let what = if access.is_store() { "stores" } else { "loads" };
                write!(
                    f,
                    "The page is mapped {prot}, which forbids {what}; the file is not even looked at."
                )
            }
            Reason::PastLastFilePage { at, size: 0, .. } => {
                write!(f, "The file is empty; {at} has an address and no page of the file.")
            }
            Reason::PastLastFilePage { at, size, page } => {
                let pages = size.div_ceil(*page);
                let s = if pages == 1 { "" } else { "s" };
                write!(
                    f,
                    "The file's {size} bytes back {pages} page{s}; {at} has an address and no page of the file."
                )
            }
            Reason::FileByte { size: 1, .. } => f.write_str("It is the file's only byte."),
            Reason::FileByte { at, size } => write!(f, "Byte {at} is one of the file's {size} bytes."),
            Reason::BesideCopy { at } => {
                write!(
                    f,
                    "MAP_PRIVATE: stores through the mapping went to a copy of this page; byte {at} is the file's own."
                )
            }
            Reason::Tail { size, end } => {
                write!(
                    f,
                    "The file ends at {size} and its page at {end}; between them the page is filled with zeros."
                )
            }
            Reason::StoredInFile { at } => {
                write!(f, "The page cache takes the byte as byte {at} of the file.")
            }
            Reason::StoredInTail { size, end } => {
                write!(
                    f,
                    "The page reaches to {end}, so the store succeeds; the file still ends at {size}."
                )
            }
            Reason::PrivateCopy { at } => {
                write!(
                    f,
                    "An earlier store copied this page for the mapping alone; byte {at} comes from the copy."
                )
            }
            Reason::CopiedOnWrite { at } => {
                write!(
                    f,
                    "MAP_PRIVATE: the page of byte {at} is copied at its first store; the file never sees it."
                )
            }
            Reason::HugePage { huge } => {
                write!(
                    f,
                    "tmpfs mounted huge=always maps {huge} bytes at once, and so past the end of the file."
                )
            }
            Reason::EndOfFile { size } => {
                write!(f, "The file ends at {size}, so there is nothing to read.")
            }
            Reason::Endless => {
                write!(f, "/dev/zero has no end: every read of it gives zeros.")
            }
            Reason::Mapped { len, rounded } => {
                write!(f, "{len} bytes asked for, {rounded} mapped: whole pages.")
            }
            Reason::Anonymous { stored: false } => {
                f.write_str("No file is behind this memory: it is zero until the first store.")
            }
            Reason::Anonymous { stored: true } => {
                f.write_str("No file is behind this memory; the process has a page of its own here.")
            }
            Reason::StoredAnonymous => {
                f.write_str("No file is behind this memory; the store gets a page of the process's own.")
            }
            Reason::Guarded => {
                f.write_str("The page is a guard page (MADV_GUARD_INSTALL): mapped, and yet no access reaches it.")
            }
            Reason::Missing => f.write_str(
                "The page has never been there, and a userfaultfd was told to raise SIGBUS instead of making one.",
            ),
            Reason::Forced { signal } => write!(
                f,
                "A fault's {signal} cannot be ignored or blocked: the kernel restores the default action, and it kills."
            ),
            Reason::Loops => f.write_str(
                "The handler returns and nothing has changed, so the same instruction faults again, for ever.",
            ),
            Reason::Repaired { at } => write!(
                f,
                "The access at {at} faulted once; the handler repaired the place, and the instruction was executed again."
            ),
            Reason::Copied { count, len } if count < len => write!(
                f,
                "{count} of {len} bytes could be copied before the bad page; a short count, and no signal."
            ),
            Reason::Copied { count, .. } => write!(f, "The kernel copies {count} bytes."),
            Reason::Size { size } => write!(f, "The file has {size} bytes; no mapping changes that."),
            Reason::Resident => f.write_str("What is in memory is brought in by touches and by readahead."),
            Reason::Present => f.write_str("A page gets its entry at the first touch, not when it is mapped."),
            Reason::Measured => f.write_str("This is counted, not derived."),
            Reason::Elsewhere => f.write_str("The place is taken, and an address without MAP_FIXED is only a hint."),
            Reason::Forked => f.write_str("The child has the same mappings; what is private is its own from now on."),
            Reason::Race { atomic: true } => {
                f.write_str("The instruction loads, adds and stores as one; no addition can be lost.")
            }
            Reason::Race { atomic: false } => {
                f.write_str("Adding is a load and a store; what another process stores between the two is lost.")
            }
            Reason::FilesystemFull => f.write_str(
                "The page belongs to the file, and the filesystem has no room left for it: SIGBUS inside the file.",
            ),
            Reason::Unlinked => {
                f.write_str("Only the name goes; the file stays while a descriptor or a mapping refers to it.")
            }
            Reason::Renamed => f.write_str(
                "The name stands for another file from now on; who has the old one mapped keeps the old one.",
            ),
            Reason::Refused { errno, because } => {
                let name = crate::op::errno_name(*errno).unwrap_or("an error");
                write!(f, "{name}: {because}.")
            }
            Reason::Call => f.write_str("The call succeeds."),
        }
    }
}

impl Reason {
    /// The sentence.
    pub fn why(&self) -> String {
        alloc::format!("{self}")
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Model, Reason};
    use crate::op::{Access, FileKind, Mapping, Op, Outcome, Place, Prot, Share, World};

    /// A read of the file is told why it does not see a private store, on the page that was copied and on no other.
    #[test]
    fn a_read_beside_a_private_copy_names_it() {
        for (share, page) in [(Share::Private, 4096), (Share::Private, 65536), (Share::Shared, 4096)] {
            let mut model = Model::new(&World::textbook(page));
            let kind = FileKind::Regular;
            let mapping = Mapping::of(0, page, 2 * page, Prot::READ_WRITE, share);
            let at = Place::base(5);
            for op in [
                Op::Create { file: 0, kind },
                Op::Truncate {
                    file: 0,
                    size: 3 * page,
                },
                Op::Map {
                    at: Place::base(0),
                    mapping,
                },
                Op::Touch {
                    at,
                    access: Access::Store(b'T'),
                },
            ] {
                model.apply(0, &op);
            }
            let seen = model.apply(0, &Op::Read { file: 0, at: page + 5 });
            let copied = share == Share::Private;
            assert_eq!(seen.possible[0], Outcome::Byte(if copied { 0 } else { b'T' }));
            assert_eq!(matches!(seen.reason, Reason::BesideCopy { .. }), copied);
            assert_eq!(seen.reason.word(), Some("file"));
            for at in [5, 2 * page + 5] {
                let seen = model.apply(0, &Op::Read { file: 0, at });
                assert!(matches!(seen.reason, Reason::FileByte { .. }), "{at}");
            }
        }
    }
}
