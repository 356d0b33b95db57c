//! `lab run --lint`: scenario files held against the model on machines that this one is not, with pages of 4K, 16K and
//! 64K. Nothing is run, so it says what is wrong with a file and never what a kernel does.

use std::collections::BTreeSet;

use super::lesson::{self, Chosen};
use super::voices::Voices;
use super::words::want_word;
use super::{AGREES, Context, DIFFERS, Failure, select};
use crate::model::{Model, Ruled};
use crate::op::{Filesystem, World};
use crate::report::{self, Linted};
use crate::say::{said, say};
use crate::scenario::{self, Code, Complaint, PAGE_SIZES, Plan, Probe, Scenario};
use crate::verdict::{Foretold, leaves_open};
use crate::world::Here;

/// Lint what `words` name; the built-in scenarios where they name nothing.
pub fn lint(words: &[&str], here: &Here, context: &Context) -> Result<u8, Failure> {
    let scenarios = words.iter().map(|word| select::load(word, &[]));
    let scenarios = scenarios.collect::<Result<Vec<_>, _>>()?;
    let (mut rows, mut warnings) = (Vec::new(), String::new());
    let mut kinds = BTreeSet::new();
    let colour = context.colour() != anstream::ColorChoice::Never;
    let mut count = 0;
    for (scenario, number) in scenarios {
        let mut found = Vec::new();
        for world in worlds(&here.world) {
            let plan = scenario::plan(&scenario, &world, &lesson::Foretelling).map_err(Failure::Complaints)?;
            let ruled = answers(&plan, &world);
            found.extend(contradictions(&plan, &ruled, &world));
            if world.page == PAGE_SIZES[0] && world.filesystem == Filesystem::Ext4 {
                kinds.insert(kind(&plan, &ruled));
            }
        }
        let strips = |page: u64| strips(&scenario, number, here, page);
        found.extend(scenario::vanishing(
            &scenario,
            &textbook(&here.world, PAGE_SIZES[0], Filesystem::Ext4),
            &lesson::Foretelling,
            &|page| strips(page).join(" "),
        ));
        if number.is_some() {
            found.extend(scenario::untranslated(&scenario));
        }
        // the same line is wrong for the same reason on every page size
        let mut known = BTreeSet::new();
        found.retain(|one| known.insert((one.span().bytes.start, one.code)));
        count += found.len();
        rows.push(Linted {
            name: number.map_or_else(|| scenario.id.clone(), |number| format!("{number} {}", scenario.id)),
            warnings: found.len(),
            strips: PAGE_SIZES.iter().map(|page| (page >> 10, strips(*page))).collect(),
        });
        if !found.is_empty() {
            warnings.push_str(&scenario.complaints(found).render(colour));
            warnings.push('\n');
        }
    }
    context.print(&warnings)?;
    context.print(&report::lint(&rows, kinds.len(), context.width))?;
    Ok(if count == 0 { AGREES } else { DIFFERS })
}

fn textbook(world: &World, page: u64, filesystem: Filesystem) -> World {
    World {
        arch: world.arch,
        filesystem,
        ..World::textbook(page)
    }
}

/// The machines that an author should have thought of.
fn worlds(here: &World) -> Vec<World> {
    let filesystems = [Filesystem::Ext4, Filesystem::Tmpfs];
    let on = |filesystem: Filesystem| PAGE_SIZES.map(|page| textbook(here, page, filesystem.clone()));
    filesystems.into_iter().flat_map(on).collect()
}

fn answers(plan: &Plan, world: &World) -> Vec<Vec<Ruled>> {
    let answer = |script| Model::answer(world, script);
    plan.scripts.iter().map(answer).collect()
}

/// W02: what an author expects and the model rules out.
fn contradictions(plan: &Plan, ruled: &[Vec<Ruled>], world: &World) -> Vec<Complaint> {
    let against = |probe: &Probe| {
        let answer = &ruled[probe.at.0][probe.at.1];
        let at = probe.said_at.clone()?;
        if possible(probe, answer) {
            return None;
        }
        let (page, filesystem) = (world.page, world.filesystem.name());
        let (offset, step) = (probe.offset, probe.step + 1);
        let label = say!(
            "not at {offset} in step {step}, with pages of {page} on {filesystem}",
            "在步骤 {step} 的 {offset} 处不是这样 (页 {page}, {filesystem})"
        );
        let wants: Vec<String> = probe.expected.iter().flatten().map(want_word).collect();
        let (wants, why, zh) = (wants.join(", "), answer.reason.why(), answer.reason.why_zh());
        let title = said!("what is expected contradicts the model", "预期与模型矛盾");
        Some(
            Complaint::new(Code::W02, title, at, label)
                .note(say!("expected: {wants}", "预期: {wants}"))
                .note(said_of_model(&why, &zh)),
        )
    };
    plan.probes.iter().filter_map(against).collect()
}

fn said_of_model(en: &str, zh: &str) -> String {
    match crate::say::lang() {
        crate::say::Lang::En => format!("the model: {en}"),
        crate::say::Lang::Zh => format!("模型: {zh}"),
    }
}

/// Does the model leave open what the author expects?
pub fn possible(probe: &Probe, answer: &Ruled) -> bool {
    let foretold = Foretold {
        possible: &answer.possible,
        word: answer.reason.word(),
    };
    leaves_open(probe.expected.as_ref(), foretold)
}

/// What makes a scenario one of its own kind: its operations and the model's reasons for what comes of them, both without
/// their numbers. Scenarios that differ in numbers alone are one scenario with `--set`.
fn kind(plan: &Plan, ruled: &[Vec<Ruled>]) -> (BTreeSet<String>, BTreeSet<String>) {
    let bare = |text: String| text.chars().filter(|c| !c.is_ascii_digit() && *c != '-').collect();
    let ops = plan.scripts.iter().flat_map(|script| &script.acts);
    let ops = ops.map(|act| bare(format!("{:?}", act.op))).collect();
    let rules = ruled
        .iter()
        .flatten()
        .map(|answer| bare(format!("{:?}", answer.reason)));
    (ops, rules.collect())
}

/// The scenario's steps with pages of this size, as the model sees them.
fn strips(scenario: &Scenario, number: Option<u32>, here: &Here, page: u64) -> Vec<String> {
    let world = textbook(&here.world, page, Filesystem::Ext4);
    let Ok(plan) = scenario::plan(scenario, &world, &lesson::Foretelling) else {
        return Vec::new();
    };
    let ruled = answers(&plan, &world);
    let here = Here { world, ..here.clone() };
    let chosen = Chosen {
        scenario: scenario.clone(),
        number,
        source: String::new(),
        plan,
        seed: None,
        exhaustive: false,
        viewed: false,
        traced: false,
    };
    let voices = Voices {
        chosen: &chosen,
        ruled,
        records: Vec::new(),
    };
    report::strips(&voices.result(&here))
}
