//! Times, faults and system calls of the ways to a file's bytes, measured in one forked child: rounds in which every way
//! has its turn, so that a bad minute of the machine falls on all of them. Every way must come to the same bytes. It may
//! not know which way anybody thinks the faster one.
#![allow(unsafe_code)]

use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::wait::WaitStatus;
use nix::unistd::{ForkResult, alarm, fork, getpid};

use super::holder::SpareName;
use super::nameless::nameless;
use super::record::{Shared, trouble};
use super::together::{Shareable, Together};
use super::{Interrupts, Options, Trouble, parent, prologue};
use crate::op::{Condition, SERIES, WAYS, Way};

mod bytes;
mod pass;
mod residency;
mod sum;

use bytes::Bytes;
use pass::Pass;

/// A file measured has a multiple of this many bytes: whole buffers of the largest way.
pub const GRAIN: u64 = 1 << 20;
/// The largest.
pub const LARGEST: u64 = 64 << 30;
/// Fewer rounds have no quartiles worth the name.
const ROUNDS: (u32, u32) = (3, 9);
/// No round is begun once this much has gone by; the first three are made whatever they take.
const BUDGET: Duration = Duration::from_secs(6);
/// So many pages, drawn by lot, where they are cached; each costs a microsecond.
const PAGES_CACHED: usize = 4096;
/// So many where each may wait for a disk.
const PAGES_COLD: usize = 256;
/// Of a thousand pages so many may be left in the cache of a cold file, or be missing of a cached one.
const LEFT: u64 = 20;

/// So often a file is read anew until all of it is cached.
const ATTEMPTS: u32 = 3;

/// One way, once.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Run {
    /// what the clock says
    pub time: Duration,
    /// page faults that found the page in memory
    pub minor: u64,
    /// page faults that waited for the disk
    pub major: u64,
    /// system calls
    pub calls: u64,
}

/// One condition with its ways, each with its runs; none where the condition could not be made.
#[derive(Clone, Debug)]
pub struct Measured {
    /// the condition
    pub condition: Condition,
    /// bytes worked on in each run
    pub bytes: u64,
    /// in the order of `SERIES`
    pub ways: Vec<(Way, Vec<Run>)>,
    /// pages of a thousand that were in the cache although they should not be, or were not although they should
    pub astray: Option<u64>,
}

/// What parent and child share: all zero is nothing measured yet.
#[repr(C)]
struct Board {
    rounds: AtomicU32,
    /// per condition: 1 more than the pages of a thousand that were astray
    astray: [AtomicU64; SERIES.len()],
    /// passes whose bytes were not those that they should be
    wrong: AtomicU64,
    runs: [[[[AtomicU64; 4]; ROUNDS.1 as usize]; WAYS]; SERIES.len()],
}

// SAFETY: atomic numbers and nothing else; zero is one.
unsafe impl Shareable for Board {}

/// Measure every series on files of `size` bytes, a multiple of `GRAIN`.
///
/// # Errors
///
/// Where the machine refuses something, the child is lost, or somebody interrupts.
pub fn run(size: u64, options: &Options, interrupts: &Interrupts) -> Result<Vec<Measured>, Trouble> {
    if size == 0 || size % GRAIN != 0 || size > LARGEST {
        return Err(Trouble::Bug("a measurement of no whole buffers"));
    }
    let refused = |errno| Trouble::Refused("mmap of the record", errno);
    let record = Shared::new(64).map_err(refused)?;
    let board = Together::<Board>::new().map_err(refused)?;
    let options = Options {
        // A disk of 10 MB/s and nine times the file.
        timeout: Duration::from_secs(60 + size.div_ceil(1 << 20)),
        ..options.clone()
    };
    let mut bytes = Bytes::new(size, options.page);
    let mut spare = SpareName::new(&options);
    let parent = getpid();
    // SAFETY: this process has one thread, so the child may go on as an ordinary program; it ends in _exit.
    let child = match unsafe { fork() }.map_err(|errno| Trouble::Refused("fork", errno))? {
        ForkResult::Child => {
            let done = prologue::isolate(&record, parent).and_then(|()| {
                alarm::set(options.timeout.as_secs() as u32 + 1);
                Child::new(&options, &mut spare, &mut bytes)?.measure(board.get())
            });
            if let Err(errno) = done {
                record.head().trouble.a.store(errno as i64, Relaxed);
                record.head().trouble.kind.store(trouble::REFUSED, Release);
            }
            // SAFETY: _exit runs nothing of ours.
            unsafe { libc::_exit(done.is_err().into()) }
        }
        ForkResult::Parent { child } => child,
    };
    let status = parent::wait(child, &options, interrupts)?;
    if record.head().trouble.kind.load(Acquire) == trouble::REFUSED {
        let errno = Errno::from_raw(record.head().trouble.a.load(Relaxed) as i32);
        return Err(Trouble::Refused("the files to be measured", errno));
    }
    // Every page of the files has its block: what is left is a filesystem that copies on write and is full, or a disk that fails.
    if let WaitStatus::Signaled(_, nix::sys::signal::Signal::SIGBUS, _) = status {
        return Err(Trouble::Refused("a store to the mapping (SIGBUS)", Errno::ENOSPC));
    }
    parent::verdict(&record, status, &options, interrupts)?;
    if board.get().wrong.load(Relaxed) > 0 {
        return Err(Trouble::Bug("two ways to a file came to different bytes"));
    }
    Ok(read(board.get(), &bytes))
}

/// The board as plain data.
fn read(board: &Board, bytes: &Bytes) -> Vec<Measured> {
    let rounds = board.rounds.load(Acquire) as usize;
    let series = SERIES.iter().zip(&board.runs).zip(&board.astray);
    series
        .map(|((series, runs), astray)| {
            let astray = astray.load(Relaxed).checked_sub(1);
            let all = |runs: &[[AtomicU64; 4]]| runs[..rounds].iter().map(one).collect();
            let ways = series.1.iter().zip(runs);
            Measured {
                condition: series.0,
                bytes: bytes.of(series.0),
                ways: ways
                    .filter(|_| astray.is_none())
                    .map(|(way, runs)| (*way, all(runs)))
                    .collect(),
                astray,
            }
        })
        .collect()
}

fn one(cell: &[AtomicU64; 4]) -> Run {
    let [nanos, minor, major, calls] = cell.each_ref().map(|number| number.load(Relaxed));
    Run {
        time: Duration::from_nanos(nanos),
        minor,
        major,
        calls,
    }
}

/// The child: its two files, one that is only read, and one that is stored to.
struct Child<'a> {
    read: OwnedFd,
    written: OwnedFd,
    bytes: &'a mut Bytes,
}

impl<'a> Child<'a> {
    fn new(options: &Options, spare: &mut SpareName, bytes: &'a mut Bytes) -> nix::Result<Child<'a>> {
        let read = nameless(options, spare)?;
        let written = nameless(options, spare)?;
        bytes.write_all(&read)?;
        bytes.write_all(&written)?;
        Ok(Child { read, written, bytes })
    }

    fn measure(&mut self, board: &Board) -> nix::Result<()> {
        let begin = Instant::now();
        for round in 0..ROUNDS.1 {
            if round >= ROUNDS.0 && begin.elapsed() > BUDGET {
                break;
            }
            for (s, (condition, ways)) in SERIES.iter().enumerate() {
                if condition.stores && condition.cached {
                    self.bytes.write_all(&self.written)?; // dirty, all of it, for whichever way comes first
                }
                // Each round begins with another way, so that none always follows the same one.
                for w in (0..ways.len()).map(|w| (w + round as usize) % ways.len()) {
                    if board.astray[s].load(Relaxed) > 0 {
                        break; // what could not be made cold once will not be later
                    }
                    if let Some(astray) = self.prepare(*condition)? {
                        board.astray[s].store(astray + 1, Relaxed);
                        break;
                    }
                    let right = self.pass(*condition, ways[w], round, &board.runs[s][w][round as usize])?;
                    board.wrong.fetch_add((!right).into(), Relaxed);
                }
            }
            board.rounds.store(round + 1, Release);
        }
        Ok(())
    }

    /// Make the condition; if it cannot be made, the pages of a thousand that are not where they should be.
    fn prepare(&mut self, condition: Condition) -> nix::Result<Option<u64>> {
        let fd = if condition.stores { &self.written } else { &self.read };
        if !condition.cached {
            residency::drop_cached(fd)?;
        }
        let mut resident = residency::per_thousand(fd, self.bytes)?;
        // A page on its way to or from the disk may be missed once.
        for _ in 0..if condition.cached { ATTEMPTS } else { 0 } {
            if resident < 1000 {
                self.bytes.read_all(fd)?;
                resident = residency::per_thousand(fd, self.bytes)?;
            }
        }
        Ok(match condition.cached {
            true => (resident < 1000 - LEFT).then_some(1000 - resident),
            false => (resident > LEFT).then_some(resident),
        })
    }

    /// One way, once. Were the bytes right?
    fn pass(&mut self, condition: Condition, way: Way, round: u32, cell: &[AtomicU64; 4]) -> nix::Result<bool> {
        let fd = if condition.stores { &self.written } else { &self.read };
        let mut pass = Pass::new(fd, self.bytes, condition, way, round);
        pass.before()?;
        let (usage, begin) = (getrusage(UsageWho::RUSAGE_SELF)?, Instant::now());
        pass.work()?;
        let (time, after) = (begin.elapsed(), getrusage(UsageWho::RUSAGE_SELF)?);
        let calls = pass.calls;
        pass.after()?;
        let minor = after.minor_page_faults() - usage.minor_page_faults();
        let major = after.major_page_faults() - usage.major_page_faults();
        let numbers = [time.as_nanos() as u64, minor as u64, major as u64, calls];
        for (place, number) in cell.iter().zip(numbers) {
            place.store(number, Relaxed);
        }
        pass.was_right()
    }
}
