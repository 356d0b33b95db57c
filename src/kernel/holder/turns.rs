//! Several processes, one after another: fork(2) inside a script, and whose turn it is. A process waits on its own
//! eventfd until the one before it has done its part, so that of all processes one acts at a time.
#![allow(unsafe_code)]

use std::sync::atomic::Ordering::{Acquire, Relaxed};

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, getpid, getppid};

use super::{GaveUp, Holder, answer, plain};
use crate::kernel::record::{asked, trouble};
use crate::op::{Act, OnFault, Op, ProcId};

impl Holder<'_> {
    /// An eventfd for each process that could be.
    pub(super) fn make_turns(&mut self) -> Result<(), GaveUp> {
        for turn in 0..self.turns.len() {
            // SAFETY: eventfd takes two integers and touches no memory.
            let fd = Errno::result(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) });
            self.note_as(asked::NO, libc::SYS_eventfd2, [0, 0, 0, 0, 0, 0], fd, i64::from);
            self.turns[turn] = fd.map_err(|errno| self.refused(libc::SYS_eventfd2, errno))?;
        }
        Ok(())
    }

    /// Carry out this process's operations from `first` on, waiting for its turn where another came before.
    pub(super) fn go_on(&mut self, acts: &[Act], first: usize) -> Result<(), GaveUp> {
        let done = self.my_part(acts, first);
        if done.is_err() {
            self.rouse();
        }
        let ended = self.end_children(done.is_ok());
        done.and(ended)
    }

    fn my_part(&mut self, acts: &[Act], first: usize) -> Result<(), GaveUp> {
        for (index, act) in acts.iter().enumerate().skip(first) {
            if act.by != self.me {
                continue;
            }
            if index > 0 && acts[index - 1].by != self.me {
                self.wait_for_turn()?;
            }
            self.record.head().op.store((self.first + index) as u32, Relaxed);
            let answer = match act.op {
                Op::Fork { child } => {
                    let forked = self.fork(child, acts, index + 1)?;
                    plain(answer::DONE, forked)
                }
                _ => self.answer(&act.op)?,
            };
            self.note_answer(answer);
            if self.options.views {
                self.view();
            }
            match acts.get(index + 1) {
                Some(next) if next.by != self.me => self.pass(next.by)?,
                None if self.me != 0 => self.pass(0)?,
                _ => {}
            }
        }
        // Every process lives until the last operation is done: what is shared must not end early.
        if self.me != 0 || acts.last().is_some_and(|last| last.by != 0) {
            self.wait_for_turn()?;
        }
        Ok(())
    }

    /// fork(2). The child makes itself ready before the parent goes on, so that only one of them writes to the record.
    fn fork(&mut self, child: ProcId, acts: &[Act], next: usize) -> Result<u64, GaveUp> {
        let parent = getpid();
        self.note_as(asked::NO, libc::SYS_getpid, [0; 6], Ok(parent.as_raw()), i64::from);
        // SAFETY: this process has one thread; the child allocates nothing and ends in _exit.
        match unsafe { fork() } {
            Err(errno) => Err(self.refused(libc::SYS_clone, errno)),
            Ok(ForkResult::Child) => {
                self.record.head().who.store(child as u32, Relaxed);
                let code = self.live(child, parent, acts, next).is_err().into();
                let args = [code as u64, 0, 0, 0, 0, 0];
                self.record.note(libc::SYS_exit_group as u32, asked::NO, 0, args);
                // SAFETY: _exit runs nothing of ours.
                unsafe { libc::_exit(code) }
            }
            Ok(ForkResult::Parent { child: pid }) => {
                self.children[child] = Some(pid.as_raw());
                for file in self.files.iter_mut().flatten() {
                    file.position = None; // shared with the child from now on
                }
                // Until the child has said that it is ready, it writes to the record: the fork is noted only then.
                let read = self.listen()?;
                let args = [child as u64, 0, 0, 0, 0, 0];
                self.record.note(libc::SYS_clone as u32, asked::YES, child as i64, args);
                self.heard(read)?;
                Ok(0)
            }
        }
    }

    /// The child's whole life.
    fn live(&mut self, me: ProcId, parent: Pid, acts: &[Act], next: usize) -> Result<(), GaveUp> {
        let creator = self.me;
        self.me = me;
        self.children = Default::default();
        self.faults = [0; 2];
        self.kept = [None, None]; // those are its creator's, whoever holds them
        for file in self.files.iter_mut().flatten() {
            file.position = None;
        }
        let bound = prctl::set_pdeathsig(Signal::SIGKILL);
        let args = [libc::PR_SET_PDEATHSIG as u64, Signal::SIGKILL as u64, 0, 0, 0, 0];
        self.note_as(asked::NO, libc::SYS_prctl, args, bound, |()| 0);
        let now = getppid();
        self.note_as(asked::NO, libc::SYS_getppid, [0; 6], Ok(now.as_raw()), i64::from);
        if now != parent {
            return Err(GaveUp); // nobody is left to read this
        }
        let pid = getpid().as_raw();
        self.note_as(asked::NO, libc::SYS_getpid, [0; 6], Ok(pid), i64::from);
        self.record.head().pids[me].store(pid, Relaxed);
        self.pass(creator)?;
        self.go_on(acts, next)
    }

    /// Wait until another process says that it is this one's turn.
    fn wait_for_turn(&self) -> Result<(), GaveUp> {
        let read = self.listen()?;
        self.heard(read)
    }

    /// The read(2) that waits; from its end on this process writes to the record.
    fn listen(&self) -> Result<nix::Result<isize>, GaveUp> {
        let mut one = 0_u64;
        let read = loop {
            // SAFETY: the buffer is eight bytes on this stack.
            let read = unsafe { libc::read(self.turns[self.me], (&raw mut one).cast(), size_of::<u64>()) };
            match Errno::result(read) {
                Err(Errno::EINTR) => {}
                read => break read,
            }
        };
        if self.record.head().trouble.kind.load(Acquire) != 0 {
            return Err(GaveUp); // another process has said why
        }
        self.record.head().who.store(self.me as u32, Relaxed);
        Ok(read)
    }

    fn heard(&self, read: nix::Result<isize>) -> Result<(), GaveUp> {
        self.note_as(
            asked::NO,
            libc::SYS_read,
            [self.me as u64, 0, 0, 0, 0, 0],
            read,
            |count| count as i64,
        );
        read.map(drop).map_err(|errno| self.refused(libc::SYS_read, errno))
    }

    /// Say that it is another's turn. Noted beforehand, for afterwards the other one writes to the record.
    fn pass(&self, to: ProcId) -> Result<(), GaveUp> {
        self.note_as(
            asked::NO,
            libc::SYS_write,
            [u64::MAX, to as u64, 8, 0, 0, 0],
            Ok(8),
            i64::from,
        );
        self.wake(to).map_err(|errno| self.refused(libc::SYS_write, errno))
    }

    fn wake(&self, process: ProcId) -> nix::Result<()> {
        let one = 1_u64;
        // SAFETY: the buffer is eight bytes on this stack.
        Errno::result(unsafe { libc::write(self.turns[process], (&raw const one).cast(), size_of::<u64>()) }).map(drop)
    }

    /// Something went wrong here: whoever waits shall not wait for ever.
    fn rouse(&self) {
        for process in (0..self.turns.len()).filter(|process| *process != self.me && self.turns[*process] >= 0) {
            let _ = self.wake(process); // a deadline ends what cannot be woken
        }
    }

    /// Let the processes forked by this one end, one after another.
    fn end_children(&mut self, well: bool) -> Result<(), GaveUp> {
        let mut ended = Ok(());
        for child in 0..self.children.len() {
            let Some(pid) = self.children[child].take() else {
                continue;
            };
            if well {
                self.pass(child)?;
            } else {
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL); // it may have ended by itself
            }
            let status = waitpid(Pid::from_raw(pid), None);
            self.record.head().who.store(self.me as u32, Relaxed);
            let args = [0, child as u64 + 1, 0, 0, 0, 0];
            self.note_as(asked::NO, libc::SYS_wait4, args, Ok(child as i32), i64::from);
            if well && !matches!(status, Ok(WaitStatus::Exited(_, 0))) {
                ended = Err(self.give_up(trouble::LOST, child as i64, 0));
            }
        }
        ended
    }

    /// What a process does about faults from now on.
    pub(super) fn arrange(&mut self, what: OnFault) -> Result<(), GaveUp> {
        self.on_fault = what;
        Ok(())
    }
}
