//! The screen of one scenario: which parts stand on it, in which order, at which width. It may not know how a part is
//! drawn, nor what makes a verdict.

use unicode_width::UnicodeWidthStr;

use super::result::{Machine, ProbeResult, ScenarioResult, StepResult};
use super::style::{self, Line};
use super::text::{hanging_lines, wrap_call};
use super::{answers, around, borders, map, narrow, ruler, steps, story, table, words};

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
    let lines = match (around::reason(result, width), only(result)) {
        (None, _) if result.measure.is_some() => super::measure::screen(result, machine, width),
        (Some(reason), _) => around::stack(vec![header(result, machine, width), reason]),
        (None, _) if story::is_one(result) => story::screen(result, machine, width),
        (None, Some(step)) if width < SIDE_BY_SIDE => narrow::screen(result, step, width),
        (None, Some(step)) => single(result, step, machine, width),
        (None, None) if is_story(result) => story::screen(result, machine, width),
        (None, None) => steps::screen(result, machine, width),
    };
    style::render(&lines, width)
}

/// The step whose one picture is true of the whole run: the first, where no other is probed and no later step calls
/// anything that could move a border. Everywhere else each moment needs its own place on the screen.
fn only(result: &ScenarioResult) -> Option<&StepResult> {
    let (first, later) = result.steps.split_first()?;
    let alone = |step: &StepResult| step.told.quiet.is_none() && matches!(step.told.by.as_str(), "" | "A");
    let still = |step: &StepResult| !step.probed && alone(step) && step.calls.iter().all(|call| is_read(call));
    // its table has places of one mapping and bytes of one file
    let plain = |probe: &ProbeResult| probe.area.is_none() && probe.op != "call" && probe.by == "A";
    let only = first.probed && later.iter().all(still) && result.probes.iter().all(plain);
    only.then_some(first)
}

/// Is it told step by step, in lines?
pub fn is_story(result: &ScenarioResult) -> bool {
    only(result).is_none() && story::is_one(result)
}

/// A read of the file, of which the table has a line.
fn is_read(call: &str) -> bool {
    call.starts_with("pread")
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
    let pages = map::rows(result, step);
    match map_with_calls(&pages, step, width).filter(|_| width >= CALLS_BESIDE) {
        Some(both) => blocks.push(both),
        None => {
            blocks.push(draw_map(pages, step, width));
            blocks.push(around::calls(&step.calls, width));
        }
    }
    blocks.push(touches(result, step, &rows, width));
    blocks.push(around::claims(result, names, width));
    blocks.push(around::why(result, width));
    blocks.push(around::next(result, width));
    around::stack(blocks)
}

/// Rulers, notes and legend within `width` columns.
fn draw_map(rows: Vec<map::Row>, step: &StepResult, width: usize) -> Vec<Line> {
    // offsets stand apart from the pages where there is room for it
    let room = if width >= 80 { 15 } else { 0 };
    let rows = map::named(rows, room, width, true);
    let columns = map::columns(&rows, room).or_apart(&rows, width, true);
    let mut lines = vec![map::heading(columns)];
    lines.extend(map::beside(&rows, columns, width));
    lines.extend(ruler::legend(Some(step.symbols.p), width));
    lines
}

/// The map with the system calls to its right, where both fit; the notes become words where the calls need their room.
fn map_with_calls(rows: &[map::Row], step: &StepResult, width: usize) -> Option<Vec<Line>> {
    let columns = map::columns(rows, 15);
    let room = width.checked_sub(2 + CALL_ROOM)?;
    if !columns.fit(rows, room, true) {
        return None;
    }
    let mut left = vec![map::heading(columns)];
    left.extend(map::beside(rows, columns, room));
    let column = left.iter().map(Line::width).max().unwrap_or(0) + 2;
    let room = width.saturating_sub(column + 2);
    let mut right = Vec::new();
    for call in around::folded(&step.calls) {
        right.extend(hanging_lines("", 2, wrap_call(&call, room)));
    }
    if !right.is_empty() {
        right.insert(0, Line::new(words::child()));
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
    Some(lines)
}

/// The table of the probed step, what the author's own steps did after it, and the count.
fn touches(result: &ScenarioResult, step: &StepResult, rows: &[table::Row], width: usize) -> Vec<Line> {
    let columns = table::columns(rows);
    let mut lines = table::heading(&columns, width);
    let (here, later) = rows.split_at(rows.partition_point(|row| row.probes[0].1.step == step.n));
    lines.extend(table::body(here, &columns, width, false));
    if !later.is_empty() {
        lines.push(Line::new(format!(" {}", words::then())));
    }
    lines.extend(table::body(later, &columns, width, false));
    lines.push(count(&result.probes, rows, width));
    lines.extend(result.borders.iter().flat_map(|found| borders::lines(found, width)));
    lines
}

/// `18 of 18 as expected`, and what `rw` and `pr` mean where they stand in the table.
pub fn count(probes: &[ProbeResult], rows: &[table::Row], width: usize) -> Line {
    let mut line = Line::new(format!(" {}", answers::count(probes)));
    let both = rows.iter().any(|row| row.probes.len() > 1);
    let pread = rows.iter().any(|row| row.probes[0].1.op == "pread");
    let mut legend: Vec<&str> = Vec::new();
    if both {
        legend.push(if pread { words::both_short() } else { words::both() });
    }
    if pread {
        legend.push(words::pread());
    }
    let legend = legend.join("   ");
    if !legend.is_empty() && line.width() + 6 + legend.width() <= width {
        let column = 27.max(line.width() + 3);
        line = line.pad(column).push(&legend);
    }
    line
}
