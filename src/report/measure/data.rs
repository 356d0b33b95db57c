//! A measurement as data: part of the report `lab.result/1`. Times stand under `timing`, and what was counted is marked as
//! measured.

use serde::Serialize;

use crate::op::{Condition, Way};
use crate::report::result::{Text, english};
use crate::verdict::Spread;

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct MeasureResult {
    /// `read-vs-mmap`
    pub kind: &'static str,
    /// of the file
    pub bytes: u64,
    /// of a page
    pub page: u64,
    /// one for each condition
    pub series: Vec<SeriesResult>,
}

/// One condition.
#[derive(Clone, Debug, Serialize)]
pub struct SeriesResult {
    /// `load cached in-order`
    pub on: &'static str,
    /// worked on in each round
    pub bytes: u64,
    /// why it could not be measured here
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "english")]
    pub reason: Option<Text>,
    /// the ways; the first is what mappings are held against
    pub ways: Vec<WayResult>,
    /// it as it was asked for
    #[serde(skip)]
    pub condition: Condition,
}

/// One way under a condition.
#[derive(Clone, Debug, Serialize)]
pub struct WayResult {
    /// `call 64K`, `mmap new`
    pub way: &'static str,
    /// system calls
    pub calls: u64,
    /// page faults that found the page in memory
    pub minor: u64,
    /// page faults that waited for the disk
    pub major: u64,
    /// always
    pub measured: bool,
    /// seconds
    pub timing: Times,
    /// it as it was asked for
    #[serde(skip)]
    pub is: Way,
}

/// Seconds.
#[derive(Clone, Debug, Serialize)]
pub struct Times {
    /// of all rounds
    #[serde(flatten)]
    pub spread: Spread,
    /// round by round, so that ways can be compared within each
    pub rounds: Vec<f64>,
}

/// What came of one comparison that a claim makes.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ComparedResult {
    pub on: &'static str,
    pub way: &'static str,
    pub than: &'static str,
    /// `faster`, `no faster`, `fewer calls`
    pub says: &'static str,
    /// did it come out as the claim says?
    pub met: bool,
    pub measured: bool,
    /// how many times faster the way is
    pub timing: Spread,
    /// of both, where they are what is compared
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<[u64; 2]>,
    /// half a line on it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
}

impl WayResult {
    /// Of calls, minor faults, major faults, and times.
    pub fn new(is: Way, [calls, minor, major]: [u64; 3], spread: Spread, rounds: Vec<f64>) -> WayResult {
        WayResult {
            way: is.name(),
            calls,
            minor,
            major,
            measured: true,
            timing: Times { spread, rounds },
            is,
        }
    }
}
