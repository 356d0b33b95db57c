//! Where a mapping's zones begin, found by touching: first bytes, then SIGBUS, then SIGSEGV, however long it is. A binary
//! search, so that a terabyte takes no longer than a megabyte; the file's size is never asked for. It takes for granted
//! that the zones come in this order, once each: whoever must be sure takes samples inside them.

use std::time::{Duration, Instant};

use super::bare::{self, Met};
use super::{Interrupts, Options, Trouble};

/// What was found, in bytes from the mapping's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// the first byte that does not answer with a byte
    pub bytes_end: u64,
    /// the first byte that is SIGSEGV; the same where nothing is SIGBUS
    pub sigsegv: u64,
    /// so many touches it took, those on either side of each border among them
    pub touches: u32,
}

/// Find both borders among the first `pages` pages and the one behind them, which must be SIGSEGV. None where the touches
/// contradict the order of the zones.
pub fn borders(pages: u64, page: u64, mut touch: impl FnMut(u64) -> Met) -> Option<Found> {
    let mut touches = 0;
    let mut meet = |offset| {
        touches += 1;
        touch(offset)
    };
    if meet(pages * page) != Met::Sigsegv {
        return None;
    }
    // Pages before `bytes` answer with bytes, pages before `bus` not with SIGSEGV; `first` does not answer with a byte,
    // `second` with SIGSEGV. What a touch tells of the second border while the first is sought is kept.
    let (mut bytes, mut bus) = (0, 0);
    let (mut first, mut second) = (pages, pages);
    while bytes < first {
        let at = bytes + (first - bytes) / 2;
        match meet(at * page) {
            Met::Byte => bytes = at + 1,
            Met::Sigbus => (first, bus) = (at, bus.max(at + 1)),
            Met::Sigsegv => (first, second) = (at, at),
        }
    }
    bus = bus.max(first);
    while bus < second {
        let at = bus + (second - bus) / 2;
        match meet(at * page) {
            Met::Byte => return None,
            Met::Sigbus => bus = at + 1,
            Met::Sigsegv => second = at,
        }
    }
    // What was touched so far are first bytes of pages. The last byte before each border belongs to the zone before it.
    let last = |border: u64| (border * page).checked_sub(1);
    let byte = last(first).is_none_or(|at| meet(at) == Met::Byte);
    let sigbus = first == second || last(second).is_none_or(|at| meet(at) == Met::Sigbus);
    (byte && sigbus).then_some(Found {
        bytes_end: first * page,
        sigsegv: second * page,
        touches,
    })
}

/// Find them in a real mapping of this length over a file of `size` bytes, and how long the search took in the child.
///
/// # Errors
///
/// What the machine refuses, a deadline, an interruption; and zones in another order.
pub fn run(
    (size, length): (u64, u64),
    options: &Options,
    interrupts: &Interrupts,
) -> Result<(Found, Duration), Trouble> {
    let (page, pages) = (options.page, length.div_ceil(options.page));
    let came = bare::run((size, length), 2 * u64::BITS as usize, options, interrupts, |bare| {
        let begin = Instant::now();
        let found = borders(pages, page, |offset| bare.touch(offset));
        let nanos = begin.elapsed().as_nanos() as u64;
        match found {
            Some(found) => [found.bytes_end, found.sigsegv, found.touches.into(), nanos],
            None => [0; 4],
        }
    })?;
    match came {
        [_, _, 0, _] => Err(Trouble::Bug("the zones of a mapping are not in their order")),
        [bytes_end, sigsegv, touches, nanos] => Ok((
            Found {
                bytes_end,
                sigsegv,
                touches: touches as u32,
            },
            Duration::from_nanos(nanos),
        )),
    }
}
