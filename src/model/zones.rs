//! The picture of a moment: which stretch of addresses answers an access how, derived from the same state and in the
//! same order as a touch. A property test holds the two together.

use alloc::vec::Vec;

use super::space::Vma;
use super::touch::forbids;
use super::{ADRERR, MAPERR, Model};
use crate::op::{Access, AreaId, ProcId, Signal, Zone, ZoneKind, round_up};

impl Model {
    /// Zones of one area of one process, from its first byte on, without gaps, neighbours differing; the last is open.
    pub fn zones(&self, by: ProcId, area: AreaId, access: Access) -> Vec<Zone> {
        let mut zones = Vec::new();
        let mut reached = 0;
        let page = self.page() as i64;
        let space = &self.processes[by].spaces[area];
        for vma in &space.vmas {
            push(&mut zones, reached, vma.start, ZoneKind::Fault(Signal::Sigsegv, MAPERR));
            reached = vma.end;
            if let Some(code) = forbids(&self.world, vma.prot, access) {
                push(&mut zones, vma.start, vma.end, ZoneKind::Fault(Signal::Sigsegv, code));
                continue;
            }
            let mut at = vma.start;
            let guards = space.guards.iter().map(|guard| guard * page);
            for guard in guards.filter(|guard| (vma.start..vma.end).contains(guard)) {
                self.inside(&mut zones, vma, at, guard);
                at = guard + page;
                push(&mut zones, guard, at, ZoneKind::Fault(Signal::Sigsegv, MAPERR));
            }
            self.inside(&mut zones, vma, at, vma.end);
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

    /// What a stretch of one VMA answers where its protection and guards let the access through.
    fn inside(&self, zones: &mut Vec<Zone>, vma: &Vma, from: i64, to: i64) {
        let Some(id) = vma.object else {
            return push(zones, from, to, ZoneKind::Tail);
        };
        let size = i64::try_from(self.object(id).file.size()).unwrap_or(i64::MAX);
        let within = |border: i64| border.clamp(from, to);
        let eof = within(size.saturating_sub(vma.shift));
        // Along with a huge page, all that is left of it answers, as zeros do.
        let backed = round_up(self.object(id).file.size(), self.page());
        let unit = if self.huge(id, vma, backed) {
            self.object(id).world.huge_page()
        } else {
            self.page()
        };
        let backed = i64::try_from(round_up(backed, unit)).unwrap_or(i64::MAX);
        let eof_page = within(backed.saturating_sub(vma.shift));
        push(zones, from, eof, ZoneKind::File);
        push(zones, eof, eof_page, ZoneKind::Tail);
        push(zones, eof_page, to, ZoneKind::Fault(Signal::Sigbus, ADRERR));
    }
}

fn push(zones: &mut Vec<Zone>, from: i64, to: i64, is: ZoneKind) {
    if from >= to {
        return;
    }
    match zones.last_mut() {
        Some(last) if last.is == is && last.to == Some(from) => last.to = Some(to),
        _ => zones.push(Zone { from, to: Some(to), is }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::{FileKind, Filesystem, Mapping, Op, Outcome, Place, Prot, Share, World};

    /// Zones and answers, at each edge and in every page.
    fn agree(world: &World, ops: &[Op], size: u64, offset: u64, end: u64) {
        let mut model = Model::new(world);
        for op in ops {
            model.apply(0, op);
        }
        let (page, huge) = (world.page, world.huge_page());
        let pages = end / page + 2;
        // Each page where there are no more than 600, which no border can hide from; else some, and the edges.
        let some = (0..pages).step_by(pages.div_ceil(600) as usize).map(|n| n * page);
        let edges = [
            0,
            size.saturating_sub(offset),
            round_up(size, page).saturating_sub(offset),
            huge,
            2 * huge,
            end,
        ];
        let places = some.chain(edges).chain(edges.map(|edge| edge + page));
        let places: Vec<i64> = places
            .flat_map(|at| [at as i64 - 1, at as i64, at as i64 + 1])
            .collect();
        for access in [Access::Load, Access::Store(b'x')] {
            let zones = model.zones(0, 0, access);
            for &at in places.iter().filter(|at| **at >= 0) {
                let holds = |zone: &&Zone| zone.from <= at && zone.to.is_none_or(|to| at < to);
                let is = zones.iter().find(holds).expect("zones tile the range").is;
                let at = Place::base(at);
                let possible = model.clone().apply(0, &Op::Touch { at, access }).possible;
                let answers = possible.iter().any(|outcome| !matches!(outcome, Outcome::Fault(_)));
                let agrees = match is {
                    ZoneKind::File => answers && offset + (at.at as u64) < size,
                    ZoneKind::Tail => answers && offset + at.at as u64 >= size,
                    ZoneKind::Fault(signal, code) => matches!(possible[..], [Outcome::Fault(fault)]
                        if (fault.signal, fault.si_code, fault.at) == (signal, code, at)),
                };
                assert!(
                    agrees,
                    "{is:?} at {at:?}, {access:?}: {possible:?} in {ops:?} on {world:?}"
                );
            }
        }
    }

    #[test]
    fn zones_agree_with_answers_in_every_page() {
        for page in [4096, 16384, 65536, 12288] {
            let plain = World::textbook(page);
            let huge_always = World {
                filesystem: Filesystem::Tmpfs,
                huge_always: true,
                ..plain.clone()
            };
            let huge = plain.huge_page();
            let sizes = [0, 1, page, page + 904, huge - 1, huge, huge + 1];
            let cases = [&plain, &huge_always]
                .into_iter()
                .flat_map(|world| sizes.map(|size| (world, size)));
            for (world, size) in cases {
                for (offset, len) in [
                    (0, page + 1),
                    (0, huge - page),
                    (0, huge),
                    (0, 2 * huge + 1),
                    (page, 2 * huge),
                    (huge, 2 * huge),
                ] {
                    let base = Place::base(0);
                    let mapping = Mapping::of(0, offset, len, Prot::READ_WRITE, Share::Shared);
                    let start = [
                        Op::Create {
                            file: 0,
                            kind: FileKind::Regular,
                        },
                        Op::Truncate { file: 0, size },
                        Op::Map { at: base, mapping },
                    ];
                    let end = round_up(len, page);
                    let last = Place::base((end - page) as i64);
                    let len = page;
                    for more in [
                        None,
                        Some(Op::Protect {
                            at: base,
                            len,
                            prot: Prot::READ,
                        }),
                        Some(Op::Protect {
                            at: last,
                            len,
                            prot: Prot::NONE,
                        }),
                        Some(Op::Unmap {
                            at: base.plus(page as i64),
                            len,
                        }),
                        Some(Op::Advise {
                            at: base,
                            len,
                            advice: crate::op::Advice::GuardInstall,
                        }),
                    ] {
                        let ops: Vec<Op> = start.iter().copied().chain(more).collect();
                        agree(world, &ops, size, offset, end);
                    }
                }
            }
        }
    }
}
