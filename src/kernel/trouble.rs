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
                    _ if call.starts_with("setrlimit") => f.write_str("; raise the hard limit (ulimit -H)"),
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

impl Trouble {
    /// The same line in Chinese. Reports for machines have the English one.
    pub fn zh(&self) -> String {
        match self {
            Trouble::Interrupted => "被中断".to_owned(),
            Trouble::Timeout(after) => format!("超时: {} 秒后仍未结束, 子进程已被杀死", after.as_secs_f32()),
            Trouble::Refused(call, errno) => {
                let repair = match errno {
                    _ if call.starts_with("setrlimit") => "; 请提高硬上限 (ulimit -H)",
                    Errno::EMFILE | Errno::ENFILE => "; 请提高打开文件数的上限 (ulimit -n)",
                    Errno::EAGAIN => "; 请提高进程数的上限 (ulimit -u)",
                    Errno::ENOMEM => "; 请提高地址空间的上限 (ulimit -v)",
                    Errno::ENOSPC | Errno::EDQUOT => ": 文件系统已满; 请把 TMPDIR 设到别处",
                    Errno::ENOENT | Errno::ENOTDIR | Errno::EROFS | Errno::EACCES | Errno::EPERM => {
                        "; 请把 TMPDIR 设为可以写入的目录"
                    }
                    _ => "",
                };
                format!("机器拒绝了「{call}」: {errno:?}{repair}")
            }
            Trouble::Sent { signal, by: 0 } => format!("{signal} 来自外部: 不是访问引起的"),
            Trouble::Sent { signal, by } => format!("{signal} 由进程 {by} 从外部发来: 不是访问引起的"),
            Trouble::Killed("SIGXFSZ") => "被 SIGXFSZ 杀死: 文件大小的上限太小 (ulimit -f)".to_owned(),
            Trouble::Killed(signal) => format!("子进程被外来的 {signal} 杀死"),
            Trouble::Lost(name) => format!("脚本的进程 {name} 提前结束"),
            Trouble::Left(path, errno) => {
                format!("被试文件 {path} 无法删除: {errno:?}; 请删除它, 并把 TMPDIR 设为别的目录")
            }
            Trouble::Taken => "映射要用的位置被别的东西占了".to_owned(),
            Trouble::Witness { saw: Some(signal) } => {
                format!("证人死于 {signal}, 信号、si_code 或地址与持有者的不同")
            }
            Trouble::Witness { saw: None } => "缺少证人: 它没有因这次访问而死".to_owned(),
            Trouble::Bug(what) => format!("lab 自身的错误: {what}"),
        }
    }
}

impl std::error::Error for Trouble {}
