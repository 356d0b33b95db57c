//! A text of a result, in both languages: a screen has the one spoken, a report for machines the English one. It may not
//! know what the text is about.

use std::fmt;

use serde::Serialize;

use crate::say::{Lang, lang};

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Text {
    pub en: String,
    pub zh: String,
}

impl Text {
    /// It in the language spoken; a stranger's file may have only one.
    pub fn spoken(&self) -> &str {
        let (first, other) = match lang() {
            Lang::En => (&self.en, &self.zh),
            Lang::Zh => (&self.zh, &self.en),
        };
        if first.is_empty() { other } else { first }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spoken())
    }
}

impl From<[String; 2]> for Text {
    fn from([en, zh]: [String; 2]) -> Text {
        Text { en, zh }
    }
}

/// What a report for machines has of a text that may be missing.
pub fn english<S: serde::Serializer>(text: &Option<Text>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_ref().map(|text| &text.en).serialize(serializer)
}
