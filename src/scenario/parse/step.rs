//! One `[[step]]`: at most one operation, what is expected of it, and the touches after it.

use toml::de::{DeTable, DeValue};

use super::action::{Action, OPERANDS, OPERATIONS, row};
use super::outcome::Expectation;
use super::reader::{Reader, Value};
use super::value::{Amount, Word};
use crate::say::{said, say};
use crate::scenario::complaint::{Code, Complaint, Span};
use crate::scenario::expr;
use crate::scenario::near::nearest;

/// What asks for touches at the edges of all zones.
const EDGES: &str = "edges";

/// A step of a scenario.
#[derive(Clone, Debug)]
pub struct Step {
    /// its header
    pub span: Span,
    /// the process that carries it out
    pub by: Option<Word>,
    /// where its touches go, and its operation too
    pub on: Option<Word>,
    pub action: Option<Action>,
    /// the operation's key
    pub action_span: Span,
    pub expect: Option<Expectation>,
    /// touch the edges of all zones after it?
    pub edges: bool,
    /// places to touch besides
    pub probe: Vec<Amount>,
}

impl<'a> Reader<'a> {
    /// A step from its table.
    pub fn step(&mut self, value: &Value<'a>) -> Option<Step> {
        let table = self.table(value)?;
        let header = value.span();
        let operations = OPERATIONS.iter().map(|row| row.0);
        let keys: Vec<&'static str> = operations.chain(OPERANDS).chain(["probe", "expect"]).collect();
        self.known(table, said!("a step", "[[step]] 小节"), &keys);
        let by = table.get("by").and_then(|value| self.string(value));

        let mut operations: Vec<_> = OPERATIONS.iter().filter_map(|row| table.get_key_value(row.0)).collect();
        operations.sort_by_key(|(key, _)| key.span().start);
        if let [(first, _), (second, _), ..] = operations[..] {
            let complaint = Complaint::new(
                Code::E10,
                said!("two operations in one step", "一步里有两个操作"),
                self.span(second.span()),
                said!("a second operation", "第二个操作"),
            );
            let complaint = complaint.also(self.span(first.span()), said!("the step's operation", "这一步的操作"));
            self.complain(complaint.note(said!(
                "steps happen one after another; give each its own [[step]]",
                "步骤依次进行; 每个操作各写一个 [[step]]"
            )));
        }
        let (action, action_span, asked) = match operations.first() {
            Some((key, value)) => {
                let name: &str = key.get_ref();
                (
                    self.action(table, name, key.span(), value),
                    self.span(key.span()),
                    Some(row(name).2),
                )
            }
            // A key that nobody knows was meant to be the operation.
            None => {
                if table.iter().all(|(key, _)| keys.contains(&key.get_ref().as_ref())) {
                    self.idle(table);
                }
                (None, self.span(header.clone()), None)
            }
        };
        let expect = match (table.get("expect"), asked) {
            (Some(value), Some(asked)) => self.expectation(value, asked),
            _ => None,
        };
        let (edges, probe) = table
            .get("probe")
            .map_or((false, Vec::new()), |value| self.probe(value));
        Some(Step {
            span: self.span(header),
            by,
            on: table.get("on").and_then(|value| self.string(value)),
            action,
            action_span,
            expect,
            edges,
            probe,
        })
    }

    /// `"edges"`, or a list of places which may hold it too.
    pub fn probe(&mut self, value: &Value<'a>) -> (bool, Vec<Amount>) {
        let edges = |value: &Value<'a>| value.get_ref().as_str() == Some(EDGES);
        let values: Vec<&Value<'a>> = match value.get_ref() {
            DeValue::Array(list) => list.iter().collect(),
            _ => vec![value],
        };
        let places = values
            .iter()
            .filter(|value| !edges(value))
            .filter_map(|value| self.place(value))
            .collect();
        (values.iter().any(|value| edges(value)), places)
    }

    /// A place to touch, or a word that was meant to be "edges".
    fn place(&mut self, value: &Value<'a>) -> Option<Amount> {
        let known = expr::NAMES.iter().map(|(name, _)| *name);
        match value.get_ref().as_str() {
            Some(text) if expr::parse(text).is_err() && nearest(text, known.chain([EDGES])) == Some(EDGES) => {
                let word = self.string(value)?;
                let label = said!("neither a place nor \"edges\"", "既不是位置, 也不是 \"edges\"");
                let complaint = Complaint::new(
                    Code::E03,
                    said!("no such place to probe", "没有这样的探测位置"),
                    word.at.whole(),
                    label,
                );
                self.complain(complaint.help(format!("\"{EDGES}\"")));
                None
            }
            _ => self.amount(value),
        }
    }

    /// A step without an operation has no use for what belongs to one.
    fn idle(&mut self, table: &DeTable<'a>) {
        for key in OPERANDS
            .into_iter()
            .filter(|key| !matches!(*key, "by" | "on"))
            .chain(["expect"])
        {
            let Some((key, value)) = table.get_key_value(key) else {
                continue;
            };
            if self.is_of_ranges(value) {
                self.complain_of_ranges(value);
                continue;
            }
            let title = say!("\"{}\" without an operation", "没有操作, 却有 \"{}\"", key.get_ref());
            let label = said!("no operation in this step has use for it", "这一步没有用得着它的操作");
            let complaint = Complaint::new(Code::E10, title, self.span(key.span()), label);
            self.complain(complaint.note(say!(
                "the operations are {}",
                "操作有 {}",
                OPERATIONS.map(|row| row.0).join(", ")
            )));
        }
    }
}
