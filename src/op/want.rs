//! What a person can say of an outcome before it is seen: an author's words, which scenario files and claims use. Plain
//! data; the comparison with what happened is elsewhere.

use alloc::vec::Vec;

use super::Signal;

/// What an author expects of one access: any of these.
pub type Expected = Vec<Want>;

/// One outcome in an author's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// the value that pread gives at that place of the file
    File,
    /// 0, at or past today's end of the file
    Zero,
    /// a store, or a call, that raised nothing
    Ok,
    /// this value
    Byte(u8),
    /// some byte, and nobody can say which
    Any,
    /// a read of the file that finds its end
    End,
    /// this signal, whatever its si_code
    Signal(Signal),
    /// this signal with this si_code
    Fault(Signal, i32),
    /// the call's errno
    Errno(i32),
    /// a number from the first to the second, both included
    Count(u64, u64),
    /// a mapping at another address
    Elsewhere,
    /// death by this signal, whatever was arranged
    Killed(Signal),
    /// the access faulted again and again
    Loops,
}

/// An author's zone at one step, in bytes from `base`; an open one has no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorZone {
    /// first byte
    pub from: i64,
    /// first byte that no longer belongs to it
    pub to: Option<i64>,
    /// what is expected of accesses there
    pub wants: Expected,
}
