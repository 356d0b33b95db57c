//! Many scripts in one holder, for what asks the kernel by the million: no trace, no witness but for one fault in a
//! thousand. The holder runs while the parent does something else; `finish` waits for it.

use std::sync::atomic::Ordering::Relaxed;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::decode::answers;
use super::holder::Holder;
use super::parent::{fill, fork_holder, stays_inside, verdict, wait};
use super::record::Shared;
use super::{Interrupts, Options, Trouble};
use crate::op::{Act, FileKind, Op, Outcome, Script};

/// A holder that is at work on many scripts.
#[derive(Debug)]
pub struct Batch {
    record: Shared,
    /// none once it has been reaped
    child: Option<Pid>,
    /// operations of each script
    lengths: Vec<usize>,
    options: Options,
}

/// Why a batch has no answers, and the script at which it stopped.
#[derive(Debug)]
pub struct Stopped {
    /// why
    pub trouble: Trouble,
    /// the script, counted from the batch's first
    pub script: usize,
}

impl Batch {
    /// Set a holder to work. `survived` faults were seen before, in other batches. This process must have one thread.
    ///
    /// # Errors
    ///
    /// What the machine refused; or a script that needs a holder of its own.
    pub fn start(scripts: &[&Script], options: &Options, survived: u32) -> Result<Batch, Trouble> {
        let acts = || scripts.iter().flat_map(|script| &script.acts);
        let fits = |script: &&Script| stays_inside(&script.acts, options.page);
        if !scripts.iter().all(fits) || acts().any(needs_its_own) {
            return Err(Trouble::Bug("a script of many reaches what is not the experiment's"));
        }
        // Answers, and what is noted on the way out.
        let capacity = acts().count() + 16;
        let record = Shared::new(capacity).map_err(|errno| Trouble::Refused("mmap of the record", errno))?;
        record.head().quiet.store(1, Relaxed);
        record.head().survived.store(survived, Relaxed);
        let fill = fill(acts());
        let longest = scripts.iter().max_by_key(|script| script.acts.len());
        let longest = longest.map_or(&[][..], |script| &script.acts);
        let mut options = options.clone();
        options.witnesses = false;
        let mut holder = Holder::new(&record, &options, &fill, None, longest);
        let child = fork_holder(&record, &options, || holder.run_all(scripts))?;
        drop(holder);
        Ok(Batch {
            record,
            child: Some(child),
            lengths: scripts.iter().map(|script| script.acts.len()).collect(),
            options,
        })
    }

    /// Wait for it: one row of outcomes for each script.
    ///
    /// # Errors
    ///
    /// The holder did not come to its end; the script it was at is told.
    pub fn finish(mut self, interrupts: &Interrupts) -> Result<Vec<Vec<Outcome>>, Stopped> {
        let waited = match self.child.take() {
            Some(child) => wait(child, &self.options, interrupts),
            None => Err(Trouble::Bug("a batch is waited for once")),
        };
        let ended = waited.and_then(|status| verdict(&self.record, status, &self.options, interrupts));
        ended.map_err(|trouble| self.stopped(trouble))?;
        let mut all = answers(&self.record, self.lengths.iter().sum(), &self.options).into_iter();
        let mut outcomes = Vec::with_capacity(self.lengths.len());
        for length in &self.lengths {
            let row: Option<Vec<_>> = (&mut all)
                .take(*length)
                .map(|answer| answer.map(|seen| seen.outcome))
                .collect();
            let row = row.ok_or_else(|| self.stopped(Trouble::Bug("an operation has no answer")))?;
            outcomes.push(row);
        }
        Ok(outcomes)
    }

    /// The last script of which an operation began.
    fn stopped(&self, trouble: Trouble) -> Stopped {
        let answered = self.record.entries().len();
        let mut before = 0;
        let script = self.lengths.iter().position(|length| {
            before += length;
            before > answered
        });
        let script = script.unwrap_or_default();
        Stopped { trouble, script }
    }
}

/// Whoever gives up leaves no holder behind.
impl Drop for Batch {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            let _ = kill(child, Signal::SIGKILL); // it may have ended by itself; reaping is what matters
            let _ = waitpid(child, None);
        }
    }
}

/// What a holder cannot take back, or what needs a directory.
pub(super) fn needs_its_own(act: &Act) -> bool {
    match act.op {
        Op::Limit(..) | Op::Mount { .. } | Op::Mseal { .. } | Op::Userfaultfd { .. } => true,
        Op::Create { kind, .. } => kind == FileKind::Named,
        _ => false,
    }
}
