//! What stands before the first section of a scenario file: its format, its name, its texts.

use toml::de::DeTable;

use super::reader::{Reader, Value};
use crate::scenario::Prose;
use crate::scenario::complaint::{Code, Complaint};

impl<'a> Reader<'a> {
    pub fn needed<'v>(&mut self, table: &'v DeTable<'a>, key: &str, repair: &str) -> Option<&'v Value<'a>> {
        let value = table.get(key);
        if value.is_none() && !self.meant.contains(&key) {
            let title = format!("a scenario without its \"{key}\"");
            self.missing(0..0, title, "missing in this file", repair);
        }
        value
    }

    pub fn version(&mut self, top: &DeTable<'a>) {
        let Some(value) = self.needed(top, "lab", "lab = 1") else {
            return;
        };
        if value
            .get_ref()
            .as_integer()
            .is_none_or(|version| version.as_str() != "1")
        {
            let label = "the format of scenario files is 1 so far";
            let complaint = Complaint::new(Code::E04, "a format that is not known", self.span(value.span()), label);
            self.complain(complaint.help("lab = 1"));
        }
    }

    /// It becomes part of commands and reports: small letters, digits and hyphens.
    pub fn id(&mut self, top: &DeTable<'a>) -> Option<String> {
        let value = self.needed(top, "id", "id = \"my-scenario\"")?;
        let word = self.string(value)?;
        let slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if word.text.starts_with(|c: char| c.is_ascii_lowercase())
            && word.text.chars().all(slug)
            && word.text.len() <= 40
        {
            return Some(word.text);
        }
        let label = "a letter first, then small letters, digits, -";
        self.complain(Complaint::new(Code::E04, "this is not an id", word.at.whole(), label));
        None
    }

    pub fn strings(&mut self, value: Option<&Value<'a>>) -> Vec<String> {
        let Some(list) = value.and_then(|value| self.list(value)) else {
            return Vec::new();
        };
        list.iter()
            .filter_map(|value| self.string(value))
            .map(|word| word.text)
            .collect()
    }

    pub fn next(&mut self, top: &DeTable<'a>) -> Vec<(String, Prose)> {
        let Some(list) = top.get("next").and_then(|value| self.list(value)) else {
            return Vec::new();
        };
        let mut next = Vec::new();
        for value in list.iter() {
            let Some(table) = self.table(value) else { continue };
            self.known(table, "next", &["try", "en", "zh"]);
            let prose = self.languages(table, value.span());
            let Some(command) = table.get("try") else {
                self.missing(
                    value.span(),
                    "a next without its \"try\"",
                    "which command?",
                    "try = \"lab scenario 3\"",
                );
                continue;
            };
            if let (Some(command), Some(prose)) = (self.string(command), prose) {
                next.push((command.text, prose));
            }
        }
        next
    }
}
