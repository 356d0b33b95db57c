//! A script made smaller for as long as it still shows what it showed: operations go, and numbers become plain ones. What
//! it shows is asked of the caller; here only scripts that make sense are offered.

use crate::op::{Act, FileId, OnFault, Op, Place, Quantity, Script, Source};

/// The smallest script found for which `shows` still holds, with at most `tries` questions.
pub fn shrink(script: &Script, page: u64, tries: usize, mut shows: impl FnMut(&Script) -> bool) -> Script {
    let mut best = script.clone();
    let mut left = tries;
    let mut ask = |candidate: Script, best: &mut Script, left: &mut usize| {
        let better = *left > 0 && candidate != *best && makes_sense(&candidate) && {
            *left -= 1;
            shows(&candidate)
        };
        if better {
            *best = candidate;
        }
        better
    };
    loop {
        let before = best.clone();
        let mut width = best.acts.len() / 2;
        while width > 0 {
            let mut end = best.acts.len();
            while end > 0 {
                let from = end.saturating_sub(width);
                let mut candidate = best.clone();
                candidate.acts.drain(from..end);
                ask(candidate, &mut best, &mut left);
                end = from.min(best.acts.len());
            }
            width /= 2;
        }
        for file in (1..files(&best)).rev() {
            ask(without_file(&best, file), &mut best, &mut left);
        }
        ask(alone(&best), &mut best, &mut left);
        for index in 0..best.acts.len() {
            for op in plainer(&best.acts[index].op, page) {
                let mut candidate = best.clone();
                candidate.acts[index].op = op;
                if ask(candidate, &mut best, &mut left) {
                    break;
                }
            }
        }
        if best == before || left == 0 {
            return best;
        }
    }
}

/// Does it begin as a scenario does, and is everything there before it is used?
pub fn makes_sense(script: &Script) -> bool {
    let acts = &script.acts;
    let begins = matches!(acts.first().map(|act| act.op), Some(Op::Create { file: 0, .. }));
    let sized = matches!(
        acts.get(1).map(|act| act.op),
        Some(Op::Truncate { file: 0, .. } | Op::Write { file: 0, at: 0, .. })
    );
    let map = acts.get(if sized { 2 } else { 1 }).map(|act| act.op);
    let Some(Op::Map {
        at: Place { area: 0, at: 0 },
        mapping,
    }) = map
    else {
        return false;
    };
    if !begins || mapping.len == 0 {
        return false;
    }
    let (mut opened, mut processes) = (0, 1);
    let mut areas = 0;
    let mut closed: Vec<(usize, FileId)> = Vec::new();
    for Act { by, op } in acts {
        if *by >= processes {
            return false;
        }
        let opens = matches!(op, Op::Create { .. } | Op::Reopen { .. });
        let (mut op_copy, mut known) = (*op, true);
        each_file(&mut op_copy, |file, new| {
            known &= if new {
                *file == opened
            } else {
                *file < opened && !closed.contains(&(*by, *file))
            };
        });
        if opens {
            closed.extend((0..processes).filter(|other| other != by).map(|other| (other, opened)));
            opened += 1;
        }
        if let Op::Map { at, .. } = op {
            known &= at.area <= areas;
            areas = areas.max(at.area + 1);
        }
        known &= places(op).iter().all(|place| place.area < areas);
        match op {
            Op::Close { file } => closed.push((*by, *file)),
            Op::Fork { child } => {
                known &= *child == processes;
                let inherited: Vec<_> = closed
                    .iter()
                    .filter(|row| row.0 == *by)
                    .map(|row| (*child, row.1))
                    .collect();
                closed.extend(inherited);
                processes += 1;
            }
            _ => {}
        }
        if !known {
            return false;
        }
    }
    true
}

fn files(script: &Script) -> usize {
    let opens = |op: &&Op| matches!(op, Op::Create { .. } | Op::Reopen { .. });
    script.ops().filter(opens).count()
}

/// Without a file and all that speaks of it; the others move up.
fn without_file(script: &Script, gone: FileId) -> Script {
    let mut acts = Vec::new();
    for act in &script.acts {
        let mut act = *act;
        let mut keep = true;
        each_file(&mut act.op, |file, _| {
            keep &= *file != gone;
            *file -= usize::from(*file > gone);
        });
        if keep {
            acts.push(act);
        }
    }
    Script { acts }
}

/// By one process.
fn alone(script: &Script) -> Script {
    Script::alone(script.ops().copied().filter(|op| !matches!(op, Op::Fork { .. })))
}

/// Every descriptor that an operation speaks of, and whether it is a new one.
fn each_file(op: &mut Op, mut look: impl FnMut(&mut FileId, bool)) {
    match op {
        Op::Create { file, .. } => look(file, true),
        Op::Reopen { file, of, .. } => {
            look(file, true);
            look(of, false);
        }
        Op::Map { mapping, .. } => {
            if let Source::File(file) = &mut mapping.source {
                look(file, false);
            }
        }
        Op::Close { file }
        | Op::Write { file, .. }
        | Op::Truncate { file, .. }
        | Op::Allocate { file, .. }
        | Op::Seal { file, .. }
        | Op::Read { file, .. }
        | Op::Send { file, .. }
        | Op::Receive { file, .. }
        | Op::OnFault(OnFault::Grow { file, .. })
        | Op::Ask(Quantity::Size(file) | Quantity::Blocks(file)) => look(file, false),
        _ => {}
    }
}

/// The places that an operation needs an area for.
fn places(op: &Op) -> Vec<Place> {
    match *op {
        Op::Touch { at, .. }
        | Op::Unmap { at, .. }
        | Op::Protect { at, .. }
        | Op::Advise { at, .. }
        | Op::Sync { at, .. }
        | Op::Lock { at, .. }
        | Op::Unlock { at, .. }
        | Op::Mseal { at, .. }
        | Op::Userfaultfd { at, .. }
        | Op::Send { from: at, .. }
        | Op::Receive { to: at, .. }
        | Op::Ask(Quantity::Resident(at, _) | Quantity::Present(at, _) | Quantity::Vmas(at, _)) => vec![at],
        Op::Copy { from, to, .. } | Op::Library { from, to, .. } => vec![from, to],
        Op::Remap { at, to, .. } => std::iter::once(at).chain(to).collect(),
        _ => Vec::new(),
    }
}

/// The same operation with one number made plainer.
fn plainer(op: &Op, page: u64) -> Vec<Op> {
    let mut found = Vec::new();
    for field in 0.. {
        let Some(now) = number(&mut op.clone(), field, None) else {
            return found;
        };
        let page = page as i64;
        let down = now.div_euclid(page) * page;
        for value in [0, page, down, down + page, now / 2, now - 1] {
            if value >= 0 && value.abs() < now.abs() {
                let mut plain = *op;
                number(&mut plain, field, Some(value));
                found.push(plain);
            }
        }
    }
    found
}

/// The n-th number of an operation, which may be given another value.
fn number(op: &mut Op, field: usize, new: Option<i64>) -> Option<i64> {
    let mut at_hand = 0;
    let mut found = None;
    let mut signed = |value: &mut i64| {
        if at_hand == field {
            found = Some(*value);
            *value = new.unwrap_or(*value);
        }
        at_hand += 1;
    };
    let unsigned = |value: &mut u64, signed: &mut dyn FnMut(&mut i64)| {
        let mut copy = i64::try_from(*value).unwrap_or(i64::MAX);
        signed(&mut copy);
        *value = copy as u64;
    };
    match op {
        Op::Write { at, len, .. } | Op::Allocate { at, len, .. } => {
            unsigned(at, &mut signed);
            unsigned(len, &mut signed);
        }
        Op::Truncate { size, .. } | Op::OnFault(OnFault::Grow { size, .. }) => unsigned(size, &mut signed),
        Op::Read { at, .. } => unsigned(at, &mut signed),
        Op::Send {
            at, from: place, len, ..
        }
        | Op::Receive { at, to: place, len, .. } => {
            unsigned(at, &mut signed);
            unsigned(len, &mut signed);
            signed(&mut place.at);
        }
        Op::Map { at, mapping } => {
            unsigned(&mut mapping.offset, &mut signed);
            unsigned(&mut mapping.len, &mut signed);
            signed(&mut at.at);
        }
        Op::Unmap { at, len }
        | Op::Protect { at, len, .. }
        | Op::Advise { at, len, .. }
        | Op::Sync { at, len }
        | Op::Lock { at, len }
        | Op::Unlock { at, len }
        | Op::Mseal { at, len }
        | Op::Userfaultfd { at, len }
        | Op::Ask(Quantity::Resident(at, len) | Quantity::Present(at, len) | Quantity::Vmas(at, len)) => {
            unsigned(len, &mut signed);
            signed(&mut at.at);
        }
        Op::Copy { from, to, len } | Op::Library { from, to, len, .. } => {
            unsigned(len, &mut signed);
            signed(&mut from.at);
            signed(&mut to.at);
        }
        Op::Remap { at, len, new, to, .. } => {
            unsigned(len, &mut signed);
            unsigned(new, &mut signed);
            signed(&mut at.at);
            if let Some(to) = to {
                signed(&mut to.at);
            }
        }
        Op::Touch { at, .. } => signed(&mut at.at),
        _ => {}
    }
    found
}
