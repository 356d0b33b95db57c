//! The grammar of offsets: text to `Expr`, with the place of whatever is wrong.
//!
//! ```text
//! expr  = ["-"] term { ("+" | "-") term }       left to right, spaces optional
//! term  = INT [unit] | NAME | ("up" | "down") "(" expr ")"
//! unit  = "p" | "K" | "M" | "G" | "T"           pages, or powers of 1024
//! range = expr ".." expr | expr ".." | ".." expr | expr
//! ```

use std::ops::Range;

use super::{Bad, Expr, NAMES, Name, RangeExpr, Term, TermKind};
use crate::say::said;
use crate::scenario::near::nearest;
use crate::scenario::width;

mod number;

/// Deeper nesting of up( and down( has no use.
const DEPTH: usize = 16;

/// An offset or a size.
pub fn parse(text: &str) -> Result<Expr, Bad> {
    half_width(text)?;
    let mut parser = Parser { text, at: 0, depth: 0 };
    let expr = parser.expr()?;
    parser.end()?;
    Ok(expr)
}

/// A stretch of offsets.
pub fn parse_range(text: &str) -> Result<RangeExpr, Bad> {
    half_width(text)?;
    let mut parser = Parser { text, at: 0, depth: 0 };
    parser.space();
    if parser.eat("..") {
        let to = parser.expr()?;
        parser.end()?;
        return Ok(RangeExpr::To(to));
    }
    let from = parser.expr()?;
    if !parser.eat("..") {
        parser.end()?;
        return match parser.length(&from) {
            Some(at) => parser.bad(
                at,
                said!(
                    "a place less a place is a length; a range is written with ..",
                    "位置减位置得到的是长度; 区间要用 .. 来写"
                ),
                Some("..".to_string()),
            ),
            None => Ok(RangeExpr::One(from)),
        };
    }
    parser.space();
    if parser.at == text.len() {
        return Ok(RangeExpr::From(from));
    }
    let to = parser.expr()?;
    parser.end()?;
    Ok(RangeExpr::Between(from, to))
}

/// An error where an input method has typed anything, with all of it mended.
fn half_width(text: &str) -> Result<(), Bad> {
    let Some(first) = text.chars().find(|c| width::half(*c).is_some()) else {
        return Ok(());
    };
    let mended = text
        .chars()
        .map(|c| width::half(c).map_or(c.to_string(), str::to_owned));
    Err(Bad {
        at: 0..text.len(),
        name: None,
        label: width::label(first),
        instead: Some(mended.collect::<String>().trim_end_matches(';').to_owned()),
    })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// The length of what begins here and consists of such characters.
    fn while_(&self, is: impl Fn(char) -> bool) -> usize {
        self.rest().find(|c| !is(c)).unwrap_or(self.rest().len())
    }

    fn bad<T>(&self, at: Range<usize>, label: impl Into<String>, instead: Option<String>) -> Result<T, Bad> {
        Err(Bad {
            at,
            name: None,
            label: label.into(),
            instead,
        })
    }

    /// The minus between two places, or behind a 0: `0 - eof` is meant to be a range, and as one byte it would lie before
    /// the mapping.
    fn length(&self, expr: &Expr) -> Option<Range<usize>> {
        let place = |term: &Term| {
            let one = Expr {
                terms: vec![term.clone()],
            };
            one.names().iter().any(|(name, _)| *name != Name::P)
        };
        let pair = expr
            .terms
            .windows(2)
            .find(|pair| pair[1].minus && (place(&pair[1]) || pair[0].is == TermKind::Number(0)))?;
        let from = pair[0].at.end;
        let minus = from + self.text[from..pair[1].at.start].find('-')?;
        Some(minus..minus + 1)
    }

    /// The character here, as a place.
    fn here(&self) -> Range<usize> {
        self.at..self.at + self.rest().chars().next().map_or(0, char::len_utf8)
    }

    fn end(&mut self) -> Result<(), Bad> {
        self.space();
        match self.rest().chars().next() {
            None => Ok(()),
            Some('*' | '/') => self.bad(
                self.here(),
                said!(
                    "only + and - are there; whole pages are written 3p",
                    "只能用 + 和 -; 整页写作 3p"
                ),
                None,
            ),
            Some('.') => self.bad(
                self.here(),
                said!(
                    "not here: a range has one \"..\", an offset none",
                    "这里不行: 区间只有一个「..」, 偏移里没有"
                ),
                None,
            ),
            Some(c) if c.is_alphabetic() && self.text[..self.at].trim_end().ends_with(|c: char| c.is_ascii_digit()) => {
                let from = self.text[..self.at].trim_end().len();
                let to = self.at + self.while_(char::is_alphanumeric);
                let unit = &self.text[self.at..to];
                self.bad(from..to, number::units(), number::meant(unit))
            }
            Some(')') => self.bad(self.here(), said!("closes nothing", "没有与它配对的左括号"), None),
            Some(_) => self.bad(
                self.here(),
                said!("a + or a - was expected here", "这里应该是 + 或 -"),
                None,
            ),
        }
    }

    fn expr(&mut self) -> Result<Expr, Bad> {
        self.space();
        let mut minus = self.eat("-");
        let mut terms = Vec::new();
        loop {
            terms.push(self.term(minus)?);
            self.space();
            minus = match self.rest().chars().next() {
                Some('+') => false,
                Some('-') => true,
                _ => return Ok(Expr { terms }),
            };
            self.at += 1;
        }
    }

    fn term(&mut self, minus: bool) -> Result<Term, Bad> {
        self.space();
        let from = self.at;
        let is = match self.rest().chars().next() {
            Some(c) if c.is_ascii_digit() => self.number()?,
            Some(c) if c.is_alphabetic() || c == '_' => self.name()?,
            Some('.') | None => {
                return self.bad(
                    self.here(),
                    said!("a number or a name is missing here", "这里少了一个数或名字"),
                    None,
                );
            }
            Some('(') => {
                return self.bad(
                    self.here(),
                    said!(
                        "parentheses belong to up(..) and down(..) only",
                        "括号只能用在 up(..) 和 down(..) 里"
                    ),
                    None,
                );
            }
            Some(_) => {
                return self.bad(
                    self.here(),
                    said!("a number or a name was expected here", "这里应该是一个数或名字"),
                    None,
                );
            }
        };
        Ok(Term {
            minus,
            is,
            at: from..self.at,
        })
    }

    fn name(&mut self) -> Result<TermKind, Bad> {
        let from = self.at;
        self.at += self.while_(|c| c.is_alphanumeric() || c == '_');
        let name = &self.text[from..self.at];
        if name == "up" || name == "down" {
            let up = name == "up";
            let inner = self.parenthesis()?;
            return Ok(if up { TermKind::Up(inner) } else { TermKind::Down(inner) });
        }
        if let Some((_, known)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Ok(TermKind::Name(*known));
        }
        let near = nearest(name, NAMES.iter().map(|(known, _)| *known));
        Err(Bad {
            at: from..self.at,
            name: Some(near),
            label: said!(
                "unknown; there are p, size, eof, eof_page, len, map_end",
                "没有这个名字; 可用的有 p, size, eof, eof_page, len, map_end"
            )
            .to_string(),
            instead: near.map(str::to_string),
        })
    }

    fn parenthesis(&mut self) -> Result<Expr, Bad> {
        self.space();
        if !self.eat("(") {
            return self.bad(
                self.here(),
                said!(
                    "a ( was expected here: up(..) and down(..) round to whole pages",
                    "这里应该是 (: up(..) 和 down(..) 取整到整页"
                ),
                None,
            );
        }
        self.depth += 1;
        if self.depth > DEPTH {
            return self.bad(self.at - 1..self.at, said!("nested too deep", "嵌套太深"), None);
        }
        let inner = self.expr()?;
        if !self.eat(")") {
            return self.bad(self.here(), said!("a ) is missing here", "这里少了一个 )"), None);
        }
        self.depth -= 1;
        Ok(inner)
    }
}
