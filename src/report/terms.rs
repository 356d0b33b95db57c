//! The screens of `lab explain`: one word, or the list of all. It may not know where the words come from.

use super::style::{BOLD, Line, render};
use super::text::wrap;
use super::words;

/// One word: its names, what it is, and where to look next.
pub fn term(names: &[&str], text: &str, see: &[&str], width: usize) -> String {
    let (first, others) = names
        .split_first()
        .map_or(("", &names[..0]), |(first, others)| (*first, others));
    let mut lines = vec![Line::default().paint(BOLD, &format!(" {first}"))];
    if !others.is_empty() {
        lines.push(Line::new(format!(" {}", others.join(", "))));
    }
    lines.push(Line::default());
    lines.extend(
        wrap(text, width - 2)
            .into_iter()
            .map(|line| Line::new(format!(" {line}"))),
    );
    if !see.is_empty() {
        lines.push(Line::default());
        let see = format!("{}  {}", words::see(), see.join(", "));
        lines.extend(
            wrap(&see, width - 2)
                .into_iter()
                .map(|line| Line::new(format!(" {line}"))),
        );
    }
    render(&lines, width)
}

/// The list of all, by kind.
pub fn terms<'a>(kinds: impl Iterator<Item = (&'a str, Vec<&'a str>)>, width: usize) -> String {
    let mut lines = Vec::new();
    for (kind, names) in kinds {
        lines.push(Line::default().paint(BOLD, &format!(" {kind}")));
        let names = wrap(&names.join(", "), width - 4);
        lines.extend(names.into_iter().map(|line| Line::new(format!("   {line}"))));
        lines.push(Line::default());
    }
    lines.push(Line::new(format!(" lab explain {}", words::word())));
    render(&lines, width)
}
