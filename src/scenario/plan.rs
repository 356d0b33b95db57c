//! `Scenario` to `Plan`, for one world: scripts for the voices to answer, and the places in them that somebody wants to
//! know of. The model's zones are passed in; what they mean is not known here.

use super::complaint::{Code, Complaint, Complaints, Span};
use super::expr::Symbols;
use super::parse::{Scenario, Step};
use super::zone;
use super::{Plan, PlannedClaim, PlannedStep, Probe, Saying};
use crate::op::{Access, Op, Script, World, Zone};

mod empty;
mod limits;
mod ops;
mod touch;

pub(super) use limits::HOLE_PAGES;

/// The model's zones for one kind of access, once a script is done.
type Zones<'f> = &'f dyn Fn(&Script, Access) -> Vec<Zone>;

/// Make a scenario ready for a world. `zones` gives the model's zones after a script.
pub fn plan(scenario: &Scenario, world: &World, zones: Zones) -> Result<Plan, Complaints> {
    let (symbols, offset) = scenario
        .setup(world.page)
        .map_err(|c| scenario.complaints(vec![c]).unfinished())?;
    let wrong = limits::setup(scenario, &symbols, offset);
    if !wrong.is_empty() {
        return Err(scenario.complaints(wrong).unfinished());
    }
    let mut planner = Planner {
        scenario,
        world,
        zones,
        symbols,
        offset,
        past: Vec::new(),
        written: Vec::new(),
        disturbed: false,
        unfinished: false,
        plan: Plan {
            scripts: vec![Script::default()],
            ..Plan::default()
        },
        complaints: Vec::new(),
    };
    if scenario.fill.is_some() {
        planner.written.push((symbols.size, scenario.size.at.whole()));
    }
    let setup = ops::setup(scenario, &symbols, offset);
    if scenario.steps.is_empty() {
        planner.begin(setup);
        planner.touches(None);
    } else {
        let mut before = setup;
        for step in &scenario.steps {
            planner.step(step, std::mem::take(&mut before));
        }
    }
    planner.claims(&symbols);
    planner.bytes();
    if !planner.unfinished {
        planner.complaints.extend(empty::ranges(scenario, world));
    }
    let mut complaints = planner.complaints;
    let mut seen = Vec::new();
    complaints.retain(|complaint| {
        let known = seen.contains(&(complaint.code, complaint.span().clone()));
        seen.push((complaint.code, complaint.span().clone()));
        !known
    });
    let complaints = match (complaints.is_empty(), planner.unfinished) {
        (true, _) => return Ok(planner.plan),
        (false, true) => scenario.complaints(complaints).unfinished(),
        (false, false) => scenario.complaints(complaints),
    };
    Err(complaints)
}

struct Planner<'s> {
    scenario: &'s Scenario,
    world: &'s World,
    zones: Zones<'s>,
    /// today's
    symbols: Symbols,
    /// where in the file the mapping begins
    offset: i64,
    /// the operations of all steps so far, without the touches of edges
    past: Vec<Op>,
    /// bytes written by them, and by which
    written: Vec<(i64, Span)>,
    /// did touches store in the current script?
    disturbed: bool,
    /// is something not looked at because of a complaint?
    unfinished: bool,
    plan: Plan,
    complaints: Vec<Complaint>,
}

impl<'s> Planner<'s> {
    fn script(&mut self) -> &mut Vec<Op> {
        let last = self.plan.scripts.len() - 1;
        &mut self.plan.scripts[last].ops
    }

    /// Where the next operation will stand.
    fn next_at(&mut self) -> (usize, usize) {
        (self.plan.scripts.len() - 1, self.script().len())
    }

    /// Begin a step with these operations: on a fresh copy of the experiment where touches have stored.
    fn begin(&mut self, ops: Vec<Op>) {
        if std::mem::take(&mut self.disturbed) {
            self.plan.scripts.push(Script { ops: self.past.clone() });
        }
        let at = self.next_at();
        self.script().extend(&ops);
        self.past.extend(&ops);
        let symbols = self.symbols;
        let step = PlannedStep {
            ops,
            at,
            symbols,
            probed: false,
            loads: Vec::new(),
            stores: Vec::new(),
        };
        self.plan.steps.push(step);
    }

    fn step(&mut self, step: &'s Step, mut before: Vec<Op>) {
        let Some(action) = &step.action else {
            self.begin(before);
            self.touches(Some(step));
            return;
        };
        let done = match ops::of(step, action, &self.symbols) {
            Ok(done) => done,
            Err(complaint) => {
                self.complaints.push(complaint);
                self.unfinished = true;
                self.begin(before);
                return;
            }
        };
        let in_step = before.len();
        before.push(done.op);
        let old = self.symbols;
        self.symbols = Symbols::of(old.p, done.size, self.offset, old.len);
        if done.written > 0 {
            self.written.push((done.written, step.action_span.clone()));
        }
        self.begin(before);
        if let (Some(offset), Some(planned)) = (done.asks, self.plan.steps.last()) {
            let in_file = matches!(done.op, Op::Read { .. });
            let place = if in_file {
                old.place_in_file(offset)
            } else {
                old.place(offset)
            };
            self.plan.probes.push(Probe {
                step: self.plan.steps.len() - 1,
                at: (planned.at.0, planned.at.1 + in_step),
                offset,
                place,
                expected: ops::expected(step, self.world),
            });
        }
        self.touches(Some(step));
    }

    fn claims(&mut self, symbols: &Symbols) {
        for claim in &self.scenario.claims {
            let mut says = Vec::new();
            for line in &claim.says {
                let zones = self
                    .plan
                    .steps
                    .iter()
                    .map(|step| zone::one(line, &step.symbols, self.world));
                match zones.collect() {
                    Ok(zones) => says.push(Saying {
                        range: line.stretch.text.clone(),
                        zones,
                    }),
                    Err(complaint) => self.complaints.push(complaint),
                }
            }
            let text = claim.text.fill(symbols);
            let (id, idea) = (claim.id.clone(), claim.idea.clone());
            self.plan.claims.push(PlannedClaim {
                id,
                text,
                idea,
                step: claim.step,
                says,
            });
        }
    }

    /// Fresh copies write again, so the limit of bytes is for all of them.
    fn bytes(&mut self) {
        let ops = self.plan.scripts.iter().flat_map(|script| &script.ops);
        let each = ops.map(|op| match op {
            Op::Write { len, .. } | Op::Allocate { len, .. } => *len,
            _ => 0,
        });
        let all = each.fold(0u64, u64::saturating_add);
        let Some((most, span)) = self.written.iter().max_by_key(|(bytes, _)| *bytes) else {
            return;
        };
        if all <= limits::WRITE_LIMIT.unsigned_abs() {
            return;
        }
        let copies = self.plan.scripts.len();
        let label = format!("{most} bytes here, {all} in all; at most 64M");
        let complaint = Complaint::new(Code::E08, "too many bytes are written", span.clone(), label);
        let note = format!("the stores at edges ask for {copies} copies of the experiment, and each writes anew");
        self.complaints
            .push(if copies > 1 { complaint.note(note) } else { complaint });
    }
}
