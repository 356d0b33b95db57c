//! `lab scenario ID --predict`: the student answers first, all questions, and only then the kernel marks them. Answers are
//! read line by line; nothing is run before all of them are there.

use std::io::{self, BufRead, IsTerminal};

use super::lesson::Chosen;
use super::questions::{column, hint, keys, marked, may_be, situation, steps};
use super::{AGREES, Context, Failure};
use crate::quiz::{self, Answer, Item};
use crate::report::result::ScenarioResult;
use crate::report::{self, Mark};
use crate::say::{said, say};
use crate::scenario::Plan;
use crate::world::Here;

/// Ask, run, mark.
pub fn predict(chosen: Chosen, here: &Here, context: &Context) -> Result<u8, Failure> {
    let items = quiz::items(&chosen.plan);
    if items.is_empty() {
        return Err(Failure::Nothing(
            said!(
                "this scenario touches nothing that could be predicted; run it without --predict",
                "这个情景没有可以预测的访问; 去掉 --predict 直接运行"
            )
            .to_owned(),
        ));
    }
    let title = match chosen.number {
        Some(number) => format!("{number} {}", chosen.scenario.id),
        None => chosen.source.clone(),
    };
    context.print(&report::questions(
        &title,
        &situation(&chosen, &items),
        &steps(&chosen.plan, &items),
        &keys(&items),
        items.len(),
        context.width,
    ))?;
    let (answers, hints) = answers(&items, &chosen.plan, context)?;
    let plan = chosen.plan.clone();
    let seed = chosen.seed;
    let next = super::seed::next(&chosen);
    let mut lesson = super::lesson::all(&[chosen], here)?;
    context.write_reports(&lesson.report, &lesson.trace)?;
    let result = lesson.report.scenarios.remove(0);
    if let Some(reason) = &result.reason {
        return Err(Failure::Machine(reason.to_string()));
    }
    let marks: Vec<Mark> = items
        .iter()
        .zip(&answers)
        .map(|(item, answer)| mark(item, *answer, &result, &plan))
        .collect();
    let locked = said!("locked. Now the kernel:", "答案已锁定。现在请内核来答:");
    context.print(&format!(
        "\n {locked}\n\n{}",
        report::marks(&marks, hints, context.width)
    ))?;
    let again = result
        .number
        .map_or_else(|| result.source.clone(), |number| number.to_string());
    let ideas = marks.iter().filter_map(|mark| mark.idea.as_ref());
    let read = ideas.map(|(id, _)| id.as_str()).next();
    if let Some(id) = read {
        context.print(&say!(" Read: lab explain {id}\n", " 请读: lab explain {id}\n"))?;
    }
    let seed = seed.map_or_else(String::new, |seed| format!(" --seed {seed}"));
    context.print(&say!(
        " The map, and why: lab scenario {again}{seed}\n",
        " 全图与原因: lab scenario {again}{seed}\n"
    ))?;
    if let Some(next) = next {
        let line = say!(
            " Again, new numbers: lab scenario {again} --predict --seed {next}",
            " 换一组数字再来: lab scenario {again} --predict --seed {next}"
        );
        context.print(&report::note(1, &line, context.width))?;
    }
    Ok(AGREES)
}

/// One answer to each question, and how many hints were asked for.
fn answers(items: &[Item], plan: &Plan, context: &Context) -> Result<(Vec<Answer>, usize), Failure> {
    let mut lines = io::stdin().lock().lines();
    let prompts = io::stdin().is_terminal();
    let asked = column(items, plan, context.width);
    let (mut answers, mut hints) = (Vec::new(), 0);
    while answers.len() < items.len() {
        let item = &items[answers.len()];
        context.print(&format!(" {:2}  {}", answers.len() + 1, asked[answers.len()]))?;
        let line = match lines.next() {
            Some(line) => line.map_err(|error| Failure::Usage(say!("standard input: {error}", "标准输入: {error}")))?,
            None => {
                let (done, all) = (answers.len(), items.len());
                let why = say!(
                    "{done} of {all} questions answered; nothing was run",
                    "{all} 题中答了 {done} 题; 什么也没有运行"
                );
                return Err(Failure::Usage(why));
            }
        };
        let word = line.trim().to_lowercase();
        if !prompts {
            context.print(&format!("{word}\n"))?;
        }
        match (word.as_str(), item.read(&word)) {
            ("q", _) => {
                return Err(Failure::Nothing(
                    said!("given up; nothing was run", "放弃了; 什么也没有运行").to_owned(),
                ));
            }
            ("u", _) => drop(answers.pop()),
            ("?", _) => {
                hints += 1;
                context.print(&report::note(5, &hint(item), context.width))?;
            }
            (_, Some(answer)) => answers.push(answer),
            (_, None) => context.print(&report::note(5, &may_be(item), context.width))?,
        }
    }
    Ok((answers, hints))
}

fn mark(item: &Item, answer: Answer, result: &ScenarioResult, plan: &Plan) -> Mark {
    let seen = |probe: usize| result.probes[probe].observed.as_ref()?.outcome;
    marked(item, answer, item.truth(&seen), plan)
}
