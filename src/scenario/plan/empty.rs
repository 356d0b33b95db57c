//! Ranges that hold nothing at any step: a range written backwards, or one for bytes that this file and mapping never have.
//! They would be passed over in silence. It judges what the file itself says, for every page size, so that a file is not
//! right on one machine and wrong on another; it may not know what is found anywhere.

use super::{Foresight, Planner};
use crate::op::World;
use crate::say::{said, say};
use crate::scenario::complaint::{Code, Complaint};
use crate::scenario::expr::{Expr, Name, RangeExpr, Symbols};
use crate::scenario::parse::{Scenario, Zoned};
use crate::scenario::zone;

/// The page sizes that Linux machines have: a zone that one of them does not have may be there with another.
pub(super) const PAGES: [u64; 3] = [4 << 10, 16 << 10, 64 << 10];
/// So many steps are enough to see what a range is.
const SHOWN: usize = 3;

/// A step, by its index, and the symbols once it is done.
pub(super) type States = Vec<(usize, Symbols)>;

/// A complaint for each line of `[expect]`, and of a claim, that is always empty. Where `--set` changes the numbers, a line
/// may well come to nothing: that is then what is to be seen.
pub(super) fn ranges(scenario: &Scenario, world: &World, model: &dyn Foresight) -> Vec<Complaint> {
    if scenario.has_settings() {
        return Vec::new();
    }
    let pages = std::iter::once(world.page).chain(PAGES);
    let worlds: Vec<States> = pages.filter_map(|page| states(scenario, world, model, page)).collect();
    let lines = scenario.loads.iter().chain(&scenario.stores).map(|line| (line, None));
    let says = scenario
        .claims
        .iter()
        .flat_map(|claim| claim.says.iter().map(|line| (line, claim.step)));
    let mut complaints = Vec::new();
    for (line, only) in lines.chain(says) {
        let at_its_step = |(step, _): &&(usize, Symbols)| only.is_none_or(|only| only == *step);
        let empty = |(_, symbols): &(usize, Symbols)| {
            zone::one(line, symbols, world).is_ok_and(|zone| zone.to.is_some_and(|to| to <= zone.from))
        };
        if worlds
            .iter()
            .flat_map(|states| states.iter().filter(at_its_step))
            .all(empty)
        {
            let here: Vec<_> = worlds[0].iter().filter(at_its_step).collect();
            complaints.extend(complaint(line, &here, !scenario.steps.is_empty()));
        }
    }
    complaints
}

/// The states in which zones are looked at, with pages of this size: after each step that probes, or else after all.
/// Another page size may forbid what this one allows; that is no matter here.
pub(super) fn states(scenario: &Scenario, world: &World, model: &dyn Foresight, page: u64) -> Option<States> {
    let world = World {
        page,
        block: world.block.min(page),
        ..world.clone()
    };
    let mut planner = Planner::new(scenario, &world, model, true);
    planner.walk();
    let steps = planner.plan.steps;
    let any = steps.iter().any(|step| step.probed);
    let numbered = steps.iter().enumerate().filter(|(_, step)| step.probed || !any);
    let states: States = numbered.map(|(i, step)| (i, step.symbols)).collect();
    (!states.is_empty()).then_some(states)
}

fn complaint(line: &Zoned, states: &[&(usize, Symbols)], steps: bool) -> Option<Complaint> {
    let (_, first) = states.first()?;
    let title = match states.len() {
        1 => said!("an empty range", "区间是空的"),
        _ => said!("a range that is empty at every step", "区间在每一步都是空的"),
    };
    let label = say!(
        "this is {}: no byte lies in it",
        "这里是 {}: 其中一个字节也没有",
        values(line, first)
    );
    let mut complaint = Complaint::new(Code::E04, title, line.stretch.at.whole(), label);
    if steps && states.len() == 1 {
        complaint = complaint.note(say!("this is so after step {}", "第 {} 步之后是这样", states[0].0 + 1));
    } else if steps {
        let mut after: Vec<String> = states
            .iter()
            .take(SHOWN)
            .map(|(step, symbols)| {
                say!(
                    "after step {} it is {}",
                    "第 {} 步之后是 {}",
                    step + 1,
                    values(line, symbols)
                )
            })
            .collect();
        if states.len() > SHOWN {
            after.push(said!("and so on", "如此等等").to_string());
        }
        complaint = complaint.note(after.join(", "));
    }
    let repair = match &line.stretch.range {
        RangeExpr::Between(from, to) if exchanged(from, to) => line
            .stretch
            .text
            .split_once("..")
            .map(|(from, to)| format!("\"{} .. {}\"", to.trim(), from.trim())),
        _ => None,
    };
    if !backwards(line, first) {
        complaint = complaint.note(said!(
            "this outcome is cut off where the mapping ends; what lies behind begins with map_end",
            "这种结果到映射末尾为止; 之后的部分要从 map_end 写起"
        ));
    }
    Some(complaint.help(repair.unwrap_or_else(|| said!("leave this line out", "删去这一行").to_string())))
}

/// Were the two bounds of a range that runs backwards exchanged, or do they only lie so for these sizes?
fn exchanged(from: &Expr, to: &Expr) -> bool {
    let names = |expr: &Expr| expr.names().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    matches!(
        (&names(from)[..], &names(to)[..]),
        (_, []) | ([Name::EofPage], [Name::Eof]) | ([Name::MapEnd], [Name::Len])
    )
}

fn backwards(line: &Zoned, symbols: &Symbols) -> bool {
    let bounds = line.stretch.bounds(symbols).unwrap_or_default();
    matches!(bounds, (Some(from), Some(to)) if to <= from)
}

/// The range in bytes, as it was written, and where the mapping ends if that is what cuts it off.
fn values(line: &Zoned, symbols: &Symbols) -> String {
    let (from, to) = line.stretch.bounds(symbols).unwrap_or_default();
    let bound = |bound: Option<i64>| bound.map_or(String::new(), |bound| bound.to_string());
    let range = match &line.stretch.range {
        RangeExpr::One(_) => bound(from),
        _ => format!("{} .. {}", bound(from), bound(to)).trim().to_string(),
    };
    match backwards(line, symbols) {
        true => range,
        false => say!(
            "{range}, but the mapping ends at {}",
            "{range}, 但映射到 {} 结束",
            symbols.map_end
        ),
    }
}
