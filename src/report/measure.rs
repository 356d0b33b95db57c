//! A measurement as a screen: a bar for each way, its time with its spread, and beside it what the time went
//! into, faults and system calls. The verdict is drawn from the numbers, with the condition under which it holds. It may
//! not know how anything was measured.

use unicode_width::UnicodeWidthStr;

use super::result::{Machine, ScenarioResult};
use super::style::{BOLD, Line};
use super::text::hanging;
use super::{around, screen};
use crate::op::{Condition, Way};
use crate::say::{said, say};

mod data;
mod said;

pub use data::{ComparedResult, MeasureResult, SeriesResult, WayResult};
pub use said::{compared, passes};

/// Columns of the condition, the way, the time with its quartiles, the faults, the calls.
const LABEL: usize = 15;
const WAY: usize = 16;
const TIME: usize = 7;
const SPREAD: usize = 13;
const FAULTS: usize = 12;
const CALLS: usize = 7;
/// All of them, with what lies between.
const COLUMNS: usize = 1 + LABEL + WAY + TIME + 2 + SPREAD + FAULTS + CALLS + 1;
/// From here on they have room, and a bar between them.
const BESIDE: usize = COLUMNS + 5;

/// The whole screen.
pub fn screen(result: &ScenarioResult, machine: &Machine, width: usize) -> Vec<Line> {
    let Some(measure) = &result.measure else {
        return Vec::new();
    };
    let mut head = screen::header(result, machine, width);
    head.extend(chart(measure, width));
    let mut blocks = vec![
        head,
        said::verdict(measure, width),
        around::claims(result, |_| String::new(), width),
    ];
    if !(screen::SIDE_BY_SIDE..screen::CALLS_BESIDE).contains(&width) {
        blocks.push(around::why(result, width)); // in between the rows are needed for the chart
    }
    blocks.push(around::next(result, width));
    around::stack(blocks)
}

/// All ways under all conditions.
fn chart(measure: &MeasureResult, width: usize) -> Vec<Line> {
    if width < BESIDE {
        return under(measure, width);
    }
    let bar = width - COLUMNS;
    let head = Line::default().pad(1 + LABEL + WAY + bar);
    let head = right(head, said!("ms", "毫秒"), TIME).push("  ");
    let head = head.push(said!("quartiles", "四分位"));
    let head = head.pad(1 + LABEL + WAY + bar + TIME + 2 + SPREAD);
    let head = right(head, said!("minor+major", "次/主缺页"), FAULTS);
    let mut lines = vec![right(head, said!("calls", "调用"), CALLS)];
    for series in &measure.series {
        let labels = label(series, measure.page);
        let label = |i: usize| Line::new(format!(" {}", labels.get(i).map_or("", String::as_str))).pad(1 + LABEL);
        if let Some(reason) = not_shown(series) {
            let said = hanging("", 0, &reason, width - 1 - LABEL);
            let rows = said.len().max(labels.len());
            let mut said = said.into_iter();
            lines.extend((0..rows).map(|i| label(i).join(said.next().unwrap_or_default())));
        }
        for (i, row) in rows(series, measure.page).enumerate() {
            let line = label(i).push(&row.way).pad(1 + LABEL + WAY);
            let line = line.push(&marks(row.part, bar - 1)).pad(1 + LABEL + WAY + bar);
            let line = right(line, &row.time, TIME).push(&format!("  {:<SPREAD$}", row.spread));
            lines.push(right(right(line, &row.faults, FAULTS), &row.calls.to_string(), CALLS));
        }
    }
    lines
}

/// The same where there is no room for columns: two lines for each way.
fn under(measure: &MeasureResult, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for series in &measure.series {
        let label = label(series, measure.page).join(", ");
        lines.push(Line::default().paint(BOLD, &format!(" {label}")));
        if let Some(reason) = not_shown(series) {
            lines.extend(hanging("   ", 3, &reason, width));
        }
        for row in rows(series, measure.page) {
            let line = Line::new(format!("  {}", row.way)).pad(width - 20);
            lines.push(right(line, &row.time, TIME).push(&format!(" {}", row.spread)));
            let line = Line::new(format!("  {}", marks(row.part, width - 23))).pad(width - 20);
            let (faults, calls) = (row.faults, row.calls);
            lines.push(line.push(&say!("{faults}, {calls} calls", "{faults}, {calls} 次调用")));
        }
    }
    let legend = said!(
        "ms, quartiles; faults minor+major, system calls",
        "毫秒, 四分位; 次缺页+主缺页, 系统调用"
    );
    lines.extend(hanging(" ", 1, legend, width));
    lines
}

/// A way as it is drawn.
struct Row {
    way: String,
    /// of the longest bar
    part: f64,
    time: String,
    spread: String,
    faults: String,
    calls: u64,
}

fn rows(series: &SeriesResult, page: u64) -> impl Iterator<Item = Row> + '_ {
    let medians = series.ways.iter().map(|way| way.timing.spread.median);
    let longest = medians.fold(1e-12, f64::max);
    series.ways.iter().map(move |way| {
        let t = way.timing.spread;
        Row {
            way: way_name(way.is, series.condition, page),
            part: t.median / longest,
            time: number(t.median * 1e3),
            spread: format!("{}..{}", number(t.low * 1e3), number(t.high * 1e3)),
            faults: format!("{}+{}", way.minor, way.major),
            calls: way.calls,
        }
    })
}

fn not_shown(series: &SeriesResult) -> Option<String> {
    let reason = series.reason.as_ref()?;
    Some(say!("not shown: {reason}", "未测: {reason}"))
}

/// Text at the right of a column.
fn right(line: Line, text: &str, column: usize) -> Line {
    line.push(&" ".repeat(column.saturating_sub(text.width()))).push(text)
}

/// A bar, at least one mark long.
fn marks(part: f64, room: usize) -> String {
    "#".repeat(((part * room as f64).round() as usize).clamp(1, room.max(1)))
}

/// Three figures that mean something.
fn number(value: f64) -> String {
    match value {
        _ if value >= 99.95 => format!("{value:.0}"),
        _ if value >= 9.995 => format!("{value:.1}"),
        _ if value >= 0.9995 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// `loads, cached` and `in order, 64M`
fn label(series: &SeriesResult, page: u64) -> [String; 2] {
    let Condition { stores, cached, random } = series.condition;
    let first = match (stores, cached) {
        (false, true) => said!("loads, cached", "读, 已缓存"),
        (false, false) => said!("loads, cold", "读, 未缓存"),
        (true, true) => said!("stores, cached", "写, 已缓存"),
        (true, false) => said!("stores, cold", "写, 未缓存"),
    };
    let pages = series.bytes / page.max(1);
    let second = match random {
        true => say!("{pages} random", "随机 {pages} 页"),
        false => say!("in order, {}", "顺序 {}", size(series.bytes)),
    };
    [first.to_owned(), second]
}

/// What a reader calls a way: `pread 64K`, `mmap new`, `mmap by 4K`.
fn way_name(way: Way, on: Condition, page: u64) -> String {
    let call = if on.stores { "pwrite" } else { "pread" };
    let piece = if on.random { page } else { crate::op::PIECE_PAGES * page };
    match way {
        Way::Call(bytes) => format!("{call} {}", size(bytes as u64)),
        Way::CallPage => format!("{call} {}", size(page)),
        Way::New => said!("mmap, new", "mmap 新建").to_owned(),
        Way::Populated => said!("mmap, populated", "mmap 预先填充").to_owned(),
        Way::Kept => said!("mmap, kept", "mmap 保留").to_owned(),
        Way::Pieces => say!("mmap each {}", "mmap 逐个 {}", size(piece)),
    }
}

/// `64M`, `4K`
fn size(bytes: u64) -> String {
    match bytes {
        _ if bytes >= 1 << 30 && bytes % (1 << 30) == 0 => format!("{}G", bytes >> 30),
        _ if bytes >= 1 << 20 && bytes % (1 << 20) == 0 => format!("{}M", bytes >> 20),
        _ => format!("{}K", bytes >> 10),
    }
}
