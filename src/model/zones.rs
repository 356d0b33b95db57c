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
                let eof_page =
                    round_up(size, self.world.page).saturating_sub(mapping.offset) as i64;
                let within = |border: i64| border.clamp(vma.start, vma.end);
                push(&mut zones, vma.start, within(eof), ZoneKind::File);
                push(&mut zones, within(eof), within(eof_page), ZoneKind::Tail);
                push(
                    &mut zones,
                    within(eof_page),
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
