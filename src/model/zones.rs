//! The picture of a moment: which stretch of addresses answers an access how, derived from the same state and in the
//! same order as a touch. A property test holds the two together.

use alloc::vec::Vec;

use super::touch::allows;
use super::{ACCERR, ADRERR, MAPERR, Model};
use crate::op::{Access, Signal, Zone, ZoneKind, round_up};

impl Model {
    /// Zones from `base` on, without gaps, neighbours differing; the last is open.
    pub fn zones(&self, access: Access) -> Vec<Zone> {
        let mut zones = Vec::new();
        let mut reached = 0;
        for vma in &self.vmas {
            push(
                &mut zones,
                reached,
                vma.start,
                ZoneKind::Fault(Signal::Sigsegv, MAPERR),
            );
            let mapping = self.mapping.expect("a VMA belongs to the mapping");
            if allows(vma.prot, access) {
                let size = self.files[mapping.file].size();
                let eof = size.saturating_sub(mapping.offset) as i64;
                // Along with a huge page, all that is left of it answers, as zeros do.
                let huge = self.huge(mapping, *vma, round_up(size, self.world.page));
                let unit = if huge { self.world.huge_page() } else { self.world.page };
                let tail_end = round_up(size, unit).saturating_sub(mapping.offset) as i64;
                let within = |border: i64| border.clamp(vma.start, vma.end);
                push(&mut zones, vma.start, within(eof), ZoneKind::File);
                push(&mut zones, within(eof), within(tail_end), ZoneKind::Tail);
                push(
                    &mut zones,
                    within(tail_end),
                    vma.end,
                    ZoneKind::Fault(Signal::Sigbus, ADRERR),
                );
            } else {
                push(
                    &mut zones,
                    vma.start,
                    vma.end,
                    ZoneKind::Fault(Signal::Sigsegv, ACCERR),
                );
            }
            reached = vma.end;
        }
        let open = ZoneKind::Fault(Signal::Sigsegv, MAPERR);
        match zones.last_mut() {
            Some(last) if last.is == open => last.to = None,
            _ => zones.push(Zone {
                from: reached,
                to: None,
                is: open,
            }),
        }
        zones
    }
}

fn push(zones: &mut Vec<Zone>, from: i64, to: i64, is: ZoneKind) {
    if from >= to {
        return;
    }
    match zones.last_mut() {
        Some(last) if last.is == is && last.to == Some(from) => last.to = Some(to),
        _ => zones.push(Zone {
            from,
            to: Some(to),
            is,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::{Filesystem, Op, Outcome, Prot, Share, World};

    /// Zones and answers, at each edge and in every page.
    fn agree(world: &World, ops: &[Op], size: u64, offset: u64, end: u64) {
        let mut model = Model::new(world);
        for op in ops {
            model.apply(op);
        }
        let (page, huge) = (world.page, world.huge_page());
        let pages = end / page + 2;
        // Each page where there are no more than 600, which no border can hide from; else some, and the edges.
        let some = (0..pages).step_by(pages.div_ceil(600) as usize).map(|n| n * page);
        let edges = [0, size.saturating_sub(offset), round_up(size, page).saturating_sub(offset), huge, 2 * huge, end];
        let places = some.chain(edges).chain(edges.map(|edge| edge + page));
        let places: Vec<i64> = places.flat_map(|at| [at as i64 - 1, at as i64, at as i64 + 1]).collect();
        for access in [Access::Load, Access::Store(b'x')] {
            let zones = model.zones(access);
            for &at in places.iter().filter(|at| **at >= 0) {
                let holds = |zone: &&Zone| zone.from <= at && zone.to.is_none_or(|to| at < to);
                let is = zones.iter().find(holds).expect("zones tile the range").is;
                let possible = model.clone().apply(&Op::Touch { at, access }).possible;
                let answers = possible.iter().any(|outcome| !matches!(outcome, Outcome::Fault(_)));
                let agrees = match is {
                    ZoneKind::File => answers && offset + (at as u64) < size,
                    ZoneKind::Tail => answers && offset + at as u64 >= size,
                    ZoneKind::Fault(signal, code) => matches!(possible[..], [Outcome::Fault(fault)]
                        if (fault.signal, fault.si_code, fault.at) == (signal, code, at)),
                };
                assert!(agrees, "{is:?} at {at}, {access:?}: {possible:?} in {ops:?} on {world:?}");
            }
        }
    }

    #[test]
    fn zones_agree_with_answers_in_every_page() {
        for page in [4096, 16384, 65536, 12288] {
            let plain = World::textbook(page);
            let huge_always = World { filesystem: Filesystem::Tmpfs, huge_always: true, ..plain.clone() };
            let huge = plain.huge_page();
            for (world, size) in [&plain, &huge_always]
                .into_iter()
                .flat_map(|world| [0, 1, page, page + 904, huge - 1, huge, huge + 1].map(|size| (world, size)))
            {
                for (offset, len) in [
                    (0, page + 1),
                    (0, huge - page),
                    (0, huge),
                    (0, 2 * huge + 1),
                    (page, 2 * huge),
                    (huge, 2 * huge),
                ] {
                    let (file, share) = (0, Share::Shared);
                    let prot = Prot::READ_WRITE;
                    let start = [
                        Op::Create { file },
                        Op::Truncate { file, size },
                        Op::Map { file, offset, len, prot, share },
                    ];
                    let end = round_up(len, page);
                    let prot = Prot::READ;
                    for more in [
                        None,
                        Some(Op::Protect { at: 0, len: page, prot }),
                        Some(Op::Protect { at: (end - page) as i64, len: page, prot: Prot::NONE }),
                        Some(Op::Unmap { at: page as i64, len: page }),
                    ] {
                        let ops: Vec<Op> = start.iter().copied().chain(more).collect();
                        agree(world, &ops, size, offset, end);
                    }
                }
            }
        }
    }
}
