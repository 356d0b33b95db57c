//! Other numbers for a scenario, in pages and bytes, so that they mean the same on every page size. Whether the lesson is
//! still the same is judged by whoever draws.

use super::expr::{Expr, TermKind};
use super::{Prose, Scenario, Setting};

/// Where random numbers come from: one from 0 up to this, excluded.
pub type Below<'r> = &'r mut dyn FnMut(u32) -> u32;

/// Bytes behind whole pages stay below the smallest page there is.
const BYTES: i64 = 4096;

impl Scenario {
    /// The file's size, the mapping's length and its offset, drawn anew where the author wrote them as numbers: all of
    /// them, or only some, for a step may name the author's number.
    pub fn redraw(&self, all: bool, below: Below<'_>) -> Vec<Setting> {
        let amounts = [
            ("file.size", Some(&self.file.size)),
            ("map.length", Some(&self.map.length)),
            ("map.offset", self.map.offset.as_ref()),
        ];
        let mut settings = Vec::new();
        for (name, amount) in amounts {
            let stays = !all && below(2) == 0;
            // pages may stay where only bytes are free
            let whole = !all && below(2) == 0;
            let value = amount.and_then(|amount| drawn(&amount.expr, whole, below));
            if let Some(value) = value.filter(|_| !stays) {
                let name = name.to_string();
                settings.push(Setting { name, value });
            }
        }
        settings
    }

    /// Leave out what speaks of the author's own numbers, and say whose these are.
    pub fn seeded(&mut self, seed: u64) {
        self.title.en.push_str(&format!(" (seed {seed})"));
        self.title.zh.push_str(&format!(" (种子 {seed})"));
        self.why.take_if(|why| names_numbers(why));
        self.claims.retain(|claim| !names_numbers(&claim.text));
    }
}

/// A digit outside a placeholder.
fn names_numbers(prose: &Prose) -> bool {
    let mut inside = false;
    prose.en.chars().any(|c| {
        inside = (inside || c == '{') && c != '}';
        !inside && c.is_ascii_digit()
    })
}

/// `2p + 904` as other pages, unless they stay, and other bytes. Nothing for 0, for names, and for sizes that mean no page.
fn drawn(expr: &Expr, pages_stay: bool, below: Below<'_>) -> Option<String> {
    let (mut pages, mut bytes) = (0i64, 0i64);
    for term in &expr.terms {
        match term.is {
            TermKind::Pages(n) if !term.minus => pages += n,
            TermKind::Number(n) if !term.minus => bytes += n,
            _ => return None,
        }
    }
    if bytes >= BYTES || pages < 0 || pages + bytes == 0 {
        return None;
    }
    let mut from =
        |least: i64, most: i64| least + i64::from(below(u32::try_from(most - least + 1).unwrap_or(u32::MAX)));
    let few = pages < 16;
    let new = match pages {
        pages if pages_stay || pages == 0 => pages,
        _ if few => from(1, pages + 4),
        _ => from(pages / 2, pages + pages / 2),
    };
    Some(match (new, bytes) {
        (new, 0) => format!("{new}p"),
        (0, _) => from(1, BYTES - 1).to_string(),
        (new, _) => format!("{new}p + {}", from(1, BYTES - 1)),
    })
}
