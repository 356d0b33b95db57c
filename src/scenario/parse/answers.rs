//! Answer files: what a student answers to the quizzes of scenarios, in a file that can be handed in. TOML to `AnswerFile`,
//! with the place of every value. It may not know the questions of a quiz, nor the answers.

use toml::de::{DeTable, DeValue};

use super::asked::signal_called;
use super::reader::{Reader, Value};
use super::sections::LINES;
use super::value::Word;
use super::{FILE_LIMIT, syntax};
use crate::op::Signal;
use crate::say::{said, say};
use crate::scenario::builtin;
use crate::scenario::complaint::{Anchor, Code, Complaint, Complaints, Source, Span};

/// The keys that are no questions.
const BECAUSE: &str = "because";

/// What an answer file says.
#[derive(Clone, Debug)]
pub struct AnswerFile {
    /// whose it is
    pub student: String,
    /// whose numbers the scenarios have
    pub seed: Option<u64>,
    /// one for each scenario
    pub sheets: Vec<Sheet>,
    source: Source,
}

/// The answers to one scenario's quiz.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// the scenario's id
    pub id: &'static str,
    /// where its header stands
    pub at: Span,
    /// in the order of the file
    pub answers: Vec<Given>,
    /// what the student says of the reason, for whoever grades by hand
    pub because: Option<String>,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Given {
    /// what is asked
    pub about: Where,
    /// the step, from 0; none: the first whose edges are touched
    pub step: Option<usize>,
    /// where the question stands
    pub at: Span,
    /// the answer's words
    pub value: String,
    /// where they stand
    pub value_at: Span,
}

/// What a key of an answer file asks about.
#[derive(Clone, Debug)]
pub enum Where {
    /// a load at this expression
    Load(String),
    /// a store at it
    Store(String),
    /// where a signal begins
    Border(Signal),
    /// a step's own operation
    Own,
}

impl AnswerFile {
    /// Complaints that point into it.
    pub fn complaints(&self, list: Vec<Complaint>) -> Complaints {
        Complaints::new(vec![self.source.clone()], list)
    }
}

/// Read an answer file. `name` is printed before line numbers.
///
/// # Errors
///
/// Complaints about all that is wrong in it, each with its place.
pub fn answers(name: &str, text: &str) -> Result<AnswerFile, Complaints> {
    let source = Source {
        name: name.to_string(),
        text: text.to_string(),
    };
    let refuse = |list| Err(Complaints::new(vec![source.clone()], list).unfinished());
    if text.len() > FILE_LIMIT {
        let span = Span { source: 0, bytes: 0..0 };
        let label = say!("at most {FILE_LIMIT} bytes are read", "最多读 {FILE_LIMIT} 字节");
        let title = said!("the file is too long", "文件太长");
        return refuse(vec![Complaint::new(Code::E08, title, span, label)]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return refuse(syntax::complaints(text, &errors));
    }
    let mut reader = Reader::new(text, Vec::new());
    let file = reader.answer_file(table.get_ref(), &source);
    match file {
        Some(file) if reader.complaints.is_empty() => Ok(file),
        _ => refuse(reader.complaints),
    }
}

impl<'a> Reader<'a> {
    fn answer_file(&mut self, top: &DeTable<'a>, source: &Source) -> Option<AnswerFile> {
        if top.contains_key("lab") {
            self.version(top);
        } else {
            let title = said!("an answer file without its \"lab\"", "答题文件缺少 \"lab\"");
            self.missing(0..0, title, said!("missing in this file", "文件中没有"), "lab = 1");
        }
        let student = match top.get("student") {
            Some(value) => self.string(value),
            None => {
                let title = said!("an answer file without its \"student\"", "答题文件缺少 \"student\"");
                let label = said!("missing in this file", "文件中没有");
                self.missing(0..0, title, label, "student = \"s1234567\"");
                None
            }
        };
        let seed = top.get("seed").map(|value| self.seed(value));
        let mut sheets: Vec<Sheet> = Vec::new();
        for (key, value) in top
            .iter()
            .filter(|(key, _)| !["lab", "student", "seed"].contains(&key.get_ref().as_ref()))
        {
            let at = self.span(key.span());
            let DeValue::Table(table) = value.get_ref() else {
                let title = say!(
                    "no such key in an answer file: {}",
                    "答题文件中没有这个键: {}",
                    key.get_ref()
                );
                let label = said!("unknown", "未知");
                let note = said!(
                    "there are lab, student, seed, and a section for each scenario: [past-eof]",
                    "有 lab、student、seed, 以及每个情景一节: [past-eof]"
                );
                self.complain(Complaint::new(Code::E02, title, at, label).note(note));
                continue;
            };
            let builtin = match builtin::find(key.get_ref()) {
                Ok(builtin) => builtin,
                Err(why) => {
                    let title = said!("a section for no scenario", "这一节不对应任何情景");
                    self.complain(Complaint::new(Code::E09, title, at, why));
                    continue;
                }
            };
            if sheets.iter().any(|sheet| sheet.id == builtin.id) {
                let title = said!("a scenario answered twice", "同一个情景答了两次");
                self.complain(Complaint::new(Code::E05, title, at, builtin.id));
                continue;
            }
            sheets.push(self.sheet(builtin.id, at, table));
        }
        // a table is sorted by its keys
        sheets.sort_by_key(|sheet| sheet.at.bytes.start);
        Some(AnswerFile {
            student: student?.text,
            seed: match seed {
                Some(seed) => Some(seed?),
                None => None,
            },
            sheets,
            source: source.clone(),
        })
    }

    fn seed(&mut self, value: &Value<'a>) -> Option<u64> {
        let integer = value.get_ref().as_integer();
        let seed = integer.and_then(|seed| u64::from_str_radix(seed.as_str(), seed.radix()).ok());
        if seed.is_none() {
            let title = said!("this is not a seed", "这不是种子");
            let label = said!("a whole number from 0 on is meant", "应为不小于 0 的整数");
            self.complain(Complaint::new(Code::E04, title, self.span(value.span()), label));
        }
        seed
    }

    fn sheet(&mut self, id: &'static str, at: Span, table: &DeTable<'a>) -> Sheet {
        let mut sheet = Sheet {
            id,
            at,
            answers: Vec::new(),
            because: None,
        };
        for (key, value) in table.iter().take(LINES) {
            let text: &str = key.get_ref();
            if text == BECAUSE {
                sheet.because = self.string(value).map(|word| word.text);
                continue;
            }
            let key = Word {
                text: text.to_string(),
                at: self.anchor(key.span(), text),
            };
            let asked = key.asked();
            let (Some((about, step)), Some((value, value_at))) = (self.ok(asked), self.answered(value)) else {
                continue;
            };
            sheet.answers.push(Given {
                about,
                step,
                at: key.at.whole(),
                value,
                value_at,
            });
        }
        sheet
    }

    /// An answer is a word, or a number.
    fn answered(&mut self, value: &Value<'a>) -> Option<(String, Span)> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => number.to_string(),
                Err(_) => number.as_str().to_string(),
            },
            _ => {
                let title = said!("this is no answer", "这不是答案");
                let label = said!("a word, or a number, is meant", "应为一个词或一个数");
                self.complain(Complaint::new(Code::E07, title, self.span(value.span()), label));
                return None;
            }
        };
        Some((text.trim().to_string(), self.span(value.span())))
    }
}

impl Word {
    /// `eof - 1`, `store eof, step 2`, `border SIGSEGV`, `step 4`.
    fn asked(&self) -> Result<(Where, Option<usize>), Complaint> {
        let (what, step) = match self.text.rsplit_once(", step ") {
            Some((what, step)) => (what, Some(step)),
            None => match self.text.strip_prefix("step ") {
                Some(step) => ("", Some(step)),
                None => (&self.text[..], None),
            },
        };
        let step = match step {
            Some(step) => Some(self.counted(step)?),
            None => None,
        };
        let what = what.trim();
        let word = |prefix: &str| what.strip_prefix(prefix).map(str::trim_start);
        let about = match (word("border "), word("store "), word("load ")) {
            (Some(signal), ..) => Where::Border(signal_called(signal).ok_or_else(|| {
                let title = said!("no such border", "没有这样的边界");
                Complaint::new(
                    Code::E07,
                    title,
                    self.part(signal),
                    said!("there are SIGBUS, SIGSEGV", "只有 SIGBUS、SIGSEGV"),
                )
            })?),
            (_, Some(place), _) => Where::Store(self.place(place)?),
            (_, _, Some(place)) => Where::Load(self.place(place)?),
            _ if what.is_empty() => Where::Own,
            _ => Where::Load(self.place(what)?),
        };
        Ok((about, step))
    }

    fn counted(&self, step: &str) -> Result<usize, Complaint> {
        let count = step.trim().parse::<usize>().ok().filter(|count| *count > 0);
        count.map(|count| count - 1).ok_or_else(|| {
            let title = said!("this is not a step", "这不是步骤");
            let label = said!("steps are counted from 1", "步骤从 1 数起");
            Complaint::new(Code::E04, title, self.part(step), label)
        })
    }

    fn place(&self, place: &str) -> Result<String, Complaint> {
        let start = place.as_ptr() as usize - self.text.as_ptr() as usize;
        let inner = self.at.inner.map(|inner| inner + start);
        let word = Word {
            text: place.to_string(),
            at: Anchor { inner, ..self.at },
        };
        word.amount()?;
        Ok(place.to_string())
    }

    /// The place of a part of the text.
    fn part(&self, part: &str) -> Span {
        let start = part.as_ptr() as usize - self.text.as_ptr() as usize;
        self.at.part(start..start + part.len())
    }
}
