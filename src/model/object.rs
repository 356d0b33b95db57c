//! Objects and the descriptors that refer to them: what kind of thing it is, on which filesystem it lives, what it may
//! still be used for. It may not know address spaces.

use alloc::collections::BTreeSet;

use super::file::File;
use crate::op::{FileKind, Filesystem, PROC_LIMIT, Rights, Seals, World};

/// An object, counted from 0.
pub type ObjectId = usize;

/// What descriptors and shared mappings refer to. It outlives every name and descriptor of it: mmap(2), NOTES.
#[derive(Clone, Debug)]
pub struct Object {
    pub kind: FileKind,
    /// its size and its page cache; shared anonymous memory is a file of tmpfs that nobody can name
    pub file: File,
    pub seals: Seals,
    /// the world as this object meets it: a memfd lives on tmpfs, wherever TMPDIR is
    pub world: World,
    /// shared anonymous memory: nobody can name it
    pub anonymous: bool,
    /// pages may stand past its end: fallocate(2) kept the size, or a write met a bad page after it had made room
    pub stray: bool,
    /// its filesystem is mounted noexec
    pub noexec: bool,
    /// which of the script's own tmpfs it lies on
    pub mount: Option<usize>,
    /// the pages that it has in memory, where it lies there alone
    pub pages: BTreeSet<u64>,
    /// the longest it was before a truncation, in bytes: a large folio of that time may be there still
    pub reached: u64,
}

impl Object {
    pub fn new(kind: FileKind, world: &World) -> Object {
        let mut world = world.clone();
        if !matches!(kind, FileKind::Regular | FileKind::Named) {
            world.filesystem = Filesystem::Tmpfs;
            world.block = world.page;
            world.huge_always = false;
        }
        let noexec = match kind {
            FileKind::Regular | FileKind::Named => world.noexec.files,
            FileKind::Shm => world.noexec.shm,
            FileKind::Zero | FileKind::Null => world.noexec.dev,
            // Filesystems of no disk have come to be mounted so, each in its own version (fs/libfs.c, init_pseudo).
            FileKind::Pipe | FileKind::Eventfd => true,
            FileKind::Memfd { .. } | FileKind::Directory => false,
        };
        Object {
            kind,
            noexec,
            file: File::default(),
            seals: Seals::default(),
            world,
            anonymous: false,
            stray: false,
            mount: None,
            pages: BTreeSet::new(),
            reached: 0,
        }
    }

    /// May its page cache hold pages past its end? A disk filesystem's does, in a large folio that was cut.
    pub fn may_pass_end(&self) -> bool {
        self.stray || self.world.filesystem != Filesystem::Tmpfs
    }

    /// fallocate(2), FALLOC_FL_PUNCH_HOLE, and MADV_REMOVE: zeros, and whole pages of a tmpfs are free again.
    pub fn punch(&mut self, from: u64, to: u64) {
        let page = self.world.page;
        self.file.punch(from, to, &self.world);
        self.pages.retain(|n| n * page < from || (n + 1) * page > to);
    }

    /// A file with bytes of its own?
    pub fn is_file(&self) -> bool {
        matches!(
            self.kind,
            FileKind::Regular | FileKind::Named | FileKind::Memfd { .. } | FileKind::Shm
        )
    }
}

/// An open file description and the processes that hold it.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    pub object: ObjectId,
    pub rights: Rights,
    pub open: [bool; PROC_LIMIT],
}

impl Descriptor {
    pub fn reads(&self) -> bool {
        !matches!(self.rights, Rights::Write | Rights::Path)
    }

    pub fn writes(&self) -> bool {
        !matches!(self.rights, Rights::Read | Rights::Path)
    }
}
