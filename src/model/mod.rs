//! The model: a pure reference model of what Linux does with a mapped file. A state machine over one file object per
//! `Create` and the VMAs of one mapping; every answer is derived from that state by a rule and carries its reason.
//! It may not know std::io, the clock, the machine's page size or what a scenario expects: `core` and `alloc` suffice.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use crate::op::{Access, Fault, FileId, Op, Outcome, Prot, Script, Share, Signal, World, round_up};

mod file;
mod rule;
mod runs;
mod zones;

use file::{File, Growth};
pub use rule::{Reason, Rule};
use runs::{Held, Runs};

/// SEGV_MAPERR: no VMA covers the address. sigaction(2).
const MAPERR: i32 = 1;
/// SEGV_ACCERR: a VMA covers it and forbids the access. sigaction(2).
const ACCERR: i32 = 2;
/// BUS_ADRERR: the VMA's file has no page there. sigaction(2), mmap(2) SIGBUS.
const ADRERR: i32 = 2;

/// asm-generic/errno-base.h
const ENOMEM: i32 = 12;
/// asm-generic/errno-base.h
const EINVAL: i32 = 22;
/// asm-generic/errno.h
const EOVERFLOW: i32 = 75;

/// The model's answer to one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// Every outcome that the rules leave open; one where they are certain.
    pub possible: Vec<Outcome>,
    /// Why.
    pub reason: Reason,
}

impl Ruled {
    fn certain(outcome: Outcome, reason: Reason) -> Ruled {
        Ruled {
            possible: vec![outcome],
            reason,
        }
    }

    fn errno(errno: i32) -> Ruled {
        Ruled::certain(Outcome::Errno(errno), Reason::Refused(errno))
    }

    fn done() -> Ruled {
        Ruled::certain(Outcome::Done, Reason::Call)
    }
}

/// A virtual memory area: whole pages, one protection, one stretch of the file. Offsets in bytes from `base`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Vma {
    start: i64,
    end: i64,
    prot: Prot,
}

/// What mmap fixed once and for all.
#[derive(Clone, Copy, Debug)]
struct Mapping {
    file: FileId,
    /// where in the file `base` lies
    offset: u64,
    /// the length given to mmap, rounded up to whole pages
    rounded: u64,
    share: Share,
}

/// The machine's memory and files, as far as one script can tell.
#[derive(Clone, Debug)]
pub struct Model {
    world: World,
    files: Vec<File>,
    mapping: Option<Mapping>,
    /// sorted, disjoint
    vmas: Vec<Vma>,
    /// private copies: page of the mapping, counted from `base`, to its bytes by their place in the file
    copies: BTreeMap<u64, Runs>,
    shrunk: bool,
}

impl Model {
    /// A machine on which nothing has happened yet.
    pub fn new(world: &World) -> Model {
        Model {
            world: world.clone(),
            files: Vec::new(),
            mapping: None,
            vmas: Vec::new(),
            copies: BTreeMap::new(),
            shrunk: false,
        }
    }

    /// The answers to a whole script, one for each operation.
    pub fn answer(world: &World, script: &Script) -> Vec<Ruled> {
        let mut model = Model::new(world);
        script.ops.iter().map(|op| model.apply(op)).collect()
    }

    /// Has a file been made smaller yet?
    pub fn has_shrunk(&self) -> bool {
        self.shrunk
    }

    /// Does the mapping hold a private copy of the page of this byte?
    pub fn has_copy(&self, at: i64) -> bool {
        self.copies.contains_key(&self.page_of(at))
    }

    /// Carry out one operation and say what it comes to.
    pub fn apply(&mut self, op: &Op) -> Ruled {
        match *op {
            Op::Create { file } => {
                debug_assert_eq!(file, self.files.len());
                self.files.push(File::default());
                Ruled::done()
            }
            Op::Write {
                file,
                at,
                len,
                byte,
            } => {
                self.files[file].write(at, len, byte, &self.world);
                Ruled::done()
            }
            Op::Truncate { file, size } => self.truncate(file, size),
            Op::Allocate { file, at, len } => {
                if len == 0 {
                    return Ruled::errno(EINVAL);
                }
                self.files[file].grow(at.saturating_add(len), Growth::Allocate, &self.world);
                Ruled::done()
            }
            Op::Read { file, at } => self.read(file, at),
            Op::Map {
                file,
                offset,
                len,
                prot,
                share,
            } => self.map(file, offset, len, prot, share),
            Op::Unmap { at, len } => self.unmap(at, len),
            Op::Protect { at, len, prot } => self.protect(at, len, prot),
            Op::Sync { at, len } => self.sync(at, len),
            Op::Touch { at, access } => self.touch(at, access),
        }
    }

    fn page(&self) -> u64 {
        self.world.page
    }

    fn page_of(&self, at: i64) -> u64 {
        (at.max(0) as u64) / self.page()
    }

    fn aligned(&self, at: i64) -> bool {
        at.rem_euclid(self.page() as i64) == 0
    }

    /// truncate(2). What lies wholly past the new end goes, private copies included (the kernel unmaps those pages with
    /// `even_cows` set: mm/memory.c, unmap_mapping_range); a private copy of the page the end lies in stays.
    fn truncate(&mut self, file: FileId, size: u64) -> Ruled {
        self.shrunk |= size < self.files[file].size();
        self.files[file].truncate(size, &self.world);
        if let Some(mapping) = self.mapping.filter(|m| m.file == file) {
            let pages = size.div_ceil(self.page());
            let first = mapping.offset / self.page();
            self.copies.retain(|page, _| first + page < pages);
        }
        Ruled::done()
    }

    fn read(&self, file: FileId, at: u64) -> Ruled {
        let size = self.files[file].size();
        if at >= size {
            return Ruled::certain(Outcome::End, Reason::EndOfFile { size });
        }
        Ruled {
            possible: bytes(self.files[file].get(at)),
            reason: Reason::FileByte { at, size },
        }
    }

    /// mmap(2): EINVAL for a length of 0 or an offset that is no multiple of the page size, EOVERFLOW where offset and
    /// length pass the largest file offset. The length is rounded up to whole pages; the file's size is not asked.
    fn map(&mut self, file: FileId, offset: u64, len: u64, prot: Prot, share: Share) -> Ruled {
        if len == 0 || offset % self.page() != 0 {
            return Ruled::errno(EINVAL);
        }
        let rounded = round_up(len, self.page());
        if offset
            .checked_add(rounded)
            .is_none_or(|end| end > i64::MAX as u64)
        {
            return Ruled::errno(EOVERFLOW);
        }
        self.mapping = Some(Mapping {
            file,
            offset,
            rounded,
            share,
        });
        self.vmas = vec![Vma {
            start: 0,
            end: rounded as i64,
            prot,
        }];
        Ruled::certain(Outcome::Done, Reason::Mapped { len, rounded })
    }

    /// munmap(2): whole pages go, mapped or not; EINVAL for a length of 0 or an address inside a page.
    fn unmap(&mut self, at: i64, len: u64) -> Ruled {
        if len == 0 || !self.aligned(at) {
            return Ruled::errno(EINVAL);
        }
        let end = at + round_up(len, self.page()) as i64;
        self.split(at, end);
        self.vmas.retain(|vma| vma.end <= at || vma.start >= end);
        let (first, last) = (self.page_of(at), self.page_of(end));
        self.copies.retain(|page, _| *page < first || *page >= last);
        Ruled::done()
    }

    /// mprotect(2): whole pages; EINVAL for an address inside a page; ENOMEM where a page is not mapped, after the pages
    /// before it were changed.
    fn protect(&mut self, at: i64, len: u64, prot: Prot) -> Ruled {
        if !self.aligned(at) {
            return Ruled::errno(EINVAL);
        }
        let end = at + round_up(len, self.page()) as i64;
        if at == end {
            return Ruled::done();
        }
        let reached = self.mapped_until(at).min(end);
        self.split(at, reached);
        for vma in &mut self.vmas {
            if vma.start >= at && vma.end <= reached {
                vma.prot = prot;
            }
        }
        self.join();
        if reached < end {
            Ruled::errno(ENOMEM)
        } else {
            Ruled::done()
        }
    }

    /// msync(2), MS_SYNC. Only what is mapped shared is written back; ENOMEM where a page is not mapped, after the rest
    /// was written.
    fn sync(&mut self, at: i64, len: u64) -> Ruled {
        if !self.aligned(at) {
            return Ruled::errno(EINVAL);
        }
        let end = at + round_up(len, self.page()) as i64;
        let Some(mapping) = self.mapping else {
            return if at == end {
                Ruled::done()
            } else {
                Ruled::errno(ENOMEM)
            };
        };
        if mapping.share == Share::Shared {
            for vma in self
                .vmas
                .iter()
                .filter(|vma| vma.start < end && vma.end > at)
            {
                let from = mapping.offset + vma.start.max(at) as u64;
                let to = mapping.offset + vma.end.min(end) as u64;
                self.files[mapping.file].write_back(from, to, &self.world);
            }
        }
        if self.mapped_until(at) < end && at != end {
            Ruled::errno(ENOMEM)
        } else {
            Ruled::done()
        }
    }

    /// The heart of the subject, in the kernel's order (mm/memory.c, arch/*/mm/fault.c): first the VMA, then its
    /// protection, and only then the file, whose size of today counts.
    fn touch(&mut self, at: i64, access: Access) -> Ruled {
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
    fn huge(&self, mapping: Mapping, vma: Vma, place: u64) -> bool {
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

    /// The first byte from `at` on that no VMA covers.
    fn mapped_until(&self, at: i64) -> i64 {
        let mut reached = at;
        for vma in &self.vmas {
            if vma.start <= reached && vma.end > reached {
                reached = vma.end;
            }
        }
        reached
    }

    /// Cut VMAs at both borders, so that none crosses them.
    fn split(&mut self, at: i64, end: i64) {
        for border in [at, end] {
            if let Some(i) = self
                .vmas
                .iter()
                .position(|vma| vma.start < border && border < vma.end)
            {
                let right = Vma {
                    start: border,
                    ..self.vmas[i]
                };
                self.vmas[i].end = border;
                self.vmas.insert(i + 1, right);
            }
        }
    }

    /// Join neighbours alike, as the kernel merges VMAs.
    fn join(&mut self) {
        self.vmas.dedup_by(|right, left| {
            let alike = left.end == right.start && left.prot == right.prot;
            if alike {
                left.end = right.end;
            }
            alike
        });
    }
}

/// A page that may be written may be read on both architectures: their page tables have no write-only pages. mmap(2).
fn allows(prot: Prot, access: Access) -> bool {
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

fn bytes(held: Held) -> Vec<Outcome> {
    match held {
        Held::Sure(value) => vec![Outcome::Byte(value)],
        Held::ZeroOr(value) => vec![Outcome::Byte(0), Outcome::Byte(value)],
    }
}
