//! The screen of a story: a line or two a step, what was done on the left, expected and observed side by side on the
//! right. Touches of edges are a strip under their step. It may not know what an operation does.

use unicode_width::UnicodeWidthStr;

use super::result::{Machine, ProbeResult, ScenarioResult, StepResult, Verdict};
use super::screen::{self, SIDE_BY_SIDE};
use super::style::{self, Line};
use super::text::{hanging, hanging_lines, left_in, wrap_call};
use super::{answers, around, ruler, strip, table, words};
use row::{Row, place, setup, tails};

mod row;

/// A screen that a classroom still sees whole.
const ROWS: usize = 46;

/// What was done has at least this much room, and what stands behind the observed gives way.
const LEAST: usize = 24;

/// Is there anything that only a story tells: a step whose own operation was asked about?
pub fn is_one(result: &ScenarioResult) -> bool {
    result.probes.iter().any(|probe| probe.own)
}

/// What a screen gives up when it would be too high.
#[derive(Clone, Copy)]
struct Detail {
    /// the model's reason for each answer that teaches
    reasons: bool,
    /// room for si_addr, which makes calls fold sooner
    addresses: bool,
}

/// Header, setup, steps, count, claims and prose, in as much detail as there is room for.
pub fn screen(result: &ScenarioResult, machine: &Machine, width: usize) -> Vec<Line> {
    let levels = [(true, true), (false, true), (false, false)];
    let drawn = levels.map(|(reasons, addresses)| draw(result, machine, width, Detail { reasons, addresses }));
    let fits = drawn
        .iter()
        .position(|lines| lines.len() <= ROWS)
        .unwrap_or(drawn.len() - 1);
    drawn.into_iter().nth(fits).unwrap_or_default()
}

fn draw(result: &ScenarioResult, machine: &Machine, width: usize, detail: Detail) -> Vec<Line> {
    let mut blocks = vec![screen::header(result, machine, width)];
    if let Some(first) = result.steps.first() {
        // An end that moves is told where it does.
        let still = |step: &StepResult| step.symbols.eof == first.symbols.eof && step.symbols.len == first.symbols.len;
        let with_eof = first.symbols.size > 0 && result.steps.iter().all(still);
        blocks[0].extend(around::symbols(first, with_eof, width));
        if width >= SIDE_BY_SIDE {
            blocks.push(around::calls(&made(first), width));
        }
    }
    blocks.push(steps(result, width, detail));
    let name = |probe: usize| {
        result
            .probes
            .get(probe)
            .map(|p| words::of_step(p, &place(p)))
            .unwrap_or_default()
    };
    blocks.push(around::claims(result, name, width));
    if width >= SIDE_BY_SIDE {
        blocks.push(around::why(result, width));
        blocks.push(around::next(result, width));
    }
    around::stack(blocks)
}

/// The calls that made everything; another process than A is named before its own.
fn made(first: &StepResult) -> Vec<String> {
    let callers = first
        .told
        .callers
        .iter()
        .map(String::as_str)
        .chain(std::iter::repeat("A"));
    let calls = first.calls[..setup(first)].iter().zip(callers);
    let named = |(call, by): (&String, &str)| {
        if by == "A" {
            call.clone()
        } else {
            format!("{by}: {call}")
        }
    };
    calls.map(named).collect()
}

/// The columns of a story.
struct Columns {
    /// where what was done begins
    left: usize,
    /// how much room it has on a line that also says what came of it
    done: usize,
    expected: usize,
    observed: usize,
}

impl Columns {
    /// What came of a step needs its room; what was done gets the rest.
    fn of(rows: &[Row], left: usize, width: usize, detail: Detail) -> Columns {
        let widest = |least: usize, text: &dyn Fn(&Row) -> usize| rows.iter().map(text).max().unwrap_or(0).max(least);
        let expected = widest(words::expected().width(), &|row| {
            row.probe.map_or(0, |p| answers::wanted(p).width())
        });
        let observed = widest(words::observed().width(), &|row| {
            row.probe.map_or(0, |p| answers::saw(p).width())
        });
        let fixed = left + 1 + expected + 1 + observed + 1;
        let room = width.saturating_sub(fixed);
        let done = widest(4, &|row| row.probe.map_or(0, |_| row.done.width()));
        // behind it stand code and address of a fault, or the mark of a difference
        let forms = usize::from(!detail.addresses);
        let fitting = |row: &Row| {
            tails(row)
                .iter()
                .skip(forms)
                .map(|tail| tail.width())
                .find(|tail| tail + LEAST <= room)
        };
        let tail = widest(0, &|row| fitting(row).unwrap_or(0));
        Columns {
            left,
            done: done.min(room.saturating_sub(tail)),
            expected,
            observed,
        }
    }
}

/// All steps, the count, and what a star means.
fn steps(result: &ScenarioResult, width: usize, detail: Detail) -> Vec<Line> {
    let company =
        result.steps.iter().any(|step| step.told.by != "A") || result.probes.iter().any(|probe| probe.by != "A");
    let digits = result.steps.len().to_string().len();
    let left = 1 + digits + 1 + if company { 2 } else { 0 };
    let rows: Vec<Vec<Row>> = result
        .steps
        .iter()
        .map(|step| row::of_step(result, step, digits, company))
        .collect();
    let columns = Columns::of(&rows.concat(), left, width, detail);
    let mut lines = vec![heading(&columns, width)];
    let mut said = String::new();
    for (step, rows) in result.steps.iter().zip(&rows) {
        for row in rows {
            lines.extend(draw_row(row, &columns, width));
            lines.extend(reason(row, &columns, width, detail.reasons, &mut said));
        }
        lines.extend(edges(result, step, &columns, width));
    }
    lines.push(Line::new(format!(" {}", answers::count(&result.probes))));
    if result.steps.iter().any(|step| step.told.beyond_nix) {
        lines.extend(hanging(" * ", 3, words::beyond_nix(), width));
    }
    lines
}

fn heading(c: &Columns, width: usize) -> Line {
    let line = Line::default().pad(c.left + c.done + 1);
    let line = line.push(&format!(
        "{} {}",
        left_in(words::expected(), c.expected),
        words::observed()
    ));
    if line.width() <= width { line } else { Line::default() }
}

/// One row as a line, or two where what was done is long.
fn draw_row(row: &Row, c: &Columns, width: usize) -> Vec<Line> {
    let head = Line::new(row.head.clone()).pad(c.left).plain();
    let folded = || {
        hanging_lines(
            &head,
            c.left + 2,
            wrap_call(&row.done, width.saturating_sub(c.left + 2)),
        )
    };
    let Some(probe) = row.probe else {
        return folded();
    };
    let mut lines = if row.done.width() <= c.done {
        vec![Line::new(format!("{head}{}", row.done))]
    } else {
        folded()
    };
    let column = c.left + c.done + 1;
    let last = match lines.pop() {
        Some(last) if last.width() < column => last,
        Some(long) => {
            lines.push(long);
            Line::default()
        }
        None => Line::default(),
    };
    let last = last
        .pad(column)
        .push(&answers::wanted(probe))
        .pad(column + c.expected + 1)
        .join(seen(probe));
    let from = column + c.expected + 1 + c.observed + 1;
    let tails = tails(row);
    let tail = tails
        .iter()
        .find(|tail| tail.is_empty() || from + tail.width() <= width);
    let beside = tail.map_or("", String::as_str);
    lines.push(if beside.is_empty() {
        last
    } else {
        last.pad(from).push(beside)
    });
    // what has no room beside it stands under it
    let mark = tails.last().filter(|_| tail.is_none()).map_or("", String::as_str);
    let note = if beside.contains(&row.note) { "" } else { &row.note };
    let under = [note, mark].into_iter().filter(|text| !text.is_empty());
    lines.extend(under.map(|text| Line::default().pad(c.left + 2).push(text)));
    match probe.verdict {
        Verdict::Differs => lines.into_iter().map(Line::bold).collect(),
        _ => lines,
    }
}

/// What was seen, in the colour of its zone.
fn seen(probe: &ProbeResult) -> Line {
    let letter = probe
        .observed
        .as_ref()
        .map_or(' ', |observed| ruler::letter(&observed.is));
    Line::default().paint(style::of_letter(letter), &answers::saw(probe))
}

/// Who is odd and the model's reason under a difference; the reason alone where an answer teaches: a fault, an errno, a
/// death, a loop. What the line above it said is not said again.
fn reason(row: &Row, c: &Columns, width: usize, reasons: bool, said: &mut String) -> Vec<Line> {
    let Some(probe) = row.probe else {
        return Vec::new();
    };
    let indent = " ".repeat(c.left + 2);
    let mut texts = Vec::new();
    if probe.verdict == Verdict::Differs {
        texts.push(answers::explain(probe));
        texts.extend(answers::not_zero(probe).map(ToOwned::to_owned));
    } else if !reasons || !teaches(probe) {
        return Vec::new();
    }
    texts.push(words::of(&probe.model.why).to_owned());
    let now = texts.join(" ");
    if said.ends_with(&now) {
        return Vec::new();
    }
    *said = now;
    texts
        .iter()
        .flat_map(|text| hanging(&indent, indent.len(), text, width))
        .collect()
}

fn teaches(probe: &ProbeResult) -> bool {
    let is = probe.observed.as_ref().map_or("", |observed| observed.is.as_str());
    let errno = is.starts_with('E') && is.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    errno || is.starts_with("SIG") || is.starts_with("killed:") || is == "loops"
}

/// The touches of a step's edges: a strip, how many came out as expected, and a line for each that did not.
fn edges(result: &ScenarioResult, step: &StepResult, c: &Columns, width: usize) -> Vec<Line> {
    if !step.probed {
        return Vec::new();
    }
    let of_step = |probe: &&ProbeResult| probe.step == step.n && !probe.own;
    let touched: Vec<ProbeResult> = result.probes.iter().filter(of_step).cloned().collect();
    let strip = strip::paint(&strip::strip(result, step));
    let indent = Line::default().pad(c.left);
    let line = indent
        .push(words::edges())
        .push(" ")
        .join(strip)
        .push("  ")
        .push(&answers::count(&touched));
    let mut lines = vec![line];
    let odd = result.probes.iter().enumerate();
    let odd = odd.filter(|(_, probe)| of_step(probe) && probe.verdict != Verdict::Agrees);
    let rows = table::rows(odd);
    lines.extend(table::body(&rows, &table::columns(&rows), width, width < SIDE_BY_SIDE));
    lines
}
