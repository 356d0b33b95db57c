//! A process that asks the kernel on another's behalf, so that the other may keep as much memory as it likes. A fork copies
//! the page tables of everything its parent has, and whatever the parent writes to afterwards is copied page by page: where
//! scripts are drawn and judged that cost as much as the scripts themselves. A runner keeps little. It takes rows of
//! scripts in turn, one ahead of the one it is at work on, and may not know what anybody expects of them.
#![allow(unsafe_code)]

use std::io::{Read, Write};
use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::ptr::NonNull;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::mman::{MapFlags, MmapAdvise, ProtFlags, madvise, mmap_anonymous, munmap};
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, getpid, getppid};

use super::batch::{Batch, needs_its_own};
use super::{Interrupts, Options, Stopped, Trouble, parent};
use crate::op::{Act, Outcome, Script};

/// Rows that a runner is given: the one it is at work on, and the next.
pub const AHEAD: usize = 2;
/// Scripts of a row, at most.
pub const ROW: usize = 200;
/// Operations of a row, at most.
const ACTS: usize = 64 * ROW;

/// The CPUs that this process may run on; none where the kernel does not tell.
#[must_use]
pub fn cpus() -> Vec<usize> {
    let Ok(allowed) = sched_getaffinity(Pid::from_raw(0)) else {
        return Vec::new();
    };
    let is_allowed = |cpu: &usize| allowed.is_set(*cpu) == Ok(true);
    (0..CpuSet::count()).filter(is_allowed).collect()
}

/// What came of one script of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// it came to its end: an outcome for each operation
    Ended(Vec<Outcome>),
    /// it did not
    Stopped,
    /// it shared its holder with one that stopped, and is not known
    Unknown,
}

/// The child, and what it is at work on.
#[derive(Debug)]
pub struct Runner {
    /// none once it has been reaped
    child: Option<Pid>,
    words: UnixStream,
    desk: Desk,
    given: usize,
    taken: usize,
}

impl Runner {
    /// Start one, which keeps to a CPU with all its children: the processes of a script take turns, and a turn is passed
    /// twice as fast on one CPU as from one to another. This process must have one thread, and must not yet catch signals
    /// (`Interrupts`), for a runner has its own.
    ///
    /// # Errors
    ///
    /// What the machine refused.
    pub fn start(options: &Options, cpu: Option<usize>) -> Result<Runner, Trouble> {
        let refused = |what| move |errno| Trouble::Refused(what, errno);
        let desk = Desk::new().map_err(refused("mmap of a runner's desk"))?;
        let (words, theirs) = UnixStream::pair().map_err(|_| Trouble::Refused("socketpair", Errno::last()))?;
        let judge = getpid();
        // SAFETY: this process has one thread, so the child may go on as an ordinary program; it ends in _exit.
        match unsafe { fork() }.map_err(refused("fork"))? {
            ForkResult::Child => {
                drop(words);
                desk.keep();
                let _ = serve(theirs, &desk, options, cpu, judge); // whatever it is, the judge sees that nobody answers
                // SAFETY: _exit runs nothing of ours: what the parent has not yet written stays the parent's.
                unsafe { libc::_exit(0) }
            }
            ForkResult::Parent { child } => {
                desk.keep();
                Ok(Runner {
                    child: Some(child),
                    words,
                    desk,
                    given: 0,
                    taken: 0,
                })
            }
        }
    }

    /// Give it one more row of at most `ROW` scripts; it has at most `AHEAD` that are not taken back. `survived` faults were
    /// seen before, in other rows: each thousandth has its witness.
    ///
    /// # Errors
    ///
    /// A row that is too long.
    pub fn give(&mut self, scripts: &[&Script], survived: u32) -> Result<(), Trouble> {
        let acts = || scripts.iter().flat_map(|script| &script.acts);
        if scripts.len() > ROW || acts().count() > ACTS || self.given - self.taken >= AHEAD {
            return Err(Trouble::Bug("a runner's desk is full"));
        }
        let slot = self.desk.slot(self.given);
        for (n, act) in acts().enumerate() {
            slot.acts.put(n, *act);
        }
        for (n, script) in scripts.iter().enumerate() {
            slot.scripts.put(n, (script.acts.len(), State::Unknown));
        }
        slot.row.put(0, (scripts.len(), survived, Reply::Done));
        self.given += 1;
        // Where nobody reads any more, `take` finds out and says it.
        let _ = self.words.write_all(&[0]);
        Ok(())
    }

    /// What came of the oldest row that was given and not taken back.
    ///
    /// # Errors
    ///
    /// An interruption; a machine that refused the runner what it needs; the end of the runner.
    pub fn take(&mut self, interrupts: &Interrupts) -> Result<Vec<Came>, Trouble> {
        if !hear(&mut self.words, interrupts)? {
            let status = self.child.take().map(|child| waitpid(child, None));
            return Err(match status {
                Some(Ok(WaitStatus::Signaled(_, signal, _))) => Trouble::Killed(signal.as_str()),
                _ => Trouble::Interrupted, // it ends before its judge only where it was told to
            });
        }
        let slot = self.desk.slot(self.taken);
        self.taken += 1;
        let (count, _, reply) = slot.row.get(0);
        match reply {
            Reply::Done => {}
            Reply::Interrupted => return Err(Trouble::Interrupted),
            Reply::Refused(what, errno) => return Err(Trouble::Refused(what, errno)),
            Reply::Bug(bug) => return Err(Trouble::Bug(bug)),
        }
        let mut first = 0;
        let rows = (0..count).map(|n| {
            let (length, state) = slot.scripts.get(n);
            let all = first..first + length;
            first += length;
            match state {
                State::Ended => Came::Ended(all.map(|n| slot.outcomes.get(n)).collect()),
                State::Stopped => Came::Stopped,
                State::Unknown => Came::Unknown,
            }
        });
        Ok(rows.collect())
    }
}

/// Whoever gives up leaves neither the runner nor a child of its.
impl Drop for Runner {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            let _ = kill(child, Signal::SIGTERM); // it may have ended by itself; reaping is what matters
            let _ = waitpid(child, None);
        }
    }
}

/// The runner's life: row after row, until nobody gives it one, or it is told to end.
fn serve(mut words: UnixStream, desk: &Desk, options: &Options, cpu: Option<usize>, judge: Pid) -> Result<(), Trouble> {
    let refused = |what| move |errno| Trouble::Refused(what, errno);
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(refused("prctl"))?;
    if getppid() != judge {
        return Ok(()); // it died before the line above
    }
    if let Some(cpu) = cpu {
        let mut own = CpuSet::new();
        let _ = own.set(cpu).and_then(|()| sched_setaffinity(getpid(), &own)); // else turns are passed more slowly
    }
    let interrupts = Interrupts::catch().map_err(|_| Trouble::Refused("sigaction", Errno::last()))?;
    for n in 0.. {
        if !hear(&mut words, &interrupts)? {
            break;
        }
        let slot = desk.slot(n);
        let (count, survived, _) = slot.row.get(0);
        let reply = match run(slot, count, survived, options, &interrupts) {
            Ok(()) => Reply::Done,
            Err(Trouble::Refused(what, errno)) => Reply::Refused(what, errno),
            Err(Trouble::Bug(bug)) => Reply::Bug(bug),
            Err(_) => Reply::Interrupted,
        };
        slot.row.put(0, (count, survived, reply));
        if words.write_all(&[0]).is_err() {
            break;
        }
    }
    Ok(())
}

/// Run a row: what may share a holder, and then one by one what may not.
fn run(slot: &Slot, count: usize, survived: u32, options: &Options, interrupts: &Interrupts) -> Result<(), Trouble> {
    let mut first = 0;
    let read = |n| {
        let (length, _) = slot.scripts.get(n);
        let acts = (first..first + length).map(|n| slot.acts.get(n)).collect();
        first += length;
        (n, first - length, Script { acts })
    };
    let (apart, together): (Vec<_>, Vec<_>) = (0..count)
        .map(read)
        .partition(|(_, _, script)| script.acts.iter().any(needs_its_own));
    let tell = |(n, first, script): &(usize, usize, Script), came: Option<Vec<Outcome>>| {
        let state = if came.is_some() { State::Ended } else { State::Stopped };
        for (outcome, n) in came.into_iter().flatten().zip(*first..) {
            slot.outcomes.put(n, outcome);
        }
        slot.scripts.put(*n, (script.acts.len(), state));
    };
    let scripts: Vec<&Script> = together.iter().map(|(_, _, script)| script).collect();
    match Batch::start(&scripts, options, survived)?.finish(interrupts) {
        Ok(outcomes) => {
            for (one, outcomes) in together.iter().zip(outcomes) {
                tell(one, Some(outcomes));
            }
        }
        Err(Stopped {
            trouble: Trouble::Interrupted,
            ..
        }) => return Err(Trouble::Interrupted),
        Err(stopped) => tell(&together[stopped.script], None),
    }
    let mut options = options.clone();
    options.witnesses = false;
    options.own_calls = false;
    for one in &apart {
        let record = match parent::run(&one.2, &options, interrupts) {
            Err(Trouble::Interrupted) => return Err(Trouble::Interrupted),
            record => record.ok(),
        };
        let outcomes = |record: super::Record| record.answers.into_iter().map(|seen| Some(seen?.outcome)).collect();
        tell(one, record.and_then(outcomes));
    }
    Ok(())
}

/// Wait for a word. False: the other end is gone.
fn hear(words: &mut UnixStream, interrupts: &Interrupts) -> Result<bool, Trouble> {
    loop {
        let mut fds = [
            PollFd::new(words.as_fd(), PollFlags::POLLIN),
            PollFd::new(interrupts.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, PollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            Err(errno) => return Err(Trouble::Refused("poll", errno)),
            Ok(_) if fds[1].any() == Some(true) => return Err(Trouble::Interrupted),
            Ok(_) => {}
        }
        return Ok(matches!(words.read(&mut [0]), Ok(1)));
    }
}

/// What lies between judge and runner: memory that both see.
#[derive(Debug)]
struct Desk([Slot; AHEAD]);

impl Desk {
    fn new() -> nix::Result<Desk> {
        Ok(Desk([Slot::new()?, Slot::new()?]))
    }

    fn slot(&self, n: usize) -> &Slot {
        &self.0[n % AHEAD]
    }

    /// No further child gets to see it: neither a holder nor another runner, whose every fork it would make dearer.
    fn keep(&self) {
        for slot in &self.0 {
            slot.row.keep();
            slot.scripts.keep();
            slot.acts.keep();
            slot.outcomes.keep();
        }
    }
}

/// Room for one row.
#[derive(Debug)]
struct Slot {
    /// how many scripts there are, faults that were seen before, and what came of it all
    row: Room<(usize, u32, Reply)>,
    /// of each script, its operations and what came of it
    scripts: Room<(usize, State)>,
    acts: Room<Act>,
    outcomes: Room<Outcome>,
}

impl Slot {
    fn new() -> nix::Result<Slot> {
        Ok(Slot {
            row: Room::new(1)?,
            scripts: Room::new(ROW)?,
            acts: Room::new(ACTS)?,
            outcomes: Room::new(ACTS)?,
        })
    }
}

#[derive(Clone, Copy, Debug)]
enum Reply {
    Done,
    Interrupted,
    Refused(&'static str, Errno),
    Bug(&'static str),
}

#[derive(Clone, Copy, Debug)]
enum State {
    Unknown,
    Ended,
    Stopped,
}

/// Room for values in pages that both processes see. Whose turn it is to touch them, the words between them say; what a
/// value points to is at the same place in both, for one is the other's fork.
#[derive(Debug)]
struct Room<T> {
    start: NonNull<T>,
    count: usize,
}

impl<T: Copy + 'static> Room<T> {
    fn new(count: usize) -> nix::Result<Room<T>> {
        let prot = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        let bytes = NonZeroUsize::new(count * size_of::<T>()).ok_or(Errno::EINVAL)?;
        // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
        let start = unsafe { mmap_anonymous(None, bytes, prot, MapFlags::MAP_SHARED)? };
        let start = start.cast();
        Ok(Room { start, count })
    }

    fn keep(&self) {
        let bytes = self.count * size_of::<T>();
        // SAFETY: it changes what a fork copies, not what is there. Refused, forks are a little dearer.
        let _ = unsafe { madvise(self.start.cast(), bytes, MmapAdvise::MADV_DONTFORK) };
    }

    fn at(&self, n: usize) -> NonNull<T> {
        assert!(n < self.count, "room for it");
        // SAFETY: inside the mapping.
        unsafe { self.start.add(n) }
    }

    fn put(&self, n: usize, value: T) {
        // SAFETY: the mapping begins at a page, so that the place is aligned; the other process waits for a word.
        unsafe { self.at(n).write(value) };
    }

    /// A value that was put there.
    fn get(&self, n: usize) -> T {
        // SAFETY: as above. Whoever asks has had a word that it was put there, by a write(2) that came after it.
        unsafe { self.at(n).read() }
    }
}

impl<T> Drop for Room<T> {
    fn drop(&mut self) {
        // SAFETY: `new` mapped exactly this, and hands out no borrow. An error would mean that it is not mapped.
        let _ = unsafe { munmap(self.start.cast(), self.count * size_of::<T>()) };
    }
}
