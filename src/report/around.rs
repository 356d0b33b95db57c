//! What stands around a scenario's maps: title, machine, symbols, calls, claims, the reason why, and what to type next.
//! It may not know how a map or a table is drawn.

use unicode_width::UnicodeWidthStr;

use super::result::{CaseResult, ClaimResult, ClaimVerdict, Machine, ScenarioResult, StepResult, Text, Verdict};
use super::screen::SIDE_BY_SIDE;
use super::style::{BOLD, Line};
use super::text::{clean, hanging, hanging_lines, left_in, wrap_call};
use super::{answers, words};
use crate::say;

/// The name of a scenario: number and id, or the file it came from.
pub fn name(result: &ScenarioResult) -> String {
    match result.number {
        Some(number) => format!("{number} {}", result.id),
        None => clean(if result.source == "builtin" {
            &result.id
        } else {
            &result.source
        }),
    }
}

/// `2 past-eof: more is mapped than the file holds`
pub fn title(result: &ScenarioResult, width: usize) -> Vec<Line> {
    let title = clean(words::of(&result.prose.title));
    let text = if title.is_empty() {
        name(result)
    } else {
        format!("{}: {title}", name(result))
    };
    hanging(" ", 3, &text, width)
}

/// `Linux 6.18.44 x86_64 | page 4096 | ext4 on /tmp`, with what else belongs there.
pub fn machine(machine: &Machine, before: &str, after: &[String], width: usize) -> Vec<Line> {
    let mut parts = vec![
        format!("{before}Linux {} {}", machine.kernel, machine.arch),
        words::page_size(machine.page),
        if machine.dir.is_empty() {
            machine.fs.clone()
        } else {
            words::filesystem(&machine.fs, &machine.dir)
        },
    ];
    parts.extend_from_slice(after);
    let mut line = String::new();
    let mut lines = Vec::new();
    for part in parts {
        if !line.is_empty() && line.width() + 3 + part.width() > width {
            lines.push(Line::new(std::mem::take(&mut line)));
        }
        line.push_str(if line.is_empty() { " " } else { " | " });
        line.push_str(&part);
    }
    lines.push(Line::new(line));
    lines
}

/// The two roundings: `eof 5000 -> eof_page 8192`, `len 15000 -> map_end 16384`.
pub fn symbols(step: &StepResult, with_eof: bool, width: usize) -> Vec<Line> {
    let s = step.symbols;
    let page = s.p.max(1);
    let what_eof = if s.size == s.eof {
        words::file_size()
    } else {
        words::file_end()
    };
    let mut rows = Vec::new();
    if with_eof {
        rows.push(("eof", s.eof, what_eof, "eof_page", s.eof_page));
    }
    rows.push(("len", s.len, words::length(), "map_end ", s.map_end));
    let digits = |pick: fn(&(&str, i64, &str, &str, i64)) -> i64| {
        rows.iter().map(|row| pick(row).to_string().len()).max().unwrap_or(0)
    };
    let (left, right) = (digits(|row| row.1), digits(|row| row.4));
    let what = rows.iter().map(|row| row.2.width()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (name, value, text, up, rounded) in &rows {
        let short = format!(" {name} {value:>left$} -> {up} {rounded:>right$}");
        if short.width() > width {
            lines.push(Line::new(format!(" {name} {value}")));
            lines.push(Line::new(format!("   -> {up} {rounded}")));
            continue;
        }
        let note = words::rounded(rounded / page, value == rounded);
        let text = left_in(text, what);
        let full = format!(" {name} {value:>left$}  {text}  -> {up} {rounded:>right$}   {note}");
        lines.push(Line::new(if full.width() <= width { full } else { short }));
    }
    lines
}

/// System calls under their heading.
pub fn calls(calls: &[String], width: usize) -> Vec<Line> {
    if calls.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Line::new(format!(" {}", words::child()))];
    for call in folded(calls) {
        lines.extend(hanging_lines("   ", 5, wrap_call(&call, width.saturating_sub(5))));
    }
    lines
}

/// The calls, clean, and of many alike in a row the first alone with their number.
pub fn folded(calls: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for alike in calls.chunk_by(|a, b| a == b) {
        let call = clean(&alike[0]);
        match alike.len() {
            1 | 2 => lines.extend(std::iter::repeat_n(call, alike.len())),
            n => lines.extend([call, words::more_alike(n - 1)]),
        }
    }
    lines
}

/// Why there is nothing to draw, if so.
pub fn reason(result: &ScenarioResult, width: usize) -> Option<Vec<Line>> {
    let word = match result.verdict {
        Verdict::Error => words::error(),
        Verdict::Skipped => words::skipped(),
        Verdict::Agrees | Verdict::Differs => return None,
    };
    let reason = result.reason.as_ref().map_or(words::no_reason(), words::of);
    Some(hanging(&format!(" {word}  "), 3 + word.width(), reason, width))
}

/// Each claim with its verdict; `names` gives a probe the name that the screen has for it.
pub fn claims(result: &ScenarioResult, names: impl Fn(usize) -> String, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let hang = if width < SIDE_BY_SIDE {
        3
    } else {
        words::claim().width() + 4
    };
    for claim in &result.claims {
        let head = format!(" {}   ", words::claim());
        // only the lessons quote the course notes; a stranger's file speaks for itself
        let said = match result.source.as_str() {
            "builtin" => words::notes().to_string(),
            _ => clean(&claim.id),
        };
        let text = words::quoted(&said, &clean(words::of(&claim.text)));
        lines.extend(hanging(&head, head.width(), &text, width));
        let mut by: Vec<String> = claim.by.iter().map(|&probe| names(probe)).collect();
        let mut seen = Vec::new();
        by.retain(|name| {
            let new = !name.is_empty() && !seen.contains(name);
            seen.push(name.clone());
            new
        });
        let shown = claim.shown.as_ref().map_or("", words::of);
        let (word, rest) = match claim.verdict {
            verdict if !claim.compares.is_empty() => {
                (super::verdict_word(verdict), words::cases(&spoken_cases(result, claim)))
            }
            ClaimVerdict::Refuted => (words::refuted(), words::decided(&by, shown)),
            ClaimVerdict::Holds => (words::holds(), words::decided(&by, shown)),
            ClaimVerdict::Depends if !claim.cases.is_empty() => {
                (words::depends(), words::cases(&spoken_cases(result, claim)))
            }
            ClaimVerdict::Depends => (words::depends(), words::decided(&by, shown)),
            ClaimVerdict::Skipped => (words::untouched(), format!(": {}", words::nothing_touched())),
        };
        let whole = hanging(" ", hang, &format!("{word}{rest}"), width);
        lines.extend(
            whole
                .into_iter()
                .enumerate()
                .map(|(i, line)| if i == 0 { embolden(line, 1, word) } else { line }),
        );
    }
    lines
}

/// `a regular file ok; a pipe ENODEV`
pub fn cases(result: &ScenarioResult, claim: &ClaimResult) -> Text {
    say::in_both(|| spoken_cases(result, claim)).into()
}

/// `4 touches of 8192 to 14999: SIGBUS`
pub fn touched(result: &ScenarioResult, claim: &ClaimResult) -> Text {
    let probes: Vec<_> = claim.by.iter().filter_map(|probe| result.probes.get(*probe)).collect();
    let places = probes.iter().map(|probe| probe.offset);
    let (Some(first), Some(last)) = (places.clone().min(), places.max()) else {
        return Text::default();
    };
    say::in_both(|| {
        let mut saw: Vec<String> = probes.iter().map(|probe| answers::saw(probe)).collect();
        saw.sort();
        saw.dedup();
        words::touched(probes.len(), first, last, &saw.join(", "))
    })
    .into()
}

fn spoken_cases(result: &ScenarioResult, claim: &ClaimResult) -> String {
    let one = |case: &CaseResult| {
        let probe = result.probes.get(case.probe)?;
        let text = case.text.as_ref().map(|text| clean(words::of(text)));
        let text = text.unwrap_or_else(|| words::step(probe.step));
        Some(format!("{text} {}", answers::saw(probe)))
    };
    let cases = claim.cases.iter().filter_map(one);
    cases
        .chain(super::measure::compared(claim))
        .collect::<Vec<_>>()
        .join("; ")
}

/// The author's explanation, or where there is none the model's reasons.
pub fn why(result: &ScenarioResult, width: usize) -> Vec<Line> {
    if result.prose.shown_alone {
        return Vec::new();
    }
    let (word, text) = match &result.prose.why {
        Some(why) => (words::why(), words::of(why).to_string()),
        None => (words::model(), reasons(result)),
    };
    if text.is_empty() {
        return Vec::new();
    }
    let head = format!(" {word}   ");
    hanging(&head, head.width(), &text, width - 1)
}

/// The model's reason for the first touch under each rule, but for those that a difference has printed already.
fn reasons(result: &ScenarioResult) -> String {
    let differing = result.probes.iter().filter(|probe| probe.verdict == Verdict::Differs);
    let mut said: Vec<&str> = differing.map(|probe| probe.model.rule).collect();
    let mut text = Vec::new();
    let mut step = None;
    for probe in &result.probes {
        if said.contains(&probe.model.rule) {
            continue;
        }
        said.push(probe.model.rule);
        if result.steps.len() > 1 && step != Some(probe.step) {
            text.push(words::at_step(probe.step));
        }
        step = Some(probe.step);
        text.push(words::of(&probe.model.why).to_owned());
    }
    text.join(" ")
}

/// Commands to type next, and what they show.
pub fn next(result: &ScenarioResult, width: usize) -> Vec<Line> {
    if result.prose.shown_alone {
        return Vec::new();
    }
    let head = format!(" {}  ", words::next());
    let indent = " ".repeat(head.width());
    let commands: Vec<String> = result.prose.next.iter().map(|(command, _)| clean(command)).collect();
    let wide = commands.iter().map(|command| command.width()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (i, ((_, text), command)) in result.prose.next.iter().zip(&commands).enumerate() {
        let start = if i == 0 { &head } else { &indent };
        let text = clean(words::of(text));
        let beside = format!("{start}{}   {text}", left_in(command, wide));
        if beside.width() <= width {
            lines.push(Line::new(beside));
        } else {
            lines.extend(hanging(start, indent.len() + 4, command, width));
            lines.extend(hanging(&format!("{indent}  "), indent.len() + 2, &text, width));
        }
    }
    lines
}

/// Blocks with an empty line between them; empty ones are left out.
pub fn stack(blocks: Vec<Vec<Line>>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for block in blocks.into_iter().filter(|block| !block.is_empty()) {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(block);
    }
    lines
}

/// A line whose word at this column is bold.
fn embolden(line: Line, column: usize, word: &str) -> Line {
    let text = line.plain();
    match text.get(column..).and_then(|rest| rest.strip_prefix(word)) {
        Some(rest) => Line::new(&text[..column]).paint(BOLD, word).push(rest),
        None => line,
    }
}
