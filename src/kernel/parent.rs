//! The parent's side: forks a holder, waits for it, for a deadline and for Ctrl-C in one poll(2), reaps it, and decodes
//! the shared record into answers. It must have one thread, so that the child of its fork may do as it likes.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::Ordering::{Acquire, Relaxed};
use std::time::Instant;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, sigaction};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, getpid};

use super::decode::decode;
use super::holder::{Holder, SpareName};
use super::prologue::prologue;
use super::record::{Shared, trouble};
use super::{HOLE_PAGES, Options, Record, Trouble, map_length, strace};
use crate::op::{Op, Script};

/// One write(2) is at most this long; a longer one is several.
const LONGEST_WRITE: u64 = 1 << 20;

/// The alternate stack: enough for a handler and the largest register file that a kernel saves.
const STACK: usize = 1 << 16;

/// SIGINT and SIGTERM, as something to poll.
#[derive(Debug)]
pub struct Interrupts(UnixStream);

impl Interrupts {
    /// From now on the two signals no longer kill; `run` notices them.
    pub fn catch() -> std::io::Result<Interrupts> {
        let (reader, writer) = UnixStream::pair()?;
        signal_hook::low_level::pipe::register(libc::SIGINT, writer.try_clone()?)?;
        signal_hook::low_level::pipe::register(libc::SIGTERM, writer)?;
        Ok(Interrupts(reader))
    }

    fn arrived(&self, milliseconds: u16) -> bool {
        let mut fds = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        matches!(poll(&mut fds, PollTimeout::from(milliseconds)), Ok(1..))
    }
}

/// Nobody polls any more, and no child is alive: the two signals kill again, also where output blocks.
impl Drop for Interrupts {
    fn drop(&mut self) {
        let action = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        for signal in [Signal::SIGINT, Signal::SIGTERM] {
            // SAFETY: the default action is no Rust code. Should it fail, the signals stay as they were.
            let _ = unsafe { sigaction(signal, &action) };
        }
    }
}

/// Run a script in a holder and report what it saw.
pub fn run(script: &Script, options: &Options, interrupts: &Interrupts) -> Result<Record, Trouble> {
    debug_assert!(
        std::fs::read_dir("/proc/self/task").map_or(true, |tasks| tasks.count() == 1),
        "one thread"
    );
    if !stays_inside(&script.ops, options.page) {
        return Err(Trouble::Bug("a script reaches what is not the experiment's"));
    }
    let record = Shared::new(capacity(&script.ops))
        .map_err(|errno| Trouble::Refused("mmap of the record", errno))?;
    let fill = fill(&script.ops);
    let mut stack = vec![0_u8; STACK];
    let mut holder = Holder::new(&record, options, &fill, &script.ops);
    let parent = getpid();
    // SAFETY: this process has one thread, so the child may go on as an ordinary program; it ends in _exit.
    let child = match unsafe { fork() }.map_err(|errno| Trouble::Refused("fork", errno))? {
        ForkResult::Child => {
            let code = match prologue(&record, parent, &mut stack, options) {
                Ok(()) => holder.run(&script.ops).is_err().into(),
                Err(errno) => {
                    record.head().trouble.a.store(errno as i64, Relaxed);
                    record.head().trouble.kind.store(trouble::REFUSED, Relaxed);
                    1
                }
            };
            record.head().op.store(u32::MAX, Relaxed);
            record.note(
                libc::SYS_exit_group as u32,
                false,
                0,
                [code as u64, 0, 0, 0, 0, 0],
            );
            // SAFETY: _exit runs nothing of ours: no destructor, no buffer is written twice.
            unsafe { libc::_exit(code) }
        }
        ForkResult::Parent { child } => child,
    };
    let status = wait(child, options, interrupts)?;
    verdict(&record, status, options, interrupts)?;
    Ok(decode(&record, script, options))
}

/// Wait for the holder, the deadline, or an interruption; whichever it is, the holder is gone afterwards.
fn wait(child: Pid, options: &Options, interrupts: &Interrupts) -> Result<WaitStatus, Trouble> {
    let reap = || waitpid(child, None).map_err(|errno| Trouble::Refused("waitpid", errno));
    let give_up = |trouble| {
        let _ = kill(child, Signal::SIGKILL); // it may have ended by itself; reaping is what matters
        reap()?;
        Err(trouble)
    };
    let pidfd = match pidfd_open(child) {
        Ok(pidfd) => pidfd,
        Err(errno) => return give_up(Trouble::Refused("pidfd_open", errno)),
    };
    let end = Instant::now() + options.timeout;
    loop {
        let left = PollTimeout::try_from(end.saturating_duration_since(Instant::now()))
            .unwrap_or(PollTimeout::MAX);
        let mut fds = [
            PollFd::new(pidfd.as_fd(), PollFlags::POLLIN),
            PollFd::new(interrupts.0.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, left) {
            Err(Errno::EINTR) => {}
            Err(errno) => return give_up(Trouble::Refused("poll", errno)),
            Ok(0) => return give_up(Trouble::Timeout(options.timeout)),
            Ok(_) if fds[1].any() == Some(true) => return give_up(Trouble::Interrupted),
            Ok(_) => return reap(),
        }
    }
}

fn pidfd_open(child: Pid) -> nix::Result<OwnedFd> {
    // SAFETY: pidfd_open takes two integers and touches no memory.
    let fd = Errno::result(unsafe { libc::syscall(libc::SYS_pidfd_open, child.as_raw(), 0) })?;
    // SAFETY: the kernel has just returned it, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Did the holder end as it should?
fn verdict(record: &Shared, status: WaitStatus, options: &Options, interrupts: &Interrupts) -> Result<(), Trouble> {
    let found = &record.head().trouble;
    let (a, b) = (found.a.load(Relaxed), found.b.load(Relaxed));
    match (found.kind.load(Acquire), status) {
        (0, WaitStatus::Exited(_, 0)) => Ok(()),
        // Ctrl-C goes to the whole foreground group; the holder may have died of it before the parent heard.
        (0, WaitStatus::Signaled(_, Signal::SIGINT | Signal::SIGTERM, _))
            if interrupts.arrived(50) =>
        {
            Err(Trouble::Interrupted)
        }
        // Its own alarm: whoever should have killed it was stopped.
        (0, WaitStatus::Signaled(_, Signal::SIGALRM, _)) => Err(Trouble::Timeout(options.timeout)),
        (0, WaitStatus::Signaled(_, signal, _)) => Err(Trouble::Killed(signal.as_str())),
        (0, _) => Err(Trouble::Bug("the holder ended without a word")),
        (trouble::REFUSED, _) => Err(Trouble::Refused(strace::name(b), Errno::from_raw(a as i32))),
        (trouble::SENT, _) => Err(Trouble::Sent {
            signal: strace::signal(a as i32),
            by: b,
        }),
        (trouble::TAKEN, _) => Err(Trouble::Taken),
        (trouble::LEFT, _) => {
            let mut spare = SpareName::new(options);
            spare.choose(b as u32);
            let path = spare.name().to_string_lossy().into_owned();
            Err(Trouble::Left(path, Errno::from_raw(a as i32)))
        }
        (trouble::WITNESS, _) => Err(Trouble::Witness {
            saw: (a != 0).then(|| strace::signal(a as i32)),
        }),
        _ => Err(Trouble::Bug("the record of system calls is full")),
    }
}

/// Does every operation keep to the mapping, the hole around it, and files that the script has made? What the unsafe blocks
/// of `holder` rest on: no Rust object lies there.
fn stays_inside(ops: &[Op], page: u64) -> bool {
    let reach = HOLE_PAGES.saturating_mul(page);
    let end = map_length(ops, page).saturating_add(reach);
    let inside = |at: i64, len: u64| {
        let from = at.checked_add_unsigned(reach).filter(|from| *from >= 0);
        from.is_some_and(|from| (from as u64).saturating_add(len) <= end.saturating_add(reach))
    };
    let files = ops.iter().filter(|op| matches!(op, Op::Create { .. })).count();
    ops.iter().all(|op| match *op {
        Op::Touch { at, .. } => inside(at, 1),
        Op::Unmap { at, len } | Op::Protect { at, len, .. } | Op::Sync { at, len } => inside(at, len),
        Op::Create { file }
        | Op::Write { file, .. }
        | Op::Truncate { file, .. }
        | Op::Allocate { file, .. }
        | Op::Read { file, .. }
        | Op::Map { file, .. } => file < files,
    })
}

/// Room in the record: a faulting touch with its witness notes 16 things, and a file may try every name that it has.
fn capacity(ops: &[Op]) -> usize {
    let calls = |op: &Op| match op {
        Op::Write { len, .. } => 2 * (len / LONGEST_WRITE) as usize,
        Op::Create { .. } => SpareName::COUNT as usize,
        _ => 0,
    };
    64 + ops.iter().map(|op| 24 + calls(op)).sum::<usize>()
}

/// The rows that the script writes, made before the fork.
fn fill(ops: &[Op]) -> Vec<(u8, Vec<u8>)> {
    let mut rows: Vec<(u8, Vec<u8>)> = Vec::new();
    for op in ops {
        if let Op::Write { len, byte, .. } = *op {
            let length = len.min(LONGEST_WRITE) as usize;
            match rows.iter_mut().find(|row| row.0 == byte) {
                Some(row) if row.1.len() < length => row.1.resize(length, byte),
                Some(_) => {}
                None => rows.push((byte, vec![byte; length])),
            }
        }
    }
    rows
}

/// A borrowed descriptor, for `poll`.
impl AsFd for Interrupts {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
