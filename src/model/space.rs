//! One area of a process's address space: its VMAs, its private copies, its guard pages. It may not know files or rules.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::Runs;
use super::object::ObjectId;
use crate::op::{AREA_LIMIT, FileId, Prot};

/// Where anonymous memory's first byte of each area lies in its object: in front of an area there are bytes too, and a place
/// is never negative. In the kernel it is the address, so that no two areas have it in common.
pub const ANONYMOUS: [i64; AREA_LIMIT] = [1 << 46, 2 << 46, 3 << 46, 4 << 46];

/// The anon_vma of a VMA, by which private pages are found from their mappings (mm/rmap.c).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anon {
    pub id: usize,
    /// with it stands the anon_vma of the process that this one was forked from
    pub inherited: bool,
}

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
    /// vm_file: the descriptor that it was mapped by
    pub file: Option<FileId>,
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
    /// MAP_SYNC, where nobody has refused it
    pub sync: bool,
    /// VM_ACCOUNT: private and once writable, it counts as memory that may be needed
    pub accounted: bool,
    /// memory of its own was stored to, guarded or grown down to, in it or in what it was cut from
    pub anon: Option<Anon>,
    /// VM_MAYBE_GUARD: a guard was put into it, or into what it was cut from; it keeps no two VMAs apart
    pub guarded: bool,
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
        } else if self.prot != prot && self.object.is_none() && self.anon.is_none() {
            self.accounted = false;
        }
        self.prot = prot;
    }

    /// May it never be given this protection?
    pub fn forbids(&self, prot: Prot) -> bool {
        prot.write && !self.may_write || prot.exec && !self.may_exec
    }

    /// Does `next` begin where this ends, alike in everything but memory of its own? mm/vma.c, is_mergeable_vma
    fn goes_on(&self, next: &Vma) -> bool {
        let same = Vma {
            start: next.start,
            end: next.end,
            anon: next.anon,
            guarded: next.guarded,
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
    /// a VMA without an anon_vma does not take in one that has it: before 6.16
    pub shy: bool,
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
            if vma.start <= reached {
                reached = reached.max(vma.end);
            }
        }
        reached
    }

    /// The number of the VMA that covers a byte, or else of the next one.
    fn index(&self, at: i64) -> usize {
        self.vmas.partition_point(|vma| vma.end <= at)
    }

    /// Change every VMA inside a stretch, one after another. What changes is cut out of its VMA, and merges with neighbours
    /// that it becomes like; what stays as it was merges with nothing (mm/vma.c, vma_modify).
    pub fn change(&mut self, from: i64, to: i64, mut change: impl FnMut(&mut Vma)) {
        let mut at = from;
        let next = |space: &Space, at| space.overlapping(at, to).next().copied();
        while let Some(vma) = next(self, at) {
            let old = Vma {
                start: vma.start.max(at),
                end: vma.end.min(to),
                ..vma
            };
            let mut new = old;
            change(&mut new);
            if new != old {
                self.cut(old.start);
                self.cut(old.end);
                let n = self.index(old.start);
                self.vmas[n] = new;
                self.settle(n);
            }
            at = old.end;
        }
    }

    /// Take a stretch of whole pages away.
    pub fn remove(&mut self, from: i64, to: i64, page: u64) {
        if from >= to {
            return;
        }
        self.cut(from);
        self.cut(to);
        self.vmas.retain(|vma| vma.end <= from || vma.start >= to);
        self.empty(from, to, page);
    }

    /// Drop all that page tables hold of a stretch of pages.
    pub fn empty(&mut self, from: i64, to: i64, page: u64) {
        self.forget(from, to, page);
        self.unguard(from, to, page);
    }

    /// MADV_GUARD_REMOVE
    pub fn unguard(&mut self, from: i64, to: i64, page: u64) {
        let (first, last) = pages(from, to, page);
        self.guards.retain(|at| *at < first || *at >= last);
    }

    /// Drop the contents of a stretch of pages that are the mapping's own.
    pub fn forget(&mut self, from: i64, to: i64, page: u64) {
        let (first, last) = pages(from, to, page);
        self.copies.retain(|at, _| *at < first || *at >= last);
        self.present.retain(|at| *at < first || *at >= last);
    }

    /// Put a VMA where nothing is mapped.
    pub fn insert(&mut self, vma: Vma) {
        let n = self.index(vma.start);
        self.vmas.insert(n, vma);
        self.settle(n);
    }

    /// Cut the VMA that crosses this border.
    pub fn cut(&mut self, at: i64) {
        if let Some(n) = self.vmas.iter().position(|vma| vma.start < at && at < vma.end) {
            let left = Vma {
                end: at,
                ..self.vmas[n]
            };
            self.vmas[n].start = at;
            self.vmas.insert(n, left);
        }
    }

    /// A VMA that is new or has changed, and neighbours that are like it, become one (mm/vma.c, vma_merge_new_range,
    /// vma_merge_existing_range). What has an anon_vma of its own does not go with what has another, nor what a fork has
    /// brought with what has none (is_mergeable_anon_vma).
    fn settle(&mut self, n: usize) {
        let new = self.vmas[n];
        let shy = self.shy;
        let takes = |other: &Vma| match (other.anon, new.anon) {
            (None, Some(anon)) => !anon.inherited && !shy,
            (Some(anon), None) => !anon.inherited,
            (theirs, own) => theirs == own,
        };
        let before = n.checked_sub(1).map(|n| self.vmas[n]);
        let left = before.filter(|left| left.goes_on(&new) && takes(left));
        let right = self.vmas.get(n + 1).filter(|right| new.goes_on(right) && takes(right));
        // Each may go with the new one, and not with the other.
        let apart = |left: Vma, right: &Vma| left.anon.is_some() && right.anon.is_some() && left.anon != right.anon;
        let right = right.filter(|right| !left.is_some_and(|left| apart(left, right)));
        let (first, last) = (n - usize::from(left.is_some()), n + usize::from(right.is_some()));
        let merged = Vma {
            start: self.vmas[first].start,
            end: self.vmas[last].end,
            anon: self.vmas[first..=last].iter().find_map(|vma| vma.anon),
            guarded: self.vmas[first..=last].iter().any(|vma| vma.guarded),
            ..new
        };
        self.vmas.splice(first..=last, [merged]);
    }

    /// The VMA of a byte gets an anon_vma, if it has none: that of a neighbour which it may yet become one with, the next
    /// before the last, or a new one (mm/vma.c, find_mergeable_anon_vma). What fork(2) has brought is not shared.
    pub fn prepare_anon(&mut self, at: i64, id: usize) {
        let n = self.index(at);
        let Some(vma) = self.vmas.get(n).filter(|vma| vma.anon.is_none()).copied() else {
            return;
        };
        let like = |other: &Vma| Vma {
            prot: other.prot,
            ..vma
        };
        let next = self.vmas.get(n + 1).filter(|next| like(next).goes_on(next));
        let last = n.checked_sub(1).map(|n| &self.vmas[n]);
        let last = last.filter(|last| last.goes_on(&like(last)));
        let theirs = [next, last].into_iter().flatten().filter_map(|vma| vma.anon);
        let shared = theirs.into_iter().find(|anon| !anon.inherited);
        self.vmas[n].anon = shared.or(Some(Anon { id, inherited: false }));
    }

    /// The VMA of a byte has guards from now on, the whole of it.
    pub fn guard(&mut self, at: i64) {
        let n = self.index(at);
        if let Some(vma) = self.vmas.get_mut(n) {
            vma.guarded = true;
        }
    }

    /// The VMA that now covers `at` has no userfaultfd any more, the whole of it: without UFFD_FEATURE_EVENT_REMAP what
    /// mremap(2) has moved is let go after it has merged with its neighbours (mm/mremap.c, copy_vma_and_data; fs/userfaultfd.c,
    /// mremap_userfaultfd_prep).
    pub fn unwatch(&mut self, at: i64) {
        let n = self.index(at);
        self.vmas[n].missing = None;
    }
}

/// The pages of a stretch that begins and ends with one, the last excluded.
pub fn pages(from: i64, to: i64, page: u64) -> (i64, i64) {
    (from.div_euclid(page as i64), to.div_euclid(page as i64))
}
