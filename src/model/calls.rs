//! System calls on files and mappings: what each changes in the state, and which arguments it refuses. It may not know what
//! a touch would meet.

use alloc::vec;

use super::{EINVAL, ENOMEM, EOVERFLOW, Mapping, Model, Reason, Ruled, Vma, bytes};
use crate::op::{FileId, Outcome, Prot, Share, round_up};

impl Model {
    /// truncate(2). What lies wholly past the new end goes, private copies included (the kernel unmaps those pages with
    /// `even_cows` set: mm/memory.c, unmap_mapping_range); a private copy of the page the end lies in stays.
    pub(super) fn truncate(&mut self, file: FileId, size: u64) -> Ruled {
        self.shrunk |= size < self.files[file].size();
        self.files[file].truncate(size, &self.world);
        if let Some(mapping) = self.mapping.filter(|m| m.file == file) {
            let pages = size.div_ceil(self.page());
            let first = mapping.offset / self.page();
            self.copies.retain(|page, _| first + page < pages);
        }
        Ruled::done()
    }

    pub(super) fn read(&self, file: FileId, at: u64) -> Ruled {
        let size = self.files[file].size();
        if at >= size {
            return Ruled::certain(Outcome::End, Reason::EndOfFile { size });
        }
        let page = |mapping: Mapping| at.checked_sub(mapping.offset).map(|at| at / self.page());
        let mapping = self.mapping.filter(|mapping| mapping.file == file);
        let copied = mapping.and_then(page).is_some_and(|page| self.copies.contains_key(&page));
        let reason = if copied {
            Reason::BesideCopy { at }
        } else {
            Reason::FileByte { at, size }
        };
        let possible = bytes(self.files[file].get(at));
        Ruled { possible, reason }
    }

    /// mmap(2): EINVAL for a length of 0 or an offset that is no multiple of the page size, EOVERFLOW where offset and
    /// length pass the largest file offset. The length is rounded up to whole pages; the file's size is not asked.
    pub(super) fn map(&mut self, file: FileId, offset: u64, len: u64, prot: Prot, share: Share) -> Ruled {
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
    pub(super) fn unmap(&mut self, at: i64, len: u64) -> Ruled {
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
    pub(super) fn protect(&mut self, at: i64, len: u64, prot: Prot) -> Ruled {
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
    pub(super) fn sync(&mut self, at: i64, len: u64) -> Ruled {
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
