//! The result of a run as plain data: the JSON report `lab.result/1`, whose field names are binding, and what every other
//! view is drawn from. It holds offsets from `base`, never a raw address; times stand under `timing` alone.

use std::collections::BTreeMap;

use serde::Serialize;

mod claim;
mod probe;
mod step;
mod text;

pub use super::measure::{ComparedResult, MeasureResult, SeriesResult, WayResult};
pub use crate::verdict::{ClaimVerdict, Odd, Verdict};
pub use claim::{CaseResult, ClaimResult};
pub use probe::{ModelAnswer, Observed, ProbeResult, Witness};
pub use step::{Quiet, StepResult, SymbolValues, Told, ZoneResult};
pub use text::{Text, english};

/// Everything one invocation observed.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// always `lab.result/1`
    pub schema: &'static str,
    /// the machine it ran on
    pub machine: Machine,
    /// one for each scenario, in the order asked for
    pub scenarios: Vec<ScenarioResult>,
    /// how many ended how
    pub summary: Summary,
    /// seconds, by scenario id
    pub timing: BTreeMap<String, f64>,
}

/// The facts of the header line.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Machine {
    pub kernel: String,
    pub arch: String,
    /// bytes
    pub page: u64,
    pub fs: String,
    pub fs_options: String,
    pub euid: u32,
    /// the directory of the files under test; in no report, for it varies
    #[serde(skip)]
    pub dir: String,
}

/// Totals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Summary {
    pub agrees: usize,
    pub differs: usize,
    pub skipped: usize,
    pub error: usize,
}

/// One scenario.
#[derive(Clone, Debug, Serialize)]
pub struct ScenarioResult {
    /// slug
    pub id: String,
    /// number of a built-in scenario
    pub number: Option<u32>,
    /// `builtin`, or the file's name as it was given
    pub source: String,
    /// whose numbers it has, where they are not the author's own
    pub seed: Option<u64>,
    /// what asserts the same: "POSIX mmap 11-2"
    pub sources: Vec<String>,
    /// in order
    pub steps: Vec<StepResult>,
    /// in order; claims refer to them by index
    pub probes: Vec<ProbeResult>,
    /// what the course notes say, judged
    pub claims: Vec<ClaimResult>,
    /// every SIGBUS and SIGSEGV that any process of it got, witnesses included: as many as an outside strace counts
    pub signals: Vec<SignalResult>,
    /// of the whole
    pub verdict: Verdict,
    /// why it was skipped or is an error
    #[serde(serialize_with = "english")]
    pub reason: Option<Text>,
    /// where the zones of a huge mapping begin
    #[serde(skip_serializing_if = "Option::is_none")]
    pub borders: Option<BordersResult>,
    /// what was measured, where it is a measurement
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<MeasureResult>,
    /// prose for the screen
    #[serde(skip)]
    pub prose: ScenarioProse,
    /// the machine's own view after each operation of each script, where somebody steps through them
    #[serde(skip)]
    pub views: Vec<Vec<Vec<String>>>,
}

/// Where a mapping's zones begin, found by touching.
#[derive(Clone, Debug, Serialize)]
pub struct BordersResult {
    /// `search`, or `walk` over every page
    pub how: &'static str,
    /// pages of the mapping
    pub pages: u64,
    /// touches that found the borders
    pub touches: u64,
    /// touches of random places between them
    pub samples: u64,
    /// the first byte that answers with none, in bytes from `base`
    pub bytes_end: u64,
    /// the first byte that is SIGSEGV
    pub sigsegv: u64,
    /// what MADV_POPULATE_READ says of the last page with bytes, the first that is SIGBUS, and the hole behind
    pub populated: Vec<String>,
    /// do they lie where the model has them?
    pub agrees: bool,
    /// how long it took
    #[serde(skip)]
    pub took: std::time::Duration,
}

/// Signals that were alike.
#[derive(Clone, Debug, Serialize)]
pub struct SignalResult {
    /// its name
    pub is: &'static str,
    /// none where the process ignored or blocked it, and heard of its death alone
    pub si_code: Option<String>,
    /// with the symbol of its area: base+8192
    pub si_addr: Option<String>,
    /// how many
    pub times: usize,
}

/// Prose that no report repeats.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct ScenarioProse {
    pub title: Text,
    pub brief: Option<Text>,
    pub why: Option<Text>,
    /// command to type, and what it shows
    pub next: Vec<(String, Text)>,
    /// is only what happened wanted, without why and what to type next?
    pub shown_alone: bool,
}
