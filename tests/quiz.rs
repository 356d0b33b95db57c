//! The quiz of every built-in scenario, with the model as truth and pages of 4K, 16K and 64K: enough questions with enough
//! different outcomes, and a misconception that `lab explain` knows behind every wrong answer.
#![cfg(target_os = "linux")]

use std::collections::{BTreeMap, BTreeSet};

use mmap_lab::command::Foretelling;
use mmap_lab::model::Model;
use mmap_lab::op::{Outcome, Want, World};
use mmap_lab::quiz::{Answer, Asks, IDEAS, Item, items, named};
use mmap_lab::scenario::{PAGE_SIZES, builtins, find, load, plan};
use mmap_lab::terms;

/// The questions of a built-in scenario on a machine with such pages, each with its answer.
fn quiz(name: &str, text: &str, page: u64) -> Vec<(Item, Option<Answer>)> {
    let world = World::textbook(page);
    let scenario = load(name, text, &[]).unwrap();
    let plan = plan(&scenario, &world, &Foretelling).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
    let ruled: Vec<_> = plan
        .scripts
        .iter()
        .map(|script| Model::answer(&world, script))
        .collect();
    let seen = |probe: usize| {
        let at = plan.probes[probe].at;
        match ruled[at.0][at.1].possible[..] {
            // what the model knows only bounds of, the author may know
            [Outcome::Within(..)] => match plan.probes[probe].expected.as_deref() {
                Some([Want::Count(least, most)]) if least == most => Some(Outcome::Count(*least)),
                _ => None,
            },
            [sure] => Some(sure),
            _ => None,
        }
    };
    let truth = |item: Item| {
        let truth = item.truth(&seen);
        (item, truth)
    };
    items(&plan).into_iter().map(truth).collect()
}

/// Everything that can be answered; of numbers those that somebody might think of.
fn answers(item: &Item, truth: Answer) -> Vec<Answer> {
    let mut answers = item.choices.clone();
    if item.numeric() {
        let symbols = item.symbols;
        let mut numbers = vec![
            0,
            1,
            symbols.p,
            symbols.size,
            symbols.eof,
            symbols.eof_page,
            symbols.len,
            symbols.map_end,
        ];
        if let Answer::At(right) = truth {
            numbers.extend([right - 1, right + 1, right - symbols.p, right + symbols.p]);
        }
        answers.extend(numbers.into_iter().map(Answer::At));
    }
    answers
}

#[test]
fn every_scenario_asks_enough() {
    let mut wrong = Vec::new();
    for builtin in builtins() {
        for page in PAGE_SIZES {
            let quiz = quiz(builtin.name, builtin.text, page);
            // what is measured has no script to ask about
            if builtin.text.contains("\n[measure]\n") {
                assert!(quiz.is_empty());
                continue;
            }
            let outcomes: BTreeSet<String> = quiz
                .iter()
                .filter_map(|(_, truth)| Some(truth.as_ref()?.word()))
                .collect();
            let border = quiz.iter().any(|(item, _)| matches!(item.asks, Asks::Border(_)));
            if quiz.len() < 4 || outcomes.len() < 3 && !border {
                wrong.push(format!(
                    "{} with pages of {page}: {} questions, {outcomes:?}",
                    builtin.id,
                    quiz.len()
                ));
            }
            for (item, truth) in &quiz {
                match truth {
                    None => wrong.push(format!("{} with pages of {page}: nobody knows {item:?}", builtin.id)),
                    Some(truth) if !item.numeric() && !item.choices.contains(truth) => {
                        wrong.push(format!(
                            "{} with pages of {page}: {truth:?} is no choice of {item:?}",
                            builtin.id
                        ));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_wrong_answer_shows_a_misconception_that_is_explained() {
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for builtin in builtins() {
        for page in PAGE_SIZES {
            for (item, truth) in quiz(builtin.name, builtin.text, page) {
                let Some(truth) = truth else { continue };
                assert!(item.idea(truth, truth).is_none());
                for wrong in answers(&item, truth).into_iter().filter(|answer| *answer != truth) {
                    let idea = item
                        .idea(wrong, truth)
                        .unwrap_or_else(|| panic!("{}: {wrong:?} of {item:?}", builtin.id));
                    assert!(terms::find(idea.id).is_some(), "{} is not explained", idea.id);
                    *shown.entry(idea.id).or_default() += 1;
                }
            }
        }
    }
    // a misconception that no answer shows would be named nowhere
    for idea in IDEAS {
        assert!(shown.contains_key(idea.id), "nobody is ever told of {}", idea.id);
    }
}

#[test]
fn the_ideas_that_authors_name_are_known() {
    for builtin in builtins() {
        let scenario = load(builtin.name, builtin.text, &[]).unwrap();
        let plan = plan(&scenario, &World::textbook(4096), &Foretelling).unwrap();
        let claimed = plan.claims.iter().filter_map(|claim| claim.idea.as_deref());
        for idea in plan
            .quiz
            .iter()
            .filter_map(|asked| asked.idea.as_deref())
            .chain(claimed)
        {
            assert!(named(idea).is_some(), "{}: {idea}", builtin.id);
        }
    }
}

#[test]
fn every_choice_can_be_typed() {
    for builtin in builtins() {
        for (item, _) in quiz(builtin.name, builtin.text, 4096) {
            for choice in &item.choices {
                assert_eq!(item.read(&choice.word()), Some(*choice), "{}", builtin.id);
                if !item.numeric() {
                    assert_eq!(
                        item.read(&item.key(*choice).to_string()),
                        Some(*choice),
                        "{}",
                        builtin.id
                    );
                }
            }
        }
    }
}

#[test]
fn the_suggestions_lead_from_the_first_scenario_to_every_other() {
    let mut seen = BTreeSet::new();
    let mut open = vec![1];
    while let Some(number) = open.pop() {
        if !seen.insert(number) {
            continue;
        }
        let builtin = find(&number.to_string()).unwrap();
        let scenario = load(builtin.name, builtin.text, &[]).unwrap();
        let words = scenario
            .next
            .iter()
            .filter_map(|(command, _)| command.strip_prefix("lab scenario "));
        open.extend(words.filter_map(|rest| Some(find(rest.split(' ').next()?).unwrap().number)));
    }
    let lost: Vec<u32> = builtins()
        .map(|builtin| builtin.number)
        .filter(|number| !seen.contains(number))
        .collect();
    assert!(lost.is_empty(), "nothing leads to {lost:?}");
}
