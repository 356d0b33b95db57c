//! What a descriptor may stand for, and what may be done to it. Plain data.

/// What a descriptor stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// a nameless regular file in TMPDIR, opened O_RDWR
    Regular,
    /// a regular file in a directory of its own, with a name
    Named,
    /// memfd_create(2); a file of tmpfs
    Memfd {
        /// MFD_ALLOW_SEALING
        sealing: bool,
    },
    /// a nameless file in /dev/shm, where shm_open(3) makes shared memory; a file of tmpfs
    Shm,
    /// /dev/zero: its private mappings are anonymous memory
    Zero,
    /// /dev/null
    Null,
    /// the root directory
    Directory,
    /// the reading end of a pipe
    Pipe,
    /// eventfd(2)
    Eventfd,
}

/// What a descriptor may do: the flags of open(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// O_RDONLY
    Read,
    /// O_WRONLY
    Write,
    /// O_RDWR
    ReadWrite,
    /// O_RDWR|O_APPEND
    Append,
    /// O_RDWR|O_TRUNC
    Truncate,
    /// O_PATH
    Path,
}

/// What fallocate(2) does to a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// mode 0: blocks for the range; the file grows to its end
    Extend,
    /// FALLOC_FL_KEEP_SIZE: blocks for the range; the size stays
    Keep,
    /// FALLOC_FL_PUNCH_HOLE|FALLOC_FL_KEEP_SIZE: the range becomes a hole
    Punch,
    /// FALLOC_FL_COLLAPSE_RANGE: the range goes, and what follows moves up
    Collapse,
    /// FALLOC_FL_INSERT_RANGE: a hole comes in, and what follows moves down
    Insert,
}

/// F_SEAL_* of fcntl(2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Seals {
    pub seal: bool,
    pub shrink: bool,
    pub grow: bool,
    pub write: bool,
    pub future_write: bool,
}

impl Seals {
    /// All of both.
    pub fn with(self, more: Seals) -> Seals {
        Seals {
            seal: self.seal || more.seal,
            shrink: self.shrink || more.shrink,
            grow: self.grow || more.grow,
            write: self.write || more.write,
            future_write: self.future_write || more.future_write,
        }
    }
}
