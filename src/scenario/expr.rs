//! Offsets and sizes as authors write them: `eof - 1`, `up(size) + 2p`, `eof_page .. map_end`. It knows the grammar and
//! how to work a value out from a step's symbols; it may not know where an expression stands in a file.

use std::ops::Range;

mod grammar;
#[cfg(test)]
mod tests;

pub(super) use grammar::{parse, parse_range};

/// The numbers that an expression may name, at one step; all in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Symbols {
    /// the page size
    pub p: i64,
    /// the file's size
    pub size: i64,
    /// where the file ends in the mapping
    pub eof: i64,
    /// `eof` rounded up to whole pages
    pub eof_page: i64,
    /// the length given to mmap
    pub len: i64,
    /// `len` rounded up to whole pages
    pub map_end: i64,
}

impl Symbols {
    /// With pages of `p` bytes, a file of `size` mapped from `offset` on for `len` bytes.
    pub fn of(p: i64, size: i64, offset: i64, len: i64) -> Symbols {
        let eof = size.saturating_sub(offset).max(0);
        Symbols {
            p,
            size,
            eof,
            eof_page: up(eof, p).unwrap_or(i64::MAX),
            len,
            map_end: up(len, p).unwrap_or(i64::MAX),
        }
    }

    pub(super) fn get(&self, name: Name) -> i64 {
        match name {
            Name::P => self.p,
            Name::Size => self.size,
            Name::Eof => self.eof,
            Name::EofPage => self.eof_page,
            Name::Len => self.len,
            Name::MapEnd => self.map_end,
        }
    }

    /// The symbol for a place in the mapping, where there is one. What ends a mapping comes before what ends a file,
    /// for it decides; a border comes before the last byte in front of one.
    pub fn place(&self, offset: i64) -> Option<String> {
        let exact = [
            ("base", 0),
            ("map_end", self.map_end),
            ("eof", self.eof),
            ("eof_page", self.eof_page),
            ("len", self.len),
        ];
        if let Some((name, _)) = exact.iter().find(|(_, at)| *at == offset) {
            return Some((*name).to_string());
        }
        let last = [("eof-1", self.eof - 1), ("len-1", self.len - 1)];
        last.iter()
            .find(|(_, at)| *at >= 0 && *at == offset)
            .map(|(name, _)| (*name).to_string())
    }

    /// The symbol for a place in the file, where there is one.
    pub fn place_in_file(&self, offset: i64) -> Option<String> {
        match self.size - offset {
            0 => Some("size".to_string()),
            1 => Some("size-1".to_string()),
            _ => None,
        }
    }
}

/// A symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    P,
    Size,
    Eof,
    EofPage,
    Len,
    MapEnd,
}

/// The symbols, in the order in which complaints list them.
pub(super) const NAMES: [(&str, Name); 6] = [
    ("p", Name::P),
    ("size", Name::Size),
    ("eof", Name::Eof),
    ("eof_page", Name::EofPage),
    ("len", Name::Len),
    ("map_end", Name::MapEnd),
];

/// A sum of terms, left to right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expr {
    pub terms: Vec<Term>,
}

/// One summand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub minus: bool,
    pub is: TermKind,
    /// its bytes in the expression
    pub at: Range<usize>,
}

/// What a summand is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TermKind {
    /// in bytes
    Number(i64),
    /// in pages
    Pages(i64),
    Name(Name),
    Up(Expr),
    Down(Expr),
}

impl Expr {
    /// Its value, or the bytes of the term that leads out of 64 bits.
    pub fn value(&self, symbols: &Symbols) -> Result<i64, Range<usize>> {
        let mut sum: i64 = 0;
        for term in &self.terms {
            let value = match &term.is {
                TermKind::Number(n) => Some(*n),
                TermKind::Pages(n) => n.checked_mul(symbols.p),
                TermKind::Name(name) => Some(symbols.get(*name)),
                TermKind::Up(inner) => up(inner.value(symbols)?, symbols.p),
                TermKind::Down(inner) => down(inner.value(symbols)?, symbols.p),
            };
            let value = value.ok_or_else(|| term.at.clone())?;
            let next = if term.minus {
                sum.checked_sub(value)
            } else {
                sum.checked_add(value)
            };
            sum = next.ok_or_else(|| term.at.clone())?;
        }
        Ok(sum)
    }

    /// Every symbol in it, with its bytes.
    pub fn names(&self) -> Vec<(Name, Range<usize>)> {
        let mut names = Vec::new();
        for term in &self.terms {
            match &term.is {
                TermKind::Name(name) => names.push((*name, term.at.clone())),
                TermKind::Up(inner) | TermKind::Down(inner) => names.extend(inner.names()),
                TermKind::Pages(_) | TermKind::Number(_) => {}
            }
        }
        names
    }
}

/// A stretch of offsets, its end excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RangeExpr {
    /// `a .. b`
    Between(Expr, Expr),
    /// `a ..`
    From(Expr),
    /// `.. b`
    To(Expr),
    /// `a`
    One(Expr),
}

impl RangeExpr {
    /// First byte (none: however far before `base`) and the byte after the last (none: however far behind the mapping).
    pub fn bounds(&self, symbols: &Symbols) -> Result<(Option<i64>, Option<i64>), Range<usize>> {
        Ok(match self {
            RangeExpr::Between(from, to) => (Some(from.value(symbols)?), Some(to.value(symbols)?)),
            RangeExpr::From(from) => (Some(from.value(symbols)?), None),
            RangeExpr::To(to) => (None, Some(to.value(symbols)?)),
            RangeExpr::One(one) => {
                let at = one.value(symbols)?;
                (Some(at), Some(at.checked_add(1).ok_or(0..1usize)?))
            }
        })
    }

    /// Every symbol in its bounds.
    pub fn names(&self) -> Vec<Name> {
        let of = |e: &Expr| e.names().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        match self {
            RangeExpr::Between(from, to) => [of(from), of(to)].concat(),
            RangeExpr::From(e) | RangeExpr::To(e) | RangeExpr::One(e) => of(e),
        }
    }

    /// Does its first bound name this symbol?
    pub fn begins_at(&self, name: Name) -> bool {
        match self {
            RangeExpr::Between(from, _) | RangeExpr::From(from) | RangeExpr::One(from) => {
                from.names().iter().any(|(n, _)| *n == name)
            }
            RangeExpr::To(_) => false,
        }
    }
}

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bad {
    /// its bytes
    pub at: Range<usize>,
    /// an unknown name, with the nearest known one if any is near
    pub name: Option<Option<&'static str>>,
    /// beside the caret
    pub label: String,
    /// the text that was perhaps meant in place of those bytes
    pub instead: Option<String>,
}

/// `n` rounded up to whole pages of `p` bytes.
pub(super) fn up(n: i64, p: i64) -> Option<i64> {
    down(n.checked_add(p.checked_sub(1)?)?, p)
}

fn down(n: i64, p: i64) -> Option<i64> {
    n.checked_sub(n.checked_rem_euclid(p)?)
}
