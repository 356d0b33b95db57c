//! The screen of one scenario: which parts stand on it, in which order, at which width. It may not know how a part is
//! drawn, nor what makes a verdict.

use super::result::{Machine, ProbeResult, ScenarioResult, StepResult};
use super::style::{self, Line};
use super::text::{hanging_lines, wrap_call};
use super::{answers, around, map, narrow, ruler, steps, table, words};

/// Narrower than this no screen is drawn.
pub const NARROWEST: usize = 40;
/// From here on two rulers stand side by side.
pub const SIDE_BY_SIDE: usize = 60;
/// From here on the system calls stand beside the map.
pub const CALLS_BESIDE: usize = 100;
/// System calls need as much room as their longest word.
const CALL_ROOM: usize = 36;

/// The screen of one scenario, with colours in it; no line is wider than `width`, or than 40 where that is less.
pub fn scenario(result: &ScenarioResult, machine: &Machine, width: usize) -> String {
    let width = width.max(NARROWEST);
    let mut probed = result.steps.iter().filter(|step| step.probed);
    let lines = match (around::reason(result, width), probed.next(), probed.next()) {
        (Some(reason), ..) => around::stack(vec![header(result, machine, width), reason]),
        (None, Some(step), None) if width < SIDE_BY_SIDE => narrow::screen(result, step, width),
        (None, Some(step), None) => single(result, step, machine, width),
        (None, ..) => steps::screen(result, machine, width),
    };
    style::render(&lines, width)
}

/// Title and machine.
pub fn header(result: &ScenarioResult, machine: &Machine, width: usize) -> Vec<Line> {
    let mut lines = around::title(result, width);
    if width >= SIDE_BY_SIDE {
        lines.extend(around::machine(machine, "", &[], width));
    }
    lines
}

/// One probed step: the map, then every touch.
fn single(result: &ScenarioResult, step: &StepResult, machine: &Machine, width: usize) -> Vec<Line> {
    let rows = table::rows(result.probes.iter().enumerate());
    let names = |probe: usize| table::letter_of(&rows, probe).unwrap_or_default();
    let mut blocks = vec![header(result, machine, width), around::symbols(step, true, width)];
    let before = || result.steps.iter().filter(|other| other.n <= step.n);
    if width < CALLS_BESIDE {
        blocks.push(draw_map(result, step, width));
        blocks.push(around::calls(before(), width));
    } else {
        blocks.push(map_with_calls(result, step, before(), width));
    }
    blocks.push(touches(result, step, &rows, width));
    blocks.push(around::claims(result, names, width));
    blocks.push(around::why(result, width));
    blocks.push(around::next(result, width));
    around::stack(blocks)
}

/// Rulers, notes and legend within `width` columns.
fn draw_map(result: &ScenarioResult, step: &StepResult, width: usize) -> Vec<Line> {
    let rows = map::rows(result, step);
    // offsets stand apart from the pages where there is room for it
    let columns = map::columns(&rows, if width >= 80 { 15 } else { 0 });
    let mut lines = vec![map::heading(columns)];
    lines.extend(map::beside(&rows, columns, width.saturating_sub(map::width(columns))));
    lines.extend(ruler::legend(Some(step.symbols.p), width));
    lines
}

/// The map with the system calls to its right; the notes become words where the calls need their room.
fn map_with_calls<'a>(
    result: &ScenarioResult,
    step: &StepResult,
    before: impl Iterator<Item = &'a StepResult>,
    width: usize,
) -> Vec<Line> {
    let rows = map::rows(result, step);
    let columns = map::columns(&rows, 15);
    let notes = width.saturating_sub(map::width(columns) + 2 + CALL_ROOM);
    let mut left = vec![map::heading(columns)];
    left.extend(map::beside(&rows, columns, notes));
    let column = left.iter().map(Line::width).max().unwrap_or(0) + 2;
    let room = width.saturating_sub(column + 2);
    let mut right = Vec::new();
    for call in before.flat_map(|step| &step.calls) {
        right.extend(hanging_lines("", 2, wrap_call(call, room)));
    }
    if !right.is_empty() {
        right.insert(0, Line::new(words::CHILD));
    }
    let blank = || Line::default();
    let height = left.len().max(right.len());
    left.resize_with(height, blank);
    right.resize_with(height, blank);
    let mut lines: Vec<Line> = left
        .into_iter()
        .zip(right)
        .map(|(l, r)| l.pad(column).join(r))
        .collect();
    lines.extend(ruler::legend(Some(step.symbols.p), width));
    lines
}

/// The table of the probed step, what the author's own steps did after it, and the count.
fn touches(result: &ScenarioResult, step: &StepResult, rows: &[table::Row], width: usize) -> Vec<Line> {
    let columns = table::columns(rows);
    let mut lines = vec![table::heading(&columns)];
    lines.extend(sections(result, step.n, rows, &columns, width));
    lines.push(count(&result.probes, rows, width));
    lines
}

/// The rows in the order of their steps; the calls of each step but the probed one stand before its rows.
fn sections(
    result: &ScenarioResult,
    probed: usize,
    rows: &[table::Row],
    columns: &table::Columns,
    width: usize,
) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut begun = false;
    for group in rows.chunk_by(|a, b| a.probes[0].1.step == b.probes[0].1.step) {
        let step = group[0].probes[0].1.step;
        if step > probed {
            if !begun {
                lines.push(Line::new(format!(" {}", words::THEN)));
            }
            begun = true;
            lines.extend(step_calls(result, step, "    ", width));
        }
        lines.extend(table::body(group, columns, width, false));
    }
    lines
}

/// The calls of the author's own step; a pread of it has a line of the table.
pub fn step_calls(result: &ScenarioResult, step: usize, indent: &str, width: usize) -> Vec<Line> {
    let calls = result
        .steps
        .iter()
        .filter(|other| other.n == step)
        .flat_map(|step| &step.calls);
    let shown = calls.filter(|call| !call.starts_with("pread"));
    let hang = indent.len() + 2;
    shown
        .flat_map(|call| hanging_lines(indent, hang, wrap_call(call, width.saturating_sub(hang))))
        .collect()
}

/// `18 of 18 as expected`, and what `rw` and `pr` mean where they stand in the table.
pub fn count(probes: &[ProbeResult], rows: &[table::Row], width: usize) -> Line {
    let mut line = Line::new(format!(" {}", answers::count(probes)));
    let both = rows.iter().any(|row| row.probes.len() > 1);
    let pread = rows.iter().any(|row| row.probes[0].1.op == "pread");
    let mut legend: Vec<&str> = Vec::new();
    if both {
        legend.push(if pread { words::BOTH_SHORT } else { words::BOTH });
    }
    if pread {
        legend.push(words::PREAD);
    }
    let legend = legend.join("   ");
    if !legend.is_empty() && line.width() + 6 + legend.len() <= width {
        line = line.pad(27).push(&legend);
    }
    line
}
