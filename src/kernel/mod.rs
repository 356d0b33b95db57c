//! The kernel's voice: real system calls and real faults in forked children. A *holder* makes the mapping and runs the
//! script; every access is one instruction whose fault it survives; for each fault a forked *witness* repeats the access
//! and really dies of it. Nothing here knows what anybody expects. This folder holds all of the project's unsafe code.

use std::ffi::CString;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use crate::op::{AREA_LIMIT, Act, Op, Outcome, PROC_LIMIT, Place, Signal, proc_name, round_up};

pub mod access;
pub mod bare;
mod batch;
pub mod crosscheck;
mod decode;
mod fault;
mod guardian;
mod holder;
pub mod measure;
pub mod memory;
mod missing;
mod nameless;
mod parent;
mod prologue;
mod record;
mod runner;
pub mod search;
#[cfg(own_start)]
mod start;
mod strace;
mod together;
mod trouble;
mod view;
pub mod walk;
mod witness;

pub use batch::{Batch, Stopped};
pub use missing::is_there as gives_userfaultfd;
pub use parent::{Interrupts, run};
pub use prologue::settle;
pub use runner::{AHEAD, Came, ROW, Runner, cpus};
pub use trouble::Trouble;

/// What lies behind the mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Nothing: a hole in the address space.
    Hole,
    /// Pages without any permission, as many programs put there. It makes SEGV_ACCERR of SEGV_MAPERR, and serves to show
    /// that the instrument reports what is there.
    Guard,
}

/// How to run a script.
#[derive(Clone, Debug)]
pub struct Options {
    /// page size in bytes
    pub page: u64,
    /// the directory for files under test
    pub dir: CString,
    /// does each fault get its witness?
    pub witnesses: bool,
    /// how long a holder may take for its whole script
    pub timeout: Duration,
    /// what lies behind the mapping
    pub behind: Behind,
    /// is the machine's own view of the mappings taken after each operation?
    pub views: bool,
    /// are the instrument's own calls written out, beside those that the script asks for?
    pub own_calls: bool,
}

impl Options {
    /// The options of a lesson: witnesses, a hole, ten seconds. None where the directory's name holds a NUL byte.
    pub fn new(page: u64, dir: &Path) -> Option<Options> {
        Some(Options {
            page,
            dir: CString::new(dir.as_os_str().as_bytes()).ok()?,
            witnesses: true,
            timeout: Duration::from_secs(10),
            behind: Behind::Hole,
            views: false,
            own_calls: true,
        })
    }
}

/// What was seen of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// what it came to
    pub outcome: Outcome,
    /// beside a load: what pread(2) gave at that place of the file, none for its end
    pub pread: Option<Option<u8>>,
    /// of a fault: its second witness
    pub witness: Option<Death>,
}

/// How a witness died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// the signal that waitpid names
    pub signal: Signal,
    /// si_code as the witness's own handler saw it
    pub si_code: i32,
    /// si_addr likewise
    pub at: Place,
}

/// One line of the trace, in strace's form, with symbols for what varies between runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// whose it is
    pub who: Who,
    /// the operation it belongs to; none for the instrument's own preparation
    pub op: Option<usize>,
    /// did the script ask for it?
    pub asked: bool,
    /// does nix refuse to say it, so that it went through libc?
    pub beyond_nix: bool,
    /// `mmap(hole, 15000, ...) = base`
    pub text: String,
    /// of a line that tells of a signal: which
    pub delivery: Option<Delivery>,
}

/// A SIGBUS or SIGSEGV that the kernel delivered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delivery {
    /// its name
    pub signal: &'static str,
    /// si_code, and si_addr by its symbol; none where the process ignored or blocked it and so heard of its death alone
    pub told: Option<(String, Option<String>)>,
}

/// Who made a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// a process of the script; 0 is the holder
    Process(usize),
    /// the n-th child forked for a fault, from 1
    Witness(u32),
}

impl Who {
    fn of(number: u32) -> Who {
        match number.checked_sub(PROC_LIMIT as u32) {
            None => Who::Process(number as usize),
            Some(n) => Who::Witness(n + 1),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Who::Process(0) => f.pad("holder"),
            Who::Process(n) => f.pad(&format!("holder{}", proc_name(*n))),
            Who::Witness(n) => f.pad(&format!("witness{n}")),
        }
    }
}

/// What came of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// one for each operation; none where it never ran
    pub answers: Vec<Option<Observation>>,
    /// everything that holder and witnesses called, and the signals that they got
    pub lines: Vec<Line>,
    /// after each operation, what the machine itself says of mappings and files, where it was asked for: lines of text
    pub views: Vec<Vec<String>>,
}

/// Pages left free on either side of the mapping.
pub const HOLE_PAGES: u64 = 256;

/// A mapping this long is made for its errno: no room is reserved for it.
const LONGEST: u64 = 1 << 45;

/// How long each of a script's areas is, in bytes: as far as its mappings reach.
fn areas<'a>(acts: impl IntoIterator<Item = &'a Act>, page: u64) -> [u64; AREA_LIMIT] {
    let mut lengths = [0; AREA_LIMIT];
    let mut reach = |at: Place, len: u64| {
        if at.area < AREA_LIMIT {
            let len = if len < LONGEST { round_up(len, page) } else { 0 };
            let end = at.at.saturating_add_unsigned(len).max(0).unsigned_abs();
            // An area has a place, also where what was to be mapped there is refused.
            let least = if at.area > 0 { page } else { 0 };
            lengths[at.area] = lengths[at.area].max(round_up(end, page)).max(least);
        }
    };
    for act in acts {
        match act.op {
            Op::Map { at, mapping } => reach(at, mapping.len),
            Op::Remap { at, new, to, .. } => reach(to.unwrap_or(at), new),
            _ => {}
        }
    }
    lengths
}
