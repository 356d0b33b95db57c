//! A scenario file, from TOML to `Scenario`: all that the text says, with the place of every value, and complaints about
//! all that it says wrong. What depends on a page size is left to `plan`. It may not know what a run observed.

use toml::de::DeTable;

use super::Prose;
use super::complaint::{Code, Complaint, Complaints, Source};
use super::expr::{Name, Symbols};
use crate::op::{Condition, FileKind, MapFlags, Measure, Prot, Share, Way};
use crate::say::{said, say};

mod action;
mod answers;
mod asked;
mod claims;
mod head;
mod measure;
mod objects;
mod outcome;
mod quiz;
mod reader;
mod sections;
mod setting;
mod step;
mod syntax;
mod value;
pub mod words;

pub(super) use action::{Action, Verb};
pub use answers::{AnswerFile, Given, Sheet, Where, answers};
pub(super) use outcome::Expectation;
pub(super) use quiz::{About, Question};
pub use setting::{NAMES as SETTINGS, Setting};
pub(super) use step::Step;
pub(super) use value::{Amount, Stretch, Word};
pub(super) use words::{Quantified, Reaction};

use reader::Reader;
use setting::Settings;

/// A file longer than this is no scenario.
const FILE_LIMIT: usize = 256 << 10;

/// What a scenario file says.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// slug: `past-eof`
    pub id: String,
    /// one line
    pub title: Prose,
    /// half a line for the home screen
    pub brief: Option<Prose>,
    /// the explanation
    pub why: Option<Prose>,
    /// commands to type next, and what they show
    pub next: Vec<(String, Prose)>,
    /// what asserts the same: `POSIX mmap 11-2`
    pub sources: Vec<String>,
    /// what a quiz asks
    pub(super) quiz: Vec<Question>,
    pub(super) texts: Vec<Source>,
    /// what a machine must have for it: "linux-6.13", "root"
    pub needs: Vec<String>,
    /// it measures or waits, and runs only when asked for by name
    pub measures: bool,
    pub(super) file: FileSpec,
    pub(super) map: Map,
    /// `[files.NAME]`
    pub(super) files: Vec<FileSpec>,
    /// `[maps.NAME]` and `[process.NAME.map]`
    pub(super) maps: Vec<Map>,
    pub(super) loads: Vec<Zoned>,
    pub(super) stores: Vec<Zoned>,
    pub(super) probe: Vec<Amount>,
    pub(super) steps: Vec<Step>,
    pub(super) claims: Vec<Claim>,
    /// what is measured, in place of a script that is run
    pub measure: Option<Measure>,
}

/// `[file]`, or `[files.NAME]`.
#[derive(Clone, Debug)]
pub(super) struct FileSpec {
    /// `main` for `[file]`
    pub name: Word,
    /// none: no file, for anonymous memory
    pub kind: Option<FileKind>,
    pub size: Amount,
    pub fill: Option<u8>,
}

/// `[map]`, `[maps.NAME]` or `[process.NAME.map]`.
#[derive(Clone, Debug)]
pub(super) struct Map {
    /// the area: `main` for `[map]`
    pub area: Word,
    /// the process; none: A
    pub by: Option<Word>,
    /// the file's name; none: the main one
    pub file: Option<Word>,
    pub length: Amount,
    pub offset: Option<Amount>,
    pub share: Share,
    pub prot: Prot,
    pub flags: MapFlags,
}

/// One line of `[expect]`, or of a claim's `says`.
#[derive(Clone, Debug)]
pub(super) struct Zoned {
    pub stretch: Stretch,
    pub expects: Expectation,
}

/// `[[claim]]`
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub id: String,
    pub text: Prose,
    pub idea: Option<String>,
    /// the step it speaks of, from 0
    pub step: Option<usize>,
    pub says: Vec<Zoned>,
    /// what it says of a step's own operation, with half a line on the case
    pub cases: Vec<Case>,
    /// what it says of two ways that are measured
    pub compares: Vec<Compared>,
}

/// One comparison that a claim makes between two ways under a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// under which
    pub on: Condition,
    /// the way spoken of
    pub way: Way,
    /// the way that it is held against
    pub than: Way,
    /// what is said of it
    pub says: Comparison,
    /// half a line on the case
    pub text: Option<Prose>,
}

/// What a claim may say of a way beside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// it takes less time
    Faster,
    /// it takes as much time, or more
    NoFaster,
    /// it makes fewer system calls
    FewerCalls,
}

/// One case of a claim: what one step's own operation comes to.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// the step, from 0
    pub step: usize,
    pub says: Expectation,
    pub text: Option<Prose>,
}

impl Scenario {
    /// The symbols once the file is made and mapped, with pages of `page` bytes.
    pub fn symbols(&self, page: u64) -> Result<Symbols, Complaints> {
        self.setup(page)
            .map(|(symbols, _)| symbols)
            .map_err(|complaint| self.complaints(vec![complaint]).unfinished())
    }

    /// Complaints, or warnings, about this file.
    pub fn complaints(&self, list: Vec<Complaint>) -> Complaints {
        Complaints::new(self.texts.clone(), list)
    }

    /// The line of the file that this stands in, counted from 1, and its text; none for a setting.
    pub fn line(&self, at: &super::complaint::Span) -> Option<(usize, &str)> {
        let text = self.texts.get(at.source).filter(|_| at.source == 0)?.text.as_str();
        let before = text.get(..at.bytes.start)?;
        let from = before.rfind('\n').map_or(0, |end| end + 1);
        let line = text[from..].lines().next().unwrap_or_default().trim();
        Some((before.matches('\n').count() + 1, line))
    }

    /// Did settings change what the file says?
    pub(super) fn has_settings(&self) -> bool {
        self.texts.len() > 1
    }

    /// Those symbols, and where in the file the mapping begins.
    pub(super) fn setup(&self, page: u64) -> Result<(Symbols, i64), Complaint> {
        let p = i64::try_from(page).unwrap_or(i64::MAX);
        let alone = Symbols {
            p,
            ..Symbols::default()
        };
        self.map.symbols(p, self.file.size.at_least(0, &alone)?)
    }
}

impl Map {
    /// The symbols of this mapping of a file of `size` bytes, and where in the file it begins.
    pub fn symbols(&self, p: i64, size: i64) -> Result<(Symbols, i64), Complaint> {
        let symbols = Symbols {
            p,
            size,
            ..Symbols::default()
        };
        let offset = match &self.offset {
            Some(amount) => amount.at_least(0, &symbols)?,
            None => 0,
        };
        let symbols = Symbols::of(p, size, offset, 0);
        let len = self.length.at_least(0, &symbols)?;
        Ok((Symbols::of(p, size, offset, len), offset))
    }
}

/// Read a scenario file. `name` is printed before line numbers; `settings` replace values of the file.
pub fn load(name: &str, text: &str, settings: &[Setting]) -> Result<Scenario, Complaints> {
    let settings = Settings(settings);
    let file = Source {
        name: name.to_string(),
        text: text.to_string(),
    };
    let texts: Vec<Source> = std::iter::once(file).chain(settings.sources()).collect();
    let refuse = |list| Err(Complaints::new(texts.clone(), list).unfinished());
    if text.len() > FILE_LIMIT {
        let start = text.split('\n').next().unwrap_or_default();
        let span = super::complaint::Span {
            source: 0,
            bytes: 0..start.len().min(60),
        };
        let label = say!(
            "this text has {} bytes; at most {FILE_LIMIT} are read",
            "文件有 {} 字节; 最多读 {FILE_LIMIT} 字节",
            text.len()
        );
        return refuse(vec![Complaint::new(
            Code::E08,
            said!("the file is too long", "文件太长"),
            span,
            label,
        )]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return refuse(syntax::complaints(text, &errors));
    }
    let mut reader = Reader::new(text, settings.unknown());
    let scenario = reader.scenario(table.get_ref(), &settings, &texts);
    match scenario {
        Some(scenario) if reader.complaints.is_empty() => Ok(scenario),
        _ => refuse(reader.complaints),
    }
}

/// The names that a file's size may hold: there is no mapping yet.
const KNOWN_TO_SIZE: [Name; 1] = [Name::P];
/// The names that `map.offset` may hold.
const KNOWN_TO_OFFSET: [Name; 2] = [Name::P, Name::Size];
/// The names that `map.length` may hold.
const KNOWN_TO_LENGTH: [Name; 4] = [Name::P, Name::Size, Name::Eof, Name::EofPage];
