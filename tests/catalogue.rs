//! A table of what Linux is known to do at the edges of mappings: each row names its case and says every answer, from manual
//! pages and measurements. Kernel (on TMPDIR and on /dev/shm) and model are both held to it, and to nothing that they said
//! before. It has a `main` of its own, for a holder must be forked from a process of one thread; what cannot run here is
//! counted as ignored, with its reason.

#[path = "catalogue/rows.rs"]
mod rows;

use std::path::Path;
use std::process::ExitCode;

use mmap_lab::kernel::{self, Interrupts, Options};
use mmap_lab::model::Model;
use mmap_lab::op::{
    Access, Act, Advice, Fault, FileId, FileKind, Mapping, Op, Outcome, Place, Prot, Quantity, Script, Share, Signal,
    Source, World,
};
use mmap_lab::world;

/// What a row says of one operation.
#[derive(Clone, Copy, Debug)]
enum Is {
    /// The call succeeds; the store raises nothing.
    Ok,
    Byte(u8),
    /// A read of the file finds its end.
    End,
    /// SIGBUS, BUS_ADRERR, at the byte touched.
    Bus,
    /// SIGBUS, BUS_ADRERR, at this byte of a wide access.
    BusAt(u64),
    /// SIGSEGV, SEGV_MAPERR, at the byte touched.
    Maperr,
    /// SIGSEGV, SEGV_ACCERR, at the byte touched.
    Accerr,
    Errno(i32),
    /// SIGSEGV, SEGV_PKUERR, at the byte touched.
    Pkuerr,
    /// A number between these, both included.
    Count(u64, u64),
    Elsewhere,
    /// SIGBUS kills, whatever was arranged.
    Killed,
    /// SIGSEGV does.
    KilledSegv,
    Loops,
}

impl Is {
    fn met(self, outcome: Outcome, touched: Place) -> bool {
        let fault = |signal, si_code| {
            outcome
                == Outcome::Fault(Fault {
                    signal,
                    si_code,
                    at: touched,
                })
        };
        match self {
            Is::Ok => matches!(outcome, Outcome::Done | Outcome::Stored),
            Is::Byte(value) => outcome == Outcome::Byte(value),
            Is::End => outcome == Outcome::End,
            Is::Bus => fault(Signal::Sigbus, 2),
            Is::BusAt(at) => {
                outcome
                    == Outcome::Fault(Fault {
                        signal: Signal::Sigbus,
                        si_code: 2,
                        at: touched.area_at(at as i64),
                    })
            }
            Is::Maperr => fault(Signal::Sigsegv, 1),
            Is::Accerr => fault(Signal::Sigsegv, 2),
            Is::Pkuerr => fault(Signal::Sigsegv, 4),
            Is::Errno(number) => outcome == Outcome::Errno(number),
            Is::Count(least, most) => match outcome {
                Outcome::Count(n) => (least..=most).contains(&n),
                Outcome::Within(from, to) => least <= to && from <= most,
                _ => false,
            },
            Is::Elsewhere => outcome == Outcome::Elsewhere,
            Is::Killed => outcome == Outcome::Killed(Signal::Sigbus),
            Is::KilledSegv => outcome == Outcome::Killed(Signal::Sigsegv),
            Is::Loops => outcome == Outcome::Loops,
        }
    }
}

/// A case: its name in the catalogue, its operations, and what each comes to.
struct Row {
    id: &'static str,
    acts: Vec<Act>,
    says: Vec<Is>,
    by: usize,
    not_here: Option<&'static str>,
}

fn row(id: &'static str) -> Row {
    Row {
        id,
        acts: Vec::new(),
        says: Vec::new(),
        by: 0,
        not_here: None,
    }
}

impl Row {
    fn op(mut self, op: Op, is: Is) -> Row {
        self.acts.push(Act { by: self.by, op });
        self.says.push(is);
        self
    }

    /// Who does what follows.
    fn by(mut self, process: usize) -> Row {
        self.by = process;
        self
    }

    /// It needs something that is not here.
    fn unless(mut self, missing: bool, why: &'static str) -> Row {
        self.not_here = self.not_here.or(missing.then_some(why));
        self
    }

    fn kind(self, file: FileId, kind: FileKind) -> Row {
        self.op(Op::Create { file, kind }, Is::Ok)
    }

    /// File 0, so large and full of `A`.
    fn file(self, size: u64) -> Row {
        let row = self.kind(0, FileKind::Regular);
        if size == 0 {
            row
        } else {
            row.op(
                Op::Write {
                    file: 0,
                    at: 0,
                    len: size,
                    byte: b'A',
                },
                Is::Ok,
            )
        }
    }

    fn size(self, size: u64) -> Row {
        self.op(Op::Truncate { file: 0, size }, Is::Ok)
    }

    /// Any mmap(2), at a place.
    fn mmap(self, at: i64, mapping: Mapping, is: Is) -> Row {
        self.op(Op::Map { at: at.into(), mapping }, is)
    }

    fn shared(self, len: u64) -> Row {
        self.mmap(0, of(0, len, Prot::READ_WRITE, Share::Shared), Is::Ok)
    }

    fn private(self, len: u64) -> Row {
        self.mmap(0, of(0, len, Prot::READ_WRITE, Share::Private), Is::Ok)
    }

    fn anonymous(self, len: u64) -> Row {
        self.mmap(0, anonymous(len, Share::Private), Is::Ok)
    }

    fn load(self, at: u64, is: Is) -> Row {
        self.op(
            Op::Touch {
                at: (at as i64).into(),
                access: Access::Load,
            },
            is,
        )
    }

    fn store(self, at: u64, is: Is) -> Row {
        self.op(
            Op::Touch {
                at: (at as i64).into(),
                access: Access::Store(b'Z'),
            },
            is,
        )
    }

    fn read(self, at: u64, is: Is) -> Row {
        self.op(Op::Read { file: 0, at }, is)
    }

    fn protect(self, at: u64, len: u64, prot: Prot, is: Is) -> Row {
        self.op(
            Op::Protect {
                at: (at as i64).into(),
                len,
                prot,
            },
            is,
        )
    }

    fn unmap(self, at: u64, len: u64, is: Is) -> Row {
        self.op(
            Op::Unmap {
                at: (at as i64).into(),
                len,
            },
            is,
        )
    }

    fn advise(self, at: u64, len: u64, advice: Advice, is: Is) -> Row {
        self.op(
            Op::Advise {
                at: (at as i64).into(),
                len,
                advice,
            },
            is,
        )
    }

    fn sync(self, at: u64, len: u64, is: Is) -> Row {
        self.op(
            Op::Sync {
                at: (at as i64).into(),
                len,
            },
            is,
        )
    }

    fn lock(self, at: u64, len: u64, is: Is) -> Row {
        self.op(
            Op::Lock {
                at: (at as i64).into(),
                len,
            },
            is,
        )
    }

    fn remap(self, at: u64, len: u64, new: u64, to: Option<i64>, is: Is) -> Row {
        self.op(
            Op::Remap {
                at: (at as i64).into(),
                len,
                new,
                to: to.map(Place::base),
                keep: false,
            },
            is,
        )
    }

    fn ask(self, what: Quantity, is: Is) -> Row {
        self.op(Op::Ask(what), is)
    }
}

fn of(file: FileId, len: u64, prot: Prot, share: Share) -> Mapping {
    Mapping::of(file, 0, len, prot, share)
}

fn anonymous(len: u64, share: Share) -> Mapping {
    Mapping {
        source: Source::Anonymous,
        ..of(0, len, Prot::READ_WRITE, share)
    }
}

/// Hold one voice to a row.
fn held(voice: &str, row: &Row, index: usize, outcome: Outcome) -> Result<(), String> {
    let op = row.acts[index].op;
    let touched = if let Op::Touch { at, .. } = op {
        at
    } else {
        Place::base(0)
    };
    if row.says[index].met(outcome, touched) {
        return Ok(());
    }
    Err(format!(
        "operation {index} {op:?}: the table says {:?}, the {voice} {outcome:?}",
        row.says[index]
    ))
}

fn run(row: &Row, world: &World, options: &Options, interrupts: &Interrupts) -> Result<(), String> {
    let script = Script { acts: row.acts.clone() };
    let seen = kernel::run(&script, options, interrupts).map_err(|trouble| trouble.to_string())?;
    let mut wrong = Vec::new();
    for (index, ruled) in Model::answer(world, &script).iter().enumerate() {
        match &seen.answers[index] {
            Some(answer) => wrong.extend(held("kernel", row, index, answer.outcome).err()),
            None => wrong.push(format!("operation {index} never ran")),
        }
        // Where the model leaves several answers open, the table's must be one of them.
        let model = ruled.possible.iter().map(|outcome| held("model", row, index, *outcome));
        if let Some(Err(why)) = model.reduce(Result::or) {
            wrong.push(format!("{why}: {}", ruled.reason.why()));
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n  "))
    }
}

fn everywhere(dir: &Path, interrupts: &Interrupts) -> [usize; 3] {
    let here = world::detect(dir).expect("a directory for files under test");
    let mut options = Options::new(here.world.page, dir).expect("a name without NUL");
    options.witnesses = false; // they have tests of their own
    let mut counts = [0; 3];
    for row in rows::all(&here.world) {
        let (id, place) = (row.id, here.world.filesystem.name());
        let (count, word) = match row.not_here {
            Some(why) => (2, format!("ignored, {why}")),
            None => match run(&row, &here.world, &options, interrupts) {
                Ok(()) => (0, "ok".to_owned()),
                Err(why) => (1, format!("FAILED\n  {why}")),
            },
        };
        counts[count] += 1;
        println!("test {id} on {place} ... {word}");
    }
    counts
}

fn main() -> ExitCode {
    let interrupts = Interrupts::catch().expect("signal-hook");
    let dirs = [world::directory(), "/dev/shm".into()];
    let mut counts = [0; 3];
    for dir in dirs {
        for (sum, more) in counts.iter_mut().zip(everywhere(&dir, &interrupts)) {
            *sum += more;
        }
    }
    let [passed, failed, ignored] = counts;
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!("test result: {word}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; 0 filtered out");
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
