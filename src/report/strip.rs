//! A step as a strip: one letter a page, `[#+BB]S`, alike pages folded: `[#B*999]S`. The letters are the model's, but
//! where a touch met something else the touch is believed. Of a story: a letter a step, or their number.

use super::result::{ProbeResult, ScenarioResult, StepResult, Verdict};
use super::ruler::{self, Run};
use super::style::{self, Line};
use super::{screen, words};

/// The strips of a scenario's probed steps, from left to right in time; of a story its steps.
pub fn strips(result: &ScenarioResult) -> Vec<String> {
    if screen::is_story(result) {
        return vec![story(result)];
    }
    result
        .steps
        .iter()
        .filter(|step| step.probed)
        .map(|step| strip(result, step))
        .collect()
}

/// `7 steps` where all agree, or nothing ran; else a letter for each step that asks: `..!.`, folded as pages are.
fn story(result: &ScenarioResult) -> String {
    let all = |verdict: &dyn Fn(&ProbeResult) -> bool| result.probes.iter().all(verdict);
    if all(&|probe| probe.verdict == Verdict::Agrees) || all(&|probe| probe.observed.is_none()) {
        return words::steps(result.steps.len());
    }
    let mut letters: Vec<(char, i64)> = Vec::new();
    for step in result.probes.chunk_by(|a, b| a.step == b.step) {
        let letter = match step {
            _ if step.iter().any(|probe| probe.verdict == Verdict::Differs) => '!',
            _ if step.iter().any(|probe| probe.observed.is_none()) => '?',
            _ => '.',
        };
        match letters.last_mut() {
            Some(last) if last.0 == letter => last.1 += 1,
            _ => letters.push((letter, 1)),
        }
    }
    letters.into_iter().map(|(letter, count)| fold(letter, count)).collect()
}

/// One step: the pages of the mapping in brackets, and the page behind it.
pub fn strip(result: &ScenarioResult, step: &StepResult) -> String {
    let spans = ruler::model(step);
    let (page, end) = (step.symbols.p.max(1), step.symbols.map_end);
    let odd: Vec<(i64, char)> = result
        .probes
        .iter()
        .filter(|probe| probe.step == step.n && matches!(probe.op, "read" | "write"))
        .filter_map(|probe| Some((probe.offset, ruler::seen(probe, &spans)?)))
        .filter(|&(offset, letter)| letter != ruler::at(&spans, offset))
        .collect();
    let believed = |run: &Run| {
        odd.iter()
            .find(|o| run.from <= o.0 && o.0 < run.to)
            .map_or(run.letter, |o| o.1)
    };
    let alone: Vec<i64> = odd.iter().map(|o| o.0).collect();
    let mut pages: Vec<(char, i64)> = Vec::new();
    for run in ruler::runs(&spans, page, 0, end, &alone, &[]) {
        let (letter, count) = (believed(&run), (run.to - run.from).div_euclid(page).max(1));
        match pages.last_mut() {
            Some(last) if last.0 == letter => last.1 += count,
            _ => pages.push((letter, count)),
        }
    }
    let inside: String = pages.into_iter().map(|(letter, count)| fold(letter, count)).collect();
    let behind = Run {
        from: end,
        to: end + page,
        letter: ruler::over(&spans, end, end + page),
    };
    format!("[{inside}]{}", believed(&behind)).trim_end().to_string()
}

fn fold(letter: char, count: i64) -> String {
    if count > 4 {
        format!("{letter}*{count}")
    } else {
        letter.to_string().repeat(count as usize)
    }
}

/// A strip in colour. Digits behind a star count pages.
pub fn paint(strip: &str) -> Line {
    let mut line = Line::default();
    if strip.contains(' ') {
        return Line::new(strip); // words, no letters
    }
    let mut counting = false;
    for c in strip.chars() {
        counting = c == '*' || (counting && c.is_ascii_digit());
        let style = if counting { style::PLAIN } else { style::of_letter(c) };
        line = line.paint(style, &c.to_string());
    }
    line
}
