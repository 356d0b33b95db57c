//! One step's operation, worked out: its `Op`, and what is asked of it. What it does to files and mappings the model says.

use super::geometry::Mapped;
use super::{Planner, limits};
use crate::op::{Access, FileKind, OnFault, Op, Place, ProcId, Quantity, Routine, Source};
use crate::say::said;
use crate::scenario::complaint::{Code, Complaint};
use crate::scenario::expr::Symbols;
use crate::scenario::parse::{Action, Amount, Quantified, Reaction, Step, Verb, Word};

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

impl Planner<'_> {
    /// The operation of a step, with the symbols before it.
    pub(super) fn operation(&mut self, step: &Step, action: &Action, by: ProcId) -> Result<Done, Complaint> {
        let symbols = self.symbols;
        let span = || step.action_span.clone();
        let open = |name: Option<&Word>| {
            let file = self.geometry.file(name)?;
            if limits::is_closed(&self.past, by, file) {
                let span = name.map_or_else(span, |name| name.at.whole());
                let label = said!("an earlier step closed it", "先前的一步已经关闭了它");
                let complaint = Complaint::new(
                    Code::E09,
                    said!("a closed file is used", "使用了已关闭的文件"),
                    span,
                    label,
                );
                return Err(complaint.note(said!(
                    "reopen it under another name before it is closed, and use that one",
                    "在关闭之前用 reopen 以另一个名字打开它, 然后用那个名字"
                )));
            }
            Ok(file)
        };
        let file = || open(action.file.as_ref());
        let (place, len) = match action.verb {
            Verb::Wild(_) | Verb::Raise(_) | Verb::Fork(_) | Verb::Open(_) | Verb::OpenName(_) | Verb::Map(_) => {
                (Place::base(0), 0)
            }
            _ => self.stretch(action, &symbols)?,
        };
        let refusable = step.expect.is_some();
        let reach = |least: u64| limits::reach(place, len.max(least), self, &span(), refusable);
        Ok(match &action.verb {
            Verb::Truncate(size) => {
                let size = in_file(size, &symbols)?.unsigned_abs();
                plain(Op::Truncate { file: file()?, size })
            }
            Verb::Write(byte) => {
                let at = optional(&action.at, &symbols, 0)?;
                let len = optional(&action.length, &symbols, 1)?;
                limits::written(
                    len,
                    action.length.as_ref().map_or_else(span, |length| length.at.whole()),
                )?;
                limits::file(at.saturating_add(len), span())?;
                let (at, len) = (at.unsigned_abs(), len.unsigned_abs());
                Done {
                    written: len as i64,
                    ..plain(Op::Write {
                        file: file()?,
                        at,
                        len,
                        byte: *byte,
                    })
                }
            }
            Verb::Allocate(length) => {
                let at = optional(&action.at, &symbols, 0)?;
                let len = length.at_least(if refusable { 0 } else { 1 }, &symbols)?;
                limits::written(len, length.at.whole())?;
                limits::file(at.saturating_add(len), span())?;
                let (at, len) = (at.unsigned_abs(), len.unsigned_abs());
                let mode = action.mode;
                Done {
                    written: len as i64,
                    ..plain(Op::Allocate {
                        file: file()?,
                        mode,
                        at,
                        len,
                    })
                }
            }
            Verb::Read(at) => {
                let at = in_file(at, &symbols)?;
                Done {
                    asks: Some(at),
                    ..plain(Op::Read {
                        file: file()?,
                        at: at.unsigned_abs(),
                    })
                }
            }
            Verb::Map(length) => {
                let done = self.map_step(action, length, refusable)?;
                if let Op::Map { mapping, .. } = done.op
                    && let Source::File(file) = mapping.source
                    && limits::is_reused(&self.past, by, file)
                {
                    let span = action.file.as_ref().map_or_else(span, |name| name.at.whole());
                    let label = said!(
                        "closed, and its number may be that of a file opened since",
                        "它已关闭, 编号可能已属于后来打开的文件"
                    );
                    let complaint = Complaint::new(
                        Code::E09,
                        said!("a closed file is mapped", "映射了已关闭的文件"),
                        span,
                        label,
                    );
                    return Err(complaint.note(said!(
                        "map it, expecting EBADF, before another file is opened",
                        "要在打开别的文件之前映射它, 并写上 expect = \"EBADF\""
                    )));
                }
                return Ok(done);
            }
            Verb::Protect(prot) => {
                reach(0)?;
                plain(Op::Protect {
                    at: place,
                    len,
                    prot: *prot,
                })
            }
            Verb::Unmap => {
                reach(0)?;
                plain(Op::Unmap { at: place, len })
            }
            Verb::Remap(new) => {
                let new = new.at_least(0, &symbols)?.unsigned_abs();
                reach(new)?;
                let to = match (&action.to, &action.into) {
                    (None, None) => None,
                    (to, into) => Some(Place {
                        area: self.geometry.area(into.as_ref().or(action.on.as_ref()))?,
                        at: optional(to, &symbols, i64::MIN)?,
                    }),
                };
                let old = self.geometry.mapped(by, place.area);
                let maps = (place.at == 0 && to.is_none()).then_some((place.area, Mapped { len: new as i64, ..old }));
                let maps = maps.or(to.filter(|to| to.at == 0).map(|to| {
                    let moved = Mapped {
                        len: new as i64,
                        offset: old.offset + place.at,
                        ..old
                    };
                    (to.area, moved)
                }));
                Done {
                    maps,
                    ..plain(Op::Remap {
                        at: place,
                        len,
                        new,
                        to,
                        keep: action.keep,
                    })
                }
            }
            Verb::Advise(advice) => {
                reach(0)?;
                plain(Op::Advise {
                    at: place,
                    len,
                    advice: *advice,
                })
            }
            Verb::Sync => {
                reach(0)?;
                plain(Op::Sync { at: place, len })
            }
            Verb::Lock => {
                limits::reach(place, len, self, &span(), true)?;
                plain(Op::Lock { at: place, len })
            }
            Verb::Unlock => {
                limits::reach(place, len, self, &span(), true)?;
                plain(Op::Unlock { at: place, len })
            }
            Verb::Mseal => {
                reach(0)?;
                plain(Op::Mseal { at: place, len })
            }
            Verb::Userfaultfd => {
                reach(0)?;
                plain(Op::Userfaultfd { at: place, len })
            }
            Verb::Store(byte) => {
                limits::touch(place, self, &action.at.as_ref().map_or_else(span, |at| at.at.whole()))?;
                let access = if action.wide {
                    Access::StoreWide(*byte)
                } else {
                    Access::Store(*byte)
                };
                Done {
                    asks: Some(place.at),
                    ..plain(Op::Touch { at: place, access })
                }
            }
            Verb::Load(at) => {
                let place = Place {
                    at: at.value(&symbols)?,
                    ..place
                };
                limits::touch(place, self, &at.at.whole())?;
                let access = if action.wide { Access::LoadWide } else { Access::Load };
                Done {
                    asks: Some(place.at),
                    ..plain(Op::Touch { at: place, access })
                }
            }
            Verb::Wild(address) => {
                let mine = self.past.acts.iter().rev().filter(|act| act.by == by);
                let reaction = mine.clone().find_map(|act| match act.op {
                    Op::OnFault(what) => Some(what),
                    _ => None,
                });
                if let Some(OnFault::Cover | OnFault::Grow { .. }) = reaction {
                    let label = said!("nothing can be mapped there", "那里不可能有映射");
                    let title = said!(
                        "a handler that repairs, and nothing to repair",
                        "处理函数会修复, 而这里无从修复"
                    );
                    let complaint = Complaint::new(Code::E09, title, span(), label);
                    return Err(complaint.help("on_fault = \"note\""));
                }
                let at = Place::nowhere(*address);
                let access = Access::Load;
                Done {
                    asks: Some(at.at),
                    ..plain(Op::Touch { at, access })
                }
            }
            Verb::Raise(how) => Done {
                asks: Some(0),
                ..plain(Op::Raise(*how))
            },
            Verb::Copy(length) | Verb::Memcpy(length) | Verb::Strnlen(length) => {
                let len = length.at_least(1, &symbols)?;
                let bytewise = matches!(action.verb, Verb::Copy(_));
                limits::copied(len, bytewise, length.at.whole())?;
                let to = match action.verb {
                    Verb::Strnlen(_) => place,
                    _ => Place {
                        area: self.geometry.area(action.into.as_ref().or(action.on.as_ref()))?,
                        at: optional(&action.to, &symbols, i64::MIN)?,
                    },
                };
                let last = len.saturating_sub(1);
                for place in [place, place.plus(last), to, to.plus(last)] {
                    limits::touch(place, self, &span())?;
                }
                let (from, len) = (place, len.unsigned_abs());
                let routine = match action.verb {
                    Verb::Strnlen(_) => Routine::Strnlen,
                    _ => Routine::Memcpy,
                };
                let op = match bytewise {
                    true => Op::Copy { from, to, len },
                    false => Op::Library { routine, from, to, len },
                };
                Done {
                    asks: Some(place.at),
                    ..plain(op)
                }
            }
            Verb::Memset(value) => {
                let (at, len) = self.stretch(action, &symbols)?;
                limits::copied(len as i64, false, span())?;
                for place in [at, at.plus(len as i64 - 1)] {
                    limits::touch(place, self, &span())?;
                }
                let (routine, from, to) = (Routine::Memset(*value), at, at);
                Done {
                    asks: Some(at.at),
                    ..plain(Op::Library { routine, from, to, len })
                }
            }
            Verb::Send(length) | Verb::Receive(length) => {
                let len = length.at_least(0, &symbols)?;
                limits::written(len, length.at.whole())?;
                let at = optional(&action.offset, &symbols, 0)?.unsigned_abs();
                limits::reach(place, len.unsigned_abs(), self, &span(), true)?;
                let (file, len) = (file()?, len.unsigned_abs());
                let op = match action.verb {
                    Verb::Send(_) => Op::Send {
                        file,
                        at,
                        from: place,
                        len,
                    },
                    _ => Op::Receive {
                        file,
                        at,
                        to: place,
                        len,
                    },
                };
                Done {
                    written: len as i64,
                    asks: Some(place.at),
                    ..plain(op)
                }
            }
            Verb::Seal(seals) => plain(Op::Seal {
                file: file()?,
                seals: *seals,
            }),
            Verb::Close(name) => plain(Op::Close {
                file: open(Some(name))?,
            }),
            Verb::Unlink(name) => plain(Op::Unlink {
                name: self.geometry.file(Some(name))?,
            }),
            Verb::Rename(name) => plain(Op::Rename {
                from: self.geometry.file(Some(name))?,
                to: self.geometry.file(action.name.as_ref())?,
            }),
            Verb::OpenName(name) => {
                let name = self.geometry.file(Some(name))?;
                let Some(new) = &action.name else {
                    unreachable!("its operand is needed")
                };
                let file = self.geometry.open(new, None)?;
                plain(Op::OpenName { file, name })
            }
            Verb::Reopen(rights) => {
                let of = file()?;
                let object = self.geometry.objects[of];
                let Some(name) = &action.name else {
                    unreachable!("its operand is needed")
                };
                let file = self.geometry.open(name, Some(object))?;
                plain(Op::Reopen {
                    file,
                    of,
                    rights: *rights,
                })
            }
            Verb::Open(name) => {
                let file = self.geometry.open(name, None)?;
                let kind = action.kind.unwrap_or(FileKind::Regular);
                plain(Op::Create { file, kind })
            }
            Verb::Race(times) => {
                limits::touch(place, self, &span())?;
                let times = times.at_least(1, &symbols)?;
                limits::race(times, place.at, &span())?;
                let (at, times, atomic) = (place, times.unsigned_abs(), action.atomic);
                Done {
                    asks: Some(place.at),
                    ..plain(Op::Race { at, times, atomic })
                }
            }
            Verb::Mount(bytes) => {
                let bytes = bytes.at_least(1, &symbols)?;
                limits::written(bytes, span())?;
                let (bytes, huge) = (bytes.unsigned_abs(), action.huge);
                plain(Op::Mount { bytes, huge })
            }
            Verb::Fork(name) => plain(Op::Fork {
                child: self.geometry.fork(by, name)?,
            }),
            Verb::OnFault(reaction) => plain(Op::OnFault(match reaction {
                Reaction::Note => OnFault::Note,
                Reaction::Ignore => OnFault::Ignore,
                Reaction::Block => OnFault::Block,
                Reaction::Return => OnFault::Return,
                Reaction::Cover => OnFault::Cover,
                Reaction::OwnStack => OnFault::OwnStack,
                Reaction::Grow => OnFault::Grow {
                    file: file()?,
                    size: match &action.size {
                        Some(size) => in_file(size, &symbols)?.unsigned_abs(),
                        None => {
                            let label = said!(
                                "needs size = ..., which the handler gives the file",
                                "需要 size = ..., 即处理函数给文件的大小"
                            );
                            return Err(Complaint::new(
                                Code::E10,
                                said!("grow without its \"size\"", "grow 缺少 \"size\""),
                                span(),
                                label,
                            )
                            .help("size = \"2p\""));
                        }
                    },
                },
            })),
            Verb::Limit(limit) => {
                let bytes = optional(&action.size, &symbols, 0)?.unsigned_abs();
                plain(Op::Limit(*limit, bytes))
            }
            Verb::Count(quantity) => {
                let quantity = match quantity {
                    Quantified::Size => Quantity::Size(file()?),
                    Quantified::Blocks => Quantity::Blocks(file()?),
                    Quantified::Resident => {
                        limits::reach(place, len, self, &span(), true)?;
                        Quantity::Resident(place, len)
                    }
                    Quantified::Present => {
                        limits::reach(place, len, self, &span(), true)?;
                        Quantity::Present(place, len)
                    }
                    Quantified::Faults => Quantity::Faults,
                    Quantified::MajorFaults => Quantity::MajorFaults,
                };
                Done {
                    asks: Some(0),
                    ..plain(Op::Ask(quantity))
                }
            }
        })
    }

    /// `at` and `length`; without them the whole mapping.
    fn stretch(&self, action: &Action, symbols: &Symbols) -> Result<(Place, u64), Complaint> {
        let area = self.geometry.area(action.on.as_ref())?;
        let at = match &action.at {
            Some(at) => at.value(symbols)?,
            None => 0,
        };
        let len = match &action.length {
            Some(length) => length.at_least(0, symbols)?,
            None => symbols.len.saturating_sub(at).max(0),
        };
        Ok((Place { area, at }, len.unsigned_abs()))
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

fn in_file(amount: &Amount, symbols: &Symbols) -> Result<i64, Complaint> {
    let at = amount.at_least(0, symbols)?;
    limits::file(at, amount.at.whole())?;
    Ok(at)
}
