//! The screen of the bare `lab`: the machine, the lessons, how well they were predicted, and the next thing to type. It may
//! not know what a lesson does, nor where marks are kept.

use super::result::Machine;
use super::style::{self, BOLD, Line};
use super::text::{hanging, wrap};
use super::{around, screen, words};

/// With more lines than this, a brief has one.
const ROWS: usize = 100;

/// One lesson.
#[derive(Clone, Debug)]
pub struct Entry {
    /// its chapter, from 0
    pub chapter: usize,
    /// its number
    pub number: u32,
    /// its slug
    pub id: String,
    /// half a line on what it shows
    pub brief: String,
    /// of whoever has predicted it: right answers of the best time, and questions
    pub score: Option<(usize, usize)>,
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
    let screen = |whole| {
        let mut blocks = vec![around::machine(machine, version, &[], width)];
        blocks.extend(chapters(entries, width, whole));
        let next = words::next_command(next(entries).map(|entry| entry.number));
        blocks.push(vec![Line::default().push(" ").paint(BOLD, &next)]);
        around::stack(blocks)
    };
    let lines = screen(true);
    let lines = if lines.len() > ROWS { screen(false) } else { lines };
    style::render(&lines, width)
}

/// The first that nobody has predicted, else the one that went worst; none where all went well.
fn next(entries: &[Entry]) -> Option<&Entry> {
    let wrong = |entry: &&Entry| entry.score.map_or(0, |(right, of)| of.saturating_sub(right));
    let worst = || entries.iter().rev().max_by_key(wrong).filter(|entry| wrong(entry) > 0);
    entries.iter().find(|entry| entry.score.is_none()).or_else(worst)
}

/// A block a chapter: its heading, then a lesson a line, or more where a brief is told `whole`.
fn chapters(entries: &[Entry], width: usize, whole: bool) -> Vec<Vec<Line>> {
    let ids = entries.iter().map(|entry| entry.id.len()).max().unwrap_or(0).max(14);
    let first = next(entries).map(|entry| entry.number);
    let any = entries.iter().any(|entry| entry.score.is_some());
    let digits = entries
        .iter()
        .map(|entry| entry.number)
        .max()
        .unwrap_or(0)
        .to_string()
        .len();
    let lesson = |entry: &Entry| {
        let next = first == Some(entry.number);
        let mark = if next { ">" } else { " " };
        let score = entry
            .score
            .map_or_else(String::new, |(right, of)| format!("{right}/{of}"));
        let score = if any { format!("{score:>5}  ") } else { String::new() };
        let head = format!(" {mark} {:>digits$} {:<ids$} {score}", entry.number, entry.id);
        let mut lines = hanging(&head, head.len(), &entry.brief, width);
        if !whole && lines.len() > 1 {
            let room = width.saturating_sub(head.len() + words::CUT.len());
            let brief = wrap(&entry.brief, room).swap_remove(0);
            lines = vec![Line::new(format!("{head}{brief}{}", words::CUT))];
        }
        if next {
            lines[0] = lines[0].clone().bold();
        }
        lines
    };
    let block = |chapter: &[Entry]| {
        let mut heading = Line::default()
            .push(" ")
            .paint(BOLD, &words::chapter(chapter[0].chapter));
        let known = chapter.iter().filter(|entry| entry.score.is_some()).count();
        if any {
            heading = heading.push(&words::predicted(known, chapter.len()));
        }
        std::iter::once(heading)
            .chain(chapter.iter().flat_map(lesson))
            .collect()
    };
    entries.chunk_by(|a, b| a.chapter == b.chapter).map(block).collect()
}
