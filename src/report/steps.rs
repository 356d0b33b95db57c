//! The screen of a scenario of several steps: one small map a step, what changed in one line, a row for each run of pages
//! alike, touches only where they teach. It may not know what an operation does: changes are read off the zones.

use unicode_width::UnicodeWidthStr;

use super::map::{self, Row};
use super::result::{Machine, ProbeResult, ScenarioResult, StepResult, SymbolValues, Verdict};
use super::ruler::{self, Run, Span};
use super::screen::{self, SIDE_BY_SIDE};
use super::style::Line;
use super::text::{first_fitting, hanging};
use super::{around, change, table, words};

/// Header, steps, count, claims and prose.
pub fn screen(result: &ScenarioResult, machine: &Machine, width: usize) -> Vec<Line> {
    let probed = |step: usize| result.steps.iter().any(|s| s.n == step && s.probed);
    // one picture alone leaves room for all of its touches
    let roomy = width >= SIDE_BY_SIDE && result.steps.iter().filter(|step| step.probed).count() == 1;
    let teaches = |&(i, probe): &(usize, &ProbeResult)| {
        // a step's own access comes before the touches of its edges, which begin with loads
        let first = i == 0 || result.probes[i - 1].step != probe.step;
        let own = first && probe.op != "read";
        probe.verdict == Verdict::Differs || own || roomy || !probed(probe.step)
    };
    let table = table::rows(result.probes.iter().enumerate().filter(teaches));
    let mut blocks = vec![screen::header(result, machine, width)];
    if let Some(first) = result.steps.first() {
        blocks[0].extend(around::symbols(first, false, width));
        if width >= SIDE_BY_SIDE {
            blocks.push(around::calls(setup(first).0, width));
        }
    }
    blocks.push(maps(result, &table, width));
    let names = |probe: usize| {
        let place = || {
            result
                .probes
                .get(probe)
                .map(|p| words::in_step(p.offset, p.step))
                .unwrap_or_default()
        };
        table::letter_of(&table, probe).unwrap_or_else(place)
    };
    blocks.push(around::claims(result, names, width));
    if width >= SIDE_BY_SIDE {
        blocks.push(around::why(result, width));
        blocks.push(around::next(result, width));
    }
    around::stack(blocks)
}

/// The calls of the first step: those that make the file and the mapping, and its own after them.
fn setup(first: &StepResult) -> (&[String], &[String]) {
    let mapped = first.calls.iter().position(|call| call.starts_with("mmap("));
    first.calls.split_at(mapped.map_or(first.calls.len(), |i| i + 1))
}

/// The small maps, one under the other, in common columns.
fn maps(result: &ScenarioResult, table: &[table::Row], width: usize) -> Vec<Line> {
    let mut drawn: Vec<Vec<Row>> = result.steps.iter().map(|step| rows(result, step)).collect();
    let every = |drawn: &[Vec<Row>]| -> Vec<Row> { drawn.iter().flatten().map(copy).collect() };
    let narrow = width < SIDE_BY_SIDE;
    let indent = if width >= 70 { 2 } else { 1 };
    let columns = |rows: &[Row]| map::columns(rows, if width >= 80 { 19 } else { 0 }).indented(indent);
    let mut measured = every(&drawn);
    let mut columns = Some(columns(&measured))
        .filter(|columns| !narrow && columns.fit(&measured, width, true))
        .unwrap_or_else(|| columns(&measured).without_offsets());
    if !columns.fit(&measured, width, !narrow) {
        drawn.iter_mut().flatten().for_each(Row::shorten);
        measured = every(&drawn);
        columns = map::columns(&measured, 0).without_offsets();
    }
    let columns = columns.or_apart(&measured, width, !narrow);
    let touches = table::columns(table);
    let mut lines = if narrow {
        Vec::new()
    } else {
        vec![map::heading(columns)]
    };
    for (i, (step, rows)) in result.steps.iter().zip(&drawn).enumerate() {
        let from = table.partition_point(|row| row.probes[0].1.step < step.n);
        let to = table.partition_point(|row| row.probes[0].1.step <= step.n);
        if rows.is_empty() && from == to && i == 0 && setup(step).1.is_empty() {
            continue; // its calls stand above
        }
        let head = head(step, i.checked_sub(1).map(|i| &result.steps[i]), width);
        lines.extend(head.into_iter().map(Line::bold));
        if narrow {
            lines.extend(map::under(rows, columns, width));
        } else {
            lines.extend(map::beside(rows, columns, width));
        }
        lines.extend(table::body(&table[from..to], &touches, width, width < SIDE_BY_SIDE));
    }
    if width >= SIDE_BY_SIDE {
        lines.extend(ruler::legend(None, width));
    }
    lines.push(screen::count(&result.probes, table, width));
    lines
}

/// What columns are measured by.
fn copy(row: &Row) -> Row {
    Row {
        label: row.label.clone(),
        note: row.note.clone(),
        expected: Line::default(),
        observed: Line::default(),
        ..*row
    }
}

/// The runs of pages alike of one probed step, and what lies behind the mapping where that teaches anything.
fn rows(result: &ScenarioResult, step: &StepResult) -> Vec<Row> {
    if !step.probed {
        return Vec::new();
    }
    let s = step.symbols;
    let page = s.p.max(1);
    let expected = ruler::expected(step);
    let touched = map::touches(result, step).map(|probe| probe.offset);
    let last = touched
        .map(|n| n - n.rem_euclid(page) + page)
        .max()
        .unwrap_or(0)
        .max(s.map_end + page);
    let mut rows = Vec::new();
    for run in ruler::runs(&expected, page, 0, s.map_end, &[], &[]) {
        let label = words::page_label(run.from / page, run.to / page);
        let note = words::page_note(run.letter, true);
        let note = if run.letter == '+' {
            border(&s, &expected, run)
        } else {
            note
        };
        rows.push(Row {
            label,
            note,
            ..map::row(result, step, &expected, run.from, run.to)
        });
    }
    for run in ruler::runs(&expected, page, s.map_end, last, &[], &[]) {
        let row = map::row(result, step, &expected, run.from, run.to);
        let first = result
            .steps
            .iter()
            .find(|step| step.probed)
            .is_some_and(|first| first.n == step.n);
        if first || row.differs || s.eof > s.map_end {
            rows.push(Row {
                label: "------".into(),
                note: words::map_end_note(run.letter),
                ..row
            });
        }
    }
    rows
}

fn border(s: &SymbolValues, expected: &[Span], run: Run) -> Vec<String> {
    let inside = run.from < s.eof && s.eof < run.to;
    if inside {
        words::eof_note(s.eof, ruler::at(expected, s.eof) == '0')
    } else {
        vec![String::new()]
    }
}

/// A step's number, its calls and what changed.
fn head(step: &StepResult, before: Option<&StepResult>, width: usize) -> Vec<Line> {
    let number = format!(" {} ", step.n + 1); // as authors count them; in the JSON n is an index
    let changed = match before {
        None => vec![change::begins(step)],
        Some(before) => change::between(before, step),
    };
    let calls = before.map_or(setup(step).1, |_| &step.calls);
    let calls = around::folded(calls);
    if calls.is_empty() {
        let changed = if changed[0].is_empty() {
            vec![words::no_call().to_owned()]
        } else {
            changed
        };
        let text = first_fitting(&changed, width.saturating_sub(number.len()));
        return hanging(&number, number.len(), text, width);
    }
    let calls = calls.join("; ");
    let room = width.saturating_sub(number.len() + calls.width() + 3);
    match changed.iter().find(|text| text.width() <= room) {
        Some(text) => vec![Line::new(format!("{number}{calls}   {text}"))],
        None => {
            let mut lines = hanging(&number, number.len() + 2, &calls, width);
            let indent = " ".repeat(number.len());
            lines.extend(hanging(&indent, indent.len(), &changed[0], width));
            lines
        }
    }
}
