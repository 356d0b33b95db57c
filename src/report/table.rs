//! The touches as a table: one line a place, a load and a store that behave alike sharing it, and under each difference who
//! is odd and why. It may not know what a zone is.

use unicode_width::UnicodeWidthStr;

use super::answers::{explain, not_zero, saw, wanted};
use super::result::{Observed, ProbeResult, Verdict};
use super::style::{self, Line};
use super::text::{hanging, left_in};
use super::{ruler, words};

/// One line of the table.
pub struct Row<'a> {
    /// a, b, c, ...
    pub letter: String,
    /// its probes, by index into the result: one, or a load and its store
    pub probes: Vec<(usize, &'a ProbeResult)>,
}

/// The lines for these probes, lettered from the first to the last.
pub fn rows<'a>(probes: impl Iterator<Item = (usize, &'a ProbeResult)>) -> Vec<Row<'a>> {
    let mut rows: Vec<Row> = Vec::new();
    for (index, probe) in probes {
        let pair = rows
            .iter_mut()
            .find(|row| row.probes.len() == 1 && alike(row.probes[0].1, probe));
        match pair {
            Some(row) => row.probes.push((index, probe)),
            None => rows.push(Row {
                letter: String::new(),
                probes: vec![(index, probe)],
            }),
        }
    }
    for (n, row) in rows.iter_mut().enumerate() {
        row.letter = name(n);
    }
    rows
}

/// a to z, then aa, ab, ...
fn name(n: usize) -> String {
    let last = char::from(b'a' + (n % 26) as u8);
    if n < 26 {
        last.to_string()
    } else {
        format!("{}{last}", name(n / 26 - 1))
    }
}

/// Do a load and a store of one byte in one step tell the same story?
fn alike(load: &ProbeResult, store: &ProbeResult) -> bool {
    let same = (load.op, store.op) == ("read", "write")
        && (load.step, load.offset, &load.by) == (store.step, store.offset, &store.by)
        && (load.verdict, load.odd) == (store.verdict, store.odd)
        && (load.verdict == Verdict::Agrees || explain(load) == explain(store));
    let (Some(a), Some(b)) = (&load.observed, &store.observed) else {
        return false;
    };
    let fault = |o: &Observed| (o.si_code.clone(), o.si_addr_offset);
    same && fault(a) == fault(b)
        && (if a.si_code.is_some() {
            a.is == b.is
        } else {
            b.is == "ok"
        })
}

/// The letter of the line that shows this probe.
pub fn letter_of(rows: &[Row], probe: usize) -> Option<String> {
    rows.iter()
        .find(|row| row.probes.iter().any(|p| p.0 == probe))
        .map(|row| row.letter.clone())
}

/// Who is odd, and the model's reason, indented under a line of the table.
fn explanation(probe: &ProbeResult, width: usize) -> Vec<Line> {
    let mut lines = hanging("      ", 6, &explain(probe), width);
    if let Some(why) = not_zero(probe) {
        lines.extend(hanging("      ", 6, why, width));
    }
    lines.extend(hanging("      ", 6, words::of(&probe.model.why), width));
    lines
}

/// The widths of the table's columns.
pub struct Columns {
    op: usize,
    offset: usize,
    place: usize,
    page: usize,
    inside: usize,
    expected: usize,
    observed: usize,
    marked: bool,
}

/// The columns that these rows need.
pub fn columns(rows: &[Row]) -> Columns {
    let widest = |least: usize, text: &dyn Fn(&ProbeResult) -> String| {
        rows.iter()
            .map(|row| text(row.probes[0].1).width())
            .max()
            .unwrap_or(0)
            .max(least)
    };
    Columns {
        op: rows.iter().map(|row| row.letter.len()).max().unwrap_or(1) + 3,
        offset: widest(6, &|p| p.offset.to_string()),
        place: widest(8, &place),
        page: widest(1, &|p| p.page.to_string()),
        inside: widest(5, &|p| format!("+{}", p.in_page)),
        expected: widest(words::expected().width(), &wanted),
        observed: widest(7, &saw),
        marked: rows.iter().any(|row| differs(row).is_some()),
    }
}

impl Columns {
    /// Up to what was observed, and the mark of a difference behind it.
    fn fit(&self, width: usize) -> bool {
        let touch = 1 + self.op + 1 + self.offset + 1 + self.place;
        let page = 1 + self.page + 1 + self.inside + 1;
        let mark = if self.marked { 2 + words::differs().width() } else { 0 };
        touch + page + 1 + self.expected + 1 + self.observed + mark <= width
    }
}

/// The heading of the table; none where its lines are folded.
pub fn heading(c: &Columns, width: usize) -> Vec<Line> {
    if !c.fit(width) {
        return Vec::new();
    }
    let touch = c.op + 1 + c.offset + 1 + c.place;
    let page = c.page + 1 + c.inside + 1;
    vec![Line::new(format!(
        " {} {} {} {}",
        left_in(words::touch(), touch),
        left_in(words::page(), page),
        left_in(words::expected(), c.expected),
        words::observed()
    ))]
}

/// All lines, and under each difference its explanation, unless the one above it said the same. Lines are folded where
/// the screen is `narrow`, and where they would lose what was observed.
pub fn body(rows: &[Row], c: &Columns, width: usize, narrow: bool) -> Vec<Line> {
    let narrow = narrow || !c.fit(width);
    let mut lines = Vec::new();
    let mut said = None;
    for row in rows {
        if narrow {
            lines.extend(folded(row, c));
        } else {
            lines.push(line(row, c, width));
        }
        let Some(odd) = differs(row) else {
            continue;
        };
        let now = Some((explain(odd), odd.model.rule));
        if now != said {
            lines.extend(explanation(odd, width));
        }
        said = now;
    }
    lines
}

/// The first touch of a line that came out otherwise.
fn differs<'a>(row: &Row<'a>) -> Option<&'a ProbeResult> {
    let mut probes = row.probes.iter().map(|probe| probe.1);
    probes.find(|probe| probe.verdict == Verdict::Differs)
}

/// One line; a difference is bold and marked.
fn line(row: &Row, c: &Columns, width: usize) -> Line {
    let probe = row.probes[0].1;
    let differs = differs(row).is_some();
    let marker = if differs {
        format!("  {}", words::differs())
    } else {
        String::new()
    };
    let at = match probe.op {
        "pread" => words::in_file().to_string(),
        _ => format!("{:>1$} +{2}", probe.page, c.page, probe.in_page),
    };
    let (place, page) = (place(probe), c.page + 1 + c.inside + 1);
    let start = format!(
        " {} {:>3$} {place:<4$} {} ",
        op(row, c),
        probe.offset,
        left_in(&at, page),
        c.offset,
        c.place
    );
    let start = Line::new(format!("{start}{} ", left_in(&wanted(probe), c.expected))).join(outcome(probe, c.observed));
    let code = probe
        .observed
        .as_ref()
        .and_then(|o| o.si_code.clone())
        .map(|code| format!(" {code:<11}"));
    let addr = probe
        .observed
        .as_ref()
        .and_then(|o| o.si_addr_offset)
        .map(|n| format!(" si_addr=base{n:+}"));
    let (code, addr) = (
        code.unwrap_or_default(),
        addr.unwrap_or_default().replace("base+0", "base"),
    );
    let forms = [format!("{code}{addr}{marker}"), format!("{code}{marker}"), marker];
    let room = width.saturating_sub(start.width());
    let tail = forms
        .iter()
        .find(|form| form.trim_end().width() <= room)
        .unwrap_or(&forms[2]);
    if differs {
        start.push(tail).bold()
    } else {
        start.push(tail)
    }
}

/// The folded form, for narrow screens: two lines, or one with its outcome alone.
fn folded(row: &Row, c: &Columns) -> Vec<Line> {
    let probe = row.probes[0].1;
    let start = Line::new(format!(
        " {} {:>2$} {place:<3$} ",
        op(row, c),
        probe.offset,
        c.offset,
        c.place,
        place = place(probe)
    ));
    if probe.verdict != Verdict::Differs {
        return vec![start.join(outcome(probe, 0))];
    }
    let said = words::expected_saw(&wanted(probe), &saw(probe));
    vec![
        start.push(words::differs()).bold(),
        Line::new(format!("      {said}")).bold(),
    ]
}

fn op(row: &Row, c: &Columns) -> String {
    let op = match (row.probes.len(), row.probes[0].1.op) {
        (1, "read") => "r",
        (1, "write") => "w",
        (1, _) => "pr",
        _ => "rw",
    };
    format!("{:<1$}", format!("{op:<2} {}", row.letter), c.op)
}

fn place(probe: &ProbeResult) -> String {
    if probe.offset == 0 && probe.place.is_none() && probe.op != "pread" {
        return "base".into();
    }
    probe.place.as_deref().unwrap_or("").replace(' ', "")
}

/// What was seen, in the colour of its zone.
fn outcome(probe: &ProbeResult, width: usize) -> Line {
    let text = left_in(&saw(probe), width);
    let letter = probe
        .observed
        .as_ref()
        .map_or(' ', |observed| ruler::letter(&observed.is));
    let bare = text.trim_end();
    Line::default()
        .paint(style::of_letter(letter), bare)
        .push(&text[bare.len()..])
}
