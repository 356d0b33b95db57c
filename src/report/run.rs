//! The lines of `lab run`: one a scenario, its strips from left to right in time, and a total. It may not know what made
//! a verdict.

use unicode_width::UnicodeWidthStr;

use super::result::{ClaimVerdict, Quiet, Report, ScenarioResult, Verdict};
use super::style::{self, BOLD, Line};
use super::text::{clean, hanging, left_in};
use super::{answers, around, screen, strip, words};

/// Columns that a strip has for itself before the count follows.
const STRIP: usize = 12;

/// All lines for one report, with colours in them; no line is wider than `width`, or than 40 where that is less.
pub fn run(report: &Report, width: usize) -> String {
    let width = width.max(screen::NARROWEST);
    let after = [words::scenarios(report.scenarios.len())];
    let mut blocks = vec![around::machine(&report.machine, "", &after, width), Vec::new()];
    let name = report
        .scenarios
        .iter()
        .map(|result| around::name(result).width())
        .max()
        .unwrap_or(0)
        .clamp(14, 24);
    for result in &report.scenarios {
        blocks[1].extend(one(result, report.timing.get(&result.id).copied(), name, width));
    }
    if report.scenarios.iter().any(|result| !strip::strips(result).is_empty()) {
        let legend = words::page_legend();
        blocks.push(hanging(" ", 1, &legend, width));
    }
    let s = &report.summary;
    let ran = s.agrees + s.differs + s.error;
    let seconds = report.timing.values().sum();
    blocks.push(hanging(
        " ",
        1,
        &words::ran(ran, s.agrees, s.differs, s.skipped, s.error, seconds),
        width,
    ));
    style::render(&around::stack(blocks), width)
}

/// One scenario: status, time, name, strips, count, claims; under it what differs, or the reason.
fn one(result: &ScenarioResult, seconds: Option<f64>, name: usize, width: usize) -> Vec<Line> {
    let margin = if width < screen::SIDE_BY_SIDE { " " } else { "   " };
    let status = left_in(status(result), 8);
    let time = seconds.map_or(String::new(), |seconds| format!("{seconds:.3}s"));
    let mut line = Line::new(margin);
    line = if result.verdict == Verdict::Agrees {
        line.push(&status)
    } else {
        line.paint(BOLD, &status)
    };
    line = line.push(&format!(" {time:<6}  {} ", left_in(&around::name(result), name)));
    let under = 14;
    if let Verdict::Error | Verdict::Skipped = result.verdict {
        let reason = result.reason.as_ref().map_or(words::no_reason(), words::of);
        if line.width() + reason.width() <= width {
            return vec![line.push(&clean(reason))];
        }
        let mut lines = vec![line];
        lines.extend(hanging(&" ".repeat(under), under, reason, width));
        return lines;
    }
    let column = if line.width() + STRIP + 8 <= width {
        line.width()
    } else {
        under
    };
    let mut lines = Vec::new();
    if column == under {
        lines.push(std::mem::replace(&mut line, Line::new(" ".repeat(under))));
    }
    let strips = strip::strips(result);
    let short = if strips.len() > 1 { 0 } else { column + STRIP };
    let facts = facts(result);
    let mut parts: Vec<(usize, Line)> = strips.iter().map(|text| (1, strip::paint(text))).collect();
    parts.extend(facts.iter().map(|fact| (2, Line::new(fact))));
    for (i, (gap, part)) in parts.into_iter().enumerate() {
        let at = match i {
            0 => column,
            i if i == strips.len() => short.max(line.width() + gap),
            _ => line.width() + gap,
        };
        if i > 0 && at + part.width() > width {
            lines.push(std::mem::replace(&mut line, Line::new(" ".repeat(column))));
            line = line.join(part);
        } else {
            line = line.pad(at).join(part);
        }
    }
    lines.push(line);
    lines.extend(differences(result, under, width));
    lines
}

fn status(result: &ScenarioResult) -> &'static str {
    let [ok, differs, skip, error, timeout] = words::status();
    match result.verdict {
        Verdict::Agrees => ok,
        Verdict::Differs => differs,
        Verdict::Skipped => skip,
        Verdict::Error
            if result
                .reason
                .as_ref()
                .is_some_and(|reason| reason.en.starts_with("timeout")) =>
        {
            timeout
        }
        Verdict::Error => error,
    }
}

/// How many take part: those that call, touch or are forked.
fn processes(result: &ScenarioResult) -> usize {
    let mut names: Vec<String> = result.probes.iter().map(|probe| probe.by.clone()).collect();
    for step in &result.steps {
        names.push(step.told.by.clone());
        names.extend(step.told.callers.iter().filter(|name| *name != "?").cloned());
        if let Some(Quiet::Fork(child)) = step.told.quiet {
            names.push(child.to_string());
        }
    }
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    names.len()
}

/// `18/18`, `1 claim refuted`
fn facts(result: &ScenarioResult) -> Vec<String> {
    let agree = result
        .probes
        .iter()
        .filter(|probe| probe.verdict == Verdict::Agrees)
        .count();
    let mut facts = match &result.measure {
        Some(measure) => vec![super::measure::passes(measure)],
        None => vec![format!("{agree}/{}", result.probes.len())],
    };
    let processes = processes(result);
    if processes > 1 {
        facts.push(words::processes(processes));
    }
    for verdict in [ClaimVerdict::Refuted, ClaimVerdict::Depends, ClaimVerdict::Holds] {
        let n = result.claims.iter().filter(|claim| claim.verdict == verdict).count();
        if n > 0 {
            facts.push(words::claims(n, verdict));
        }
    }
    facts
}

/// `base[15000]: author says SIGSEGV, model and kernel SIGBUS`, once for each difference.
fn differences(result: &ScenarioResult, indent: usize, width: usize) -> Vec<Line> {
    let differing = result.probes.iter().filter(|probe| probe.verdict == Verdict::Differs);
    let mut texts: Vec<String> = Vec::new();
    for probe in differing {
        let place = match probe.op {
            "call" => words::step(probe.step),
            "pread" => format!("{}[{}]", words::file_at(), probe.offset),
            _ => format!("{}[{}]", probe.area.as_deref().unwrap_or("base"), probe.offset),
        };
        let text = format!("{place}: {}", answers::explain(probe));
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let more = texts.len().saturating_sub(SHOWN);
    texts.truncate(SHOWN);
    texts.extend((more > 0).then(|| words::more(more)));
    texts
        .iter()
        .flat_map(|text| hanging(&" ".repeat(indent), indent + 2, text, width))
        .collect()
}

/// Differences that a line of a run lists; the scenario's own screen has all.
const SHOWN: usize = 5;
