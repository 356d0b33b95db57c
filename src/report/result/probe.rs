//! One probe of a result, and its three answers: the author's words, the model's with its rule, the kernel's with its
//! witness. It may not know of claims.

use serde::Serialize;

use super::text::Text;
use crate::op::Outcome;
use crate::verdict::{Odd, Verdict};

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
