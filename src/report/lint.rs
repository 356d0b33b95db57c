//! The lines of `lab run --lint`: one a scenario, with what the model sees on each page size. It may not know what a
//! warning is about.

use super::style::{self, BOLD, Line};
use super::{around, screen, strip, text};
use crate::say::{said, say};

/// One scenario file, linted.
#[derive(Clone, Debug)]
pub struct Linted {
    /// what it is called
    pub name: String,
    /// how many warnings there are
    pub warnings: usize,
    /// by page size, in units of 1024 bytes: a strip for each probed step
    pub strips: Vec<(u64, Vec<String>)>,
}

/// All lines, and a total; `kinds` is the number of scenarios that differ in more than numbers.
pub fn lint(rows: &[Linted], kinds: usize, width: usize) -> String {
    let width = width.max(screen::NARROWEST);
    let head = said!(
        "the model alone, nothing is run | ext4 and tmpfs | pages of 4K, 16K, 64K",
        "只有模型, 什么也不运行 | ext4 与 tmpfs | 页 4K、16K、64K"
    );
    let mut lines = text::hanging(" ", 1, head, width);
    lines.push(Line::default());
    for row in rows {
        lines.extend(one(row, width));
    }
    let (files, warnings) = (rows.len(), rows.iter().map(|row| row.warnings).sum::<usize>());
    let total = say!(
        "{files} checked, {warnings} warnings; {kinds} of them differ in what they do, the others in numbers only",
        "检查了 {files} 个, {warnings} 个警告; 其中 {kinds} 个做的事各不相同, 其余只是数字不同"
    );
    let blocks = vec![lines, text::hanging(" ", 1, &total, width)];
    style::render(&around::stack(blocks), width)
}

fn one(row: &Linted, width: usize) -> Vec<Line> {
    let mut line = Line::new("   ");
    line = match row.warnings {
        0 => line.push("ok      "),
        _ => line.paint(BOLD, said!("WARNS   ", "警告    ")),
    };
    line = line.push(&format!(" {:<24}", row.name));
    let column = 14;
    let mut lines = Vec::new();
    let same = row.strips.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let shown = if same {
        &row.strips[..row.strips.len().min(1)]
    } else {
        &row.strips[..]
    };
    for (page, strips) in shown {
        let label = if same { String::new() } else { format!("{page}K ") };
        let mut label = Some(label);
        for strip in strips {
            let part = strip::paint(strip);
            let before = label.as_ref().map_or(0, String::len);
            if line.width() + 1 + before + part.width() > width {
                lines.push(std::mem::replace(&mut line, Line::new(" ".repeat(column))));
            }
            line = line.push(" ").push(&label.take().unwrap_or_default()).join(part);
        }
    }
    lines.push(line);
    lines
}
