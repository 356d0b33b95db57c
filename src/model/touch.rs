//! The heart of the subject: what one access meets. First the VMA, then its protection, and only then the file, whose size
//! of today counts.

use super::runs::Held;
use super::space::{Space, Vma};
use super::{ACCERR, ADRERR, MAPERR, Model, Object, ObjectId, PKUERR, Reason, Ruled, Runs, SI_KERNEL, bytes};
use crate::op::{
    Access, Arch, AreaId, ExecuteOnly, Fault, Filesystem, NOWHERE, OnFault, Outcome, Place, ProcId, Prot, Signal, World,
};

/// Pages between a stack and what lies below it: stack_guard_gap, a boot parameter that few change.
pub(super) const STACK_GUARD_GAP: i64 = 256;

impl Model {
    /// An access by the program. One that may kill is tried by a forked child first, and what it brings in is the child's
    /// alone, but for pages of a file. A stack overflows in a child too, after the process itself has met the fault.
    pub(super) fn attempt(&mut self, by: ProcId, at: Place, access: Access) -> Ruled {
        if matches!(
            self.processes[by].on_fault,
            OnFault::Ignore | OnFault::Block | OnFault::Return
        ) {
            let process = self.processes[by].clone();
            let ruled = self.touch(by, at, access);
            self.processes[by] = process;
            if faults(&ruled) {
                return ruled;
            }
        }
        self.touch(by, at, access)
    }

    /// One access, of one byte or across a page's edge: each page it takes must answer, or nothing happens at all. The
    /// address reported is the first byte wanted of the first bad page.
    pub(super) fn touch(&mut self, by: ProcId, at: Place, access: Access) -> Ruled {
        if at.area == NOWHERE {
            return self.wild(at);
        }
        let last = at.plus(access.width() as i64 - 1);
        if access.is_store() {
            self.first_store(by, at);
            self.first_store(by, last);
        }
        if self.page_of(at.at) != self.page_of(last.at) {
            let next = at.area_at((self.page_of(at.at) + 1) * self.page() as i64);
            // The second page is asked for when the first has been got, which may have taken the last room there was.
            let mut tried = self.clone();
            for place in [at, next] {
                if faults(&tried.touch_one(by, place, access.narrow())) {
                    if place == next {
                        self.bring_in(by, at, access);
                    }
                    return self.touch_one(by, place, access.narrow());
                }
            }
            // A copy of the second page is made before the first byte moves, which may move in the page that is copied.
            self.bring_in(by, next, access);
        }
        let first = self.touch_one(by, at, access.narrow());
        for i in 1..access.width() as i64 {
            self.touch_one(by, at.plus(i), access.narrow());
        }
        first
    }

    /// Before the first store through a page-table entry btrfs clears what lies behind the end (fs/btrfs/file.c,
    /// btrfs_page_mkwrite); which store is the first since the page was written back, nobody knows.
    fn first_store(&mut self, by: ProcId, at: Place) {
        let Some((id, place)) = self.shared_behind(by, at) else {
            return;
        };
        let page = self.page();
        let Object { file, world, .. } = &mut self.objects[id];
        if world.filesystem == Filesystem::Btrfs && place / page == file.size() / page {
            file.doubt_tail();
        }
    }

    /// The object that a store to a byte goes to, and the place in it; none where the memory is the process's own.
    pub(super) fn shared_behind(&self, by: ProcId, at: Place) -> Option<(ObjectId, u64)> {
        let vma = self.processes[by].spaces[at.area].find(at.at)?;
        Some((vma.object.filter(|_| vma.shared)?, vma.place(at.at)))
    }

    /// A page of an access that takes two: no byte of it changes, but it is in memory from now on, and of a private mapping
    /// a store has made its copy.
    fn bring_in(&mut self, by: ProcId, at: Place, access: Access) {
        self.touch_one(by, at, Access::Load);
        if access.is_store() && self.shared_behind(by, at).is_none() {
            self.prepare_anon(by, at);
            self.own_copy(by, at);
        }
    }

    /// Where no program may map anything (arch/x86/mm/fault.c, arch/x86/kernel/traps.c; Documentation/arch/x86/x86_64/mm.rst).
    fn wild(&self, at: Place) -> Ruled {
        // The highest bits are alike in every address that the processor takes, be it of 48 bits or of 57.
        let taken = at.at << 7 >> 7 == at.at;
        let (code, told) = match self.world.arch {
            _ if taken => (MAPERR, at),
            // The processor's complaint names no address.
            Arch::X86_64 => (SI_KERNEL, Place::nowhere(0)),
            // Of the highest byte, which Arm leaves to programs, the handler is told nothing.
            Arch::Aarch64 => (MAPERR, Place::nowhere(at.at as u64 & u64::MAX >> 8)),
        };
        fault(Signal::Sigsegv, code, told, Reason::wild(code, told.at))
    }

    /// A touch below a mapping that grows downwards makes it reach there (mm/vma.c, expand_downwards): up to RLIMIT_STACK, and
    /// never so near to another that may be accessed. An error says why not.
    fn grow_down(&mut self, by: ProcId, at: Place) -> Result<Vma, Reason> {
        let page = self.page() as i64;
        let limit = self.processes[by].stack;
        let spaces = &self.processes[by].spaces;
        let vmas = &spaces[at.area].vmas;
        let from = at.at - at.at.rem_euclid(page);
        let n = vmas.partition_point(|vma| vma.end <= at.at);
        let map_end = vmas.last().map(|vma| vma.end);
        let below = n.checked_sub(1).map(|n| vmas[n]);
        let near =
            |other: Vma| !other.grows_down && other.prot != Prot::NONE && from - other.end < STACK_GUARD_GAP * page;
        // The next above may stand in another area.
        let own = vmas.get(n).map(|vma| (at.area, *vma));
        let first = |(area, space): (AreaId, &Space)| Some((area, *space.vmas.first()?));
        let mut later = spaces.iter().enumerate().skip(at.area + 1);
        let above = own.or_else(|| later.find_map(first));
        let Some((area, vma)) = above.filter(|(_, vma)| vma.grows_down) else {
            return Err(Reason::NotMapped { at: at.at, map_end });
        };
        if below.is_some_and(near) {
            return Err(Reason::StackGuardGap { at: at.at });
        }
        // Before the limit is looked at, and from an area to the next is farther than any.
        self.prepare_anon(by, Place { area, at: vma.start });
        if area != at.area {
            return Err(Reason::NotMapped { at: at.at, map_end });
        }
        if let Some(limit) = limit.filter(|limit| (vma.end - from) as u64 > *limit) {
            return Err(Reason::StackLimit { at: at.at, limit });
        }
        let vma = &mut self.processes[by].spaces[at.area].vmas[n];
        vma.start = from;
        Ok(*vma)
    }

    /// In the kernel's order (mm/memory.c, arch/*/mm/fault.c).
    fn touch_one(&mut self, by: ProcId, at: Place, access: Access) -> Ruled {
        let page = self.page_of(at.at);
        let found = self.processes[by].spaces[at.area].find(at.at).copied();
        let vma = match found.map_or_else(|| self.grow_down(by, at), Ok) {
            Ok(vma) => vma,
            Err(reason) => return fault(Signal::Sigsegv, MAPERR, at, reason),
        };
        if let Some(code) = forbids(&self.world, vma.prot, access) {
            let reason = match code {
                PKUERR => Reason::Key,
                _ => Reason::Protection { prot: vma.prot, access },
            };
            return fault(Signal::Sigsegv, code, at, reason);
        }
        let space = &self.processes[by].spaces[at.area];
        if space.guards.contains(&page) {
            return fault(Signal::Sigsegv, MAPERR, at, Reason::Guarded);
        }
        if access.is_store() && !vma.shared {
            // Before anybody asks whether there is a page for it (mm/memory.c, do_anonymous_page, do_cow_fault).
            self.prepare_anon(by, at);
        }
        let space = &self.processes[by].spaces[at.area];
        let Some(id) = vma.object else {
            if vma.missing.is_some() && !space.present.contains(&page) {
                return fault(Signal::Sigbus, ADRERR, at, Reason::Missing);
            }
            let mut ruled = self.anonymous(by, at, access);
            self.perhaps_forbidden(&mut ruled, &vma, at);
            return ruled;
        };
        let place = vma.place(at.at);
        let size = self.object(id).file.size();
        if place / self.page() >= size.div_ceil(self.page()) {
            let reason = Reason::PastLastFilePage {
                at: place,
                size,
                page: self.page(),
            };
            let ruled = fault(Signal::Sigbus, ADRERR, at, reason.seen_from(at, place));
            return if self.huge(id, &vma, place) {
                self.along_with_huge(ruled, id, &vma, place, access)
            } else {
                ruled
            };
        }
        if !self.processes[by].spaces[at.area].copies.contains_key(&page) {
            let there = self.object(id).pages.contains(&(place / self.page()));
            if vma.missing.is_some() && !there {
                let ruled = fault(Signal::Sigbus, ADRERR, at, Reason::Missing);
                // Which pages a huge one has brought into the file is not followed.
                return if self.object(id).world.huge_always {
                    self.along_with_huge(ruled, id, &vma, place, access)
                } else {
                    ruled
                };
            }
            if self.starved(id, place / self.page()) {
                return fault(Signal::Sigbus, ADRERR, at, Reason::FilesystemFull);
            }
        }
        self.processes[by].spaces[at.area].present.insert(page);
        let mut ruled = match access {
            Access::Store(value) => self.store(by, at, id, &vma, value),
            _ => self.load(by, at, id, &vma),
        };
        self.perhaps_forbidden(&mut ruled, &vma, at);
        ruled
    }

    /// Nothing told whether a page that may be executed alone may be read.
    fn perhaps_forbidden(&self, ruled: &mut Ruled, vma: &Vma, at: Place) {
        if vma.prot == Prot::EXEC && self.world.execute_only == ExecuteOnly::Unknown {
            let code = match self.world.arch {
                Arch::X86_64 => PKUERR,
                Arch::Aarch64 => ACCERR,
            };
            let refused = fault(Signal::Sigsegv, code, at, Reason::Key);
            ruled.possible.extend(refused.possible);
        }
    }

    fn load(&self, by: ProcId, at: Place, id: ObjectId, vma: &Vma) -> Ruled {
        let place = vma.place(at.at);
        let file = &self.object(id).file;
        match self.processes[by].spaces[at.area].copies.get(&self.page_of(at.at)) {
            Some(copy) => Ruled {
                possible: bytes(copy.get(place)),
                reason: Reason::PrivateCopy { at: place }.seen_from(at, place),
            },
            None if self.object(id).anonymous => Ruled {
                possible: bytes(file.get(place)),
                reason: Reason::Anonymous {
                    stored: file.get(place) != Held::Sure(0),
                },
            },
            None => Ruled {
                possible: bytes(file.get(place)),
                reason: Reason::in_file(place, file.size(), self.page()).seen_from(at, place),
            },
        }
    }

    fn store(&mut self, by: ProcId, at: Place, id: ObjectId, vma: &Vma, value: u8) -> Ruled {
        let place = vma.place(at.at);
        let size = self.object(id).file.size();
        let reason = if vma.shared {
            self.objects[id].file.store(place, value);
            Reason::stored(place, size, self.page())
        } else {
            self.own_copy(by, at).set(place, place + 1, Held::Sure(value));
            Reason::CopiedOnWrite { at: place }
        };
        Ruled::certain(Outcome::Stored, reason.seen_from(at, place))
    }

    /// The process's own copy of a private page, made now if there is none.
    pub(super) fn own_copy(&mut self, by: ProcId, at: Place) -> &mut Runs {
        let page = self.page_of(at.at);
        let size = self.page();
        let space = &mut self.processes[by].spaces[at.area];
        let vma = space.find(at.at).copied();
        let objects = &self.objects;
        space.copies.entry(page).or_insert_with(|| {
            let Some((id, vma)) = vma.and_then(|vma| Some((vma.object?, vma))) else {
                return Runs::default();
            };
            let first = vma.place(page * size as i64);
            objects[id].file.copy(first, first + size)
        })
    }

    /// Private anonymous memory: zeros until the first store, and never SIGBUS, for no file can end.
    fn anonymous(&mut self, by: ProcId, at: Place, access: Access) -> Ruled {
        let page = self.page_of(at.at);
        let shift = self.processes[by].spaces[at.area]
            .find(at.at)
            .map_or(0, |vma| vma.shift);
        let place = (at.at + shift) as u64;
        self.processes[by].spaces[at.area].present.insert(page);
        if let Access::Store(value) = access {
            self.own_copy(by, at).set(place, place + 1, Held::Sure(value));
            return Ruled::certain(Outcome::Stored, Reason::StoredAnonymous);
        }
        let copy = self.processes[by].spaces[at.area].copies.get(&page);
        Ruled {
            possible: bytes(copy.map_or(Held::Sure(0), |copy| copy.get(place))),
            reason: Reason::Anonymous { stored: copy.is_some() },
        }
    }

    /// tmpfs mounted huge=always: where the VMA holds a whole huge page at matching addresses, one fault inside the file
    /// maps all of it, and what lies behind the end of the file then answers (kernel commit 74207de2ba10 excludes shmem).
    pub(super) fn huge(&self, id: ObjectId, vma: &Vma, place: u64) -> bool {
        let object = self.object(id);
        let huge = object.world.huge_page();
        let first = place - place % huge;
        let begins = vma.shift + vma.start;
        let ends = vma.shift + vma.end;
        object.world.huge_always
            && vma.shift.rem_euclid(huge as i64) == 0
            && first < object.file.size()
            && begins <= first as i64
            && ends >= (first + huge) as i64
    }

    /// Which of the two it is depends on whether the huge page has been mapped yet, so both remain possible.
    fn along_with_huge(&mut self, mut ruled: Ruled, id: ObjectId, vma: &Vma, place: u64, access: Access) -> Ruled {
        match access {
            Access::Store(value) => {
                ruled.possible.push(Outcome::Stored);
                if vma.shared {
                    self.objects[id].file.store_perhaps(place, Held::ZeroOr(value));
                }
            }
            _ => ruled.possible.extend(bytes(self.objects[id].file.get(place))),
        }
        ruled.reason = Reason::HugePage {
            huge: self.world.huge_page(),
        };
        ruled
    }
}

/// The si_code that a protection refuses an access with. A page that may be written may be read on both architectures: their
/// page tables have no write-only pages. One that may be executed may be read on x86_64 as well, but where a protection key
/// keeps data accesses out: mmap(2), NOTES; pkeys(7); arch/x86/mm/fault.c, bad_area_access_from_pkeys.
pub(super) fn forbids(world: &World, prot: Prot, access: Access) -> Option<i32> {
    if prot == Prot::EXEC && world.execute_only == ExecuteOnly::Key {
        return Some(PKUERR);
    }
    let allowed = if access.is_store() {
        prot.write
    } else {
        prot.read || prot.write || prot.exec
    };
    (!allowed).then_some(ACCERR)
}

pub(super) fn faults(ruled: &Ruled) -> bool {
    ruled
        .possible
        .iter()
        .any(|outcome| matches!(outcome, Outcome::Fault(_)))
}

fn fault(signal: Signal, si_code: i32, at: Place, reason: Reason) -> Ruled {
    Ruled::certain(Outcome::Fault(Fault { signal, si_code, at }), reason)
}
