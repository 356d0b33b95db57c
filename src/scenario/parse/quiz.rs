//! What a quiz asks of a scenario, `[quiz]`: places that are loaded from or stored to, steps' own operations, borders. It
//! may not know the answers.

use toml::de::{DeTable, DeValue};

use super::asked::signal_called;
use super::reader::{Reader, Value};
use super::sections::LINES;
use super::value::Amount;
use crate::op::Signal;
use crate::say::{said, say};
use crate::scenario::complaint::{Code, Complaint, Span};

/// One question.
#[derive(Clone, Debug)]
pub struct Question {
    pub asks: About,
    /// the step, from 0; none: the first whose edges are touched
    pub step: Option<usize>,
    /// the misconception behind a wrong answer
    pub idea: Option<String>,
    pub at: Span,
}

/// What it is about.
#[derive(Clone, Debug)]
pub enum About {
    /// what does a load there give?
    Load(Amount),
    /// what comes of a store there?
    Store(Amount),
    /// where does this signal begin?
    Border(Signal),
    /// what does the step's own operation come to?
    Own,
}

impl<'a> Reader<'a> {
    /// The questions of a quiz; their steps are counted from 1 in the file.
    pub fn quiz(&mut self, top: &DeTable<'a>, steps: usize) -> Vec<Question> {
        let Some(table) = top.get("quiz").and_then(|value| self.table(value)) else {
            return Vec::new();
        };
        self.known(table, "[quiz]", &["ask"]);
        let Some(list) = table.get("ask").and_then(|value| self.list(value)) else {
            return Vec::new();
        };
        let questions = list.iter().take(LINES);
        questions.filter_map(|value| self.question(value, steps)).collect()
    }

    fn question(&mut self, value: &Value<'a>, steps: usize) -> Option<Question> {
        let at = self.span(value.span());
        let DeValue::Table(table) = value.get_ref() else {
            let asks = About::Load(self.amount(value)?);
            return Some(Question {
                asks,
                step: None,
                idea: None,
                at,
            });
        };
        let meant = self.known(table, "a question", &["load", "store", "border", "step", "idea"]);
        let step = match table.get("step") {
            Some(value) => Some(self.question_step(value, steps)? - 1),
            None => None,
        };
        let idea = table.get("idea").and_then(|value| self.string(value));
        let kinds = ["load", "store", "border"].map(|key| table.get_key_value(key));
        if let [(_, _), (second, _), ..] = kinds.iter().flatten().collect::<Vec<_>>()[..] {
            let label = said!(
                "a second question; each has its own braces",
                "第二个问题; 每个问题要有自己的花括号"
            );
            self.complain(Complaint::new(
                Code::E10,
                said!("two questions in one", "一处写了两个问题"),
                self.span(second.span()),
                label,
            ));
            return None;
        }
        let asks = match kinds.map(|found| found.map(|(_, value)| value)) {
            [Some(load), _, _] => About::Load(self.amount(load)?),
            [_, Some(store), _] => About::Store(self.amount(store)?),
            [_, _, Some(border)] => About::Border(self.border(border)?),
            _ if !meant.is_empty() => return None,
            _ if step.is_some() => About::Own,
            _ => {
                let repair = "{ border = \"SIGSEGV\" }, { step = 2 } or { load = \"eof\", step = 2 }";
                self.missing(
                    value.span(),
                    said!("a question that asks nothing", "没有问任何东西的问题"),
                    said!("of what?", "问什么?"),
                    repair,
                );
                return None;
            }
        };
        Some(Question {
            asks,
            step,
            idea: idea.map(|word| word.text),
            at,
        })
    }

    fn border(&mut self, value: &Value<'a>) -> Option<Signal> {
        let word = self.string(value)?;
        let signal = signal_called(&word.text);
        if signal.is_none() {
            let label = said!("there are SIGBUS, SIGSEGV", "只有 SIGBUS、SIGSEGV");
            self.complain(Complaint::new(
                Code::E07,
                said!("no such border", "没有这样的边界"),
                word.at.whole(),
                label,
            ));
        }
        signal
    }

    fn question_step(&mut self, value: &Value<'a>, steps: usize) -> Option<usize> {
        let count = self.count(value)?;
        if count <= steps.max(1) {
            return Some(count);
        }
        let label = match steps {
            0 | 1 => said!(
                "the scenario has 1 step, and that is step = 1",
                "情景只有 1 个步骤, 即 step = 1"
            )
            .to_owned(),
            _ => say!(
                "the scenario has {steps} steps, counted from 1",
                "情景有 {steps} 个步骤, 从 1 数起"
            ),
        };
        let title = say!("there is no step {count}", "没有步骤 {count}");
        self.complain(Complaint::new(Code::E04, title, self.span(value.span()), label));
        None
    }
}
