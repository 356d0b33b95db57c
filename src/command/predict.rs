//! `lab scenario ID --predict`: the student answers first, all questions, and only then the kernel marks them. At a terminal
//! a key is an answer, elsewhere a line; nothing is run before all of them are there.

use std::io;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::lesson::{self, Chosen};
use super::questions::{column, hint, keys, marked, may_be, situation, steps};
use super::terminal::{Event, Screen, Terminal};
use super::{AGREES, Context, Failure, progress};
use crate::kernel::Interrupts;
use crate::quiz::{self, Answer, Item};
use crate::report::result::ScenarioResult;
use crate::report::{self, Mark};
use crate::say::{said, say, system};
use crate::scenario::{self, Plan};
use crate::world::Here;

/// No answer is longer, in bytes.
const LONGEST_LINE: usize = 256;

/// Ask, run, mark.
pub fn predict(chosen: Chosen, here: &Here, interrupts: &Interrupts, context: &Context) -> Result<u8, Failure> {
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
    let (answers, hints) = answers(&items, &chosen.plan, interrupts, context)?;
    let plan = chosen.plan.clone();
    let seed = chosen.seed;
    let next = super::seed::next(&chosen);
    let mut lesson = lesson::all_until(interrupts, &[chosen], here)?;
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
    if result.number.is_some() {
        progress::tell(progress::keep(&result.id, &marks, hints));
    }
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
fn answers(
    items: &[Item],
    plan: &Plan,
    interrupts: &Interrupts,
    context: &Context,
) -> Result<(Vec<Answer>, usize), Failure> {
    let mut desk = Desk::open(interrupts, context)?;
    let asked = column(items, plan, context.width);
    let (mut answers, mut hints) = (Vec::new(), 0);
    while answers.len() < items.len() || !desk.lock()? {
        // The last may be taken back as all the others may.
        if answers.len() == items.len() {
            answers.pop();
        }
        let item = &items[answers.len()];
        let prompt = format!(" {:2}  {}", answers.len() + 1, asked[answers.len()]);
        let Some(word) = desk.ask(&prompt, item)? else {
            let (done, all) = (answers.len(), items.len());
            let why = say!(
                "{done} of {all} questions answered; nothing was run",
                "{all} 题中答了 {done} 题; 什么也没有运行"
            );
            return Err(Failure::Usage(why));
        };
        match (word.as_str(), item.read(&word)) {
            ("q", _) => {
                return Err(given_up());
            }
            ("u", _) => drop(answers.pop()),
            ("?", _) => {
                hints += 1;
                context.print(&report::note(5, &hint(item), context.width))?;
            }
            (_, Some(answer)) => answers.push(answer),
            (typed, None) => {
                let ime = said!(" (the input method is on)", " (请切换到英文输入法)");
                let ime = if typed.is_ascii() { "" } else { ime };
                context.print(&report::note(5, &format!("{}{ime}", may_be(item)), context.width))?;
            }
        }
    }
    Ok((answers, hints))
}

fn given_up() -> Failure {
    Failure::Nothing(said!("given up; nothing was run", "放弃了; 什么也没有运行").to_owned())
}

/// Where answers come from.
enum Desk<'a> {
    /// one key each, and numbers up to Enter
    Keys(Terminal<'a>, &'a Context),
    /// one line each, from a file or a pipe
    Lines(&'a Interrupts, &'a Context),
}

impl<'a> Desk<'a> {
    fn open(interrupts: &'a Interrupts, context: &'a Context) -> Result<Desk<'a>, Failure> {
        Ok(match Terminal::is_there() {
            true => Desk::Keys(Terminal::open(interrupts, Screen::Shared)?, context),
            false => Desk::Lines(interrupts, context),
        })
    }

    /// Are all answers final? A file or a pipe has no second thoughts.
    fn lock(&mut self) -> Result<bool, Failure> {
        let Desk::Keys(terminal, context) = self else {
            return Ok(true);
        };
        let prompt = said!(
            " Enter locks all answers; u takes the last one back ",
            " 回车锁定全部答案; u 撤销最后一个 "
        );
        context.print(prompt)?;
        let lock = loop {
            match terminal.event() {
                Event::Key('\n' | '\r') => break Ok(true),
                Event::Key('u' | '\u{7f}' | '\u{8}') => break Ok(false),
                Event::Key('q') | Event::Gone => break Err(given_up()),
                Event::Interrupted => break Err(Failure::Interrupted),
                Event::Resumed => context.print(prompt)?,
                _ => {}
            }
        };
        context.print("\n")?;
        lock
    }

    /// What was typed, in small letters; none where nobody types any more.
    fn ask(&mut self, prompt: &str, item: &Item) -> Result<Option<String>, Failure> {
        match self {
            Desk::Keys(terminal, context) => {
                context.print(prompt)?;
                let typed = keyed(terminal, context, prompt, item);
                context.print("\n")?;
                typed
            }
            Desk::Lines(interrupts, context) => {
                context.print(prompt)?;
                let Some(line) = line(interrupts)? else {
                    return Ok(None);
                };
                let word: String = line.trim().chars().map(scenario::half_width).collect();
                let word = word.to_lowercase();
                context.print(&format!("{word}\n"))?;
                Ok(Some(word))
            }
        }
    }
}

/// A line of standard input; none at its end. Byte by byte, for a buffer would hide from poll(2) what has come, and Ctrl-C
/// has to be heard while nothing comes.
fn line(interrupts: &Interrupts) -> Result<Option<String>, Failure> {
    let stdin = io::stdin();
    let mut line = Vec::new();
    loop {
        let mut fds = [interrupts.as_fd(), stdin.as_fd()].map(|fd| PollFd::new(fd, PollFlags::POLLIN));
        if poll(&mut fds, PollTimeout::NONE).is_err() {
            continue; // a signal, whose byte comes next
        }
        if fds[0].any() == Some(true) {
            return Err(Failure::Interrupted);
        }
        let mut byte = [0];
        match nix::unistd::read(&stdin, &mut byte) {
            Ok(0) if line.is_empty() => return Ok(None),
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' || line.len() >= LONGEST_LINE => break,
            Ok(_) => line.push(byte[0]),
            Err(Errno::EINTR) => {}
            Err(errno) => {
                let why = system::of(&errno.into());
                return Err(Failure::Usage(say!("standard input: {why}", "标准输入: {why}")));
            }
        }
    }
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}

/// One key, or where a number is asked for what is typed up to Enter; undo, hint and quit are one key everywhere.
fn keyed(terminal: &mut Terminal, context: &Context, prompt: &str, item: &Item) -> Result<Option<String>, Failure> {
    let mut word = String::new();
    loop {
        let key = match terminal.event() {
            Event::Key(key) => key.to_ascii_lowercase(),
            Event::Interrupted => return Err(Failure::Interrupted),
            Event::Gone => return Ok(None),
            Event::Resumed => {
                context.print(&format!("{prompt}{word}"))?;
                continue;
            }
            _ => continue,
        };
        match key {
            '\n' | '\r' if !word.is_empty() => return Ok(Some(word)),
            '\u{7f}' | '\u{8}' if word.pop().is_some() => context.print("\u{8} \u{8}")?,
            // Shown, and answered with what may be typed.
            _ if !key.is_ascii() && word.is_empty() => return Ok(Some(key.to_string())),
            _ if key.is_ascii_graphic() || key == ' ' && !word.is_empty() => {
                word.push(key);
                context.print(key.encode_utf8(&mut [0; 4]))?;
                if word.len() == 1 && (!item.numeric() || matches!(key, 'u' | '?' | 'q')) {
                    return Ok(Some(word));
                }
            }
            _ => {}
        }
    }
}

fn mark(item: &Item, answer: Answer, result: &ScenarioResult, plan: &Plan) -> Mark {
    let seen = |probe: usize| result.probes[probe].observed.as_ref()?.outcome;
    marked(item, answer, item.truth(&seen), plan)
}
