//! Operations that load and store: one access, a copy, a routine of the C library, a race of two processes. What such a
//! place answers is not known here.

use super::{Done, Operands, optional, plain};
use crate::op::{Access, Op, Place, Routine};
use crate::scenario::complaint::Complaint;
use crate::scenario::parse::{Amount, Verb};
use crate::scenario::plan::{Planner, limits};

impl Planner<'_> {
    pub(super) fn store(&self, with: &Operands, byte: u8) -> Result<Done, Complaint> {
        let (action, at) = (with.action, with.at);
        let span = action.at.as_ref().map_or_else(|| with.span.clone(), |at| at.at.whole());
        limits::touch(at, self, &span)?;
        let access = if action.wide {
            Access::StoreWide(byte)
        } else {
            Access::Store(byte)
        };
        Ok(touching(at, access))
    }

    pub(super) fn load(&self, with: &Operands, amount: &Amount) -> Result<Done, Complaint> {
        let at = Place {
            at: amount.value(&self.symbols)?,
            ..with.at
        };
        limits::touch(at, self, &amount.at.whole())?;
        let access = if with.action.wide {
            Access::LoadWide
        } else {
            Access::Load
        };
        Ok(touching(at, access))
    }

    /// `copy`, `memcpy` and `strnlen`.
    pub(super) fn copy(&self, with: &Operands, length: &Amount) -> Result<Done, Complaint> {
        let (action, from) = (with.action, with.at);
        let len = length.at_least(1, &self.symbols)?;
        let bytewise = matches!(action.verb, Verb::Copy(_));
        limits::copied(len, bytewise, length.at.whole())?;
        let to = match action.verb {
            Verb::Strnlen(_) => from,
            _ => Place {
                area: self.geometry.area(action.into.as_ref().or(action.on.as_ref()))?,
                at: optional(&action.to, &self.symbols, i64::MIN)?,
            },
        };
        let last = len.saturating_sub(1);
        for place in [from, from.plus(last), to, to.plus(last)] {
            limits::touch(place, self, with.span)?;
        }
        let len = len.unsigned_abs();
        let routine = match action.verb {
            Verb::Strnlen(_) => Routine::Strnlen,
            _ => Routine::Memcpy,
        };
        let op = match bytewise {
            true => Op::Copy { from, to, len },
            false => Op::Library { routine, from, to, len },
        };
        Ok(Done {
            asks: Some(from.at),
            ..plain(op)
        })
    }

    pub(super) fn memset(&self, with: &Operands, value: u8) -> Result<Done, Complaint> {
        let (at, len) = (with.at, with.len);
        limits::copied(len as i64, false, with.span.clone())?;
        for place in [at, at.plus(len as i64 - 1)] {
            limits::touch(place, self, with.span)?;
        }
        let (routine, from, to) = (Routine::Memset(value), at, at);
        Ok(Done {
            asks: Some(at.at),
            ..plain(Op::Library { routine, from, to, len })
        })
    }

    pub(super) fn race(&self, with: &Operands, times: &Amount) -> Result<Done, Complaint> {
        let at = with.at;
        limits::touch(at, self, with.span)?;
        let times = times.at_least(1, &self.symbols)?;
        limits::race(times, at.at, with.span)?;
        let (times, atomic) = (times.unsigned_abs(), with.action.atomic);
        Ok(Done {
            asks: Some(at.at),
            ..plain(Op::Race { at, times, atomic })
        })
    }
}

pub(super) fn touching(at: Place, access: Access) -> Done {
    Done {
        asks: Some(at.at),
        ..plain(Op::Touch { at, access })
    }
}
