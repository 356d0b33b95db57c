//! What a student is asked before the kernel speaks, and what a wrong answer says about how they see the subject. Questions
//! come from a scenario's plan, truths from whoever observed them; it may not know the model, nor talk to anybody.

use crate::op::{Access, Op, Signal};
use crate::scenario::{Plan, Question, Symbols, offset_of};

/// At most so many questions: five fill ten minutes of a class.
const MOST: usize = 5;

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// what is asked
    pub asks: Asks,
    /// the symbols at that moment
    pub symbols: Symbols,
    /// the step it is about, from 0
    pub step: usize,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// what a load at this offset gives; by the index of its probe
    Load(usize, i64),
    /// what a store at this offset gives
    Store(usize, i64),
    /// the first offset that gets this signal
    Border(Signal),
}

/// An answer, or the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// the file's own byte, or a byte that was stored
    Byte,
    /// a zero behind the end of the file
    Zero,
    /// the store goes through
    Ok,
    /// this signal
    Signal(Signal),
    /// an offset
    At(i64),
}

/// A way to see the subject that is wrong, by its number: `lab` names it when an answer shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idea {
    /// M1 and so on
    pub id: &'static str,
    /// what is right instead, in half a line
    pub instead: &'static str,
}

const fn idea(id: &'static str, instead: &'static str) -> Idea {
    Idea { id, instead }
}

/// "eof is the border"
pub const EOF_IS_BORDER: Idea = idea(
    "M1",
    "the end of the file is no border; its page is, and is filled with zeros",
);
/// "len is the border"
pub const LEN_IS_BORDER: Idea = idea("M2", "the length passed is no border; it is rounded up to whole pages");
/// "a grown file needs a new mmap"
pub const NEEDS_NEW_MMAP: Idea = idea(
    "M5",
    "the file's size of today counts at each access; no new mmap is needed",
);
/// "what lies behind eof is part of the file"
pub const TAIL_IS_FILE: Idea = idea("M7", "bytes behind the end of the file are zeros, and never part of it");
/// "a mapping makes the file longer"
pub const MAP_GROWS_FILE: Idea = idea(
    "M8",
    "mmap does not make the file longer: there is an address and no data",
);
/// "every access behind the file is SIGSEGV"
pub const SIGBUS_IS_SIGSEGV: Idea = idea(
    "M9",
    "inside the mapping there is an address, so it is SIGBUS, not SIGSEGV",
);
/// "every access behind the file is SIGBUS"
pub const SIGSEGV_IS_SIGBUS: Idea = idea("M10", "behind the mapping there is not even an address: SIGSEGV");

/// The questions of a plan: the author's, or else those at the borders, where opinions differ.
pub fn items(plan: &Plan, asked: &[Question]) -> Vec<Item> {
    let Some(step) = plan.steps.iter().position(|step| step.probed) else {
        return stories(plan);
    };
    let symbols = plan.steps[step].symbols;
    let load = |offset: i64| {
        let probe = plan.probes.iter().position(|probe| {
            let op = plan.scripts[probe.at.0].acts[probe.at.1].op;
            let load = matches!(
                op,
                Op::Touch {
                    access: Access::Load,
                    ..
                }
            );
            probe.step == step && probe.offset == offset && load
        })?;
        Some(Asks::Load(probe, offset))
    };
    let of = |question: &Question| match question {
        Question::At(text) => load(offset_of(text, &symbols)?),
        Question::Border(signal) => Some(Asks::Border(*signal)),
    };
    let borders = [
        symbols.eof - 1,
        symbols.eof,
        symbols.eof_page,
        symbols.len,
        symbols.map_end,
    ];
    let mut asks: Vec<Asks> = asked.iter().filter_map(of).collect();
    if asks.is_empty() {
        asks = borders.into_iter().filter_map(load).collect();
    }
    let mut known = Vec::new();
    asks.retain(|asks| {
        !known.contains(asks) && {
            known.push(*asks);
            true
        }
    });
    asks.truncate(MOST);
    let item = |asks| Item { asks, symbols, step };
    asks.into_iter().map(item).collect()
}

/// A scenario that touches no edges: its steps' own loads and stores.
fn stories(plan: &Plan) -> Vec<Item> {
    let own = plan.steps.iter().enumerate().filter_map(|(step, planned)| {
        let index = planned.own?;
        let probe = &plan.probes[index];
        let asks = match plan.scripts[probe.at.0].acts[probe.at.1].op {
            Op::Touch { access, .. } if access.is_store() => Asks::Store(index, probe.offset),
            Op::Touch { .. } => Asks::Load(index, probe.offset),
            _ => return None,
        };
        Some(Item {
            asks,
            symbols: planned.symbols,
            step,
        })
    });
    own.take(MOST).collect()
}

impl Item {
    /// What the answer says of whoever gave it, where it is wrong in a way that has a name.
    pub fn idea(&self, answer: Answer, truth: Answer) -> Option<Idea> {
        use Answer::{At, Byte, Ok, Zero};
        let Symbols { eof, len, .. } = self.symbols;
        let (sigbus, sigsegv) = (Answer::Signal(Signal::Sigbus), Answer::Signal(Signal::Sigsegv));
        let at = match self.asks {
            Asks::Load(_, at) | Asks::Store(_, at) => at,
            Asks::Border(_) => 0,
        };
        let found = match (answer, truth) {
            _ if answer == truth => return None,
            (At(n), _) if n == len => LEN_IS_BORDER,
            (At(n), _) if n == eof => EOF_IS_BORDER,
            (At(n), At(right)) if n < right => SIGBUS_IS_SIGSEGV,
            (At(_), _) => SIGSEGV_IS_SIGBUS,
            (Byte, Zero) => TAIL_IS_FILE,
            (_, Zero) => EOF_IS_BORDER,
            (wrong, right) if wrong == sigsegv && right == sigbus && at >= len => LEN_IS_BORDER,
            (wrong, right) if wrong == sigsegv && right == sigbus => SIGBUS_IS_SIGSEGV,
            (_, right) if right == sigbus => MAP_GROWS_FILE,
            (wrong, right) if wrong == sigbus && right == sigsegv => SIGSEGV_IS_SIGBUS,
            (_, right) if right == sigsegv => LEN_IS_BORDER,
            (wrong, Byte | Ok) if self.step > 0 && (wrong == sigbus || wrong == sigsegv) => NEEDS_NEW_MMAP,
            (wrong, Byte | Ok) if at >= eof && (wrong == sigbus || wrong == sigsegv) => EOF_IS_BORDER,
            _ => return None,
        };
        Some(found)
    }
}
