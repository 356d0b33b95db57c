//! The record as text, in strace's form, with symbols for what varies between runs: `fd`, `hole`, `base`, `TMPDIR`. What
//! is printed was called: a test holds these lines against a real strace. It may not know what the calls are for.

use std::sync::atomic::Ordering::{Acquire, Relaxed};

use nix::sys::signal::Signal;

use super::record::{Entry, Shared, asked, what};
use super::{Delivery, Line, Options, Who};
use crate::op::{NOWHERE, Signal as Kind, WILD, si_code_name};

mod call;
mod words;

/// The name of a system call that can be refused.
pub fn name(nr: i64) -> &'static str {
    match nr {
        libc::SYS_mmap => "mmap of address space",
        libc::SYS_munmap => "munmap",
        libc::SYS_openat => "openat in TMPDIR",
        libc::SYS_clone => "fork",
        libc::SYS_ftruncate => "ftruncate",
        libc::SYS_wait4 => "wait4",
        libc::SYS_geteuid => "geteuid",
        libc::SYS_getegid => "getegid",
        libc::SYS_userfaultfd => "userfaultfd",
        libc::SYS_prlimit64 => "setrlimit beyond the hard limit",
        libc::SYS_unshare => "a user namespace",
        libc::SYS_mount => "mount in a user namespace",
        _ => "a call of the child's preparation",
    }
}

/// A signal's name.
pub fn signal(signo: i32) -> &'static str {
    Signal::try_from(signo).map_or("an unknown signal", Signal::as_str)
}

/// The calls and signals of the record, in order.
pub fn lines(record: &Shared, options: &Options) -> Vec<Line> {
    let symbols = Symbols {
        record,
        reserve: record.head().reserve.load(Relaxed) as i64,
        reach: (super::HOLE_PAGES * options.page) as usize,
        own_calls: options.own_calls,
    };
    let mut files = Files::default();
    record
        .entries()
        .iter()
        .flat_map(|entry| symbols.lines(entry, &mut files))
        .collect()
}

/// si_code of a signal that the kernel forces upon a process.
const SI_KERNEL: u64 = 128;

struct Symbols<'a> {
    record: &'a Shared,
    reserve: i64,
    reach: usize,
    own_calls: bool,
}

/// Descriptors, in the order in which they were opened.
#[derive(Default)]
struct Files(Vec<u64>);

/// The symbol of the n-th descriptor that a script opens, from 0.
pub fn file(n: u64) -> String {
    match n {
        0 => "fd".to_owned(),
        n => format!("fd{}", n + 1),
    }
}

impl Files {
    /// A descriptor of the script's was opened. The instrument's own have no number of their own.
    fn note(&mut self, nr: i64, a: &[u64; 6], result: i64) {
        let opens = match nr {
            libc::SYS_openat => a[1] < 6 || matches!(a[1], 8 | 12),
            libc::SYS_memfd_create | libc::SYS_pipe2 => true,
            libc::SYS_eventfd2 => a[0] == 1,
            _ => false,
        };
        if opens && result >= 0 {
            self.0.push(result as u64);
        }
    }

    fn symbol(&self, fd: u64) -> String {
        match self.0.iter().rposition(|known| *known == fd) {
            Some(n) => file(n as u64),
            None => "-1".to_owned(),
        }
    }
}

impl Symbols<'_> {
    fn lines(&self, entry: &Entry, files: &mut Files) -> Vec<Line> {
        let a = entry.args.each_ref().map(|arg| arg.load(Relaxed));
        let result = entry.result.load(Relaxed);
        let mut who = Who::of(entry.who.load(Relaxed));
        let number = entry.what.load(Acquire);
        let arrived = |a: &[u64; 6]| {
            let delivery = self.delivery(a);
            (siginfo(&delivery), Some(delivery))
        };
        let texts = match number {
            what::ANSWER | what::VMA | what::PAGES | what::FILE => Vec::new(),
            what::SIGNAL => vec![arrived(&a)],
            what::REAPED => {
                who = Who::Witness(a[0] as u32);
                match a[1] {
                    0 => vec![(format!("+++ exited with {} +++", a[5]), None)],
                    // No stack for the handler.
                    signo if a[4] == 2 => vec![
                        arrived(&[a[5], a[2], a[3], 0, 0, 0]),
                        arrived(&[signo, SI_KERNEL, 0, 0, 0, 0]),
                        (format!("+++ killed by {} +++", signal(signo as i32)), None),
                    ],
                    // It ignored or blocked the signal, so there is no word of its own on where.
                    signo if a[4] == 1 => {
                        let signal = signal(signo as i32);
                        let killed = format!("+++ killed by {signal} +++");
                        vec![(killed, Some(Delivery { signal, told: None }))]
                    }
                    // The handler has returned, the instruction was executed again, and the default action killed.
                    signo => vec![
                        arrived(&[a[1], a[2], a[3], 0, 0, 0]),
                        (format!("+++ killed by {} +++", signal(signo as i32)), None),
                    ],
                }
            }
            nr => {
                files.note(nr.into(), &a, result);
                if !self.own_calls && entry.asked.load(Relaxed) == asked::NO {
                    return Vec::new();
                }
                let call = self.call(nr.into(), &a, result, files);
                let ends = matches!(who, Who::Process(_)) && nr == libc::SYS_exit_group as u32;
                let exited = ends.then(|| format!("+++ exited with {} +++", a[0]));
                std::iter::once(call).chain(exited).map(|text| (text, None)).collect()
            }
        };
        let op = entry.op.load(Relaxed);
        let op = (op != u32::MAX).then_some(op as usize);
        let by = entry.asked.load(Relaxed);
        let (asked, beyond_nix) = (by != asked::NO, by == asked::BEYOND_NIX);
        let line = |(text, delivery)| Line {
            who,
            op,
            asked,
            beyond_nix,
            text,
            delivery,
        };
        texts.into_iter().map(line).collect()
    }

    fn delivery(&self, a: &[u64; 6]) -> Delivery {
        let kind = if a[0] == Signal::SIGBUS as u64 {
            Kind::Sigbus
        } else {
            Kind::Sigsegv
        };
        let code = si_code_name(kind, a[1] as i32).map_or_else(|| a[1].to_string(), str::to_owned);
        Delivery {
            signal: signal(a[0] as i32),
            told: Some((code, (a[1] as i32 > 0).then(|| self.address(a[2])))),
        }
    }

    /// An address as an offset from `base`.
    fn address(&self, address: u64) -> String {
        let place = self.record.place(address as usize, self.reach);
        let wild = |(_, address): &(&str, u64)| *address == place.at as u64;
        if place.area == NOWHERE && !WILD.iter().any(wild) {
            return "outside".to_owned();
        }
        place.to_string()
    }
}

fn siginfo(delivery: &Delivery) -> String {
    let signal = delivery.signal;
    match &delivery.told {
        Some((code, None)) => {
            format!("--- {signal} {{si_signo={signal}, si_code={code}, si_pid=holder, si_uid=uid}} ---")
        }
        Some((code, Some(place))) => format!("--- {signal} {{si_signo={signal}, si_code={code}, si_addr={place}}} ---"),
        None => format!("--- {signal} ---"),
    }
}
