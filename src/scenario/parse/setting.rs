//! `--set NAME=EXPR`: one number or word of a scenario said anew on the command line. Complaints about it point at its
//! own text, not at the file.

use std::fmt;
use std::str::FromStr;

use super::value::Word;
use crate::say::{said, say};
use crate::scenario::complaint::{Anchor, Code, Complaint, Source};
use crate::scenario::near::nearest;

/// What can be set.
pub const NAMES: [&str; 6] = [
    "file.size",
    "file.fill",
    "map.length",
    "map.offset",
    "map.share",
    "map.access",
];

/// One value said anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// which: `file.size`, `map.length`, ..
    pub name: String,
    /// what it shall be, as in a file but without quotes
    pub value: String,
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Setting, String> {
        let Some((name, value)) = text.split_once('=') else {
            return Err(said!(
                "NAME=EXPR is meant, as map.length=4p",
                "应写作 NAME=EXPR, 如 map.length=4p"
            )
            .to_string());
        };
        Ok(Setting {
            name: name.trim().to_string(),
            value: value.trim().to_string(),
        })
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

/// All settings of one invocation.
pub struct Settings<'s>(pub &'s [Setting]);

impl Settings<'_> {
    /// Their texts, for complaints: source 1 is the first.
    pub fn sources(&self) -> impl Iterator<Item = Source> + '_ {
        self.0.iter().map(|setting| Source {
            name: "--set".to_string(),
            text: setting.to_string(),
        })
    }

    /// The last value set for this name.
    pub fn get(&self, name: &str) -> Option<Word> {
        let (i, setting) = self.0.iter().enumerate().rfind(|(_, setting)| setting.name == name)?;
        let inner = setting.name.len() + 1;
        let at = Anchor {
            source: i + 1,
            start: inner,
            end: inner + setting.value.len(),
            inner: Some(inner),
        };
        Some(Word {
            text: setting.value.clone(),
            at,
        })
    }

    /// A complaint for each unknown name.
    pub fn unknown(&self) -> Vec<Complaint> {
        let unknown = self
            .0
            .iter()
            .enumerate()
            .filter(|(_, setting)| !NAMES.contains(&setting.name.as_str()));
        let complain = |(i, setting): (usize, &Setting)| {
            let at = Anchor {
                source: i + 1,
                start: 0,
                end: setting.name.len(),
                inner: None,
            };
            let label = say!("there are {}", "可用的有 {}", NAMES.join(", "));
            let complaint = Complaint::new(
                Code::E02,
                said!("nothing of this name can be set", "没有叫这个名字的设置"),
                at.whole(),
                label,
            );
            match nearest(&setting.name, NAMES) {
                Some(near) => complaint.help(format!("--set {near}={}", setting.value)),
                None => complaint,
            }
        };
        unknown.map(complain).collect()
    }
}
