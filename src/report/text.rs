//! Text in columns: wrapping and hanging indents, by the width that a terminal gives each character. It may not know
//! what the text says; it lets no control character of a stranger's file through.

use unicode_linebreak::linebreaks;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::style::Line;

/// One line of text without control characters; whitespace becomes single spaces.
pub fn clean(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().filter(|c| !c.is_control()).collect())
        .collect();
    words.join(" ")
}

/// A text in lines of at most `width` columns, broken at spaces, and inside a word only where it fills a line alone. Chinese
/// has no spaces: it is broken where Unicode allows a break beside one of its characters, so that no line begins with a
/// closing mark.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let text = clean(text);
    let wide = |c: Option<char>| c.is_some_and(|c| c.width() == Some(2));
    let breaks = linebreaks(&text).map(|(at, _)| at);
    let here = |&at: &usize| {
        let (before, after) = text.split_at(at);
        before.ends_with(' ') || wide(before.chars().next_back()) || wide(after.chars().next())
    };
    let spaces = text.match_indices(' ').map(|(at, _)| at + 1);
    let mut cuts: Vec<usize> = breaks.filter(here).chain(spaces).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut start = 0;
    let mut pieces = Vec::new();
    for cut in cuts {
        pieces.push(&text[start..cut]);
        start = cut;
    }
    pieces.push(&text[start..]);
    fill(pieces.into_iter(), width)
}

/// A text at the left of so many columns.
pub fn left_in(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// A text at the right of so many columns.
pub fn right_in(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(text.width())))
}

/// A system call in lines of at most `width` columns, broken after spaces, bars and closing quotes.
pub fn wrap_call(call: &str, width: usize) -> Vec<String> {
    let call = clean(call);
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    for (i, c) in call.char_indices() {
        quoted ^= c == '"';
        if !quoted && matches!(c, ' ' | '|' | '"') {
            pieces.push(&call[start..=i]);
            start = i + 1;
        }
    }
    pieces.push(&call[start..]);
    fill(pieces.into_iter(), width)
}

/// Pieces in lines of at most `width` columns, broken between pieces.
pub fn fill<'a>(pieces: impl Iterator<Item = &'a str>, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0; // of the line: to measure it anew for each character would cost more than all else on a screen
    for piece in pieces {
        if !line.is_empty() && used + piece.trim_end().width() > width {
            lines.push(std::mem::take(&mut line).trim_end().to_string());
            used = 0;
        }
        for c in piece.chars() {
            let wide = c.width().unwrap_or(0);
            if c != ' ' && used + wide > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += wide;
        }
    }
    lines.push(line.trim_end().to_string());
    lines
}

/// A paragraph after a heading: the first line follows `head`, the others are indented by `hang` columns.
pub fn hanging(head: &str, hang: usize, text: &str, width: usize) -> Vec<Line> {
    hanging_lines(head, hang, wrap(text, width.saturating_sub(hang.max(head.width()))))
}

/// Wrapped lines behind a heading, the others indented by `hang` columns.
pub fn hanging_lines(head: &str, hang: usize, lines: Vec<String>) -> Vec<Line> {
    let indent = " ".repeat(hang);
    let place = |(i, line): (usize, String)| Line::new(format!("{}{line}", if i == 0 { head } else { &indent }));
    lines.into_iter().enumerate().map(place).collect()
}

/// The first of the texts that fits, else the last.
pub fn first_fitting(texts: &[String], room: usize) -> &str {
    texts
        .iter()
        .find(|text| text.width() <= room)
        .or(texts.last())
        .map_or("", String::as_str)
}
