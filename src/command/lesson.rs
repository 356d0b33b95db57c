//! One scenario through the three voices: plan it, let model and kernel answer the same scripts, compare, and gather what
//! reports show. The only place that hears all three, and it may not change what any of them says.

use std::collections::BTreeMap;
use std::time::Instant;

use super::Failure;
use crate::kernel::{self, Interrupts, Observation, Options, Record, Trouble};
use crate::model::{Model, Ruled};
use crate::op::{Access, Op, Outcome, Script, Zone, ZoneKind, si_code_name};
use crate::report::result::{
    ClaimResult, ModelAnswer, Observed, ProbeResult, Report, ScenarioProse, ScenarioResult, StepResult, Summary, SymbolValues,
    Text, Witness, ZoneResult,
};
use crate::scenario::{self, AuthorZone, Complaints, Plan, Probe, Prose, Scenario, Symbols, Want};
use crate::verdict::{self, ClaimVerdict, Seen, Touched, Verdict};
use crate::world::{self, Here};

/// A scenario that was asked for, worked out for this machine.
pub struct Chosen {
    pub scenario: Scenario,
    /// of a built-in scenario
    pub number: Option<u32>,
    /// `builtin`, or the file's name as it was given
    pub source: String,
    pub plan: Plan,
}

/// What all three voices said of one scenario.
struct Voices<'a> {
    chosen: &'a Chosen,
    ruled: Vec<Vec<Ruled>>,
    records: Vec<Record>,
}

/// Work a scenario out for this machine: where the edges lie, and what is to be touched.
pub fn plan(scenario: &Scenario, here: &Here) -> Result<Plan, Complaints> {
    let zones = |script: &Script, access| {
        let mut model = Model::new(&here.world);
        for op in &script.ops {
            model.apply(op);
        }
        model.zones(access)
    };
    scenario::plan(scenario, &here.world, &zones)
}

/// Run a planned scenario. An interruption is the only thing that leaves no result.
fn run(
    chosen: &Chosen,
    here: &Here,
    options: &Options,
    interrupts: &Interrupts,
    lines: &mut String,
) -> Result<ScenarioResult, Trouble> {
    let mut trouble = None;
    let mut records = Vec::new();
    for script in &chosen.plan.scripts {
        match kernel::run(script, options, interrupts) {
            Ok(record) => {
                lines.push_str(&trace(&chosen.scenario, records.len(), &record));
                records.push(record);
            }
            Err(Trouble::Interrupted) => return Err(Trouble::Interrupted),
            Err(other) => {
                trouble = Some(other.to_string());
                break;
            }
        }
    }
    let ruled = chosen.plan.scripts.iter().map(|script| Model::answer(&here.world, script)).collect();
    let voices = Voices { chosen, ruled, records };
    let mut result = voices.result(here);
    if let Some(reason) = trouble.or_else(|| voices.refused()).or_else(|| voices.full(&result, here)) {
        result.verdict = Verdict::Error;
        result.reason = Some(reason);
    }
    Ok(result)
}

/// What came of one command's scenarios.
pub struct Lesson {
    /// for every view
    pub report: Report,
    /// every call and signal, process by process, in strace's form
    pub trace: String,
}

/// Run planned scenarios one after another.
pub fn all(chosen: &[Chosen], here: &Here) -> Result<Lesson, Failure> {
    let interrupts = super::interrupts()?;
    let options = Options::new(here.world.page, &here.dir)
        .ok_or_else(|| Failure::Usage("TMPDIR holds a NUL byte".to_owned()))?;
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
        let result = run(chosen, here, &options, &interrupts, &mut lesson.trace)?;
        let summary = &mut lesson.report.summary;
        *match result.verdict {
            Verdict::Agrees => &mut summary.agrees,
            Verdict::Differs => &mut summary.differs,
            Verdict::Skipped => &mut summary.skipped,
            Verdict::Error => &mut summary.error,
        } += 1;
        lesson.report.timing.insert(chosen.scenario.id.clone(), begin.elapsed().as_secs_f64());
        lesson.report.scenarios.push(result);
    }
    Ok(lesson)
}

/// The lines of one script, each with the process that called: the holder, or the n-th witness.
fn trace(scenario: &Scenario, script: usize, record: &Record) -> String {
    let mut text = format!("# {} script {script}\n", scenario.id);
    for line in &record.lines {
        match line.who {
            0 => text.push_str("holder     "),
            n => text.push_str(&format!("witness{n:<4}")),
        }
        text.push_str(&line.text);
        text.push('\n');
    }
    text
}

impl Voices<'_> {
    fn observation(&self, at: (usize, usize)) -> Option<&Observation> {
        self.records.get(at.0)?.answers.get(at.1)?.as_ref()
    }

    /// A call that failed although the model says it should not: the machine could not do it.
    fn refused(&self) -> Option<String> {
        for (script, record) in self.records.iter().enumerate() {
            for (op, answer) in record.answers.iter().enumerate() {
                let Some(Observation { outcome, .. }) = answer else {
                    return Some(format!("operation {op} never ran"));
                };
                let call = matches!(outcome, Outcome::Errno(_) | Outcome::Done);
                if call && !self.ruled[script][op].possible.contains(outcome) {
                    let line = record.lines.iter().rev().find(|line| line.asked && line.op == Some(op));
                    return Some(line.map_or_else(|| format!("operation {op}: {outcome:?}"), |line| line.text.clone()));
                }
            }
        }
        None
    }

    /// On a full filesystem a page of the file that has no block yet is SIGBUS too: that is no difference of voices.
    fn full(&self, result: &ScenarioResult, here: &Here) -> Option<String> {
        let starved = |probe: &ProbeResult| {
            let sigbus = probe.observed.as_ref().is_some_and(|seen| seen.is == "SIGBUS");
            sigbus && probe.verdict == Verdict::Differs && probe.model.is != "SIGBUS"
        };
        (result.probes.iter().any(starved) && world::is_full(&here.dir)).then(|| {
            let dir = here.dir.display();
            format!("the filesystem of {dir} is full: SIGBUS inside the file means that no block was left for its page")
        })
    }

    fn result(&self, here: &Here) -> ScenarioResult {
        let symbols = self.chosen.plan.steps.first().map(|step| step.symbols).unwrap_or_default();
        let text = |prose: &Prose| self.text(&prose.fill(&symbols));
        let probes: Vec<ProbeResult> = self.chosen.plan.probes.iter().map(|probe| self.probe(probe, here)).collect();
        let verdict = if probes.iter().any(|probe| probe.observed.is_none()) || probes.is_empty() {
            Verdict::Error
        } else if probes.iter().any(|probe| probe.verdict == Verdict::Differs) {
            Verdict::Differs
        } else {
            Verdict::Agrees
        };
        let reason = (verdict == Verdict::Error).then(|| "nothing was touched".to_owned());
        ScenarioResult {
            id: self.chosen.scenario.id.clone(),
            number: self.chosen.number,
            source: self.chosen.source.clone(),
            seed: None,
            sources: self.chosen.scenario.sources.clone(),
            steps: (0..self.chosen.plan.steps.len()).map(|n| self.step(n, here)).collect(),
            probes,
            claims: self.claims(&symbols),
            verdict,
            reason,
            prose: ScenarioProse {
                title: text(&self.chosen.scenario.title),
                brief: self.chosen.scenario.brief.as_ref().map(text),
                why: self.chosen.scenario.why.as_ref().map(text),
                next: self.chosen.scenario.next.iter().map(|(command, shows)| (command.clone(), text(shows))).collect(),
            },
        }
    }

    fn text(&self, prose: &Prose) -> Text {
        Text { en: prose.en.clone(), zh: prose.zh.clone() }
    }

    fn step(&self, n: usize, here: &Here) -> StepResult {
        let step = &self.chosen.plan.steps[n];
        let (script, first) = step.at;
        let ops = first..first + step.ops.len();
        let mut model = Model::new(&here.world);
        for op in &self.chosen.plan.scripts[script].ops[..ops.end] {
            model.apply(op);
        }
        let lines = self.records.get(script).map_or(&[][..], |record| &record.lines);
        let called = lines.iter().filter(|line| line.asked && line.op.is_some_and(|op| ops.contains(&op)));
        StepResult {
            n,
            calls: called.map(|line| line.text.clone()).collect(),
            symbols: values(&step.symbols),
            zones: model.zones(Access::Load).iter().map(model_zone).collect(),
            author_zones: step.loads.iter().map(author_zone).collect(),
            probed: step.probed,
        }
    }

    fn probe(&self, probe: &Probe, here: &Here) -> ProbeResult {
        let (script, op) = probe.at;
        let ruled = &self.ruled[script][op];
        let observation = self.observation(probe.at);
        let (verdict, odd) = match observation {
            Some(observation) => verdict::compare(probe.expected.as_ref(), ruled, seen(observation)),
            None => (Verdict::Error, None),
        };
        let page = here.world.page as i64;
        ProbeResult {
            step: probe.step,
            by: "A".to_owned(),
            op: match self.chosen.plan.scripts[script].ops[op] {
                Op::Read { .. } => "pread",
                Op::Touch { access: Access::Store(_), .. } => "write",
                _ => "read",
            },
            offset: probe.offset,
            place: probe.place.clone(),
            page: probe.offset.div_euclid(page),
            in_page: probe.offset.rem_euclid(page),
            expected: probe.expected.iter().flatten().map(want_word).collect(),
            model: model_answer(ruled),
            observed: observation.map(observed),
            verdict,
            odd,
        }
    }

    fn claims(&self, symbols: &Symbols) -> Vec<ClaimResult> {
        let judge = |claim: &scenario::PlannedClaim| {
            let mut verdict = ClaimVerdict::Skipped;
            let mut by = Vec::new();
            let mut shown = None;
            for saying in &claim.says {
                for (step, zone) in saying.zones.iter().enumerate() {
                    if claim.step.is_some_and(|only| only != step) {
                        continue;
                    }
                    let touches = self.touched(step);
                    let (here, which) = verdict::claim(zone, &touches);
                    match (verdict, here) {
                        (ClaimVerdict::Refuted, ClaimVerdict::Refuted) | (ClaimVerdict::Holds, ClaimVerdict::Holds) => {
                            by.extend(which);
                        }
                        (ClaimVerdict::Refuted, _) | (_, ClaimVerdict::Skipped) => {}
                        _ => (verdict, by) = (here, which),
                    }
                    if here == ClaimVerdict::Refuted && shown.is_none() {
                        shown = self.border(&saying.range, zone, &touches);
                    }
                }
            }
            let text = self.text(&claim.text.fill(symbols));
            ClaimResult { id: claim.id.clone(), text, idea: claim.idea.clone(), verdict, by, shown }
        };
        self.chosen.plan.claims.iter().map(judge).collect()
    }

    /// The touches of memory in a step that were seen, by offset.
    fn touched(&self, step: usize) -> Vec<Touched> {
        let touched = |(index, probe): (usize, &Probe)| {
            let store = match self.chosen.plan.scripts[probe.at.0].ops[probe.at.1] {
                Op::Touch { access, .. } => access != Access::Load,
                _ => return None,
            };
            let seen = seen(self.observation(probe.at)?);
            Some(Touched { probe: index, offset: probe.offset, store, seen })
        };
        let of_step = self.chosen.plan.probes.iter().enumerate().filter(|(_, probe)| probe.step == step);
        let mut touches: Vec<Touched> = of_step.filter_map(touched).collect();
        touches.sort_by_key(|touched| touched.offset);
        touches
    }

    /// Where what was claimed really begins, if a touch further on shows it.
    fn border(&self, range: &str, zone: &AuthorZone, touches: &[Touched]) -> Option<String> {
        let claimed = |touched: &&Touched| zone.wants.iter().any(|want| verdict::meets(*want, touched.seen));
        let first = touches.iter().filter(|touched| touched.offset >= zone.from).find(claimed)?;
        let name = |offset: i64, place: Option<&str>| match place {
            Some(place) => format!("{place} {offset}"),
            None => offset.to_string(),
        };
        let word = zone.wants.first().map(want_word)?;
        let there = name(first.offset, self.chosen.plan.probes[first.probe].place.as_deref());
        let start = range.split("..").next().unwrap_or_default().trim();
        let here = name(zone.from, start.chars().next().is_some_and(char::is_alphabetic).then_some(start));
        Some(format!("{word} begins at {there}, not at {here}."))
    }
}

fn seen(observation: &Observation) -> Seen {
    Seen { outcome: observation.outcome, pread: observation.pread }
}

fn values(symbols: &Symbols) -> SymbolValues {
    let Symbols { p, size, eof, eof_page, len, map_end } = *symbols;
    SymbolValues { p, size, eof, eof_page, len, map_end }
}

fn model_zone(zone: &Zone) -> ZoneResult {
    let is = match zone.is {
        ZoneKind::File => "file".to_owned(),
        ZoneKind::Tail => "zero".to_owned(),
        ZoneKind::Fault(signal, _) => signal.to_string(),
    };
    ZoneResult { from: zone.from, to: zone.to, is }
}

fn author_zone(zone: &AuthorZone) -> ZoneResult {
    let word = zone.wants.first().map(want_word).unwrap_or_default();
    let is = word.split('/').next().unwrap_or_default().to_owned();
    ZoneResult { from: zone.from, to: zone.to, is }
}

/// An author's word, as scenario files write it.
fn want_word(want: &Want) -> String {
    match *want {
        Want::File => "file".to_owned(),
        Want::Zero => "zero".to_owned(),
        Want::Ok => "ok".to_owned(),
        Want::End => "end".to_owned(),
        Want::Byte(byte) => byte_word(byte),
        Want::Signal(signal) => signal.to_string(),
        Want::Fault(signal, code) => match si_code_name(signal, code) {
            Some(name) => format!("{signal}/{name}"),
            None => format!("{signal}/{code}"),
        },
        Want::Errno(errno) => errno_word(errno),
    }
}

fn byte_word(byte: u8) -> String {
    match byte {
        b' '..=b'~' => format!("byte:{}", char::from(byte)),
        _ => format!("byte:{byte}"),
    }
}

fn errno_word(errno: i32) -> String {
    format!("{:?}", nix::errno::Errno::from_raw(errno))
}

fn outcome_word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Byte(byte) => byte_word(*byte),
        Outcome::End => "end".to_owned(),
        Outcome::Stored | Outcome::Done => "ok".to_owned(),
        Outcome::Fault(fault) => format!("{}/{}", fault.signal, fault.code_name()),
        Outcome::Errno(errno) => errno_word(*errno),
    }
}

fn model_answer(ruled: &Ruled) -> ModelAnswer {
    let (is, si_code) = match &ruled.possible[0] {
        Outcome::Fault(fault) => (fault.signal.to_string(), Some(fault.code_name())),
        outcome @ Outcome::Byte(_) => {
            let zero = *outcome == Outcome::Byte(0);
            match ruled.reason.word() {
                Some(word) if word != "zero" || zero => (word.to_owned(), None),
                _ => (outcome_word(outcome), None),
            }
        }
        outcome => (outcome_word(outcome), None),
    };
    let or = if ruled.possible.len() > 1 { ruled.possible.iter().map(outcome_word).collect() } else { Vec::new() };
    ModelAnswer { is, si_code, or, rule: ruled.reason.rule().id(), why: ruled.reason.why() }
}

/// What was seen, in words: a load that gave what pread gives there is `file`, a zero where the file has ended `zero`.
fn observed(observation: &Observation) -> Observed {
    let mut observed = Observed::default();
    match observation.outcome {
        Outcome::Byte(value) => {
            let word = [(Want::File, "file"), (Want::Zero, "zero")];
            let word = word.iter().find(|(want, _)| verdict::meets(*want, seen(observation)));
            observed.is = word.map_or_else(|| byte_word(value), |(_, word)| (*word).to_owned());
            observed.value = Some(value);
        }
        Outcome::Fault(fault) => {
            observed.is = fault.signal.to_string();
            observed.si_code = Some(fault.code_name());
            observed.si_addr_offset = Some(fault.at);
        }
        ref outcome => observed.is = outcome_word(outcome),
    }
    observed.pread = observation.pread.map(|byte| byte.map_or_else(|| "eof".to_owned(), byte_word));
    observed.witness = observation.witness.map(|death| Witness {
        wait: format!("signaled:{}", death.signal),
        si_code: si_code_name(death.signal, death.si_code).unwrap_or("unknown").to_owned(),
        si_addr_offset: death.at,
    });
    observed
}
