//! The model: a pure reference model of what Linux does with mapped memory. A state machine over objects (files and their
//! page caches), descriptors, and one address space of VMAs for each process; every answer is derived from that state by a
//! rule and carries its reason. It may not know std::io, the clock, the machine's page size or what a scenario expects:
//! `core` and `alloc` suffice.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use crate::op::{Access, Arch, Fault, FileId, OnFault, Op, Outcome, Place, ProcId, Script, Sending, Signal, World};

mod advise;
mod because;
mod cached;
mod copy;
mod errno;
mod file;
mod files;
mod library;
mod map;
mod memory;
mod object;
mod process;
mod race;
mod reads;
mod remap;
mod room;
mod rule;
mod runs;
mod seal;
mod space;
mod touch;
mod zones;

pub use because::Because;
use object::{Descriptor, Object, ObjectId};
use process::Process;
pub use rule::{Reason, Rule};
use runs::{Held, Runs};

/// SEGV_MAPERR: no VMA covers the address. sigaction(2).
const MAPERR: i32 = 1;
/// SI_KERNEL: the kernel cannot say what was wrong
const SI_KERNEL: i32 = 128;
/// SEGV_ACCERR: a VMA covers it and forbids the access. sigaction(2).
const ACCERR: i32 = 2;
/// SEGV_PKUERR: a protection key forbids the access. sigaction(2), pkeys(7).
const PKUERR: i32 = 4;
/// BUS_ADRERR: the VMA's file has no page there. sigaction(2), mmap(2) SIGBUS.
const ADRERR: i32 = 2;

/// The model's answer to one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// Every outcome that the rules leave open; one where they are certain.
    pub possible: Vec<Outcome>,
    /// Why.
    pub reason: Reason,
}

impl Ruled {
    fn certain(outcome: Outcome, reason: Reason) -> Ruled {
        Ruled {
            possible: vec![outcome],
            reason,
        }
    }

    fn refused(errno: i32, because: Because) -> Ruled {
        Ruled::certain(Outcome::Errno(errno), Reason::Refused { errno, because })
    }

    fn done(reason: Reason) -> Ruled {
        Ruled::certain(Outcome::Done, reason)
    }

    fn count(least: u64, most: u64, reason: Reason) -> Ruled {
        let outcome = if least == most {
            Outcome::Count(least)
        } else {
            Outcome::Within(least, most)
        };
        Ruled::certain(outcome, reason)
    }

    /// The same, with what a fault comes to instead of itself, and why.
    fn bad_becomes(mut self, instead: impl Fn(Fault) -> (Outcome, Reason)) -> Ruled {
        for outcome in &mut self.possible {
            if let Outcome::Fault(fault) = *outcome {
                (*outcome, self.reason) = instead(fault);
            }
        }
        self
    }

    /// Do the rules leave this open?
    pub fn allows(&self, outcome: Outcome) -> bool {
        self.possible.iter().any(|foretold| outcome.is_within(*foretold))
    }
}

/// What a rule that refuses gives: an errno and its reason.
struct Refusal(i32, Because);

impl From<Refusal> for Ruled {
    fn from(refusal: Refusal) -> Ruled {
        Ruled::refused(refusal.0, refusal.1)
    }
}

/// The answer of a call that is refused, or goes through.
fn call(result: Result<Ruled, Refusal>) -> Ruled {
    result.unwrap_or_else(Ruled::from)
}

/// A tmpfs of the script's own.
#[derive(Clone, Copy, Debug)]
struct Mounted {
    /// how many pages it holds
    pages: u64,
    /// huge=always
    huge: bool,
}

/// The machine's memory and files, as far as one script can tell.
#[derive(Clone, Debug)]
pub struct Model {
    world: World,
    objects: Vec<Object>,
    /// a call that was refused has opened none
    descriptors: BTreeMap<FileId, Descriptor>,
    processes: Vec<Process>,
    /// what stands under the name that a file was created with
    names: BTreeMap<FileId, ObjectId>,
    /// the script's own tmpfs, once it has one
    mounts: Vec<Mounted>,
    shrunk: bool,
    /// how many anon_vmas there have been
    anons: usize,
}

/// Whoever sends a signal says how in si_code, never with a number above 0. sigaction(2).
fn fault_sent(how: Sending) -> Ruled {
    let fault = Fault {
        signal: Signal::Sigbus,
        si_code: how.si_code(),
        at: Place::nowhere(0),
    };
    Ruled::certain(Outcome::Fault(fault), Reason::Sent)
}

/// How far below the stack pointer a signal's frame begins: behind what the ABI lets a leaf function use, and at the next
/// border that its registers are saved at (arch/x86/kernel/fpu/signal.c, fpu__alloc_mathframe; arch/arm64/kernel/signal.c,
/// get_sigframe).
fn frame_begins(arch: Arch) -> (i64, i64) {
    match arch {
        Arch::X86_64 => (128 + 1, 128 + 64),
        Arch::Aarch64 => (1, 16),
    }
}

/// A depth that it does not reach, with all the vector registers of today.
const LARGEST_FRAME: i64 = 16 << 10;

impl Model {
    /// A machine on which nothing has happened yet, with process A.
    pub fn new(world: &World) -> Model {
        let mut first = Process::default();
        for space in &mut first.spaces {
            space.shy = world.kernel < (6, 16, 0);
        }
        Model {
            world: world.clone(),
            objects: Vec::new(),
            descriptors: BTreeMap::new(),
            processes: vec![first],
            names: BTreeMap::new(),
            mounts: Vec::new(),
            shrunk: false,
            anons: 0,
        }
    }

    /// The answers to a whole script, one for each operation.
    pub fn answer(world: &World, script: &Script) -> Vec<Ruled> {
        let mut model = Model::new(world);
        script.acts.iter().map(|act| model.apply(act.by, &act.op)).collect()
    }

    /// Has a file been made smaller yet?
    pub fn has_shrunk(&self) -> bool {
        self.shrunk
    }

    /// A file's size in bytes, whoever may still hold a descriptor of it.
    pub fn size(&self, file: FileId) -> u64 {
        let descriptor = self.descriptors.get(&file);
        descriptor.map_or(0, |descriptor| self.object(descriptor.object).file.size())
    }

    /// Does a mapping of this process show, in the page of this byte, any of these bytes of a descriptor's object?
    pub fn lies_behind(&self, by: ProcId, at: Place, file: FileId, bytes: core::ops::Range<u64>) -> bool {
        let descriptor = self.descriptors.get(&file);
        let Some(vma) = self.processes[by].spaces[at.area].find(at.at) else {
            return false;
        };
        let page = self.page();
        let first = vma.place(at.at) / page * page;
        let shows = first < bytes.end && bytes.start < first + page;
        shows && vma.object.is_some() && vma.object == descriptor.map(|descriptor| descriptor.object)
    }

    /// Does this process have a private copy of the page of this byte?
    pub fn has_copy(&self, by: ProcId, at: Place) -> bool {
        let page = self.page_of(at.at);
        let space = &self.processes[by].spaces[at.area];
        space.find(at.at).is_some_and(|vma| vma.object.is_some()) && space.copies.contains_key(&page)
    }

    /// Carry out one operation of a process and say what it comes to.
    pub fn apply(&mut self, by: ProcId, op: &Op) -> Ruled {
        match *op {
            Op::Create { file, kind } => self.create(by, file, kind),
            Op::Reopen { file, of, rights } => call(self.reopen(by, file, of, rights)),
            Op::OpenName { file, name } => call(self.open_name(by, file, name)),
            Op::Unlink { name } => call(self.unlink(name)),
            Op::Rename { from, to } => call(self.rename(from, to)),
            Op::Close { file } => self.close(by, file),
            Op::Write { file, at, len, byte } => call(self.write(by, file, at, len, byte)),
            Op::Truncate { file, size } => call(self.truncate(by, file, size)),
            Op::Allocate { file, mode, at, len } => call(self.allocate(by, file, mode, at, len)),
            Op::Seal { file, seals } => call(self.seal(by, file, seals)),
            Op::Read { file, at } => call(self.read(by, file, at)),
            Op::Send { file, at, from, len } => call(self.send(by, file, at, from, len)),
            Op::Receive { file, at, to, len } => call(self.receive(by, file, at, to, len)),
            Op::Map { at, mapping } => call(self.map(by, at, &mapping)),
            Op::Unmap { at, len } => call(self.unmap(by, at, len)),
            Op::Protect { at, len, prot } => call(self.protect(by, at, len, prot)),
            Op::Remap { at, len, new, to, keep } => call(self.remap(by, at, len, new, to, keep)),
            Op::Advise { at, len, advice } => call(self.advise(by, at, len, advice)),
            Op::Sync { at, len } => call(self.sync(by, at, len)),
            Op::Lock { at, len } => call(self.lock(by, at, len)),
            Op::Unlock { at, len } => call(self.unlock(by, at, len)),
            Op::Mseal { at, len } => call(self.mseal(by, at, len)),
            Op::Userfaultfd { at, len } => call(self.userfaultfd(by, at, len)),
            Op::Touch { at, access } => self.touch_handled(by, at, access),
            Op::Copy { from, to, len } => self.copy(by, from, to, len),
            Op::Library { routine, from, to, len } => self.library(by, routine, from, to, len),
            Op::Ask(quantity) => call(self.ask(by, quantity)),
            Op::Race { at, times, atomic } => self.race(by, at, times, atomic),
            Op::Mount { bytes, huge } => {
                let pages = bytes / self.page();
                self.mounts.push(Mounted { pages, huge });
                self.processes[by].mount = Some(self.mounts.len() - 1);
                Ruled::done(Reason::Call)
            }
            Op::Raise(how) => fault_sent(how),
            Op::Fork { child } => self.fork(by, child),
            Op::OnFault(what) => {
                self.processes[by].on_fault = what;
                Ruled::done(Reason::Call)
            }
            Op::Limit(limit, value) => {
                let may_raise = self.world.may_raise;
                call(self.processes[by].limit(limit, value, may_raise))
            }
        }
    }

    /// A touch, and what the process has arranged for a fault. sigaction(2): an ignored or blocked SIGBUS or SIGSEGV that
    /// a fault raises kills all the same (kernel/signal.c, force_sig_info_to_task).
    fn touch_handled(&mut self, by: ProcId, at: Place, access: Access) -> Ruled {
        let ruled = self.attempt(by, at, access);
        match (self.processes[by].on_fault, &ruled.possible[..]) {
            (OnFault::Ignore | OnFault::Block, _) => ruled.bad_becomes(|fault| {
                let signal = fault.signal;
                (Outcome::Killed(signal), Reason::Forced { signal })
            }),
            (OnFault::Return, _) => ruled.bad_becomes(|_| (Outcome::Loops, Reason::Loops)),
            (OnFault::OwnStack, [Outcome::Fault(fault)]) => self.on_own_stack(by, fault.at),
            (OnFault::Grow { file, size }, [Outcome::Fault(fault)]) => {
                let _ = self.truncate(by, file, size); // refused, it has repaired nothing
                self.again(by, at, access, fault.at)
            }
            (OnFault::Cover, [Outcome::Fault(fault)]) => {
                self.cover(by, fault.at);
                self.again(by, at, access, fault.at)
            }
            _ => ruled,
        }
    }

    /// A signal's frame goes below the stack pointer, which is where the access was. Where it has no room the kernel kills
    /// with SIGSEGV, whatever the fault was (kernel/signal.c, signal_setup_done).
    fn on_own_stack(&mut self, by: ProcId, at: Place) -> Ruled {
        let bad = |below: i64| {
            let ruled = self.clone().touch(by, at.plus(-below), Access::Store(0));
            matches!(ruled.possible[..], [Outcome::Fault(_)])
        };
        let killed = Outcome::Killed(Signal::Sigsegv);
        let (highest, lowest) = frame_begins(self.world.arch);
        let mut pages = (highest..LARGEST_FRAME)
            .step_by(self.page() as usize)
            .chain([LARGEST_FRAME]);
        let begins = !bad(lowest);
        let (possible, reason) = if !begins {
            // Wherever it begins, it reaches below that.
            (vec![killed], Reason::NoRoomForFrame)
        } else if pages.any(bad) {
            // How much of its room a frame fills depends on the registers in use.
            (vec![killed, Outcome::Loops], Reason::NoRoomForFrame)
        } else {
            (vec![Outcome::Loops], Reason::Loops)
        };
        // The process that dies of it takes its own memory with it; what it shares has the frame's bytes.
        let first = at.at - LARGEST_FRAME;
        let space = self.processes[by].spaces.get(at.area);
        for vma in space.into_iter().flat_map(|space| space.overlapping(first, at.at)) {
            if let Some(id) = vma.object.filter(|_| vma.shared && vma.prot.write) {
                let (from, to) = (vma.start.max(first), vma.end.min(at.at));
                self.objects[id].file.overwrite(vma.place(from), vma.place(to));
            }
        }
        // The page that its upper end is in, in any case, is the object's from now on, also where it goes to a copy.
        let top = at.at - lowest;
        let vma = space.and_then(|space| space.find(top)).filter(|_| begins);
        if let Some((id, page)) = vma.and_then(|vma| Some((vma.object?, vma.place(top) / self.page()))) {
            self.objects[id].pages.insert(page);
        }
        Ruled { possible, reason }
    }

    fn again(&mut self, by: ProcId, at: Place, access: Access, bad: Place) -> Ruled {
        let mut ruled = self.touch(by, at, access);
        ruled.reason = Reason::Repaired { at: bad.at };
        ruled.bad_becomes(|_| (Outcome::Loops, Reason::Loops))
    }

    fn page(&self) -> u64 {
        self.world.page
    }

    fn page_of(&self, at: i64) -> i64 {
        at.div_euclid(self.page() as i64)
    }

    /// EINVAL for an address inside a page.
    fn aligned(&self, at: Place) -> Result<(), Refusal> {
        if at.at.rem_euclid(self.page() as i64) == 0 {
            Ok(())
        } else {
            Err(Refusal(errno::EINVAL, because::INSIDE_A_PAGE))
        }
    }

    /// The end of a stretch, rounded up to whole pages.
    fn end(&self, at: i64, len: u64) -> i64 {
        let rounded = crate::op::round_up(len, self.page());
        at.saturating_add(i64::try_from(rounded).unwrap_or(i64::MAX))
    }

    fn descriptor(&self, by: ProcId, file: FileId) -> Result<Descriptor, Refusal> {
        let found = self.descriptors.get(&file);
        found
            .filter(|descriptor| descriptor.open[by])
            .copied()
            .ok_or(Refusal(errno::EBADF, because::FD_CLOSED))
    }

    fn object(&self, id: ObjectId) -> &Object {
        &self.objects[id]
    }
}

fn bytes(held: Held) -> Vec<Outcome> {
    match held {
        Held::Sure(value) => vec![Outcome::Byte(value)],
        Held::ZeroOr(value) => vec![Outcome::Byte(0), Outcome::Byte(value)],
        Held::Any => (0..=u8::MAX).map(Outcome::Byte).collect(),
    }
}
