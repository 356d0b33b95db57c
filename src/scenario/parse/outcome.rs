//! What an author expects, in words: `file`, `SIGBUS/BUS_ADRERR`, a list of them, or a table with one for each
//! condition. It may not know what happens in truth.

use toml::de::DeValue;

use super::asked::{Asked, is_errno, known, want};
use super::reader::{Reader, Value};
use super::value::{Stretch, Word};
use crate::op::World;
use crate::say::said;
use crate::scenario::complaint::{Code, Complaint, Span};
use crate::scenario::expr::Symbols;
use crate::scenario::{Expected, Want};

/// The filesystems that an expectation may depend on.
const FILESYSTEMS: [&str; 4] = ["tmpfs", "ext4", "xfs", "btrfs"];

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
