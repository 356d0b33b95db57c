//! Complaints about a scenario file: a code, the place with a caret, the reason, the repair. All that were found are shown
//! at once, in the order of their places, and whether more may be hidden behind them is said. It may not know what a
//! scenario is, only texts and places in them.

use std::ops::Range;

mod render;

/// What kind of complaint it is; `lab explain` has a page for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// TOML syntax
    E01,
    /// unknown key
    E02,
    /// unknown symbol in an offset
    E03,
    /// bad expression or value
    E04,
    /// zones overlap
    E05,
    /// a touch lies in no zone
    E06,
    /// unknown or impossible outcome
    E07,
    /// over a limit
    E08,
    /// a step names no process
    E09,
    /// an operation without its object
    E10,
    /// a zone vanishes with other page sizes
    W01,
    /// the author expects what the model rules out
    W02,
    /// a text lacks a language
    W03,
}

impl Code {
    /// Does it refuse nothing? Only `lab run --lint` says it.
    pub fn is_warning(self) -> bool {
        self >= Code::W01
    }
}

/// A stretch of a text: of the file (source 0) or of a setting (1, 2, ..).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// which text
    pub source: usize,
    /// bytes of it
    pub bytes: Range<usize>,
}

/// Where a value stands, so that a caret can point into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Anchor {
    /// which text
    pub source: usize,
    /// first byte of the value as written, quotes included
    pub start: usize,
    /// first byte that no longer belongs to it
    pub end: usize,
    /// where the value's own first byte stands, if it is written without escapes
    pub inner: Option<usize>,
}

impl Anchor {
    /// The whole value.
    pub fn whole(&self) -> Span {
        Span {
            source: self.source,
            bytes: self.start..self.end,
        }
    }

    /// These bytes of the value; the whole of it where they cannot be told.
    pub fn part(&self, bytes: Range<usize>) -> Span {
        match self.inner {
            Some(inner) => Span {
                source: self.source,
                bytes: inner + bytes.start..inner + bytes.end,
            },
            None => self.whole(),
        }
    }
}

/// One complaint.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// its kind
    pub code: Code,
    /// what is wrong, in one line
    pub title: String,
    /// where, and the words beside the caret; after the first, other places that have to do with it
    pub places: Vec<(Span, String)>,
    /// facts
    pub notes: Vec<String>,
    /// repairs: text to type
    pub helps: Vec<String>,
}

impl Complaint {
    /// A complaint without notes and repairs yet.
    pub fn new(code: Code, title: impl Into<String>, span: Span, label: impl Into<String>) -> Complaint {
        let places = vec![(span, label.into())];
        Complaint {
            code,
            title: title.into(),
            places,
            notes: Vec::new(),
            helps: Vec::new(),
        }
    }

    /// Where the caret stands.
    pub fn span(&self) -> &Span {
        &self.places[0].0
    }

    /// Add a second place.
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Complaint {
        self.places.push((span, label.into()));
        self
    }

    /// Add a fact.
    pub fn note(mut self, note: impl Into<String>) -> Complaint {
        self.notes.push(note.into());
        self
    }

    /// Add a repair.
    pub fn help(mut self, help: impl Into<String>) -> Complaint {
        self.helps.push(help.into());
        self
    }
}

/// A text that complaints point into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// the name that is printed before the line number
    pub name: String,
    /// the text
    pub text: String,
}

/// Everything wrong with a file and the settings that go with it.
#[derive(Clone, Debug)]
pub struct Complaints {
    sources: Vec<Source>,
    list: Vec<Complaint>,
    unfinished: bool,
}

impl Complaints {
    /// Sorted by place; the file comes before the settings.
    pub fn new(sources: Vec<Source>, mut list: Vec<Complaint>) -> Complaints {
        list.sort_by_key(|c| (c.span().source, c.span().bytes.start, c.code));
        for complaint in &mut list {
            let place = complaint.span().source;
            if let Some(setting) = sources.get(place).filter(|_| place > 0) {
                let helps = complaint.helps.iter().map(|help| as_setting(help, &setting.text));
                complaint.helps = helps.collect();
            }
        }
        Complaints {
            sources,
            list,
            unfinished: false,
        }
    }

    /// The file was not looked at to its end: what was found stood in the way of looking further.
    pub fn unfinished(mut self) -> Complaints {
        self.unfinished = true;
        self
    }

    /// The complaints, in the order in which they are shown.
    pub fn list(&self) -> &[Complaint] {
        &self.list
    }
}

/// A repair of a setting, as it is typed behind the command: `length = "1p"` and `"1p"` belong into a file.
fn as_setting(help: &str, setting: &str) -> String {
    let in_file = help
        .rsplit_once(" = ")
        .map_or(help, |(_, value)| value)
        .trim_matches('"');
    let name = setting.split('=').next().unwrap_or_default();
    let (name, value) = match help.strip_prefix("--set ").and_then(|set| set.split_once('=')) {
        Some(other) => other,
        None => (name, in_file),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    if value.chars().all(plain) {
        format!("--set {name}={value}")
    } else {
        format!("--set '{name}={value}'") // a shell would cut it at its spaces and parentheses
    }
}
