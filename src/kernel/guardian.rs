//! The guardian: a child that makes a directory for a script whose files need names, and removes it with all that is in it
//! once nobody holds the other end of a socket any more: at the end of the script, or when lab has been killed in the
//! middle. It may not know what the names are for.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString};
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::sys::signal::{SigSet, SigmaskHow, sigprocmask};
use nix::sys::stat::Mode;
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, UnlinkatFlags, fork, mkdir, setsid, unlinkat};

use super::Options;

/// A directory that is gone when this value is, or when this process is.
#[derive(Debug)]
pub struct Guardian {
    /// held open for as long as the directory is wanted; none once it has been let go
    stream: Option<UnixStream>,
    child: Pid,
    /// the directory, and the names that may stand in it
    pub names: Names,
}

/// The paths of a script's names, made before any fork.
#[derive(Debug)]
pub struct Names {
    dir: CString,
    files: Vec<CString>,
}

impl Names {
    fn new(options: &Options, count: usize, attempt: u32) -> Option<Names> {
        let base = options.dir.to_str().ok()?;
        let dir = format!("{base}/.mmap-lab-{}-{attempt:02}.d", std::process::id());
        let file = |n| CString::new(format!("{dir}/f{n}")).ok();
        Some(Names {
            files: (0..count).map(file).collect::<Option<_>>()?,
            dir: CString::new(dir).ok()?,
        })
    }

    /// The path of the name of this number.
    pub fn file(&self, n: usize) -> Option<&CStr> {
        self.files.get(n).map(CString::as_c_str)
    }
}

/// How often another name for the directory is tried: a process of another container may have our process id.
const ATTEMPTS: u32 = 100;

impl Guardian {
    /// Make a directory for `count` names. This process must have one thread.
    ///
    /// # Errors
    ///
    /// The errno with which the directory was refused.
    pub fn watch(options: &Options, count: usize) -> nix::Result<Guardian> {
        let mut last = Errno::EEXIST;
        for attempt in 0..ATTEMPTS {
            let names = Names::new(options, count, attempt).ok_or(Errno::EINVAL)?;
            match Guardian::of(names) {
                Err(Errno::EEXIST) => {}
                Err(errno) => {
                    last = errno;
                    break;
                }
                guardian => return guardian,
            }
        }
        Err(last)
    }

    fn of(names: Names) -> nix::Result<Guardian> {
        let (ours, theirs) = UnixStream::pair().map_err(|_| Errno::last())?;
        // SAFETY: this process has one thread; the child makes system calls only, allocates nothing and ends in _exit.
        match unsafe { fork()? } {
            ForkResult::Child => {
                let other = ours.as_raw_fd();
                // SAFETY: the parent's end; in this process nobody uses it, and the copy that `ours` owns is never dropped.
                unsafe { libc::close(other) };
                guard(&names, theirs.as_raw_fd())
            }
            ForkResult::Parent { child } => {
                drop(theirs);
                let mut answer = [0; 4];
                let mut guardian = Guardian {
                    stream: Some(ours),
                    child,
                    names,
                };
                let told = guardian.stream.as_mut().map(|stream| stream.read_exact(&mut answer));
                match (told, i32::from_ne_bytes(answer)) {
                    (Some(Ok(())), 0) => Ok(guardian),
                    (Some(Ok(())), errno) => Err(Errno::from_raw(errno)),
                    _ => Err(Errno::ECHILD),
                }
            }
        }
    }
}

/// The guardian's whole life. Signals to the terminal's foreground group shall not end it before its work is done.
fn guard(names: &Names, stream: i32) -> ! {
    let _ = setsid(); // refused only to a leader of a group, which a new child is not
    let _ = sigprocmask(SigmaskHow::SIG_BLOCK, Some(&SigSet::all()), None);
    let made = mkdir(names.dir.as_c_str(), Mode::S_IRWXU);
    let answer = made.map_or_else(|errno| errno as i32, |()| 0).to_ne_bytes();
    // SAFETY: the buffer is four bytes on this stack.
    let told = unsafe { libc::write(stream, answer.as_ptr().cast(), answer.len()) };
    if made.is_ok() {
        let mut byte = 0_u8;
        // SAFETY: the buffer is one byte on this stack. It returns when nobody holds the other end any more.
        while told > 0 && unsafe { libc::read(stream, (&raw mut byte).cast(), 1) } != 0 {}
        for name in &names.files {
            let _ = unlinkat(AT_FDCWD, name.as_c_str(), UnlinkatFlags::NoRemoveDir); // it may be gone already
        }
        let _ = unlinkat(AT_FDCWD, names.dir.as_c_str(), UnlinkatFlags::RemoveDir);
    }
    // SAFETY: _exit runs nothing of ours.
    unsafe { libc::_exit(0) }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        self.stream = None;
        let _ = waitpid(self.child, None); // the directory is gone when the guardian is
    }
}
