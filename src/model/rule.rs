//! The model's reasons: which rule gave an answer, and the sentence that says so with this script's own numbers.

use super::because::Because;
use crate::op::{Access, Place, Prot, Routine, Signal};
use alloc::boxed::Box;
use alloc::string::String;

mod en;
mod zh;

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
    /// no program can map anything there
    Nowhere,
    /// no access raised it
    Sent,
    /// a mapping that grows downwards, and may not grow so far
    Stack,
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
            Rule::Nowhere => "nowhere",
            Rule::Sent => "sent",
            Rule::Stack => "stack",
            Rule::MissingPage => "missing-page",
            Rule::FilesystemFull => "filesystem-full",
            Rule::Handler => "handler",
            Rule::Measured => "measured",
            Rule::SystemCall => "system-call",
        }
    }
}

/// A rule with the numbers it was applied to. Places `at` are offsets in the file, or from the area's first byte where the
/// rule is about addresses; all in bytes. `Seen` is for a byte with one number in memory and another in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are named by the sentences below
pub enum Reason {
    NotMapped { at: i64, map_end: Option<i64> },
    Protection { prot: Prot, access: Access },
    Key,
    Seen { from: Place, at: u64, of: Box<Reason> },
    PastLastFilePage { at: u64, size: u64, page: u64 },
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
    NoRoomForFrame,
    StackLimit { at: i64, limit: u64 },
    StackGuardGap { at: i64 },
    Repaired { at: i64 },
    Copied { count: u64, len: u64 },
    Size { size: u64 },
    Resident,
    Present,
    Vmas,
    Measured,
    Elsewhere,
    Race { atomic: bool },
    FilesystemFull,
    Forked,
    Unlinked,
    Renamed,
    Refused { errno: i32, because: Because },
    FirstPage,
    KernelHalf,
    NoAddress,
    Sent,
    SomeByte { routine: Routine },
    Call,
}

impl Reason {
    /// Of a pointer where no program may map anything: from the address that is told.
    pub(super) fn wild(code: i32, told: i64) -> Reason {
        match told {
            _ if code == super::SI_KERNEL => Reason::NoAddress,
            i64::MIN..0 => Reason::KernelHalf,
            0.. => Reason::FirstPage,
        }
    }

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

    /// The same of a byte that a mapping shows at another number than it has in the file.
    pub(super) fn seen_from(self, from: Place, at: u64) -> Reason {
        if from.at == at as i64 {
            return self;
        }
        let of = Box::new(self);
        Reason::Seen { from, at, of }
    }

    /// The rule behind it.
    pub fn rule(&self) -> Rule {
        match self {
            Reason::Seen { of, .. } => of.rule(),
            Reason::NotMapped { .. } => Rule::NotMapped,
            Reason::FirstPage | Reason::KernelHalf | Reason::NoAddress => Rule::Nowhere,
            Reason::Sent => Rule::Sent,
            Reason::Protection { .. } | Reason::Key => Rule::Protection,
            Reason::PastLastFilePage { .. } => Rule::PastLastFilePage,
            Reason::FileByte { .. } | Reason::BesideCopy { .. } | Reason::StoredInFile { .. } => Rule::FileByte,
            Reason::Tail { .. } | Reason::StoredInTail { .. } => Rule::TailOfLastPage,
            Reason::PrivateCopy { .. } | Reason::CopiedOnWrite { .. } => Rule::PrivateCopy,
            Reason::HugePage { .. } => Rule::HugePage,
            Reason::EndOfFile { .. } => Rule::EndOfFile,
            Reason::Anonymous { .. } | Reason::StoredAnonymous => Rule::Anonymous,
            Reason::Guarded => Rule::GuardPage,
            Reason::Missing => Rule::MissingPage,
            Reason::Forced { .. } | Reason::Loops | Reason::NoRoomForFrame | Reason::Repaired { .. } => Rule::Handler,
            Reason::StackLimit { .. } | Reason::StackGuardGap { .. } => Rule::Stack,
            Reason::Resident | Reason::Present | Reason::Measured | Reason::Race { .. } | Reason::SomeByte { .. } => {
                Rule::Measured
            }
            Reason::FilesystemFull => Rule::FilesystemFull,
            Reason::Endless
            | Reason::Mapped { .. }
            | Reason::Copied { .. }
            | Reason::Size { .. }
            | Reason::Vmas
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

impl Reason {
    /// The sentence, in English.
    pub fn why(&self) -> String {
        alloc::format!("{}", en::Sentence(self))
    }

    /// The sentence, in Chinese.
    pub fn why_zh(&self) -> String {
        alloc::format!("{}", zh::Sentence(self))
    }
}

#[cfg(test)]
mod languages;

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
