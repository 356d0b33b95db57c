//! What one touch costs the instrument: a store that succeeds, a load with the pread beside it, a fault it survives, a
//! fault with its witness; and a fault caught through signal-hook in a child of its own. The cost of a holder as such is
//! measured in the same run and taken off. Read ratios, not absolutes.

#![allow(missing_docs)] // of what the macros below make

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use mmap_lab::kernel::{Interrupts, Options, crosscheck, run};
use mmap_lab::op::{Access, FileKind, Mapping, Op, Place, Prot, Script, Share};
use mmap_lab::world;

/// A row: its name, the page touched, how, with witnesses?, and touches in one script: enough to make the holder's own cost
/// small beside them.
type Row = (&'static str, u64, Access, bool, u64);

const ROWS: [Row; 4] = [
    ("store that succeeds", 0, Access::Store(b'z'), false, 1 << 14),
    ("load that succeeds, with pread", 0, Access::Load, false, 1 << 12),
    ("fault survived", 1, Access::Load, false, 1 << 10),
    ("fault with its witness", 1, Access::Load, true, 1 << 5),
];

fn script(page: u64, at: u64, access: Access, touches: u64) -> Script {
    let mut ops = vec![
        Op::Create {
            file: 0,
            kind: FileKind::Regular,
        },
        Op::Write {
            file: 0,
            at: 0,
            len: page,
            byte: b'A',
        },
        Op::Map {
            at: Place::base(0),
            mapping: Mapping::of(0, 0, 2 * page, Prot::READ_WRITE, Share::Shared),
        },
    ];
    ops.extend((0..touches).map(|_| Op::Touch {
        at: (at as i64).into(),
        access,
    }));
    Script::alone(ops)
}

fn touches(criterion: &mut Criterion) {
    let here = world::detect(&world::directory()).expect("a directory for files under test");
    let page = here.world.page;
    let interrupts = Interrupts::catch().expect("signal-hook");
    let with = Options::new(page, &here.dir).expect("a name without NUL");
    let mut group = criterion.benchmark_group("touch");
    for (name, pages, access, witnesses, batch) in ROWS {
        let options = Options {
            witnesses,
            ..with.clone()
        };
        let time = |touches| {
            let script = script(page, pages * page, access, touches);
            let begin = Instant::now();
            black_box(run(&script, &options, &interrupts)).expect("it runs");
            begin.elapsed()
        };
        let holder = (0..50).map(|_| time(0)).min().unwrap_or_default();
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_custom(|iterations| {
                let batches = iterations.div_ceil(batch);
                let spent: Duration = (0..batches).map(|_| time(batch).saturating_sub(holder)).sum();
                spent.mul_f64(iterations as f64 / (batches * batch) as f64)
            });
        });
    }
    group.bench_function(
        BenchmarkId::from_parameter("fault through signal-hook, a child each"),
        |bencher| {
            bencher.iter_custom(|iterations| {
                let begin = Instant::now();
                let rounds = iterations.div_ceil(3);
                for _ in 0..rounds {
                    let faults = crosscheck::three_faults(&with).expect("it runs");
                    assert!(faults.iter().all(Option::is_some));
                }
                begin.elapsed().mul_f64(iterations as f64 / (3 * rounds) as f64)
            });
        },
    );
    group.finish();
}

criterion_group!(benches, touches);
criterion_main!(benches);
