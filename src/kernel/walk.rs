//! Every page of a mapping touched, one after the other, by two processes that share the work: what a search takes for
//! granted, seen. It may not know what is expected anywhere.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::bare::{self, Bare, Came, Met};
use super::search::Found;
use super::{Interrupts, Options, Trouble, parent};

/// Pages walked before anybody is told of it.
const CHUNK: u64 = 1 << 9;
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

/// What somebody met who touched some of the pages, in their order.
#[derive(Clone, Copy, Debug)]
struct Seen {
    bytes: u64,
    sigbus: u64,
    sigsegv: u64,
    /// the page behind the last that answered with a byte
    bytes_end: u64,
    /// the first that answered with none
    first_bad: u64,
    /// the last that was SIGSEGV
    last: u64,
}

impl Seen {
    const NOTHING: Seen = Seen {
        bytes: 0,
        sigbus: 0,
        sigsegv: 0,
        bytes_end: 0,
        first_bad: u64::MAX,
        last: 0,
    };

    /// Touch these pages too.
    fn touch(&mut self, pages: std::ops::Range<u64>, bare: &Bare, page: u64) {
        for at in pages {
            match bare.touch(at * page) {
                Met::Byte => {
                    self.bytes += 1;
                    self.bytes_end = at + 1;
                    continue;
                }
                Met::Sigbus => self.sigbus += 1,
                Met::Sigsegv => {
                    self.sigsegv += 1;
                    self.last = at;
                }
            }
            self.first_bad = self.first_bad.min(at);
        }
    }

    /// What two have seen who shared the pages.
    fn and(self, other: Seen) -> Seen {
        Seen {
            bytes: self.bytes + other.bytes,
            sigbus: self.sigbus + other.sigbus,
            sigsegv: self.sigsegv + other.sigsegv,
            bytes_end: self.bytes_end.max(other.bytes_end),
            first_bad: self.first_bad.min(other.first_bad),
            last: self.last.max(other.last),
        }
    }
}

/// The n-th half of the pages that should answer with a byte, and the n-th of those that should not: what the sizes promise
/// divides the work and decides nothing. In pieces as long as can be, for the kernel reads ahead what the other one has.
fn share(bare: &Bare, n: u64, ((size, pages), page): ((u64, u64), u64), begin: Instant) -> Came {
    bare.in_order((pages - 1) * page);
    let mut seen = Seen::NOTHING;
    let bytes = size.div_ceil(page).min(pages);
    for (from, to) in [(0, bytes), (bytes, pages)] {
        let half = |n: u64| from + (to - from) * n / 2;
        for chunk in (half(n)..half(n + 1)).step_by(CHUNK as usize) {
            let end = half(n + 1).min(chunk + CHUNK);
            seen.touch(chunk..end, bare, page);
            bare.done.fetch_add(end - chunk, Relaxed);
        }
    }
    [
        seen.bytes,
        seen.sigbus,
        seen.sigsegv,
        seen.bytes_end,
        seen.first_bad,
        seen.last,
        // now, and not once the kernel has taken all those pages back
        begin.elapsed().as_nanos() as u64,
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
        bare.in_order(length);
        let time = |from: u64, to: u64| {
            let begin = Instant::now();
            let mut seen = Seen::NOTHING;
            seen.touch(from..to, bare, page);
            begin.elapsed().as_nanos() as u64
        };
        [
            time(0, bytes.min(TRIED)),
            time(bytes, pages.min(bytes + TRIED)),
            0,
            0,
            0,
            0,
            0,
        ]
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
    let begin = Instant::now();
    let first = bare::start(sizes, 0, &options, |bare| {
        share(bare, 0, ((sizes.0, pages), page), begin)
    })?;
    let second = bare::start(sizes, 0, &options, |bare| {
        share(bare, 1, ((sizes.0, pages), page), begin)
    });
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
    let came = |one: &bare::Started, n: usize| {
        let [bytes, sigbus, sigsegv, bytes_end, first_bad, last, took] = one.came(ended[n], &options, interrupts)?;
        let seen = Seen {
            bytes,
            sigbus,
            sigsegv,
            bytes_end,
            first_bad,
            last,
        };
        Ok::<_, Trouble>((seen, took))
    };
    let ((one, mine), (other, theirs)) = (came(&first, 0)?, came(&second, 1)?);
    let seen = one.and(other);
    let took = Duration::from_nanos(mine.max(theirs));
    // Bytes come first and nothing else among them; SIGSEGV is the page behind the mapping, and no other.
    let in_order = seen.bytes == seen.bytes_end && seen.bytes_end == seen.first_bad;
    if !in_order || (seen.sigsegv, seen.last) != (1, pages - 1) {
        return Err(Trouble::Bug("the zones of a mapping are not in their order"));
    }
    Ok(Walked {
        found: Found {
            bytes_end: seen.bytes * page,
            sigsegv: (seen.bytes + seen.sigbus) * page,
            touches: u32::try_from(pages).unwrap_or(u32::MAX),
        },
        took,
    })
}
