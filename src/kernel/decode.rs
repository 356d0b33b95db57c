//! The shared record as answers: from numbers to what was seen, with addresses as places in the script's areas.

use std::sync::atomic::Ordering::{Acquire, Relaxed};

use nix::sys::signal::Signal;

use super::holder::answer;
use super::record::{Shared, what};
use super::{Death, HOLE_PAGES, Observation, Options, Record, strace, view};
use crate::op::{Fault, Outcome, PROC_LIMIT, Script, Signal as Kind};

/// The record as answers and lines.
pub fn decode(record: &Shared, script: &Script, options: &Options) -> Record {
    Record {
        answers: answers(record, script.acts.len(), options),
        lines: strace::lines(record, options),
        views: view::views(record, options, script.acts.len()),
    }
}

/// The answers to so many operations; none where one never ran.
pub fn answers(record: &Shared, count: usize, options: &Options) -> Vec<Option<Observation>> {
    let reach = (HOLE_PAGES * options.page) as usize;
    let place = |address: u64| record.place(address as usize, reach);
    let kind = |signo: u64| {
        if signo == Signal::SIGBUS as u64 {
            Kind::Sigbus
        } else {
            Kind::Sigsegv
        }
    };
    let mut answers = vec![None; count];
    let mut witness: Option<Death> = None;
    for entry in record.entries() {
        let args = entry.args.each_ref().map(|arg| arg.load(Relaxed));
        match entry.what.load(Acquire) {
            what::SIGNAL if entry.who.load(Relaxed) >= PROC_LIMIT as u32 => {
                witness = Some(Death {
                    signal: kind(args[0]),
                    si_code: args[1] as i32,
                    at: place(args[2]),
                });
            }
            what::ANSWER => {
                let outcome = match args[0] {
                    answer::ERRNO => Outcome::Errno(args[1] as i32),
                    answer::BYTE => Outcome::Byte(args[1] as u8),
                    answer::END => Outcome::End,
                    answer::STORED => Outcome::Stored,
                    answer::FAULT => Outcome::Fault(Fault {
                        signal: kind(args[1]),
                        si_code: args[2] as i32,
                        at: place(args[3]),
                    }),
                    answer::COUNT => Outcome::Count(args[1]),
                    answer::ELSEWHERE => Outcome::Elsewhere,
                    answer::KILLED => Outcome::Killed(kind(args[1])),
                    answer::LOOPS => Outcome::Loops,
                    _ => Outcome::Done,
                };
                let pread = match (args[0], args[2]) {
                    (answer::BYTE, byte @ 0..=255) => Some(Some(byte as u8)),
                    (answer::BYTE, answer::PREAD_END) => Some(None),
                    _ => None,
                };
                // What a handler of the script's own has seen is no second witness.
                let death = witness.take().filter(|_| args[0] == answer::FAULT);
                let slot = answers.get_mut(entry.op.load(Relaxed) as usize);
                if let Some(slot) = slot {
                    *slot = Some(Observation {
                        outcome,
                        pread,
                        witness: death,
                    });
                }
            }
            _ => {}
        }
    }
    answers
}
