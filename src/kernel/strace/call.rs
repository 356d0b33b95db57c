//! One system call as strace writes it: its name, its arguments, what it returned; symbols for what varies between runs.

use nix::sys::mman::MapFlags;

use super::super::holder::IOCTL_VMA;
use super::super::holder::MSEAL;
use super::super::missing::IOCTL_API;
use super::words::{advice, fallocate, map_flags, open_flags, protection, rt_sigaction, seals, text};
use super::{Files, Symbols, signal};
use crate::op::NOWHERE;
use crate::op::proc_name;

/// A word to another process, as it stands in an eventfd.
const TURN: &str = "\"\\1\\0\\0\\0\\0\\0\\0\\0\", 8";

/// A name in the script's own directory.
fn file_name(n: u64) -> String {
    format!("f{n}")
}

/// Paths, as an openat entry numbers them.
fn path(number: u64, files: &Files, source: u64) -> String {
    match number {
        0 => "TMPDIR".to_owned(),
        1 => "TMPDIR/.mmap-lab".to_owned(),
        2 => "/dev/zero".to_owned(),
        3 => "/dev/null".to_owned(),
        4 => "/".to_owned(),
        5 => format!("/proc/self/fd/{}", files.symbol(source)),
        6 => "/proc/self/pagemap".to_owned(),
        13 => "/proc/self/maps".to_owned(),
        9 => "/proc/self/setgroups".to_owned(),
        10 => "/proc/self/uid_map".to_owned(),
        11 => "/proc/self/gid_map".to_owned(),
        12 => "/dev/shm".to_owned(),
        8 => format!("DIR/{}", file_name(source)),
        _ => "/proc/self/statm".to_owned(),
    }
}

impl Symbols<'_> {
    pub(super) fn call(&self, nr: i64, a: &[u64; 6], result: i64, files: &Files) -> String {
        let ok = result >= 0;
        let (call, symbol) = self
            .of_files(nr, a, result, files)
            .or_else(|| self.of_memory(nr, a, result, files))
            .or_else(|| of_process(nr, a, result))
            .unwrap_or_else(|| (format!("syscall_{nr}()"), None));
        let returns = match symbol {
            Some(symbol) if ok => symbol,
            _ if ok => result.to_string(),
            _ => {
                let number = -result as i32;
                let errno = nix::errno::Errno::from_raw(number);
                // The C library's words, as strace has them; nix has its own.
                let words = std::io::Error::from_raw_os_error(number).to_string();
                let words = words.split(" (os error").next().unwrap_or_default();
                format!("-1 {errno:?} ({words})")
            }
        };
        format!("{call} = {returns}")
    }

    /// The call, and the symbol for what it returns where that varies.
    fn of_files(&self, nr: i64, a: &[u64; 6], result: i64, files: &Files) -> Option<(String, Option<String>)> {
        let fd = |n: u64| files.symbol(n);
        let opened = Some(fd(result as u64));
        Some(match nr {
            libc::SYS_openat => {
                let name = path(a[1], files, a[0]);
                let flags = open_flags(a[2] as i32);
                let mode = if a[1] < 2 || a[1] == 12 || a[1] == 8 && a[2] as i32 & libc::O_CREAT != 0 {
                    format!(", 0{:o}", a[3])
                } else {
                    String::new()
                };
                let own = matches!(a[1], 6 | 7 | 9..=11 | 13);
                let symbol = if own { Some("own".to_owned()) } else { opened };
                (format!("openat(AT_FDCWD, \"{name}\", {flags}{mode})"), symbol)
            }
            libc::SYS_memfd_create => {
                let sealing = if a[0] == 1 { "|MFD_ALLOW_SEALING" } else { "" };
                (format!("memfd_create(\"lab\", MFD_CLOEXEC{sealing})"), opened)
            }
            libc::SYS_pipe2 => ("pipe2([fds], O_CLOEXEC)".to_owned(), Some("0".to_owned())),
            libc::SYS_eventfd2 => {
                let symbol = if a[0] == 1 { opened } else { Some("turn".to_owned()) };
                ("eventfd2(0, EFD_CLOEXEC)".to_owned(), symbol)
            }
            libc::SYS_unlinkat if a[1] == 1 => (format!("unlinkat(AT_FDCWD, \"DIR/{}\", 0)", file_name(a[0])), None),
            libc::SYS_renameat => {
                let (from, to) = (file_name(a[0]), file_name(a[1]));
                (
                    format!("renameat(AT_FDCWD, \"DIR/{from}\", AT_FDCWD, \"DIR/{to}\")"),
                    None,
                )
            }
            libc::SYS_unlinkat => ("unlinkat(AT_FDCWD, \"TMPDIR/.mmap-lab\", 0)".to_owned(), None),
            libc::SYS_close if a[1] == 1 => ("close(own)".to_owned(), None),
            libc::SYS_close => (format!("close({})", fd(a[0])), None),
            libc::SYS_read if a[0] == u64::MAX - 1 => (format!("read(own, ..., {})", a[2]), None),
            libc::SYS_read => (format!("read(turn, {TURN})"), None),
            libc::SYS_write if a[0] == u64::MAX - 1 => (format!("write(own, ..., {})", a[2]), None),
            libc::SYS_mount => (
                format!(
                    "mount(\"none\", \"TMPDIR\", \"tmpfs\", 0, \"size={}{}\")",
                    a[0],
                    if a[1] == 1 { ",huge=always" } else { "" }
                ),
                None,
            ),
            libc::SYS_unshare => ("unshare(CLONE_NEWNS|CLONE_NEWUSER)".to_owned(), None),
            libc::SYS_write if a[0] == u64::MAX => (format!("write(turn, {TURN})"), None),
            libc::SYS_write => (format!("write({}, {}, {})", fd(a[0]), text(a[1], a[2]), a[2]), None),
            libc::SYS_pwrite64 | libc::SYS_pread64 => (self.at_place(nr, a, result, files), None),
            libc::SYS_ftruncate => (format!("ftruncate({}, {})", fd(a[0]), a[1]), None),
            libc::SYS_fallocate => {
                let mode = fallocate(a[1] as i32);
                (format!("fallocate({}, {mode}, {}, {})", fd(a[0]), a[2], a[3]), None)
            }
            libc::SYS_fcntl => (
                format!("fcntl({}, F_ADD_SEALS, {})", fd(a[0]), seals(a[1] as i32)),
                None,
            ),
            libc::SYS_newfstatat => {
                let what = if a[1] == 0 {
                    format!("st_size={}", a[2])
                } else {
                    format!("st_blocks={}", a[3])
                };
                (
                    format!("newfstatat({}, \"\", {{{what}, ...}}, AT_EMPTY_PATH)", fd(a[0])),
                    None,
                )
            }
            _ => return None,
        })
    }

    /// pwrite64 and pread64: of one byte's value, from or to memory under test, of the instrument's own files.
    fn at_place(&self, nr: i64, a: &[u64; 6], result: i64, files: &Files) -> String {
        let name = if nr == libc::SYS_pread64 { "pread64" } else { "pwrite64" };
        let (fd, buffer) = match a[4] {
            2 => ("own".to_owned(), "...".to_owned()),
            1 => (files.symbol(a[0]), self.address(a[1])),
            _ if nr == libc::SYS_pwrite64 => (files.symbol(a[0]), text(a[1], a[2])),
            _ if result > 0 => (files.symbol(a[0]), text(a[1], 1)),
            _ => (files.symbol(a[0]), "\"\"".to_owned()),
        };
        format!("{name}({fd}, {buffer}, {}, {})", a[2], a[3])
    }

    fn of_memory(&self, nr: i64, a: &[u64; 6], result: i64, files: &Files) -> Option<(String, Option<String>)> {
        let at = |address: u64| self.address(address);
        Some(match nr {
            libc::SYS_mmap => {
                let flags = MapFlags::from_bits_retain(a[3] as i32);
                let place = self.record.place(a[0] as usize, self.reach);
                let hint = match (place.at, place.area) {
                    _ if a[0] == 0 => "NULL".to_owned(),
                    (0, _) if !flags.contains(MapFlags::MAP_FIXED) => place.to_string().replace("base", "hole"),
                    _ => at(a[0]),
                };
                let symbol = if a[0] == 0 {
                    "reserve".to_owned()
                } else {
                    self.result(result)
                };
                let offset = if a[5] == 0 {
                    "0".to_owned()
                } else {
                    format!("{:#x}", a[5])
                };
                let fd = if a[4] == u64::MAX {
                    "-1".to_owned()
                } else {
                    files.symbol(a[4])
                };
                let (prot, flags) = (protection(a[2]), map_flags(flags));
                (
                    format!("mmap({hint}, {}, {prot}, {flags}, {fd}, {offset})", a[1]),
                    Some(symbol),
                )
            }
            libc::SYS_munmap if a[0] as i64 == self.reserve => (format!("munmap(reserve, {})", a[1]), None),
            libc::SYS_munmap if a[2] == 1 => (format!("munmap(elsewhere, {})", a[1]), None),
            libc::SYS_munmap => (format!("munmap({}, {})", at(a[0]), a[1]), None),
            libc::SYS_mprotect => (format!("mprotect({}, {}, {})", at(a[0]), a[1], protection(a[2])), None),
            libc::SYS_msync => (format!("msync({}, {}, MS_SYNC)", at(a[0]), a[1]), None),
            libc::SYS_mlock => (format!("mlock({}, {})", at(a[0]), a[1]), None),
            libc::SYS_munlock => (format!("munlock({}, {})", at(a[0]), a[1]), None),
            libc::SYS_madvise => (
                format!("madvise({}, {}, {})", at(a[0]), a[1], advice(a[2] as i32)),
                None,
            ),
            libc::SYS_mremap => {
                let keeps = a[3] as i32 & libc::MREMAP_DONTUNMAP != 0;
                let more = if keeps { "|MREMAP_DONTUNMAP" } else { "" };
                let how = match a[4] {
                    0 if keeps => "MREMAP_DONTUNMAP".to_owned(),
                    0 => "0".to_owned(),
                    to => format!("MREMAP_MAYMOVE|MREMAP_FIXED{more}, {}", at(to)),
                };
                (
                    format!("mremap({}, {}, {}, {how})", at(a[0]), a[1], a[2]),
                    Some(self.result(result)),
                )
            }
            MSEAL => (format!("mseal({}, {}, 0)", at(a[0]), a[1]), None),
            libc::SYS_ioctl if a[0] == IOCTL_API => (
                "ioctl(own, UFFDIO_API, {api=0xaa, features=UFFD_FEATURE_SIGBUS})".to_owned(),
                None,
            ),
            libc::SYS_ioctl if a[0] == IOCTL_VMA => (
                format!(
                    "ioctl(own, PROCMAP_QUERY, {{query_flags=PROCMAP_QUERY_COVERING_OR_NEXT_VMA, query_addr={}, ...}})",
                    at(a[1])
                ),
                None,
            ),
            libc::SYS_ioctl => (
                format!(
                    "ioctl(own, UFFDIO_REGISTER, {{range={{start={}, len={}}}, mode=UFFDIO_REGISTER_MODE_MISSING}})",
                    at(a[1]),
                    a[2]
                ),
                None,
            ),
            libc::SYS_userfaultfd => (
                "userfaultfd(UFFD_USER_MODE_ONLY|O_CLOEXEC)".to_owned(),
                Some("own".to_owned()),
            ),
            // The call wrote no answer.
            libc::SYS_mincore if result < 0 => (format!("mincore({}, {}, vec)", at(a[0]), a[1]), None),
            libc::SYS_mincore => (format!("mincore({}, {}, [{} resident])", at(a[0]), a[1], a[2]), None),
            _ => return None,
        })
    }

    /// An address that a call returned.
    fn result(&self, address: i64) -> String {
        let place = self.record.place(address as usize, self.reach);
        if place.area == NOWHERE {
            return "elsewhere".to_owned();
        }
        self.address(address as u64)
    }
}

fn of_process(nr: i64, a: &[u64; 6], result: i64) -> Option<(String, Option<String>)> {
    let symbol = |symbol: String| Some(symbol);
    Some(match nr {
        libc::SYS_prctl if a[0] == libc::PR_SET_PDEATHSIG as u64 => {
            ("prctl(PR_SET_PDEATHSIG, SIGKILL)".to_owned(), None)
        }
        libc::SYS_prctl => ("prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE)".to_owned(), None),
        libc::SYS_getppid => ("getppid()".to_owned(), symbol("parent".to_owned())),
        libc::SYS_getpid => ("getpid()".to_owned(), symbol("holder".to_owned())),
        libc::SYS_rt_sigaction => (rt_sigaction(a), None),
        libc::SYS_rt_sigprocmask if a[0] == 1 => ("rt_sigprocmask(SIG_BLOCK, [BUS SEGV], NULL, 8)".to_owned(), None),
        libc::SYS_rt_sigprocmask => ("rt_sigprocmask(SIG_SETMASK, [], NULL, 8)".to_owned(), None),
        libc::SYS_rt_sigreturn => ("rt_sigreturn({mask=[]})".to_owned(), symbol("resumed".to_owned())),
        libc::SYS_tgkill => ("tgkill(holder, holder, SIGBUS)".to_owned(), None),
        libc::SYS_kill => ("kill(holder, SIGBUS)".to_owned(), None),
        libc::SYS_rt_sigqueueinfo => (
            "rt_sigqueueinfo(holder, SIGBUS, {si_signo=SIGBUS, si_code=SI_QUEUE, si_pid=holder, si_uid=uid})"
                .to_owned(),
            None,
        ),
        libc::SYS_sigaltstack if a[2] == 0 => (
            "sigaltstack({ss_sp=NULL, ss_flags=SS_DISABLE, ss_size=0}, NULL)".to_owned(),
            None,
        ),
        libc::SYS_sigaltstack => {
            let size = a[2];
            (
                format!("sigaltstack({{ss_sp=stack, ss_flags=0, ss_size={size}}}, NULL)"),
                None,
            )
        }
        libc::SYS_prlimit64 => {
            let name = match a[0] as u32 {
                libc::RLIMIT_FSIZE => "RLIMIT_FSIZE",
                libc::RLIMIT_AS => "RLIMIT_AS",
                libc::RLIMIT_MEMLOCK => "RLIMIT_MEMLOCK",
                libc::RLIMIT_STACK => "RLIMIT_STACK",
                _ => "RLIMIT_CORE",
            };
            // What is in use varies, so that the limit does.
            let value = if name == "RLIMIT_AS" {
                "limit".to_owned()
            } else {
                a[1].to_string()
            };
            let text = match a[2] {
                0 => "prlimit64(0, RLIMIT_CORE, {rlim_cur=0, rlim_max=0}, NULL)".to_owned(),
                _ => format!("prlimit64(0, {name}, {{rlim_cur={value}, rlim_max={value}}}, NULL)"),
            };
            (text, None)
        }
        libc::SYS_getrusage => (
            format!(
                "getrusage(RUSAGE_SELF, {{{}={}}})",
                if a[1] == 1 { "ru_majflt" } else { "faults" },
                a[0]
            ),
            symbol("0".to_owned()),
        ),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_alarm => (format!("alarm({})", a[0]), None),
        libc::SYS_setitimer => {
            let timer = |seconds| {
                let zero = "it_interval={tv_sec=0, tv_usec=0}";
                format!("{{{zero}, it_value={{tv_sec={seconds}, tv_usec=0}}}}")
            };
            (format!("setitimer(ITIMER_REAL, {}, {})", timer(a[0]), timer(0)), None)
        }
        libc::SYS_clone => {
            let child = if a[1] > 0 {
                format!("adder{}", a[1])
            } else if a[0] > 0 {
                format!("holder{}", proc_name(a[0] as usize))
            } else {
                format!("witness{result}")
            };
            let call = "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD)";
            (call.to_owned(), symbol(child))
        }
        libc::SYS_wait4 => {
            let child = if a[1] > 0 {
                format!("holder{}", proc_name(a[1] as usize - 1))
            } else if a[3] > 0 {
                format!("adder{}", a[3])
            } else {
                format!("witness{result}")
            };
            let status = match a[0] {
                0 => format!("{{WIFEXITED(s) && WEXITSTATUS(s) == {}}}", a[2]),
                signo => format!("{{WIFSIGNALED(s) && WTERMSIG(s) == {}}}", signal(signo as i32)),
            };
            (format!("wait4({child}, [{status}], 0, NULL)"), symbol(child))
        }
        // Who runs lab is nobody's business.
        libc::SYS_geteuid => ("geteuid()".to_owned(), symbol("user".to_owned())),
        libc::SYS_getegid => ("getegid()".to_owned(), symbol("group".to_owned())),
        libc::SYS_exit_group => (format!("exit_group({})", a[0]), symbol("?".to_owned())),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::record::Shared;

    /// The calls of which not every architecture has every one; strace's own words.
    #[test]
    fn what_is_printed_is_the_call_that_was_made() {
        let record = Shared::new(0).expect("a page of memory");
        let symbols = Symbols {
            record: &record,
            reserve: 0,
            reach: 0,
            own_calls: true,
        };
        let line = |nr, first| symbols.call(nr, &[first, 0, 0, 0, 0, 0], 0, &Files::default());
        #[cfg(target_arch = "x86_64")]
        assert_eq!(line(libc::SYS_alarm, 11), "alarm(11) = 0");
        assert_eq!(
            line(libc::SYS_setitimer, 11),
            "setitimer(ITIMER_REAL, {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=11, tv_usec=0}}, \
             {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=0, tv_usec=0}}) = 0"
        );
        assert_eq!(
            line(libc::SYS_unlinkat, 0),
            "unlinkat(AT_FDCWD, \"TMPDIR/.mmap-lab\", 0) = 0"
        );
    }
}
