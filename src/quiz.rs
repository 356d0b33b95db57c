//! What a student is asked before the kernel speaks, and what a wrong answer says about how they see the subject. Questions
//! come from a scenario's plan, truths from whoever observed them; it may not know the model, nor talk to anybody.

use crate::op::{AreaId, Op, Outcome, Place, Signal};
use crate::scenario::{Symbols, offset_of};

mod answer;
mod ideas;
mod items;
mod past;
mod rules;
pub mod told;

pub use answer::Answer;
pub use ideas::{ALL as IDEAS, Idea, named};
pub use items::items;
pub use past::Past;
pub use told::{happened, setup};

/// One question.
#[derive(Clone, Debug)]
pub struct Item {
    /// what is asked
    pub asks: Asks,
    /// the symbols at that moment
    pub symbols: Symbols,
    /// the step it is about, from 0
    pub step: usize,
    /// is it that step's own operation?
    pub own: bool,
    /// the operation asked about; of a border the first of the loads
    pub op: Op,
    /// the process that carries it out
    pub by: usize,
    /// the area that its offset counts in
    pub area: AreaId,
    /// what may be answered, but for numbers
    pub choices: Vec<Answer>,
    /// the byte that is there first: what fills a file, else what is stored before all others
    pub first: Option<u8>,
    /// what had happened before
    pub past: Past,
    named: Option<Idea>,
    /// every load of the step, by the index of its probe, with its offset
    loads: Vec<(usize, i64)>,
}

/// What a question is about; by the index of its probe, and its offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// what a load at this offset gives
    Load(usize, i64),
    /// what a store at this offset comes to
    Store(usize, i64),
    /// what a read of the file gives
    Read(usize, i64),
    /// what a system call comes to
    Call(usize),
    /// which number a system call gives
    Count(usize),
    /// the first offset that gets this signal
    Border(Signal),
}

impl Item {
    /// Where it asks, in bytes; 0 where it asks about no place.
    pub fn offset(&self) -> i64 {
        match self.asks {
            Asks::Load(_, at) | Asks::Store(_, at) | Asks::Read(_, at) => at,
            _ => 0,
        }
    }

    /// An offset as a place.
    pub fn place(&self, at: i64) -> Place {
        Place { area: self.area, at }
    }

    /// Is the answer a number?
    pub fn numeric(&self) -> bool {
        matches!(self.asks, Asks::Border(_) | Asks::Count(_))
    }

    /// The answer, once the probes have been seen: what each came to, by its index. None where it was not seen.
    pub fn truth(&self, seen: &dyn Fn(usize) -> Option<Outcome>) -> Option<Answer> {
        match self.asks {
            Asks::Load(probe, _)
            | Asks::Store(probe, _)
            | Asks::Read(probe, _)
            | Asks::Call(probe)
            | Asks::Count(probe) => Answer::of(seen(probe)?, self.first),
            // the first load of the step that got this signal, where the byte before it is known to get none of it
            Asks::Border(signal) => {
                let gets = |(probe, _): &&(usize, i64)| matches!(seen(*probe), Some(Outcome::Fault(fault)) if fault.signal == signal);
                let first = self.loads.iter().find(gets)?.1;
                let before = self.loads.iter().any(|(_, at)| *at == first - 1);
                (before || first == 0).then_some(Answer::At(first))
            }
        }
    }

    /// What the answer says of whoever gave it; none where it is right.
    pub fn idea(&self, answer: Answer, truth: Answer) -> Option<Idea> {
        rules::idea(self, answer, truth)
    }

    /// The key for one of the choices.
    pub fn key(&self, choice: Answer) -> char {
        let errno = |answer: &&Answer| matches!(answer, Answer::Errno(_));
        let number = self.choices.iter().filter(errno).position(|known| *known == choice);
        match number {
            Some(n) => char::from_digit(n as u32 + 1, 36).unwrap_or('?'),
            None => choice.key(),
        }
    }

    /// What was typed, as an answer: a key or a word, a number or an expression.
    pub fn read(&self, typed: &str) -> Option<Answer> {
        let chosen = self.choices.iter().find(|choice| {
            let key = !self.numeric() && typed.chars().eq([self.key(**choice)]);
            key || choice.word().eq_ignore_ascii_case(typed)
        });
        let number = || {
            offset_of(typed, &self.symbols)
                .filter(|_| self.numeric())
                .map(Answer::At)
        };
        chosen.copied().or_else(number)
    }
}
