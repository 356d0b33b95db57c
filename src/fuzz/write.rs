//! A script as the text of a scenario file, which `lab scenario FILE` replays: every operand is written out, and what the
//! model foretells is what is expected. The other way round it must come out as the same script.

use std::fmt::Write;

use crate::model::Ruled;
use crate::op::{
    Act, FileId, MapFlags, Mapping, NOWHERE, OnFault, Op, Outcome, Place, Prot, Quantity, Routine, Script, Seals,
    Source, WILD, errno_name, proc_name,
};
use crate::scenario::words;

/// The text. None where the script does not begin as a scenario does: a file, its size, a mapping at `base`.
pub fn write(id: &str, title: (&str, &str), script: &Script, ruled: &[Ruled], page: u64) -> Option<String> {
    let acts = &script.acts;
    let Some(Act {
        op: Op::Create { file: 0, kind },
        ..
    }) = acts.first()
    else {
        return None;
    };
    let kind = words::KINDS.iter().find(|row| row.1 == Some(*kind))?.0;
    let (size, fill, used) = match acts.get(1)?.op {
        Op::Truncate { file: 0, size } => (size, None, 2),
        Op::Write {
            file: 0,
            at: 0,
            len,
            byte,
        } => (len, Some(byte), 2),
        _ => (0, None, 1),
    };
    let Op::Map {
        at: Place { area: 0, at: 0 },
        mapping,
    } = acts.get(used)?.op
    else {
        return None;
    };
    let text = Text { page: page as i64 };
    let mut out = String::new();
    let _ = write!(
        out,
        "lab   = 1\nid    = \"{id}\"\ntitle = {{ en = \"{}\", zh = \"{}\" }}\n\n[file]\nkind = \"{kind}\"\nsize = {}\n",
        title.0,
        title.1,
        text.amount(size as i64)
    );
    if let Some(byte) = fill {
        let _ = writeln!(out, "fill = \"{}\"", char::from(byte));
    }
    let _ = write!(out, "\n[map]\nlength = {}\n", text.amount(mapping.len as i64));
    for (key, value) in text.mapping(&mapping) {
        let _ = writeln!(out, "{key} = {value}");
    }
    for (act, ruled) in acts.iter().zip(ruled).skip(used + 1) {
        let mut pairs = text.step(&act.op)?;
        if act.by > 0 {
            pairs.push(("by", quoted(proc_name(act.by))));
        }
        pairs.extend(expected(&act.op, ruled).map(|word| ("expect", word)));
        out.push_str("\n[[step]]\n");
        for (key, value) in pairs {
            let _ = writeln!(out, "{key} = {value}");
        }
    }
    Some(out)
}

type Pairs = Vec<(&'static str, String)>;

struct Text {
    page: i64,
}

impl Text {
    /// Bytes, in pages where that is shorter.
    fn amount(&self, bytes: i64) -> String {
        let (pages, rest) = (bytes.div_euclid(self.page), bytes.rem_euclid(self.page));
        match (pages, rest) {
            (0, rest) => rest.to_string(),
            (_, 0) => format!("\"{pages}p\""),
            (-1, rest) => (rest - self.page).to_string(),
            (pages, rest) if rest > self.page / 2 => match pages + 1 {
                0 => (rest - self.page).to_string(),
                pages => format!("\"{pages}p - {}\"", self.page - rest),
            },
            (pages, rest) => format!("\"{pages}p + {rest}\""),
        }
    }

    /// Where, and how many bytes.
    fn place(&self, at: Place) -> Pairs {
        let mut pairs = vec![("at", self.amount(at.at))];
        pairs.extend(on(at));
        pairs
    }

    fn range(&self, at: Place, len: u64) -> Pairs {
        let mut pairs = self.place(at);
        pairs.push(("length", self.amount(len as i64)));
        pairs
    }

    /// All of a mapping but its length.
    fn mapping(&self, mapping: &Mapping) -> Pairs {
        let mut pairs = vec![
            (
                "file",
                match mapping.source {
                    Source::File(file) => file_name(file),
                    Source::Anonymous => quoted("anonymous"),
                    Source::Nothing => quoted("nothing"),
                },
            ),
            ("offset", self.amount(mapping.offset as i64)),
            ("share", word(&words::SHARES, mapping.share)),
            ("access", access(mapping.prot)),
        ];
        if mapping.flags != MapFlags::default() {
            let set = |row: &&(&str, words::Flag)| {
                let mut with = mapping.flags;
                row.1(&mut with);
                with == mapping.flags
            };
            pairs.push(("flags", list(words::FLAGS.iter().filter(set).map(|row| row.0))));
        }
        pairs
    }

    /// A step's operation with its operands.
    fn step(&self, op: &Op) -> Option<Pairs> {
        let mut pairs = Vec::new();
        let mut say = |key: &'static str, value: String| pairs.push((key, value));
        let bytes = |n: u64| self.amount(n as i64);
        let yes = || "true".to_owned();
        match *op {
            Op::Create { file, kind } => {
                say("open", file_name(file));
                say("kind", word(&words::KINDS, Some(kind)));
            }
            Op::Reopen { file, of, rights } => {
                say("reopen", word(&words::RIGHTS, rights));
                say("as", file_name(file));
                say("file", file_name(of));
            }
            Op::Close { file } => say("close", file_name(file)),
            Op::Write { file, at, len, byte } => {
                say("write", quoted(char::from(byte)));
                say("at", bytes(at));
                say("length", bytes(len));
                say("file", file_name(file));
            }
            Op::Truncate { file, size } => {
                say("truncate", bytes(size));
                say("file", file_name(file));
            }
            Op::Allocate { file, mode, at, len } => {
                say("allocate", bytes(len));
                say("at", bytes(at));
                say("mode", word(&words::MODES, mode));
                say("file", file_name(file));
            }
            Op::Seal { file, seals } => {
                let set = |row: &&(&str, Seals)| seals.with(row.1) == seals;
                say("seal", list(words::SEALS.iter().filter(set).map(|row| row.0)));
                say("file", file_name(file));
            }
            Op::Read { file, at } => {
                say("read", bytes(at));
                say("file", file_name(file));
            }
            Op::Send { file, at, from, len } => {
                say("send", bytes(len));
                say("offset", bytes(at));
                say("file", file_name(file));
                pairs.extend(self.place(from));
            }
            Op::Receive { file, at, to, len } => {
                say("receive", bytes(len));
                say("offset", bytes(at));
                say("file", file_name(file));
                pairs.extend(self.place(to));
            }
            Op::Map { at, mapping } => {
                say("mmap", bytes(mapping.len));
                pairs.extend(self.place(at));
                pairs.extend(self.mapping(&mapping));
            }
            Op::Unmap { at, len } => {
                say("unmap", yes());
                pairs.extend(self.range(at, len));
            }
            Op::Protect { at, len, prot } => {
                say("protect", access(prot));
                pairs.extend(self.range(at, len));
            }
            Op::Remap { at, len, new, to, keep } => {
                say("remap", bytes(new));
                pairs.extend(self.range(at, len));
                if let Some(to) = to {
                    pairs.push(("to", self.amount(to.at)));
                    pairs.push(("into", area_name(to.area)));
                }
                if keep {
                    pairs.push(("keep", yes()));
                }
            }
            Op::Copy { from, to, len } => {
                say("copy", bytes(len));
                pairs.extend(self.place(from));
                pairs.push(("to", self.amount(to.at)));
                pairs.push(("into", area_name(to.area)));
            }
            Op::Library { routine, from, to, len } => match routine {
                Routine::Memset(value) => {
                    say(routine.name(), quoted(char::from(value)));
                    pairs.extend(self.range(to, len));
                }
                Routine::Strnlen => {
                    say(routine.name(), bytes(len));
                    pairs.extend(self.place(from));
                }
                Routine::Memcpy => {
                    say(routine.name(), bytes(len));
                    pairs.extend(self.place(from));
                    pairs.push(("to", self.amount(to.at)));
                    pairs.push(("into", area_name(to.area)));
                }
            },
            Op::Advise { at, len, advice } => {
                say("advise", word(&words::ADVICE, advice));
                pairs.extend(self.range(at, len));
            }
            Op::Sync { at, len }
            | Op::Lock { at, len }
            | Op::Unlock { at, len }
            | Op::Mseal { at, len }
            | Op::Userfaultfd { at, len } => {
                let name = match op {
                    Op::Sync { .. } => "sync",
                    Op::Lock { .. } => "lock",
                    Op::Mseal { .. } => "mseal",
                    Op::Userfaultfd { .. } => "userfaultfd",
                    _ => "unlock",
                };
                say(name, yes());
                pairs.extend(self.range(at, len));
            }
            Op::Touch { at, .. } if at.area == NOWHERE => {
                say("wild", quoted(WILD.iter().find(|row| row.1 == at.at as u64)?.0));
            }
            Op::Touch { at, access } => {
                match access.narrow() {
                    crate::op::Access::Store(byte) => {
                        say("store", quoted(char::from(byte)));
                        pairs.extend(self.place(at));
                    }
                    _ => {
                        say("load", self.amount(at.at));
                        pairs.extend(on(at));
                    }
                }
                if access != access.narrow() {
                    pairs.push(("wide", yes()));
                }
            }
            Op::Ask(quantity) => match quantity {
                Quantity::Size(file) | Quantity::Blocks(file) => {
                    let name = if matches!(quantity, Quantity::Size(_)) {
                        "size"
                    } else {
                        "blocks"
                    };
                    say("count", quoted(name));
                    say("file", file_name(file));
                }
                Quantity::Resident(at, len) | Quantity::Present(at, len) | Quantity::Vmas(at, len) => {
                    let name = match quantity {
                        Quantity::Resident(..) => "resident",
                        Quantity::Present(..) => "present",
                        _ => "vmas",
                    };
                    say("count", quoted(name));
                    pairs.extend(self.range(at, len));
                }
                Quantity::Faults => say("count", quoted("faults")),
                Quantity::MajorFaults => say("count", quoted("major-faults")),
            },
            Op::Fork { child } => say("fork", quoted(proc_name(child))),
            Op::OnFault(OnFault::Grow { file, size }) => {
                say("on_fault", quoted("grow"));
                say("size", bytes(size));
                say("file", file_name(file));
            }
            Op::OnFault(what) => say(
                "on_fault",
                quoted(match what {
                    OnFault::Ignore => "ignore",
                    OnFault::Block => "block",
                    OnFault::Return => "return",
                    OnFault::Cover => "cover",
                    OnFault::OwnStack => "own-stack",
                    _ => "note",
                }),
            ),
            Op::OpenName { file, name } => {
                say("open_name", file_name(name));
                say("as", file_name(file));
            }
            Op::Unlink { name } => say("unlink", file_name(name)),
            Op::Rename { from, to } => {
                say("rename", file_name(from));
                say("over", file_name(to));
            }
            Op::Race { at, times, atomic } => {
                say("race", times.to_string());
                pairs.extend(self.place(at));
                pairs.extend(atomic.then(|| ("atomic", yes())));
            }
            Op::Mount { bytes: size, huge } => {
                say("mount", bytes(size));
                pairs.extend(huge.then(|| ("huge", yes())));
            }
            Op::Raise(how) => say("raise", word(&words::SENDINGS, how)),
            Op::Limit(limit, value) => {
                say("limit", word(&words::LIMITS, limit));
                say("bytes", bytes(value));
            }
        }
        Some(pairs)
    }
}

/// What is expected of a call; the model's word on a touch needs no second one.
fn expected(op: &Op, ruled: &Ruled) -> Option<String> {
    if matches!(op, Op::Touch { .. } | Op::Read { .. }) {
        return None;
    }
    match ruled.possible[..] {
        [Outcome::Done] => Some(quoted("ok")),
        [Outcome::Errno(number)] => errno_name(number).map(quoted),
        [Outcome::Elsewhere] => Some(quoted("elsewhere")),
        [Outcome::Count(count)] => Some(count.to_string()),
        _ => None,
    }
}

fn on(at: Place) -> Option<(&'static str, String)> {
    (at.area > 0).then(|| ("on", area_name(at.area)))
}

fn area_name(area: usize) -> String {
    match area {
        0 => quoted("main"),
        area => quoted(format!("area{}", area + 1)),
    }
}

fn file_name(file: FileId) -> String {
    match file {
        0 => quoted("main"),
        file => quoted(format!("file{}", file + 1)),
    }
}

fn access(prot: Prot) -> String {
    word(&words::ACCESS, prot)
}

/// The word that stands for a value; every value that is drawn has one.
fn word<T: PartialEq + Copy>(table: &[(&'static str, T)], value: T) -> String {
    quoted(table.iter().find(|row| row.1 == value).map_or("?", |row| row.0))
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(quoted).collect();
    format!("[{}]", words.join(", "))
}

fn quoted(text: impl std::fmt::Display) -> String {
    format!("\"{text}\"")
}
