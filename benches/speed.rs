//! What things cost the instrument, each beside its floor: the two take turns, batch by batch, so that the ratio of their
//! medians means something on any machine, in a bad minute too. Criterion has the absolute numbers; the ratios are printed
//! at the end, with the bar that each has to meet where it has one.

#![allow(missing_docs)] // of what the macros below make

use std::cell::RefCell;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use mmap_lab::kernel::bare::{self, Bare, Met};
use mmap_lab::kernel::{Interrupts, Options, crosscheck, run, search};
use mmap_lab::op::Script;
use mmap_lab::world;

mod floor;

/// Loads of a batch, and faults; criterion asks for as many batches as it likes.
const LOADS: u64 = 1 << 16;
const FAULTS: u64 = 1 << 10;
const FORKS: u64 = 8;

/// A row of the ratios.
struct Ratio {
    name: String,
    /// each batch, in nanoseconds apiece
    own: Vec<f64>,
    floor: Vec<f64>,
    floor_name: &'static str,
    bar: Bar,
}

/// What a row has to meet.
#[derive(Clone, Copy)]
enum Bar {
    None,
    /// at most so many times the floor
    Times(f64),
    /// at most so many nanoseconds
    Nanos(f64),
}

thread_local! {
    static RATIOS: RefCell<Vec<Ratio>> = const { RefCell::new(Vec::new()) };
}

struct Bench {
    options: Options,
    interrupts: Interrupts,
    page: u64,
}

impl Bench {
    /// Work on a file of one page, mapped twice as long, in the instrument's child; the work's time.
    fn bare(&self, faults: u64, work: impl Fn(&Bare) -> bool) -> Duration {
        let [nanos, right, ..] = bare::run(
            (self.page, 2 * self.page),
            faults as usize,
            &self.options,
            &self.interrupts,
            |bare| {
                let begin = Instant::now();
                let right = work(bare);
                [begin.elapsed().as_nanos() as u64, right.into(), 0, 0, 0, 0, 0]
            },
        )
        .expect("it runs");
        assert_eq!(right, 1, "every touch met what it should");
        Duration::from_nanos(nanos)
    }
}

/// Measure `own` by criterion, and `floor` in turn with it. Both take a number and give the time of as many.
fn beside(
    criterion: &mut Criterion,
    name: &str,
    (batch, bar): (u64, Bar),
    own: impl Fn(u64) -> Duration,
    (floor_name, floor): (&'static str, impl Fn(u64) -> Duration),
) {
    let mut ratio = Ratio {
        name: name.to_owned(),
        own: Vec::new(),
        floor: Vec::new(),
        floor_name,
        bar,
    };
    criterion.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| {
            let mut spent = Duration::ZERO;
            let batches = iterations.div_ceil(batch);
            for _ in 0..batches {
                let each = |time: Duration| time.as_nanos() as f64 / batch as f64;
                ratio.floor.push(each(floor(batch)));
                let time = own(batch);
                ratio.own.push(each(time));
                spent += time;
            }
            spent.mul_f64(iterations as f64 / (batches * batch) as f64)
        });
    });
    // A filter on the command line may have left it out.
    if !ratio.own.is_empty() {
        RATIOS.with_borrow_mut(|ratios| ratios.push(ratio));
    }
}

fn touches(criterion: &mut Criterion) {
    let bench = bench();
    let (page, size) = (bench.page, bench.page as usize);
    let loads = |count| bench.bare(1, |bare| (0..count).all(|_| bare.touch(0) == Met::Byte));
    let name = "a touch that succeeds";
    beside(
        criterion,
        name,
        (LOADS, Bar::Nanos(5.0)),
        loads,
        ("a raw load", |count| floor::load(count, size)),
    );
    beside(
        criterion,
        &format!("{name}, beside"),
        (LOADS, Bar::None),
        loads,
        ("a system call", floor::syscall),
    );
    let faults = |count| bench.bare(count, |bare| (0..count).all(|_| bare.touch(page) == Met::Sigbus));
    let pad = ("a raw landing pad", |count| floor::landing_pad(count, size));
    beside(
        criterion,
        "a fault without witness",
        (FAULTS, Bar::Times(1.2)),
        faults,
        pad,
    );
    let witnessed = |count| bench.bare(count, |bare| (0..count).all(|_| bare.witnessed(page)));
    let handler = ("fork, handler -> shared page", |count| {
        floor::fork_and_handler(count, size)
    });
    beside(
        criterion,
        "a fault with its witness",
        (FORKS, Bar::Times(1.3)),
        witnessed,
        handler,
    );
    let hooked = |count| {
        let begin = Instant::now();
        for _ in 0..count {
            let faults = crosscheck::three_faults(&bench.options).expect("it runs");
            assert!(faults.iter().all(Option::is_some));
        }
        begin.elapsed() / 3
    };
    beside(
        criterion,
        "a fault through signal-hook",
        (FORKS, Bar::None),
        hooked,
        ("fork and _exit", floor::fork_and_exit),
    );
}

/// What the parent has in memory is copied as page tables at each fork: a holder costs what its parent weighs.
fn weight(criterion: &mut Criterion) {
    let bench = bench();
    for mebibytes in [4, 64, 256, 1024] {
        let ballast = vec![1_u8; mebibytes << 20];
        let holders = |count| {
            let begin = Instant::now();
            for _ in 0..count {
                black_box(run(&Script::alone([]), &bench.options, &bench.interrupts)).expect("it runs");
            }
            begin.elapsed()
        };
        let name = format!("an empty script, {mebibytes} MiB in the parent");
        beside(
            criterion,
            &name,
            (FORKS, Bar::None),
            holders,
            ("fork and _exit", floor::fork_and_exit),
        );
        black_box(&ballast);
    }
}

fn borders(criterion: &mut Criterion) {
    let bench = bench();
    let size = bench.page as usize;
    for (name, length) in [("1 GiB", 1_u64 << 30), ("32 GiB", 1 << 35), ("1 TiB", 1 << 40)] {
        let worst = RefCell::new((0, Duration::ZERO));
        let searches = |count| {
            (0..count)
                .map(|_| {
                    let searched = search::run((length / 2, length), &bench.options, &bench.interrupts);
                    let search::Searched { found, took: time, .. } = searched.expect("it runs");
                    assert_eq!((found.bytes_end, found.sigsegv), (length / 2, length));
                    assert!(found.touches <= 60, "{found:?}");
                    let mut worst = worst.borrow_mut();
                    *worst = (found.touches, worst.1.max(time));
                    time
                })
                .sum()
        };
        let pad = ("58 raw landing pads", |count| floor::landing_pad(count * 58, size));
        beside(
            criterion,
            &format!("both borders of {name}"),
            (FORKS, Bar::Nanos(1e6)),
            searches,
            pad,
        );
        let (touches, time) = *worst.borrow();
        println!("both borders of {name}: {touches} touches, at most {time:?} in the child\n");
    }
}

/// The whole program, as somebody types it, with the deaths that it reaped counted in each run.
fn whole(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a directory");
    let report = dir.path().join("report.json");
    let lab = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
        let begin = Instant::now();
        let status = command.args(args).stdout(Stdio::null()).status().expect("it runs");
        assert!(status.success(), "{status}");
        begin.elapsed()
    };
    let to = format!("json={}", report.display());
    let scenarios = |count| {
        (0..count)
            .map(|_| {
                let time = lab(&["scenario", "2", "--report", &to]);
                let text = std::fs::read_to_string(&report).expect("a report");
                let touches = text.matches("\"op\": \"read\"").count() + text.matches("\"op\": \"write\"").count();
                let deaths = text.matches("\"wait\": \"signaled:SIG").count();
                assert!(touches >= 18 && deaths >= 10, "{touches} touches, {deaths} deaths");
                time
            })
            .sum()
    };
    let ten = ("10 x fork, handler -> shared page", |count| {
        floor::fork_and_handler(10 * count, 4 << 10)
    });
    beside(criterion, "lab scenario 2", (2, Bar::None), scenarios, ten);
    beside(
        criterion,
        "lab --version",
        (2, Bar::None),
        |count| (0..count).map(|_| lab(&["--version"])).sum(),
        ("fork and _exit", floor::fork_and_exit),
    );
}

fn bench() -> Bench {
    let here = world::detect(&world::directory()).expect("a directory for files under test");
    Bench {
        options: Options::new(here.world.page, &here.dir).expect("a name without NUL"),
        interrupts: Interrupts::catch().expect("signal-hook"),
        page: here.world.page,
    }
}

/// The ratios of the medians.
fn ratios(_: &mut Criterion) {
    println!("\n{:<40} {:>12} {:>8}  floor", "", "each", "ratio");
    for ratio in RATIOS.take() {
        let (own, floor) = (median(ratio.own), median(ratio.floor));
        let unit = |nanos: f64| match nanos {
            _ if nanos < 1e3 => format!("{nanos:.1} ns"),
            _ if nanos < 1e6 => format!("{:.2} us", nanos / 1e3),
            _ => format!("{:.2} ms", nanos / 1e6),
        };
        let times = own / floor;
        let word = |met| if met { "met" } else { "MISSED" };
        let bar = match ratio.bar {
            Bar::None => String::new(),
            Bar::Times(most) => format!(", at most {most} x: {}", word(times <= most)),
            Bar::Nanos(most) => format!(", at most {}: {}", unit(most), word(own <= most)),
        };
        let each = unit(own);
        println!(
            "{:<40} {each:>12} {times:>7.2}x  {} {}{bar}",
            ratio.name,
            ratio.floor_name,
            unit(floor)
        );
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

fn settings() -> Criterion {
    let short = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300));
    short.measurement_time(Duration::from_secs(1))
}

criterion_group! { name = benches; config = settings(); targets = touches, weight, borders, whole, ratios }
criterion_main!(benches);
