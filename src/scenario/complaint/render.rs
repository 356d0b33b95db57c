//! Complaints as a person reads them: the line, the caret, the reason, the repair, at most as wide as a screen.

use crate::say::{said, say};
use std::ops::Range;

use annotate_snippets::{Level, Renderer, Snippet};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Complaint, Complaints, Span};

/// More complaints than this help nobody.
const SHOWN: usize = 20;
/// Columns of a note, so that it fits 80 with what stands before it.
const NOTE_WIDTH: usize = 66;

impl Complaints {
    /// The complaints as a person reads them, with a line end after the last.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() }.term_width(100);
        let sources: Vec<(&str, String)> = self
            .sources
            .iter()
            .map(|s| (s.name.as_str(), printable(&s.text)))
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
            let more = self.list.len() - SHOWN;
            text.push_str(&say!("\nand {more} more\n", "\n还有 {more} 处\n"));
        }
        if self.unfinished {
            text.push_str(match self.list.len() {
                1 => said!(
                    "\nmore may follow when this is mended\n",
                    "\n改好这一处之后, 可能还会有别的\n"
                ),
                _ => said!(
                    "\nmore may follow when these are mended\n",
                    "\n改好这些之后, 可能还会有别的\n"
                ),
            });
        }
        text
    }
}

fn render_one(renderer: &Renderer, complaint: &Complaint, sources: &[(&str, String)]) -> String {
    let level = |first: bool| match first && !complaint.code.is_warning() {
        true => Level::Error,
        false => Level::Warning,
    };
    let places = complaint.places.iter().enumerate();
    let places: Vec<(&Span, String, Level)> = places
        .map(|(i, (span, label))| (span, harmless(label), level(i == 0)))
        .collect();
    let (id, title) = (format!("{:?}", complaint.code), harmless(&complaint.title));
    let notes: Vec<String> = complaint.notes.iter().map(|note| wrap(&harmless(note))).collect();
    let helps: Vec<String> = complaint.helps.iter().map(|help| harmless(help)).collect();

    let level = match complaint.code.is_warning() {
        true => Level::Warning,
        false => Level::Error,
    };
    let mut message = level.title(&title).id(&id);
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
        .map(|line| in_our_words(line).trim_end().to_string())
        .collect();
    if complaint.notes.is_empty() && complaint.helps.is_empty() {
        lines.pop(); // a bar that would lead to them
    }
    lines.join("\n")
}

/// The crate heads its lines with words of its own. A repair is called "try" here, and each has its word in Chinese, of
/// the same width.
fn in_our_words(line: &str) -> String {
    let escape = |c: char| c == '\u{1b}' || c == '[' || c == ';' || c == 'm' || c.is_ascii_digit();
    let words = line.trim_start().trim_start_matches(escape);
    let heads = |word: &str| words.starts_with(&format!("{word}[")) || words.starts_with(&format!("{word}\u{1b}"));
    let footer = words.strip_prefix("= ").map(|rest| rest.trim_start_matches(escape));
    let follows = |word: &str| footer.is_some_and(|rest| rest.starts_with(word));
    for (theirs, ours) in [("error", said!("error", "错误")), ("warning", said!("warning", "警告"))] {
        if heads(theirs) {
            return line.replacen(theirs, ours, 1);
        }
    }
    for (theirs, ours) in [("help", said!("try", "建议")), ("note", said!("note", "说明"))] {
        if follows(theirs) {
            return line.replacen(theirs, ours, 1);
        }
    }
    line.to_string()
}

/// A note in lines that fit a screen. It may be broken at spaces, and behind characters of Chinese.
fn wrap(note: &str) -> String {
    let mut text = String::new();
    let mut column = 0;
    for word in note.split(' ') {
        let mut space = usize::from(column > 0);
        for piece in pieces(word) {
            if column > 0 && column + space + piece.width() > NOTE_WIDTH {
                text.push('\n');
                (column, space) = (0, 0);
            }
            text.push_str(&" ".repeat(space));
            text.push_str(piece);
            column += space + piece.width();
            space = 0;
        }
    }
    text
}

/// A word in the pieces that stay together: Chinese has no spaces, but no line begins with its stops.
fn pieces(word: &str) -> Vec<&str> {
    let wide = |c: char| c.width() == Some(2);
    let stop = |c: char| "\u{3001}\u{3002}\u{300d}".contains(c);
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut last = ' ';
    for (i, c) in word.char_indices() {
        if i > 0 && (wide(last) || wide(c)) && !stop(c) && last != '\u{300c}' {
            pieces.push(&word[from..i]);
            from = i;
        }
        last = c;
    }
    pieces.push(&word[from..]);
    pieces
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

/// A text of which every place can be shown: an empty one has no line for a caret.
fn printable(text: &str) -> String {
    if text.trim().is_empty() {
        said!("(an empty file)", "(空文件)").to_string()
    } else {
        harmless(text)
    }
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
