//! Reading TOML tables with places: every helper returns what could be read and notes what is wrong, so that all errors
//! of a file come to light at once. It knows TOML and prose; it may not know what the keys of a scenario mean.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::value::{Amount, Word};
use crate::say::{Lang, lang, said, say};
use crate::scenario::Prose;
use crate::scenario::complaint::{Anchor, Code, Complaint, Span};
use crate::scenario::near::nearest;

/// A value of the file, with its place.
pub type Value<'a> = Spanned<DeValue<'a>>;

/// The text of a file and what is wrong with it so far.
pub struct Reader<'a> {
    pub text: &'a str,
    pub complaints: Vec<Complaint>,
    /// top-level keys that unknown ones were perhaps meant to be
    pub meant: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    /// A reader of this text, with complaints from elsewhere.
    pub fn new(text: &'a str, complaints: Vec<Complaint>) -> Reader<'a> {
        Reader {
            text,
            complaints,
            meant: Vec::new(),
        }
    }

    /// Note a complaint.
    pub fn complain(&mut self, complaint: Complaint) {
        self.complaints.push(complaint);
    }

    /// What could be read, or nothing and a complaint noted.
    pub fn ok<T>(&mut self, result: Result<T, Complaint>) -> Option<T> {
        result.map_err(|complaint| self.complaints.push(complaint)).ok()
    }

    /// A place in the file.
    pub fn span(&self, bytes: Range<usize>) -> Span {
        Span { source: 0, bytes }
    }

    /// Where a string, key or number stands, and where its own bytes begin behind the quotes.
    pub fn anchor(&self, bytes: Range<usize>, text: &str) -> Anchor {
        let raw = self.text.get(bytes.clone()).unwrap_or_default();
        let quotes = ["\"\"\"", "'''", "\"", "'"]
            .iter()
            .find(|quote| raw.starts_with(**quote))
            .map_or(0, |q| q.len());
        let inner = raw[quotes..].starts_with(text).then_some(bytes.start + quotes);
        Anchor {
            source: 0,
            start: bytes.start,
            end: bytes.end,
            inner,
        }
    }

    /// Complain of every key that is none of these. Returned are the keys that were perhaps meant; they are not missing.
    pub fn known(&mut self, table: &DeTable<'a>, whose: &str, keys: &[&'static str]) -> Vec<&'static str> {
        // Latin letters and Han have a space between them.
        let apart = if lang() == Lang::Zh && whose.ends_with(']') {
            " "
        } else {
            ""
        };
        let whose = format!("{whose}{apart}");
        let mut meant = Vec::new();
        for key in table.keys() {
            let name: &str = key.get_ref();
            if keys.contains(&name) {
                continue;
            }
            let near = nearest(name, keys.iter().copied()).and_then(|near| keys.iter().find(|key| **key == near));
            let label = near.map_or(said!("unknown", "不认识").to_string(), |near| {
                say!("did you mean {near}?", "是不是 {near}?")
            });
            let complaint = Complaint::new(
                Code::E02,
                say!("no such key in {whose}", "{whose}里没有这个键"),
                self.span(key.span()),
                label,
            );
            self.complain(complaint.note(say!("there are {}", "可用的有 {}", keys.join(", "))));
            meant.extend(near);
        }
        meant
    }

    /// Complain that a key is missing.
    pub fn missing(&mut self, place: Range<usize>, title: impl Into<String>, label: impl Into<String>, repair: &str) {
        let complaint = Complaint::new(Code::E10, title, self.span(place), label);
        self.complain(complaint.help(repair));
    }

    fn wrong(&mut self, value: &Value<'a>, wanted: &str) {
        let label = match value.get_ref() {
            DeValue::String(_) => said!("this is a string", "这是字符串"),
            DeValue::Integer(_) => said!("this is an integer", "这是整数"),
            DeValue::Float(_) => said!("this is a float", "这是小数"),
            DeValue::Boolean(_) => said!("this is a boolean", "这是布尔值"),
            DeValue::Datetime(_) => said!("this is a datetime", "这是日期"),
            DeValue::Array(_) => said!("this is an array", "这是列表"),
            DeValue::Table(_) => said!("this is a table", "这是表"),
        };
        self.complain(Complaint::new(
            Code::E04,
            say!("{wanted} was expected", "这里应该是{wanted}"),
            self.span(value.span()),
            label,
        ));
    }

    /// A string.
    pub fn string(&mut self, value: &Value<'a>) -> Option<Word> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong(value, said!("a string", "字符串"));
            return None;
        };
        Some(Word {
            text: text.to_string(),
            at: self.anchor(value.span(), text),
        })
    }

    /// An offset: a string or an integer.
    pub fn amount(&mut self, value: &Value<'a>) -> Option<Amount> {
        let word = match value.get_ref() {
            DeValue::Integer(integer) => {
                let Some(number) = integer_of(integer.as_str(), integer.radix()) else {
                    self.complain(Complaint::new(
                        Code::E04,
                        said!("this is not an offset or a size", "这不是偏移或大小"),
                        self.span(value.span()),
                        said!("too large for an offset of 64 bits", "超出 64 位偏移的范围"),
                    ));
                    return None;
                };
                let text = number.to_string();
                Word {
                    at: self.anchor(value.span(), &text),
                    text,
                }
            }
            DeValue::String(_) => self.string(value)?,
            _ => {
                self.wrong(
                    value,
                    said!(
                        "an offset, such as 100 or \"1p + 904\",",
                        "偏移, 如 100 或 \"1p + 904\""
                    ),
                );
                return None;
            }
        };
        self.ok(word.amount())
    }

    /// A whole number from 1 on.
    pub fn count(&mut self, value: &Value<'a>) -> Option<usize> {
        let integer = value
            .get_ref()
            .as_integer()
            .and_then(|i| integer_of(i.as_str(), i.radix()));
        let count = integer.and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
        match (count, integer) {
            (None, Some(number)) => {
                let label = say!("this is {number}; the first is 1", "这里是 {number}; 第一个是 1");
                let title = said!("a whole number from 1 on was expected", "这里应该是从 1 开始的整数");
                self.complain(Complaint::new(Code::E04, title, self.span(value.span()), label));
            }
            (None, None) => self.wrong(value, said!("a whole number from 1 on", "从 1 开始的整数")),
            (Some(_), _) => {}
        }
        count
    }

    /// A list.
    pub fn list<'v>(&mut self, value: &'v Value<'a>) -> Option<&'v DeArray<'a>> {
        let list = value.get_ref().as_array();
        if list.is_none() {
            self.wrong(value, said!("a list", "列表"));
        }
        list
    }

    /// A table.
    pub fn table<'v>(&mut self, value: &'v Value<'a>) -> Option<&'v DeTable<'a>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong(value, said!("a table", "表"));
        }
        table
    }

    /// A string, which serves for both languages, or one for each.
    pub fn prose(&mut self, value: &Value<'a>) -> Option<Prose> {
        match value.get_ref() {
            DeValue::String(_) => {
                let text = self.sentence(value)?;
                Some(Prose {
                    en: text.clone(),
                    zh: text,
                })
            }
            DeValue::Table(table) => {
                self.known(table, said!("a text", "文字"), &["en", "zh"]);
                self.languages(table, value.span())
            }
            _ => {
                self.wrong(value, said!("a text", "文字"));
                None
            }
        }
    }

    /// The keys `en` and `zh` of a table; either serves for both.
    pub fn languages(&mut self, table: &DeTable<'a>, place: Range<usize>) -> Option<Prose> {
        let en = table.get("en").map(|value| self.sentence(value));
        let zh = table.get("zh").map(|value| self.sentence(value));
        match (en, zh) {
            (None, None) => {
                self.missing(
                    place,
                    said!("a text without words", "文字没有内容"),
                    said!("neither en nor zh", "en 和 zh 都没有"),
                    "en = \"...\", zh = \"...\"",
                );
                None
            }
            (Some(one), None) | (None, Some(one)) => one.map(|text| Prose {
                en: text.clone(),
                zh: text,
            }),
            (Some(en), Some(zh)) => Some(Prose { en: en?, zh: zh? }),
        }
    }

    /// One language of a prose: its placeholders must be expressions, and it may not steer a terminal.
    fn sentence(&mut self, value: &Value<'a>) -> Option<String> {
        let word = self.string(value)?;
        if let Some(steering) = word.text.chars().find(|c| c.is_control() && *c != '\n') {
            let label = say!("it holds U+{:04X}", "其中有 U+{:04X}", u32::from(steering));
            self.complain(Complaint::new(
                Code::E04,
                said!("a text with a control character", "文字里有控制字符"),
                word.at.whole(),
                label,
            ));
            return None;
        }
        self.ok(super::super::prose::check(&word))?;
        Some(word.text)
    }
}

fn integer_of(digits: &str, radix: u32) -> Option<i64> {
    i64::from_str_radix(digits, radix).ok()
}
