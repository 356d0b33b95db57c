//! `Scenario` to `Plan`, for one world: scripts for the voices to answer, and the places in them that somebody wants to
//! know of. What the model foretells is passed in; what it means is not known here.

use super::complaint::{Code, Complaint, Complaints, Span};
use super::expr::Symbols;
use super::parse::{Scenario, Step};
use super::zone;
use super::{Expected, Plan, PlannedCase, PlannedClaim, PlannedStep, Probe, Saying};
use crate::op::{Access, Act, AreaId, FileId, Op, ProcId, Script, World, Zone};
use crate::say::{said, say};

mod empty;
mod geometry;
mod limits;
mod lint;
mod maps;
mod ops;
mod quiz;
mod touch;

use geometry::Geometry;
pub(super) use limits::HOLE_PAGES;
pub use lint::{PAGE_SIZES, untranslated, vanishing};

/// What the model foretells of a script's end. Whoever plans passes it in.
pub trait Foresight {
    /// The zones of an area for one kind of access.
    fn zones(&self, world: &World, script: &Script, by: ProcId, area: AreaId, access: Access) -> Vec<Zone>;
    /// A file's size in bytes, by any descriptor of it.
    fn size(&self, world: &World, script: &Script, file: FileId) -> u64;
    /// Does the last operation succeed?
    fn succeeds(&self, world: &World, script: &Script) -> bool;
}

/// Make a scenario ready for a world.
pub fn plan(scenario: &Scenario, world: &World, model: &dyn Foresight) -> Result<Plan, Complaints> {
    let mut planner = Planner::new(scenario, world, model, false);
    let first = planner.walk();
    planner.claims(&first);
    planner.quiz();
    planner.bytes();
    if scenario.measure.is_some() {
        // Only its claims are wanted of a plan: what is measured is no script.
        planner.plan.scripts.clear();
        planner.plan.probes.clear();
        planner.plan.steps.clear();
        planner.complaints.extend(limits::measured(scenario, first.size));
    }
    if !planner.unfinished {
        planner.complaints.extend(empty::ranges(scenario, world, model));
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
    model: &'s dyn Foresight,
    /// of the step at hand
    symbols: Symbols,
    geometry: Geometry,
    /// the operations of all steps so far, without the touches of edges
    past: Script,
    /// bytes written by them, and by which
    written: Vec<(i64, Span)>,
    /// did touches store in the current script?
    disturbed: bool,
    /// is something not looked at because of a complaint?
    unfinished: bool,
    /// only symbols are wanted, no touches
    dry: bool,
    plan: Plan,
    complaints: Vec<Complaint>,
}

impl<'s> Planner<'s> {
    fn new(scenario: &'s Scenario, world: &'s World, model: &'s dyn Foresight, dry: bool) -> Planner<'s> {
        Planner {
            scenario,
            world,
            model,
            symbols: Symbols {
                p: i64::try_from(world.page).unwrap_or(i64::MAX),
                ..Symbols::default()
            },
            geometry: Geometry::new(),
            past: Script::default(),
            written: Vec::new(),
            disturbed: false,
            unfinished: false,
            dry,
            plan: Plan {
                scripts: vec![Script::default()],
                ..Plan::default()
            },
            complaints: Vec::new(),
        }
    }

    /// Go through the scenario; returned are the symbols once everything is mapped.
    fn walk(&mut self) -> Symbols {
        let setup = match self.setup() {
            Ok(setup) => setup,
            Err(complaints) => {
                self.complaints.extend(complaints);
                self.unfinished = true;
                return self.symbols;
            }
        };
        self.symbols = self.symbols_of(0, 0);
        let first = self.symbols;
        let made = setup.len();
        if self.scenario.steps.is_empty() {
            self.begin(setup, 0, 0);
            self.touches(None);
        } else {
            let mut before = setup;
            for step in &self.scenario.steps {
                self.step(step, std::mem::take(&mut before));
            }
        }
        if let Some(step) = self.plan.steps.first_mut() {
            step.setup = made;
        }
        first
    }

    /// What makes the files, the processes and the mappings, in that order: a process of its own inherits descriptors and
    /// maps for itself.
    fn setup(&mut self) -> Result<Vec<Act>, Vec<Complaint>> {
        let scenario = self.scenario;
        let mut wrong = Vec::new();
        let alone = self.symbols;
        for spec in std::iter::once(&scenario.file).chain(&scenario.files) {
            match self.open(spec, &alone) {
                Ok(ops) => self.past.acts.extend(ops.into_iter().map(|op| Act { by: 0, op })),
                Err(complaint) => wrong.push(complaint),
            }
        }
        for name in scenario.maps.iter().filter_map(|map| map.by.as_ref()) {
            match self.geometry.fork(0, name) {
                Ok(child) => self.past.acts.push(Act {
                    by: 0,
                    op: Op::Fork { child },
                }),
                Err(complaint) => wrong.push(complaint),
            }
        }
        for map in std::iter::once(&scenario.map).chain(&scenario.maps) {
            let by = map.by.as_ref().map_or(Ok(0), |name| self.geometry.process(Some(name)));
            match by.and_then(|by| self.mapping(map).map(|done| (by, done))) {
                Ok((by, done)) => self.happen(by, &done),
                Err(complaint) => wrong.push(complaint),
            }
        }
        if wrong.is_empty() {
            Ok(self.past.acts.clone())
        } else {
            Err(wrong)
        }
    }

    /// An operation joins the past, and what it maps is known from now on if the model says that it succeeds.
    fn happen(&mut self, by: ProcId, done: &ops::Done) {
        self.past.acts.push(Act { by, op: done.op });
        if let Some((area, mapped)) = done.maps
            && self.model.succeeds(self.world, &self.past)
        {
            self.geometry.map(by, area, mapped);
        }
    }

    fn size(&self, file: FileId) -> i64 {
        i64::try_from(self.model.size(self.world, &self.past, file)).unwrap_or(i64::MAX)
    }

    /// The symbols of a process's mapping in an area, as things stand.
    fn symbols_of(&self, by: ProcId, area: AreaId) -> Symbols {
        let mapped = self.geometry.mapped(by, area);
        let size = mapped.file.map_or(0, |file| self.size(file));
        Symbols::of(self.symbols.p, size, mapped.offset, mapped.len)
    }

    fn script(&mut self) -> &mut Vec<Act> {
        let last = self.plan.scripts.len() - 1;
        &mut self.plan.scripts[last].acts
    }

    /// Where the next operation will stand.
    fn next_at(&mut self) -> (usize, usize) {
        (self.plan.scripts.len() - 1, self.script().len())
    }

    /// Begin a step with these operations: on a fresh copy of the experiment where touches have stored.
    fn begin(&mut self, acts: Vec<Act>, by: ProcId, area: AreaId) {
        if std::mem::take(&mut self.disturbed) {
            let mut script = self.past.clone();
            script.acts.truncate(script.acts.len().saturating_sub(acts.len()));
            self.plan.scripts.push(script);
        }
        let at = self.next_at();
        self.script().extend(&acts);
        self.symbols = self.symbols_of(by, area);
        let step = PlannedStep {
            acts,
            setup: 0,
            at,
            by,
            area,
            symbols: self.symbols,
            acted: false,
            own: None,
            probed: false,
            loads: Vec::new(),
            stores: Vec::new(),
        };
        self.plan.steps.push(step);
    }

    fn step(&mut self, step: &'s Step, mut before: Vec<Act>) {
        let by = self.geometry.process(step.by.as_ref());
        let by = by.map_err(|complaint| self.complaints.push(complaint)).unwrap_or(0);
        let Some(action) = &step.action else {
            let area = self.geometry.area(step.on.as_ref());
            let area = area.map_err(|complaint| self.complaints.push(complaint)).unwrap_or(0);
            self.begin(before, by, area);
            self.touches(Some(step));
            return;
        };
        let area = self.geometry.area(step.on.as_ref()).unwrap_or(0);
        self.symbols = self.symbols_of(by, area);
        // Of an operation on another file than the mapped one, that file's size counts.
        if let Some(name) = &action.file
            && let Ok(file) = self.geometry.file(Some(name))
        {
            self.symbols.size = self.size(self.geometry.objects[file]);
        }
        let old = self.symbols;
        let done = match self.operation(step, action, by) {
            Ok(done) => done,
            Err(complaint) => {
                self.complaints.push(complaint);
                self.unfinished |= step.edges || !step.probe.is_empty();
                self.begin(before, by, area);
                return;
            }
        };
        let area = self.geometry.area(step.on.as_ref()).unwrap_or(0);
        let in_step = before.len();
        before.push(Act { by, op: done.op });
        self.happen(by, &done);
        if done.written > 0 {
            self.written.push((done.written, step.action_span.clone()));
        }
        self.begin(before, by, area);
        if let Some(planned) = self.plan.steps.last_mut() {
            planned.acted = true;
        }
        let said_at = step.expect.as_ref().map(|expect| expect.at.clone());
        let expected = self.expected(step);
        let asked = done.asks.or(expected.is_some().then_some(0));
        if let Some(offset) = asked {
            self.ask(&done.op, offset, in_step, expected.zip(said_at), &old);
        }
        self.touches(Some(step));
    }

    /// A step's own operation is a probe where it is a touch or a read, or where the author says what it comes to.
    fn ask(&mut self, op: &Op, offset: i64, in_step: usize, expected: Option<(Expected, Span)>, old: &Symbols) {
        let place = match op {
            Op::Read { .. } => old.place_in_file(offset),
            Op::Touch { .. } => old.place(offset),
            _ => None,
        };
        let index = self.plan.steps.len() - 1;
        let number = self.plan.probes.len();
        let planned = &mut self.plan.steps[index];
        planned.own = Some(number);
        let (expected, said_at) = expected.unzip();
        let probe = Probe {
            step: index,
            at: (planned.at.0, planned.at.1 + in_step),
            by: planned.by,
            area: match op {
                Op::Touch { at, .. } => at.area,
                _ => planned.area,
            },
            offset,
            place,
            expected,
            said_at,
        };
        self.plan.probes.push(probe);
    }

    /// What the author expects of a step's own operation.
    fn expected(&mut self, step: &Step) -> Option<Expected> {
        let expect = step.expect.as_ref()?;
        let found = expect.on(self.world, &self.symbols);
        found.map_err(|complaint| self.complaints.push(complaint)).ok()
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
            let mut cases = Vec::new();
            for case in &claim.cases {
                let Some(step) = self.plan.steps.get(case.step) else {
                    continue;
                };
                match case.says.on(self.world, &step.symbols) {
                    Ok(wants) => cases.push(PlannedCase {
                        step: case.step,
                        probe: step.own,
                        wants,
                        text: case.text.as_ref().map(|text| text.fill(symbols)),
                    }),
                    Err(complaint) => self.complaints.push(complaint),
                }
            }
            self.plan.claims.push(PlannedClaim {
                id,
                text,
                idea,
                step: claim.step,
                says,
                cases,
                compares: claim.compares.clone(),
            });
        }
    }

    /// Fresh copies write again, so the limit of bytes is for all of them.
    fn bytes(&mut self) {
        let ops = self.plan.scripts.iter().flat_map(Script::ops);
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
        let label = say!(
            "{most} bytes here, {all} in all; at most 64M",
            "这里 {most} 字节, 总共 {all} 字节; 最多 64M"
        );
        let complaint = Complaint::new(
            Code::E08,
            said!("too many bytes are written", "写入的字节太多"),
            span.clone(),
            label,
        );
        let note = say!(
            "the stores at edges ask for {copies} copies of the experiment, and each writes anew",
            "写入边界要把实验做 {copies} 份, 每一份都要重新写文件"
        );
        self.complaints
            .push(if copies > 1 { complaint.note(note) } else { complaint });
    }
}
