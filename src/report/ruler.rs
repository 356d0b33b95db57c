//! Addresses as letters: `#` file, `0` zeros, `B` SIGBUS, `S` SIGSEGV, `+` two of them, and a space where nobody looked.
//! Sixteen cells a row, whatever the page size. It may not know which rules make a zone, nor what a row is called.

use unicode_width::UnicodeWidthStr;

use super::result::{ProbeResult, StepResult, ZoneResult};
use super::style::{self, Line};
use super::words;

/// Cells of a ruler.
pub const CELLS: usize = 16;

/// One row of letters.
pub type Cells = [char; CELLS];

/// A stretch of addresses with one letter; `to` is excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// first byte
    pub from: i64,
    /// first byte behind it
    pub to: i64,
    /// what is there
    pub letter: char,
}

/// The letter of an outcome's word: `file`, `byte:A`, `SIGBUS/BUS_ADRERR`, `zero or file`.
pub fn letter(word: &str) -> char {
    let one = |word: &str| match word.split(['/', ':']).next().unwrap_or("") {
        "file" | "private" | "byte" => '#',
        "zero" => '0',
        "SIGBUS" => 'B',
        "SIGSEGV" => 'S',
        _ => '?',
    };
    word.split(" or ").map(one).fold(' ', mix)
}

/// Two letters in one cell.
fn mix(a: char, b: char) -> char {
    match (a, b) {
        (' ', x) | (x, ' ') => x,
        (a, b) if a == b => a,
        _ => '+',
    }
}

/// The model's zones of a step.
pub fn model(step: &StepResult) -> Vec<Span> {
    spans(&[], &step.zones)
}

/// What is expected at a step: the author's zones where there are any, the model's elsewhere.
pub fn expected(step: &StepResult) -> Vec<Span> {
    spans(&step.author_zones, &step.zones)
}

fn spans(first: &[ZoneResult], then: &[ZoneResult]) -> Vec<Span> {
    let end = |zone: &ZoneResult| zone.to.unwrap_or(i64::MAX);
    let mut cuts: Vec<i64> = first
        .iter()
        .chain(then)
        .flat_map(|zone| [zone.from, end(zone)])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut spans: Vec<Span> = Vec::new();
    for pair in cuts.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let Some(zone) = first
            .iter()
            .chain(then)
            .find(|zone| zone.from <= from && to <= end(zone))
        else {
            continue;
        };
        let letter = letter(&zone.is);
        match spans.last_mut() {
            Some(last) if last.to == from && last.letter == letter => last.to = to,
            _ => spans.push(Span { from, to, letter }),
        }
    }
    spans
}

/// The letter at one byte; a space where no span covers it.
pub fn at(spans: &[Span], offset: i64) -> char {
    spans
        .iter()
        .find(|span| span.from <= offset && offset < span.to)
        .map_or(' ', |span| span.letter)
}

/// The letter of all of `from .. to`: `+` where there are two.
pub fn over(spans: &[Span], from: i64, to: i64) -> char {
    spans
        .iter()
        .filter(|span| span.from < to && from < span.to)
        .map(|span| span.letter)
        .fold(' ', mix)
}

/// Sixteen cells over `from .. to`, from what is said of every byte of it.
pub fn cells(spans: &[Span], from: i64, to: i64) -> Cells {
    let border = |cell: usize| from + part(to - from, cell as i64, CELLS as i64);
    std::array::from_fn(|cell| over(spans, border(cell), border(cell + 1)))
}

/// Sixteen cells over `from .. to`, from the touches alone.
pub fn touched<'a>(probes: impl Iterator<Item = &'a ProbeResult>, spans: &[Span], from: i64, to: i64) -> Cells {
    let mut cells = [' '; CELLS];
    for probe in probes.filter(|probe| from <= probe.offset && probe.offset < to) {
        if let Some(letter) = seen(probe, spans) {
            let cell = part(CELLS as i64, probe.offset - from, to - from) as usize;
            cells[cell] = mix(cells[cell], letter);
        }
    }
    cells
}

/// `n * num / den`, without overflow.
fn part(n: i64, num: i64, den: i64) -> i64 {
    (i128::from(n) * i128::from(num) / i128::from(den.max(1))) as i64
}

/// The letter of what a touch met. A store that raised nothing does not tell file from zeros, so that comes from the
/// zones. None for a read of the file itself, and for what never ran.
pub fn seen(probe: &ProbeResult, spans: &[Span]) -> Option<char> {
    let observed = probe.observed.as_ref().filter(|_| probe.op != "pread")?;
    Some(match (observed.is.as_str(), at(spans, probe.offset)) {
        ("ok", known @ ('#' | '0')) => known,
        ("ok", _) => '#',
        (is, _) => letter(is),
    })
}

/// A row between bars, in colour.
pub fn paint(cells: &Cells) -> Line {
    let mut line = Line::new("|");
    for run in cells.chunk_by(|a, b| a == b) {
        line = line.paint(style::of_letter(run[0]), &run.iter().collect::<String>());
    }
    line.push("|")
}

/// A stretch of whole pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// first byte
    pub from: i64,
    /// first byte behind it
    pub to: i64,
    /// what all of it is; `+` for a single page with a border in it
    pub letter: char,
}

/// `from .. to` as stretches of pages that look alike; a page with a border in it, and each page in `alone`, stands
/// alone. `breaks` are borders that no stretch crosses. The cost is that of the zones, not of the pages.
pub fn runs(spans: &[Span], page: i64, from: i64, to: i64, alone: &[i64], breaks: &[i64]) -> Vec<Run> {
    let page = page.max(1);
    let down = |n: i64| n - n.rem_euclid(page);
    let up = |n: i64| down(n.saturating_add(page - 1).min(i64::MAX - page));
    let mut cuts = vec![from, to];
    cuts.extend(
        spans
            .iter()
            .flat_map(|span| [down(span.from), up(span.from), down(span.to), up(span.to)]),
    );
    cuts.extend(alone.iter().flat_map(|&n| [down(n), down(n) + page]));
    cuts.extend(breaks.iter().map(|&n| up(n)));
    cuts.retain(|cut| (from..=to).contains(cut));
    cuts.sort_unstable();
    cuts.dedup();
    let mut runs: Vec<Run> = Vec::new();
    for pair in cuts.windows(2) {
        runs.push(Run {
            from: pair[0],
            to: pair[1],
            letter: over(spans, pair[0], pair[1]),
        });
    }
    runs
}

/// What the letters mean, in as many lines as it takes.
pub fn legend(cell: Option<i64>, width: usize) -> Vec<Line> {
    let mut parts: Vec<String> = words::legend().iter().map(ToString::to_string).collect();
    parts.extend(cell.map(words::cell));
    let mut lines = Vec::new();
    let mut line = String::new();
    for part in parts {
        if !line.is_empty() && line.width() + 3 + part.width() > width {
            lines.push(Line::new(std::mem::take(&mut line)));
        }
        line.push_str("   ");
        line.push_str(&part);
    }
    lines.push(Line::new(line));
    lines
}
