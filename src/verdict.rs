//! The comparison: what an author expects, what the model leaves possible and what the kernel was seen to do, and who of
//! the three is the odd one out. It judges outcomes and may not know where an answer came from.

use serde::Serialize;

mod measured;

pub use measured::{Race, Spread};

use crate::op::{AuthorZone, Expected, Outcome, Want};

/// How a scenario, or a probe, came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// author, model and kernel say the same
    Agrees,
    /// one of them does not
    Differs,
    /// it cannot be shown here
    Skipped,
    /// the machine could not do it, or the instrument failed
    Error,
}

/// The odd one out of three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Odd {
    /// model and kernel agree against the scenario file
    Author,
    /// author and kernel agree against the model
    Model,
    /// author and model agree against the kernel
    Kernel,
}

/// A claim's verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClaimVerdict {
    /// every touch in its range agrees with it
    Holds,
    /// a touch contradicts it
    Refuted,
    /// it holds in one case and not in another
    Depends,
    /// nothing in its range was touched
    Skipped,
}

/// One outcome as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// what the operation came to
    pub outcome: Outcome,
    /// beside a load: the byte at that place of the file, none for its end
    pub pread: Option<Option<u8>>,
}

/// Does what was seen meet an author's word? `file` wants the value that pread(2) gives there, and is not met where pread
/// could not tell; `zero` wants a zero that is none of the file's bytes.
pub fn meets(want: Want, seen: Seen) -> bool {
    match (want, seen.outcome) {
        (Want::File, Outcome::Byte(value)) => seen.pread == Some(Some(value)),
        (Want::Zero, Outcome::Byte(0)) => !matches!(seen.pread, Some(Some(_))),
        (Want::Byte(wanted), Outcome::Byte(value)) => wanted == value,
        (Want::Any, Outcome::Byte(_)) => true,
        (Want::Ok, Outcome::Stored | Outcome::Done) | (Want::End, Outcome::End) => true,
        (Want::Signal(signal), Outcome::Fault(fault)) => fault.signal == signal,
        (Want::Fault(signal, code), Outcome::Fault(fault)) => fault.signal == signal && fault.si_code == code,
        (Want::Errno(wanted), Outcome::Errno(errno)) => wanted == errno,
        (Want::Count(least, most), Outcome::Count(count)) => (least..=most).contains(&count),
        (Want::Killed(wanted), Outcome::Killed(signal)) => wanted == signal,
        (Want::Elsewhere, Outcome::Elsewhere) | (Want::Loops, Outcome::Loops) => true,
        _ => false,
    }
}

/// What was foretold of one operation.
#[derive(Clone, Copy, Debug)]
pub struct Foretold<'a> {
    /// every outcome left open
    pub possible: &'a [Outcome],
    /// the word for what answers there, where there is one: `file`, `zero`
    pub word: Option<&'a str>,
}

/// Does what was foretold leave open what an author expects? One who says nothing agrees with everybody.
pub fn leaves_open(expected: Option<&Expected>, foretold: Foretold<'_>) -> bool {
    expected.is_none_or(|wants| wants.iter().any(|want| would_meet(*want, foretold)))
}

/// Would what was foretold meet an author's word?
fn would_meet(want: Want, foretold: Foretold<'_>) -> bool {
    foretold.possible.iter().any(|outcome| match (want, outcome) {
        (Want::File, Outcome::Byte(_)) => foretold.word == Some("file"),
        (Want::Zero, Outcome::Byte(0)) => foretold.word != Some("file"),
        (Want::Signal(signal), Outcome::Among(fault, _)) => fault.signal == signal,
        (Want::Fault(signal, code), Outcome::Among(fault, _)) => fault.signal == signal && fault.si_code == code,
        (Want::Count(least, most), Outcome::Within(from, to)) => least <= *to && *from <= most,
        _ => meets(
            want,
            Seen {
                outcome: *outcome,
                pread: None,
            },
        ),
    })
}

/// Compare the three voices on one probe. An author who says nothing agrees with everybody.
pub fn compare(expected: Option<&Expected>, foretold: Foretold<'_>, seen: Seen) -> (Verdict, Option<Odd>) {
    let any = |judge: &dyn Fn(Want) -> bool| expected.is_none_or(|wants| wants.iter().any(|want| judge(*want)));
    let author = any(&|want| meets(want, seen));
    let model = foretold.possible.iter().any(|outcome| seen.outcome.is_within(*outcome));
    match (author, model) {
        (true, true) => (Verdict::Agrees, None),
        (false, true) => (Verdict::Differs, Some(Odd::Author)),
        (true, false) if expected.is_some() => (Verdict::Differs, Some(Odd::Model)),
        // Nobody but the model has spoken for or against the kernel: which of the two is odd cannot be told.
        (true, false) => (Verdict::Differs, None),
        (false, false) => (
            Verdict::Differs,
            any(&|want| would_meet(want, foretold)).then_some(Odd::Kernel),
        ),
    }
}

/// One touch that a claim may speak of.
#[derive(Clone, Copy, Debug)]
pub struct Touched {
    /// its index among the probes
    pub probe: usize,
    /// in bytes from `base`
    pub offset: i64,
    /// a store? Claims of values speak of loads only
    pub store: bool,
    /// what was seen
    pub seen: Seen,
}

/// Judge a claim by the touches in its range; says which decide it.
pub fn claim(zone: &AuthorZone, touches: &[Touched]) -> (ClaimVerdict, Vec<usize>) {
    let values_only = zone
        .wants
        .iter()
        .all(|want| matches!(want, Want::File | Want::Zero | Want::Byte(_)));
    let inside = |touched: &&Touched| {
        touched.offset >= zone.from
            && zone.to.is_none_or(|to| touched.offset < to)
            && !(values_only && touched.store)
            && (zone.wants != [Want::Ok] || touched.store)
    };
    let agrees = |touched: &Touched| zone.wants.iter().any(|want| meets(*want, touched.seen));
    let (with, against): (Vec<_>, Vec<_>) = touches.iter().filter(inside).partition(|touched| agrees(touched));
    let indexes = |touches: Vec<&Touched>| touches.into_iter().map(|touched| touched.probe).collect();
    match (with.is_empty(), against.is_empty()) {
        (_, false) => (ClaimVerdict::Refuted, indexes(against)),
        (false, true) => (ClaimVerdict::Holds, indexes(with)),
        (true, true) => (ClaimVerdict::Skipped, Vec::new()),
    }
}
