//! `[measure]`: what a scenario has measured in place of a script, and what a claim says of the ways that are measured.

use toml::de::DeTable;

use super::reader::{Reader, Value};
use super::sections::LINES;
use super::{Compared, Comparison};
use crate::op::{Measure, SERIES};
use crate::scenario::complaint::{Code, Complaint};

const KINDS: [(&str, Measure); 1] = [("read-vs-mmap", Measure::ReadVsMmap)];

const SAYINGS: [(&str, Comparison); 3] = [
    ("faster", Comparison::Faster),
    ("no faster", Comparison::NoFaster),
    ("fewer calls", Comparison::FewerCalls),
];

impl<'a> Reader<'a> {
    pub fn measure(&mut self, top: &DeTable<'a>) -> Option<Measure> {
        let value = top.get("measure")?;
        let table = self.table(value)?;
        self.known(table, "[measure]", &["kind"]);
        let Some(kind) = table.get("kind") else {
            self.missing(
                value.span(),
                "a [measure] without its \"kind\"",
                "of what?",
                "kind = \"read-vs-mmap\"",
            );
            return None;
        };
        let word = self.string(kind)?;
        self.ok(word.choice(&KINDS))
    }

    /// `compares = [{ on = "load cached random", way = "mmap new", than = "call page", says = "faster" }]`
    pub fn compares(&mut self, value: &Value<'a>) -> Vec<Compared> {
        let list = self.list(value);
        let entries = list.into_iter().flat_map(|list| list.iter().take(LINES));
        entries.filter_map(|value| self.compared(value)).collect()
    }

    fn compared(&mut self, value: &Value<'a>) -> Option<Compared> {
        let table = self.table(value)?;
        self.known(table, "a comparison", &["on", "way", "than", "says", "en", "zh"]);
        let mut part = |key: &str, repair: &str| {
            let found = table.get(key);
            if found.is_none() {
                let title = format!("a comparison without its \"{key}\"");
                self.missing(value.span(), title, format!("needs {key} = ..."), repair);
            }
            found.and_then(|value| self.string(value))
        };
        let on = part("on", "on = \"load cached in-order\"");
        let way = part("way", "way = \"mmap new\"");
        let than = part("than", "than = \"call 64K\"");
        let says = part("says", "says = \"faster\"");
        let conditions: Vec<_> = SERIES.iter().map(|series| (series.0.name(), *series)).collect();
        let (on, ways) = self.ok(on?.choice(&conditions))?;
        let ways: Vec<_> = ways.iter().map(|way| (way.name(), *way)).collect();
        let (way, than) = (self.ok(way?.choice(&ways)), than?);
        let other = self.ok(than.choice(&ways));
        if way.is_some() && way == other {
            let label = "this is the way itself";
            self.complain(Complaint::new(Code::E04, "a way beside itself", than.at.whole(), label));
        }
        let says = self.ok(says?.choice(&SAYINGS));
        let spoken = table.contains_key("en") || table.contains_key("zh");
        let text = if spoken {
            self.languages(table, value.span())
        } else {
            None
        };
        Some(Compared {
            on,
            way: way?,
            than: other?,
            says: says?,
            text,
        })
    }
}
