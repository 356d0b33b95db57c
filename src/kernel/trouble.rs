//! What can keep the kernel's voice from answering: the machine's refusals, interruptions, and an instrument that does
//! not agree with itself. None of these is an answer, and none may pass for one.

use std::fmt;
use std::time::Duration;

use nix::errno::Errno;

/// Why a script has no answer. One line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// SIGINT or SIGTERM asked us to stop; children are reaped
    Interrupted,
    /// the holder took too long and was killed
    Timeout(Duration),
    /// the machine refused a call that nothing can be done without
    Refused(&'static str, Errno),
    /// a signal that looks like a fault was sent by a process
    Sent {
        /// its name
        signal: &'static str,
        /// the process that sent it; 0 where that was the kernel, or a process of a namespace that we cannot see
        by: i64,
    },
    /// the holder was killed by a signal that no access of its own raised
    Killed(&'static str),
    /// a further process of the script ended before its time
    Lost(char),
    /// a file under test had a name for a moment, and this could not be taken away
    Left(String, Errno),
    /// something else lies where the mapping should go
    Taken,
    /// the witness of a fault did not die of the same signal, code and address
    Witness {
        /// what it died of, if it died of a signal
        saw: Option<&'static str>,
    },
    /// a bug of ours
    Bug(&'static str),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Interrupted => f.write_str("interrupted"),
            Trouble::Timeout(after) => write!(
                f,
                "timeout: no end after {} s, the child was killed",
                after.as_secs_f32()
            ),
            Trouble::Refused(call, errno) => {
                write!(f, "the machine refused {call}: {errno:?} ({})", errno.desc())?;
                match errno {
                    Errno::EMFILE | Errno::ENFILE => f.write_str("; raise the limit on open files (ulimit -n)"),
                    Errno::EAGAIN => f.write_str("; raise the limit on processes (ulimit -u)"),
                    Errno::ENOMEM => f.write_str("; raise the limit on address space (ulimit -v)"),
                    Errno::ENOSPC | Errno::EDQUOT => f.write_str(": the filesystem is full; set TMPDIR to another"),
                    Errno::ENOENT | Errno::ENOTDIR | Errno::EROFS | Errno::EACCES | Errno::EPERM => {
                        f.write_str("; set TMPDIR to a directory that you may write to")
                    }
                    _ => Ok(()),
                }
            }
            Trouble::Sent { signal, by: 0 } => {
                write!(f, "{signal} came from outside: not a fault of an access")
            }
            Trouble::Sent { signal, by } => write!(f, "{signal} was sent from outside, by process {by}: not a fault"),
            Trouble::Killed("SIGXFSZ") => {
                f.write_str("killed by SIGXFSZ: the limit on file sizes is too small (ulimit -f)")
            }
            Trouble::Killed(signal) => write!(f, "the child was killed by {signal}, from outside"),
            Trouble::Lost(name) => write!(f, "process {name} of the script ended before its time"),
            Trouble::Left(path, errno) => write!(
                f,
                "the file under test {path} could not be removed: {errno:?} ({}); remove it, and set TMPDIR to another directory",
                errno.desc()
            ),
            Trouble::Taken => f.write_str("the place for the mapping was taken by something else"),
            Trouble::Witness { saw: Some(signal) } => {
                write!(
                    f,
                    "the witness of a fault died of {signal}, with another signal, code or address than the holder's"
                )
            }
            Trouble::Witness { saw: None } => f.write_str("the witness of a fault is missing: it did not die of it"),
            Trouble::Bug(what) => write!(f, "a bug in lab: {what}"),
        }
    }
}

impl std::error::Error for Trouble {}
