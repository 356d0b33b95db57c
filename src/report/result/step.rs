//! One step of a result: what was called, its symbols and zones, and what a story tells of it. It may not know what a touch
//! came to.

use serde::Serialize;

use crate::op::{Place, Routine};

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
