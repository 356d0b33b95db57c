//! The parent's side: forks a holder, waits for it, for a deadline and for Ctrl-C in one poll(2), reaps it, and decodes
//! the shared record into answers. It must have one thread, so that the child of its fork may do as it likes.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::Ordering::{Acquire, Relaxed};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, sigaction};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, getpid};

use super::decode::decode;
use super::guardian::Guardian;
use super::holder::{GaveUp, Holder, SpareName};
use super::prologue::prologue;
use super::record::{Shared, asked, trouble};
use super::{HOLE_PAGES, Options, Record, Trouble, areas, strace};
use crate::op::{Act, FileKind, NOWHERE, Op, PROC_LIMIT, Place, Quantity, Script, WILD};

/// One write(2) is at most this long; a longer one is several.
const LONGEST_WRITE: u64 = 1 << 20;

/// The alternate stack: enough for a handler and the largest register file that a kernel saves.
pub(super) const STACK: usize = 1 << 16;

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

    /// What is readable when one has arrived.
    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
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
    if !stays_inside(&script.acts, options.page) {
        return Err(Trouble::Bug("a script reaches what is not the experiment's"));
    }
    // Of a view, two entries for each VMA and one for each file.
    let viewed = if options.views {
        script.acts.len() * (24 + script.acts.len())
    } else {
        0
    };
    let record = Shared::new(capacity(&script.acts, options.page) + viewed)
        .map_err(|errno| Trouble::Refused("mmap of the record", errno))?;
    let fill = fill(&script.acts);
    let named = script.ops().any(|op| {
        matches!(
            op,
            Op::Create {
                kind: FileKind::Named,
                ..
            }
        )
    });
    // Dropped after the holder is reaped, and with it the directory goes.
    let guardian = named.then(|| Guardian::watch(options, script.acts.len())).transpose();
    let guardian = guardian.map_err(|errno| Trouble::Refused("a directory in TMPDIR", errno))?;
    let names = guardian.as_ref().map(|guardian| &guardian.names);
    let mut holder = Holder::new(&record, options, &fill, names, &script.acts);
    let child = fork_holder(&record, options, || holder.run(&script.acts))?;
    let status = wait(child, options, interrupts)?;
    verdict(&record, status, options, interrupts)?;
    Ok(decode(&record, script, options))
}

/// Fork a holder, whose whole life this is; it allocates nothing.
pub(super) fn fork_holder(
    record: &Shared,
    options: &Options,
    life: impl FnOnce() -> Result<(), GaveUp>,
) -> Result<Pid, Trouble> {
    let mut stack = Box::new_uninit_slice(STACK);
    let parent = getpid();
    // SAFETY: this process has one thread, so the child may go on as an ordinary program; it ends in _exit.
    match unsafe { fork() }.map_err(|errno| Trouble::Refused("fork", errno))? {
        ForkResult::Child => {
            let code = match prologue(record, parent, &mut stack, options) {
                Ok(()) => life().is_err().into(),
                Err(errno) => {
                    record.head().trouble.a.store(errno as i64, Relaxed);
                    record.head().trouble.kind.store(trouble::REFUSED, Relaxed);
                    1
                }
            };
            record.head().op.store(u32::MAX, Relaxed);
            record.note(libc::SYS_exit_group as u32, asked::NO, 0, [code as u64, 0, 0, 0, 0, 0]);
            // SAFETY: _exit runs nothing of ours: no destructor, no buffer is written twice.
            unsafe { libc::_exit(code) }
        }
        ForkResult::Parent { child } => Ok(child),
    }
}

/// Wait for the holder, the deadline, or an interruption; whichever it is, the holder is gone afterwards.
pub(super) fn wait(child: Pid, options: &Options, interrupts: &Interrupts) -> Result<WaitStatus, Trouble> {
    let [status] = wait_all([child], options, interrupts, &mut || {})?;
    Ok(status)
}

/// How often somebody who waits long is told that the children are still at work.
const TICK: Duration = Duration::from_millis(100);

/// Wait for all of them, with `tick` called now and then; whatever comes of it, none is left.
pub(super) fn wait_all<const N: usize>(
    children: [Pid; N],
    options: &Options,
    interrupts: &Interrupts,
    tick: &mut dyn FnMut(),
) -> Result<[WaitStatus; N], Trouble> {
    let mut ends = [None; N];
    let end = Instant::now() + options.timeout;
    for (n, child) in children.iter().enumerate() {
        match wait_one(*child, end, options, interrupts, tick) {
            Ok(status) => ends[n] = Some(status),
            Err(trouble) => {
                // The number of one that is reaped may be somebody else's by now.
                for (child, _) in children.iter().zip(&ends).filter(|(_, ended)| ended.is_none()) {
                    let _ = kill(*child, Signal::SIGKILL); // it may have ended by itself; reaping is what matters
                    let _ = waitpid(*child, None);
                }
                return Err(trouble);
            }
        }
    }
    Ok(ends.map(|status| status.unwrap_or(WaitStatus::StillAlive)))
}

fn wait_one(
    child: Pid,
    end: Instant,
    options: &Options,
    interrupts: &Interrupts,
    tick: &mut dyn FnMut(),
) -> Result<WaitStatus, Trouble> {
    let pidfd = pidfd_open(child).map_err(|errno| Trouble::Refused("pidfd_open", errno))?;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Trouble::Timeout(options.timeout));
        }
        // at least a millisecond, or the last part of one would be spent polling
        let pause = left.min(TICK).max(Duration::from_millis(1));
        let pause = PollTimeout::try_from(pause).unwrap_or(PollTimeout::MAX);
        let mut fds = [
            PollFd::new(pidfd.as_fd(), PollFlags::POLLIN),
            PollFd::new(interrupts.0.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, pause) {
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(Trouble::Refused("poll", errno)),
            Ok(0) => tick(),
            Ok(_) if fds[1].any() == Some(true) => return Err(Trouble::Interrupted),
            Ok(_) => return waitpid(child, None).map_err(|errno| Trouble::Refused("waitpid", errno)),
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
pub(super) fn verdict(
    record: &Shared,
    status: WaitStatus,
    options: &Options,
    interrupts: &Interrupts,
) -> Result<(), Trouble> {
    let found = &record.head().trouble;
    let (a, b) = (found.a.load(Relaxed), found.b.load(Relaxed));
    match (found.kind.load(Acquire), status) {
        (0, WaitStatus::Exited(_, 0)) => Ok(()),
        // Ctrl-C goes to the whole foreground group; the holder may have died of it before the parent heard.
        (0, WaitStatus::Signaled(_, Signal::SIGINT | Signal::SIGTERM, _)) if interrupts.arrived(50) => {
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
        (trouble::LOST, _) => Err(Trouble::Lost(crate::op::proc_name(a as usize))),
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

/// Does every operation keep to the areas, the holes around them, and what the script has opened? What the unsafe blocks of
/// `holder` rest on: no Rust object lies there, and no closed descriptor is borrowed.
pub(super) fn stays_inside(acts: &[Act], page: u64) -> bool {
    let reach = HOLE_PAGES.saturating_mul(page);
    let lengths = areas(acts, page);
    let inside = |at: Place, len: u64| {
        let Some(end) = lengths.get(at.area).map(|length| length.saturating_add(2 * reach)) else {
            return false;
        };
        let from = at.at.checked_add_unsigned(reach).filter(|from| *from >= 0);
        from.is_some_and(|from| (from as u64).saturating_add(len) <= end)
    };
    // A mapping too long for any area is refused by the kernel, unless it is told to replace what is there.
    let maps = |at: Place, len: u64, fixed: bool| inside(at, len) || len >= super::LONGEST && !fixed && inside(at, 0);
    let mut opened = 0;
    let mut closed = Vec::new();
    let mut processes = 1;
    acts.iter().all(|act| {
        let is_open = |file: usize| file < opened && !closed.contains(&(act.by, file));
        act.by < processes
            && match act.op {
                // A load there changes nothing.
                Op::Touch { at, access } if at.area == NOWHERE => {
                    !access.is_store() && WILD.iter().any(|(_, address)| *address == at.at as u64)
                }
                Op::Touch { at, access } => inside(at, access.width()),
                Op::Map { at, mapping } => {
                    let known = match mapping.source {
                        crate::op::Source::File(file) => file < opened,
                        _ => true,
                    };
                    known && maps(at, mapping.len, mapping.flags.fixed)
                }
                Op::Unmap { at, len }
                | Op::Protect { at, len, .. }
                | Op::Advise { at, len, .. }
                | Op::Lock { at, len }
                | Op::Unlock { at, len }
                | Op::Mseal { at, len }
                | Op::Userfaultfd { at, len }
                | Op::Sync { at, len } => inside(at, len),
                Op::Remap { at, len, new, to, .. } => inside(at, len) && inside(to.unwrap_or(at), new),
                Op::Ask(Quantity::Resident(at, len) | Quantity::Present(at, len) | Quantity::Vmas(at, len)) => {
                    inside(at, len)
                }
                Op::Ask(Quantity::Size(file) | Quantity::Blocks(file)) => is_open(file),
                Op::Send { file, from, len, .. } => is_open(file) && inside(from, len),
                Op::Receive { file, to, len, .. } => is_open(file) && inside(to, len),
                Op::Create { file, .. } => {
                    opened += 1;
                    file + 1 == opened
                }
                Op::Reopen { file, of, .. } => {
                    let known = is_open(of);
                    opened += 1;
                    known && file + 1 == opened
                }
                Op::OpenName { file, name } => {
                    let known = name < opened;
                    opened += 1;
                    known && file + 1 == opened
                }
                Op::Unlink { name } => name < opened,
                Op::Rename { from, to } => from < opened && to < opened,
                Op::Close { file } => {
                    let known = is_open(file);
                    closed.push((act.by, file));
                    known
                }
                Op::Fork { child } => {
                    let inherits: Vec<_> = closed
                        .iter()
                        .filter(|(by, _)| *by == act.by)
                        .map(|(_, file)| (child, *file))
                        .collect();
                    closed.extend(inherits);
                    processes += 1;
                    child + 1 == processes && processes <= PROC_LIMIT
                }
                Op::Copy { from, to, len } | Op::Library { from, to, len, .. } => inside(from, len) && inside(to, len),
                Op::Write { file, .. }
                | Op::Truncate { file, .. }
                | Op::Allocate { file, .. }
                | Op::Seal { file, .. }
                | Op::Read { file, .. } => is_open(file),
                Op::OnFault(crate::op::OnFault::Grow { file, .. }) => is_open(file),
                // Eight bytes at a multiple of eight: an atomic addition must not cross a word.
                Op::Race { at, .. } => inside(at, crate::op::WIDE) && at.at.rem_euclid(8) == 0,
                Op::OnFault(_) | Op::Raise(_) | Op::Ask(_) | Op::Limit(..) | Op::Mount { .. } => true,
            }
    })
}

/// Room in the record: a faulting touch with its witness notes 16 things, one that loops more; processes take turns; and a
/// file may try every name that it has.
fn capacity(acts: &[Act], page: u64) -> usize {
    let more = |act: &Act| match act.op {
        Op::Write { len, .. } => 2 * (len / LONGEST_WRITE) as usize,
        Op::Ask(_) => 64,
        Op::Fork { .. } => 16,
        Op::Create { .. } => SpareName::COUNT as usize,
        _ => 0,
    };
    // A witness registers again what its parent has registered, and asks for its pages one by one.
    let anew = |act: &Act| match act.op {
        Op::Userfaultfd { len, .. } => 8 + 3 * (len / page).min(64) as usize,
        _ => 0,
    };
    let each = 40 + acts.iter().map(anew).sum::<usize>();
    64 + acts.iter().map(|act| each + more(act)).sum::<usize>()
}

/// The rows that the script writes, made before the fork.
pub(super) fn fill<'a>(acts: impl IntoIterator<Item = &'a Act>) -> Vec<(u8, Vec<u8>)> {
    let mut rows: Vec<(u8, Vec<u8>)> = Vec::new();
    for act in acts {
        if let Op::Write { len, byte, .. } = act.op {
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
