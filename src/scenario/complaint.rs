//! Complaints about a scenario file: a code, the place with a caret, the reason, the repair. All complaints of a file
//! are shown at once, in the order of their places. It may not know what a scenario is, only texts and places in them.

use std::ops::Range;

use annotate_snippets::{Level, Renderer, Snippet};

/// More complaints than this help nobody.
const SHOWN: usize = 20;

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
}

impl Complaints {
    /// Sorted by place; the file comes before the settings.
    pub fn new(sources: Vec<Source>, mut list: Vec<Complaint>) -> Complaints {
        list.sort_by_key(|c| (c.span().source, c.span().bytes.start, c.code));
        Complaints { sources, list }
    }

    /// The complaints, in the order in which they are shown.
    pub fn list(&self) -> &[Complaint] {
        &self.list
    }

    /// The complaints as a person reads them, with a line end after the last.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() }.term_width(100);
        let sources: Vec<(&str, String)> = self
            .sources
            .iter()
            .map(|s| (s.name.as_str(), harmless(&s.text)))
            .collect();
        let mut text = String::new();
        for complaint in self.list.iter().take(SHOWN) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&render_one(&renderer, complaint, &sources));
            text.push('\n');
        }
        if self.list.len() > SHOWN {
            text.push_str(&format!("\nand {} more\n", self.list.len() - SHOWN));
        }
        text
    }
}

fn render_one(renderer: &Renderer, complaint: &Complaint, sources: &[(&str, String)]) -> String {
    let level = |first: bool| if first { Level::Error } else { Level::Warning };
    let places = complaint.places.iter().enumerate();
    let places: Vec<(&Span, String, Level)> = places
        .map(|(i, (span, label))| (span, harmless(label), level(i == 0)))
        .collect();
    let (id, title) = (format!("{:?}", complaint.code), harmless(&complaint.title));
    let notes: Vec<String> = complaint.notes.iter().map(|note| harmless(note)).collect();
    let helps: Vec<String> = complaint.helps.iter().map(|help| harmless(help)).collect();

    let mut message = Level::Error.title(&title).id(&id);
    let mut order: Vec<usize> = places.iter().map(|(span, ..)| span.source).collect();
    order.dedup();
    for source in order {
        let Some((name, text)) = sources.get(source) else {
            continue;
        };
        let marks = places.iter().filter(|(span, ..)| span.source == source);
        let marks = marks.map(|(span, label, level)| level.span(one_line(text, &span.bytes)).label(label));
        message = message.snippet(Snippet::source(text).origin(name).fold(true).annotations(marks));
    }
    message = message.footers(notes.iter().map(|note| Level::Note.title(note)));
    message = message.footers(helps.iter().map(|help| Level::Help.title(help)));
    let rendered = renderer.render(message).to_string();
    let mut lines: Vec<String> = rendered
        .lines()
        .map(|line| help_as_try(line).trim_end().to_string())
        .collect();
    if complaint.notes.is_empty() && complaint.helps.is_empty() {
        lines.pop(); // a bar that would lead to them
    }
    lines.join("\n")
}

/// The crate calls a repair "help"; the word here is "try".
fn help_as_try(line: &str) -> String {
    let escape = |c: char| c == '\u{1b}' || c == '[' || c == ';' || c == 'm' || c.is_ascii_digit();
    let words = line.trim_start().trim_start_matches(escape);
    let is_help = words
        .strip_prefix("= ")
        .is_some_and(|rest| rest.trim_start_matches(escape).starts_with("help"));
    if is_help {
        line.replacen("help", "try", 1)
    } else {
        line.to_string()
    }
}

/// A caret spans one line, and lies within the text.
fn one_line(text: &str, bytes: &Range<usize>) -> Range<usize> {
    let boundary = |at: usize| {
        (0..=at.min(text.len()))
            .rev()
            .find(|i| text.is_char_boundary(*i))
            .unwrap_or(0)
    };
    let start = boundary(bytes.start);
    let end = boundary(bytes.end).max(start);
    let line_end = text[start..end].find('\n').map_or(end, |i| start + i);
    start..line_end
}

/// A stranger's file may not steer the terminal: control and direction characters become as many bytes that do not.
fn harmless(text: &str) -> String {
    let steers = |c: char| c.is_control() && c != '\n' && c != '\t' && c != '\r';
    let turns =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    text.chars()
        .map(|c| match c.len_utf8() {
            1 if steers(c) => '?',
            2 if steers(c) => '\u{bf}',
            3 if turns(c) => '\u{fffd}',
            _ => c,
        })
        .collect()
}
