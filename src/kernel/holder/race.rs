//! Two processes that add to one counter at the same time; and a filesystem of the script's own that can be full.
#![allow(unsafe_code)]

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use nix::fcntl::OFlag;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, CpuSet, sched_getaffinity, sched_setaffinity, unshare};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, alarm, fork, getegid, geteuid, write};

use super::{Answer, GaveUp, Holder, answer, plain};
use crate::kernel::access;
use crate::kernel::record::{asked, trouble};
use crate::op::{Access, Place};

/// What a mount asks for that gives every file huge pages.
const HUGE: &[u8] = b",huge=always";

/// Each of the two processes may take this long, in seconds.
const PATIENCE: u32 = 5;

impl Holder<'_> {
    /// Additions that are missing in the end.
    pub(super) fn race(&mut self, at: Place, times: u64, atomic: bool) -> Result<Answer, GaveUp> {
        let address = self.address(at);
        let cleared = self.touch(at, Access::StoreWide(0))?;
        if cleared[0] != answer::STORED {
            return Ok(cleared);
        }
        let start = &self.record.head().faults; // nobody faults here: it serves as the starting gun
        start.store(0, Relaxed);
        let mut children = [None; 2];
        for (n, child) in children.iter_mut().enumerate() {
            // SAFETY: the child makes system calls and additions only, allocates nothing and ends in _exit.
            match unsafe { fork() } {
                Err(errno) => return Err(self.refused(libc::SYS_clone, errno)),
                Ok(ForkResult::Child) => {
                    let _ = prctl::set_pdeathsig(Signal::SIGKILL); // the deadline ends it too
                    alarm::set(PATIENCE);
                    part(n);
                    start.fetch_add(1, Release);
                    while start.load(Acquire) < 2 {
                        std::thread::yield_now(); // the other may need this processor to come here
                    }
                    add(address, times, atomic);
                    // SAFETY: _exit runs nothing of ours.
                    unsafe { libc::_exit(0) }
                }
                Ok(ForkResult::Parent { child: pid }) => {
                    let args = [0, n as u64 + 1, 0, 0, 0, 0];
                    self.note_as(asked::YES, libc::SYS_clone, args, Ok(n as i32), i64::from);
                    *child = Some((pid, n));
                }
            }
        }
        for (pid, n) in children.into_iter().flatten() {
            let status = waitpid(pid, None);
            let args = [0, 0, 0, n as u64 + 1, 0, 0];
            self.note_as(asked::NO, libc::SYS_wait4, args, Ok(n as i32), i64::from);
            if !matches!(status, Ok(WaitStatus::Exited(_, 0))) {
                return Err(self.give_up(trouble::LOST, n as i64, 0));
            }
        }
        // SAFETY: the counter is mapped writable, for the store above went through; it is aligned or the access is plain.
        let sum = unsafe { std::ptr::with_exposed_provenance::<[u8; 8]>(address).read_volatile() };
        let sum = u64::from_ne_bytes(sum);
        Ok(plain(answer::COUNT, (2 * times).saturating_sub(sum)))
    }

    /// A tmpfs over TMPDIR, in namespaces of this process's own, which end with it.
    pub(super) fn mount(&self, bytes: u64, huge: bool) -> Result<(), GaveUp> {
        let flags = CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS;
        let (user, group) = (geteuid().as_raw(), getegid().as_raw());
        for (call, id) in [(libc::SYS_geteuid, user), (libc::SYS_getegid, group)] {
            self.note_as(asked::NO, call, [0; 6], Ok(id), i64::from);
        }
        let apart = unshare(flags);
        self.note_as(asked::YES, libc::SYS_unshare, [0; 6], apart, |()| 0);
        apart.map_err(|errno| self.refused(libc::SYS_unshare, errno))?;
        self.tell(c"/proc/self/setgroups", 9, b"deny")?;
        for (path, name, id) in [(c"/proc/self/uid_map", 10, user), (c"/proc/self/gid_map", 11, group)] {
            let mut text = *b"0000000000 0000000000 1";
            digits(&mut text[..10], id);
            digits(&mut text[11..21], id);
            self.tell(path, name, &text)?;
        }
        // "size=", digits, perhaps HUGE, NUL, written from the back: leading zeros would make it octal.
        let mut options = [0; 26 + HUGE.len()];
        let more = if huge { HUGE } else { b"" };
        let end = options.len() - 1 - more.len();
        options[end..end + more.len()].copy_from_slice(more);
        let (mut rest, mut first) = (bytes, end);
        while rest > 0 {
            first -= 1;
            options[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        options[first - 5..first].copy_from_slice(b"size=");
        let options = std::ffi::CStr::from_bytes_until_nul(&options[first - 5..]).unwrap_or_default();
        let dir = self.options.dir.as_c_str();
        let mounted = mount(Some(c"none"), dir, Some(c"tmpfs"), MsFlags::empty(), Some(options));
        self.note(libc::SYS_mount, [bytes, huge.into(), 0, 0, 0, 0], mounted, |()| 0);
        mounted.map_err(|errno| self.refused(libc::SYS_mount, errno))
    }

    /// Write a short text into a file of /proc.
    fn tell(&self, path: &std::ffi::CStr, name: u64, text: &[u8]) -> Result<(), GaveUp> {
        let fd = self.own_fd(path, name, OFlag::O_WRONLY)?;
        let wrote = write(&fd, text);
        self.note_as(
            asked::NO,
            libc::SYS_write,
            [u64::MAX - 1, 0, text.len() as u64, 0, 0, 0],
            wrote,
            |n| n as i64,
        );
        self.drop_fd(fd);
        wrote.map(drop).map_err(|errno| self.refused(libc::SYS_write, errno))
    }
}

/// Each of the two on a processor of its own where there are two: else they would take turns, and hardly meet.
fn part(n: usize) {
    let me = Pid::from_raw(0);
    let Ok(allowed) = sched_getaffinity(me) else { return };
    let is = |cpu: &usize| allowed.is_set(*cpu) == Ok(true);
    let mut own = CpuSet::new();
    if let Some(cpu) = (0..CpuSet::count()).filter(is).nth(n) {
        let _ = own.set(cpu).and_then(|()| sched_setaffinity(me, &own)); // else they go where they may
    }
}

fn digits(place: &mut [u8], mut number: u32) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

fn add(address: usize, times: u64, atomic: bool) {
    if !atomic {
        // SAFETY: the holder's store there went through, and a forked child has the same mapping.
        return unsafe { access::add(address, times) };
    }
    // SAFETY: likewise; whoever else writes there adds atomically too. A counter across two words would fault on aarch64
    // alone, and there the kernel would kill this child.
    let counter = unsafe { &*std::ptr::with_exposed_provenance::<AtomicU64>(address) };
    for _ in 0..times {
        counter.fetch_add(1, Relaxed);
    }
}
