//! The record as text, in strace's form, with symbols for what varies between runs: `fd`, `hole`, `base`, `TMPDIR`. What
//! is printed was called: a test holds these lines against a real strace. It may not know what the calls are for.

use std::sync::atomic::Ordering::{Acquire, Relaxed};

use nix::sys::mman::{MapFlags, ProtFlags};
use nix::sys::signal::Signal;

use super::record::{Entry, Shared, what};
use super::{Line, Options, fault};
use crate::op::{Signal as Kind, si_code_name};

/// The name of a system call that can be refused.
pub fn name(nr: i64) -> &'static str {
    match nr {
        libc::SYS_mmap => "mmap of address space",
        libc::SYS_munmap => "munmap",
        libc::SYS_openat => "openat in TMPDIR",
        libc::SYS_clone => "fork",
        libc::SYS_wait4 => "wait4",
        _ => "a call of the child's preparation",
    }
}

/// A signal's name.
pub fn signal(signo: i32) -> &'static str {
    Signal::try_from(signo).map_or("an unknown signal", Signal::as_str)
}

/// Every call and signal of the record, in order.
pub fn lines(record: &Shared, options: &Options) -> Vec<Line> {
    let head = record.head();
    let symbols = Symbols {
        base: head.base.load(Relaxed) as i64,
        reserve: head.reserve.load(Relaxed) as i64,
        reach: (super::HOLE_PAGES * options.page) as i64,
    };
    let mut files = Files::default();
    record
        .entries()
        .iter()
        .flat_map(|entry| symbols.lines(entry, &mut files))
        .collect()
}

struct Symbols {
    base: i64,
    reserve: i64,
    reach: i64,
}

/// Descriptors, in the order in which they were opened.
#[derive(Default)]
struct Files(Vec<u64>);

impl Files {
    fn symbol(&self, fd: u64) -> String {
        match self.0.iter().position(|known| *known == fd) {
            Some(0) => "fd".to_owned(),
            Some(n) => format!("fd{}", n + 1),
            None => "-1".to_owned(),
        }
    }
}

impl Symbols {
    fn lines(&self, entry: &Entry, files: &mut Files) -> Vec<Line> {
        let a = entry.args.each_ref().map(|arg| arg.load(Relaxed));
        let result = entry.result.load(Relaxed);
        let mut who = entry.who.load(Relaxed);
        let number = entry.what.load(Acquire);
        let texts = match number {
            what::ANSWER => Vec::new(),
            what::SIGNAL => vec![format!("--- {} ---", self.siginfo(&a))],
            what::REAPED => {
                who = a[0] as u32;
                match a[1] {
                    0 => vec!["+++ exited with 0 +++".to_owned()],
                    // The handler has returned, the instruction was executed again, and the default action killed.
                    signo => vec![
                        format!("--- {} ---", self.siginfo(&[a[1], a[2], a[3], 0, 0, 0])),
                        format!("+++ killed by {} +++", signal(signo as i32)),
                    ],
                }
            }
            nr => {
                if nr == libc::SYS_openat as u32 && result >= 0 {
                    files.0.push(result as u64);
                }
                let call = self.call(nr.into(), &a, result, files);
                let ends = who == 0 && nr == libc::SYS_exit_group as u32;
                let exited = ends.then(|| format!("+++ exited with {} +++", a[0]));
                std::iter::once(call).chain(exited).collect()
            }
        };
        let op = entry.op.load(Relaxed);
        let op = (op != u32::MAX).then_some(op as usize);
        let asked = entry.asked.load(Relaxed) != 0;
        texts.into_iter().map(|text| Line { who, op, asked, text }).collect()
    }

    fn siginfo(&self, a: &[u64; 6]) -> String {
        let kind = if a[0] == Signal::SIGBUS as u64 {
            Kind::Sigbus
        } else {
            Kind::Sigsegv
        };
        let code = si_code_name(kind, a[1] as i32).map_or_else(|| a[1].to_string(), str::to_owned);
        format!(
            "{kind} {{si_signo={kind}, si_code={code}, si_addr={}}}",
            self.address(a[2])
        )
    }

    /// An address as an offset from `base`.
    fn address(&self, address: u64) -> String {
        match (address as i64).wrapping_sub(self.base) {
            0 => "base".to_owned(),
            offset if offset < -2 * self.reach => "outside".to_owned(),
            offset => format!("base{offset:+}"),
        }
    }

    fn call(&self, nr: i64, a: &[u64; 6], result: i64, files: &Files) -> String {
        let fd = |n: u64| files.symbol(n);
        let mut returns = match result {
            0.. => result.to_string(),
            errno => {
                let number = -errno as i32;
                let errno = nix::errno::Errno::from_raw(number);
                // The C library's words, as strace has them; nix has its own.
                let words = std::io::Error::from_raw_os_error(number).to_string();
                let words = words.split(" (os error").next().unwrap_or_default();
                format!("-1 {errno:?} ({words})")
            }
        };
        let mut returned = |symbol: String| {
            if result >= 0 {
                returns = symbol;
            }
        };
        let call = match nr {
            libc::SYS_openat => {
                returned(fd(result as u64));
                let name = if a[1] == 0 {
                    "TMPDIR"
                } else {
                    "TMPDIR/.mmap-lab"
                };
                format!(
                    "openat(AT_FDCWD, \"{name}\", {}, 0{:o})",
                    open_flags(a[2] as i32),
                    a[3]
                )
            }
            libc::SYS_unlinkat => "unlinkat(AT_FDCWD, \"TMPDIR/.mmap-lab\", 0)".to_owned(),
            libc::SYS_write => format!("write({}, {}, {})", fd(a[0]), text(a[1], a[2]), a[2]),
            libc::SYS_pwrite64 => format!(
                "pwrite64({}, {}, {}, {})",
                fd(a[0]),
                text(a[1], a[2]),
                a[2],
                a[3]
            ),
            libc::SYS_pread64 => {
                let read = if result > 0 {
                    text(a[1], 1)
                } else {
                    "\"\"".to_owned()
                };
                format!("pread64({}, {read}, {}, {})", fd(a[0]), a[2], a[3])
            }
            libc::SYS_ftruncate => format!("ftruncate({}, {})", fd(a[0]), a[1]),
            libc::SYS_fallocate => format!("fallocate({}, {}, {}, {})", fd(a[0]), a[1], a[2], a[3]),
            libc::SYS_mmap => {
                let (place, symbol) = if a[0] == 0 {
                    ("NULL", "reserve")
                } else {
                    ("hole", "base")
                };
                let flags = MapFlags::from_bits_retain(a[3] as i32);
                returned(symbol.to_owned());
                let offset = if a[5] == 0 {
                    "0".to_owned()
                } else {
                    format!("{:#x}", a[5])
                };
                format!(
                    "mmap({place}, {}, {}, {}, {}, {offset})",
                    a[1],
                    protection(a[2]),
                    map_flags(flags),
                    fd(a[4])
                )
            }
            libc::SYS_munmap if a[0] as i64 == self.reserve => format!("munmap(reserve, {})", a[1]),
            libc::SYS_munmap => format!("munmap({}, {})", self.address(a[0]), a[1]),
            libc::SYS_mprotect => format!(
                "mprotect({}, {}, {})",
                self.address(a[0]),
                a[1],
                protection(a[2])
            ),
            libc::SYS_msync => format!("msync({}, {}, MS_SYNC)", self.address(a[0]), a[1]),
            libc::SYS_prctl if a[0] == libc::PR_SET_PDEATHSIG as u64 => {
                "prctl(PR_SET_PDEATHSIG, SIGKILL)".to_owned()
            }
            libc::SYS_prctl => "prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE)".to_owned(),
            libc::SYS_getppid => {
                returned("parent".to_owned());
                "getppid()".to_owned()
            }
            libc::SYS_getpid => {
                returned("holder".to_owned());
                "getpid()".to_owned()
            }
            libc::SYS_rt_sigaction => rt_sigaction(a),
            libc::SYS_rt_sigprocmask => "rt_sigprocmask(SIG_SETMASK, [], NULL, 8)".to_owned(),
            libc::SYS_rt_sigreturn => {
                returned("resumed".to_owned());
                "rt_sigreturn({mask=[]})".to_owned()
            }
            libc::SYS_sigaltstack => {
                format!(
                    "sigaltstack({{ss_sp=stack, ss_flags=0, ss_size={}}}, NULL)",
                    a[2]
                )
            }
            libc::SYS_prlimit64 => {
                "prlimit64(0, RLIMIT_CORE, {rlim_cur=0, rlim_max=0}, NULL)".to_owned()
            }
            #[cfg(target_arch = "x86_64")]
            libc::SYS_alarm => format!("alarm({})", a[0]),
            libc::SYS_setitimer => {
                let timer = |seconds| {
                    let zero = "it_interval={tv_sec=0, tv_usec=0}";
                    format!("{{{zero}, it_value={{tv_sec={seconds}, tv_usec=0}}}}")
                };
                format!("setitimer(ITIMER_REAL, {}, {})", timer(a[0]), timer(0))
            }
            libc::SYS_clone => {
                returned(format!("witness{result}"));
                "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD)"
                    .to_owned()
            }
            libc::SYS_wait4 => {
                returned(format!("witness{result}"));
                let status = match a[0] {
                    0 => "{WIFEXITED(s)}".to_owned(),
                    signo => format!(
                        "{{WIFSIGNALED(s) && WTERMSIG(s) == {}}}",
                        signal(signo as i32)
                    ),
                };
                format!("wait4(witness{result}, [{status}], 0, NULL)")
            }
            libc::SYS_exit_group => {
                returned("?".to_owned());
                format!("exit_group({})", a[0])
            }
            other => format!("syscall_{other}()"),
        };
        format!("{call} = {returns}")
    }
}

fn rt_sigaction(a: &[u64; 6]) -> String {
    let mut flags = Vec::new();
    if cfg!(target_arch = "x86_64") {
        flags.push("SA_RESTORER"); // the C library adds it
    }
    let handler = if a[1] == 0 { "SIG_DFL" } else { "handler" };
    if a[1] != 0 {
        use nix::sys::signal::SaFlags;
        let names = [
            (SaFlags::SA_ONSTACK, "SA_ONSTACK"),
            (SaFlags::SA_NODEFER, "SA_NODEFER"),
            (SaFlags::SA_SIGINFO, "SA_SIGINFO"),
        ];
        flags.extend(
            names
                .iter()
                .filter(|(flag, _)| fault::FLAGS.contains(*flag))
                .map(|(_, name)| *name),
        );
    }
    let flags = if flags.is_empty() {
        "0".to_owned()
    } else {
        flags.join("|")
    };
    format!(
        "rt_sigaction({}, {{sa_handler={handler}, sa_mask=[], sa_flags={flags}}}, old, 8)",
        signal(a[0] as i32)
    )
}

fn open_flags(bits: i32) -> &'static str {
    if bits & libc::O_CREAT != 0 {
        "O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC"
    } else {
        "O_RDWR|O_EXCL|O_CLOEXEC|O_TMPFILE"
    }
}

fn protection(bits: u64) -> String {
    let prot = ProtFlags::from_bits_retain(bits as i32);
    let read = prot.contains(ProtFlags::PROT_READ);
    let write = prot.contains(ProtFlags::PROT_WRITE);
    crate::op::Prot { read, write }.to_string()
}

fn map_flags(flags: MapFlags) -> String {
    let names = [
        (MapFlags::MAP_SHARED, "MAP_SHARED"),
        (MapFlags::MAP_PRIVATE, "MAP_PRIVATE"),
        (MapFlags::MAP_FIXED, "MAP_FIXED"),
        (MapFlags::MAP_ANONYMOUS, "MAP_ANONYMOUS"),
        (MapFlags::MAP_NORESERVE, "MAP_NORESERVE"),
    ];
    let set: Vec<&str> = names
        .iter()
        .filter(|(flag, _)| flags.contains(*flag))
        .map(|(_, name)| *name)
        .collect();
    set.join("|")
}

/// A row of equal bytes as strace shows it: 32 of them, then dots.
fn text(byte: u64, count: u64) -> String {
    let one = match byte as u8 {
        b'"' => "\\\"".to_owned(),
        b'\\' => "\\\\".to_owned(),
        byte @ b' '..=b'~' => char::from(byte).to_string(),
        byte => format!("\\{byte:o}"),
    };
    format!(
        "\"{}\"{}",
        one.repeat(count.min(32) as usize),
        if count > 32 { "..." } else { "" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The calls of which not every architecture has every one; strace's own words.
    #[test]
    fn what_is_printed_is_the_call_that_was_made() {
        let symbols = Symbols { base: 0, reserve: 0, reach: 0 };
        let line = |nr, first| symbols.call(nr, &[first, 0, 0, 0, 0, 0], 0, &Files::default());
        #[cfg(target_arch = "x86_64")]
        assert_eq!(line(libc::SYS_alarm, 11), "alarm(11) = 0");
        assert_eq!(
            line(libc::SYS_setitimer, 11),
            "setitimer(ITIMER_REAL, {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=11, tv_usec=0}}, \
             {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=0, tv_usec=0}}) = 0"
        );
        assert_eq!(line(libc::SYS_unlinkat, 0), "unlinkat(AT_FDCWD, \"TMPDIR/.mmap-lab\", 0) = 0");
    }
}
