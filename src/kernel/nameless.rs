//! A file without a name in TMPDIR: O_TMPFILE, or where the filesystem has none, a name that is gone at once. It may not
//! know what the file is for.

use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, open};
use nix::sys::stat::Mode;
use nix::unistd::{UnlinkatFlags, unlinkat};

use super::Options;
use super::holder::SpareName;

/// Make one. `spare` was made before any fork, so that nothing is allocated here.
pub fn nameless(options: &Options, spare: &mut SpareName) -> nix::Result<OwnedFd> {
    let mode = Mode::S_IRUSR | Mode::S_IWUSR;
    let flags = OFlag::O_RDWR | OFlag::O_EXCL | OFlag::O_CLOEXEC;
    let mut opened = open(options.dir.as_c_str(), flags | OFlag::O_TMPFILE, mode);
    if let Err(Errno::EOPNOTSUPP | Errno::EISDIR | Errno::EINVAL) = opened {
        for number in 0..SpareName::COUNT {
            spare.choose(number);
            opened = open(spare.name(), flags | OFlag::O_CREAT, mode);
            if !matches!(opened, Err(Errno::EEXIST)) {
                break;
            }
        }
        if opened.is_ok() {
            unlinkat(AT_FDCWD, spare.name(), UnlinkatFlags::NoRemoveDir)?;
        }
    }
    opened
}
