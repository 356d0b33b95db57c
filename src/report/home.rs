//! The screen of the bare `lab`: the machine, the lessons, and the next thing to type. It may not know what a lesson does.

use super::result::Machine;
use super::style::{self, BOLD, Line};
use super::text::hanging;
use super::{around, screen, words};

/// One lesson.
#[derive(Clone, Debug)]
pub struct Entry {
    /// its number
    pub number: u32,
    /// its slug
    pub id: String,
    /// half a line on what it shows
    pub brief: String,
}

/// The home screen; no line is wider than `width`, or than 40 where that is less.
pub fn home(entries: &[Entry], machine: &Machine, width: usize) -> String {
    let width = width.max(screen::NARROWEST);
    let version = concat!(
        "lab ",
        env!("CARGO_PKG_VERSION_MAJOR"),
        ".",
        env!("CARGO_PKG_VERSION_MINOR"),
        "  "
    );
    let mut blocks = vec![around::machine(machine, version, &[], width), Vec::new()];
    let ids = entries.iter().map(|entry| entry.id.len()).max().unwrap_or(0).max(14);
    for (i, entry) in entries.iter().enumerate() {
        let mark = if i == 0 { ">" } else { " " };
        let head = format!(" {mark} {} {:<ids$} ", entry.number, entry.id);
        let lines = hanging(&head, head.len(), &entry.brief, width);
        let bold = |(n, line): (usize, Line)| if i == 0 && n == 0 { line.bold() } else { line };
        blocks[1].extend(lines.into_iter().enumerate().map(bold));
    }
    if let Some(first) = entries.first() {
        blocks.push(vec![
            Line::default()
                .push(" ")
                .paint(BOLD, &words::next_command(first.number)),
        ]);
    }
    style::render(&around::stack(blocks), width)
}
