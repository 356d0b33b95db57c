//! System calls on files: what each changes in the object, and which arguments it refuses. It may not know what a touch
//! would meet.

use super::errno::{EBADF, EBUSY, EFBIG, EINVAL, EISDIR, ENODEV, ENOENT, ENOSPC, EOPNOTSUPP, EPERM, ESPIPE};
use super::file::How;
use super::object::{Descriptor, Object, ObjectId};
use super::{Because, Model, Reason, Refusal, Ruled, because};
use crate::op::{FileId, FileKind, Filesystem, Growth, ProcId, Rights, Seals};

impl Model {
    pub(super) fn create(&mut self, by: ProcId, file: FileId, kind: FileKind) -> Ruled {
        let mut object = Object::new(kind, &self.world);
        let mounted_over = match kind {
            FileKind::Regular | FileKind::Named => true,
            FileKind::Shm => self.world.shm_is_here,
            _ => false,
        };
        if let Some(mount) = self.processes[by].mount
            && mounted_over
        {
            object.world.filesystem = Filesystem::Tmpfs;
            object.world.huge_always = self.mounts[mount].huge;
            object.mount = Some(mount);
            object.noexec = false;
        }
        self.objects.push(object);
        let rights = match kind {
            FileKind::Directory | FileKind::Pipe => Rights::Read,
            _ => Rights::ReadWrite,
        };
        if kind == FileKind::Named {
            self.names.insert(file, self.objects.len() - 1);
        }
        self.open(by, file, self.objects.len() - 1, rights);
        Ruled::done(Reason::Call)
    }

    fn open(&mut self, by: ProcId, file: FileId, object: ObjectId, rights: Rights) {
        let mut open = [false; crate::op::PROC_LIMIT];
        open[by] = true;
        self.descriptors.insert(file, Descriptor { object, rights, open });
    }

    /// open(2) of the same object: a new description with rights of its own; O_TRUNC empties a file.
    pub(super) fn reopen(&mut self, by: ProcId, file: FileId, of: FileId, rights: Rights) -> Result<Ruled, Refusal> {
        let Descriptor { object, .. } = self.descriptor(by, of)?;
        let reads = matches!(rights, Rights::Read | Rights::Path);
        if self.object(object).kind == FileKind::Directory && !reads {
            return Err(Refusal(EISDIR, because::DIRECTORY));
        }
        if self.object(object).kind == FileKind::Eventfd && rights != Rights::Path {
            return Err(Refusal(super::errno::ENXIO, because::NEVER_OPENED));
        }
        if rights == Rights::Truncate && self.object(object).seals.shrink && self.object(object).file.size() > 0 {
            return Err(Refusal(EPERM, because::SEAL_SHRINK));
        }
        self.open(by, file, object, rights);
        if rights == Rights::Truncate {
            self.resize(object, 0, How::Truncate);
        }
        Ok(Ruled::done(Reason::Call))
    }

    /// A name stands for an object, not for a descriptor: what it stands for now is opened.
    pub(super) fn open_name(&mut self, by: ProcId, file: FileId, name: FileId) -> Result<Ruled, Refusal> {
        let object = *self.names.get(&name).ok_or(Refusal(ENOENT, because::NAME_GONE))?;
        self.open(by, file, object, Rights::ReadWrite);
        Ok(Ruled::done(Reason::Call))
    }

    /// unlink(2): the name goes. The object stays for as long as a descriptor or a mapping refers to it.
    pub(super) fn unlink(&mut self, name: FileId) -> Result<Ruled, Refusal> {
        self.names.remove(&name).ok_or(Refusal(ENOENT, because::NAME_GONE))?;
        Ok(Ruled::done(Reason::Unlinked))
    }

    /// rename(2)
    pub(super) fn rename(&mut self, from: FileId, to: FileId) -> Result<Ruled, Refusal> {
        let object = self.names.remove(&from).ok_or(Refusal(ENOENT, because::NAME_GONE))?;
        self.names.insert(to, object);
        Ok(Ruled::done(Reason::Renamed))
    }

    /// close(2) of what the process has open: its number may be another file's afterwards, so no script closes it again.
    pub(super) fn close(&mut self, by: ProcId, file: FileId) -> Ruled {
        if let Some(descriptor) = self.descriptors.get_mut(&file) {
            descriptor.open[by] = false;
        }
        Ruled::done(Reason::Call)
    }

    /// write(2); what RLIMIT_FSIZE or a seal forbids is refused.
    pub(super) fn write(&mut self, by: ProcId, file: FileId, at: u64, len: u64, byte: u8) -> Result<Ruled, Refusal> {
        if self.swallows(by, file) {
            return Ok(Ruled::done(Reason::Call)); // null(4)
        }
        let at = self.appended(by, file, at);
        let object = self.writable(by, file, at)?;
        let (most, because) = self.most(by, object, because::FSIZE_WRITE);
        let below = len.min(most - at);
        let allowed = self.unsealed(object, at, below)?;
        let fits = self.room_for(object, at, allowed);
        let Object { file, world, .. } = &mut self.objects[object];
        file.write(at, fits, byte, world);
        // The rest is tried by another write(2), which meets the full filesystem, the seal or the limit.
        if fits < allowed {
            Err(Refusal(ENOSPC, because::FILESYSTEM_FULL))
        } else if allowed < below {
            Err(Refusal(EPERM, because::SEAL_GROW))
        } else if below < len {
            Err(Refusal(EFBIG, because))
        } else {
            Ok(Ruled::done(Reason::Call))
        }
    }

    /// Does what is written to it go nowhere? null(4), zero(4)
    pub(super) fn swallows(&self, by: ProcId, file: FileId) -> bool {
        let found = self.descriptor(by, file).ok().filter(|descriptor| descriptor.writes());
        found.is_some_and(|found| matches!(self.object(found.object).kind, FileKind::Null | FileKind::Zero))
    }

    /// Where pwrite(2) puts its bytes: with O_APPEND at the end, whatever the offset (pwrite(2), BUGS).
    pub(super) fn appended(&self, by: ProcId, file: FileId, at: u64) -> u64 {
        match self.descriptor(by, file) {
            Ok(found) if found.rights == Rights::Append => self.object(found.object).file.size(),
            _ => at,
        }
    }

    /// The object of a descriptor that write(2) may change from byte `from` on.
    pub(super) fn writable(&self, by: ProcId, file: FileId, from: u64) -> Result<ObjectId, Refusal> {
        let descriptor = self.descriptor(by, file)?;
        let object = self.object(descriptor.object);
        self.has_places(descriptor)?;
        if !descriptor.writes() {
            return Err(Refusal(EBADF, because::FD_NO_WRITE));
        }
        let (most, because) = self.most(by, descriptor.object, because::FSIZE_WRITE);
        if from >= most {
            return Err(Refusal(EFBIG, because));
        }
        if object.seals.write || object.seals.future_write {
            return Err(Refusal(EPERM, because::SEAL_WRITE));
        }
        Ok(descriptor.object)
    }

    /// How large this process may make the object, and why no larger (fs/read_write.c, generic_write_check_limits; fs/attr.c,
    /// inode_newsize_ok).
    pub(super) fn most(&self, by: ProcId, id: ObjectId, limited: Because) -> (u64, Because) {
        let largest = self.object(id).world.largest_file();
        let most = self.processes[by].file_size.unwrap_or(largest).min(largest);
        let because = if most < largest { limited } else { because::LARGEST_FILE };
        (most, because)
    }

    /// How many of `len` bytes at `at` F_SEAL_GROW lets through: it is looked at page by page (mm/shmem.c,
    /// shmem_write_begin), and the part of a page that would make the file grow is refused as a whole.
    pub(super) fn unsealed(&self, id: ObjectId, at: u64, len: u64) -> Result<u64, Refusal> {
        let Object { file, seals, .. } = self.object(id);
        let size = file.size();
        if !seals.grow || at.saturating_add(len) <= size {
            return Ok(len);
        }
        match (size - size % self.page()).saturating_sub(at) {
            0 => Err(Refusal(EPERM, because::SEAL_GROW)),
            allowed => Ok(allowed),
        }
    }

    /// ftruncate(2)
    pub(super) fn truncate(&mut self, by: ProcId, file: FileId, size: u64) -> Result<Ruled, Refusal> {
        let descriptor = self.descriptor(by, file)?;
        let object = self.object(descriptor.object);
        if descriptor.rights == Rights::Path {
            return Err(Refusal(EBADF, because::ONLY_A_NAME));
        }
        if !descriptor.writes() || !object.is_file() {
            return Err(Refusal(EINVAL, because::NOT_A_WRITABLE_FILE));
        }
        let now = object.file.size();
        let (most, because) = self.most(by, descriptor.object, because::FSIZE);
        if size > now.max(most) {
            return Err(Refusal(EFBIG, because));
        }
        if size < now && object.seals.shrink {
            return Err(Refusal(EPERM, because::SEAL_SHRINK));
        }
        if size > now && object.seals.grow {
            return Err(Refusal(EPERM, because::SEAL_GROW));
        }
        self.resize(descriptor.object, size, How::Truncate);
        Ok(Ruled::done(Reason::Call))
    }

    /// fallocate(2)
    pub(super) fn allocate(
        &mut self,
        by: ProcId,
        file: FileId,
        mode: Growth,
        at: u64,
        len: u64,
    ) -> Result<Ruled, Refusal> {
        let descriptor = self.descriptor(by, file)?;
        let object = self.object(descriptor.object);
        let (size, seals) = (object.file.size(), object.seals);
        if descriptor.rights == Rights::Path {
            return Err(Refusal(EBADF, because::ONLY_A_NAME));
        }
        if len == 0 {
            return Err(Refusal(EINVAL, because::LENGTH_ZERO));
        }
        if !descriptor.writes() {
            return Err(Refusal(EBADF, because::FD_NO_WRITE));
        }
        match object.kind {
            FileKind::Pipe => return Err(Refusal(ESPIPE, because::PIPE)),
            _ if !object.is_file() => return Err(Refusal(ENODEV, because::NO_REGULAR_FILE)),
            _ => {}
        }
        let end = at.saturating_add(len);
        let largest = object.world.largest_file();
        if end > largest {
            return Err(Refusal(EFBIG, because::LARGEST_FILE));
        }
        let block = object.world.block;
        let fits = at % block == 0 && len % block == 0;
        let shifts = matches!(mode, Growth::Collapse | Growth::Insert);
        if shifts && matches!(object.world.filesystem, Filesystem::Tmpfs | Filesystem::Btrfs) {
            return Err(Refusal(EOPNOTSUPP, because::CANNOT_SHIFT));
        }
        if mode == Growth::Punch && (seals.write || seals.future_write) {
            return Err(Refusal(EPERM, because::SEAL_WRITE));
        }
        // tmpfs looks at the limit also where the size is kept (mm/shmem.c, shmem_fallocate).
        let looks = mode == Growth::Extend || mode == Growth::Keep && object.world.filesystem == Filesystem::Tmpfs;
        if looks && end > size && self.processes[by].file_size.is_some_and(|limit| end > limit) {
            return Err(Refusal(EFBIG, because::FSIZE));
        }
        if matches!(mode, Growth::Extend | Growth::Keep) && end > size && seals.grow {
            return Err(Refusal(EPERM, because::SEAL_GROW));
        }
        if shifts && !fits {
            return Err(Refusal(EINVAL, because::WHOLE_BLOCKS));
        }
        if mode == Growth::Insert && len > largest - size {
            return Err(Refusal(EFBIG, because::LARGEST_FILE));
        }
        if mode == Growth::Collapse && end >= size || mode == Growth::Insert && at >= size {
            return Err(Refusal(EINVAL, because::SHIFT_PAST_END));
        }
        // XFS sets the new size as ftruncate(2) does, before it shifts anything (fs/xfs/xfs_file.c, xfs_falloc_insert_range).
        let object = self.object(descriptor.object);
        let longer = mode == Growth::Insert && object.world.filesystem == Filesystem::Xfs;
        if longer && self.processes[by].file_size.is_some_and(|limit| size + len > limit) {
            return Err(Refusal(EFBIG, because::FSIZE));
        }
        if matches!(mode, Growth::Extend | Growth::Keep) {
            self.reserve(descriptor.object, at, end)?;
            let Object { file, world, .. } = &mut self.objects[descriptor.object];
            file.reserve(end, world);
            if world.filesystem == Filesystem::Btrfs {
                // From the end of the file on it clears, and writes back what lies there (fs/btrfs/file.c, btrfs_fallocate).
                file.write_back(at.min(size), end, world);
            }
        }
        let mut done = true;
        let Object { file, world, stray, .. } = &mut self.objects[descriptor.object];
        match mode {
            // XFS sets the size as ftruncate(2) does (fs/xfs/xfs_file.c, xfs_falloc_setsize).
            Growth::Extend if world.filesystem == Filesystem::Xfs && end > size => {
                self.resize(descriptor.object, end, How::Allocate);
            }
            Growth::Extend => file.grow(end, How::Allocate, world),
            Growth::Keep => *stray |= end > size,
            Growth::Punch => {
                self.objects[descriptor.object].punch(at, end);
                // Of nothing but a part of the first page tmpfs reckons the last byte to be -1, and unmaps all that follows
                // (mm/shmem.c, shmem_fallocate): nobody loses a byte by it, every page comes back at a touch.
                let to = if end < self.page() { u64::MAX } else { end };
                self.drop_shared(descriptor.object, at, to);
                self.split_folios(descriptor.object);
            }
            Growth::Collapse => {
                file.collapse(at, len);
                self.shrunk = true;
            }
            Growth::Insert => done = file.insert(at, len, world),
        }
        if shifts {
            // On XFS private copies stay, but for those past the end (fs/xfs/xfs_bmap_util.c, xfs_flush_unmap_range).
            let Object { file, world, .. } = self.object(descriptor.object);
            let first = match world.filesystem {
                Filesystem::Xfs => file.size().div_ceil(world.page),
                _ => at / world.page,
            };
            self.drop_pages(descriptor.object, first);
            self.split_folios(descriptor.object);
        }
        if !done {
            return Err(Refusal(EINVAL, because::LAST_BLOCK));
        }
        Ok(Ruled::done(Reason::Call))
    }

    /// fcntl(2), F_ADD_SEALS
    pub(super) fn seal(&mut self, by: ProcId, file: FileId, seals: Seals) -> Result<Ruled, Refusal> {
        let descriptor = self.descriptor(by, file)?;
        let object = self.object(descriptor.object);
        if descriptor.rights == Rights::Path {
            return Err(Refusal(EBADF, because::ONLY_A_NAME));
        }
        if !descriptor.writes() {
            return Err(Refusal(EPERM, because::FD_NO_WRITE));
        }
        // Every file of tmpfs could have seals; all but sealable memfds are born with F_SEAL_SEAL (mm/shmem.c).
        if !object.is_file() || object.world.filesystem != Filesystem::Tmpfs {
            return Err(Refusal(EINVAL, because::ONLY_MEMFD));
        }
        if object.kind != (FileKind::Memfd { sealing: true }) || object.seals.seal {
            return Err(Refusal(EPERM, because::SEALED));
        }
        let mapped = |vma: &super::space::Vma| vma.object == Some(descriptor.object) && vma.shared && vma.may_write;
        let spaces = self.processes.iter().flat_map(|process| &process.spaces);
        if seals.write && spaces.flat_map(|space| &space.vmas).any(mapped) {
            return Err(Refusal(EBUSY, because::MAPPED_WRITABLE));
        }
        let object = &mut self.objects[descriptor.object];
        object.seals = object.seals.with(seals);
        Ok(Ruled::done(Reason::Call))
    }
}
