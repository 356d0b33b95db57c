//! The model's reasons: which rule gave an answer, and the sentence that says so with this script's own numbers.

use alloc::string::String;
use core::fmt;

use crate::op::{Access, Prot};

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
    Mapped { len: u64, rounded: u64 },
    Refused(i32),
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
            Reason::Mapped { .. } | Reason::Refused(_) | Reason::Call => Rule::SystemCall,
        }
    }

    /// The word for what answers a load or store there.
    pub fn word(&self) -> Option<&'static str> {
        match self.rule() {
            Rule::FileByte => Some("file"),
            Rule::TailOfLastPage => Some("zero"),
            Rule::PrivateCopy => Some("private"),
            _ => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NotMapped {
                at,
                map_end: Some(end),
            } if at >= end => {
                write!(
                    f,
                    "The mapping ends at {end}; at {at} there is not even an address."
                )
            }
            Reason::NotMapped {
                at,
                map_end: Some(_),
            } if *at < 0 => {
                write!(
                    f,
                    "The mapping begins at 0; before it, at {at}, nothing is mapped."
                )
            }
            Reason::NotMapped {
                at,
                map_end: Some(_),
            } => write!(f, "The page of {at} was unmapped; no address is left."),
            Reason::NotMapped { at, map_end: None } => {
                write!(f, "Nothing is mapped, so there is no address at {at}.")
            }
            Reason::Protection { prot, access } => {
                let what = if *access == Access::Load {
                    "loads"
                } else {
                    "stores"
                };
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
            Reason::Mapped { len, rounded } => {
                write!(f, "{len} bytes asked for, {rounded} mapped: whole pages.")
            }
            Reason::Refused(errno) => {
                write!(f, "The call's arguments are refused (errno {errno}).")
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
    use crate::op::{Access, Op, Outcome, Prot, Share, World};

    /// A read of the file is told why it does not see a private store, on the page that was copied and on no other.
    #[test]
    fn a_read_beside_a_private_copy_names_it() {
        for (share, page) in [(Share::Private, 4096), (Share::Private, 65536), (Share::Shared, 4096)] {
            let mut model = Model::new(&World::textbook(page));
            let (file, len, prot) = (0, 2 * page, Prot::READ_WRITE);
            model.apply(&Op::Create { file });
            model.apply(&Op::Truncate { file, size: 3 * page });
            model.apply(&Op::Map { file, offset: page, len, prot, share });
            model.apply(&Op::Touch { at: 5, access: Access::Store(b'T') });
            let seen = model.apply(&Op::Read { file, at: page + 5 });
            let copied = share == Share::Private;
            assert_eq!(seen.possible[0], Outcome::Byte(if copied { 0 } else { b'T' }));
            assert_eq!(matches!(seen.reason, Reason::BesideCopy { .. }), copied);
            assert_eq!(seen.reason.word(), Some("file"));
            for at in [5, 2 * page + 5] {
                let seen = model.apply(&Op::Read { file, at });
                assert!(matches!(seen.reason, Reason::FileByte { .. }), "{at}");
            }
        }
    }
}
