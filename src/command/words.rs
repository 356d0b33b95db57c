//! Outcomes as the words that reports and scenario files use for them.

use crate::kernel::Observation;
use crate::model::Ruled;
use crate::op::{AreaId, OnFault, Op, Outcome, Quantity, Zone, ZoneKind, proc_name, si_code_name};
use crate::report::result::{ModelAnswer, Observed, Quiet, SymbolValues, Text, Witness, ZoneResult};
use crate::scenario::{AuthorZone, Symbols, Want};
use crate::verdict::{self, Seen};

pub fn seen(observation: &Observation) -> Seen {
    Seen {
        outcome: observation.outcome,
        pread: observation.pread,
    }
}

pub fn values(symbols: &Symbols) -> SymbolValues {
    let Symbols {
        p,
        size,
        eof,
        eof_page,
        len,
        map_end,
    } = *symbols;
    SymbolValues {
        p,
        size,
        eof,
        eof_page,
        len,
        map_end,
    }
}

pub fn model_zone(zone: &Zone) -> ZoneResult {
    let is = match zone.is {
        ZoneKind::File => "file".to_owned(),
        ZoneKind::Tail => "zero".to_owned(),
        ZoneKind::Fault(signal, _) => signal.to_string(),
    };
    ZoneResult {
        from: zone.from,
        to: zone.to,
        is,
    }
}

pub fn author_zone(zone: &AuthorZone) -> ZoneResult {
    let word = zone.wants.first().map(want_word).unwrap_or_default();
    let is = word.split('/').next().unwrap_or_default().to_owned();
    ZoneResult {
        from: zone.from,
        to: zone.to,
        is,
    }
}

/// An author's word, as scenario files write it.
pub fn want_word(want: &Want) -> String {
    match *want {
        Want::File => "file".to_owned(),
        Want::Zero => "zero".to_owned(),
        Want::Ok => "ok".to_owned(),
        Want::End => "end".to_owned(),
        Want::Byte(byte) => byte_word(byte),
        Want::Any => "any".to_owned(),
        Want::Signal(signal) => signal.to_string(),
        Want::Fault(signal, code) => match si_code_name(signal, code) {
            Some(name) => format!("{signal}/{name}"),
            None => format!("{signal}/{code}"),
        },
        Want::Errno(errno) => errno_word(errno),
        Want::Count(least, most) => range_word(least, most),
        Want::Elsewhere => "elsewhere".to_owned(),
        Want::Killed(signal) => format!("killed:{signal}"),
        Want::Loops => "loops".to_owned(),
    }
}

fn byte_word(byte: u8) -> String {
    match byte {
        b' '..=b'~' => format!("byte:{}", char::from(byte)),
        _ => format!("byte:{byte}"),
    }
}

/// A number, or from which to which.
fn range_word(least: u64, most: u64) -> String {
    match most {
        u64::MAX if least == 0 => "a number".to_owned(),
        u64::MAX => format!("{least} or more"),
        _ if least == most => least.to_string(),
        _ => format!("{least} to {most}"),
    }
}

fn errno_word(errno: i32) -> String {
    format!("{:?}", nix::errno::Errno::from_raw(errno))
}

/// What an operation came to, or is foretold to come to.
pub fn outcome_word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Byte(byte) => byte_word(*byte),
        Outcome::End => "end".to_owned(),
        Outcome::Stored | Outcome::Done => "ok".to_owned(),
        Outcome::Fault(fault) => format!("{}/{}", fault.signal, fault.code_name()),
        Outcome::Errno(errno) => errno_word(*errno),
        Outcome::Count(count) => count.to_string(),
        Outcome::Among(fault, _) => format!("{}/{}", fault.signal, fault.code_name()),
        Outcome::Within(least, most) => range_word(*least, *most),
        Outcome::Elsewhere => "elsewhere".to_owned(),
        Outcome::Killed(signal) => format!("killed:{signal}"),
        Outcome::Loops => "loops".to_owned(),
    }
}

/// Is every byte possible?
pub fn is_any(ruled: &Ruled) -> bool {
    ruled.possible.len() > usize::from(u8::MAX)
}

pub fn model_answer(ruled: &Ruled) -> ModelAnswer {
    let (is, si_code) = match &ruled.possible[0] {
        Outcome::Fault(fault) | Outcome::Among(fault, _) => (fault.signal.to_string(), Some(fault.code_name())),
        outcome @ Outcome::Byte(_) => {
            let zero = *outcome == Outcome::Byte(0);
            match ruled.reason.word() {
                Some(word) if word != "zero" || zero => (word.to_owned(), None),
                _ => (outcome_word(outcome), None),
            }
        }
        outcome => (outcome_word(outcome), None),
    };
    let any = is_any(ruled);
    let is = if any { "any".to_owned() } else { is };
    let or = if ruled.possible.len() > 1 && !any {
        ruled.possible.iter().map(outcome_word).collect()
    } else {
        Vec::new()
    };
    ModelAnswer {
        is,
        si_code,
        or,
        rule: ruled.reason.rule().id(),
        why: Text {
            en: ruled.reason.why(),
            zh: ruled.reason.why_zh(),
        },
    }
}

/// What was seen of an operation in an area, in words: a load that gave what pread gives there is `file`, a zero where the
/// file has ended `zero`.
pub fn observed(observation: &Observation, area: AreaId) -> Observed {
    let mut observed = Observed {
        outcome: Some(observation.outcome),
        ..Observed::default()
    };
    match observation.outcome {
        Outcome::Byte(value) => {
            let word = [(Want::File, "file"), (Want::Zero, "zero")];
            let word = word.iter().find(|(want, _)| verdict::meets(*want, seen(observation)));
            observed.is = word.map_or_else(|| byte_word(value), |(_, word)| (*word).to_owned());
            observed.value = Some(value);
        }
        Outcome::Fault(fault) => {
            observed.is = fault.signal.to_string();
            observed.si_code = Some(fault.code_name());
            // a signal that was sent has no address
            if fault.si_code > 0 {
                observed.si_addr_offset = Some(fault.at.at);
                observed.si_addr_area = (fault.at.area != area).then(|| fault.at.area_at(0).to_string());
            }
        }
        ref outcome => observed.is = outcome_word(outcome),
    }
    observed.pread = observation
        .pread
        .map(|byte| byte.map_or_else(|| "eof".to_owned(), byte_word));
    observed.witness = observation.witness.map(|death| Witness {
        wait: format!("signaled:{}", death.signal),
        si_code: si_code_name(death.signal, death.si_code)
            .unwrap_or("unknown")
            .to_owned(),
        si_addr_offset: death.at.at,
    });
    observed
}

/// An operation whose calls alone would not tell what it is: a handler is called later, a number is read off another one.
pub fn quiet(op: &Op) -> Option<Quiet> {
    Some(match op {
        Op::Fork { child } => Quiet::Fork(proc_name(*child)),
        Op::Copy { from, to, len } => Quiet::Copy(*len, *from, *to),
        Op::Library { routine, from, to, len } => Quiet::Library(*routine, *from, *to, *len),
        Op::Race { times, atomic, .. } => Quiet::Race(*times, *atomic),
        Op::Ask(Quantity::Present(..)) => Quiet::Count("present"),
        Op::Ask(Quantity::Vmas(..)) => Quiet::Count("vmas"),
        Op::Ask(Quantity::Faults) => Quiet::Count("faults"),
        Op::Ask(Quantity::MajorFaults) => Quiet::Count("major faults"),
        Op::OnFault(OnFault::Note) => Quiet::OnFault("note"),
        Op::OnFault(OnFault::Ignore) => Quiet::OnFault("ignore"),
        Op::OnFault(OnFault::Block) => Quiet::OnFault("block"),
        Op::OnFault(OnFault::Return) => Quiet::OnFault("return"),
        Op::OnFault(OnFault::Grow { .. }) => Quiet::OnFault("grow"),
        Op::OnFault(OnFault::Cover) => Quiet::OnFault("cover"),
        Op::OnFault(OnFault::OwnStack) => Quiet::OnFault("own-stack"),
        _ => return None,
    })
}
