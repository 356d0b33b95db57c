//! The kinds of values in a scenario file, each with its place: offsets, ranges, bytes, words. It may not know which key
//! a value belongs to, nor a table.

use crate::say::{said, say};
use crate::scenario::complaint::{Anchor, Code, Complaint};
use crate::scenario::expr::{self, Bad, Expr, Name, RangeExpr, Symbols};
use crate::scenario::near::nearest;

/// A string or number as written.
#[derive(Clone, Debug, Default)]
pub struct Word {
    pub text: String,
    pub at: Anchor,
}

/// An offset or a size.
#[derive(Clone, Debug)]
pub struct Amount {
    pub expr: Expr,
    pub at: Anchor,
}

/// A range of offsets.
#[derive(Clone, Debug)]
pub struct Stretch {
    pub range: RangeExpr,
    /// as the author wrote it
    pub text: String,
    pub at: Anchor,
}

impl Word {
    /// It as an offset.
    pub fn amount(&self) -> Result<Amount, Complaint> {
        expr::parse(&self.text)
            .map(|expr| Amount { expr, at: self.at })
            .map_err(|bad| self.complain(bad, said!("an offset or a size", "偏移或大小")))
    }

    /// It as a range.
    pub fn stretch(&self) -> Result<Stretch, Complaint> {
        expr::parse_range(&self.text)
            .map(|range| Stretch {
                range,
                text: self.text.clone(),
                at: self.at,
            })
            .map_err(|bad| self.complain(bad, said!("a range", "区间")))
    }

    fn complain(&self, bad: Bad, what: &str) -> Complaint {
        let span = self.at.part(bad.at.clone());
        let complaint = match bad.name {
            Some(_) => Complaint::new(
                Code::E03,
                said!("no such name in an offset", "偏移里没有这个名字"),
                span,
                bad.label,
            ),
            None => Complaint::new(Code::E04, say!("this is not {what}", "这不是{what}"), span, bad.label),
        };
        match bad.instead {
            Some(instead) => {
                let (before, after) = (&self.text[..bad.at.start], &self.text[bad.at.end..]);
                complaint.help(format!("\"{before}{instead}{after}\""))
            }
            None => complaint,
        }
    }

    /// It as one byte that can be seen.
    pub fn byte(&self) -> Result<u8, Complaint> {
        match self.text.as_bytes() {
            [byte] if byte.is_ascii_graphic() || *byte == b' ' => Ok(*byte),
            _ => Err(Complaint::new(
                Code::E04,
                said!("this is not one byte", "这不是一个字节"),
                self.at.whole(),
                said!(
                    "one character of ASCII is meant, as \"A\"",
                    "应该是一个 ASCII 字符, 如 \"A\""
                ),
            )),
        }
    }

    /// It as what fills a file: one byte, or nothing.
    pub fn fill(&self) -> Result<Option<u8>, Complaint> {
        match self.text.as_str() {
            "none" => Ok(None),
            _ => self.byte().map(Some).map_err(|complaint| {
                complaint.note(said!(
                    "the word none writes nothing: the file is sparse zeros",
                    "写 none 就什么也不写入: 文件是稀疏的, 全是零"
                ))
            }),
        }
    }

    /// Which of these words it is.
    pub fn choice<T: Copy>(&self, known: &[(&'static str, T)]) -> Result<T, Complaint> {
        if let Some((_, value)) = known.iter().find(|(word, _)| *word == self.text) {
            return Ok(*value);
        }
        let list: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        let label = say!("there are {}", "可用的有 {}", list.join(", "));
        let complaint = Complaint::new(
            Code::E04,
            said!("no such word here", "这里不能用这个词"),
            self.at.whole(),
            label,
        );
        Err(match nearest(&self.text, list) {
            Some(near) => complaint.help(format!("\"{near}\"")),
            None => complaint,
        })
    }
}

impl Amount {
    /// Its value.
    pub fn value(&self, symbols: &Symbols) -> Result<i64, Complaint> {
        self.expr.value(symbols).map_err(|term| {
            Complaint::new(
                Code::E04,
                said!("an offset leaves 64 bits", "偏移超出 64 位"),
                self.at.part(term),
                said!("here it grows too large", "到这里变得太大"),
            )
        })
    }

    /// Its value, where less than `least` makes no sense.
    pub fn at_least(&self, least: i64, symbols: &Symbols) -> Result<i64, Complaint> {
        let value = self.value(symbols)?;
        if value >= least {
            return Ok(value);
        }
        let title = if value < 0 {
            said!("a negative number where none can be", "这里不能是负数")
        } else {
            said!("0 where something is needed", "这里不能是 0")
        };
        Err(Complaint::new(
            Code::E04,
            title,
            self.at.whole(),
            say!(
                "this is {value}; at least {least} is needed",
                "这里是 {value}; 至少要 {least}"
            ),
        ))
    }

    /// Complain where it names a symbol that is not known yet.
    pub fn only(self, known: &[Name], label: &str) -> Result<Amount, Complaint> {
        match self.expr.names().iter().find(|(name, _)| !known.contains(name)) {
            Some((_, bytes)) => Err(Complaint::new(
                Code::E03,
                said!("this name has no value yet", "这个名字此时还没有值"),
                self.at.part(bytes.clone()),
                label,
            )),
            None => Ok(self),
        }
    }
}

impl Stretch {
    /// First byte (none: however far before `base`) and the byte after the last (none: however far behind).
    pub fn bounds(&self, symbols: &Symbols) -> Result<(Option<i64>, Option<i64>), Complaint> {
        self.range.bounds(symbols).map_err(|_| {
            Complaint::new(
                Code::E04,
                said!("an offset leaves 64 bits", "偏移超出 64 位"),
                self.at.whole(),
                said!("a bound of this grows too large", "它的一个边界太大"),
            )
        })
    }
}
