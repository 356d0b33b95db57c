//! Answers, from whoever gives them: a student or what was observed. Plain data.

use crate::op::{Outcome, Signal, errno_name};

/// An answer, or the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// the byte that the file held at first
    Byte,
    /// another byte: one that was stored or written since
    New,
    /// a zero
    Zero,
    /// the store, or the call, goes through
    Ok,
    /// this signal
    Signal(Signal),
    /// the access is executed again and again
    Loops,
    /// the file has ended there
    End,
    /// mmap succeeds, at another address
    Elsewhere,
    /// the call is refused with this errno
    Errno(i32),
    /// an offset, or a number that was counted
    At(i64),
}

impl Answer {
    /// What was observed, where files hold `first` at first.
    pub fn of(outcome: Outcome, first: Option<u8>) -> Option<Answer> {
        Some(match outcome {
            Outcome::Byte(0) => Answer::Zero,
            Outcome::Byte(byte) if Some(byte) == first => Answer::Byte,
            Outcome::Byte(_) => Answer::New,
            Outcome::End => Answer::End,
            Outcome::Stored | Outcome::Done => Answer::Ok,
            Outcome::Fault(fault) => Answer::Signal(fault.signal),
            Outcome::Killed(signal) => Answer::Signal(signal),
            Outcome::Errno(errno) => Answer::Errno(errno),
            Outcome::Count(count) => Answer::At(i64::try_from(count).ok()?),
            Outcome::Elsewhere => Answer::Elsewhere,
            Outcome::Loops => Answer::Loops,
            Outcome::Among(fault, _) => Answer::Signal(fault.signal),
            Outcome::Within(..) => return None,
        })
    }

    /// In a word, as answer files write it.
    pub fn word(&self) -> String {
        match self {
            Answer::Byte => "file".to_owned(),
            Answer::New => "new".to_owned(),
            Answer::Zero => "zero".to_owned(),
            Answer::Ok => "ok".to_owned(),
            Answer::Signal(signal) => signal.to_string(),
            Answer::Loops => "loops".to_owned(),
            Answer::End => "end".to_owned(),
            Answer::Elsewhere => "elsewhere".to_owned(),
            Answer::Errno(errno) => errno_name(*errno).map_or_else(|| errno.to_string(), str::to_owned),
            Answer::At(at) => at.to_string(),
        }
    }

    /// Its key, where it has one for itself.
    pub fn key(&self) -> char {
        match self {
            Answer::Byte => 'f',
            Answer::New => 'n',
            Answer::Zero => '0',
            Answer::Ok => 'o',
            Answer::Signal(Signal::Sigbus) => 'b',
            Answer::Signal(Signal::Sigsegv) => 's',
            Answer::Loops => 'l',
            Answer::End => 'x',
            Answer::Elsewhere => 'w',
            Answer::Errno(_) | Answer::At(_) => '?',
        }
    }
}
