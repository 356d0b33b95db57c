//! The vocabulary of a measurement: the same work on the same bytes, done in several ways, under several conditions. The
//! pairs that are measured stand here once, for whoever measures, judges and draws. It may not know a time.

/// What a scenario may ask to have measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// system calls that copy, against a mapping of the same file
    ReadVsMmap,
}

/// Under what the ways are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// bytes are stored, not loaded
    pub stores: bool,
    /// the pages are in the page cache before the clock starts
    pub cached: bool,
    /// one page after another in an order drawn by lot, not the whole file from its first byte on
    pub random: bool,
}

/// One way to do the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// pread(2) or pwrite(2) with a buffer of so many bytes
    Call(usize),
    /// the same, with a buffer of one page
    CallPage,
    /// a new mapping of the whole file, and munmap(2) after it
    New,
    /// the same with MAP_POPULATE
    Populated,
    /// a mapping that was there before, and touched before
    Kept,
    /// each piece is mapped, used and unmapped
    Pieces,
}

/// Bytes of a piece when the file is gone through in order, in pages: 64 KiB where pages have 4.
pub const PIECE_PAGES: u64 = 16;

/// A condition and the ways compared under it. The first call is what mappings are held against.
pub type Series = (Condition, &'static [Way]);

const fn on(stores: bool, cached: bool, random: bool) -> Condition {
    Condition { stores, cached, random }
}

/// Everything that is measured.
pub const SERIES: [Series; 8] = [
    (
        on(false, true, false),
        &[
            Way::Call(64 << 10),
            Way::Call(4 << 10),
            Way::Call(1 << 20),
            Way::New,
            Way::Populated,
            Way::Kept,
            Way::Pieces,
        ],
    ),
    (
        on(false, true, true),
        &[Way::CallPage, Way::New, Way::Kept, Way::Pieces],
    ),
    (
        on(false, false, false),
        &[Way::Call(64 << 10), Way::New, Way::Populated],
    ),
    (on(false, false, true), &[Way::CallPage, Way::New]),
    (
        on(true, true, false),
        &[
            Way::Call(64 << 10),
            Way::Call(1 << 20),
            Way::New,
            Way::Populated,
            Way::Kept,
        ],
    ),
    (on(true, true, true), &[Way::CallPage, Way::New, Way::Kept, Way::Pieces]),
    (on(true, false, false), &[Way::Call(64 << 10), Way::New]),
    (on(true, false, true), &[Way::CallPage, Way::New]),
];

/// The most ways that a condition has.
pub const WAYS: usize = 7;

impl Condition {
    /// Its words in a scenario file and in reports: "load cached random".
    pub fn name(self) -> &'static str {
        match (self.stores, self.cached, self.random) {
            (false, true, false) => "load cached in-order",
            (false, true, true) => "load cached random",
            (false, false, false) => "load cold in-order",
            (false, false, true) => "load cold random",
            (true, true, false) => "store cached in-order",
            (true, true, true) => "store cached random",
            (true, false, false) => "store cold in-order",
            (true, false, true) => "store cold random",
        }
    }
}

impl Way {
    /// Its word in a scenario file and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Way::Call(0x1000) => "call 4K",
            Way::Call(0x1_0000) => "call 64K",
            Way::Call(_) => "call 1M",
            Way::CallPage => "call page",
            Way::New => "mmap new",
            Way::Populated => "mmap populated",
            Way::Kept => "mmap kept",
            Way::Pieces => "mmap pieces",
        }
    }

    /// Is it a system call that copies, and no mapping?
    pub fn is_call(self) -> bool {
        matches!(self, Way::Call(_) | Way::CallPage)
    }
}

#[cfg(test)]
mod tests {
    use super::{SERIES, WAYS, Way};

    #[test]
    fn every_name_stands_for_one_thing() {
        for (i, (condition, ways)) in SERIES.iter().enumerate() {
            assert!(ways.len() <= WAYS && ways[0].is_call() && ways.contains(&Way::New));
            assert!(SERIES[..i].iter().all(|(other, _)| other.name() != condition.name()));
            for (i, way) in ways.iter().enumerate() {
                assert!(ways[..i].iter().all(|other| other.name() != way.name()));
            }
        }
    }
}
