//! The heart of the subject: what one access meets. First the VMA, then its protection, and only then the file, whose size
//! of today counts.

use super::runs::Held;
use super::{ACCERR, ADRERR, MAPERR, Mapping, Model, Reason, Ruled, Vma, bytes};
use crate::op::{Access, Fault, Outcome, Prot, Share, Signal};

impl Model {
    /// In the kernel's order (mm/memory.c, arch/*/mm/fault.c): first the VMA, then its
    /// protection, and only then the file, whose size of today counts.
    pub(super) fn touch(&mut self, at: i64, access: Access) -> Ruled {
        let Some(vma) = self
            .vmas
            .iter()
            .find(|vma| (vma.start..vma.end).contains(&at))
            .copied()
        else {
            let map_end = self.mapping.map(|m| m.rounded as i64);
            return fault(
                Signal::Sigsegv,
                MAPERR,
                at,
                Reason::NotMapped { at, map_end },
            );
        };
        if !allows(vma.prot, access) {
            return fault(
                Signal::Sigsegv,
                ACCERR,
                at,
                Reason::Protection {
                    prot: vma.prot,
                    access,
                },
            );
        }
        let mapping = self.mapping.expect("a VMA belongs to the mapping");
        let place = mapping.offset + at as u64;
        let size = self.files[mapping.file].size();
        if place / self.page() >= size.div_ceil(self.page()) {
            let reason = Reason::PastLastFilePage {
                at,
                size,
                page: self.page(),
            };
            let ruled = fault(Signal::Sigbus, ADRERR, at, reason);
            return if self.huge(mapping, vma, place) {
                self.along_with_huge(ruled, mapping, place, access)
            } else {
                ruled
            };
        }
        match access {
            Access::Load => self.load(mapping, at, place, size),
            Access::Store(value) => self.store(mapping, at, place, size, value),
        }
    }

    fn load(&self, mapping: Mapping, at: i64, place: u64, size: u64) -> Ruled {
        match self.copies.get(&self.page_of(at)) {
            Some(copy) => Ruled {
                possible: bytes(copy.get(place)),
                reason: Reason::PrivateCopy { at: place },
            },
            None => Ruled {
                possible: bytes(self.files[mapping.file].get(place)),
                reason: Reason::in_file(place, size, self.page()),
            },
        }
    }

    fn store(&mut self, mapping: Mapping, at: i64, place: u64, size: u64, value: u8) -> Ruled {
        let page = self.page_of(at);
        let reason = match mapping.share {
            Share::Shared => {
                self.files[mapping.file].store(place, value);
                Reason::stored(place, size, self.page())
            }
            Share::Private => {
                let first = place - place % self.page();
                let copy = self.copies.entry(page).or_insert_with(|| {
                    self.files[mapping.file].copy(first, first + self.world.page)
                });
                copy.set(place, place + 1, Held::Sure(value));
                Reason::CopiedOnWrite { at: place }
            }
        };
        Ruled::certain(Outcome::Stored, reason)
    }

    /// tmpfs mounted huge=always: where the VMA holds a whole huge page at matching addresses, one fault inside the file
    /// maps all of it, and what lies behind the end of the file then answers (kernel commit 74207de2ba10 excludes shmem).
    pub(super) fn huge(&self, mapping: Mapping, vma: Vma, place: u64) -> bool {
        let huge = self.world.huge_page();
        let first = place - place % huge;
        let begins = mapping.offset as i64 + vma.start;
        let ends = mapping.offset as i64 + vma.end;
        self.world.huge_always
            && mapping.offset % huge == 0
            && first < self.files[mapping.file].size()
            && begins <= first as i64
            && ends >= (first + huge) as i64
    }

    /// Which of the two it is depends on whether the huge page has been mapped yet, so both remain possible.
    fn along_with_huge(
        &mut self,
        mut ruled: Ruled,
        mapping: Mapping,
        place: u64,
        access: Access,
    ) -> Ruled {
        match access {
            Access::Load => ruled
                .possible
                .extend(bytes(self.files[mapping.file].get(place))),
            Access::Store(value) => {
                ruled.possible.push(Outcome::Stored);
                if mapping.share == Share::Shared {
                    self.files[mapping.file].store_perhaps(place, value);
                }
            }
        }
        ruled.reason = Reason::HugePage {
            huge: self.world.huge_page(),
        };
        ruled
    }
}

/// A page that may be written may be read on both architectures: their page tables have no write-only pages. mmap(2).
pub(super) fn allows(prot: Prot, access: Access) -> bool {
    match access {
        Access::Load => prot.read || prot.write,
        Access::Store(_) => prot.write,
    }
}

fn fault(signal: Signal, si_code: i32, at: i64, reason: Reason) -> Ruled {
    Ruled::certain(
        Outcome::Fault(Fault {
            signal,
            si_code,
            at,
        }),
        reason,
    )
}
