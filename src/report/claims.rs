//! The views of `lab claims`: a line or two each on a screen, JSON, and a table that a teacher pastes beside the notes.

use serde::Serialize;

use super::result::{ClaimVerdict, Text, english};
use super::style::{BOLD, Line, render};
use super::text::{hanging, left_in, wrap};
use super::words;
use crate::say::{Lang, lang};

/// A claim with the verdict of all that was run.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// n28
    pub id: String,
    /// what it says
    pub text: Text,
    /// derived from the runs
    pub verdict: ClaimVerdict,
    /// half a line
    #[serde(serialize_with = "english")]
    pub evidence: Option<Text>,
    /// scenarios to run
    pub scenarios: Vec<String>,
}

fn evidence(one: &Judged) -> &str {
    one.evidence.as_ref().map_or("", words::of)
}

/// A verdict in both languages, English first.
pub fn verdict_words(verdict: ClaimVerdict) -> [&'static str; 2] {
    match verdict {
        ClaimVerdict::Holds => ["HOLDS", "成立"],
        ClaimVerdict::Refuted => ["REFUTED", "不成立"],
        ClaimVerdict::Depends => ["DEPENDS", "视情况而定"],
        ClaimVerdict::Skipped => ["skipped", "跳过"],
    }
}

/// A verdict as the screens write it.
pub fn verdict_word(verdict: ClaimVerdict) -> &'static str {
    let [en, zh] = verdict_words(verdict);
    match lang() {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

/// One claim in two or three lines: what it says, and what came of it.
pub fn claims(judged: &[Judged], width: usize) -> String {
    let mut lines = Vec::new();
    for one in judged {
        let head = format!(" {:4}", one.id);
        let line = Line::new(head).paint(BOLD, &left_in(verdict_word(one.verdict), 9));
        let mut text = wrap(words::of(&one.text), width.saturating_sub(15)).into_iter();
        lines.push(line.push(&text.next().unwrap_or_default()));
        let space = " ".repeat(14);
        lines.extend(text.map(|more| Line::new(format!("{space}{more}"))));
        let scenario = one
            .scenarios
            .first()
            .map_or_else(String::new, |id| format!("  (lab\u{a0}scenario\u{a0}{id})"));
        // A command is typed as it stands, so it stands on one line.
        lines.extend(hanging(&space, 14, &format!("{}{scenario}", evidence(one)), width));
    }
    let count = |verdict| judged.iter().filter(|one| one.verdict == verdict).count();
    let counts = [
        ClaimVerdict::Holds,
        ClaimVerdict::Refuted,
        ClaimVerdict::Depends,
        ClaimVerdict::Skipped,
    ]
    .map(count);
    let total = words::verdicts(judged.len(), counts);
    lines.push(Line::default());
    lines.extend(
        wrap(&total, width - 1)
            .into_iter()
            .map(|line| Line::new(format!(" {line}"))),
    );
    render(&lines, width).replace('\u{a0}', " ")
}

/// The same as data.
pub fn claims_json(judged: &[Judged]) -> serde_json::Result<String> {
    let report = serde_json::json!({ "schema": "lab.claims/1", "claims": judged });
    Ok(format!("{}\n", serde_json::to_string_pretty(&report)?))
}

/// The same as a table.
pub fn claims_markdown(judged: &[Judged]) -> String {
    let mut text = format!(
        "| {} |\n| --- | --- | --- | --- | --- |\n",
        words::columns().join(" | ")
    );
    let cell = |text: &str| text.replace('|', "\\|");
    for one in judged {
        let run = one
            .scenarios
            .first()
            .map_or_else(String::new, |id| format!("`lab scenario {id}`"));
        let row = [
            &one.id,
            words::of(&one.text),
            verdict_word(one.verdict),
            evidence(one),
            &run,
        ]
        .map(cell);
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    text
}

/// The tests of other suites: those that a scenario shows, and those that none does.
pub fn suites(shown: &[(String, String)], missing: &[(String, String)], width: usize) -> String {
    let heading = |text: String| Line::default().paint(BOLD, &format!(" {text}"));
    let mut lines = vec![heading(words::suites_shown(shown.len()))];
    for (name, id) in shown {
        lines.push(Line::new(format!("   {name:18} lab scenario {id}")));
    }
    lines.push(Line::default());
    lines.push(heading(words::suites_missing(missing.len())));
    for (name, reason) in missing {
        lines.extend(hanging(&format!("   {name:18} "), 22, reason, width));
    }
    render(&lines, width)
}
