//! One step's operation, worked out: its `Op`, what it does to the file's size, and what is asked of it.

use super::limits;
use crate::op::{Access, Op, World};
use crate::scenario::Expected;
use crate::scenario::complaint::{Anchor, Complaint, Span};
use crate::scenario::expr::Symbols;
use crate::scenario::parse::{Action, Amount, Scenario, Step};

/// The scripts of a scenario have one file.
const FILE: usize = 0;

/// A step's operation for one world.
pub(super) struct Done {
    pub op: Op,
    /// the file's size after it
    pub size: i64,
    /// bytes written or allocated
    pub written: i64,
    /// it is a touch or a read, at this place
    pub asks: Option<i64>,
}

/// What makes the file and the mapping.
pub(super) fn setup(scenario: &Scenario, symbols: &Symbols, offset: i64) -> Vec<Op> {
    let size = symbols.size.unsigned_abs();
    let mut ops = vec![Op::Create { file: FILE }];
    match scenario.fill {
        Some(byte) if size > 0 => ops.push(Op::Write {
            file: FILE,
            at: 0,
            len: size,
            byte,
        }),
        None if size > 0 => ops.push(Op::Truncate { file: FILE, size }),
        _ => {}
    }
    let (prot, share) = (scenario.map.prot, scenario.map.share);
    let (offset, len) = (offset.unsigned_abs(), symbols.len.unsigned_abs());
    ops.push(Op::Map {
        file: FILE,
        offset,
        len,
        prot,
        share,
    });
    ops
}

/// The operation of a step, with the symbols before it.
pub(super) fn of(step: &Step, action: &Action, symbols: &Symbols) -> Result<Done, Complaint> {
    let span = || step.action_span.clone();
    let plain = |op| Done {
        op,
        size: symbols.size,
        written: 0,
        asks: None,
    };
    Ok(match action {
        Action::Truncate { size } => {
            let new = in_file(size, symbols)?;
            Done {
                size: new,
                ..plain(Op::Truncate {
                    file: FILE,
                    size: new.unsigned_abs(),
                })
            }
        }
        Action::Write { byte, at, length } => {
            let at = in_file(at, symbols)?;
            let len = length.as_ref().map_or(Ok(1), |length| length.at_least(1, symbols))?;
            limits::written(len, length.as_ref().map_or_else(span, |length| length.at.whole()))?;
            limits::file(at + len, span())?;
            let op = Op::Write {
                file: FILE,
                at: at.unsigned_abs(),
                len: len.unsigned_abs(),
                byte: *byte,
            };
            Done {
                size: symbols.size.max(at + len),
                written: len,
                ..plain(op)
            }
        }
        Action::Allocate { length, at } => {
            let at = in_file(at, symbols)?;
            let len = length.at_least(1, symbols)?;
            limits::written(len, length.at.whole())?;
            limits::file(at + len, span())?;
            let op = Op::Allocate {
                file: FILE,
                at: at.unsigned_abs(),
                len: len.unsigned_abs(),
            };
            Done {
                size: symbols.size.max(at + len),
                written: len,
                ..plain(op)
            }
        }
        Action::Read { at } => {
            let at = in_file(at, symbols)?;
            Done {
                asks: Some(at),
                ..plain(Op::Read {
                    file: FILE,
                    at: at.unsigned_abs(),
                })
            }
        }
        Action::Protect { prot, at, length } => {
            let (at, len) = stretch(at, length, symbols)?;
            plain(Op::Protect { at, len, prot: *prot })
        }
        Action::Unmap { at, length } => {
            let (at, len) = stretch(at, length, symbols)?;
            plain(Op::Unmap { at, len })
        }
        Action::Sync { at, length } => {
            let from = at.as_ref().map_or(Ok(0), |at| at.value(symbols))?;
            let rest = symbols.len.saturating_sub(from).max(1);
            let len = length.as_ref().map_or(Ok(rest), |length| length.at_least(1, symbols))?;
            let anchor = at
                .as_ref()
                .or(length.as_ref())
                .map_or_else(|| anchor_of(&span()), |amount| amount.at);
            limits::reach(from, len, symbols, &anchor)?;
            plain(Op::Sync {
                at: from,
                len: len.unsigned_abs(),
            })
        }
        Action::Store { byte, at } => {
            let place = at.value(symbols)?;
            limits::touch(place, symbols, &at.at)?;
            Done {
                asks: Some(place),
                ..plain(Op::Touch {
                    at: place,
                    access: Access::Store(*byte),
                })
            }
        }
        Action::Load { at } => {
            let place = at.value(symbols)?;
            limits::touch(place, symbols, &at.at)?;
            Done {
                asks: Some(place),
                ..plain(Op::Touch {
                    at: place,
                    access: Access::Load,
                })
            }
        }
    })
}

/// What the author expects of a step's own touch or read.
pub(super) fn expected(step: &Step, world: &World) -> Option<Expected> {
    step.expect.as_ref().map(|expect| expect.on(world).clone())
}

fn in_file(amount: &Amount, symbols: &Symbols) -> Result<i64, Complaint> {
    let at = amount.at_least(0, symbols)?;
    limits::file(at, amount.at.whole())?;
    Ok(at)
}

fn stretch(at: &Amount, length: &Amount, symbols: &Symbols) -> Result<(i64, u64), Complaint> {
    let from = at.value(symbols)?;
    let len = length.at_least(1, symbols)?;
    limits::reach(from, len, symbols, &at.at)?;
    Ok((from, len.unsigned_abs()))
}

fn anchor_of(span: &Span) -> Anchor {
    Anchor {
        source: span.source,
        start: span.bytes.start,
        end: span.bytes.end,
        inner: None,
    }
}
