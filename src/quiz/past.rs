//! What had happened in a script before a question: enough to tell what a wrong answer overlooks. It derives nothing of
//! what the kernel does.

use crate::op::{Access, Advice, FileId, Growth, Op, Prot, Rights, Share, Source};
use crate::scenario::{Plan, Probe};

/// The past of a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Past {
    /// is the mapping asked about private?
    pub private: bool,
    /// is any other?
    pub others_private: bool,
    /// is it anonymous?
    pub anonymous: bool,
    /// did its protection forbid anything, or a guard?
    pub protected: bool,
    /// were pages of it given other rights than the rest?
    pub carved: bool,
    pub unmapped: bool,
    pub closed: bool,
    pub forked: bool,
    pub locked: bool,
    pub shrunk: bool,
    pub grown: bool,
    pub punched: bool,
    pub given_back: bool,
    /// is a handler, or another disposition, in force?
    pub handled: bool,
    /// of an mmap: does it reach behind the file's end?
    pub past_file: bool,
}

impl Past {
    /// Of a probe of a plan.
    pub fn of(plan: &Plan, probe: &Probe) -> Past {
        let mut past = Past::default();
        let acts = &plan.scripts[probe.at.0].acts;
        let mut sizes: Vec<(FileId, FileId, u64)> = Vec::new();
        let mut mapped = false;
        // what A maps before a fork is the child's too
        let mut born = probe.by == 0;
        for (n, act) in acts.iter().enumerate().take(probe.at.1 + 1) {
            let own = n == probe.at.1;
            let size = |file: FileId| {
                let object = sizes.iter().find(|(known, ..)| *known == file).map(|found| found.1);
                sizes.iter().position(|(_, of, _)| Some(*of) == object)
            };
            let mut sized = None;
            match act.op {
                Op::Create { file, .. } => sizes.push((file, file, 0)),
                Op::Reopen { file, of, rights } => {
                    let object = sizes
                        .iter()
                        .find(|(known, ..)| *known == of)
                        .map_or(of, |found| found.1);
                    if rights == Rights::Truncate {
                        sized = size(of).map(|at| (at, 0));
                    }
                    sizes.push((file, object, 0));
                }
                Op::Write { file, at, len, .. } => {
                    sized = size(file).map(|index| (index, sizes[index].2.max(at + len)));
                }
                Op::Truncate { file, size: to } => sized = size(file).map(|at| (at, to)),
                Op::Allocate { file, mode, at, len } => match mode {
                    Growth::Extend => sized = size(file).map(|index| (index, sizes[index].2.max(at + len))),
                    Growth::Punch => past.punched |= !own,
                    _ => {}
                },
                Op::Map { at, mapping } => {
                    let private = mapping.share == Share::Private;
                    if at.area == probe.area && (act.by == probe.by || !born) {
                        past.private = private;
                        past.anonymous = mapping.source == Source::Anonymous;
                        past.protected |= ![Prot::READ_WRITE, Prot::WRITE].contains(&mapping.prot) && !own;
                    } else {
                        past.others_private |= private;
                    }
                    past.locked |= (mapping.flags.locked || mapping.flags.populate) && !own;
                    if let (true, Source::File(file)) = (own, mapping.source) {
                        let end = mapping.offset.saturating_add(mapping.len);
                        past.past_file = size(file).is_some_and(|index| end > sizes[index].2);
                    }
                    mapped = true;
                }
                _ if own => {}
                Op::Protect { at, .. } => past.carved |= at.area == probe.area,
                Op::Unmap { .. } | Op::Remap { .. } => past.unmapped = true,
                Op::Close { .. } | Op::Unlink { .. } | Op::Rename { .. } => past.closed = true,
                Op::Fork { child } => {
                    past.forked |= mapped;
                    born |= child == probe.by;
                }
                Op::Lock { .. } => past.locked = true,
                Op::OnFault(what) => past.handled = what != crate::op::OnFault::Note,
                Op::Advise { at, advice, .. } => match advice {
                    Advice::GuardInstall => past.carved |= at.area == probe.area,
                    Advice::DontNeed | Advice::Free => past.given_back = true,
                    Advice::Remove => past.punched = true,
                    _ => {}
                },
                _ => {}
            }
            if let Some((index, to)) = sized {
                if mapped && !own {
                    past.shrunk |= to < sizes[index].2;
                    past.grown |= to > sizes[index].2;
                }
                sizes[index].2 = to;
            }
        }
        past.protected |= past.carved;
        past
    }

    /// A letter that something stored or wrote which the file did not hold at first.
    pub fn writes(plan: &Plan, first: Option<u8>) -> bool {
        let acts = plan.steps.iter().flat_map(|step| &step.acts);
        acts.map(|act| act.op).any(|op| match op {
            Op::Write { byte, len, .. } => len > 0 && Some(byte) != first,
            Op::Touch { access, .. } => match access.narrow() {
                Access::Store(byte) => Some(byte) != first,
                _ => false,
            },
            _ => false,
        })
    }
}
