//! `lab fuzz`: random scripts, answered by the model and by the kernel, and every answer compared. While a
//! runner on each CPU is at work on a row of scripts, the next is drawn. What differs is made smaller and printed as a scenario
//! file.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Context, Failure};
use crate::fuzz::{self, Drawn, Gives};
use crate::kernel::{self, AHEAD, Came, Interrupts, Options, ROW, Runner, Trouble};
use crate::model::{Model, Ruled};
use crate::op::{Filesystem, Op, Outcome, Script, Signal, World};
use crate::say::{said, say};
use crate::world;

/// Runners at most: more are faster than scripts can be drawn.
const RUNNERS: usize = 8;
/// Scripts where neither --count nor --seconds says how many.
const COUNT: u64 = 10_000;
/// How often a script is run at most to make it smaller.
const TRIES: usize = 4000;

/// The arguments of `lab fuzz`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// So many scripts [default: 10000]
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// For so many seconds
    #[arg(long, value_name = "S")]
    seconds: Option<u64>,
    /// Which row of scripts; the same seed draws the same scripts
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Where the files of the scripts are made [default: TMPDIR, else /tmp]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// What has been seen so far.
#[derive(Default)]
struct Tally {
    scripts: u64,
    operations: u64,
    touches: u64,
    adrerr: u64,
    maperr: u64,
    accerr: u64,
    efault: u64,
    together: u64,
}

/// A script to which model and kernel answer differently.
struct Difference {
    number: u64,
    script: Script,
}

/// Run them.
pub fn fuzz(args: &Args, context: &Context) -> Result<u8, Failure> {
    let dir = args.dir.clone().unwrap_or_else(world::directory);
    let here = world::detect(&dir).map_err(|unknown| Failure::Machine(unknown.0))?;
    let mut options = Options::new(here.world.page, &dir)
        .ok_or_else(|| Failure::Usage(said!("a directory's name has no NUL", "目录名不能含有 NUL").to_owned()))?;
    options.timeout = Duration::from_secs(60);
    // Where there is a disk to wait for, another runner works meanwhile.
    let abreast = if here.world.filesystem == Filesystem::Tmpfs {
        1
    } else {
        2
    };
    let runners = runners(&options, abreast)?;
    let interrupts = super::interrupts()?;
    let begun = Instant::now();
    let mut tally = Tally::default();
    let progress = Progress::new();
    let gives = super::needs::gives();
    let ended = run(args, &here.world, gives, runners, &interrupts, &mut tally, |tally| {
        progress.show(tally, args, begun.elapsed());
    });
    progress.clear();
    let line = tally.line(begun.elapsed(), &dir, here.world.filesystem.name());
    match ended {
        Ok(None) => {
            context.print(&line)?;
            Ok(super::AGREES)
        }
        Ok(Some(found)) => {
            let text = found.text(args.seed, &here.world, &options, &interrupts);
            context.print(&text)?;
            context.print(&line)?;
            Ok(super::DIFFERS)
        }
        Err(failure) => {
            context.print(&line)?;
            Err(failure)
        }
    }
}

/// So many runners on every CPU; one that goes where it likes, where the kernel does not tell of any.
fn runners(options: &Options, abreast: usize) -> Result<Vec<Runner>, Failure> {
    let cpus = kernel::cpus();
    let mut lanes: Vec<Option<usize>> = cpus
        .iter()
        .cycle()
        .take(cpus.len() * abreast)
        .copied()
        .map(Some)
        .collect();
    lanes.truncate(RUNNERS);
    if lanes.is_empty() {
        lanes.push(None);
    }
    let started = lanes.into_iter().map(|cpu| Ok(Runner::start(options, cpu)?));
    started.collect()
}

/// Row after row of scripts, each runner `AHEAD` of them and the oldest waited for first, until one holds a difference.
fn run(
    args: &Args,
    world: &World,
    gives: Gives,
    mut runners: Vec<Runner>,
    interrupts: &Interrupts,
    tally: &mut Tally,
    mut progress: impl FnMut(&Tally),
) -> Result<Option<Difference>, Failure> {
    let end = args
        .seconds
        .map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let count = args.count.unwrap_or(if end.is_some() { u64::MAX } else { COUNT });
    let lanes = runners.len();
    let mut given = VecDeque::new();
    let (mut first, mut turn) = (0, 0);
    loop {
        let over = first >= count || end.is_some_and(|end| Instant::now() >= end);
        if !over {
            let size = (ROW as u64).min(count - first);
            let drawn: Vec<Drawn> = (first..first + size)
                .map(|n| fuzz::draw(world, gives, args.seed, n))
                .collect();
            let scripts: Vec<&Script> = drawn.iter().map(|drawn| &drawn.script).collect();
            runners[turn % lanes].give(&scripts, tally.faults() as u32)?;
            given.push_back((turn % lanes, drawn, first));
            first += size;
            turn += 1;
            if given.len() < lanes * AHEAD {
                continue;
            }
        }
        let Some((lane, drawn, first)) = given.pop_front() else {
            return Ok(None);
        };
        let found = judge(&drawn, runners[lane].take(interrupts)?, tally);
        if let Some((nth, script)) = found {
            let number = first + nth as u64;
            return Ok(Some(Difference { number, script }));
        }
        progress(tally);
    }
}

/// The first script of a row that differs, or did not come to its end.
fn judge(drawn: &[Drawn], row: Vec<Came>, tally: &mut Tally) -> Option<(usize, Script)> {
    for (n, (drawn, came)) in drawn.iter().zip(row).enumerate() {
        let agrees = match came {
            Came::Ended(seen) => {
                tally.count(drawn, &seen);
                differs(&drawn.ruled, &seen).is_none()
            }
            Came::Stopped => false,
            Came::Unknown => true,
        };
        if !agrees {
            return Some((n, drawn.script.clone()));
        }
    }
    None
}

/// Run a script in a holder of its own, which can do what cannot be taken back.
fn apart(script: &Script, options: &Options, interrupts: &Interrupts) -> Result<Vec<Outcome>, Trouble> {
    let mut options = options.clone();
    options.witnesses = false;
    let record = kernel::run(script, &options, interrupts)?;
    let outcomes = record.answers.into_iter().map(|seen| seen.map(|seen| seen.outcome));
    let outcomes: Option<Vec<_>> = outcomes.collect();
    outcomes.ok_or(Trouble::Bug("an operation has no answer"))
}

/// The first operation that the kernel answers otherwise than the model allows.
fn differs(ruled: &[Ruled], outcomes: &[Outcome]) -> Option<usize> {
    ruled
        .iter()
        .zip(outcomes)
        .position(|(ruled, outcome)| !ruled.allows(*outcome))
}

/// What one script alone came to.
enum Alone {
    /// the operation and the kernel's answer to it
    Differs(usize, Outcome),
    /// the instrument gave up
    Broke(Trouble),
}

/// Run one script alone: what is wrong with it, if anything is.
fn alone(script: &Script, world: &World, options: &Options, interrupts: &Interrupts) -> Option<Alone> {
    match apart(script, options, interrupts) {
        Ok(outcomes) => {
            let index = differs(&Model::answer(world, script), &outcomes)?;
            Some(Alone::Differs(index, outcomes[index]))
        }
        Err(trouble) => Some(Alone::Broke(trouble)),
    }
}

/// Is it the same kind of operation that shows the same kind of thing?
fn alike(one: &(Script, Alone), other: &(Script, Alone)) -> bool {
    match (&one.1, &other.1) {
        (Alone::Differs(i, seen), Alone::Differs(j, also)) => {
            let kind = |script: &Script, index: usize| std::mem::discriminant(&script.acts[index].op);
            kind(&one.0, *i) == kind(&other.0, *j) && std::mem::discriminant(seen) == std::mem::discriminant(also)
        }
        (Alone::Broke(one), Alone::Broke(other)) => std::mem::discriminant(one) == std::mem::discriminant(other),
        _ => false,
    }
}

impl Tally {
    fn count(&mut self, drawn: &Drawn, outcomes: &[Outcome]) {
        self.scripts += 1;
        self.operations += outcomes.len() as u64;
        self.together += u64::from(drawn.script.processes() > 1);
        for (op, outcome) in drawn.script.ops().zip(outcomes) {
            self.touches += u64::from(matches!(op, Op::Touch { .. }));
            match outcome {
                Outcome::Fault(fault) => match (fault.signal, fault.si_code) {
                    (Signal::Sigbus, _) => self.adrerr += 1,
                    (Signal::Sigsegv, 1) => self.maperr += 1,
                    (Signal::Sigsegv, _) => self.accerr += 1,
                },
                Outcome::Errno(14) => self.efault += 1,
                _ => {}
            }
        }
    }

    fn faults(&self) -> u64 {
        self.adrerr + self.maperr + self.accerr
    }

    fn line(&self, elapsed: Duration, dir: &Path, filesystem: &str) -> String {
        let Tally {
            scripts,
            touches,
            adrerr,
            maperr,
            accerr,
            efault,
            ..
        } = self;
        let mean = self.operations as f64 / (*scripts).max(1) as f64;
        let share = |part: u64, of: u64| part as f64 * 100.0 / of.max(1) as f64;
        let (faults, together) = (share(self.faults(), *touches), share(self.together, *scripts));
        let rate = *scripts as f64 / elapsed.as_secs_f64().max(1e-9);
        let dir = dir.display();
        say!(
            "{scripts} scripts on {filesystem} ({dir}), {mean:.1} operations each, {together:.0}% with two processes; {touches} touches, {faults:.0}% of them faults: {adrerr} BUS_ADRERR, {maperr} SEGV_MAPERR, {accerr} SEGV_ACCERR; {efault} EFAULT; {rate:.0} scripts/s\n",
            "{filesystem} ({dir}) 上运行 {scripts} 个脚本, 平均每个 {mean:.1} 个操作, {together:.0}% 有两个进程; 访问 {touches} 次, 其中 {faults:.0}% 出错: {adrerr} 次 BUS_ADRERR, {maperr} 次 SEGV_MAPERR, {accerr} 次 SEGV_ACCERR; {efault} 次 EFAULT; 每秒 {rate:.0} 个脚本\n"
        )
    }
}

impl Difference {
    /// The scenario file that shows it, and what was seen.
    fn text(self, seed: u64, world: &World, options: &Options, interrupts: &Interrupts) -> String {
        let number = self.number;
        let once = |script: &Script| alone(script, world, options, interrupts);
        let shown = (0..20)
            .find_map(|_| once(&self.script))
            .map(|seen| (self.script.clone(), seen));
        let script = match &shown {
            Some(shown) => fuzz::shrink(&self.script, world.page, TRIES, |script| {
                once(script).is_some_and(|seen| alike(&(script.clone(), seen), shown))
            }),
            None => self.script,
        };
        let repeats = shown.is_some();
        let ruled = Model::answer(world, &script);
        let id = format!("fuzz-{seed}-{number}");
        let en = format!("script {number} of seed {seed}");
        let zh = format!("种子 {seed} 的第 {number} 个脚本");
        let file = fuzz::write(&id, (&en, &zh), &script, &ruled, world.page);
        let mut text = file.unwrap_or_else(|| format!("{script:#?}\n"));
        match once(&script) {
            Some(Alone::Differs(index, outcome)) => {
                let (op, ruled) = (script.acts[index], &ruled[index]);
                text.push_str(&format!(
                    "\n# {op:?}\n# kernel {outcome:?}\n# model  {:?}: {}\n",
                    ruled.possible,
                    ruled.reason.why()
                ));
            }
            Some(Alone::Broke(trouble)) => text.push_str(&format!("\n# {}\n", super::lesson::told(&trouble))),
            None => {}
        }
        if !repeats {
            text.push_str(&say!(
                "\n# Run alone, it did not show the difference again.\n",
                "\n# 单独运行时没有再出现差异。\n"
            ));
        }
        text
    }
}

/// A line on the terminal that says how far it is; nothing where stderr is none.
struct Progress {
    on: bool,
}

impl Progress {
    fn new() -> Progress {
        Progress {
            on: std::io::stderr().is_terminal(),
        }
    }

    fn show(&self, tally: &Tally, args: &Args, elapsed: Duration) {
        if !self.on {
            return;
        }
        let (scripts, seconds) = (tally.scripts, elapsed.as_secs());
        let of = match (args.count, args.seconds) {
            (_, Some(all)) => format!("{seconds}/{all} s"),
            (count, None) => format!("{}%", scripts * 100 / count.unwrap_or(COUNT).max(1)),
        };
        let _ = write!(
            std::io::stderr(),
            "\r\x1b[K{}",
            say!("{scripts} scripts, {of}", "{scripts} 个脚本, {of}")
        );
    }

    fn clear(&self) {
        if self.on {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
