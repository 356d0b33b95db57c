//! One area of a process's address space: its VMAs, its private copies, its guard pages. It may not know files or rules.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::Runs;
use super::object::ObjectId;
use crate::op::Prot;

/// Where anonymous memory's first byte of an area lies in its object: in front of an area there are bytes too, and a place
/// is never negative.
pub const ANONYMOUS: i64 = 1 << 46;

/// A virtual memory area: whole pages, one protection, one stretch of one object. Bytes from the area's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vma {
    pub start: i64,
    pub end: i64,
    pub prot: Prot,
    /// VM_MAYWRITE: may mprotect(2) make it writable?
    pub may_write: bool,
    /// VM_MAYEXEC: may mprotect(2) make it executable?
    pub may_exec: bool,
    /// VM_SHARED: what is stored goes to the object. Where the descriptor may not write, nothing ever is, and a mapping of
    /// /dev/zero is then private memory (mm/mmap.c, do_mmap; drivers/char/mem.c, mmap_zero)
    pub shared: bool,
    /// VM_MAYSHARE: it was asked for as MAP_SHARED
    pub may_share: bool,
    /// none: private anonymous memory
    pub object: Option<ObjectId>,
    /// it is of /dev/zero, and its file is that device even where its memory is anonymous
    pub zero: bool,
    /// the place in the object of a byte is its place in the area and this
    pub shift: i64,
    pub locked: bool,
    pub dont_fork: bool,
    pub wipe_on_fork: bool,
    /// mseal(2)
    pub sealed: bool,
    /// the userfaultfd, counted from 1, that has its missing pages raise SIGBUS
    pub missing: Option<usize>,
    /// MAP_GROWSDOWN
    pub grows_down: bool,
    /// MAP_NORESERVE
    pub no_reserve: bool,
    /// VM_ACCOUNT: private and once writable, it counts as memory that may be needed
    pub accounted: bool,
    /// it has an anon_vma: memory of its own was stored to, guarded or grown down to, in it or in what it was cut from
    pub anon: bool,
}

impl Vma {
    /// The place in the object of the byte at `at`.
    pub fn place(&self, at: i64) -> u64 {
        (at + self.shift) as u64
    }

    /// mprotect(2) of the whole of it. What was never stored to counts no more when it cannot be (mm/mprotect.c,
    /// mprotect_fixup), and then does not merge with what does.
    pub fn protect(&mut self, prot: Prot) {
        if prot.write {
            self.accounted |= !self.shared && !self.no_reserve;
        } else if self.prot != prot && self.object.is_none() && !self.anon {
            self.accounted = false;
        }
        self.prot = prot;
    }

    /// May it never be given this protection?
    pub fn forbids(&self, prot: Prot) -> bool {
        prot.write && !self.may_write || prot.exec && !self.may_exec
    }

    fn joins(&self, next: &Vma) -> bool {
        let same = Vma {
            start: next.start,
            end: next.end,
            anon: next.anon,
            ..*self
        };
        self.end == next.start && same == *next
    }
}

/// The VMAs of one area, sorted and disjoint, and what belongs to single pages of them.
#[derive(Clone, Debug, Default)]
pub struct Space {
    pub vmas: Vec<Vma>,
    /// private copies: page of the area, counted from its first byte, to its bytes by their place in the object
    pub copies: BTreeMap<i64, Runs>,
    /// pages under MADV_GUARD_INSTALL
    pub guards: BTreeSet<i64>,
    /// pages that have been touched and not taken away since
    pub present: BTreeSet<i64>,
    /// pages that fork(2) may have brought along, or not
    pub inherited: BTreeSet<i64>,
    /// where two VMAs became alike; whether the kernel made one of them depends on more than is known here
    pub seams: BTreeSet<i64>,
}

impl Space {
    /// The VMA that covers a byte.
    pub fn find(&self, at: i64) -> Option<&Vma> {
        self.vmas.iter().find(|vma| (vma.start..vma.end).contains(&at))
    }

    /// How many bytes of a range are mapped.
    pub fn bytes_in(&self, from: i64, end: i64) -> u64 {
        let part = |vma: &Vma| (vma.end.min(end) - vma.start.max(from)) as u64;
        self.overlapping(from, end).map(part).sum()
    }

    /// The VMAs that share bytes with a stretch.
    pub fn overlapping(&self, from: i64, to: i64) -> impl Iterator<Item = &Vma> {
        self.vmas
            .iter()
            .filter(move |vma| from < to && vma.start < to && from < vma.end)
    }

    /// The first byte from `at` on that no VMA covers.
    pub fn mapped_until(&self, at: i64) -> i64 {
        let mut reached = at;
        for vma in &self.vmas {
            if vma.start <= reached && vma.end > reached {
                reached = vma.end;
            }
        }
        reached
    }

    /// Change every VMA inside a stretch, cutting those that cross its borders; then join neighbours alike, as the kernel
    /// merges VMAs.
    pub fn change(&mut self, from: i64, to: i64, mut change: impl FnMut(&mut Vma)) {
        self.split(from, to);
        for vma in self.vmas.iter_mut().filter(|vma| vma.start >= from && vma.end <= to) {
            change(vma);
        }
        self.join();
    }

    /// Take a stretch of whole pages away.
    pub fn remove(&mut self, from: i64, to: i64, page: u64) {
        if from >= to {
            return;
        }
        self.split(from, to);
        self.vmas.retain(|vma| vma.end <= from || vma.start >= to);
        self.forget(from, to, page);
        self.seams.retain(|at| *at < from || *at > to);
        let (first, last) = pages(from, to, page);
        self.guards.retain(|at| *at < first || *at >= last);
    }

    /// Drop the contents of a stretch of pages that are the mapping's own.
    pub fn forget(&mut self, from: i64, to: i64, page: u64) {
        let (first, last) = pages(from, to, page);
        self.copies.retain(|at, _| *at < first || *at >= last);
        self.present.retain(|at| *at < first || *at >= last);
        self.inherited.retain(|at| *at < first || *at >= last);
    }

    /// Put a VMA where nothing is mapped.
    pub fn insert(&mut self, vma: Vma) {
        let place = self.vmas.partition_point(|other| other.start < vma.start);
        self.vmas.insert(place, vma);
        self.join();
    }

    /// The VMA of a byte gets an anon_vma (mm/rmap.c, __anon_vma_prepare).
    pub fn prepare_anon(&mut self, at: i64) {
        for vma in self.vmas.iter_mut().filter(|vma| (vma.start..vma.end).contains(&at)) {
            vma.anon = true;
        }
    }

    /// The VMA that now covers `at` has no userfaultfd any more, the whole of it: without UFFD_FEATURE_EVENT_REMAP what
    /// mremap(2) has moved is let go after it has merged with its neighbours (mm/mremap.c, copy_vma_and_data; fs/userfaultfd.c,
    /// mremap_userfaultfd_prep).
    pub fn unwatch(&mut self, at: i64) {
        for vma in self.vmas.iter_mut().filter(|vma| (vma.start..vma.end).contains(&at)) {
            vma.missing = None;
        }
        self.join();
    }

    fn split(&mut self, from: i64, to: i64) {
        for border in [from, to] {
            let crossing = self.vmas.iter().position(|vma| vma.start < border && border < vma.end);
            if let Some(i) = crossing {
                let right = Vma {
                    start: border,
                    ..self.vmas[i]
                };
                self.vmas[i].end = border;
                self.vmas.insert(i + 1, right);
            }
        }
    }

    /// A call that was refused may have cut a VMA here.
    pub fn cut(&mut self, at: i64) {
        if self.find(at).is_some_and(|vma| vma.start < at) {
            self.seams.insert(at);
        }
    }

    fn join(&mut self) {
        let seams = &mut self.seams;
        self.vmas.dedup_by(|right, left| {
            let alike = left.joins(right);
            if alike {
                seams.insert(right.start);
                left.end = right.end;
                left.anon |= right.anon;
            }
            alike
        });
    }
}

/// The pages of a stretch, the last excluded.
pub fn pages(from: i64, to: i64, page: u64) -> (i64, i64) {
    let page = page as i64;
    (
        from.div_euclid(page),
        to.div_euclid(page) + i64::from(to.rem_euclid(page) != 0),
    )
}
