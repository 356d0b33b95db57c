//! Placeholders in prose: `{len}` in "the kernel rounded {len} up to {map_end}" is worked out with the symbols of a step,
//! so that the sentence is true for every page size. `{{` and `}}` stand for braces.

use super::complaint::{Code, Complaint};
use super::parse::Word;
use super::{Prose, Symbols, expr};
use crate::say::{Lang, lang, said};

impl Prose {
    /// The text in the language spoken; a stranger's file may have only one.
    pub fn spoken(&self) -> &str {
        let (first, other) = match lang() {
            Lang::En => (&self.en, &self.zh),
            Lang::Zh => (&self.zh, &self.en),
        };
        if first.is_empty() { other } else { first }
    }

    /// The texts with their placeholders worked out.
    pub fn fill(&self, symbols: &Symbols) -> Prose {
        let fill = |text: &str| {
            pieces(text).map_or_else(
                |_| text.to_string(),
                |pieces| pieces.iter().map(|piece| piece.show(symbols)).collect::<String>(),
            )
        };
        Prose {
            en: fill(&self.en),
            zh: fill(&self.zh),
        }
    }
}

/// A stretch of a text.
enum Piece<'a> {
    Words(&'a str),
    Value(&'a str, expr::Expr),
}

impl Piece<'_> {
    fn show(&self, symbols: &Symbols) -> String {
        match self {
            Piece::Words(words) => (*words).to_string(),
            Piece::Value(text, expr) => expr
                .value(symbols)
                .map_or_else(|_| format!("{{{text}}}"), |value| value.to_string()),
        }
    }
}

/// The text in pieces, or the place of the first thing wrong with it and what that is.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, (std::ops::Range<usize>, String, bool)> {
    let mut pieces = Vec::new();
    let mut from = 0;
    while let Some(brace) = text[from..].find(['{', '}']).map(|i| from + i) {
        pieces.push(Piece::Words(&text[from..brace]));
        let double = text[brace + 1..].starts_with(&text[brace..=brace]);
        if double {
            pieces.push(Piece::Words(&text[brace..=brace]));
            from = brace + 2;
            continue;
        }
        if text[brace..].starts_with('}') {
            return Err((
                brace..brace + 1,
                said!(
                    "closes nothing; a brace itself is written }}",
                    "没有与它配对的 {; 花括号本身写作 }}"
                )
                .to_string(),
                false,
            ));
        }
        let Some(close) = text[brace..].find('}').map(|i| brace + i) else {
            return Err((
                brace..brace + 1,
                said!(
                    "never closed; a brace itself is written {{",
                    "没有结束; 花括号本身写作 {{"
                )
                .to_string(),
                false,
            ));
        };
        let inner = &text[brace + 1..close];
        match expr::parse(inner) {
            Ok(expr) => pieces.push(Piece::Value(inner, expr)),
            Err(bad) => {
                let at = brace + 1 + bad.at.start..brace + 1 + bad.at.end;
                return Err((at, bad.label, bad.name.is_some()));
            }
        }
        from = close + 1;
    }
    pieces.push(Piece::Words(&text[from..]));
    Ok(pieces)
}

/// Complain of a placeholder that is no expression.
pub(super) fn check(word: &Word) -> Result<(), Complaint> {
    pieces(&word.text).map(|_| ()).map_err(|(at, label, name)| {
        let (code, title) = match name {
            true => (
                Code::E03,
                said!("no such name in a placeholder", "占位符里没有这个名字"),
            ),
            false => (Code::E04, said!("this is not a placeholder", "这不是占位符")),
        };
        Complaint::new(code, title, word.at.part(at), label)
    })
}
