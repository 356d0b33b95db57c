//! A measurement as data and as a screen: a bar for each way, its time with its spread, and beside it what the time went
//! into, faults and system calls. The verdict is drawn from the numbers, with the condition under which it holds. It may
//! not know how anything was measured.

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::result::{ClaimResult, Machine, ScenarioResult, Text};
use super::style::{BOLD, Line};
use super::text::{clean, hanging};
use super::{around, screen, words};
use crate::op::{Condition, Way};
use crate::say::{said, say};
use crate::verdict::{Race, Spread};

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct MeasureResult {
    /// `read-vs-mmap`
    pub kind: &'static str,
    /// of the file
    pub bytes: u64,
    /// of a page
    pub page: u64,
    /// one for each condition
    pub series: Vec<SeriesResult>,
}

/// One condition.
#[derive(Clone, Debug, Serialize)]
pub struct SeriesResult {
    /// `load cached in-order`
    pub on: &'static str,
    /// worked on in each round
    pub bytes: u64,
    /// why it could not be measured here
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// the ways; the first is what mappings are held against
    pub ways: Vec<WayResult>,
    /// it as it was asked for
    #[serde(skip)]
    pub condition: Condition,
}

/// One way under a condition.
#[derive(Clone, Debug, Serialize)]
pub struct WayResult {
    /// `call 64K`, `mmap new`
    pub way: &'static str,
    /// system calls
    pub calls: u64,
    /// page faults that found the page in memory
    pub minor: u64,
    /// page faults that waited for the disk
    pub major: u64,
    /// always
    pub measured: bool,
    /// seconds
    pub timing: Times,
    /// it as it was asked for
    #[serde(skip)]
    pub is: Way,
}

/// Seconds.
#[derive(Clone, Debug, Serialize)]
pub struct Times {
    /// of all rounds
    #[serde(flatten)]
    pub spread: Spread,
    /// round by round, so that ways can be compared within each
    pub rounds: Vec<f64>,
}

/// What came of one comparison that a claim makes.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ComparedResult {
    pub on: &'static str,
    pub way: &'static str,
    pub than: &'static str,
    /// `faster`, `no faster`, `fewer calls`
    pub says: &'static str,
    /// did it come out as the claim says?
    pub met: bool,
    pub measured: bool,
    /// how many times faster the way is
    pub timing: Spread,
    /// of both, where they are what is compared
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<[u64; 2]>,
    /// half a line on it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
}

impl WayResult {
    /// Of calls, minor faults, major faults, and times.
    pub fn new(is: Way, [calls, minor, major]: [u64; 3], spread: Spread, rounds: Vec<f64>) -> WayResult {
        WayResult {
            way: is.name(),
            calls,
            minor,
            major,
            measured: true,
            timing: Times { spread, rounds },
            is,
        }
    }
}

/// Columns of the condition, the way, the time with its quartiles, the faults, the calls.
const LABEL: usize = 15;
const WAY: usize = 16;
const TIME: usize = 7;
const SPREAD: usize = 13;
const FAULTS: usize = 12;
const CALLS: usize = 7;

/// The whole screen.
pub fn screen(result: &ScenarioResult, machine: &Machine, width: usize) -> Vec<Line> {
    let Some(measure) = &result.measure else {
        return Vec::new();
    };
    let mut head = screen::header(result, machine, width);
    head.extend(chart(measure, width));
    let mut blocks = vec![
        head,
        verdict(measure, width),
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
    let narrow = width < screen::SIDE_BY_SIDE + 12;
    let (ms, quartiles) = (said!("ms", "毫秒"), said!("quartiles", "四分位"));
    let (faults, calls) = (said!("minor+major", "次+主缺页"), said!("calls", "调用"));
    let mut lines = Vec::new();
    let bar = width.saturating_sub(1 + LABEL + WAY + TIME + 2 + SPREAD + FAULTS + CALLS + 1);
    if !narrow {
        let head = Line::default().pad(1 + LABEL + WAY + bar);
        let head = right(head, ms, TIME).push("  ").push(quartiles);
        let head = head.pad(1 + LABEL + WAY + bar + TIME + 2 + SPREAD);
        lines.push(right(right(head, faults, FAULTS), calls, CALLS));
    }
    for series in &measure.series {
        let [first, second] = label(series, measure.page);
        let longest = series
            .ways
            .iter()
            .map(|way| way.timing.spread.median)
            .fold(0.0, f64::max);
        if narrow {
            lines.push(Line::default().paint(BOLD, &format!(" {first}, {second}")));
        }
        if let Some(reason) = &series.reason {
            let reason = say!("not shown: {reason}", "未测: {reason}");
            if narrow {
                lines.extend(hanging("   ", 3, &reason, width));
                continue;
            }
            let mut said = hanging("", 0, &reason, width - 1 - LABEL).into_iter();
            for label in [&first, &second] {
                let rest = said.next().unwrap_or_default();
                lines.push(Line::new(format!(" {label}")).pad(1 + LABEL).join(rest));
            }
            lines.extend(said.map(|rest| Line::default().pad(1 + LABEL).join(rest)));
            continue;
        }
        for (i, way) in series.ways.iter().enumerate() {
            let t = way.timing.spread;
            let part = t.median / longest.max(1e-12);
            let spread = format!("{}..{}", number(t.low * 1e3), number(t.high * 1e3));
            let faults = format!("{}+{}", way.minor, way.major);
            let name = way_name(way.is, series.condition, measure.page);
            if narrow {
                let line = Line::new(format!("  {name}")).pad(width.saturating_sub(20));
                lines.push(right(line, &number(t.median * 1e3), TIME).push(&format!(" {spread}")));
                let line =
                    Line::new(format!("  {}", marks(part, width.saturating_sub(23)))).pad(width.saturating_sub(20));
                lines.push(line.push(&say!("{faults}, {} calls", "{faults}, {} 次调用", way.calls)));
                continue;
            }
            let label = [&first, &second].get(i).map_or("", |label| label.as_str());
            let line = Line::new(format!(" {label}"))
                .pad(1 + LABEL)
                .push(&name)
                .pad(1 + LABEL + WAY);
            let line = line
                .push(&marks(part, bar.saturating_sub(1)))
                .pad(1 + LABEL + WAY + bar);
            let line = right(line, &number(t.median * 1e3), TIME).push(&format!("  {spread:<SPREAD$}"));
            lines.push(right(right(line, &faults, FAULTS), &way.calls.to_string(), CALLS));
        }
    }
    if narrow {
        let legend = said!(
            "ms, quartiles; faults minor+major, system calls",
            "毫秒, 四分位; 次缺页+主缺页, 系统调用"
        );
        lines.extend(hanging(" ", 1, legend, width));
    }
    lines
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

/// A mapping beside the call of its condition.
struct Held {
    faster: Spread,
    text: String,
}

/// Where a mapping wins most here, and where it loses most, each with its condition.
fn verdict(measure: &MeasureResult, width: usize) -> Vec<Line> {
    let mut all: Vec<Held> = measure
        .series
        .iter()
        .flat_map(|series| held(series, measure.page))
        .collect();
    all.sort_by(|a, b| b.faster.median.total_cmp(&a.faster.median));
    let best = all.first().filter(|best| best.faster.race() == Race::Faster);
    let worst = all.last().filter(|worst| worst.faster.race() == Race::Slower);
    let wins = best.map(|best| say!("mmap wins {}: {}", "mmap 胜 {}: {}", factor(best.faster), best.text));
    let loses = worst.map(|worst| {
        let by = factor(worst.faster.inverse());
        say!("mmap loses {by}: {}", "mmap 负 {by}: {}", worst.text)
    });
    let mut parts: Vec<String> = wins.into_iter().chain(loses).collect();
    if parts.is_empty() {
        parts.push(said!("nothing here differs by more than its spread", "这里的差别都不超出波动").to_owned());
    }
    let passes = passes(measure);
    let checked = say!("{passes}, all bytes as expected", "{passes}, 所有字节都与预期一致");
    let said = format!("{}. {checked}.", parts.join("; "));
    hanging(" ", 1, &said, width).into_iter().map(Line::bold).collect()
}

/// `231 passes`
pub fn passes(measure: &MeasureResult) -> String {
    let ways = measure.series.iter().flat_map(|series| &series.ways);
    let passes: usize = ways.map(|way| way.timing.rounds.len()).sum();
    say!("{passes} passes", "共 {passes} 遍")
}

/// Each mapping of a condition, held against its first call.
fn held(series: &SeriesResult, page: u64) -> Vec<Held> {
    let Some((call, others)) = series.ways.split_first() else {
        return Vec::new();
    };
    let [on, _] = label(series, page);
    let order = match series.condition.random {
        true => said!("random", "随机"),
        false => said!("in order", "顺序"),
    };
    let mappings = others.iter().filter(|way| !way.is.is_call());
    let one = |way: &WayResult| {
        let name = way_name(way.is, series.condition, page);
        Some(Held {
            faster: Spread::faster(&way.timing.rounds, &call.timing.rounds)?,
            text: format!(
                "{on}, {order}, {}",
                name.trim_start_matches("mmap").trim_start_matches([',', ' '])
            ),
        })
    };
    mappings.filter_map(one).collect()
}

/// `2.1x (1.9..2.3)`
fn factor(faster: Spread) -> String {
    format!(
        "{}x ({}..{})",
        short(faster.median),
        short(faster.low),
        short(faster.high)
    )
}

fn short(value: f64) -> String {
    if value >= 9.95 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

/// What came of each comparison of a claim, in half a line.
pub fn compared(claim: &ClaimResult) -> impl Iterator<Item = String> + '_ {
    claim.compares.iter().map(|one| {
        let text = match &one.text {
            Some(text) => clean(words::of(text)),
            None => format!("{}, {}", one.on, one.way),
        };
        let came = match (one.calls, one.timing.race()) {
            (Some([way, than]), _) => say!("{way}, not {than}", "{way} 次, 而非 {than} 次"),
            (None, Race::Faster) => say!("wins {}", "胜 {}", factor(one.timing)),
            (None, Race::Slower) => say!("loses {}", "负 {}", factor(one.timing.inverse())),
            (None, Race::Tie) => say!("a tie {}", "相当 {}", factor(one.timing)),
        };
        format!("{text} {came}")
    })
}
