//! Random scripts and what the kernel said to them, asked once; then every mutant's answers to the same scripts, each in a
//! child of its own, for a broken model may run in circles or out of memory. It may not know how a model is broken.
#![allow(unsafe_code)]

use std::num::NonZeroUsize;
use std::path::Path;

use mmap_lab::fuzz::{self, Gives};
use mmap_lab::kernel::{self, Batch, Interrupts, Options};
use mmap_lab::model::Model;
use mmap_lab::op::{Outcome, Script, World};
use mmap_lab::world;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::wait::{WaitStatus, wait};
use nix::unistd::{ForkResult, alarm, fork};

/// A script, what the kernel said, and what the whole model leaves open.
struct Asked {
    script: Script,
    outcomes: Vec<Outcome>,
    foretold: Vec<Vec<Outcome>>,
}

/// Scripts that were run in one directory.
pub struct Row {
    world: World,
    asked: Vec<Asked>,
    /// of each mutant, the scripts that come to the place that it breaks
    reach: Vec<Vec<u32>>,
}

/// A copy's mutants.
#[derive(Clone, Copy)]
pub struct Switch {
    /// this one counts from now on
    pub choose: fn(u32),
    /// those that the model has come to since this was last asked
    pub asked_about: fn() -> Vec<u32>,
}

/// Seconds that one mutant may take.
const PATIENCE: u32 = 10;
/// Bytes of address space that one mutant may take.
const ROOM: u64 = 8 << 30;

/// Draw so many scripts and ask the kernel, in a directory.
pub fn ask(dir: &Path, count: u64, seed: u64, interrupts: &Interrupts) -> Row {
    let here = world::detect(dir).expect("a directory for files under test");
    let mut options = Options::new(here.world.page, &here.dir).expect("a name without NUL");
    options.witnesses = false;
    let gives = Gives {
        userns: true,
        userfaultfd: kernel::gives_userfaultfd(),
    };
    let mut asked = Vec::new();
    for first in (0..count).step_by(200) {
        let drawn: Vec<_> = (first..count.min(first + 200))
            .map(|number| fuzz::draw(&here.world, gives, seed, number))
            .collect();
        let (apart, together): (Vec<_>, Vec<_>) = drawn.into_iter().partition(|drawn| drawn.apart);
        let scripts: Vec<Script> = together.into_iter().map(|drawn| drawn.script).collect();
        let row: Vec<&Script> = scripts.iter().collect();
        let batch = Batch::start(&row, &options, 0).expect("a holder");
        let outcomes = batch.finish(interrupts).expect("a holder's answers");
        let row = scripts.into_iter().zip(outcomes);
        asked.extend(row.map(|(script, outcomes)| Asked::new(&here.world, script, outcomes)));
        for drawn in apart {
            let script = drawn.script;
            let record = kernel::run(&script, &options, interrupts).expect("a holder's answers");
            let outcomes = record
                .answers
                .into_iter()
                .map(|seen| seen.expect("an answer").outcome)
                .collect();
            asked.push(Asked::new(&here.world, script, outcomes));
        }
    }
    Row {
        world: here.world,
        asked,
        reach: Vec::new(),
    }
}

impl Asked {
    fn new(world: &World, script: Script, outcomes: Vec<Outcome>) -> Asked {
        let ruled = Model::answer(world, &script);
        Asked {
            script,
            outcomes,
            foretold: ruled.into_iter().map(|ruled| ruled.possible).collect(),
        }
    }
}

/// What the scripts make of a mutant, in the order of how close they come to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// no script comes to the place that is broken
    Unreached,
    /// every answer is the same
    Alike,
    /// it leaves open what the model does, and more
    Wider,
    /// the kernel says otherwise
    Found,
}

/// Find out which scripts come to which mutant; the whole model must answer them as the kernel does.
#[allow(dead_code, reason = "the broken copy calls it")]
pub fn trace(row: &mut Row, mutants: usize, switch: Switch) {
    row.reach = vec![Vec::new(); mutants];
    for (number, asked) in row.asked.iter().enumerate() {
        (switch.asked_about)();
        let ruled = Model::answer(&row.world, &asked.script);
        let answers = ruled
            .iter()
            .zip(&asked.outcomes)
            .all(|(ruled, outcome)| ruled.allows(*outcome));
        assert!(
            answers,
            "the whole model does not answer as the kernel does: {:?}",
            asked.script
        );
        for mutant in (switch.asked_about)() {
            row.reach[mutant as usize].push(number as u32);
        }
    }
}

/// What one row makes of a mutant, which is chosen now.
fn fate(row: &Row, mutant: usize) -> Fate {
    let scripts = &row.reach[mutant];
    if scripts.is_empty() {
        return Fate::Unreached;
    }
    let mut alike = true;
    for number in scripts {
        let asked = &row.asked[*number as usize];
        let ruled = Model::answer(&row.world, &asked.script);
        let differs = |(ruled, outcome): (&mmap_lab::model::Ruled, &Outcome)| !ruled.allows(*outcome);
        if ruled.iter().zip(&asked.outcomes).any(differs) {
            return Fate::Found;
        }
        alike &= ruled.iter().map(|ruled| &ruled.possible).eq(&asked.foretold);
    }
    if alike { Fate::Alike } else { Fate::Wider }
}

/// What the rows make of each of these mutants.
#[allow(dead_code, reason = "the broken copy calls it")]
pub fn fates(rows: &[Row], mutants: &[usize], switch: Switch) -> Vec<Fate> {
    let together = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut running = std::collections::BTreeMap::new();
    let mut fates = vec![Fate::Found; mutants.len()];
    let mut next = 0;
    while next < mutants.len() || !running.is_empty() {
        if next < mutants.len() && running.len() < together {
            // SAFETY: this process has one thread, so the child may go on as an ordinary program.
            match unsafe { fork() }.expect("fork") {
                ForkResult::Child => {
                    alarm::set(PATIENCE);
                    setrlimit(Resource::RLIMIT_AS, ROOM, ROOM).expect("a limit");
                    std::panic::set_hook(Box::new(|_| {})); // a mutant that panics is found
                    (switch.choose)(mutants[next] as u32);
                    let mut best = Fate::Unreached;
                    for row in rows {
                        if best < Fate::Found {
                            best = best.max(fate(row, mutants[next]));
                        }
                    }
                    std::process::exit(best as i32);
                }
                ForkResult::Parent { child } => running.insert(child, next),
            };
            next += 1;
            continue;
        }
        let ended = wait().expect("a child");
        let number = ended.pid().and_then(|pid| running.remove(&pid));
        if let (WaitStatus::Exited(_, code), Some(number)) = (ended, number) {
            let all = [Fate::Unreached, Fate::Alike, Fate::Wider];
            fates[number] = all.into_iter().find(|fate| *fate as i32 == code).unwrap_or(Fate::Found);
        }
    }
    fates
}
