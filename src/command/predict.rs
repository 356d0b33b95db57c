//! `lab scenario ID --predict`: the student answers first, all questions, and only then the kernel marks them. Answers are
//! read line by line; nothing is run before all of them are there.

use std::io::{self, BufRead, IsTerminal};

use super::lesson::Chosen;
use super::{AGREES, Context, Failure};
use crate::op::Signal;
use crate::quiz::{self, Answer, Asks, Item};
use crate::report::result::{ProbeResult, ScenarioResult};
use crate::report::{self, Mark};
use crate::world::Here;

/// Ask, run, mark.
pub fn predict(chosen: Chosen, here: &Here, context: &Context) -> Result<u8, Failure> {
    let items = quiz::items(&chosen.plan, &chosen.scenario.quiz);
    if items.is_empty() {
        return Err(Failure::Nothing(
            "this scenario touches nothing that could be predicted; run it without --predict".to_owned(),
        ));
    }
    let title = match chosen.number {
        Some(number) => format!("{number} {}", chosen.scenario.id),
        None => chosen.source.clone(),
    };
    context.print(&report::questions(
        &title,
        &situation(&chosen, &items),
        &keys(&items),
        items.len(),
        context.width,
    ))?;
    let (answers, hints) = answers(&items, context)?;
    let mut lesson = super::lesson::all(&[chosen], here)?;
    context.write_reports(&lesson.report, &lesson.trace)?;
    let result = lesson.report.scenarios.remove(0);
    if let Some(reason) = &result.reason {
        return Err(Failure::Machine(reason.to_string()));
    }
    let marks: Vec<Mark> = items
        .iter()
        .zip(&answers)
        .map(|(item, answer)| mark(item, *answer, &result))
        .collect();
    context.print(&format!(
        "\n locked. Now the kernel:\n\n{}",
        report::marks(&marks, hints, context.width)
    ))?;
    let again = result
        .number
        .map_or_else(|| result.source.clone(), |number| number.to_string());
    let ideas = marks.iter().filter_map(|mark| mark.idea.as_ref());
    let read = ideas.map(|(id, _)| id.as_str()).next();
    if let Some(id) = read {
        context.print(&format!(" Read: lab explain {id}\n"))?;
    }
    context.print(&format!(" The map, and why: lab scenario {again}\n"))?;
    Ok(AGREES)
}

/// What the student has to know.
fn situation(chosen: &Chosen, items: &[Item]) -> String {
    let symbols = items[0].symbols;
    let title = chosen.scenario.title.fill(&symbols).spoken().to_owned();
    let page = symbols.p;
    format!(
        "{title}: a file of {} bytes, mapped with length {}. Pages here have {page} bytes. What does each access give?",
        symbols.size, symbols.len
    )
}

fn keys(items: &[Item]) -> String {
    let stores = items.iter().any(|item| matches!(item.asks, Asks::Store(..)));
    let ok = if stores { "   o  the store goes through" } else { "" };
    format!("f  the file's byte   0  a zero   b  SIGBUS   s  SIGSEGV{ok}      u undo   ? hint   q quit")
}

fn asked(item: &Item) -> String {
    match item.asks {
        Asks::Load(_, at) => format!("read base[{at}]"),
        Asks::Store(_, at) => format!("write base[{at}]"),
        Asks::Border(signal) => format!("first offset that gets {signal}"),
    }
}

/// One answer to each question, and how many hints were asked for.
fn answers(items: &[Item], context: &Context) -> Result<(Vec<Answer>, usize), Failure> {
    let mut lines = io::stdin().lock().lines();
    let prompts = io::stdin().is_terminal();
    let (mut answers, mut hints) = (Vec::new(), 0);
    while answers.len() < items.len() {
        let item = &items[answers.len()];
        context.print(&format!(" {:2}  {:34}", answers.len() + 1, asked(item)))?;
        let line = match lines.next() {
            Some(line) => line.map_err(|error| Failure::Usage(format!("standard input: {error}")))?,
            None => {
                let why = format!(
                    "{} of {} questions answered; nothing was run",
                    answers.len(),
                    items.len()
                );
                return Err(Failure::Usage(why));
            }
        };
        let word = line.trim().to_lowercase();
        if !prompts {
            context.print(&format!("{word}\n"))?;
        }
        match (word.as_str(), read(&word, item)) {
            ("q", _) => return Err(Failure::Nothing("given up; nothing was run".to_owned())),
            ("u", _) => drop(answers.pop()),
            ("?", _) => {
                hints += 1;
                context.print(&format!("     {}\n", hint(item)))?;
            }
            (_, Some(answer)) => answers.push(answer),
            (_, None) => context.print(&format!("     {}\n", may_be(item)))?,
        }
    }
    Ok((answers, hints))
}

fn read(word: &str, item: &Item) -> Option<Answer> {
    if let Asks::Border(_) = item.asks {
        let at = word
            .parse()
            .ok()
            .or_else(|| crate::scenario::offset_of(word, &item.symbols))?;
        return Some(Answer::At(at));
    }
    Some(match word {
        "f" | "file" => Answer::Byte,
        "0" | "zero" => Answer::Zero,
        "o" | "ok" => Answer::Ok,
        "b" | "sigbus" => Answer::Signal(Signal::Sigbus),
        "s" | "sigsegv" => Answer::Signal(Signal::Sigsegv),
        _ => return None,
    })
}

fn may_be(item: &Item) -> &'static str {
    match item.asks {
        Asks::Load(..) => "one of f, 0, b, s",
        Asks::Store(..) => "one of o, b, s",
        Asks::Border(_) => "a number is meant, such as 8192 or 2p",
    }
}

fn hint(item: &Item) -> String {
    let page = item.symbols.p;
    match item.asks {
        Asks::Load(_, at) | Asks::Store(_, at) => {
            let (number, inside) = (at.div_euclid(page), at.rem_euclid(page));
            format!("{at} is page {number} of the mapping, byte {inside} of it. Which pages has the file?")
        }
        Asks::Border(_) => "a border lies between two pages".to_owned(),
    }
}

fn mark(item: &Item, answer: Answer, result: &ScenarioResult) -> Mark {
    let truth = match item.asks {
        Asks::Load(probe, _) | Asks::Store(probe, _) => truth(&result.probes[probe]),
        Asks::Border(signal) => border(item.step, signal, result),
    };
    let word = |answer: Answer| match answer {
        Answer::Byte => "file".to_owned(),
        Answer::Zero => "zero".to_owned(),
        Answer::Ok => "ok".to_owned(),
        Answer::Signal(signal) => signal.to_string(),
        Answer::At(at) => at.to_string(),
    };
    let idea = truth.and_then(|truth| item.idea(answer, truth));
    Mark {
        asked: asked(item),
        you: word(answer),
        kernel: truth.map_or_else(|| "nothing".to_owned(), word),
        idea: idea.map(|idea| (idea.id.to_owned(), idea.instead.to_owned())),
    }
}

fn truth(probe: &ProbeResult) -> Option<Answer> {
    Some(match probe.observed.as_ref()?.is.as_str() {
        "zero" => Answer::Zero,
        "ok" => Answer::Ok,
        "SIGBUS" | "killed:SIGBUS" => Answer::Signal(Signal::Sigbus),
        "SIGSEGV" | "killed:SIGSEGV" => Answer::Signal(Signal::Sigsegv),
        _ => Answer::Byte,
    })
}

/// The first load of a step that got this signal, where the byte before it is known to get none of it.
fn border(step: usize, signal: Signal, result: &ScenarioResult) -> Option<Answer> {
    let signal = signal.to_string();
    let mut loads: Vec<&ProbeResult> = result
        .probes
        .iter()
        .filter(|probe| probe.step == step && probe.op == "read")
        .collect();
    loads.sort_by_key(|probe| probe.offset);
    let gets = |probe: &&&ProbeResult| probe.observed.as_ref().is_some_and(|seen| seen.is == signal);
    let first = loads.iter().find(gets)?.offset;
    let before = loads.iter().any(|probe| probe.offset == first - 1);
    (before || first == 0).then_some(Answer::At(first))
}
