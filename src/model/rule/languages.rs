//! Every reason has its sentence in both languages.

use super::super::because;
use super::Reason;
use crate::op::{Access, Prot, Routine, Signal};

/// The number of a variant: a new one does not compile before it has a number here, and fails before it has a sample.
fn number(reason: &Reason) -> usize {
    match reason {
        Reason::NotMapped { .. } => 0,
        Reason::Protection { .. } => 1,
        Reason::PastLastFilePage { .. } => 2,
        Reason::FileByte { .. } => 3,
        Reason::BesideCopy { .. } => 4,
        Reason::Tail { .. } => 5,
        Reason::StoredInFile { .. } => 6,
        Reason::StoredInTail { .. } => 7,
        Reason::PrivateCopy { .. } => 8,
        Reason::CopiedOnWrite { .. } => 9,
        Reason::HugePage { .. } => 10,
        Reason::EndOfFile { .. } => 11,
        Reason::Endless => 12,
        Reason::Mapped { .. } => 13,
        Reason::Anonymous { .. } => 14,
        Reason::StoredAnonymous => 15,
        Reason::Guarded => 16,
        Reason::Missing => 17,
        Reason::Forced { .. } => 18,
        Reason::Loops => 19,
        Reason::Repaired { .. } => 20,
        Reason::Copied { .. } => 21,
        Reason::Size { .. } => 22,
        Reason::Resident => 23,
        Reason::Present => 24,
        Reason::Measured => 25,
        Reason::Elsewhere => 26,
        Reason::Race { .. } => 27,
        Reason::FilesystemFull => 28,
        Reason::Forked => 29,
        Reason::Unlinked => 30,
        Reason::Renamed => 31,
        Reason::Refused { .. } => 32,
        Reason::Call => 33,
        Reason::NoRoomForFrame => 34,
        Reason::StackLimit { .. } => 35,
        Reason::StackGuardGap { .. } => 36,
        Reason::FirstPage => 37,
        Reason::KernelHalf => 38,
        Reason::NoAddress => 39,
        Reason::Sent => 40,
        Reason::Seen { .. } => 41,
        Reason::SomeByte { .. } => 42,
        Reason::Key => 43,
        Reason::Vmas => 44,
    }
}

/// One for each sentence.
fn samples() -> Vec<Reason> {
    let (at, end) = (8191, 16384);
    let mut reasons = vec![
        Reason::NotMapped {
            at: 16384,
            map_end: Some(8192),
        },
        Reason::NotMapped {
            at: -1,
            map_end: Some(8192),
        },
        Reason::NotMapped {
            at: 1,
            map_end: Some(8192),
        },
        Reason::NotMapped { at: 1, map_end: None },
        Reason::Protection {
            prot: Prot::READ,
            access: Access::Store(b'T'),
        },
        Reason::Protection {
            prot: Prot::NONE,
            access: Access::Load,
        },
        Reason::PastLastFilePage {
            at: 1,
            size: 0,
            page: 4096,
        },
        Reason::PastLastFilePage {
            at: 8192,
            size: 5000,
            page: 4096,
        },
        Reason::FileByte { at: 0, size: 1 },
        Reason::FileByte { at, size: 10000 },
        Reason::BesideCopy { at },
        Reason::Tail { size: 10000, end },
        Reason::StoredInFile { at },
        Reason::StoredInTail { size: 10000, end },
        Reason::PrivateCopy { at },
        Reason::CopiedOnWrite { at },
        Reason::HugePage { huge: 2097152 },
        Reason::EndOfFile { size: 10000 },
        Reason::Endless,
        Reason::Mapped {
            len: 10000,
            rounded: end,
        },
        Reason::Anonymous { stored: false },
        Reason::Anonymous { stored: true },
        Reason::StoredAnonymous,
        Reason::Guarded,
        Reason::Missing,
        Reason::Forced { signal: Signal::Sigbus },
        Reason::Loops,
        Reason::Repaired { at: 8192 },
        Reason::Copied { count: 1, len: 2 },
        Reason::Copied { count: 2, len: 2 },
        Reason::Size { size: 10000 },
        Reason::Resident,
        Reason::Present,
        Reason::Measured,
        Reason::Elsewhere,
        Reason::Race { atomic: true },
        Reason::Race { atomic: false },
        Reason::FilesystemFull,
        Reason::Forked,
        Reason::Unlinked,
        Reason::Renamed,
    ];
    let refused = |because: &_| Reason::Refused {
        errno: 22,
        because: *because,
    };
    reasons.extend(because::ALL.iter().map(refused));
    reasons.extend([
        Reason::Call,
        Reason::NoRoomForFrame,
        Reason::StackLimit {
            at: -4096,
            limit: 65536,
        },
        Reason::StackGuardGap { at: -4096 },
        Reason::FirstPage,
        Reason::KernelHalf,
        Reason::NoAddress,
        Reason::Sent,
        Reason::Seen {
            from: crate::op::Place::base(100),
            at,
            of: alloc::boxed::Box::new(Reason::PrivateCopy { at }),
        },
        Reason::SomeByte {
            routine: Routine::Memset(b'Z'),
        },
        Reason::SomeByte {
            routine: Routine::Strnlen,
        },
        Reason::Key,
        Reason::Vmas,
    ]);
    reasons
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[test]
fn every_reason_has_its_sentence_in_both_languages() {
    let samples = samples();
    let mut numbers: Vec<usize> = samples.iter().map(number).collect();
    numbers.dedup();
    assert_eq!(numbers, (0..45).collect::<Vec<_>>(), "a sample of each, in order");
    let mut seen = std::collections::BTreeSet::new();
    for reason in &samples {
        let (en, zh) = (reason.why(), reason.why_zh());
        assert!(en.is_ascii() && en.ends_with('.'), "{en}");
        assert!(zh.chars().any(is_han) && zh.ends_with('\u{3002}'), "{zh}");
        assert_eq!(digits(&en), digits(&zh), "the numbers of both");
        assert!(seen.insert(zh.clone()), "twice: {zh}");
    }
    for because in because::ALL {
        assert!(
            because.zh.chars().any(is_han) && !because.en.contains(is_han),
            "{because:?}"
        );
    }
}

/// The numbers that a sentence names; the word `0` of an empty range is one.
fn digits(text: &str) -> std::collections::BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|part| part.len() > 1)
        .collect()
}
