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

/// Samples of each zone.
const SAMPLES: u64 = 32;

/// A search in a real mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Searched {
    /// the borders
    pub found: Found,
    /// how many random places inside the zones were touched besides; each met what its zone says
    pub samples: u32,
    /// MADV_POPULATE_READ of the last page with bytes, of the first that is SIGBUS, and of the hole behind the mapping: its
    /// errno, or 0; none where there is no such page
    pub populated: [Option<i32>; 3],
    /// how long the search took in the child, without the samples
    pub took: Duration,
}

/// Find them in a real mapping of this length over a file of `size` bytes, take samples between them, and ask the kernel
/// beside them without a signal.
///
/// # Errors
///
/// What the machine refuses, a deadline, an interruption; and zones in another order.
pub fn run(sizes: (u64, u64), options: &Options, interrupts: &Interrupts) -> Result<Searched, Trouble> {
    let (page, pages) = (options.page, sizes.1.div_ceil(options.page));
    let faults = 2 * u64::BITS as usize;
    let came = bare::run(sizes, faults, options, interrupts, |bare| {
        let begin = Instant::now();
        let found = borders(pages, page, |offset| bare.touch(offset));
        let nanos = begin.elapsed().as_nanos() as u64;
        let Some(found) = found else {
            return [0; 7];
        };
        let Some(samples) = samples(&found, |offset| bare.touch(offset)) else {
            return [0; 7];
        };
        let edges = [
            found.bytes_end.checked_sub(page),
            Some(found.bytes_end).filter(|at| *at < found.sigsegv),
            Some(found.sigsegv),
        ];
        let errno = |at: Option<u64>| at.map_or(NO_PAGE, |at| bare.populated(at, page) as u64);
        let [a, b, c] = edges.map(errno);
        let counts = u64::from(found.touches) | u64::from(samples) << 16 | nanos.min(u64::from(u32::MAX)) << 32;
        [found.bytes_end, found.sigsegv, counts, a, b, c, 0]
    })?;
    let [bytes_end, sigsegv, counts, a, b, c, _] = came;
    if counts == 0 {
        return Err(Trouble::Bug("the zones of a mapping are not in their order"));
    }
    let errno = |errno: u64| (errno != NO_PAGE).then_some(errno as i32);
    Ok(Searched {
        found: Found {
            bytes_end,
            sigsegv,
            touches: counts as u32 & 0xffff,
        },
        samples: (counts >> 16) as u32 & 0xffff,
        populated: [a, b, c].map(errno),
        took: Duration::from_nanos(counts >> 32),
    })
}

/// In place of an errno: nothing to ask.
const NO_PAGE: u64 = 0xffff;

/// Touch random places of both zones of the mapping: how many, if each meets what its zone says. The places are the same
/// in every run, so that two runs report the same.
fn samples(found: &Found, mut touch: impl FnMut(u64) -> Met) -> Option<u32> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut count = 0;
    for (from, to, is) in [
        (0, found.bytes_end, Met::Byte),
        (found.bytes_end, found.sigsegv, Met::Sigbus),
    ] {
        for _ in 0..if from < to { SAMPLES } else { 0 } {
            // xorshift64, Marsaglia 2003
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            if touch(from + state % (to - from)) != is {
                return None;
            }
            count += 1;
        }
    }
    Some(count)
}
