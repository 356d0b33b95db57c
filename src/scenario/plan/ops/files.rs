//! Operations on files, by their descriptors and by their names; a descriptor that a process has closed is not used again.
//! What a file holds is not known here.

use super::{Done, Operands, optional, plain};
use crate::op::{FileId, FileKind, Op, Rights};
use crate::say::said;
use crate::scenario::complaint::{Code, Complaint};
use crate::scenario::parse::{Amount, Verb, Word};
use crate::scenario::plan::{Planner, limits};

impl Planner<'_> {
    /// The file that an operation says it is for.
    pub(super) fn file(&self, with: &Operands) -> Result<FileId, Complaint> {
        self.opened(with, with.action.file.as_ref())
    }

    /// The descriptor of this name, unless it is closed.
    pub(super) fn opened(&self, with: &Operands, name: Option<&Word>) -> Result<FileId, Complaint> {
        let file = self.geometry.file(name)?;
        if limits::is_closed(&self.past, with.by, file) {
            let span = name.map_or_else(|| with.span.clone(), |name| name.at.whole());
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
    }

    /// A place in a file, or a size that it is given.
    pub(super) fn in_file(&self, amount: &Amount) -> Result<u64, Complaint> {
        let at = amount.at_least(0, &self.symbols)?;
        limits::file(at, amount.at.whole())?;
        Ok(at.unsigned_abs())
    }

    pub(super) fn truncate(&self, with: &Operands, size: &Amount) -> Result<Done, Complaint> {
        let size = self.in_file(size)?;
        let file = self.file(with)?;
        Ok(plain(Op::Truncate { file, size }))
    }

    pub(super) fn write(&self, with: &Operands, byte: u8) -> Result<Done, Complaint> {
        let action = with.action;
        let at = optional(&action.at, &self.symbols, 0)?;
        let len = optional(&action.length, &self.symbols, 1)?;
        let span = || with.span.clone();
        limits::written(
            len,
            action.length.as_ref().map_or_else(span, |length| length.at.whole()),
        )?;
        limits::file(at.saturating_add(len), span())?;
        let (file, at) = (self.file(with)?, at.unsigned_abs());
        let op = Op::Write {
            file,
            at,
            len: len.unsigned_abs(),
            byte,
        };
        Ok(Done {
            written: len,
            ..plain(op)
        })
    }

    pub(super) fn allocate(&self, with: &Operands, length: &Amount) -> Result<Done, Complaint> {
        let at = optional(&with.action.at, &self.symbols, 0)?;
        let len = length.at_least(if with.refusable { 0 } else { 1 }, &self.symbols)?;
        limits::written(len, length.at.whole())?;
        limits::file(at.saturating_add(len), with.span.clone())?;
        let (file, at) = (self.file(with)?, at.unsigned_abs());
        let op = Op::Allocate {
            file,
            mode: with.action.mode,
            at,
            len: len.unsigned_abs(),
        };
        Ok(Done {
            written: len,
            ..plain(op)
        })
    }

    pub(super) fn read(&self, with: &Operands, at: &Amount) -> Result<Done, Complaint> {
        let at = self.in_file(at)?;
        let file = self.file(with)?;
        Ok(Done {
            asks: Some(at as i64),
            ..plain(Op::Read { file, at })
        })
    }

    /// `send` and `receive`: a file's bytes from memory, or into it.
    pub(super) fn transfer(&self, with: &Operands, length: &Amount) -> Result<Done, Complaint> {
        let len = length.at_least(0, &self.symbols)?;
        limits::written(len, length.at.whole())?;
        let at = optional(&with.action.offset, &self.symbols, 0)?.unsigned_abs();
        let (memory, written, len) = (with.at, len, len.unsigned_abs());
        limits::reach(memory, len, self, with.span, true)?;
        let file = self.file(with)?;
        let op = match with.action.verb {
            Verb::Send(_) => Op::Send {
                file,
                at,
                from: memory,
                len,
            },
            _ => Op::Receive {
                file,
                at,
                to: memory,
                len,
            },
        };
        Ok(Done {
            written,
            asks: Some(memory.at),
            ..plain(op)
        })
    }

    pub(super) fn rename(&self, with: &Operands, name: &Word) -> Result<Done, Complaint> {
        let from = self.geometry.file(Some(name))?;
        let to = self.geometry.file(with.action.name.as_ref())?;
        Ok(plain(Op::Rename { from, to }))
    }

    pub(super) fn open_name(&mut self, with: &Operands, name: &Word) -> Result<Done, Complaint> {
        let name = self.geometry.file(Some(name))?;
        let file = self.geometry.open(new_name(with), None)?;
        Ok(plain(Op::OpenName { file, name }))
    }

    pub(super) fn reopen(&mut self, with: &Operands, rights: Rights) -> Result<Done, Complaint> {
        let of = self.file(with)?;
        let object = self.geometry.objects[of];
        let file = self.geometry.open(new_name(with), Some(object))?;
        Ok(plain(Op::Reopen { file, of, rights }))
    }

    pub(super) fn create(&mut self, with: &Operands, name: &Word) -> Result<Done, Complaint> {
        let file = self.geometry.open(name, None)?;
        let kind = with.action.kind.unwrap_or(FileKind::Regular);
        Ok(plain(Op::Create { file, kind }))
    }
}

fn new_name<'s>(with: &Operands<'s>) -> &'s Word {
    let Some(name) = &with.action.name else {
        unreachable!("its operand is needed")
    };
    name
}
