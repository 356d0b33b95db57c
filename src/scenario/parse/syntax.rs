//! E01: what TOML itself refuses, in words for somebody who has never seen TOML. It knows the lines of a text only.

use toml::de::Error;

mod message;

use crate::say::said;
use crate::scenario::complaint::{Code, Complaint, Span};
use crate::scenario::expr::{parse, parse_range};
use crate::scenario::width;

/// A complaint for each line that is not TOML; the first of a line, for the others follow from it.
pub fn complaints(text: &str, errors: &[Error]) -> Vec<Complaint> {
    let mut complaints: Vec<(usize, Complaint)> = Vec::new();
    // One such character often hides the next line's from the parser. A string of several lines is prose.
    if !errors.is_empty() && !text.contains("\"\"\"") && !text.contains("'''") {
        let mut from = 0;
        for line in text.split_inclusive('\n') {
            if let Some((at, mended)) = width::mended(line) {
                complaints.push((from, full_width(text, from + at.start, &mended)));
            }
            from += line.len();
        }
    }
    for error in errors {
        let bytes = error.span().unwrap_or(0..0);
        let from = text[..floor(text, bytes.start)].rfind('\n').map_or(0, |i| i + 1);
        let to = text[from..].find('\n').map_or(text.len(), |i| from + i);
        let span = Span { source: 0, bytes };
        let complaint = Complaint::new(
            Code::E01,
            said!("this is not TOML", "这不是合法的 TOML"),
            span,
            message::in_the_language_spoken(error.message()),
        );
        let complaint = match repair(&text[from..to]) {
            Some(repair) => complaint.help(repair),
            None => complaint,
        };
        match complaints.iter_mut().find(|(line, _)| *line == from) {
            Some(_) if width::mended(&text[from..to]).is_some() => {}
            Some((_, first)) if first.span().bytes.start > complaint.span().bytes.start => *first = complaint,
            Some(_) => {}
            None => complaints.push((from, complaint)),
        }
    }
    complaints.into_iter().map(|(_, complaint)| complaint).collect()
}

/// A complaint about characters that look like those of TOML and are none.
fn full_width(text: &str, at: usize, line: &str) -> Complaint {
    let first = text[at..].chars().next().unwrap_or_default();
    let span = Span {
        source: 0,
        bytes: at..at + first.len_utf8(),
    };
    let title = said!("a full-width character", "全角字符");
    Complaint::new(Code::E01, title, span, width::label(first)).help(line.trim())
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0)
}

/// The line with quotes where an offset, a range or a word stands without them.
fn repair(line: &str) -> Option<String> {
    let line = line.split('#').next().unwrap_or_default();
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
    let key_bare = !key.is_empty() && key.chars().all(bare) && !key.contains("..");
    let key_text = match key {
        _ if key_bare || key.starts_with(['"', '\'']) => key.to_string(),
        _ if parse_range(key).is_ok() => format!("\"{key}\""),
        _ => return None,
    };
    let word = |c: char| c.is_ascii_alphanumeric() || "_/:-".contains(c);
    let value_bare = !value.is_empty() && (parse(value).is_ok() || value.chars().all(word));
    let value_stands = matches!(value, "true" | "false") || value.parse::<i64>().is_ok();
    let value_text = match value {
        _ if value_bare && !value_stands => format!("\"{value}\""),
        _ if value_stands || closed(value) => value.to_string(),
        _ if value.len() > 1 && value.starts_with('"') && !value[1..].contains('"') => format!("{value}\""),
        _ => return None,
    };
    let repaired = format!("{key_text} = {value_text}");
    (repaired != format!("{key} = {value}")).then_some(repaired)
}

/// A string with both its quotes.
fn closed(value: &str) -> bool {
    value.len() > 1 && value.starts_with(['"', '\'']) && value.ends_with(&value[..1])
}
