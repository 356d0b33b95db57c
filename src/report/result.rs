//! The result of a run as plain data: the JSON report `lab.result/1`, whose field names are binding, and what every other
//! view is drawn from. It holds offsets from `base`, never a raw address; times stand under `timing` alone.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::say::{Lang, lang};

pub use super::measure::{ComparedResult, MeasureResult, SeriesResult, WayResult};
use crate::op::{Outcome, Place, Routine};
pub use crate::verdict::{ClaimVerdict, Odd, Verdict};

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

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Text {
    pub en: String,
    pub zh: String,
}

impl Text {
    /// It in the language spoken; a stranger's file may have only one.
    pub fn spoken(&self) -> &str {
        let (first, other) = match lang() {
            Lang::En => (&self.en, &self.zh),
            Lang::Zh => (&self.zh, &self.en),
        };
        if first.is_empty() { other } else { first }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spoken())
    }
}

impl From<[String; 2]> for Text {
    fn from([en, zh]: [String; 2]) -> Text {
        Text { en, zh }
    }
}

/// What a report for machines has of a text that may be missing.
pub fn english<S: serde::Serializer>(text: &Option<Text>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_ref().map(|text| &text.en).serialize(serializer)
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

/// One step of a scenario.
#[derive(Clone, Debug, Serialize)]
pub struct StepResult {
    /// from 0
    pub n: usize,
    /// what was called in this step, in strace's form with symbols
    pub calls: Vec<String>,
    /// p, size, eof, eof_page, len, map_end, in bytes
    pub symbols: SymbolValues,
    /// the model's zones for loads
    pub zones: Vec<ZoneResult>,
    /// the author's zones for loads, where there are any: what the expected ruler is drawn from
    #[serde(skip)]
    pub author_zones: Vec<ZoneResult>,
    /// are the edges touched after this step?
    #[serde(skip)]
    pub probed: bool,
    /// what a line of a story says of it beyond its calls
    #[serde(skip)]
    pub told: Told,
}

/// What a story tells of a step beside its calls and probes.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// the process whose step it is
    pub by: String,
    /// how many of the first step's calls made the files, the processes and the mappings
    pub setup: usize,
    /// who made each of the step's calls
    pub callers: Vec<String>,
    /// the operation that each of them belongs to: script, and index in it
    pub ops: Vec<(usize, usize)>,
    /// an operation that shows no call of its own, or another one than it is
    pub quiet: Option<Quiet>,
    /// files that it gave another size: which, counted from 0, from and to how many bytes
    pub sizes: Vec<(usize, u64, u64)>,
    /// went a call through libc, because nix refuses to say it?
    pub beyond_nix: bool,
}

/// An operation whose calls alone would not tell what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Quiet {
    /// bytes are copied one by one: how many, from where and to where
    Copy(u64, Place, Place),
    /// a routine of the C library goes over memory: from where, to where, how many bytes
    Library(Routine, Place, Place, u64),
    /// two processes add to one counter: how often each, and atomically?
    Race(u64, bool),
    /// a disposition of SIGBUS and SIGSEGV from now on, in a scenario file's word for it
    OnFault(&'static str),
    /// this process was forked
    Fork(char),
    /// a number was asked for, in a scenario file's word for it
    Count(&'static str),
}

/// The symbols of a step, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct SymbolValues {
    pub p: i64,
    pub size: i64,
    pub eof: i64,
    pub eof_page: i64,
    pub len: i64,
    pub map_end: i64,
}

/// A stretch of addresses that answer alike, in bytes from `base`; an open one has no end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ZoneResult {
    /// first byte
    pub from: i64,
    /// first byte that no longer belongs to it
    pub to: Option<i64>,
    /// `file`, `zero`, `SIGBUS`, `SIGSEGV`
    pub is: String,
}

/// One probe: a touch of memory, or a read of the file.
#[derive(Clone, Debug, Serialize)]
pub struct ProbeResult {
    /// index into steps
    pub step: usize,
    /// the process
    pub by: String,
    /// `read` (a load), `write` (a store), `pread` (a read of the file itself), `call` (another system call)
    pub op: &'static str,
    /// the area that `offset` counts in, where it is not the one that begins at `base`: `base2`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// of a call: it, as it was made
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// bytes from `base`; for `pread` from the file's first byte
    pub offset: i64,
    /// the symbol for it, if any
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// page of the mapping, counted from 0; before `base` negative
    pub page: i64,
    /// bytes into that page
    pub in_page: i64,
    /// the author's words: `file`, `zero`, `ok`, `byte:A`, `SIGBUS/BUS_ADRERR`; empty where the author says nothing
    pub expected: Vec<String>,
    /// the model's answer
    pub model: ModelAnswer,
    /// the kernel's answer; none where the probe never ran
    pub observed: Option<Observed>,
    /// the number was measured, not determined: another run gives another
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub measured: bool,
    /// of this probe
    pub verdict: Verdict,
    /// is it its step's own operation, and no touch of its edges?
    #[serde(skip)]
    pub own: bool,
    /// what a store stored
    #[serde(skip)]
    pub stored: Option<u8>,
    /// how many bytes a touch takes
    #[serde(skip)]
    pub bytes: u64,
    /// the odd one out, where they differ and one is
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odd: Option<Odd>,
}

/// What the model answers.
#[derive(Clone, Debug, Serialize)]
pub struct ModelAnswer {
    /// `file`, `zero`, `private`, `ok`, `end`, `SIGBUS`, ...
    pub is: String,
    /// of a fault
    #[serde(skip_serializing_if = "Option::is_none")]
    pub si_code: Option<String>,
    /// every outcome the rules leave open, where it is more than one: `byte:T`, `SIGBUS/BUS_ADRERR`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<String>,
    /// the rule's name
    pub rule: &'static str,
    /// its sentence; a report has the English one
    #[serde(serialize_with = "in_english")]
    pub why: Text,
}

fn in_english<S: serde::Serializer>(text: &Text, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text.en)
}

/// What the kernel was seen to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Observed {
    /// a load: `file`, `zero`, `byte:X`; a store: `ok`; a pread: `byte:X`, `end`; a fault: its signal
    pub is: String,
    /// as it came, for who does not want words
    #[serde(skip)]
    pub outcome: Option<Outcome>,
    /// of a load: the byte
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<u8>,
    /// of a fault
    #[serde(skip_serializing_if = "Option::is_none")]
    pub si_code: Option<String>,
    /// of a fault: si_addr in bytes from `base`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub si_addr_offset: Option<i64>,
    /// of a fault in another area than the touch is asked for: that area
    #[serde(skip_serializing_if = "Option::is_none")]
    pub si_addr_area: Option<String>,
    /// of a fault: the forked child that died of the same access
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
    /// what pread(2) gives at that place of the file: `byte:X`, or `eof`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pread: Option<String>,
}

/// A fault's second witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// `signaled:SIGBUS`
    pub wait: String,
    /// as its own handler saw it
    pub si_code: String,
    /// in bytes from `base`
    pub si_addr_offset: i64,
}

/// One claim, judged.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimResult {
    /// n28
    pub id: String,
    /// what it says
    pub text: Text,
    /// the misconception behind it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idea: Option<String>,
    /// derived from the touches
    pub verdict: ClaimVerdict,
    /// indexes of the probes that decide it: those that contradict, or all that agree
    pub by: Vec<usize>,
    /// what came of each case that it names, in the author's order
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CaseResult>,
    /// what came of each comparison of two measured ways
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub compares: Vec<ComparedResult>,
    /// half a line drawn from the touches: "SIGSEGV begins at map_end 16384, not at len 15000."
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "english")]
    pub shown: Option<Text>,
}

/// One case of a claim.
#[derive(Clone, Debug, Serialize)]
pub struct CaseResult {
    /// the probe that shows it, by index
    pub probe: usize,
    /// half a line on it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// did it come out as the claim says?
    pub met: bool,
}
