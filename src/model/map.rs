//! System calls on the address space: which VMAs each leaves behind, and which arguments it refuses, in the kernel's order
//! (mm/mmap.c, do_mmap; mm/mprotect.c). It may not know what a touch would meet.

use alloc::vec::Vec;

use super::errno::{EACCES, EAGAIN, EBADF, EEXIST, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM};
use super::file::How;
use super::object::{Object, ObjectId};
use super::space::{ANONYMOUS, Vma};
use super::touch::STACK_GUARD_GAP;
use super::{Model, Reason, Refusal, Ruled, because};
use crate::op::{FileKind, Filesystem, Mapping, Outcome, Place, ProcId, Prot, Rights, Share, Source, round_up};

/// The largest length that could fit into any address space: 2^47 bytes on x86_64, 2^48 on aarch64.
const ADDRESS_SPACE: u64 = 1 << 47;

/// What a mapping would be backed by, and what it may be made later.
struct Backing {
    object: Option<ObjectId>,
    /// VM_SHARED: not of what is mapped MAP_SHARED by a descriptor that may not write
    shared: bool,
    may_write: bool,
    may_exec: bool,
    /// it is of /dev/zero, which gives memory
    zero: bool,
}

/// Of anonymous memory.
const MEMORY: Backing = Backing {
    object: None,
    shared: false,
    may_write: true,
    may_exec: true,
    zero: false,
};

impl Model {
    /// mmap(2). The length is rounded up to whole pages; the file's size is not asked.
    pub(super) fn map(&mut self, by: ProcId, at: Place, mapping: &Mapping) -> Result<Ruled, Refusal> {
        let Mapping {
            offset,
            len,
            prot,
            flags,
            ..
        } = *mapping;
        if offset % self.page() != 0 {
            return Err(Refusal(EINVAL, because::OFFSET_UNALIGNED));
        }
        let descriptor = match mapping.source {
            Source::Anonymous => None,
            Source::Nothing => return Err(Refusal(EBADF, because::NO_DESCRIPTOR)),
            Source::File(file) => Some(self.descriptor(by, file)?),
        };
        if descriptor.is_some_and(|descriptor| descriptor.rights == Rights::Path) {
            return Err(Refusal(EBADF, because::ONLY_A_NAME));
        }
        if len == 0 {
            return Err(Refusal(EINVAL, because::LENGTH_ZERO));
        }
        let rounded = round_up(len, self.page());
        if rounded >= ADDRESS_SPACE {
            return Err(Refusal(ENOMEM, because::TOO_LONG));
        }
        let fixed = flags.fixed || flags.no_replace;
        if fixed {
            self.aligned(at)?;
        }
        let start = at.at - at.at.rem_euclid(self.page() as i64);
        let end = start + rounded as i64;
        let space = &self.processes[by].spaces[at.area];
        // A stack keeps its distance from what the kernel may put elsewhere (include/linux/mm.h, vm_start_gap).
        let gap = STACK_GUARD_GAP * self.page() as i64;
        let above = space.vmas.iter().find(|vma| vma.end > start);
        let near = !fixed && above.is_some_and(|vma| vma.grows_down && vma.start - gap < end);
        let taken = near || space.overlapping(start, end).next().is_some();
        if flags.no_replace && taken {
            return Err(Refusal(EEXIST, because::TAKEN));
        }
        if flags.locked {
            self.may_lock(by, rounded, EAGAIN)?;
        }
        let backing = match self.backing(mapping, descriptor) {
            Ok(backing) => backing,
            Err(ruled) => return Ok(ruled),
        };
        if fixed {
            self.may_change(by, at.area, start, end)?;
        }
        let page = self.page();
        let refused = flags.sync && self.refuses_sync(descriptor);
        let process = &mut self.processes[by];
        // What is replaced counts no more.
        let replaced = if fixed {
            process.spaces[at.area].bytes_in(start, end)
        } else {
            0
        };
        if !process.may_expand(rounded - replaced) {
            if fixed {
                self.stay_cut(by, at.area, start);
                self.stay_cut(by, at.area, end);
            }
            return Err(Refusal(ENOMEM, because::AS));
        }
        if refused {
            // By the filesystem, after the place was made free (mm/vma.c, mmap_region); measured on ext4.
            if flags.fixed {
                process.spaces[at.area].remove(start, end, page);
            }
            return Err(Refusal(EOPNOTSUPP, because::SYNC));
        }
        if taken && !fixed {
            if flags.populate || flags.locked {
                self.take_pages(backing.object, mapping);
            }
            return Ok(Ruled::certain(Outcome::Elsewhere, Reason::Elsewhere));
        }
        self.put(by, at.area, start, end, mapping, backing);
        if flags.populate || flags.locked {
            self.populate(by, at.area, start, end, prot);
        }
        Ok(Ruled::done(Reason::Mapped { len, rounded }))
    }

    /// What MAP_POPULATE or MAP_LOCKED takes of a full tmpfs for a mapping that then stands in no area.
    fn take_pages(&mut self, object: Option<ObjectId>, mapping: &Mapping) {
        let page = self.page();
        let Some(id) = object.filter(|_| mapping.prot != Prot::NONE) else {
            return;
        };
        let end = self.object(id).file.size().min(mapping.offset + mapping.len);
        for place in (mapping.offset..end).step_by(page as usize) {
            self.starved(id, place / page); // once it is full it takes no more
        }
    }

    /// MAP_SYNC is refused last of all, for private mappings too, whatever mmap(2) says of flags that MAP_SHARED ignores. A
    /// filesystem that has never heard of it (no FOP_MMAP_SYNC in its file operations) does not look at it here. Measured.
    fn refuses_sync(&self, descriptor: Option<super::Descriptor>) -> bool {
        descriptor.is_some_and(|found| !knows_no_sync(&self.object(found.object).world.filesystem))
    }

    /// What kind of mapping is allowed of what: the switch in do_mmap.
    fn backing(&self, mapping: &Mapping, descriptor: Option<super::Descriptor>) -> Result<Backing, Ruled> {
        let neither = Refusal(EINVAL, because::NEITHER_TYPE);
        let Some(descriptor) = descriptor else {
            return match mapping.share {
                Share::Shared if mapping.flags.grows_down => Err(Refusal(EINVAL, because::GROWS_DOWN).into()),
                Share::Shared => Ok(Backing { shared: true, ..MEMORY }),
                Share::Private => Ok(MEMORY),
                Share::Validate => Err(Refusal(EINVAL, because::VALIDATE_ANONYMOUS).into()),
                Share::Neither => Err(neither.into()),
            };
        };
        let object = self.object(descriptor.object);
        // Only a file ends where a signed offset does (mm/mmap.c, file_mmap_ok).
        let end = mapping.offset.saturating_add(round_up(mapping.len, self.page()));
        if object.is_file() && i64::try_from(end).is_err() {
            return Err(Refusal(EOVERFLOW, because::FILE_OFFSET).into());
        }
        match mapping.share {
            Share::Neither => return Err(neither.into()),
            // Older than this check's list of flags are all but these (include/linux/mman.h, LEGACY_MAP_MASK).
            Share::Validate if mapping.flags.unknown || mapping.flags.no_replace => {
                return Err(Refusal(EOPNOTSUPP, because::UNKNOWN_FLAGS).into());
            }
            Share::Validate if mapping.flags.sync && knows_no_sync(&object.world.filesystem) => {
                return Err(Refusal(EOPNOTSUPP, because::SYNC).into());
            }
            Share::Shared | Share::Validate if mapping.prot.write && !descriptor.writes() => {
                return Err(Refusal(EACCES, because::STORES_TO_READ_ONLY).into());
            }
            _ => {}
        }
        let shared = mapping.share != Share::Private;
        if !descriptor.reads() {
            return Err(Refusal(EACCES, because::MUST_READ).into());
        }
        let device = matches!(object.kind, FileKind::Zero | FileKind::Null);
        if object.noexec && mapping.prot.exec && (object.is_file() || device || self.world.kernel >= (6, 18, 0)) {
            return Err(Refusal(EPERM, because::NOEXEC).into());
        }
        if !object.is_file() && object.kind != FileKind::Zero {
            let mut refused = Ruled::refused(ENODEV, because::CANNOT_BE_MAPPED);
            // Older kernels lack it for some.
            if object.noexec && mapping.prot.exec {
                refused.possible.push(Outcome::Errno(EPERM));
            }
            return Err(refused);
        }
        if mapping.flags.grows_down {
            return Err(Refusal(EINVAL, because::GROWS_DOWN).into());
        }
        let may_write = !shared || descriptor.writes();
        if shared && object.seals.write && (mapping.prot.write || may_write && self.world.kernel < (6, 7, 0)) {
            return Err(Refusal(EPERM, because::SEAL_WRITE_MAPPING).into());
        }
        if shared && object.seals.future_write && mapping.prot.write {
            return Err(Refusal(EPERM, because::SEAL_FUTURE_WRITE).into());
        }
        let sealed = shared && (object.seals.write || object.seals.future_write);
        let zero = object.kind == FileKind::Zero;
        Ok(Backing {
            object: (!zero).then_some(descriptor.object),
            shared: shared && descriptor.writes(),
            may_write: may_write && !sealed,
            may_exec: !object.noexec,
            zero,
        })
    }

    fn put(&mut self, by: ProcId, area: usize, start: i64, end: i64, mapping: &Mapping, backing: Backing) {
        let Backing {
            object,
            shared,
            may_write,
            may_exec,
            zero,
        } = backing;
        let mut shift = mapping.offset as i64 - start;
        // Shared anonymous memory is a file without a name, which lives as long as its mappings: mm/shmem.c, shmem_zero_setup.
        let object = if object.is_none() && shared {
            let mut object = Object::new(FileKind::Memfd { sealing: false }, &self.world);
            object.file.truncate((end - start) as u64, How::Truncate, &object.world);
            object.anonymous = true;
            self.objects.push(object);
            // It is as long as the mapping and begins at 0. A mapping of zero(4) keeps its offset all the same, so that with
            // one its last pages, or all, lie past the end.
            shift -= if mapping.source == Source::Anonymous {
                mapping.offset as i64
            } else {
                0
            };
            Some(self.objects.len() - 1)
        } else {
            if mapping.source == Source::Anonymous {
                shift = ANONYMOUS[area];
            }
            object
        };
        let page = self.page();
        let space = &mut self.processes[by].spaces[area];
        space.remove(start, end, page);
        space.insert(Vma {
            start,
            end,
            prot: mapping.prot,
            may_write,
            may_exec,
            shared,
            may_share: mapping.share != Share::Private,
            object,
            file: match mapping.source {
                Source::File(file) => Some(file),
                _ => None,
            },
            zero,
            shift,
            locked: mapping.flags.locked,
            dont_fork: false,
            wipe_on_fork: false,
            sealed: false,
            missing: None,
            sync: mapping.flags.sync,
            no_reserve: mapping.flags.no_reserve,
            accounted: !shared && mapping.prot.write && !mapping.flags.no_reserve,
            anon: None,
            guarded: false,
            grows_down: mapping.flags.grows_down,
        });
    }

    /// What a handler does that maps an anonymous page over the faulting one. Over a sealed mapping, or beyond RLIMIT_AS, it fails.
    pub(super) fn cover(&mut self, by: ProcId, at: Place) {
        let start = at.at - at.at.rem_euclid(self.page() as i64);
        let end = start + self.page() as i64;
        let process = &self.processes[by];
        let more = self.page() - process.spaces[at.area].bytes_in(start, end);
        if !process.may_expand(more) || self.may_change(by, at.area, start, end).is_err() {
            return;
        }
        let mapping = Mapping {
            source: Source::Anonymous,
            offset: 0,
            len: self.page(),
            prot: Prot::READ_WRITE,
            share: Share::Private,
            flags: crate::op::MapFlags::default(),
        };
        self.put(by, at.area, start, end, &mapping, MEMORY);
    }

    /// munmap(2): whole pages go, mapped or not; EINVAL for a length of 0 or an address inside a page.
    pub(super) fn unmap(&mut self, by: ProcId, at: Place, len: u64) -> Result<Ruled, Refusal> {
        self.aligned(at)?;
        if len == 0 {
            return Err(Refusal(EINVAL, because::LENGTH_ZERO));
        }
        self.make_free(by, at.area, at.at, self.end(at.at, len))?;
        Ok(Ruled::done(Reason::Call))
    }

    /// mprotect(2): whole pages; EINVAL for an address inside a page; ENOMEM where a page is not mapped and EACCES where its
    /// file may not be written, after the pages before it were changed.
    pub(super) fn protect(&mut self, by: ProcId, at: Place, len: u64, prot: Prot) -> Result<Ruled, Refusal> {
        self.aligned(at)?;
        let end = self.end(at.at, len);
        let space = &mut self.processes[by].spaces[at.area];
        let mut reached = space.mapped_until(at.at).min(end);
        let stopper = space
            .overlapping(at.at, reached)
            .find(|vma| vma.forbids(prot) || vma.sealed)
            .copied();
        reached = stopper.map_or(reached, |vma| vma.start);
        // Locked and private, it gets its copies at once when stores become possible (mm/mprotect.c, mprotect_fixup).
        let copies: Vec<Vma> = space
            .overlapping(at.at, reached)
            .filter(|vma| vma.locked && !vma.shared && !vma.prot.write && prot.write)
            .copied()
            .collect();
        space.change(at.at, reached, |vma| vma.protect(prot));
        for vma in copies {
            self.populate(by, at.area, vma.start.max(at.at), vma.end.min(reached), prot);
        }
        if let Some(vma) = stopper.filter(|vma| vma.forbids(prot)) {
            let read_only = prot.write && !vma.may_write;
            let because = if read_only {
                because::MAPPED_READ_ONLY
            } else {
                because::NOEXEC
            };
            Err(Refusal(EACCES, because))
        } else if stopper.is_some() {
            Err(Refusal(EPERM, because::SEALED_MAPPING))
        } else if reached < end {
            Err(Refusal(ENOMEM, because::PAGE_NOT_MAPPED))
        } else {
            Ok(Ruled::done(Reason::Call))
        }
    }

    /// msync(2), MS_SYNC. Only what is mapped shared is written back; ENOMEM where a page is not mapped, after the rest
    /// was written.
    pub(super) fn sync(&mut self, by: ProcId, at: Place, len: u64) -> Result<Ruled, Refusal> {
        self.aligned(at)?;
        let end = self.end(at.at, len);
        let space = &self.processes[by].spaces[at.area];
        for vma in space.overlapping(at.at, end).filter(|vma| vma.shared) {
            let Some(id) = vma.object else { continue };
            let Object { file, world, .. } = &mut self.objects[id];
            file.write_back(vma.place(vma.start.max(at.at)), vma.place(vma.end.min(end)), world);
        }
        if space.mapped_until(at.at) < end {
            Err(Refusal(ENOMEM, because::PAGE_NOT_MAPPED))
        } else {
            Ok(Ruled::done(Reason::Call))
        }
    }
}

/// Filesystems without FOP_MMAP_SYNC: MAP_SHARED_VALIDATE refuses MAP_SYNC early, other types ignore it.
fn knows_no_sync(filesystem: &Filesystem) -> bool {
    matches!(filesystem, Filesystem::Tmpfs | Filesystem::Btrfs)
}
