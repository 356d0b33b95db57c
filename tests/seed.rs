//! `--seed N`: the numbers are other numbers, the lesson is the same, and everyone with that seed gets the same.
#![cfg(target_os = "linux")]

mod common;

use std::collections::BTreeSet;

use common::{lab, possible};
use mmap_lab::command::{Foretelling, drawn};
use mmap_lab::model::Model;
use mmap_lab::op::{Access, Filesystem, World, ZoneKind};
use mmap_lab::scenario::{PAGE_SIZES, Plan, Scenario, Setting, builtins, load, plan};

/// The kinds of zones after each step, told from the plan alone.
fn kinds(plan: &Plan, world: &World) -> Vec<Vec<ZoneKind>> {
    let after = |step: &mmap_lab::scenario::PlannedStep| {
        let mut model = Model::new(world);
        let (script, first) = step.at;
        for act in &plan.scripts[script].acts[..first + step.acts.len()] {
            model.apply(act.by, &act.op);
        }
        let zones = model.zones(step.by, step.area, Access::Load);
        zones.into_iter().map(|zone| zone.is).collect()
    };
    plan.steps.iter().map(after).collect()
}

fn planned(scenario: &Scenario, world: &World) -> Plan {
    let plan = plan(scenario, world, &Foretelling);
    plan.unwrap_or_else(|wrong| panic!("{}", wrong.render(false)))
}

#[test]
fn every_seed_teaches_the_same_with_other_numbers() {
    let mut redrawn = Vec::new();
    for builtin in builtins() {
        let load = |settings: &[Setting]| load(builtin.name, builtin.text, settings).ok();
        let original = load(&[]).unwrap();
        let mut variants = BTreeSet::new();
        for seed in 1..=20 {
            let settings = drawn(&original, seed, &load);
            if settings.is_empty() && seed > 2 && variants.is_empty() {
                break;
            }
            if settings.is_empty() {
                assert!(
                    variants.is_empty(),
                    "{}: seed {seed} draws nothing, others did",
                    builtin.id
                );
                continue;
            }
            if seed == 1 {
                assert_eq!(settings, drawn(&original, seed, &load), "{}: another draw", builtin.id);
            }
            let scenario = load(&settings).unwrap();
            let tmpfs = World {
                filesystem: Filesystem::Tmpfs,
                ..World::textbook(4096)
            };
            for world in PAGE_SIZES.map(World::textbook).into_iter().chain([tmpfs]) {
                let page = world.page;
                let (was, is) = (planned(&original, &world), planned(&scenario, &world));
                assert_eq!(
                    kinds(&was, &world),
                    kinds(&is, &world),
                    "{} seed {seed} page {page}",
                    builtin.id
                );
                let ruled: Vec<_> = is.scripts.iter().map(|script| Model::answer(&world, script)).collect();
                for probe in &is.probes {
                    let answer = &ruled[probe.at.0][probe.at.1];
                    assert!(
                        possible(probe, answer),
                        "{} seed {seed} page {page}: {probe:?}",
                        builtin.id
                    );
                }
                let numbers = |scenario: &Scenario| scenario.symbols(page).ok();
                assert_ne!(numbers(&original), numbers(&scenario), "{} seed {seed}", builtin.id);
            }
            variants.insert(settings.iter().map(Setting::to_string).collect::<Vec<_>>());
        }
        if !variants.is_empty() {
            assert!(variants.len() > 1, "{}: {variants:?}", builtin.id);
            redrawn.push((builtin.id, variants.len()));
        }
    }
    assert!(redrawn.len() > 70, "{} of them: {redrawn:?}", redrawn.len());
}

/// Homework of last year is graded with the numbers of last year.
#[test]
fn a_seed_keeps_its_numbers() {
    let builtin = builtins().find(|builtin| builtin.id == "past-eof").unwrap();
    let load = |settings: &[Setting]| load(builtin.name, builtin.text, settings).ok();
    let drawn = drawn(&load(&[]).unwrap(), 1_234_567, &load);
    let drawn: Vec<String> = drawn.iter().map(Setting::to_string).collect();
    assert_eq!(drawn, ["file.size=3p + 1778", "map.length=6p + 2977"]);
}

#[test]
fn a_seed_is_shown_and_the_author_is_still_heard() {
    let run = |seed: &str| {
        let output = lab(&["scenario", "2", "--seed", seed, "--report", "json"]);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        json["scenarios"][0].take()
    };
    let (seven, again, eight) = (run("7"), run("7"), run("8"));
    assert_eq!(seven, again);
    assert_eq!(seven["seed"], 7);
    assert_ne!(seven["steps"][0]["symbols"], eight["steps"][0]["symbols"]);
    let expected = seven["probes"]
        .as_array()
        .expect("probes")
        .iter()
        .all(|probe| probe["expected"][0].is_string());
    assert!(expected, "what the author says in symbols holds for other numbers too");
    let settled = lab(&["scenario", "2", "--seed", "7", "--set", "file.size=1"]);
    assert_eq!(
        settled.status.code(),
        Some(2),
        "a seed and a setting contradict each other"
    );
}

#[test]
fn a_scenario_without_numbers_to_draw_says_so_and_runs() {
    let output = lab(&["scenario", "huge-file", "--seed", "1"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no number of this scenario can be drawn anew"));
}
