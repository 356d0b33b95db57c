//! One claim of a result, judged. It refers to probes by their index alone.

use serde::Serialize;

use super::text::{Text, english};
use crate::report::measure::ComparedResult;
use crate::verdict::ClaimVerdict;

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
