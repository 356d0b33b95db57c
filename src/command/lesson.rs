//! One scenario through the three voices: plan it, let model and kernel answer the same scripts, compare, and gather what
//! reports show. The only place that hears all three, and it may not change what any of them says.

use std::collections::BTreeMap;
use std::time::Instant;

use super::Failure;
use super::voices::Voices;
use crate::kernel::{self, Interrupts, Options, Record, Trouble};
use crate::model::Model;
use crate::op::{Access, AreaId, FileId, Outcome, ProcId, Script, World, Zone};
use crate::report::result::{Report, ScenarioResult, Summary, Text};
use crate::say::said;
use crate::scenario::{self, Complaints, Foresight, Plan, Scenario};
use crate::verdict::Verdict;
use crate::world::Here;

/// A scenario that was asked for, worked out for this machine.
#[derive(Clone)]
pub struct Chosen {
    pub scenario: Scenario,
    /// of a built-in scenario
    pub number: Option<u32>,
    /// `builtin`, or the file's name as it was given
    pub source: String,
    pub plan: Plan,
    /// whose numbers it has; none: the author's
    pub seed: Option<u64>,
    /// is every page of its mapping to be touched?
    pub exhaustive: bool,
    /// is the machine's own view wanted after each operation?
    pub viewed: bool,
    /// is every call and signal written down?
    pub traced: bool,
}

/// The model as a planner hears it: what becomes of files and mappings, step by step.
#[derive(Debug)]
pub struct Foretelling;

fn after(world: &World, script: &Script) -> Model {
    let mut model = Model::new(world);
    for act in &script.acts {
        model.apply(act.by, &act.op);
    }
    model
}

impl Foresight for Foretelling {
    fn zones(&self, world: &World, script: &Script, by: ProcId, area: AreaId, access: Access) -> Vec<Zone> {
        after(world, script).zones(by, area, access)
    }

    fn size(&self, world: &World, script: &Script, file: FileId) -> u64 {
        after(world, script).size(file)
    }

    fn succeeds(&self, world: &World, script: &Script) -> bool {
        let last = Model::answer(world, script).pop();
        last.is_some_and(|ruled| ruled.allows(Outcome::Done))
    }
}

/// Work a scenario out for this machine: where the edges lie, and what is to be touched.
pub fn plan(scenario: &Scenario, here: &Here) -> Result<Plan, Complaints> {
    scenario::plan(scenario, &here.world, &Foretelling)
}

/// Run a planned scenario. An interruption is the only thing that leaves no result.
fn run(
    chosen: &Chosen,
    here: &Here,
    options: &Options,
    interrupts: &Interrupts,
    lines: &mut String,
) -> Result<ScenarioResult, Trouble> {
    let implied = super::needs::implied(&chosen.plan.scripts).map(str::to_owned);
    let needs: Vec<String> = chosen.scenario.needs.iter().cloned().chain(implied).collect();
    if let Some(reason) = super::needs::unmet(&needs, here) {
        let ruled = chosen
            .plan
            .scripts
            .iter()
            .map(|script| Model::answer(&here.world, script))
            .collect();
        let mut result = Voices {
            chosen,
            ruled,
            records: Vec::new(),
        }
        .result(here);
        result.verdict = Verdict::Skipped;
        result.reason = Some(reason);
        return Ok(result);
    }
    if chosen.scenario.measure.is_some() {
        return super::measured::run(chosen, here, options, interrupts);
    }
    let watched = Options {
        views: chosen.viewed,
        own_calls: chosen.traced,
        ..options.clone()
    };
    let mut trouble = None;
    let mut records = Vec::new();
    for script in &chosen.plan.scripts {
        match kernel::run(script, &watched, interrupts) {
            Ok(record) => {
                if chosen.traced {
                    lines.push_str(&trace(&chosen.scenario, records.len(), &record));
                }
                records.push(record);
            }
            Err(Trouble::Interrupted) => return Err(Trouble::Interrupted),
            Err(other) => {
                trouble = Some(told(&other));
                break;
            }
        }
    }
    let ruled = chosen
        .plan
        .scripts
        .iter()
        .map(|script| Model::answer(&here.world, script))
        .collect();
    let voices = Voices { chosen, ruled, records };
    let mut result = voices.result(here);
    if trouble.is_none() {
        match super::huge::borders(chosen, here, options, interrupts, &mut result) {
            Err(Trouble::Interrupted) => return Err(Trouble::Interrupted),
            done => trouble = done.err().map(|trouble| told(&trouble)),
        }
    }
    if let Some((verdict, reason)) = voices.beyond_probes(trouble, &result, here) {
        result.verdict = verdict;
        result.reason = Some(reason);
    }
    Ok(result)
}

/// What kept the kernel from answering, for reports.
pub fn told(trouble: &Trouble) -> Text {
    Text {
        en: trouble.to_string(),
        zh: trouble.zh(),
    }
}

/// What reports show of a scenario that was not run.
pub fn unrun(chosen: &Chosen, here: &Here) -> ScenarioResult {
    let ruled = Vec::new();
    let records = Vec::new();
    Voices { chosen, ruled, records }.result(here)
}

/// The options of a lesson.
pub fn options(here: &Here) -> Result<Options, Failure> {
    Options::new(here.world.page, &here.dir)
        .ok_or_else(|| Failure::Usage(said!("TMPDIR holds a NUL byte", "TMPDIR 里有 NUL 字节").to_owned()))
}

/// What came of one command's scenarios.
pub struct Lesson {
    /// for every view
    pub report: Report,
    /// every call and signal of the scenarios that are to be traced, process by process, in strace's form
    pub trace: String,
}

/// Run planned scenarios one after another.
pub fn all(chosen: &[Chosen], here: &Here) -> Result<Lesson, Failure> {
    all_until(&super::interrupts()?, chosen, here)
}

/// The same, for whoever goes on to watch for the same interruptions.
pub fn all_until(interrupts: &Interrupts, chosen: &[Chosen], here: &Here) -> Result<Lesson, Failure> {
    let options = options(here)?;
    let mut lesson = Lesson {
        report: Report {
            schema: "lab.result/1",
            machine: super::machine(here),
            scenarios: Vec::new(),
            summary: Summary::default(),
            timing: BTreeMap::new(),
        },
        trace: String::new(),
    };
    for chosen in chosen {
        let begin = Instant::now();
        let result = run(chosen, here, &options, interrupts, &mut lesson.trace)?;
        let summary = &mut lesson.report.summary;
        *match result.verdict {
            Verdict::Agrees => &mut summary.agrees,
            Verdict::Differs => &mut summary.differs,
            Verdict::Skipped => &mut summary.skipped,
            Verdict::Error => &mut summary.error,
        } += 1;
        lesson
            .report
            .timing
            .insert(chosen.scenario.id.clone(), begin.elapsed().as_secs_f64());
        lesson.report.scenarios.push(result);
    }
    Ok(lesson)
}

/// The lines of one script, each with the process that called: the holder, or the n-th witness.
fn trace(scenario: &Scenario, script: usize, record: &Record) -> String {
    let mut text = format!("# {} script {script}\n", scenario.id);
    for line in &record.lines {
        text.push_str(&format!("{:<11}", line.who));
        text.push_str(&line.text);
        text.push('\n');
    }
    text
}
