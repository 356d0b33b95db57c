//! `lab watch FILE`: run a scenario file again whenever it is saved, with what differs beside the line that says otherwise,
//! and one key for each thing that can be done about it. A file with mistakes shows them, and the next save is another try.

use std::path::Path;
use std::time::Instant;

use anstream::ColorChoice;

use self::saved::Saves;
use super::lesson::{self, Chosen};
use super::terminal::{Event, Screen, Terminal};
use super::{AGREES, Context, Failure, explain, predict, select, step};
use crate::kernel::Interrupts;
use crate::report::result::{Machine, ProbeResult, ScenarioResult, Verdict};
use crate::report::{self, Watched};
use crate::say::{said, say, system};
use crate::scenario::Complaints;
use crate::terms;
use crate::world::Here;

mod saved;

/// The arguments of `lab watch`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The scenario file (with a / or .toml)
    #[arg(value_name = "FILE")]
    file: String,
}

/// What the last run came to.
struct Ran {
    /// how many there have been
    count: usize,
    seconds: f64,
    came: Came,
}

/// Of a file that could be run, or not.
enum Came {
    Result(Box<Chosen>, Box<ScenarioResult>, Machine),
    Complaints(Complaints),
    Failed(Failure),
}

/// Watch it until somebody quits.
pub fn watch(args: &Args, context: &Context) -> Result<u8, Failure> {
    let file = &args.file;
    if !select::is_file(file) {
        if Path::new(&format!("{file}.toml")).is_file() {
            return Err(Failure::Usage(say!(
                "'{file}' is no file; did you mean {file}.toml?",
                "「{file}」不是文件; 是不是 {file}.toml?"
            )));
        }
        return Err(Failure::Usage(say!(
            "'{file}' is no file: its name has a / or ends in .toml; lab new {file} writes one",
            "「{file}」不是文件: 文件名要含 / 或以 .toml 结尾; lab new {file} 会写一个"
        )));
    }
    if !Terminal::is_there() {
        return Err(Failure::Usage(say!(
            "watch needs a terminal for its keys; lab scenario {file} runs it once",
            "watch 要在终端上按键操作; lab scenario {file} 会运行一次"
        )));
    }
    let here = super::here()?;
    let interrupts = super::interrupts()?;
    let missing = |error| Failure::Usage(format!("{file}: {}", system::of(&error)));
    let mut saves = Saves::of(Path::new(file)).map_err(missing)?;
    let mut ran = run(file, 1, &here, &interrupts)?;
    loop {
        let key = {
            let mut terminal = Terminal::open(&interrupts, Screen::Shared)?;
            match wait(file, &ran, &mut saves, &mut terminal, context)? {
                Asked::Quit => return Ok(AGREES),
                Asked::Again => {
                    ran = run(file, ran.count + 1, &here, &interrupts)?;
                    continue;
                }
                Asked::Other(key) => key,
            }
        };
        // These have the terminal for themselves.
        let Came::Result(chosen, ..) = &ran.came else { continue };
        let chosen = Chosen::clone(chosen);
        let done = match key {
            's' => step::step(chosen, &here, &interrupts),
            _ => {
                Terminal::clear()?;
                predict::predict(chosen, &here, &interrupts, context)
            }
        };
        match done {
            Err(Failure::Interrupted | Failure::BrokenPipe) => return done,
            Err(failure) => context.print(&report::note(1, &failure.told(), context.columns()))?,
            Ok(_) if key == 's' => continue,
            Ok(_) => {}
        }
        let mut terminal = Terminal::open(&interrupts, Screen::Shared)?;
        context.print(said!("\n any key: back to watching ", "\n 按任意键回到 watch "))?;
        match pause(&mut terminal) {
            Event::Interrupted => return Err(Failure::Interrupted),
            Event::Gone => return Ok(AGREES),
            _ => {}
        }
    }
}

/// What is to be done next.
enum Asked {
    Quit,
    Again,
    /// something that needs the terminal for itself, by its key
    Other(char),
}

/// Show the last run, and answer what needs no other screen, until there is something to do.
fn wait(
    file: &str,
    ran: &Ran,
    saves: &mut Saves,
    terminal: &mut Terminal,
    context: &Context,
) -> Result<Asked, Failure> {
    let runs = matches!(ran.came, Came::Result(..));
    let word = ran.came.word();
    let mut asked = None;
    loop {
        let width = context.columns();
        let said = match asked {
            Some('h') => report::note(1, &ran.came.hint(), width),
            Some('e') => explain::word(&word, width).unwrap_or_default(),
            _ => String::new(),
        };
        let watched = Watched {
            file,
            count: ran.count,
            seconds: ran.seconds,
            polling: saves.polling(),
            screen: &ran.came.screen(file, width, context),
            said: &said,
            word: &word,
            runs,
        };
        Terminal::clear()?;
        context.print(&report::watched(&watched, width))?;
        loop {
            match terminal.event_or(saves.fd(), Some(saves.patience())) {
                Event::Key('q') | Event::Gone => {
                    context.print("\n")?;
                    return Ok(Asked::Quit);
                }
                Event::Interrupted => return Err(Failure::Interrupted),
                Event::Key('r') => return Ok(Asked::Again),
                Event::Key(key @ ('p' | 's')) if runs => return Ok(Asked::Other(key)),
                Event::Key('?') => asked = Some('h'), // the hint's key in a quiz
                Event::Key(key @ ('h' | 'e')) => asked = Some(key),
                Event::Resized | Event::Resumed => {}
                Event::Ready | Event::Quiet if saves.changed() => return Ok(Asked::Again),
                _ => continue,
            }
            break;
        }
    }
}

/// The next key, or the end.
fn pause(terminal: &mut Terminal) -> Event {
    loop {
        match terminal.event() {
            Event::Resized | Event::Resumed | Event::Ready | Event::Quiet => {}
            event => return event,
        }
    }
}

/// Run it once more, whatever has become of it.
fn run(file: &str, count: usize, here: &Here, interrupts: &Interrupts) -> Result<Ran, Failure> {
    let begin = Instant::now();
    let done = select::choose(file, &[], here).and_then(|chosen| {
        let mut lesson = lesson::all_until(interrupts, std::slice::from_ref(&chosen), here)?;
        let mut result = lesson.report.scenarios.remove(0);
        result.prose.shown_alone = true;
        Ok(Came::Result(Box::new(chosen), Box::new(result), lesson.report.machine))
    });
    let came = match done {
        Ok(came) => came,
        Err(failure @ (Failure::Interrupted | Failure::BrokenPipe)) => return Err(failure),
        Err(Failure::Complaints(complaints)) => Came::Complaints(complaints),
        Err(failure) => Came::Failed(failure),
    };
    Ok(Ran {
        count,
        seconds: begin.elapsed().as_secs_f64(),
        came,
    })
}

impl Came {
    /// The screen of the run, or what is wrong with the file.
    fn screen(&self, file: &str, width: usize, context: &Context) -> String {
        match self {
            Came::Result(chosen, result, machine) => {
                let screen = report::scenario(result, machine, width);
                screen + &against(chosen, result, file, width)
            }
            Came::Complaints(complaints) => complaints.render(context.colour() != ColorChoice::Never),
            Came::Failed(failure) => report::note(1, &failure.told(), width),
        }
    }

    /// The word that explains most of it.
    fn word(&self) -> String {
        let fallback = || "SIGBUS".to_owned();
        let result = match self {
            Came::Result(_, result, _) => result,
            Came::Complaints(complaints) => {
                let code = complaints
                    .list()
                    .first()
                    .map(|complaint| format!("{:?}", complaint.code));
                return code.unwrap_or_else(fallback);
            }
            Came::Failed(_) => return fallback(),
        };
        let fault = || result.probes.iter().find(|probe| probe.model.si_code.is_some());
        let words = odd(result).or_else(fault).into_iter().flat_map(|probe| {
            let seen = probe.observed.as_ref();
            let code = seen.and_then(|seen| seen.si_code.clone());
            [code, seen.map(|seen| seen.is.clone()), probe.model.si_code.clone()]
        });
        let mut words = words.flatten();
        words.find(|word| terms::find(word).is_some()).unwrap_or_else(fallback)
    }

    /// The model's reason for what differs, or something that the file does not say yet.
    fn hint(&self) -> String {
        let result = match self {
            Came::Result(_, result, _) => result,
            Came::Complaints(_) => {
                let word = self.word();
                return say!(
                    "the caret points at the place, and the last line says the repair; e explains {word}",
                    "^ 指着出错的地方, 最后一行说怎样改; 按 e 看 {word} 的解释"
                );
            }
            Came::Failed(_) => {
                return said!(
                    "once the file can be read again, it is run again",
                    "文件一能读, 就会再运行"
                )
                .to_owned();
            }
        };
        if let Some(probe) = odd(result) {
            return probe.model.why.to_string();
        }
        match result.probes.iter().find(|probe| probe.expected.is_empty()) {
            Some(probe) => {
                let (at, is) = (probe.offset, &probe.model.is);
                let area = probe.area.as_deref().unwrap_or("base");
                say!(
                    "your file says nothing yet of {area}[{at}], where the model says {is}: {}",
                    "你的文件还没有说 {area}[{at}] 会怎样; 模型说是 {is}: {}",
                    probe.model.why
                )
            }
            None => said!(
                "all of it came out as you said; change a number, predict, and save",
                "结果和你说的完全一样; 改一个数, 先预测, 再保存"
            )
            .to_owned(),
        }
    }
}

/// The first probe that differs.
fn odd(result: &ScenarioResult) -> Option<&ProbeResult> {
    result.probes.iter().find(|probe| probe.verdict == Verdict::Differs)
}

/// Each line of the file that something differs from, with who says what.
fn against(chosen: &Chosen, result: &ScenarioResult, file: &str, width: usize) -> String {
    let mut seen = Vec::new();
    let mut text = String::new();
    for (planned, probe) in chosen.plan.probes.iter().zip(&result.probes) {
        let line = planned.said_at.as_ref().and_then(|at| chosen.scenario.line(at));
        let Some((number, said)) = line.filter(|_| probe.verdict == Verdict::Differs) else {
            continue;
        };
        if !seen.contains(&number) {
            seen.push(number);
            let line = format!("{file}:{number}: {said} <- {}", report::sides(probe));
            text.push_str(&report::note(1, &line, width));
        }
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}
