//! Assembly of a result: what author, model and kernel said of one scenario, probe by probe and claim by claim, for reports.

use std::collections::BTreeMap;

use super::lesson::Chosen;
use super::words::{author_zone, is_any, model_answer, model_zone, observed, quiet, seen, values, want_word};
use crate::kernel::{Delivery, Observation, Record, Who};
use crate::model::{Model, Rule, Ruled};
use crate::op::{Access, FileId, Op, Place, proc_name};
use crate::report::result::{
    CaseResult, ClaimResult, ProbeResult, ScenarioProse, ScenarioResult, SignalResult, StepResult, Text, Told,
};
use crate::say::both;
use crate::scenario::{self, AuthorZone, Probe, Prose, Symbols};
use crate::verdict::{self, ClaimVerdict, Foretold, Touched, Verdict};
use crate::world::Here;

/// A process's name; of a witness that of no process.
fn caller(who: Who) -> String {
    match who {
        Who::Process(process) => proc_name(process).to_string(),
        _ => "?".to_owned(),
    }
}

/// What all three voices said of one scenario.
pub struct Voices<'a> {
    pub chosen: &'a Chosen,
    pub ruled: Vec<Vec<Ruled>>,
    pub records: Vec<Record>,
}

impl Voices<'_> {
    fn observation(&self, at: (usize, usize)) -> Option<&Observation> {
        self.records.get(at.0)?.answers.get(at.1)?.as_ref()
    }

    pub fn result(&self, here: &Here) -> ScenarioResult {
        let symbols = self
            .chosen
            .plan
            .steps
            .first()
            .map(|step| step.symbols)
            .unwrap_or_default();
        let text = |prose: &Prose| self.text(&prose.fill(&symbols));
        let probes: Vec<ProbeResult> = self
            .chosen
            .plan
            .probes
            .iter()
            .enumerate()
            .map(|(n, probe)| self.probe(n, probe, here))
            .collect();
        let verdict = if probes.iter().any(|probe| probe.observed.is_none()) || probes.is_empty() {
            Verdict::Error
        } else if probes.iter().any(|probe| probe.verdict == Verdict::Differs) {
            Verdict::Differs
        } else {
            Verdict::Agrees
        };
        let reason = (verdict == Verdict::Error).then(|| both!("nothing was touched", "什么也没有访问").into());
        ScenarioResult {
            id: self.chosen.scenario.id.clone(),
            number: self.chosen.number,
            source: self.chosen.source.clone(),
            seed: self.chosen.seed,
            sources: self.chosen.scenario.sources.clone(),
            steps: (0..self.chosen.plan.steps.len()).map(|n| self.step(n, here)).collect(),
            probes,
            claims: self.claims(&symbols),
            signals: self.signals(),
            borders: None,
            verdict,
            reason,
            measure: None,
            views: self.records.iter().map(|record| record.views.clone()).collect(),
            prose: ScenarioProse {
                title: text(&self.chosen.scenario.title),
                brief: self.chosen.scenario.brief.as_ref().map(text),
                why: self.chosen.scenario.why.as_ref().map(text),
                next: self
                    .chosen
                    .scenario
                    .next
                    .iter()
                    .map(|(command, shows)| (command.clone(), text(shows)))
                    .collect(),
                shown_alone: false,
            },
        }
    }

    /// Every signal that was delivered, counted.
    fn signals(&self) -> Vec<SignalResult> {
        let lines = self.records.iter().flat_map(|record| &record.lines);
        let mut counted = BTreeMap::new();
        for delivery in lines.filter_map(|line| line.delivery.as_ref()) {
            *counted.entry(delivery).or_insert(0) += 1;
        }
        let one = |(delivery, times): (&Delivery, usize)| SignalResult {
            is: delivery.signal,
            si_code: delivery.told.as_ref().map(|told| told.0.clone()),
            si_addr: delivery.told.as_ref().and_then(|told| told.1.clone()),
            times,
        };
        counted.into_iter().map(one).collect()
    }

    fn text(&self, prose: &Prose) -> Text {
        Text {
            en: prose.en.clone(),
            zh: prose.zh.clone(),
        }
    }

    fn step(&self, n: usize, here: &Here) -> StepResult {
        let step = &self.chosen.plan.steps[n];
        let (script, first) = step.at;
        let ops = first..first + step.acts.len();
        let mut model = Model::new(&here.world);
        let acts = &self.chosen.plan.scripts[script].acts[..ops.end];
        let own = first + step.setup;
        for act in &acts[..own] {
            model.apply(act.by, &act.op);
        }
        let files = acts.iter().filter_map(|act| match act.op {
            Op::Create { file, .. } | Op::Reopen { file, .. } => Some(file),
            _ => None,
        });
        let before: Vec<(FileId, u64)> = files.map(|file| (file, model.size(file))).collect();
        for act in &acts[own..] {
            model.apply(act.by, &act.op);
        }
        let after = before.into_iter().map(|(file, size)| (file, size, model.size(file)));
        let lines = self.records.get(script).map_or(&[][..], |record| &record.lines);
        let asked = |op: usize| lines.iter().filter(move |line| line.asked && line.op == Some(op));
        let called = || ops.clone().flat_map(asked);
        let told = Told {
            by: proc_name(step.by).to_string(),
            setup: (first..own).flat_map(asked).count(),
            callers: called().map(|line| caller(line.who)).collect(),
            ops: called().filter_map(|line| Some((script, line.op?))).collect(),
            quiet: acts[own..].last().and_then(|act| quiet(&act.op)),
            sizes: after.filter(|(_, from, to)| from != to).collect(),
            beyond_nix: (own..ops.end).flat_map(asked).any(|line| line.beyond_nix),
        };
        StepResult {
            n,
            calls: called().map(|line| line.text.clone()).collect(),
            symbols: values(&step.symbols),
            zones: model
                .zones(step.by, step.area, Access::Load)
                .iter()
                .map(model_zone)
                .collect(),
            author_zones: step.loads.iter().map(author_zone).collect(),
            probed: step.probed,
            told,
        }
    }

    fn probe(&self, n: usize, probe: &Probe, here: &Here) -> ProbeResult {
        let (script, op) = probe.at;
        let ruled = &self.ruled[script][op];
        let observation = self.observation(probe.at);
        let foretold = Foretold {
            possible: &ruled.possible,
            word: ruled.reason.word(),
        };
        let (verdict, odd) = match observation {
            Some(observation) => verdict::compare(probe.expected.as_ref(), foretold, seen(observation)),
            None => (Verdict::Error, None),
        };
        let page = here.world.page as i64;
        let access = match self.chosen.plan.scripts[script].acts[op].op {
            Op::Touch { access, .. } => Some(access),
            _ => None,
        };
        ProbeResult {
            step: probe.step,
            by: proc_name(probe.by).to_string(),
            op: match self.chosen.plan.scripts[script].acts[op].op {
                Op::Read { .. } => "pread",
                Op::Touch { access, .. } if access.is_store() => "write",
                Op::Touch { .. } => "read",
                _ => "call",
            },
            area: (probe.area > 0).then(|| {
                Place {
                    area: probe.area,
                    at: 0,
                }
                .to_string()
            }),
            call: self.call(probe),
            offset: probe.offset,
            place: probe.place.clone(),
            page: probe.offset.div_euclid(page),
            in_page: probe.offset.rem_euclid(page),
            expected: probe.expected.iter().flatten().map(want_word).collect(),
            measured: ruled.reason.rule() == Rule::Measured || is_any(ruled),
            model: model_answer(ruled),
            observed: observation.map(|observation| observed(observation, probe.area)),
            verdict,
            odd,
            own: self.chosen.plan.steps[probe.step].own == Some(n),
            stored: access.and_then(|access| match access.narrow() {
                Access::Store(byte) => Some(byte),
                _ => None,
            }),
            bytes: access.map_or(0, Access::width),
        }
    }

    /// The line of a probe that is a system call.
    fn call(&self, probe: &Probe) -> Option<String> {
        let (script, op) = probe.at;
        if let Op::Touch { .. } | Op::Read { .. } = self.chosen.plan.scripts[script].acts[op].op {
            return None;
        }
        let lines = &self.records.get(script)?.lines;
        let line = lines.iter().rev().find(|line| line.asked && line.op == Some(op))?;
        Some(line.text.clone())
    }

    fn claims(&self, symbols: &Symbols) -> Vec<ClaimResult> {
        let judge = |claim: &scenario::PlannedClaim| {
            let mut verdict = ClaimVerdict::Skipped;
            let mut by = Vec::new();
            let mut shown = None;
            let mut all_tested = true;
            for saying in &claim.says {
                let mut tested = false;
                for (step, zone) in saying.zones.iter().enumerate() {
                    if claim.step.is_some_and(|only| only != step) {
                        continue;
                    }
                    let touches = self.touched(step);
                    let (here, which) = verdict::claim(zone, &touches);
                    tested |= here != ClaimVerdict::Skipped;
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
                all_tested &= tested;
            }
            let mut cases = Vec::new();
            for case in &claim.cases {
                let index = case
                    .probe
                    .filter(|index| self.observation(self.chosen.plan.probes[*index].at).is_some());
                let Some(probe) = index else {
                    all_tested = false;
                    continue;
                };
                let seen = self.observation(self.chosen.plan.probes[probe].at).map(seen);
                let met = seen.is_some_and(|seen| case.wants.iter().any(|want| verdict::meets(*want, seen)));
                cases.push(CaseResult {
                    probe,
                    text: case.text.as_ref().map(|prose| self.text(prose)),
                    met,
                });
            }
            let of = |met: bool| cases.iter().filter(move |case| case.met == met).map(|case| case.probe);
            let (holds, fails): (Vec<usize>, Vec<usize>) = (of(true).collect(), of(false).collect());
            (verdict, by) = match (verdict, holds.is_empty(), fails.is_empty()) {
                (verdict, true, true) => (verdict, by),
                (ClaimVerdict::Skipped | ClaimVerdict::Holds, _, true) => {
                    (ClaimVerdict::Holds, by.into_iter().chain(holds).collect())
                }
                (ClaimVerdict::Skipped | ClaimVerdict::Refuted, true, _) => {
                    (ClaimVerdict::Refuted, by.into_iter().chain(fails).collect())
                }
                _ => (ClaimVerdict::Depends, fails.into_iter().chain(holds).collect()),
            };
            // A claim of which one line met no touch at all is not shown to hold.
            if verdict == ClaimVerdict::Holds && !all_tested {
                (verdict, by) = (ClaimVerdict::Skipped, Vec::new());
            }
            let text = self.text(&claim.text.fill(symbols));
            ClaimResult {
                id: claim.id.clone(),
                text,
                idea: claim.idea.clone(),
                verdict,
                by,
                cases,
                compares: Vec::new(),
                shown,
            }
        };
        self.chosen.plan.claims.iter().map(judge).collect()
    }

    /// The touches of memory in a step that were seen, by offset.
    fn touched(&self, step: usize) -> Vec<Touched> {
        let touched = |(index, probe): (usize, &Probe)| {
            let store = match self.chosen.plan.scripts[probe.at.0].acts[probe.at.1].op {
                Op::Touch { access, .. } => access.is_store(),
                _ => return None,
            };
            let seen = seen(self.observation(probe.at)?);
            Some(Touched {
                probe: index,
                offset: probe.offset,
                store,
                seen,
            })
        };
        let of_step = self
            .chosen
            .plan
            .probes
            .iter()
            .enumerate()
            .filter(|(_, probe)| probe.step == step);
        let mut touches: Vec<Touched> = of_step.filter_map(touched).collect();
        touches.sort_by_key(|touched| touched.offset);
        touches
    }

    /// Where what was claimed really begins, if a touch further on shows it.
    fn border(&self, range: &str, zone: &AuthorZone, touches: &[Touched]) -> Option<Text> {
        let claimed = |touched: &&Touched| zone.wants.iter().any(|want| verdict::meets(*want, touched.seen));
        let mut loads = touches
            .iter()
            .filter(|touched| !touched.store && touched.offset >= zone.from);
        let first = loads.find(claimed).filter(|first| first.offset > zone.from)?;
        let name = |offset: i64, place: Option<&str>| match place {
            Some(place) => format!("{place} {offset}"),
            None => offset.to_string(),
        };
        let word = zone.wants.first().map(want_word)?;
        let there = name(first.offset, self.chosen.plan.probes[first.probe].place.as_deref());
        let start = range.split("..").next().unwrap_or_default().trim();
        let here = name(
            zone.from,
            start.chars().next().is_some_and(char::is_alphabetic).then_some(start),
        );
        Some(
            both!(
                "{word} begins at {there}, not at {here}.",
                "{word} 从 {there} 开始, 而不是从 {here} 开始。"
            )
            .into(),
        )
    }
}
