//! Routines of the C library that go over memory. Their order is their author's affair: memset of glibc stores its last
//! vector first. So where bytes of the range are bad, the rules leave open which of them the fault reports, and which of
//! the good ones have been stored to. It asks the rules of a touch what each byte comes to.

use alloc::vec::Vec;

use super::runs::Held;
use super::{Model, Reason, Ruled};
use crate::op::{Access, Fault, Outcome, Place, ProcId, Routine};

/// Bytes of the largest vector register that a C library uses: AVX-512.
const LARGEST_VECTOR: i64 = 64;

impl Model {
    /// memcpy(3), memset(3) or strnlen(3). The child that calls it dies of a fault, and what it did to private memory with it.
    pub(super) fn library(&mut self, by: ProcId, routine: Routine, from: Place, to: Place, len: u64) -> Ruled {
        let mut after = self.clone();
        let mut bad: Vec<Outcome> = Vec::new();
        let mut good: Vec<Place> = Vec::new();
        // of strnlen: the first 0 that there may be, and the first that there is
        let (mut least, mut most) = (len, len);
        for done in 0..len as i64 {
            let place = to.plus(done);
            let loaded = match routine {
                Routine::Memset(value) => alloc::vec![Outcome::Byte(value)],
                _ => after.touch(by, from.plus(done), Access::Load).possible,
            };
            if let Outcome::Fault(fault) = loaded[0] {
                if routine == Routine::Strnlen {
                    // It may not look at a second page before it knows that the first holds no 0, and may begin with the
                    // whole vector that a byte lies in.
                    let rest = self.page() as i64 - fault.at.at.rem_euclid(self.page() as i64);
                    let before = fault.at.at.rem_euclid(LARGEST_VECTOR);
                    let more = before + rest.min(len as i64 - done) - 1;
                    let at = fault.at.plus(-before);
                    bad = alloc::vec![Outcome::Among(Fault { at, ..fault }, more as u64)];
                    break;
                }
                among(&mut bad, fault);
            }
            if routine == Routine::Strnlen {
                if loaded.contains(&Outcome::Byte(0)) {
                    least = least.min(done as u64);
                }
                if loaded == [Outcome::Byte(0)] {
                    most = done as u64;
                    break;
                }
                continue;
            }
            match after.touch(by, place, Access::Store(0)).possible[0] {
                Outcome::Fault(fault) => among(&mut bad, fault),
                _ => {
                    let held = match routine {
                        Routine::Memset(value) => Held::Sure(value),
                        _ => {
                            let (place, row) = after.behind(by, from.plus(done), 1);
                            row.get(place)
                        }
                    };
                    after.hold(by, place, held);
                    good.push(place);
                }
            }
        }
        if !bad.is_empty() {
            good.into_iter().for_each(|at| self.half_done(by, at));
            if least < len {
                bad.push(Outcome::Within(least, len));
            }
            return Ruled {
                possible: bad,
                reason: Reason::SomeByte { routine },
            };
        }
        *self = after;
        match routine {
            Routine::Strnlen => Ruled::count(least, most, Reason::Call),
            _ => Ruled::certain(Outcome::Stored, Reason::Call),
        }
    }

    /// Nobody knows whether this byte was stored to before the fault. Of private memory the child's copy is gone.
    fn half_done(&mut self, by: ProcId, at: Place) {
        let vma = self.processes[by].spaces[at.area].find(at.at).copied();
        let object = vma
            .filter(|vma| vma.shared)
            .and_then(|vma| Some((vma.object?, vma.place(at.at))));
        if let Some((id, place)) = object {
            self.objects[id].file.store_perhaps(place, Held::Any);
        }
    }
}

/// One bad byte more: beside the last of its kind, or apart from it.
fn among(bad: &mut Vec<Outcome>, fault: Fault) {
    if let Some(Outcome::Among(first, more)) = bad.last_mut() {
        let next = Fault {
            at: first.at.plus(*more as i64 + 1),
            ..*first
        };
        if next == fault {
            *more += 1;
            return;
        }
    }
    bad.push(Outcome::Among(fault, 0));
}
