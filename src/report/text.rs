//! Text in columns: wrapping and hanging indents, by the width that a terminal gives each character. It may not know
//! what the text says; it lets no control character of a stranger's file through.

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

/// A text in lines of at most `width` columns, broken at spaces, and inside a word only where it fills a line alone.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    fill(clean(text).split(' '), " ", width)
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
    fill(pieces.into_iter(), "", width)
}

/// Pieces in lines of at most `width` columns, broken between pieces.
pub fn fill<'a>(pieces: impl Iterator<Item = &'a str>, between: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0; // of the line: to measure it anew for each character would cost more than all else on a screen
    for piece in pieces {
        if !line.is_empty() && used + between.len() + piece.trim_end().width() > width {
            lines.push(std::mem::take(&mut line).trim_end().to_string());
            used = 0;
        }
        if !line.is_empty() {
            line.push_str(between);
            used += between.len();
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
