//! The facts of a machine that decide outcomes, as plain data. Whoever detects them fills them in; the model and the
//! author of a scenario may condition on them, and on nothing else.

use alloc::string::String;

/// The processor's architecture, as far as faults depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arch {
    /// 64-bit x86
    X86_64,
    /// 64-bit Arm
    Aarch64,
}

/// The filesystem a file under test lies on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filesystem {
    /// tmpfs, and memfd_create(2) which lives on it: there is no writeback
    Tmpfs,
    /// ext4 (also where it mounts ext2 and ext3)
    Ext4,
    /// XFS
    Xfs,
    /// btrfs
    Btrfs,
    /// any other, by the name the kernel gives it
    Other(String),
}

impl Filesystem {
    /// Its name as /proc/mounts writes it.
    pub fn name(&self) -> &str {
        match self {
            Filesystem::Tmpfs => "tmpfs",
            Filesystem::Ext4 => "ext4",
            Filesystem::Xfs => "xfs",
            Filesystem::Btrfs => "btrfs",
            Filesystem::Other(name) => name,
        }
    }
}

/// The facts of one machine and one directory on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// page size in bytes: sysconf(_SC_PAGESIZE)
    pub page: u64,
    /// the processor
    pub arch: Arch,
    /// the kernel's version: major, minor, patch
    pub kernel: (u32, u32, u32),
    /// the filesystem files under test are made on
    pub filesystem: Filesystem,
    /// that filesystem's block size in bytes: statfs(2), f_bsize
    pub block: u64,
    /// tmpfs mounted with huge=always: a page after the end of the file can be mapped along with its huge page
    pub huge_always: bool,
    /// /sys/kernel/mm/transparent_hugepage/enabled is `always`: anonymous memory may come in huge pages
    pub huge_anonymous: bool,
    /// CAP_IPC_LOCK: RLIMIT_MEMLOCK does not count
    pub may_lock: bool,
    /// CAP_SYS_RESOURCE: a limit once lowered may be raised again
    pub may_raise: bool,
    /// what PROT_EXEC alone gives to loads
    pub execute_only: ExecuteOnly,
    /// what is mounted noexec
    pub noexec: Noexec,
    /// /dev/shm is where files under test are made, or inside it: a tmpfs of the script's own hides it
    pub shm_is_here: bool,
}

/// Where the filesystem is mounted MS_NOEXEC, so that no mapping of its files may be executed: mount(2), mmap(2) EPERM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noexec {
    /// the filesystem files under test are made on
    pub files: bool,
    /// /dev/shm
    pub shm: bool,
    /// /dev
    pub dev: bool,
}

/// May a page that is mapped PROT_EXEC and nothing else be read?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecuteOnly {
    /// page tables cannot forbid it: x86_64 without protection keys
    Readable,
    /// a protection key forbids all loads and stores: pkeys(7)
    Key,
    /// aarch64 may forbid it, and no file says whether this one does; or nothing tells whether there are keys
    Unknown,
}

impl World {
    /// Bytes that one entry of the page table's next level maps (a PMD: 2 MiB with pages of 4096 bytes, 32 MiB with
    /// 16384, 512 MiB with 65536): a table of one page holds `page / 8` entries of `page` bytes each.
    pub fn huge_page(&self) -> u64 {
        self.page * (self.page / 8)
    }

    /// The largest size that a file may have, in bytes: s_maxbytes. ext4 counts blocks of a file in 32 bits (fs/ext4/super.c,
    /// ext4_max_size); the others reach as far as an offset does. Of a filesystem that is not known the same is assumed.
    pub fn largest_file(&self) -> u64 {
        match self.filesystem {
            Filesystem::Ext4 => u64::from(u32::MAX).saturating_mul(self.block).min(i64::MAX as u64),
            _ => i64::MAX as u64,
        }
    }

    /// A world for tests and for `--lint`: ext4 on a recent kernel, pages of `page` bytes.
    pub fn textbook(page: u64) -> World {
        World {
            page,
            arch: Arch::X86_64,
            kernel: (6, 18, 0),
            filesystem: Filesystem::Ext4,
            block: page,
            huge_always: false,
            huge_anonymous: false,
            may_lock: true,
            may_raise: false,
            execute_only: ExecuteOnly::Readable,
            noexec: Noexec::default(),
            shm_is_here: false,
        }
    }
}
