//! What a scenario says about its sources, `[[claim]]`.

use toml::de::DeTable;

use super::asked::Asked;
use super::reader::{Reader, Value};
use super::sections::LINES;
use super::{Case, Claim};
use crate::say::{said, say};
use crate::scenario::complaint::{Code, Complaint};

impl<'a> Reader<'a> {
    /// All claims; their steps are counted from 1 in the file.
    pub fn claims(&mut self, top: &DeTable<'a>, steps: usize) -> Vec<Claim> {
        let Some(list) = top.get("claim").and_then(|value| self.list(value)) else {
            return Vec::new();
        };
        list.iter()
            .take(LINES)
            .filter_map(|value| self.claim(value, steps))
            .collect()
    }

    fn claim(&mut self, value: &Value<'a>, steps: usize) -> Option<Claim> {
        let table = self.table(value)?;
        self.known(
            table,
            said!("a claim", "[[claim]] 小节"),
            &["id", "text", "says", "idea", "at", "cases", "compares"],
        );
        let part = |reader: &mut Self, key: &str, repair: &str| {
            let found = table.get(key);
            if found.is_none() {
                reader.missing(
                    value.span(),
                    say!("a claim without its \"{key}\"", "[[claim]] 缺少 \"{key}\""),
                    say!("needs {key} = ...", "需要 {key} = ..."),
                    repair,
                );
            }
            found
        };
        let id = part(self, "id", "id = \"n28\"").and_then(|value| self.string(value));
        let text = part(self, "text", "text = \"...\"").and_then(|value| self.prose(value));
        let cases = table.get("cases").map(|value| self.cases(value, steps));
        let compares = table.get("compares").map(|value| self.compares(value));
        let says = match (table.get("says"), cases.is_some() || compares.is_some()) {
            (None, true) => Some(Vec::new()),
            _ => part(self, "says", "says = { \"len ..\" = \"SIGSEGV\" }")
                .and_then(|value| self.table(value))
                .map(|table| self.zones(table, Asked::Claim, None)),
        };
        let idea = table
            .get("idea")
            .and_then(|value| self.string(value))
            .map(|word| word.text);
        let at = table
            .get("at")
            .and_then(|value| self.count(value).map(|count| (count, value.span())));
        if let Some((count, span)) = at.clone().filter(|(count, _)| *count > steps.max(1)) {
            let label = match steps {
                0 | 1 => said!(
                    "the scenario has 1 step, and that is at = 1",
                    "情景只有 1 步, 即 at = 1"
                )
                .to_string(),
                _ => say!(
                    "the scenario has {steps} steps, counted from 1 to {steps}",
                    "情景有 {steps} 步, 从 1 数到 {steps}"
                ),
            };
            self.complain(Complaint::new(
                Code::E04,
                say!("there is no step {count}", "没有第 {count} 步"),
                self.span(span),
                label,
            ));
        }
        Some(Claim {
            id: id?.text,
            text: text?,
            idea,
            step: at.map(|(count, _)| count - 1),
            says: says?,
            cases: cases.unwrap_or_default(),
            compares: compares.unwrap_or_default(),
        })
    }

    /// `cases = [{ at = 2, says = "ENODEV", en = "a pipe" }]`: what steps' own operations come to.
    fn cases(&mut self, value: &Value<'a>, steps: usize) -> Vec<Case> {
        let Some(list) = self.list(value) else {
            return Vec::new();
        };
        let mut cases = Vec::new();
        for value in list.iter().take(LINES) {
            let Some(table) = self.table(value) else { continue };
            let span = value.span();
            self.known(table, said!("a case", "cases 的一项"), &["at", "says", "en", "zh"]);
            let (Some(at), Some(says)) = (table.get("at"), table.get("says")) else {
                let label = said!(
                    "a case needs the step it speaks of, and what it says of it",
                    "每一项都要写明说的是哪一步、结果是什么"
                );
                let repair = "{ at = 2, says = \"EINVAL\" }";
                self.missing(
                    span,
                    said!(
                        "a case without its \"at\" or \"says\"",
                        "cases 的一项缺少 \"at\" 或 \"says\""
                    ),
                    label,
                    repair,
                );
                continue;
            };
            let step = self.count(at).filter(|step| *step <= steps);
            if step.is_none() {
                let label = say!(
                    "the scenario has {steps} steps, counted from 1 to {steps}",
                    "情景有 {steps} 步, 从 1 数到 {steps}"
                );
                self.complain(Complaint::new(
                    Code::E04,
                    said!("there is no such step", "没有这一步"),
                    self.span(at.span()),
                    label,
                ));
            }
            let says = self.expectation(says, Asked::Claim);
            let spoken = table.contains_key("en") || table.contains_key("zh");
            let text = if spoken { self.languages(table, span) } else { None };
            if let (Some(step), Some(says)) = (step, says) {
                let step = step - 1;
                cases.push(Case { step, says, text });
            }
        }
        cases
    }
}
