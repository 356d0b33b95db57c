//! An author's zones, worked out for one step and one world, and whether two of them overlap. It may not know the
//! model's zones.

use super::AuthorZone;
use super::complaint::{Code, Complaint};
use super::expr::{NAMES, Name, RangeExpr, Symbols};
use super::parse::Zoned;
use super::plan::HOLE_PAGES;
use super::{Expected, Want};
use crate::op::{Signal, World};
use crate::say::{said, say};

/// A zone that is not empty at this step, and the line it comes from.
#[derive(Clone, Debug)]
pub(super) struct Here<'s> {
    pub zone: AuthorZone,
    pub line: &'s Zoned,
}

impl Here<'_> {
    /// The bytes to touch: its first and its last. A side that is open has none; an open end leaves the first byte.
    pub fn edges(&self) -> Vec<i64> {
        let first = (!matches!(self.line.stretch.range, RangeExpr::To(_))).then_some(self.zone.from);
        first.into_iter().chain(self.zone.to.map(|to| to - 1)).collect()
    }
}

/// Does the zone hold this byte?
pub(super) fn holds(zone: &AuthorZone, at: i64) -> bool {
    zone.from <= at && zone.to.is_none_or(|to| at < to)
}

/// Every line of a table that is not empty at this step, by place.
pub(super) fn here<'s>(lines: &'s [Zoned], symbols: &Symbols, world: &World) -> Result<Vec<Here<'s>>, Complaint> {
    let mut zones = Vec::new();
    for line in lines {
        let zone = one(line, symbols, world)?;
        if zone.to.is_none_or(|to| zone.from < to) {
            zones.push(Here { zone, line });
        }
    }
    zones.sort_by_key(|here| here.zone.from);
    Ok(zones)
}

/// One line at this step; it may be empty. What only a mapping can answer is clipped to the mapping, but where the line
/// itself begins at `map_end` its author means what lies behind.
pub(super) fn one(line: &Zoned, symbols: &Symbols, world: &World) -> Result<AuthorZone, Complaint> {
    let wants = line.expects.on(world, symbols)?;
    let (from, to) = line.stretch.bounds(symbols)?;
    let mut zone = AuthorZone {
        from: from.unwrap_or(-HOLE_PAGES * symbols.p),
        to,
        wants,
    };
    if zone.wants.iter().all(|want| needs_mapping(*want)) && !line.stretch.range.begins_at(Name::MapEnd) {
        if from.is_none() {
            zone.from = zone.from.max(0);
        }
        zone.to = Some(zone.to.map_or(symbols.map_end, |to| to.min(symbols.map_end)));
    }
    Ok(zone)
}

fn needs_mapping(want: Want) -> bool {
    !matches!(
        want,
        Want::Signal(Signal::Sigsegv) | Want::Fault(Signal::Sigsegv, _) | Want::Killed(Signal::Sigsegv)
    )
}

/// A complaint for each pair of neighbours that share bytes.
pub(super) fn overlaps(zones: &[Here], symbols: &Symbols, step: Option<usize>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (i, left) in zones.iter().enumerate() {
        for right in zones[i + 1..]
            .iter()
            .filter(|right| left.zone.to.is_none_or(|to| right.zone.from < to))
        {
            complaints.push(overlap(left, right, symbols, step));
        }
    }
    complaints
}

fn overlap(one: &Here, other: &Here, symbols: &Symbols, step: Option<usize>) -> Complaint {
    let place = |here: &Here| (here.line.stretch.at.source, here.line.stretch.at.start);
    let (first, second) = if place(one) < place(other) {
        (one, other)
    } else {
        (other, one)
    };
    let from = first.zone.from.max(second.zone.from);
    let to = match (first.zone.to, second.zone.to) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    let covered = match to {
        Some(to) if to == from + 1 => format!("{from}"),
        Some(to) => format!("{from}..{}", to - 1),
        None => say!("{from} and all after it", "{from} 及其后的全部"),
    };
    let named = [first, second]
        .iter()
        .flat_map(|here| here.line.stretch.range.names())
        .collect::<Vec<_>>();
    let borders: Vec<String> = NAMES
        .iter()
        .filter(|(_, name)| named.contains(name))
        .map(|(word, name)| (word, symbols.get(*name)))
        .filter(|(_, value)| *value == from || Some(*value) == to)
        .map(|(word, value)| format!("{word} = {value}"))
        .collect();
    let borders = if borders.is_empty() {
        String::new()
    } else {
        format!(" ({})", borders.join(", "))
    };
    let complaint = Complaint::new(
        Code::E05,
        said!("two zones overlap", "两个区间重叠"),
        second.line.stretch.at.whole(),
        said!("and so does this one", "这一行也包含"),
    );
    let mut complaint = complaint.also(
        first.line.stretch.at.whole(),
        say!("covers {covered}{borders}", "包含 {covered}{borders}"),
    );
    for here in [first, second] {
        complaint = past_the_end(complaint, here, symbols);
    }
    match step {
        Some(step) => complaint.note(say!("this is so after step {}", "第 {} 步之后是这样", step + 1)),
        None => complaint,
    }
}

/// The commonest reason: a number was typed where the file ends earlier.
fn past_the_end(complaint: Complaint, here: &Here, symbols: &Symbols) -> Complaint {
    let wants: &Expected = &here.zone.wants;
    match here.zone.to {
        Some(to) if wants[..] == [Want::File] && to > symbols.eof => complaint.note(say!(
            "{to} is past the end of the file, so \"file\" cannot hold there",
            "{to} 已超过文件末尾, 那里不可能是 \"file\""
        )),
        _ => complaint,
    }
}
