//! `--seed N`: the same lesson with other numbers. They are drawn symbolically and held against the model with pages of
//! 4K, 16K and 64K, so they are the same for everyone with that seed, on any machine; nothing is run for it.

use std::io::{self, Write};
use std::mem::discriminant;

use super::lesson::{self, Chosen, Foretelling};
use super::{Failure, lint, select};
use crate::model::{Model, Ruled};
use crate::op::{Access, Filesystem, Outcome, World, ZoneKind};
use crate::quiz::{self, Answer};
use crate::say::said;
use crate::scenario::{self, PAGE_SIZES, Plan, Scenario, Setting};
use crate::world::Here;

/// So many draws may miss the lesson before a scenario counts as one without numbers to draw.
const DRAWS: u64 = 200;

/// What a scenario teaches with pages of one size: the zones of each step and the answers of its quiz, without numbers.
#[derive(PartialEq)]
struct Lesson {
    zones: Vec<Vec<ZoneKind>>,
    answers: Vec<Answer>,
}

/// The scenario that `word` names, with the numbers of a seed. One without numbers to draw is as it is, and that is said.
pub fn choose(word: &str, seed: u64, here: &Here) -> Result<Chosen, Failure> {
    let settings = settings(word, seed)?;
    let mut chosen = select::choose(word, &[], here)?;
    if settings.is_empty() {
        let note = said!(
            "no number of this scenario can be drawn anew; it is as it is, whatever the seed",
            "这个情景没有可以重新抽取的数字; 无论种子是多少都一样"
        );
        let _ = writeln!(io::stderr(), "lab: {note}");
        return Ok(chosen);
    }
    let (mut scenario, _) = select::load(word, &settings)?;
    scenario.next = chosen.scenario.next;
    scenario.seeded(seed);
    chosen.plan = lesson::plan(&scenario, here).map_err(Failure::Complaints)?;
    chosen.scenario = scenario;
    chosen.seed = Some(seed);
    Ok(chosen)
}

/// A seed with other numbers than these, where there is one.
pub fn next(chosen: &Chosen) -> Option<u64> {
    let next = chosen.seed.unwrap_or(0).wrapping_add(1);
    // what was set by hand stands in the title, and has no seed
    let word = chosen
        .number
        .map_or_else(|| chosen.source.clone(), |number| number.to_string());
    let drawn = settings(&word, next).ok()?;
    (!drawn.is_empty()).then_some(next)
}

/// The settings of a seed; none where nothing can be drawn.
fn settings(word: &str, seed: u64) -> Result<Vec<Setting>, Failure> {
    let (original, _) = select::load(word, &[])?;
    let load = |settings: &[Setting]| Some(select::load(word, settings).ok()?.0);
    Ok(drawn(&original, seed, &load))
}

/// The first draw of a seed that teaches what the original does.
pub fn drawn(original: &Scenario, seed: u64, load: &dyn Fn(&[Setting]) -> Option<Scenario>) -> Vec<Setting> {
    let worlds = worlds();
    let wanted = worlds
        .iter()
        .map(|world| teaches(original, world))
        .collect::<Option<Vec<_>>>();
    let Some(wanted) = wanted else {
        return Vec::new();
    };
    let alike = |scenario: &Scenario| {
        let mut all = worlds.iter().zip(&wanted);
        all.all(|(world, wanted)| teaches(scenario, world).as_ref() == Some(wanted))
    };
    let symbols = |scenario: &Scenario| PAGE_SIZES.map(|page| scenario.symbols(page).ok());
    for draw in 0..DRAWS {
        let mut random = oorandom::Rand32::new(seed.wrapping_mul(DRAWS).wrapping_add(draw));
        let settings = original.redraw(draw < DRAWS / 2, &mut |most| random.rand_range(0..most));
        let Some(scenario) = load(&settings) else { continue };
        if symbols(&scenario) != symbols(original) && alike(&scenario) {
            return settings;
        }
    }
    Vec::new()
}

/// The machines on which a draw has to hold: what an author says of filesystems is said of these two kinds, on disks and
/// in memory.
fn worlds() -> Vec<World> {
    let on = |filesystem: Filesystem| {
        PAGE_SIZES.map(|page| World {
            filesystem: filesystem.clone(),
            ..World::textbook(page)
        })
    };
    [Filesystem::Ext4, Filesystem::Tmpfs].into_iter().flat_map(on).collect()
}

/// What it teaches; nothing where a plan does not come about, or the author's expectation contradicts the model.
fn teaches(scenario: &Scenario, world: &World) -> Option<Lesson> {
    let plan = scenario::plan(scenario, world, &Foretelling).ok()?;
    let ruled: Vec<Vec<Ruled>> = plan.scripts.iter().map(|script| Model::answer(world, script)).collect();
    let agrees = plan
        .probes
        .iter()
        .all(|probe| lint::possible(probe, &ruled[probe.at.0][probe.at.1]));
    agrees.then(|| Lesson {
        zones: zones(&plan, world),
        answers: answers(&plan, &ruled),
    })
}

/// The kinds of zones that loads meet after each step.
fn zones(plan: &Plan, world: &World) -> Vec<Vec<ZoneKind>> {
    let after = |step: &scenario::PlannedStep| {
        let (script, first) = step.at;
        let mut model = Model::new(world);
        for act in &plan.scripts[script].acts[..first + step.acts.len()] {
            model.apply(act.by, &act.op);
        }
        let zones = model.zones(step.by, step.area, Access::Load);
        zones.into_iter().map(|zone| zone.is).collect()
    };
    plan.steps.iter().map(after).collect()
}

/// The answers of its quiz; one number is as good as another.
fn answers(plan: &Plan, ruled: &[Vec<Ruled>]) -> Vec<Answer> {
    let seen = |probe: usize| {
        let at = plan.probes[probe].at;
        match ruled[at.0][at.1].possible[..] {
            [outcome] if discriminant(&outcome) != discriminant(&Outcome::Within(0, 0)) => Some(outcome),
            _ => None,
        }
    };
    let truths = quiz::items(plan).into_iter().filter_map(|item| item.truth(&seen));
    let bare = |truth| match truth {
        Answer::At(_) => Answer::At(0),
        other => other,
    };
    truths.map(bare).collect()
}
