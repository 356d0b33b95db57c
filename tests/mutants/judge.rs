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

/// A script that one holder runs with others, or alone, and what the kernel said.
struct Asked {
    script: Script,
    outcomes: Vec<Outcome>,
}

/// Scripts that were run in one directory.
pub struct Row {
    world: World,
    asked: Vec<Asked>,
}

/// Seconds that one mutant may take.
const PATIENCE: u32 = 60;
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
        let batch = Batch::start(&row, &options, 0, None).expect("a holder");
        let outcomes = batch.finish(interrupts).expect("a holder's answers");
        let row = scripts.into_iter().zip(outcomes);
        asked.extend(row.map(|(script, outcomes)| Asked { script, outcomes }));
        for drawn in apart {
            let script = drawn.script;
            let record = kernel::run(&script, &options, interrupts).expect("a holder's answers");
            let outcomes = record
                .answers
                .into_iter()
                .map(|seen| seen.expect("an answer").outcome)
                .collect();
            asked.push(Asked { script, outcomes });
        }
    }
    Row {
        world: here.world,
        asked,
    }
}

/// The first script that this model does not answer as the kernel does.
pub fn found(row: &Row) -> Option<usize> {
    row.asked.iter().position(|asked| {
        let ruled = Model::answer(&row.world, &asked.script);
        let differs = |(ruled, outcome): (&mmap_lab::model::Ruled, &Outcome)| !ruled.allows(*outcome);
        ruled.iter().zip(&asked.outcomes).any(differs)
    })
}

/// Those of the mutants that no script of any row tells from the model.
#[allow(dead_code, reason = "the broken copy calls it")]
pub fn survivors(rows: &[Row], mutants: usize, choose: fn(u32)) -> Vec<usize> {
    let together = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut running = std::collections::BTreeMap::new();
    let mut survive = Vec::new();
    let mut next = 0;
    while next < mutants || !running.is_empty() {
        if next < mutants && running.len() < together {
            // SAFETY: this process has one thread, so the child may go on as an ordinary program.
            match unsafe { fork() }.expect("fork") {
                ForkResult::Child => {
                    alarm::set(PATIENCE);
                    setrlimit(Resource::RLIMIT_AS, ROOM, ROOM).expect("a limit");
                    std::panic::set_hook(Box::new(|_| {})); // a mutant that panics is found
                    choose(next as u32);
                    let is_found = rows.iter().any(|row| found(row).is_some());
                    std::process::exit(i32::from(is_found));
                }
                ForkResult::Parent { child } => running.insert(child, next),
            };
            next += 1;
            continue;
        }
        let ended = wait().expect("a child");
        let number = ended.pid().and_then(|pid| running.remove(&pid));
        if let (WaitStatus::Exited(_, 0), Some(number)) = (ended, number) {
            survive.push(number);
        }
    }
    survive.sort_unstable();
    survive
}
