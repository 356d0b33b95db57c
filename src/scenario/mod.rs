//! Scenario files: TOML to `Scenario`, `Scenario` to `Plan`. The author's voice: what a script does, what somebody expects
//! of it, and the prose around it. It may not know what a run observed, nor the model: whoever plans passes the zones in.

use crate::op::{Act, AreaId, ProcId, Script, Signal};
pub use crate::op::{AuthorZone, Expected, Want};

mod builtin;
mod complaint;
mod expr;
mod near;
mod parse;
mod plan;
mod prose;
mod redraw;
mod width;
mod zone;

pub use builtin::{Builtin, CHAPTERS, builtins, find};
pub use complaint::{Code, Complaint, Complaints, Span};
pub use expr::Symbols;
pub use near::nearest;
pub use parse::words;
pub use parse::{AnswerFile, Compared, Comparison, Given, SETTINGS, Scenario, Setting, Sheet, Where, answers, load};
pub use plan::{Foresight, PAGE_SIZES, plan, untranslated, vanishing};

/// The offset that an expression such as `eof - 1` stands for, where it can be read.
pub fn offset_of(text: &str, symbols: &Symbols) -> Option<i64> {
    expr::parse(text).ok()?.value(symbols).ok()
}

/// A text in the two languages of the project. A stranger's file may have only one, which then serves for both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prose {
    /// English
    pub en: String,
    /// Chinese
    pub zh: String,
}

/// A scenario made ready for one world: scripts for the voices, and the places in them that somebody wants to know of.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Each is run from scratch. The later ones are fresh copies, for touches that others would have disturbed.
    pub scripts: Vec<Script>,
    /// The author's steps, in order; step 0 also holds what made the file and the mapping.
    pub steps: Vec<PlannedStep>,
    /// What is asked, in the order of reports: by step, loads before stores.
    pub probes: Vec<Probe>,
    /// What the author's sources claim.
    pub claims: Vec<PlannedClaim>,
    /// What a quiz asks.
    pub quiz: Vec<PlannedQuestion>,
}

/// One question of a quiz.
#[derive(Clone, Debug)]
pub struct PlannedQuestion {
    /// the step it is about
    pub step: usize,
    /// what is asked
    pub asks: Asks,
    /// the misconception behind a wrong answer, as M2, where the author names it
    pub idea: Option<String>,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// what an operation comes to; by the index of its probe
    Probe(usize),
    /// the first offset in the step whose load gets this signal
    Border(Signal),
}

/// One step of a plan.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    /// the operations of this step, without the touches of its edges
    pub acts: Vec<Act>,
    /// how many of them made the files, the processes and the mappings before it
    pub setup: usize,
    /// whose step it is, and in which of its areas touches go
    pub by: ProcId,
    /// see `by`
    pub area: AreaId,
    /// does it end with an operation of the author's, rather than of the setup?
    pub acted: bool,
    /// the probe of the step's own operation, by index
    pub own: Option<usize>,
    /// where they stand: script, and index of the first of them in it
    pub at: (usize, usize),
    /// the symbols once the step is done
    pub symbols: Symbols,
    /// are the edges of zones touched after this step?
    pub probed: bool,
    /// the author's zones for loads, at this step; empty where there is no `[expect]`
    pub loads: Vec<AuthorZone>,
    /// the author's zones for stores
    pub stores: Vec<AuthorZone>,
}

/// One touch or read that somebody wants to know of.
#[derive(Clone, Debug)]
pub struct Probe {
    /// the step after which (or in which) it happens
    pub step: usize,
    /// its script, and its operation there
    pub at: (usize, usize),
    /// the process that asks
    pub by: ProcId,
    /// the area of a touch
    pub area: AreaId,
    /// bytes from the area's first for a touch, from the file's first byte for a read
    pub offset: i64,
    /// the symbol for that place, where there is one: "eof - 1", "len"
    pub place: Option<String>,
    /// what the author expects; none where the author says nothing
    pub expected: Option<Expected>,
    /// where the author says so
    pub said_at: Option<Span>,
}

/// A claim with its offsets worked out.
#[derive(Clone, Debug)]
pub struct PlannedClaim {
    /// its id, as n28
    pub id: String,
    /// what it says
    pub text: Prose,
    /// the misconception behind it, as M2
    pub idea: Option<String>,
    /// the step it speaks of; none: every probed step
    pub step: Option<usize>,
    /// what it says happens where: the range as written, its zone per step (indexed by step), and what happens there
    pub says: Vec<Saying>,
    /// what it says of steps' own operations
    pub cases: Vec<PlannedCase>,
    /// what it says of ways that are measured
    pub compares: Vec<Compared>,
}

/// One case of a claim.
#[derive(Clone, Debug)]
pub struct PlannedCase {
    /// the step
    pub step: usize,
    /// the probe of that step's operation, by index; none where it asks nothing
    pub probe: Option<usize>,
    /// what it comes to, if the claim holds
    pub wants: Expected,
    /// half a line on the case
    pub text: Option<Prose>,
}

/// One line of a claim's `says`.
#[derive(Clone, Debug)]
pub struct Saying {
    /// the range as the author wrote it: "len .."
    pub range: String,
    /// the range at each step of the plan
    pub zones: Vec<AuthorZone>,
}

/// The character that is meant where an input method typed another.
pub fn half_width(c: char) -> char {
    width::half(c).and_then(|half| half.chars().next()).unwrap_or(c)
}
