//! The operation of a `[[step]]`: one row of a table for each, with the operands it takes. A new operation is a new row,
//! an arm that reads its value, and one in `plan::ops` that says which `Op` it is.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::asked::Asked;
use super::reader::{Reader, Value};
use super::value::{Amount, Word};
use super::words::{
    ACCESS, ADVICE, FLAGS, LIMITS, MODES, QUANTITIES, Quantified, REACTIONS, RIGHTS, Reaction, SEALS, SHARES,
};
use crate::op::{Advice, Growth, Limit, MapFlags, Prot, Rights, Seals, Sending, Share, WILD};
use crate::say::{said, say};
use crate::scenario::complaint::{Code, Complaint};

/// An operation's key, the operands that it takes (`!` where it cannot do without), and what may be expected of it.
type Row = (&'static str, &'static [&'static str], Asked);

/// The operations. `at` counts from the first byte of an area, but for write, allocate and read, where it counts from the
/// first of the file.
pub const OPERATIONS: [Row; 37] = [
    ("truncate", &["file"], Asked::Call),
    ("write", &["at!", "length", "file"], Asked::Call),
    ("allocate", &["at!", "mode", "file"], Asked::Call),
    ("read", &["file"], Asked::Read),
    (
        "mmap",
        &["at", "file", "offset", "share", "access", "flags", "on"],
        Asked::Call,
    ),
    ("protect", &["at!", "length!", "on"], Asked::Call),
    ("unmap", &["at!", "length!", "on"], Asked::Call),
    ("remap", &["at", "length", "to", "into", "keep", "on"], Asked::Call),
    ("advise", &["at", "length", "on"], Asked::Call),
    ("sync", &["at", "length", "on"], Asked::Call),
    ("lock", &["at", "length", "on"], Asked::Call),
    ("unlock", &["at", "length", "on"], Asked::Call),
    ("mseal", &["at", "length", "on"], Asked::Call),
    ("userfaultfd", &["at", "length", "on"], Asked::Call),
    ("store", &["at!", "wide", "on"], Asked::Store),
    ("load", &["wide", "on"], Asked::Load),
    ("wild", &[], Asked::Load),
    ("raise", &[], Asked::Load),
    ("copy", &["at!", "to!", "into", "on"], Asked::Store),
    ("memcpy", &["at!", "to!", "into", "on"], Asked::Store),
    ("memset", &["at!", "length!", "on"], Asked::Store),
    ("strnlen", &["at!", "on"], Asked::Scan),
    ("send", &["at!", "offset", "file", "on"], Asked::Count),
    ("receive", &["at!", "offset", "file", "on"], Asked::Count),
    ("seal", &["file"], Asked::Call),
    ("close", &[], Asked::Call),
    ("unlink", &[], Asked::Call),
    ("rename", &["over!"], Asked::Call),
    ("open_name", &["as!"], Asked::Call),
    ("reopen", &["as!", "file"], Asked::Call),
    ("fork", &[], Asked::Call),
    ("race", &["at!", "atomic", "on"], Asked::Count),
    ("mount", &["huge"], Asked::Call),
    ("on_fault", &["size", "file"], Asked::Call),
    ("limit", &["bytes!"], Asked::Call),
    ("count", &["at", "length", "file", "on"], Asked::Count),
    ("open", &["kind!"], Asked::Call),
];

/// Every operand, in the order in which complaints list them.
pub const OPERANDS: [&str; 21] = [
    "at", "length", "file", "on", "mode", "offset", "share", "access", "flags", "to", "into", "wide", "as", "size",
    "bytes", "kind", "over", "atomic", "keep", "huge", "by",
];

/// What an operation does.
#[derive(Clone, Debug)]
pub enum Verb {
    Truncate(Amount),
    Write(u8),
    Allocate(Amount),
    Read(Amount),
    Map(Amount),
    Protect(Prot),
    Unmap,
    Remap(Amount),
    Advise(Advice),
    Sync,
    Lock,
    Unlock,
    Mseal,
    Userfaultfd,
    Store(u8),
    Load(Amount),
    Wild(u64),
    Raise(Sending),
    Copy(Amount),
    Memcpy(Amount),
    Memset(u8),
    Strnlen(Amount),
    Send(Amount),
    Receive(Amount),
    Seal(Seals),
    Close(Word),
    Unlink(Word),
    Rename(Word),
    OpenName(Word),
    Reopen(Rights),
    Fork(Word),
    Race(Amount),
    Mount(Amount),
    OnFault(Reaction),
    Limit(Limit),
    Count(Quantified),
    Open(Word),
}

/// An operation and its operands; what was not written is none.
#[derive(Clone, Debug)]
pub struct Action {
    pub verb: Verb,
    pub at: Option<Amount>,
    pub length: Option<Amount>,
    pub offset: Option<Amount>,
    pub to: Option<Amount>,
    /// of `on_fault = "grow"`, and of `limit`
    pub size: Option<Amount>,
    pub file: Option<Word>,
    pub on: Option<Word>,
    pub into: Option<Word>,
    /// the name of what is opened, or renamed over
    pub name: Option<Word>,
    pub kind: Option<crate::op::FileKind>,
    pub mode: Growth,
    pub share: Share,
    pub access: Prot,
    pub flags: MapFlags,
    pub wide: bool,
    /// of `race`
    pub atomic: bool,
    /// of `remap`: MREMAP_DONTUNMAP
    pub keep: bool,
    /// of `mount`: huge=always
    pub huge: bool,
}

/// The row of this operation.
pub fn row(name: &str) -> &'static Row {
    OPERATIONS.iter().find(|row| row.0 == name).unwrap_or(&OPERATIONS[0])
}

impl<'a> Reader<'a> {
    /// The operation of this key and value; its operands stand in the same table.
    pub fn action(&mut self, table: &DeTable<'a>, name: &str, key: Range<usize>, value: &Value<'a>) -> Option<Action> {
        let before = self.complaints.len();
        self.operands(table, name, key);
        let verb = self.verb(name, value);
        let amount = |reader: &mut Self, name: &str| table.get(name).and_then(|value| reader.amount(value));
        let word = |reader: &mut Self, name: &str| table.get(name).and_then(|value| reader.string(value));
        let action = Action {
            at: amount(self, "at"),
            length: amount(self, "length"),
            offset: amount(self, "offset"),
            to: amount(self, "to"),
            size: amount(self, "size").or_else(|| amount(self, "bytes")),
            file: word(self, "file"),
            on: word(self, "on"),
            into: word(self, "into"),
            name: word(self, "as").or_else(|| word(self, "over")),
            kind: self.choice(table.get("kind"), &super::words::KINDS).flatten(),
            mode: self.choice(table.get("mode"), &MODES).unwrap_or(Growth::Extend),
            share: self.choice(table.get("share"), &SHARES).unwrap_or(Share::Shared),
            access: self.choice(table.get("access"), &ACCESS).unwrap_or(Prot::READ_WRITE),
            flags: self.flags(table.get("flags")),
            wide: table.get("wide").is_some_and(|value| self.must_be_true(value)),
            atomic: table.get("atomic").is_some_and(|value| self.must_be_true(value)),
            huge: table.get("huge").is_some_and(|value| self.must_be_true(value)),
            keep: table.get("keep").is_some_and(|value| self.must_be_true(value)),
            verb: verb?,
        };
        (self.complaints.len() == before).then_some(action)
    }

    fn verb(&mut self, name: &str, value: &Value<'a>) -> Option<Verb> {
        let some = Some(value);
        Some(match name {
            "truncate" => Verb::Truncate(self.amount(value)?),
            "write" => Verb::Write(self.byte(value)?),
            "allocate" => Verb::Allocate(self.amount(value)?),
            "read" => Verb::Read(self.amount(value)?),
            "mmap" => Verb::Map(self.amount(value)?),
            "protect" => Verb::Protect(self.choice(some, &ACCESS)?),
            "remap" => Verb::Remap(self.amount(value)?),
            "advise" => Verb::Advise(self.choice(some, &ADVICE)?),
            "store" => Verb::Store(self.byte(value)?),
            "load" => Verb::Load(self.amount(value)?),
            "wild" => Verb::Wild(self.choice(some, &WILD)?),
            "raise" => Verb::Raise(self.choice(some, &super::words::SENDINGS)?),
            "copy" => Verb::Copy(self.amount(value)?),
            "memcpy" => Verb::Memcpy(self.amount(value)?),
            "memset" => Verb::Memset(self.byte(value)?),
            "strnlen" => Verb::Strnlen(self.amount(value)?),
            "send" => Verb::Send(self.amount(value)?),
            "receive" => Verb::Receive(self.amount(value)?),
            "seal" => Verb::Seal(self.seals(value)?),
            "close" => Verb::Close(self.string(value)?),
            "unlink" => Verb::Unlink(self.string(value)?),
            "rename" => Verb::Rename(self.string(value)?),
            "open_name" => Verb::OpenName(self.string(value)?),
            "reopen" => Verb::Reopen(self.choice(some, &RIGHTS)?),
            "fork" => Verb::Fork(self.string(value)?),
            "race" => Verb::Race(self.amount(value)?),
            "mount" => Verb::Mount(self.amount(value)?),
            "on_fault" => Verb::OnFault(self.choice(some, &REACTIONS)?),
            "limit" => Verb::Limit(self.choice(some, &LIMITS)?),
            "count" => Verb::Count(self.choice(some, &QUANTITIES)?),
            "open" => Verb::Open(self.string(value)?),
            switch => {
                self.must_be_true(value);
                match switch {
                    "unmap" => Verb::Unmap,
                    "lock" => Verb::Lock,
                    "unlock" => Verb::Unlock,
                    "mseal" => Verb::Mseal,
                    "userfaultfd" => Verb::Userfaultfd,
                    _ => Verb::Sync,
                }
            }
        })
    }

    /// Complain of operands that the operation has no use for, and of those that it cannot do without.
    fn operands(&mut self, table: &DeTable<'a>, name: &str, key: Range<usize>) {
        let takes = row(name).1;
        for operand in OPERANDS.iter().filter(|operand| **operand != "by") {
            let found = table.get_key_value(*operand);
            let needs = takes.iter().any(|take| take.strip_suffix('!') == Some(*operand));
            if let Some((stray, _)) = found.filter(|_| !needs && !takes.contains(operand)) {
                let label = match (name, *operand) {
                    ("truncate", _) => said!(
                        "the new size stands beside truncate itself",
                        "新的大小就写在 truncate 后面"
                    )
                    .to_string(),
                    ("allocate", "length") => {
                        said!("the length stands beside allocate itself", "长度就写在 allocate 后面").to_string()
                    }
                    ("store", "length") => said!("one byte is stored", "只写入一个字节").to_string(),
                    ("read" | "load", "at") => {
                        said!("the place stands beside the operation itself", "位置就写在操作后面").to_string()
                    }
                    _ => match takes {
                        [] => say!("{name} has no operands", "{name} 没有操作数"),
                        _ => say!(
                            "{name} takes {}",
                            "{name} 的操作数有 {}",
                            takes.join(", ").replace('!', "")
                        ),
                    },
                };
                let title = say!("{name} has no \"{operand}\"", "{name} 不接受 \"{operand}\"");
                self.complain(Complaint::new(Code::E10, title, self.span(stray.span()), label));
            }
            if needs && found.is_none() {
                let repair = match (name, *operand) {
                    ("write" | "allocate", "at") => "at = \"size\"",
                    ("store", "at") => "at = \"eof\"",
                    (_, "at") => "at = \"1p\"",
                    (_, "to") => "to = \"2p\"",
                    (_, "length") => "length = \"1p\"",
                    (_, "as") => "as = \"again\"",
                    (_, "kind") => "kind = \"memfd\"",
                    (_, "over") => "over = \"main\"",
                    _ => "bytes = \"1p\"",
                };
                let title = say!("{name} without its \"{operand}\"", "{name} 缺少 \"{operand}\"");
                self.missing(
                    key.clone(),
                    title,
                    say!("needs {operand} = ...", "需要 {operand} = ..."),
                    repair,
                );
            }
        }
    }

    /// One of a table's words.
    pub fn choice<T: Copy>(&mut self, value: Option<&Value<'a>>, known: &[(&'static str, T)]) -> Option<T> {
        let word = self.string(value?)?;
        self.ok(word.choice(known))
    }

    /// A word, or a list of them.
    fn several<T: Copy>(&mut self, value: &Value<'a>, known: &[(&'static str, T)]) -> Vec<T> {
        let values: Vec<&Value<'a>> = match value.get_ref() {
            DeValue::Array(list) => list.iter().collect(),
            _ => vec![value],
        };
        values
            .into_iter()
            .filter_map(|value| self.choice(Some(value), known))
            .collect()
    }

    /// The flags of mmap.
    pub fn flags(&mut self, value: Option<&Value<'a>>) -> MapFlags {
        let mut flags = MapFlags::default();
        for set in value.map_or(Vec::new(), |value| self.several(value, &FLAGS)) {
            set(&mut flags);
        }
        flags
    }

    fn seals(&mut self, value: &Value<'a>) -> Option<Seals> {
        let seals = self.several(value, &SEALS).into_iter();
        seals.reduce(Seals::with)
    }

    fn byte(&mut self, value: &Value<'a>) -> Option<u8> {
        let word = self.string(value)?;
        self.ok(word.byte())
    }

    pub fn must_be_true(&mut self, value: &Value<'a>) -> bool {
        let is = value.get_ref().as_bool() == Some(true);
        if !is {
            let label = said!(
                "unmap, sync, lock, unlock, mseal, userfaultfd, wide, atomic, keep, huge and measures are switched on by true",
                "unmap, sync, lock, unlock, mseal, userfaultfd, wide, atomic, keep, huge, measures 只能写 true"
            );
            self.complain(Complaint::new(
                Code::E04,
                said!("true was expected", "这里应该是 true"),
                self.span(value.span()),
                label,
            ));
        }
        is
    }
}
