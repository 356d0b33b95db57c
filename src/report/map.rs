//! The map of one probed step: a row a page, expected and observed side by side or one under the other, and a note on what
//! the page is, by rules from zones and symbols. It may not know a scenario by name.

use unicode_width::UnicodeWidthStr;

use super::result::{ProbeResult, ScenarioResult, StepResult, Verdict};
use super::ruler::{self, Run, Span};
use super::style::{BOLD, Line};
use super::text::{first_fitting, left_in, right_in};
use super::words;

/// How many untouched pages alike are still drawn one by one.
const FEW: i64 = 2;

/// The name of a run of them.
const FOLDED: &str = "...";

/// One row of a map: a page, or a run of pages alike.
pub struct Row {
    /// `page 3`, `------` behind the mapping, `...` for a run
    pub label: String,
    /// its first byte, where it has a place of its own
    pub offset: i64,
    /// from the author's zones, else the model's
    pub expected: Line,
    /// from the touches
    pub observed: Line,
    /// what it is, the longest form first
    pub note: Vec<String>,
    /// did a touch in it come out otherwise?
    pub differs: bool,
}

impl Row {
    /// `3` for `page 3`.
    pub fn shorten(&mut self) {
        self.label = words::short_label(&self.label);
    }
}

/// The touches of memory in one step.
pub fn touches<'a>(result: &'a ScenarioResult, step: &StepResult) -> impl Iterator<Item = &'a ProbeResult> {
    let n = step.n;
    result
        .probes
        .iter()
        .filter(move |probe| probe.step == n && matches!(probe.op, "read" | "write"))
}

/// One row for the stretch `from .. to`, yet without a name.
pub fn row(result: &ScenarioResult, step: &StepResult, expected: &[Span], from: i64, to: i64) -> Row {
    let inside = |probe: &&ProbeResult| from <= probe.offset && probe.offset < to;
    Row {
        label: String::new(),
        offset: from,
        expected: ruler::paint(&ruler::cells(expected, from, to)),
        observed: ruler::paint(&ruler::touched(touches(result, step), &ruler::model(step), from, to)),
        note: Vec::new(),
        differs: touches(result, step)
            .filter(inside)
            .any(|probe| probe.verdict == Verdict::Differs),
    }
}

/// The rows of one step: every page that was touched or has a border in it, and runs of the others.
pub fn rows(result: &ScenarioResult, step: &StepResult) -> Vec<Row> {
    let (page, map_end) = (step.symbols.p.max(1), step.symbols.map_end);
    let expected = ruler::expected(step);
    let mut alone: Vec<i64> = touches(result, step).map(|probe| probe.offset).collect();
    let first = alone.iter().map(|n| n - n.rem_euclid(page)).min().unwrap_or(0).min(0);
    let last = alone
        .iter()
        .map(|n| n - n.rem_euclid(page) + page)
        .max()
        .unwrap_or(0)
        .max(map_end + page);
    alone.push(map_end);
    let mut rows = Vec::new();
    for run in ruler::runs(&expected, page, first, last, &alone, &[0, map_end]) {
        let pages = (run.to - run.from) / page;
        if pages > FEW {
            let row = row(result, step, &expected, run.from, run.to);
            rows.push(Row {
                label: FOLDED.into(),
                note: vec![words::alike(pages), words::alike_short(pages)],
                ..row
            });
            continue;
        }
        for n in 0..pages {
            let run = Run {
                from: run.from + n * page,
                to: run.from + (n + 1) * page,
                ..run
            };
            let row = row(result, step, &expected, run.from, run.to);
            rows.push(Row {
                label: label(step, &run),
                note: note(step, &expected, &run),
                ..row
            });
        }
    }
    rows
}

fn label(step: &StepResult, run: &Run) -> String {
    if run.from < 0 || run.from >= step.symbols.map_end {
        "------".into()
    } else {
        words::page_label(run.from / step.symbols.p.max(1), run.from / step.symbols.p.max(1) + 1)
    }
}

/// What a single page is: the border in it first, then what fills it.
fn note(step: &StepResult, expected: &[Span], run: &Run) -> Vec<String> {
    let s = step.symbols;
    let mapped = 0 <= run.from && run.from < s.map_end;
    if mapped && run.letter == '+' {
        let inside = run.from < s.eof && s.eof < run.to;
        return if inside {
            words::eof_note(s.eof, ruler::at(expected, s.eof) == '0')
        } else {
            vec![String::new()]
        };
    }
    if mapped && run.from < s.len && s.len < run.to {
        return words::len_note(s.len, run.letter);
    }
    if run.from == s.map_end {
        return words::map_end_note(run.letter);
    }
    words::page_note(run.letter, mapped)
}

/// The same rows with short names, where those with long ones do not fit.
pub fn named(mut rows: Vec<Row>, room: usize, width: usize, both: bool) -> Vec<Row> {
    if !columns(&rows, room).fit(&rows, width, both) {
        rows.iter_mut().for_each(Row::shorten);
    }
    rows
}

/// How wide the columns before the rulers are.
#[derive(Clone, Copy)]
pub struct Columns {
    indent: usize,
    label: usize,
    offset: usize,
    /// does what names a row stand on a line of its own?
    apart: bool,
}

/// The columns that these rows need; offsets stand at least `room` columns wide.
pub fn columns(rows: &[Row], room: usize) -> Columns {
    let label = rows.iter().map(|row| row.label.width()).max().unwrap_or(0);
    let digits = rows.iter().map(|row| row.offset.to_string().len()).max().unwrap_or(0);
    Columns {
        indent: 1,
        label,
        offset: digits.max(room.saturating_sub(label + 1)),
        apart: false,
    }
}

impl Columns {
    /// Everything further to the right.
    pub fn indented(self, indent: usize) -> Columns {
        Columns { indent, ..self }
    }

    /// Rows are named by their pages alone.
    pub fn without_offsets(self) -> Columns {
        Columns {
            offset: 0,
            label: self.label.max(words::observed().width()),
            ..self
        }
    }

    /// Do these rows, each with its shortest note, keep within `width`? `both` where the rulers stand side by side.
    pub fn fit(self, rows: &[Row], width: usize, both: bool) -> bool {
        let note = |row: &Row| match row.differs {
            true => words::differs_short().width(),
            false => row.note.last().map_or(0, |note| note.width()),
        };
        let ruler = if both { 0 } else { ruler::CELLS + 3 };
        self::width(self) - ruler + rows.iter().map(note).max().unwrap_or(0) <= width
    }

    /// These columns, or where they do not fit rows that are named on lines of their own: digits are never cut off.
    pub fn or_apart(self, rows: &[Row], width: usize, both: bool) -> Columns {
        if self.fit(rows, width, both) {
            return self;
        }
        Columns {
            indent: 1,
            label: if both { 0 } else { words::observed().width() },
            offset: 0,
            apart: true,
        }
    }
}

/// The heading of rulers that stand side by side.
pub fn heading(columns: Columns) -> Line {
    let (start, expected, observed) = (width(columns) - RULERS, words::expected(), words::observed());
    let offset = if columns.offset > 0 { words::offset() } else { "" };
    let (offset, expected) = (right_in(offset, start), left_in(expected, 17));
    Line::new(format!("{offset}  {expected}  {observed}"))
}

/// Rows with both rulers side by side, in lines of `width` columns.
pub fn beside(rows: &[Row], columns: Columns, width: usize) -> Vec<Line> {
    let notes = width.saturating_sub(self::width(columns));
    let mut lines = Vec::new();
    for row in rows {
        lines.extend(apart(row, columns, width));
        let line = start(row, columns)
            .join(row.expected.clone())
            .push(" ")
            .join(row.observed.clone())
            .push(" ");
        lines.push(match (row.differs, columns.apart) {
            (true, _) => line.paint(BOLD, differs(notes)),
            (false, true) => line,
            (false, false) => line.push(first_fitting(&row.note, notes)),
        });
    }
    lines
}

/// Rows with the observed ruler under the expected one.
pub fn under(rows: &[Row], columns: Columns, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let left = width.saturating_sub(self::width(columns) - ruler::CELLS - 3);
    for row in rows {
        lines.extend(apart(row, columns, width));
        let line = start(row, columns).join(row.expected.clone()).push(" ");
        lines.push(match columns.apart {
            true => line,
            false => line.push(first_fitting(&row.note, left.min(SHORT))),
        });
        if row.label == FOLDED {
            continue;
        }
        let (seen, column) = (words::observed(), self::width(columns) - RULERS);
        let line = Line::new(format!("{} ", right_in(seen, column)))
            .join(row.observed.clone())
            .push(" ");
        lines.push(if row.differs {
            line.paint(BOLD, differs(left))
        } else {
            line
        });
    }
    lines
}

/// The line above a row's rulers that names it, where they leave no room for that.
fn apart(row: &Row, columns: Columns, width: usize) -> Option<Line> {
    let name = match row.label.as_str() {
        FOLDED => format!(" {FOLDED} "),
        label => format!(" {label}, {} {}: ", words::offset(), row.offset),
    };
    let note = first_fitting(&row.note, width.saturating_sub(name.width()));
    columns.apart.then(|| Line::new(name.clone() + note))
}

fn differs(room: usize) -> &'static str {
    if room >= words::differs().width() {
        words::differs()
    } else {
        words::differs_short()
    }
}

/// The room for notes under 60 columns: words, not sentences.
const SHORT: usize = 8;

fn start(row: &Row, columns: Columns) -> Line {
    let Columns {
        indent, label, offset, ..
    } = columns;
    if columns.apart {
        return Line::new(" ".repeat(indent + label + 1));
    }
    let name = if row.label == FOLDED || offset == 0 {
        String::new()
    } else {
        row.offset.to_string()
    };
    let gap = usize::from(offset > 0);
    Line::new(format!(
        "{:indent$}{}{:gap$}{name:>offset$} ",
        "",
        left_in(&row.label, label),
        ""
    ))
}

/// Columns of both rulers with their bars and spaces.
const RULERS: usize = 2 * ruler::CELLS + 7;

/// Columns of a whole map without its notes.
pub fn width(columns: Columns) -> usize {
    columns.indent + columns.label + usize::from(columns.offset > 0) + columns.offset + RULERS
}
