//! One step's operation, worked out: its `Op`, and what is asked of it. What it does to files and mappings the model says.

use super::geometry::Mapped;
use super::{Planner, limits};
use crate::op::{Op, Place, ProcId, Quantity};
use crate::scenario::complaint::{Complaint, Span};
use crate::scenario::expr::Symbols;
use crate::scenario::parse::{Action, Amount, Quantified, Step, Verb};

mod access;
mod faults;
mod files;
mod memory;

/// A step's operation for one world.
pub(super) struct Done {
    pub op: Op,
    /// bytes written or allocated
    pub written: i64,
    /// it is a touch or a read, at this place
    pub asks: Option<i64>,
    /// what the area holds if the call goes through
    pub maps: Option<(usize, Mapped)>,
}

/// What an operation goes by, beside its own value.
struct Operands<'s> {
    action: &'s Action,
    by: ProcId,
    /// the operation's key
    span: &'s Span,
    /// the author says what comes of it, so it may be refused
    refusable: bool,
    /// `at` and `length`, where they are meant in memory
    at: Place,
    len: u64,
}

impl Planner<'_> {
    /// The operation of a step, with the symbols before it.
    pub(super) fn operation(&mut self, step: &Step, action: &Action, by: ProcId) -> Result<Done, Complaint> {
        let (at, len) = match action.verb {
            Verb::Wild(_) | Verb::Raise(_) | Verb::Fork(_) | Verb::Open(_) | Verb::OpenName(_) | Verb::Map(_) => {
                (Place::base(0), 0)
            }
            _ => self.stretch(action)?,
        };
        let (span, refusable) = (&step.action_span, step.expect.is_some());
        let with = &Operands {
            action,
            by,
            span,
            refusable,
            at,
            len,
        };
        let reaching = |refusable: bool, op: Op| limits::reach(at, len, self, span, refusable).map(|()| plain(op));
        match &action.verb {
            Verb::Truncate(size) => self.truncate(with, size),
            Verb::Write(byte) => self.write(with, *byte),
            Verb::Allocate(length) => self.allocate(with, length),
            Verb::Read(at) => self.read(with, at),
            Verb::Send(length) | Verb::Receive(length) => self.transfer(with, length),
            Verb::Seal(seals) => {
                let (file, seals) = (self.file(with)?, *seals);
                Ok(plain(Op::Seal { file, seals }))
            }
            Verb::Close(name) => self.opened(with, Some(name)).map(|file| plain(Op::Close { file })),
            Verb::Unlink(name) => self.geometry.file(Some(name)).map(|name| plain(Op::Unlink { name })),
            Verb::Rename(name) => self.rename(with, name),
            Verb::OpenName(name) => self.open_name(with, name),
            Verb::Reopen(rights) => self.reopen(with, *rights),
            Verb::Open(name) => self.create(with, name),
            Verb::Map(length) => self.map(with, length),
            Verb::Remap(new) => self.remap(with, new),
            Verb::Protect(prot) => reaching(refusable, Op::Protect { at, len, prot: *prot }),
            Verb::Unmap => reaching(refusable, Op::Unmap { at, len }),
            Verb::Advise(advice) => {
                let advice = *advice;
                reaching(refusable, Op::Advise { at, len, advice })
            }
            Verb::Sync => reaching(refusable, Op::Sync { at, len }),
            Verb::Lock => reaching(true, Op::Lock { at, len }),
            Verb::Unlock => reaching(true, Op::Unlock { at, len }),
            Verb::Mseal => reaching(refusable, Op::Mseal { at, len }),
            Verb::Userfaultfd => reaching(refusable, Op::Userfaultfd { at, len }),
            Verb::Store(byte) => self.store(with, *byte),
            Verb::Load(at) => self.load(with, at),
            Verb::Copy(length) | Verb::Memcpy(length) | Verb::Strnlen(length) => self.copy(with, length),
            Verb::Memset(value) => self.memset(with, *value),
            Verb::Race(times) => self.race(with, times),
            Verb::Wild(address) => self.wild(with, *address),
            Verb::Raise(how) => Ok(Done {
                asks: Some(0),
                ..plain(Op::Raise(*how))
            }),
            Verb::OnFault(reaction) => self.on_fault(with, *reaction),
            Verb::Fork(name) => self.geometry.fork(by, name).map(|child| plain(Op::Fork { child })),
            Verb::Mount(bytes) => {
                let bytes = bytes.at_least(1, &self.symbols)?;
                limits::written(bytes, span.clone())?;
                let (bytes, huge) = (bytes.unsigned_abs(), action.huge);
                Ok(plain(Op::Mount { bytes, huge }))
            }
            Verb::Limit(limit) => {
                let bytes = optional(&action.size, &self.symbols, 0)?.unsigned_abs();
                Ok(plain(Op::Limit(*limit, bytes)))
            }
            Verb::Count(quantity) => self.count(with, *quantity),
        }
    }

    /// `at` and `length`; without them the whole mapping.
    fn stretch(&self, action: &Action) -> Result<(Place, u64), Complaint> {
        let area = self.geometry.area(action.on.as_ref())?;
        let at = match &action.at {
            Some(at) => at.value(&self.symbols)?,
            None => 0,
        };
        let len = match &action.length {
            Some(length) => length.at_least(0, &self.symbols)?,
            None => self.symbols.len.saturating_sub(at).max(0),
        };
        Ok((Place { area, at }, len.unsigned_abs()))
    }

    fn count(&self, with: &Operands, quantity: Quantified) -> Result<Done, Complaint> {
        let (at, len) = (with.at, with.len);
        let reach = || limits::reach(at, len, self, with.span, true);
        let quantity = match quantity {
            Quantified::Size => Quantity::Size(self.file(with)?),
            Quantified::Blocks => Quantity::Blocks(self.file(with)?),
            Quantified::Resident => reach().map(|()| Quantity::Resident(at, len))?,
            Quantified::Present => reach().map(|()| Quantity::Present(at, len))?,
            Quantified::Vmas => reach().map(|()| Quantity::Vmas(at, len))?,
            Quantified::Faults => Quantity::Faults,
            Quantified::MajorFaults => Quantity::MajorFaults,
        };
        Ok(Done {
            asks: Some(0),
            ..plain(Op::Ask(quantity))
        })
    }
}

pub(super) fn plain(op: Op) -> Done {
    Done {
        op,
        written: 0,
        asks: None,
        maps: None,
    }
}

/// An operand that may be left out; never negative, unless it may be anything.
pub(super) fn optional(amount: &Option<Amount>, symbols: &Symbols, least: i64) -> Result<i64, Complaint> {
    match amount {
        Some(amount) => amount.at_least(least, symbols),
        None => Ok(least.max(0)),
    }
}
