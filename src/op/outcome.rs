//! What an operation can come to: values, signals, errnos, counts; and the zones of alike addresses. Plain data.

use alloc::string::String;
use core::fmt;

use super::Place;

/// The two signals of a bad access. sigaction(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// there is an address and no data behind it
    Sigbus,
    /// there is no address, or not for this access
    Sigsegv,
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Signal::Sigbus => "SIGBUS",
            Signal::Sigsegv => "SIGSEGV",
        })
    }
}

/// The kernel's numbers for `si_code`, each with its signal and name. sigaction(2), asm-generic/siginfo.h.
pub const SI_CODES: [(Signal, i32, &str); 16] = [
    (Signal::Sigsegv, 1, "SEGV_MAPERR"),
    (Signal::Sigsegv, 2, "SEGV_ACCERR"),
    (Signal::Sigsegv, 3, "SEGV_BNDERR"),
    (Signal::Sigsegv, 4, "SEGV_PKUERR"),
    (Signal::Sigsegv, 8, "SEGV_MTEAERR"),
    (Signal::Sigsegv, 9, "SEGV_MTESERR"),
    (Signal::Sigsegv, 10, "SEGV_CPERR"),
    (Signal::Sigsegv, 128, "SI_KERNEL"),
    (Signal::Sigbus, 1, "BUS_ADRALN"),
    (Signal::Sigbus, 2, "BUS_ADRERR"),
    (Signal::Sigbus, 3, "BUS_OBJERR"),
    (Signal::Sigbus, 4, "BUS_MCEERR_AR"),
    (Signal::Sigbus, 5, "BUS_MCEERR_AO"),
    (Signal::Sigbus, 0, "SI_USER"),
    (Signal::Sigbus, -1, "SI_QUEUE"),
    (Signal::Sigbus, -6, "SI_TKILL"),
];

/// The name of a signal's `si_code`, or nothing where the kernel has none for it.
pub fn si_code_name(signal: Signal, code: i32) -> Option<&'static str> {
    SI_CODES
        .iter()
        .find(|row| row.0 == signal && row.1 == code)
        .map(|row| row.2)
}

/// The number of a signal's `si_code` called `name`.
pub fn si_code_number(signal: Signal, name: &str) -> Option<i32> {
    SI_CODES
        .iter()
        .find(|row| row.0 == signal && row.2 == name)
        .map(|row| row.1)
}

/// A signal that an access raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// which signal
    pub signal: Signal,
    /// why, in the kernel's numbers
    pub si_code: i32,
    /// `si_addr`
    pub at: Place,
}

impl Fault {
    /// The code as sigaction(2) writes it, or its number.
    pub fn code_name(&self) -> String {
        use alloc::string::ToString;
        si_code_name(self.signal, self.si_code).map_or_else(|| self.si_code.to_string(), ToString::to_string)
    }
}

/// What one operation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A load, or a read of the file, gave this value.
    Byte(u8),
    /// A read of the file found its end there.
    End,
    /// A store raised no signal.
    Stored,
    /// The access raised a signal.
    Fault(Fault),
    /// The system call succeeded.
    Done,
    /// The system call failed with this errno.
    Errno(i32),
    /// The system call gave this number: bytes sent, or a quantity that was asked for.
    Count(u64),
    /// mmap(2) succeeded, at another address than the one asked for.
    Elsewhere,
    /// The access killed the process by this signal, whatever it had arranged.
    Killed(Signal),
    /// A handler returned without repairing anything, and the access faulted again and again.
    Loops,
    /// Foretold, never observed: this fault, at its place or up to so many bytes behind it.
    Among(Fault, u64),
    /// Foretold, never observed: a count from the first to the second, both included.
    Within(u64, u64),
}

impl Outcome {
    /// Is this what was foretold?
    pub fn is_within(self, foretold: Outcome) -> bool {
        match (self, foretold) {
            (Outcome::Count(n), Outcome::Within(least, most)) => (least..=most).contains(&n),
            (Outcome::Fault(fault), Outcome::Among(first, more)) => {
                let last = first.at.plus(more as i64);
                let among = fault.at.area == last.area && (first.at.at..=last.at).contains(&fault.at.at);
                among && (fault.signal, fault.si_code) == (first.signal, first.si_code)
            }
            _ => self == foretold,
        }
    }
}

/// The errnos that scripts can meet, by number and name: asm-generic/errno-base.h and errno.h.
const ERRNOS: [(i32, &str); 22] = [
    (1, "EPERM"),
    (2, "ENOENT"),
    (5, "EIO"),
    (6, "ENXIO"),
    (7, "E2BIG"),
    (9, "EBADF"),
    (11, "EAGAIN"),
    (12, "ENOMEM"),
    (13, "EACCES"),
    (14, "EFAULT"),
    (16, "EBUSY"),
    (17, "EEXIST"),
    (19, "ENODEV"),
    (21, "EISDIR"),
    (22, "EINVAL"),
    (26, "ETXTBSY"),
    (27, "EFBIG"),
    (28, "ENOSPC"),
    (29, "ESPIPE"),
    (38, "ENOSYS"),
    (75, "EOVERFLOW"),
    (95, "EOPNOTSUPP"),
];

/// The name of an errno.
pub fn errno_name(number: i32) -> Option<&'static str> {
    ERRNOS.iter().find(|row| row.0 == number).map(|row| row.1)
}

/// The number of an errno called `name`.
pub fn errno_number(name: &str) -> Option<i32> {
    ERRNOS.iter().find(|row| row.1 == name).map(|row| row.0)
}

/// A stretch of addresses which answer loads (or stores) alike, in bytes from `base`; `to` is excluded, and none means
/// that nothing but unmapped addresses follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// first byte
    pub from: i64,
    /// first byte that no longer belongs to it
    pub to: Option<i64>,
    /// what an access there meets
    pub is: ZoneKind,
}

/// What an access to a zone meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneKind {
    /// bytes of the file
    File,
    /// the rest of the file's last page
    Tail,
    /// this signal, with this si_code
    Fault(Signal, i32),
}
