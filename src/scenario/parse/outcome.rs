//! What an author expects, in words: `file`, `SIGBUS/BUS_ADRERR`, a list of them, or a table with one for each
//! filesystem. It may not know what happens in truth.

use toml::de::DeValue;

use super::reader::{Reader, Value};
use super::value::Word;
use crate::op::{SI_CODES, Signal, World, si_code_number};
use crate::scenario::complaint::{Code, Complaint};
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
    Claim,
}

impl Asked {
    fn name(self) -> &'static str {
        match self {
            Asked::Load => "a load",
            Asked::Store => "a store",
            Asked::Read => "a read of the file",
            Asked::Call => "a call",
            Asked::Claim => "a claim",
        }
    }

    /// The words that answer it.
    fn words(self) -> &'static str {
        match self {
            Asked::Load => "a load gives file, zero, byte:Z, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, ...",
            Asked::Store => "a store gives ok, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, ...",
            Asked::Read => "a read of the file gives zero, byte:Z, end",
            Asked::Call => "what a call comes to is not compared yet; leave expect out",
            Asked::Claim => "an access gives file, zero, ok, byte:Z, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, ...",
        }
    }

    fn takes(self, want: Want) -> bool {
        match self {
            Asked::Load => matches!(
                want,
                Want::File | Want::Zero | Want::Byte(_) | Want::Signal(_) | Want::Fault(..)
            ),
            Asked::Store => matches!(want, Want::Ok | Want::Signal(_) | Want::Fault(..)),
            Asked::Read => matches!(want, Want::Zero | Want::Byte(_) | Want::End),
            Asked::Call => false,
            Asked::Claim => want != Want::End,
        }
    }
}

/// What is expected, which may depend on the world.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// by filesystem
    on: Vec<(String, Expected)>,
    /// on every other
    otherwise: Expected,
}

impl Expectation {
    /// What is expected on this world.
    pub fn on(&self, world: &World) -> &Expected {
        let name = world.filesystem.name();
        self.on
            .iter()
            .find(|(filesystem, _)| filesystem == name)
            .map_or(&self.otherwise, |(_, wants)| wants)
    }
}

impl<'a> Reader<'a> {
    /// An outcome, a list of outcomes, or a table of either.
    pub fn expectation(&mut self, value: &Value<'a>, asked: Asked) -> Option<Expectation> {
        let DeValue::Table(table) = value.get_ref() else {
            return Some(Expectation {
                on: Vec::new(),
                otherwise: self.wants(value, asked)?,
            });
        };
        let keys = [&FILESYSTEMS[..], &["else"]].concat();
        self.known(table, "a condition", &keys);
        let on = FILESYSTEMS
            .iter()
            .filter_map(|name| table.get(*name).map(|value| (*name, value)))
            .filter_map(|(name, value)| self.wants(value, asked).map(|wants| (name.to_string(), wants)))
            .collect();
        let Some(otherwise) = table.get("else") else {
            let repair = "{ tmpfs = \"byte:T\", else = \"zero\" }";
            self.missing(
                value.span(),
                "a condition without its else",
                "what holds on other filesystems?",
                repair,
            );
            return None;
        };
        Some(Expectation {
            on,
            otherwise: self.wants(otherwise, asked)?,
        })
    }

    fn wants(&mut self, value: &Value<'a>, asked: Asked) -> Option<Expected> {
        let values: Vec<&Value<'a>> = match value.get_ref() {
            DeValue::Array(list) => list.iter().collect(),
            _ => vec![value],
        };
        if values.is_empty() {
            let label = "at least one outcome is needed";
            self.complain(Complaint::new(
                Code::E07,
                "an empty list of outcomes",
                self.span(value.span()),
                label,
            ));
            return None;
        }
        let mut wants = Vec::new();
        for value in values {
            let word = self.string(value)?;
            wants.push(self.ok(want(&word, asked))?);
        }
        Some(wants)
    }
}

fn want(word: &Word, asked: Asked) -> Result<Want, Complaint> {
    let complaint = |title: String, label: String| Complaint::new(Code::E07, title, word.at.whole(), label);
    let want = match known(&word.text) {
        Some(want) => want,
        None => return Err(unknown(word, asked)),
    };
    if !asked.takes(want) {
        let label = format!("this is no answer to {}", asked.name());
        return Err(complaint("an outcome of something else".to_string(), label).note(asked.words()));
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
        "ok" => return Some(Want::Ok),
        "end" => return Some(Want::End),
        _ => {}
    }
    if let Some(byte) = text.strip_prefix("byte:") {
        return match byte.as_bytes() {
            [byte] if byte.is_ascii_graphic() || *byte == b' ' => Some(Want::Byte(*byte)),
            _ => None,
        };
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
    let label = "unknown";
    if let Some((signal, code)) = text
        .split_once('/')
        .and_then(|(s, code)| signal_called(s).map(|s| (s, code)))
    {
        let codes: Vec<&str> = SI_CODES.iter().filter(|row| row.0 == signal).map(|row| row.2).collect();
        let at = text.len() - code.len()..text.len();
        let label = format!("{signal} has no such code");
        let complaint = Complaint::new(Code::E07, "unknown si_code", word.at.part(at), label);
        let complaint = complaint.note(format!("its codes are {}", codes.join(", ")));
        return match nearest(code, codes) {
            Some(near) => complaint.help(format!("\"{signal}/{near}\"")),
            None => complaint,
        };
    }
    if text.starts_with("byte:") {
        return Complaint::new(
            Code::E07,
            "unknown outcome",
            span,
            "one character of ASCII is meant, as byte:Z",
        );
    }
    if text == "loops" {
        return Complaint::new(Code::E07, "an outcome that cannot be expected yet", span, "not yet")
            .note("loops belongs to signal handlers, which scenarios do not have so far");
    }
    if text.len() > 2 && text.starts_with('E') && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        return Complaint::new(Code::E07, "an errno cannot be expected yet", span, "not yet")
            .note("an errno answers a system call; the calls of a scenario are expected to succeed");
    }
    let mut words = vec![
        "file".to_string(),
        "zero".into(),
        "ok".into(),
        "end".into(),
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
    let complaint = Complaint::new(Code::E07, "unknown outcome", span, label).note(asked.words());
    match half.or_else(|| nearest(text, words)) {
        Some(near) => complaint.help(format!("\"{near}\"")),
        None => complaint,
    }
}
