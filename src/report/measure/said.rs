//! What a measurement says in words: where a mapping wins most, where it loses most, and what came of a claim; each with
//! the condition under which it was so. It may not know columns.

use super::data::{MeasureResult, SeriesResult, WayResult};
use super::{label, way_name};
use crate::report::result::ClaimResult;
use crate::report::style::Line;
use crate::report::text::{clean, hanging};
use crate::report::words;
use crate::say::{said, say};
use crate::verdict::{Race, Spread};

/// A mapping beside the call of its condition.
struct Held {
    faster: Spread,
    text: String,
}

/// Where a mapping wins most here, and where it loses most, each with its condition.
pub fn verdict(measure: &MeasureResult, width: usize) -> Vec<Line> {
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
