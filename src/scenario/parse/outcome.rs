//! What an author expects, in words: `file`, `SIGBUS/BUS_ADRERR`, a list of them, or a table with one for each
//! condition. It may not know what happens in truth.

use toml::de::DeValue;

use super::reader::{Reader, Value};
use super::value::{Stretch, Word};
use crate::op::{SI_CODES, Signal, World, errno_name, errno_number, si_code_number};
use crate::say::{said, say};
use crate::scenario::complaint::{Code, Complaint, Span};
use crate::scenario::expr::Symbols;
use crate::scenario::near::nearest;
use crate::scenario::{Expected, Want};

/// The filesystems that an expectation may depend on.
const FILESYSTEMS: [&str; 4] = ["tmpfs", "ext4", "xfs", "btrfs"];

/// What an outcome is an answer to; not every word answers everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Load,
    Store,
    Read,
    Call,
    /// a call that gives a number
    Count,
    /// a routine that counts bytes of memory
    Scan,
    Claim,
}

impl Asked {
    fn name(self) -> &'static str {
        match self {
            Asked::Load => said!("a load", "读取"),
            Asked::Store => said!("a store", "写入"),
            Asked::Read => said!("a read of the file", "读文件"),
            Asked::Call => said!("a call", "系统调用"),
            Asked::Count | Asked::Scan => said!("a number", "计数"),
            Asked::Claim => said!("a claim", "[[claim]] 里"),
        }
    }

    /// The words that answer it.
    fn words(self) -> &'static str {
        match self {
            Asked::Load => {
                said!(
                    "a load gives file, zero, byte:Z, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, killed:SIGBUS, loops, ...",
                    "读取的结果有 file, zero, byte:Z, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, killed:SIGBUS, loops, ..."
                )
            }
            Asked::Store => said!(
                "a store gives ok, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, killed:SIGBUS, loops, ...",
                "写入的结果有 ok, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, killed:SIGBUS, loops, ..."
            ),
            Asked::Read => said!(
                "a read of the file gives zero, byte:Z, end, or an errno, as EBADF",
                "读文件的结果有 zero, byte:Z, end, 或者错误码, 如 EBADF"
            ),
            Asked::Call => said!(
                "a call gives ok, or an errno, as EINVAL; mmap also elsewhere",
                "系统调用的结果有 ok, 或者错误码, 如 EINVAL; mmap 还有 elsewhere"
            ),
            Asked::Count => said!(
                "this gives a number, as \"1p\" or \"1 ..\", or an errno, as EFAULT",
                "它的结果是一个数, 如 \"1p\" 或 \"1 ..\", 或者错误码, 如 EFAULT"
            ),
            Asked::Scan => said!(
                "this gives a number, as \"1p\" or \"1 ..\", or SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, ...",
                "它的结果是一个数, 如 \"1p\" 或 \"1 ..\", 或者 SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, ..."
            ),
            Asked::Claim => said!(
                "an access gives file, zero, ok, byte:Z, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, ...",
                "访问的结果有 file, zero, ok, byte:Z, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, ..."
            ),
        }
    }

    fn takes(self, want: Want) -> bool {
        match self {
            Asked::Load => matches!(
                want,
                Want::File
                    | Want::Zero
                    | Want::Byte(_)
                    | Want::Any
                    | Want::Signal(_)
                    | Want::Fault(..)
                    | Want::Killed(_)
                    | Want::Loops
            ),
            Asked::Store => matches!(
                want,
                Want::Ok | Want::Signal(_) | Want::Fault(..) | Want::Killed(_) | Want::Loops
            ),
            Asked::Read => matches!(want, Want::Zero | Want::Byte(_) | Want::End | Want::Errno(_)),
            Asked::Call => matches!(want, Want::Ok | Want::Errno(_) | Want::Elsewhere),
            Asked::Count => matches!(want, Want::Errno(_) | Want::Count(..)),
            Asked::Scan => matches!(want, Want::Signal(_) | Want::Fault(..) | Want::Count(..)),
            Asked::Claim => want != Want::End,
        }
    }
}

/// What is expected, which may depend on the world, and on the step's symbols where it is a number.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// where it is written
    pub at: Span,
    /// by condition
    on: Vec<(Condition, Vec<Wish>)>,
    /// on every other
    otherwise: Vec<Wish>,
}

/// One of the outcomes that will do.
#[derive(Clone, Debug)]
enum Wish {
    Word(Want),
    /// a number in this range
    Number(Stretch),
}

/// A fact of the world that an expectation may depend on.
#[derive(Clone, Debug)]
enum Condition {
    /// the files lie on this filesystem
    Filesystem(&'static str),
    /// tmpfs mounted huge=always
    Huge,
    /// no CAP_IPC_LOCK: an ordinary user
    User,
    /// a kernel from this version on
    Since(u32, u32),
}

impl Condition {
    fn holds(&self, world: &World) -> bool {
        match self {
            Condition::Filesystem(name) => world.filesystem.name() == *name,
            Condition::Huge => world.huge_always,
            Condition::User => !world.may_lock,
            Condition::Since(major, minor) => world.kernel >= (*major, *minor, 0),
        }
    }

    fn of(key: &str) -> Option<Condition> {
        if let Some(version) = key.strip_prefix("linux-") {
            let (major, minor) = version.split_once('.')?;
            return Some(Condition::Since(major.parse().ok()?, minor.parse().ok()?));
        }
        match key {
            "huge" => Some(Condition::Huge),
            "user" => Some(Condition::User),
            _ => FILESYSTEMS
                .iter()
                .find(|name| **name == key)
                .map(|name| Condition::Filesystem(name)),
        }
    }
}

impl Expectation {
    /// What is expected on this world, at a step with these symbols. Of several conditions that hold, the first in the
    /// order huge, user, filesystem, kernel counts.
    pub fn on(&self, world: &World, symbols: &Symbols) -> Result<Expected, Complaint> {
        let found = self.on.iter().find(|(condition, _)| condition.holds(world));
        let wishes = found.map_or(&self.otherwise, |(_, wishes)| wishes);
        wishes
            .iter()
            .map(|wish| match wish {
                Wish::Word(want) => Ok(*want),
                Wish::Number(stretch) => {
                    let (from, to) = stretch.bounds(symbols)?;
                    let least = from.unwrap_or(0).max(0).unsigned_abs();
                    Ok(Want::Count(
                        least,
                        to.map_or(u64::MAX, |to| (to - 1).max(0).unsigned_abs()),
                    ))
                }
            })
            .collect()
    }
}

impl<'a> Reader<'a> {
    /// An outcome, a list of outcomes, or a table of either.
    pub fn expectation(&mut self, value: &Value<'a>, asked: Asked) -> Option<Expectation> {
        let DeValue::Table(table) = value.get_ref() else {
            return Some(Expectation {
                at: self.span(value.span()),
                on: Vec::new(),
                otherwise: self.wants(value, asked)?,
            });
        };
        let versions = table.keys().filter(|key| Condition::of(key.get_ref()).is_some());
        let spans: Vec<_> = versions.map(|key| key.span()).collect();
        let before = self.complaints.len();
        self.known(
            table,
            said!("a condition", "条件"),
            &[&FILESYSTEMS[..], &["huge", "user", "linux-6.17", "else"]].concat(),
        );
        let new = self.complaints.split_off(before);
        self.complaints.extend(
            new.into_iter()
                .filter(|complaint| !spans.contains(&complaint.span().bytes)),
        );
        let mut on: Vec<(Condition, Vec<Wish>)> = Vec::new();
        for (key, value) in table.iter() {
            if let Some(condition) = Condition::of(key.get_ref()) {
                let wants = self.wants(value, asked)?;
                on.push((condition, wants));
            }
        }
        on.sort_by_key(|(condition, _)| match condition {
            Condition::Huge => 0,
            Condition::User => 1,
            Condition::Filesystem(_) => 2,
            Condition::Since(..) => 3,
        });
        let Some(otherwise) = table.get("else") else {
            if self.is_of_ranges(value) {
                self.complain_of_ranges(value);
                return None;
            }
            let repair = "{ tmpfs = \"byte:T\", else = \"zero\" }";
            self.missing(
                value.span(),
                said!("a condition without its else", "条件缺少 else"),
                said!("what holds on other filesystems?", "在别的文件系统上是什么?"),
                repair,
            );
            return None;
        };
        Some(Expectation {
            at: self.span(value.span()),
            on,
            otherwise: self.wants(otherwise, asked)?,
        })
    }

    /// Does it look as `[expect]` does, where one outcome belongs?
    pub fn is_of_ranges(&self, value: &Value<'a>) -> bool {
        let table = value.get_ref().as_table();
        table.is_some_and(|table| table.iter().any(|(key, _)| key.get_ref().contains("..")))
    }

    pub fn complain_of_ranges(&mut self, value: &Value<'a>) {
        let label = said!(
            "ranges stand in [expect], which holds at every probed step",
            "区间写在 [expect] 里, 它对每个访问边缘的步骤都有效"
        );
        let title = said!("a step has one outcome", "一个步骤只有一个结果");
        let complaint = Complaint::new(Code::E07, title, self.span(value.span()), label);
        let note = said!(
            "what holds at one step only is said of one place: load = 100 and expect in a step of its own",
            "只在某一步成立的, 要逐个位置来写: 单独一步, load = 100 和 expect"
        );
        self.complain(complaint.note(note).help("expect = \"byte:Z\""));
    }

    fn wants(&mut self, value: &Value<'a>, asked: Asked) -> Option<Vec<Wish>> {
        let values: Vec<&Value<'a>> = match value.get_ref() {
            DeValue::Array(list) => list.iter().collect(),
            _ => vec![value],
        };
        if values.is_empty() {
            let label = said!("at least one outcome is needed", "至少要有一个结果");
            self.complain(Complaint::new(
                Code::E07,
                said!("an empty list of outcomes", "结果列表是空的"),
                self.span(value.span()),
                label,
            ));
            return None;
        }
        let mut wishes = Vec::new();
        for value in values {
            wishes.push(self.wish(value, asked)?);
        }
        Some(wishes)
    }

    fn wish(&mut self, value: &Value<'a>, asked: Asked) -> Option<Wish> {
        let number = matches!(value.get_ref(), DeValue::Integer(_));
        let counts = matches!(asked, Asked::Count | Asked::Scan | Asked::Claim);
        if counts && number {
            let amount = self.amount(value)?;
            let text = self.text[value.span()].to_string();
            let word = Word { text, at: amount.at };
            return self.ok(word.stretch()).map(Wish::Number);
        }
        let word = self.string(value)?;
        if counts && known(&word.text).is_none() && !is_errno(&word.text) {
            let stretch = word.stretch();
            if asked == Asked::Count || stretch.is_ok() {
                return self.ok(stretch).map(Wish::Number);
            }
        }
        self.ok(want(&word, asked)).map(Wish::Word)
    }
}

/// Is it written as an errno is?
fn is_errno(text: &str) -> bool {
    text.len() > 2 && text.starts_with('E') && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn want(word: &Word, asked: Asked) -> Result<Want, Complaint> {
    let complaint = |title: String, label: String| Complaint::new(Code::E07, title, word.at.whole(), label);
    let want = match known(&word.text) {
        Some(want) => want,
        None => return Err(unknown(word, asked)),
    };
    if !asked.takes(want) {
        let label = say!("this is no answer to {}", "{}不会有这样的结果", asked.name());
        return Err(complaint(
            said!("an outcome of something else", "这是别的操作的结果").to_string(),
            label,
        )
        .note(asked.words()));
    }
    // A read of the file has no tail: a zero there is a byte like any other.
    Ok(if asked == Asked::Read && want == Want::Zero {
        Want::Byte(0)
    } else {
        want
    })
}

fn known(text: &str) -> Option<Want> {
    match text {
        "file" => return Some(Want::File),
        "zero" => return Some(Want::Zero),
        "any" => return Some(Want::Any),
        "ok" => return Some(Want::Ok),
        "end" => return Some(Want::End),
        "loops" => return Some(Want::Loops),
        "elsewhere" => return Some(Want::Elsewhere),
        _ => {}
    }
    if let Some(byte) = text.strip_prefix("byte:") {
        return match byte.as_bytes() {
            [byte] if byte.is_ascii_graphic() || *byte == b' ' => Some(Want::Byte(*byte)),
            _ => None,
        };
    }
    if let Some(signal) = text.strip_prefix("killed:") {
        return signal_called(signal).map(Want::Killed);
    }
    if let Some(errno) = errno_number(text) {
        return Some(Want::Errno(errno));
    }
    let (signal, code) = text
        .split_once('/')
        .map_or((text, None), |(signal, code)| (signal, Some(code)));
    let signal = signal_called(signal)?;
    match code {
        None => Some(Want::Signal(signal)),
        Some(code) => si_code_number(signal, code).map(|number| Want::Fault(signal, number)),
    }
}

/// The signal of this name.
pub fn signal_called(name: &str) -> Option<Signal> {
    [Signal::Sigbus, Signal::Sigsegv]
        .into_iter()
        .find(|signal| signal.to_string() == name)
}

fn unknown(word: &Word, asked: Asked) -> Complaint {
    let text = word.text.as_str();
    let span = word.at.whole();
    let label = said!("unknown", "不认识");
    if let Some((signal, code)) = text
        .split_once('/')
        .and_then(|(s, code)| signal_called(s).map(|s| (s, code)))
    {
        let codes: Vec<&str> = SI_CODES.iter().filter(|row| row.0 == signal).map(|row| row.2).collect();
        let at = text.len() - code.len()..text.len();
        let label = say!("{signal} has no such code", "{signal} 没有这个 si_code");
        let complaint = Complaint::new(
            Code::E07,
            said!("unknown si_code", "不认识的 si_code"),
            word.at.part(at),
            label,
        );
        let complaint = complaint.note(say!("its codes are {}", "它的 si_code 有 {}", codes.join(", ")));
        return match nearest(code, codes) {
            Some(near) => complaint.help(format!("\"{signal}/{near}\"")),
            None => complaint,
        };
    }
    if text.starts_with("byte:") {
        return Complaint::new(
            Code::E07,
            said!("unknown outcome", "不认识的结果"),
            span,
            said!(
                "one character of ASCII is meant, as byte:Z",
                "应该是一个 ASCII 字符, 如 byte:Z"
            ),
        );
    }
    if let (1, true) = (text.len(), asked.takes(Want::Byte(0))) {
        let complaint = Complaint::new(Code::E07, said!("unknown outcome", "不认识的结果"), span, label);
        return complaint.note(asked.words()).help(format!("\"byte:{text}\""));
    }
    if is_errno(text) {
        let names: Vec<&str> = (1..200).filter_map(errno_name).collect();
        let complaint = Complaint::new(
            Code::E07,
            said!("unknown errno", "不认识的错误码"),
            span,
            said!("no call of a scenario gives it", "情景里没有哪个调用会返回它"),
        );
        return match nearest(text, names) {
            Some(near) => complaint.help(format!("\"{near}\"")),
            None => complaint,
        };
    }
    let mut words = vec![
        "file".to_string(),
        "zero".into(),
        "ok".into(),
        "end".into(),
        "loops".into(),
        "elsewhere".into(),
        "killed:SIGBUS".into(),
        "killed:SIGSEGV".into(),
        "SIGBUS".into(),
        "SIGSEGV".into(),
    ];
    words.extend(SI_CODES.iter().map(|(signal, _, code)| format!("{signal}/{code}")));
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|w| known(w).is_some_and(|w| asked.takes(w)))
        .collect();
    // "SEGV_MAPERR" alone is the second half of a word.
    let half = words
        .iter()
        .copied()
        .find(|word| word.split_once('/').is_some_and(|(_, code)| code == text));
    let complaint =
        Complaint::new(Code::E07, said!("unknown outcome", "不认识的结果"), span, label).note(asked.words());
    match half.or_else(|| nearest(text, words)) {
        Some(near) => complaint.help(format!("\"{near}\"")),
        None => complaint,
    }
}
