//! Which questions a plan asks: the author's, or those that follow from it, each with what may be answered. It may not know
//! the answers.

use super::{Answer, Asks, Idea, Item, Past, named};
use crate::op::{Access, Op, Quantity, Routine, Signal, Want, errno_name, errno_number};
use crate::scenario::{self, Plan, Symbols};

/// At most so many questions: six fill ten minutes of a class.
const MOST: usize = 6;

/// The questions of a plan: the author's, or else those at the borders and of the steps' own touches, where opinions differ.
pub fn items(plan: &Plan) -> Vec<Item> {
    let mut asked: Vec<_> = plan
        .quiz
        .iter()
        .map(|one| (one.step, one.asks, one.idea.as_deref()))
        .collect();
    if asked.is_empty() {
        asked = derived(plan)
            .into_iter()
            .map(|(step, asks)| (step, asks, None))
            .collect();
    }
    let mut seen = Vec::new();
    asked.retain(|(step, asks, _)| {
        let known = seen.contains(&(*step, *asks));
        seen.push((*step, *asks));
        !known
    });
    let items = asked
        .into_iter()
        .filter_map(|(step, asks, idea)| item(plan, step, asks, idea.and_then(named)));
    items.take(MOST).collect()
}

/// What is asked where the author asks nothing.
fn derived(plan: &Plan) -> Vec<(usize, scenario::Asks)> {
    let mut asks = Vec::new();
    if let Some(step) = plan.steps.iter().position(|step| step.probed) {
        let Symbols {
            eof,
            eof_page,
            len,
            map_end,
            ..
        } = plan.steps[step].symbols;
        for at in [eof - 1, eof, eof_page, len, map_end] {
            let here = loads(plan, step).into_iter().find(|(_, offset)| *offset == at);
            asks.extend(here.map(|(probe, _)| (step, scenario::Asks::Probe(probe))));
        }
    }
    let own = plan.steps.iter().enumerate();
    asks.extend(own.filter_map(|(step, planned)| Some((step, scenario::Asks::Probe(planned.own?)))));
    asks
}

/// The loads of one byte in a step, by offset.
fn loads(plan: &Plan, step: usize) -> Vec<(usize, i64)> {
    let probes = plan.probes.iter().enumerate().filter(|(_, probe)| probe.step == step);
    let load = |op: &Op| {
        matches!(
            op,
            Op::Touch {
                access: Access::Load,
                ..
            }
        )
    };
    let mut loads: Vec<_> = probes
        .filter(|(_, probe)| load(&plan.scripts[probe.at.0].acts[probe.at.1].op))
        .map(|(index, probe)| (index, probe.offset))
        .collect();
    loads.sort_by_key(|(_, at)| *at);
    loads
}

fn item(plan: &Plan, step: usize, asks: scenario::Asks, named: Option<Idea>) -> Option<Item> {
    let loads = loads(plan, step);
    let index = match asks {
        scenario::Asks::Probe(index) => index,
        scenario::Asks::Border(_) => loads.first()?.0,
    };
    let probe = &plan.probes[index];
    let act = plan.scripts[probe.at.0].acts[probe.at.1];
    let asks = match (asks, act.op) {
        (scenario::Asks::Border(signal), _) => Asks::Border(signal),
        (_, Op::Touch { access, .. }) if access.is_store() => Asks::Store(index, probe.offset),
        (_, Op::Touch { .. }) => Asks::Load(index, probe.offset),
        (
            _,
            Op::Library {
                routine: Routine::Strnlen,
                ..
            },
        ) => Asks::Count(index),
        (_, Op::Copy { .. } | Op::Library { .. }) => Asks::Store(index, probe.offset),
        (_, Op::Read { .. }) => Asks::Read(index, probe.offset),
        (_, Op::Send { .. } | Op::Receive { .. } | Op::Ask(_) | Op::Race { .. }) => Asks::Count(index),
        _ => Asks::Call(index),
    };
    let first = first(plan);
    Some(Item {
        asks,
        symbols: plan.steps[step].symbols,
        step,
        own: plan.steps[step].own == Some(index) && !matches!(asks, Asks::Border(_)),
        op: act.op,
        by: act.by,
        area: probe.area,
        choices: choices(plan, asks, first),
        first,
        past: Past::of(plan, probe),
        named,
        loads,
    })
}

/// The byte that the first file with any holds; without one the byte that is stored first.
fn first(plan: &Plan) -> Option<u8> {
    plan.steps
        .iter()
        .flat_map(|step| &step.acts)
        .find_map(|act| match act.op {
            Op::Write { byte, len, .. } if len > 0 => Some(byte),
            Op::Touch { access, .. } => match access.narrow() {
                Access::Store(byte) => Some(byte),
                _ => None,
            },
            _ => None,
        })
}

/// What may be answered, in the order in which it is offered.
fn choices(plan: &Plan, asks: Asks, first: Option<u8>) -> Vec<Answer> {
    let ops = || plan.steps.iter().flat_map(|step| &step.acts).map(|act| act.op);
    let signals = [Signal::Sigbus, Signal::Sigsegv].map(Answer::Signal);
    let mut bytes = Vec::new();
    bytes.extend(first.map(|_| Answer::Byte));
    bytes.extend(Past::writes(plan, first).then_some(Answer::New));
    bytes.push(Answer::Zero);
    let mut errnos: Vec<i32> = plan
        .probes
        .iter()
        .flat_map(|probe| probe.expected.iter().flatten())
        .filter_map(|want| match want {
            Want::Errno(errno) => Some(*errno),
            _ => None,
        })
        .collect();
    // so that the list alone tells nothing
    errnos.extend(["EINVAL", "ENOMEM"].into_iter().filter_map(errno_number));
    errnos.sort_by_key(|errno| errno_name(*errno));
    errnos.dedup();
    let errnos = errnos.into_iter().map(Answer::Errno);
    let mut all = Vec::new();
    match asks {
        Asks::Border(_) => return all,
        Asks::Load(..) => all.extend(bytes),
        Asks::Store(..) | Asks::Call(_) => all.push(Answer::Ok),
        Asks::Read(..) => {
            all.extend(bytes);
            all.push(Answer::End);
        }
        Asks::Count(_) => {}
    }
    match asks {
        Asks::Load(..) | Asks::Store(..) => {
            all.extend(signals);
            all.extend(ops().any(|op| matches!(op, Op::OnFault(_))).then_some(Answer::Loops));
        }
        Asks::Call(_) => {
            let hint = ops().any(|op| matches!(op, Op::Map { at, .. } if at.at != 0));
            all.extend(hint.then_some(Answer::Elsewhere));
            all.extend(errnos);
        }
        Asks::Count(index) => {
            let probe = &plan.probes[index];
            let op = plan.scripts[probe.at.0].acts[probe.at.1].op;
            let sure = matches!(
                op,
                Op::Race { .. }
                    | Op::Ask(
                        Quantity::Size(_)
                            | Quantity::Blocks(_)
                            | Quantity::Faults
                            | Quantity::MajorFaults
                            | Quantity::Present(..)
                            | Quantity::Vmas(..)
                    )
            );
            let scans = matches!(op, Op::Library { .. });
            all.extend(signals.into_iter().filter(|_| scans));
            all.extend(errnos.filter(|_| !sure && !scans));
        }
        Asks::Read(..) | Asks::Border(_) => {}
    }
    all
}
