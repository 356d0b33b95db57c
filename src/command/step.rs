//! `lab scenario ID --step`: the lesson is run once, and then shown one moment at a time, forward and back. Each question
//! of the quiz stops before its outcome. Going back runs nothing again: what is shown comes from the record alone.

use super::lesson::{self, Chosen};
use super::questions::{asked, keys};
use super::terminal::{ESCAPE, Event, Screen, Terminal};
use super::{AGREES, Failure};
use crate::kernel::Interrupts;
use crate::op::{Outcome, proc_name};
use crate::quiz::{self, Asks, Item};
use crate::report::result::{ProbeResult, ScenarioResult};
use crate::report::{Moment, Question, Replay, Stand, replay};
use crate::say::said;
use crate::scenario::Plan;
use crate::world::Here;

/// Run it, then show it.
pub fn step(mut chosen: Chosen, here: &Here, interrupts: &Interrupts) -> Result<u8, Failure> {
    if !Terminal::is_there() {
        return Err(Failure::Usage(
            said!(
                "--step needs a terminal for its keys; without the flag the whole lesson is printed at once",
                "--step 要在终端上按键操作; 不带它, 整个情景会一次打印出来"
            )
            .to_owned(),
        ));
    }
    let plan = chosen.plan.clone();
    chosen.viewed = true;
    let items = quiz::items(&plan);
    let mut lesson = lesson::all_until(interrupts, &[chosen], here)?;
    let result = lesson.report.scenarios.remove(0);
    if let Some(reason) = &result.reason {
        return Err(Failure::Machine(reason.to_string()));
    }
    let told = recorded(&result, &plan, &items);
    let mut terminal = Terminal::open(interrupts, Screen::Own)?;
    show(&told, &mut terminal)
}

/// What happened, moment by moment.
fn recorded(result: &ScenarioResult, plan: &Plan, items: &[Item]) -> Replay {
    let mut moments: Vec<Moment> = Vec::new();
    let view = |(script, op): (usize, usize)| result.views.get(script)?.get(op).cloned();
    let several = plan.scripts.iter().any(|script| script.processes() > 1);
    let mut add = |text: String, changes: bool, asks: Option<Question>, at: Option<(usize, usize)>| {
        let number = moments.len() + 1;
        let before = at.and_then(|(script, op)| view((script, op.checked_sub(1)?)));
        let views = [before, at.and_then(view)].map(Option::unwrap_or_default);
        moments.push(Moment {
            number,
            text,
            changes,
            asks,
            views,
        });
    };
    for (n, step) in result.steps.iter().enumerate() {
        let own = items.iter().find(|item| item.own && item.step == n);
        // The calls of a step that is asked about would tell what became of it.
        let calls = if own.is_some() {
            &step.calls[..step.told.setup]
        } else {
            &step.calls[..]
        };
        for (call, at) in calls.iter().zip(&step.told.ops) {
            let by = who(plan, *at).filter(|_| several);
            add(format!("{}{call}", by.unwrap_or_default()), true, None, Some(*at));
        }
        let shown = plan.steps[n]
            .own
            .map(|probe| (&result.probes[probe], plan.probes[probe].at));
        if let (None, Some((probe, at))) = (
            own,
            shown.filter(|(probe, _)| probe.op != "call" && probe.op != "pread"),
        ) {
            let by = who(plan, at).filter(|_| several).unwrap_or_default();
            add(
                format!("{by}{}  {}", touched(probe), outcome(probe)),
                false,
                None,
                Some(at),
            );
        }
        for item in own
            .into_iter()
            .chain(items.iter().filter(|item| !item.own && item.step == n))
        {
            let question = question(item, result);
            let at = asked_about(item).map(|probe| plan.probes[probe].at);
            // Of a call it is the outcome that is asked for, and what it changed is no less changed.
            let changes = matches!(item.asks, Asks::Call(_));
            add(asked(item, plan), changes, Some(question), at);
        }
    }
    let one = items.iter().all(|item| item.area == 0 && item.by == 0);
    let symbols = items.first().map(|item| item.symbols);
    let name = result
        .number
        .map_or_else(|| result.source.clone(), |number| format!("{number} {}", result.id));
    Replay {
        title: name,
        map: symbols.filter(|_| one).map(|symbols| (symbols.p, symbols.map_end)),
        moments,
    }
}

/// Whose operation it is.
fn who(plan: &Plan, (script, op): (usize, usize)) -> Option<String> {
    let act = plan.scripts.get(script)?.acts.get(op)?;
    Some(format!("{}: ", proc_name(act.by)))
}

fn touched(probe: &ProbeResult) -> String {
    let area = probe.area.as_deref().unwrap_or("base");
    let at = match probe.offset {
        0 => String::new(),
        at => format!("{at:+}"),
    };
    let word = if probe.op == "write" {
        said!("store", "写")
    } else {
        said!("load", "读")
    };
    format!("{word} {area}{at}")
}

fn outcome(probe: &ProbeResult) -> String {
    probe.observed.as_ref().map_or_else(String::new, |seen| seen.is.clone())
}

/// The probe that a question is about; a border is about many.
fn asked_about(item: &Item) -> Option<usize> {
    match item.asks {
        Asks::Load(probe, _)
        | Asks::Store(probe, _)
        | Asks::Read(probe, _)
        | Asks::Call(probe)
        | Asks::Count(probe) => Some(probe),
        Asks::Border(_) => None,
    }
}

fn question(item: &Item, result: &ScenarioResult) -> Question {
    let seen = |probe: usize| result.probes[probe].observed.as_ref()?.outcome;
    let probe = asked_about(item).map(|probe| &result.probes[probe]);
    let truth = item.truth(&seen);
    // Of a border its first byte tells why.
    let at_border = match truth {
        Some(quiz::Answer::At(at)) => result
            .probes
            .iter()
            .find(|probe| probe.step == item.step && probe.offset == at && probe.op == "read"),
        _ => None,
    };
    let why = probe
        .or(at_border)
        .map_or_else(String::new, |probe| probe.model.why.to_string());
    // what undo, hint and quit are for is said elsewhere
    let mut keys = keys(std::slice::from_ref(item));
    keys.truncate(keys.len().saturating_sub(3));
    Question {
        keys,
        outcome: truth.map_or_else(String::new, |truth| truth.word()),
        signals: probe.map_or_else(Vec::new, signals),
        why,
        cell: probe
            .filter(|probe| matches!(probe.op, "read" | "write"))
            .map(|probe| (probe.offset, letter(probe))),
    }
}

/// What the holder got, and its witness died of, as strace writes them.
fn signals(probe: &ProbeResult) -> Vec<String> {
    let Some(seen) = &probe.observed else { return Vec::new() };
    let Some(Outcome::Fault(fault)) = seen.outcome else {
        return Vec::new();
    };
    let (is, code, at) = (fault.signal, fault.code_name(), fault.at);
    let arrived = format!("--- {is} {{si_signo={is}, si_code={code}, si_addr={at}}} ---");
    let died = seen.witness.as_ref().map(|_| format!("+++ killed by {is} +++"));
    std::iter::once(arrived).chain(died).collect()
}

/// The letter of a cell.
fn letter(probe: &ProbeResult) -> char {
    match probe.observed.as_ref().map(|seen| seen.is.as_str()) {
        Some("zero") => '0',
        Some("SIGBUS" | "killed:SIGBUS") => 'B',
        Some("SIGSEGV" | "killed:SIGSEGV") => 'S',
        Some(_) => '#',
        None => '?',
    }
}

/// Keys, until somebody quits.
fn show(told: &Replay, terminal: &mut Terminal) -> Result<u8, Failure> {
    let last = told.moments.len().saturating_sub(1);
    let mut stand = Stand::default();
    // digits after g
    let mut typed: Option<String> = None;
    loop {
        let (width, height) = terminal.size();
        terminal.draw(&replay(told, stand, typed.as_deref(), width, height))?;
        let key = match terminal.event() {
            Event::Interrupted => return Err(Failure::Interrupted),
            Event::Gone => return Ok(AGREES),
            Event::Key(key) => key,
            Event::Forward => ' ',
            Event::Back => 'p',
            Event::Resized | Event::Resumed | Event::Ready | Event::Quiet => continue,
        };
        if let Some(digits) = &mut typed {
            match key {
                '0'..='9' => digits.push(key),
                '\u{7f}' | '\u{8}' => drop(digits.pop()),
                '\n' | '\r' => {
                    let at = digits.parse::<usize>().unwrap_or(stand.at + 1);
                    stand = Stand {
                        at: at.saturating_sub(1).min(last),
                        view: stand.view,
                        ..Stand::default()
                    };
                    typed = None;
                }
                ESCAPE => typed = None,
                _ => {}
            }
            continue;
        }
        let asks = told.moments[stand.at].asks.is_some();
        match key {
            ' ' | '\n' | '\r' if asks && !stand.revealed => stand.revealed = true,
            ' ' | '\n' | '\r' | 'n' if stand.at < last => {
                stand = Stand {
                    at: stand.at + 1,
                    view: stand.view,
                    ..Stand::default()
                };
            }
            'p' if stand.revealed => stand.revealed = false,
            'p' => {
                stand = Stand {
                    at: stand.at.saturating_sub(1),
                    view: stand.view,
                    ..Stand::default()
                };
            }
            'g' => typed = Some(String::new()),
            'm' => stand.model = !stand.model,
            'v' => stand.view = !stand.view,
            'q' => return Ok(AGREES),
            _ => {}
        }
    }
}
