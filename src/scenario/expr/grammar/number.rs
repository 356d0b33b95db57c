//! A number with its unit, and what is said of the forms that people know from elsewhere: fractions, hexadecimal.

use super::Parser;
use crate::say::said;
use crate::scenario::expr::{Bad, TermKind};

/// What stands behind a number.
pub(super) fn units() -> &'static str {
    said!(
        "no unit; right behind the number stand p (pages), K, M, G or T; bytes have none",
        "没有这个单位; 紧跟在数字后面的可以是 p (页), K, M, G, T; 字节不写单位"
    )
}

/// The unit that somebody may have meant by another.
pub(super) fn meant(unit: &str) -> Option<String> {
    let first = unit.chars().next()?.to_ascii_uppercase();
    match first {
        'B' => Some(String::new()),
        'P' | '页' => Some("p".to_owned()),
        'K' | 'M' | 'G' | 'T' => Some(first.to_string()),
        '字' => Some(String::new()),
        _ => None,
    }
}

impl Parser<'_> {
    pub(super) fn number(&mut self) -> Result<TermKind, Bad> {
        let from = self.at;
        self.at += self.while_(|c| c.is_ascii_digit());
        let digits = &self.text[from..self.at];
        if self.rest().starts_with('.') && self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) {
            self.at += 1;
            self.at += self.while_(char::is_alphanumeric);
            let label = said!(
                "no fractions: whole numbers, in pages or bytes, as 1p + 904",
                "不能用小数: 要写整页或整字节, 如 1p + 904"
            );
            return self.bad(from..self.at, label, None);
        }
        let unit_from = self.at;
        self.at += self.while_(|c| c.is_alphanumeric() || c == '_');
        let unit = &self.text[unit_from..self.at];
        let shift = match unit {
            "" | "p" => 0,
            "K" => 10,
            "M" => 20,
            "G" => 30,
            "T" => 40,
            _ if digits == "0" && unit.starts_with(['x', 'X']) => {
                let number = i64::from_str_radix(&unit[1..], 16).ok();
                let label = said!(
                    "decimal numbers only, with p, K, M, G, T or no unit",
                    "只能用十进制数, 单位为 p, K, M, G, T 或不写"
                );
                return self.bad(from..self.at, label, number.map(|number| number.to_string()));
            }
            _ => {
                return self.bad(unit_from..self.at, units(), meant(unit));
            }
        };
        let value = digits.parse::<i64>().ok().and_then(|n| n.checked_mul(1 << shift));
        match value {
            Some(n) if unit == "p" => Ok(TermKind::Pages(n)),
            Some(n) => Ok(TermKind::Number(n)),
            None => self.bad(
                from..self.at,
                said!("too large for an offset of 64 bits", "超出 64 位偏移的范围"),
                None,
            ),
        }
    }
}
