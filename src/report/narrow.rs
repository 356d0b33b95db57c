//! The screen of one probed step under 60 columns, as a projector shows it: few rows, large letters, the observed ruler
//! under the expected one, touches only where they differ or where the author made them. It may not know about calls.

use unicode_width::UnicodeWidthStr;

use super::result::{ClaimVerdict, ScenarioResult, StepResult, Verdict};
use super::style::Line;
use super::text::hanging;
use super::{answers, around, borders, map, screen, table, words};

/// Map, touches at the borders, count and claims.
pub fn screen(result: &ScenarioResult, step: &StepResult, width: usize) -> Vec<Line> {
    let rows = map::named(map::rows(result, step), 0, width, false);
    let columns = map::columns(&rows, 0).or_apart(&rows, width, false);
    let all = table::rows(result.probes.iter().enumerate());
    let odd: Vec<table::Row> = all
        .into_iter()
        .filter(|row| {
            row.probes
                .iter()
                .any(|(_, probe)| probe.verdict == Verdict::Differs || probe.step != step.n)
        })
        .collect();
    let mut last = borders(result, step, width);
    last.extend(table::body(&odd, &table::columns(&odd), width, true));
    last.push(screen::count(&result.probes, &[], width));
    last.extend(result.borders.iter().flat_map(|found| borders::lines(found, width)));
    last.extend(claims(result, width));
    around::stack(vec![
        title(result, step, width),
        map::under(&rows, columns, width),
        last,
    ])
}

/// ` 2 past-eof      file 5000  map 15000`
fn title(result: &ScenarioResult, step: &StepResult, width: usize) -> Vec<Line> {
    let sizes = words::sizes(step.symbols.size, step.symbols.len);
    let line = Line::new(format!(" {}", around::name(result))).pad(17);
    let line = if line.width() > 16 && !line.plain().ends_with(' ') {
        line.push("  ")
    } else {
        line
    };
    if line.width() + sizes.width() <= width {
        return vec![line.push(&sizes)];
    }
    let below = Line::new(format!("   {sizes}"));
    if below.width() <= width {
        return vec![line, below];
    }
    std::iter::once(line).chain(hanging("   ", 3, &sizes, width)).collect()
}

/// What a load met at the two lengths that people take for borders: ` 15000 -> SIGBUS     16384 -> SIGSEGV`.
fn borders(result: &ScenarioResult, step: &StepResult, width: usize) -> Vec<Line> {
    let mut line = Line::default();
    let s = step.symbols;
    let mut offsets = vec![s.eof, s.len, s.map_end];
    offsets.dedup();
    let loads = |offset: i64| map::touches(result, step).find(|p| p.op == "read" && p.offset == offset);
    for probe in offsets.iter().rev().take(2).rev().filter_map(|&offset| loads(offset)) {
        let text = format!(" {} -> {}", probe.offset, answers::saw(probe));
        if line.width() + 4 + text.width() <= width {
            let column = if line.width() == 0 { 0 } else { line.width() + 4 };
            line = line.pad(column).push(&text);
        }
    }
    if line.width() > 0 { vec![line] } else { Vec::new() }
}

/// The claims that were decided, by places: there is no table to give letters.
fn claims(result: &ScenarioResult, width: usize) -> Vec<Line> {
    let mut result = result.clone();
    result.claims.retain(|claim| claim.verdict != ClaimVerdict::Skipped);
    around::claims(&result, |_| String::new(), width)
}
