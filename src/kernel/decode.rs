//! The shared record as answers: from numbers to what was seen, with addresses as offsets from `base`.

use std::sync::atomic::Ordering::{Acquire, Relaxed};

use nix::sys::signal::Signal;

use super::holder::answer;
use super::record::{Shared, what};
use super::{Death, Observation, Options, Record, strace};
use crate::op::{Fault, Outcome, Script, Signal as Kind};

/// The record as answers and lines.
pub fn decode(record: &Shared, script: &Script, options: &Options) -> Record {
    let base = record.head().base.load(Relaxed);
    let offset = |address: u64| (address as usize).wrapping_sub(base) as i64;
    let kind = |signo: u64| {
        if signo == Signal::SIGBUS as u64 {
            Kind::Sigbus
        } else {
            Kind::Sigsegv
        }
    };
    let mut answers = vec![None; script.ops.len()];
    let mut witness: Option<Death> = None;
    for entry in record.entries() {
        let args = entry.args.each_ref().map(|arg| arg.load(Relaxed));
        match entry.what.load(Acquire) {
            what::SIGNAL if entry.who.load(Relaxed) != 0 => {
                witness = Some(Death {
                    signal: kind(args[0]),
                    si_code: args[1] as i32,
                    at: offset(args[2]),
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
                        at: offset(args[3]),
                    }),
                    _ => Outcome::Done,
                };
                let pread = match (args[0], args[2]) {
                    (answer::BYTE, byte @ 0..=255) => Some(Some(byte as u8)),
                    (answer::BYTE, answer::PREAD_END) => Some(None),
                    _ => None,
                };
                let slot = answers.get_mut(entry.op.load(Relaxed) as usize);
                if let Some(slot) = slot {
                    *slot = Some(Observation {
                        outcome,
                        pread,
                        witness: witness.take(),
                    });
                }
            }
            _ => {}
        }
    }
    Record {
        answers,
        lines: strace::lines(record, options),
    }
}
