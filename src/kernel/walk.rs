//! Every page of a mapping touched, one after the other, by two processes that share the work: what a search takes for
//! granted, seen. It may not know what is expected anywhere.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::bare::{self, Bare, Came, Met};
use super::search::Found;
use super::{Interrupts, Options, Trouble, parent};

/// Pages between two words on how far a walk is.
const STRIDE: u64 = 1 << 12;
/// Pages of each kind whose touches foretell how long a walk takes.
const TRIED: u64 = 1 << 13;
/// A walk may take as long as its user lets it: whoever asks has been told how long.
const PATIENCE: Duration = Duration::from_secs(7 * 24 * 3600);

/// A walk to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked {
    /// the borders, with a touch for each page and one for the page behind them
    pub found: Found,
    /// how long it took
    pub took: Duration,
}

/// Touch pages `from .. to`, and count what they meet; the last number tells whether the zones came in their order, and
/// which was the first and the last.
fn stretch(bare: &Bare, from: u64, to: u64, page: u64) -> Came {
    let mut counts = [0_u64; 3];
    let (mut first, mut last) = (None, 0);
    let mut ordered = true;
    for at in from..to {
        let kind = match bare.touch(at * page) {
            Met::Byte => 0,
            Met::Sigbus => 1,
            Met::Sigsegv => 2,
        };
        counts[kind] += 1;
        ordered &= kind >= last;
        last = kind;
        first = first.or(Some(kind));
        if kind > 0 {
            bare.forget();
        }
        if at % STRIDE == 0 {
            bare.done.store(at - from, Relaxed);
        }
    }
    bare.done.store(to - from, Relaxed);
    let first = first.unwrap_or(last);
    [
        counts[0],
        counts[1],
        counts[2],
        u64::from(ordered) | (first as u64) << 8 | (last as u64) << 16,
    ]
}

/// How long a walk over so many pages would take here, told by a few of each kind.
///
/// # Errors
///
/// What the machine refuses, a deadline, an interruption.
pub fn estimate((size, length): (u64, u64), options: &Options, interrupts: &Interrupts) -> Result<Duration, Trouble> {
    let page = options.page;
    let (pages, bytes) = (length.div_ceil(page), size.min(length).div_ceil(page));
    let [bytes_nanos, bus_nanos, ..] = bare::run((size, length), 0, options, interrupts, |bare| {
        let time = |from: u64, to: u64| {
            let begin = Instant::now();
            stretch(bare, from, to, page);
            begin.elapsed().as_nanos() as u64
        };
        [time(0, bytes.min(TRIED)), time(bytes, pages.min(bytes + TRIED)), 0, 0]
    })?;
    let each = |nanos: u64, tried: u64| nanos as f64 / tried.max(1) as f64;
    let bus = pages - bytes;
    let all = each(bytes_nanos, bytes.min(TRIED)) * bytes as f64 + each(bus_nanos, bus.min(TRIED)) * bus as f64;
    // two processes, where there are two processors for them
    let share = std::thread::available_parallelism().map_or(1, |n| n.get().min(2));
    Ok(Duration::from_nanos((all / share as f64) as u64))
}

/// Walk. `told` hears now and then how many of the pages are done.
///
/// # Errors
///
/// What the machine refuses, an interruption; and zones in another order.
pub fn run(
    sizes: (u64, u64),
    options: &Options,
    interrupts: &Interrupts,
    told: &mut dyn FnMut(u64),
) -> Result<Walked, Trouble> {
    let options = Options {
        timeout: PATIENCE,
        ..options.clone()
    };
    let page = options.page;
    // the page behind the mapping is walked too
    let pages = sizes.1.div_ceil(page) + 1;
    let half = pages / 2;
    let begin = Instant::now();
    let first = bare::start(sizes, 0, &options, |bare| stretch(bare, 0, half, page))?;
    let second = bare::start(sizes, 0, &options, |bare| stretch(bare, half, pages, page));
    let second = match second {
        Ok(second) => second,
        Err(trouble) => {
            let _ = nix::sys::signal::kill(first.child, nix::sys::signal::Signal::SIGKILL); // it may have ended
            let _ = nix::sys::wait::waitpid(first.child, None);
            return Err(trouble);
        }
    };
    let both = [&first, &second];
    let mut tick = || told(both.iter().map(|one| one.done.get().load(Relaxed)).sum());
    let ended = parent::wait_all([first.child, second.child], &options, interrupts, &mut tick)?;
    let [left, right] = [
        first.came(ended[0], &options, interrupts)?,
        second.came(ended[1], &options, interrupts)?,
    ];
    let took = begin.elapsed();
    let ordered = |came: &Came| came[3] & 1 == 1;
    let (last, next) = (left[3] >> 16 & 3, right[3] >> 8 & 3);
    // What is SIGSEGV is the page behind the mapping, and no other.
    if !ordered(&left) || !ordered(&right) || half > 0 && last > next || left[2] + right[2] != 1 {
        return Err(Trouble::Bug("the zones of a mapping are not in their order"));
    }
    let [bytes, bus] = [left[0] + right[0], left[1] + right[1]];
    Ok(Walked {
        found: Found {
            bytes_end: bytes * page,
            sigsegv: (bytes + bus) * page,
            touches: u32::try_from(pages).unwrap_or(u32::MAX),
        },
        took,
    })
}
