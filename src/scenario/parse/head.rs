//! What stands before the first section of a scenario file: its format, its name, its texts.

use toml::de::DeTable;

use super::reader::{Reader, Value};
use crate::say::{said, say};
use crate::scenario::Prose;
use crate::scenario::complaint::{Code, Complaint};

impl<'a> Reader<'a> {
    pub fn needed<'v>(&mut self, table: &'v DeTable<'a>, key: &str, repair: &str) -> Option<&'v Value<'a>> {
        let value = table.get(key);
        if value.is_none() && !self.meant.contains(&key) {
            let title = say!("a scenario without its \"{key}\"", "情景缺少 \"{key}\"");
            self.missing(0..0, title, said!("missing in this file", "这个文件里没有"), repair);
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
            let label = said!("the format of scenario files is 1 so far", "情景文件的格式目前只有 1");
            let complaint = Complaint::new(
                Code::E04,
                said!("a format that is not known", "不认识的格式"),
                self.span(value.span()),
                label,
            );
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
        let label = said!(
            "a letter first, then small letters, digits, -",
            "以小写字母开头, 只用小写字母、数字、-"
        );
        self.complain(Complaint::new(
            Code::E04,
            said!("this is not an id", "这不能用作 id"),
            word.at.whole(),
            label,
        ));
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
                    said!("a next without its \"try\"", "[[next]] 缺少 \"try\""),
                    said!("which command?", "哪条命令?"),
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
