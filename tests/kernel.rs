//! The instrument itself: it must report what is there, and cannot be fooled into reporting what was expected. It has a
//! `main` of its own, for a holder must be forked from a process of one thread; a test that cannot run here is counted as
//! ignored, with its reason.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use mmap_lab::kernel::{Behind, Interrupts, Options, Record, Trouble, crosscheck, measure, run, search, walk};
use mmap_lab::model::Model;
use mmap_lab::op::{
    Access, Act, Fault, FileKind, Mapping, Op, Outcome, PIECE_PAGES, Place, Prot, SERIES, Script, Share, Signal, Way,
};
use mmap_lab::world;

enum Skip {
    Because(String),
}

type Test = fn(&Interrupts) -> Result<(), Skip>;

const TESTS: [(&str, Test); 11] = [
    ("a_script_that_reaches_elsewhere_is_refused", reach),
    ("three_faults_have_the_kernels_codes_and_witnesses", three_faults),
    ("signal_hook_classifies_the_same_faults_alike", signal_hook),
    ("a_guard_in_place_of_the_hole_says_accerr", guard),
    ("a_holder_that_takes_too_long_is_killed", timeout),
    ("every_touch_is_answered_once", all_answered),
    ("pread_stands_beside_a_load_where_it_can_tell", pread),
    ("nothing_is_left_behind", nothing_left),
    ("every_way_is_measured_on_the_same_bytes", measured),
    ("the_borders_of_a_terabyte_are_found_by_touching", borders),
    ("huge_always_undetected_is_a_difference", huge),
];

fn options() -> Options {
    let here = world::detect(&world::directory()).expect("a directory for files under test");
    Options::new(here.world.page, &here.dir).expect("a name without NUL")
}

fn past_eof(page: u64, share: Share) -> Script {
    let mut ops = vec![
        Op::Create {
            file: 0,
            kind: FileKind::Regular,
        },
        Op::Write {
            file: 0,
            at: 0,
            len: page + 904,
            byte: b'A',
        },
        Op::Map {
            at: Place::base(0),
            mapping: Mapping::of(0, 0, 3 * page + 2712, Prot::READ_WRITE, share),
        },
    ];
    for access in [Access::Load, Access::Store(b'A')] {
        for at in [
            0,
            page + 903,
            page + 904,
            2 * page - 1,
            2 * page,
            3 * page + 2712,
            4 * page - 1,
            4 * page,
        ] {
            ops.push(Op::Touch {
                at: (at as i64).into(),
                access,
            });
        }
    }
    Script::alone(ops)
}

fn outcome(record: &Record, op: usize) -> Outcome {
    record.answers[op].as_ref().expect("it ran").outcome
}

fn fault(signal: Signal, si_code: i32, at: u64) -> Outcome {
    Outcome::Fault(Fault {
        signal,
        si_code,
        at: Place::base(at as i64),
    })
}

fn reach(interrupts: &Interrupts) -> Result<(), Skip> {
    let options = options();
    let far = 1 << 40;
    let load = |at: i64| Op::Touch {
        at: at.into(),
        access: Access::Load,
    };
    let refused = [
        load(far),
        load(-far),
        load(i64::MIN),
        Op::Unmap {
            at: (0).into(),
            len: u64::MAX,
        },
        Op::Read { file: 7, at: 0 },
    ];
    for op in refused {
        let mut script = past_eof(options.page, Share::Shared);
        script.acts.push(Act { by: 0, op });
        assert!(
            matches!(run(&script, &options, interrupts), Err(Trouble::Bug(_))),
            "{op:?}"
        );
    }
    Ok(())
}

fn three_faults(interrupts: &Interrupts) -> Result<(), Skip> {
    let options = options();
    let page = options.page;
    let record = run(&crosscheck::same_script(page), &options, interrupts).expect("it runs");
    assert_eq!(outcome(&record, 3), fault(Signal::Sigbus, 2, page));
    assert_eq!(outcome(&record, 4), fault(Signal::Sigsegv, 2, 0));
    assert_eq!(outcome(&record, 5), fault(Signal::Sigsegv, 1, 2 * page));
    for answer in &record.answers[3..] {
        let answer = answer.as_ref().expect("it ran");
        let Outcome::Fault(fault) = answer.outcome else {
            panic!("{answer:?}")
        };
        let death = answer.witness.expect("each fault has its witness");
        assert_eq!(
            (death.signal, death.si_code, death.at),
            (fault.signal, fault.si_code, fault.at)
        );
    }
    let deaths = record
        .lines
        .iter()
        .filter(|line| line.text.starts_with("+++ killed by SIG"))
        .count();
    assert_eq!(deaths, 3, "a witness is really killed");
    Ok(())
}

fn signal_hook(interrupts: &Interrupts) -> Result<(), Skip> {
    let options = options();
    let hooked = crosscheck::three_faults(&options).expect("it runs");
    let record = run(&crosscheck::same_script(options.page), &options, interrupts).expect("it runs");
    assert_eq!(hooked.len(), 3);
    for (hooked, op) in hooked.into_iter().zip(3..) {
        assert_eq!(
            Outcome::Fault(hooked.expect("signal-hook caught it")),
            outcome(&record, op)
        );
    }
    Ok(())
}

fn guard(interrupts: &Interrupts) -> Result<(), Skip> {
    let options = Options {
        behind: Behind::Guard,
        ..options()
    };
    let script = past_eof(options.page, Share::Shared);
    let record = run(&script, &options, interrupts).expect("it runs");
    let model = Model::answer(&mmap_lab::op::World::textbook(options.page), &script);
    let end = 4 * options.page;
    for (op, touched) in script.ops().enumerate() {
        let Op::Touch { at, .. } = *touched else {
            continue;
        };
        if at.at as u64 == end {
            assert_eq!(
                outcome(&record, op),
                fault(Signal::Sigsegv, 2, end),
                "the guard answers, not the hole"
            );
            assert!(
                !model[op].possible.contains(&outcome(&record, op)),
                "and the model knows of no guard"
            );
        }
    }
    Ok(())
}

fn timeout(interrupts: &Interrupts) -> Result<(), Skip> {
    let options = Options {
        timeout: Duration::from_millis(1),
        ..options()
    };
    let write = |_| Op::Write {
        file: 0,
        at: 0,
        len: 1 << 20,
        byte: b'A',
    };
    let create = Op::Create {
        file: 0,
        kind: FileKind::Regular,
    };
    let script = Script::alone(std::iter::once(create).chain((0..400).map(write)));
    let begin = Instant::now();
    assert_eq!(
        run(&script, &options, interrupts),
        Err(Trouble::Timeout(options.timeout))
    );
    assert!(begin.elapsed() < Duration::from_secs(2));
    Ok(())
}

fn all_answered(interrupts: &Interrupts) -> Result<(), Skip> {
    let options = options();
    let world = world::detect(&world::directory()).expect("a directory").world;
    for share in [Share::Shared, Share::Private] {
        let script = past_eof(options.page, share);
        let record = run(&script, &options, interrupts).expect("it runs");
        assert_eq!(record.answers.len(), script.acts.len());
        for (op, ruled) in Model::answer(&world, &script).iter().enumerate() {
            assert!(
                ruled.allows(outcome(&record, op)),
                "{:?}: {}",
                script.acts[op].op,
                ruled.reason.why()
            );
        }
        let mut faults = 0;
        for (op, answer) in script.ops().zip(record.answers.iter().flatten()) {
            let (Op::Touch { at, .. }, Outcome::Fault(fault)) = (*op, answer.outcome) else {
                assert_eq!(answer.witness, None, "nobody dies without a fault");
                continue;
            };
            let death = answer.witness.expect("each fault has its witness");
            assert_eq!((death.signal, death.si_code), (fault.signal, fault.si_code));
            assert_eq!((fault.at, death.at), (at, at), "the very byte, also inside a page");
            faults += 1;
        }
        assert_eq!(faults, 8);
    }
    Ok(())
}

fn pread(interrupts: &Interrupts) -> Result<(), Skip> {
    let options = options();
    let page = options.page;
    let load = |at: u64| Op::Touch {
        at: (at as i64).into(),
        access: Access::Load,
    };
    let mut ops = past_eof(page, Share::Private)
        .ops()
        .take(3)
        .copied()
        .collect::<Vec<_>>();
    ops.extend([
        load(0),
        load(page + 904),
        Op::Touch {
            at: (0).into(),
            access: Access::Store(b'z'),
        },
        load(0),
    ]);
    let record = run(&Script::alone(ops), &options, interrupts).expect("it runs");
    let seen = |op: usize| {
        (
            outcome(&record, op),
            record.answers[op].as_ref().and_then(|answer| answer.pread),
        )
    };
    assert_eq!(seen(3), (Outcome::Byte(b'A'), Some(Some(b'A'))));
    assert_eq!(
        seen(4),
        (Outcome::Byte(0), Some(None)),
        "the tail is no part of the file"
    );
    assert_eq!(
        seen(6),
        (Outcome::Byte(b'z'), Some(Some(b'A'))),
        "the private copy differs from the file"
    );
    Ok(())
}

/// Calls and faults can be told beforehand; times cannot, but that there are as many as there were rounds.
fn measured(interrupts: &Interrupts) -> Result<(), Skip> {
    let dir = tempfile::tempdir().expect("a directory");
    let page = options().page;
    let options = Options::new(page, dir.path()).expect("a name without NUL");
    let size = 2 << 20;
    let measured = measure::run(size, &options, interrupts).expect("it runs");
    assert_eq!(measured.len(), SERIES.len());
    for (series, (condition, ways)) in measured.iter().zip(SERIES) {
        assert_eq!(series.condition, condition);
        assert!(series.astray.is_none() || !condition.cached, "{series:?}");
        let pages = series.bytes / page;
        for ((way, runs), wanted) in series.ways.iter().zip(ways) {
            assert_eq!(way, wanted);
            assert!(
                runs.len() >= 3 && runs.iter().all(|run| !run.time.is_zero()),
                "{runs:?}"
            );
            let (calls, faults) = match way {
                Way::Call(bytes) => (size / *bytes as u64, 0..=0),
                Way::CallPage => (pages, 0..=0),
                Way::New | Way::Populated => (2, 1..=2 * size / page + 16),
                Way::Kept => (0, 0..=0),
                Way::Pieces if condition.random => (2 * pages, pages..=2 * pages),
                Way::Pieces => (2 * pages / PIECE_PAGES, pages / PIECE_PAGES..=2 * pages),
            };
            let of = (condition, way);
            assert!(runs.iter().all(|run| run.calls == calls), "{of:?}: {runs:?}");
            // Another run of the child on another processor may add a fault of its own.
            let faulted = runs.iter().filter(|run| faults.contains(&(run.minor + run.major)));
            assert!(faulted.count() > runs.len() / 2, "{of:?}: {runs:?}");
        }
        assert_eq!(series.ways.len(), if series.astray.is_some() { 0 } else { ways.len() });
    }
    assert_eq!(std::fs::read_dir(dir.path()).expect("it is there").count(), 0);
    let odd = measure::run(size + 1, &options, interrupts);
    assert!(matches!(odd, Err(Trouble::Bug(_))), "{odd:?}");
    Ok(())
}

/// Real mappings of sparse files; the file's last page makes the border, not its last byte.
fn borders(interrupts: &Interrupts) -> Result<(), Skip> {
    let options = options();
    let page = options.page;
    let tera = 1 << 40;
    for (size, length, bytes_end) in [
        (tera / 2, tera, tera / 2),
        (5 * page + 1, 9 * page - 1, 6 * page),
        (0, page, 0),
        (3 * page, page, page),
    ] {
        let searched = search::run((size, length), &options, interrupts).expect("it runs");
        let found = searched.found;
        let sigsegv = length.div_ceil(page) * page;
        assert_eq!((found.bytes_end, found.sigsegv), (bytes_end, sigsegv));
        assert!(found.touches <= 60, "{found:?}");
        let zones = u32::from(bytes_end > 0) + u32::from(bytes_end < sigsegv);
        assert_eq!(searched.samples, 32 * zones);
        let [bytes, bus, hole] = searched.populated;
        assert_eq!(bytes, (bytes_end > 0).then_some(0));
        assert_eq!(bus, (bytes_end < sigsegv).then_some(libc::EFAULT));
        assert_eq!(hole, Some(libc::ENOMEM));
        if length < 16 * page {
            let walked = walk::run((size, length), &options, interrupts, &mut |_| {}).expect("it runs");
            assert_eq!((walked.found.bytes_end, walked.found.sigsegv), (bytes_end, sigsegv));
        }
    }
    Ok(())
}

fn nothing_left(interrupts: &Interrupts) -> Result<(), Skip> {
    let dir = tempfile::tempdir().expect("a directory");
    let page = options().page;
    let options = Options::new(page, dir.path()).expect("a name without NUL");
    run(&past_eof(page, Share::Shared), &options, interrupts).expect("it runs");
    assert_eq!(std::fs::read_dir(dir.path()).expect("it is there").count(), 0);
    let children = nix::sys::wait::waitpid(None, Some(nix::sys::wait::WaitPidFlag::WNOHANG));
    assert_eq!(children, Err(nix::errno::Errno::ECHILD), "all children are reaped");
    Ok(())
}

/// Runs this program again where a tmpfs is mounted huge=always, in namespaces of its own.
fn huge(_: &Interrupts) -> Result<(), Skip> {
    let me = std::env::current_exe().expect("its own name");
    let mount = "mount -t tmpfs -o huge=always,size=64M none \"$1\" && exec \"$0\" --huge \"$1\"";
    let dir = tempfile::tempdir().expect("a directory");
    let mut command = Command::new("unshare");
    command
        .args(["-U", "-r", "-m", "sh", "-c", mount])
        .arg(me)
        .arg(dir.path());
    let output = command
        .output()
        .map_err(|error| Skip::Because(format!("no unshare: {error}")))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.code() {
        Some(0) => Ok(()),
        Some(code) if code == 77 || said.is_empty() => {
            let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(Skip::Because(if why.is_empty() { said } else { why }))
        }
        _ => panic!("{said}{}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// With detection switched off, kernel and model must differ; with it on, they must not.
fn huge_inside(dir: &Path, interrupts: &Interrupts) -> ExitCode {
    let here = world::detect(dir).expect("it is mounted");
    let page = here.world.page;
    let options = Options::new(page, dir).expect("a name without NUL");
    let touch = |at: u64| Op::Touch {
        at: (at as i64).into(),
        access: Access::Load,
    };
    let huge = here.world.huge_page();
    let mut ops = past_eof(page, Share::Shared).ops().take(2).copied().collect::<Vec<_>>();
    let share = Share::Shared;
    ops.push(Op::Map {
        at: Place::base(0),
        mapping: Mapping::of(0, 0, 2 * huge, Prot::READ_WRITE, share),
    });
    ops.extend([touch(0), touch(2 * page), touch(huge - 1), touch(huge)]);
    let script = Script::alone(ops);
    let record = run(&script, &options, interrupts).expect("it runs");
    if outcome(&record, 4) != Outcome::Byte(0) {
        println!(
            "this kernel has no huge pages for tmpfs: {:?} at eof_page",
            outcome(&record, 4)
        );
        return ExitCode::from(77);
    }
    assert!(here.world.huge_always, "huge=always is found among {}", here.fs_options);
    assert_eq!(outcome(&record, 6), fault(Signal::Sigbus, 2, huge));
    let differ = |world: &mmap_lab::op::World| {
        let ruled = Model::answer(world, &script);
        (0..script.acts.len()).any(|op| !ruled[op].possible.contains(&outcome(&record, op)))
    };
    assert!(!differ(&here.world), "the detected world explains it");
    let undetected = mmap_lab::op::World {
        huge_always: false,
        ..here.world.clone()
    };
    assert!(differ(&undetected), "without detection it is a difference");
    ExitCode::SUCCESS
}

fn main() -> ExitCode {
    let interrupts = Interrupts::catch().expect("signal-hook");
    let mut args = std::env::args().skip(1);
    if let (Some("--huge"), Some(dir)) = (args.next().as_deref(), args.next()) {
        return huge_inside(Path::new(&dir), &interrupts);
    }
    let mut ignored = 0;
    println!("running {} tests", TESTS.len());
    for (name, test) in TESTS {
        // A failed assertion panics, and ends the program with another code than 0.
        match test(&interrupts) {
            Ok(()) => println!("test {name} ... ok"),
            Err(Skip::Because(why)) => {
                ignored += 1;
                println!("test {name} ... ignored, {why}");
            }
        }
    }
    let passed = TESTS.len() - ignored;
    println!("test result: ok. {passed} passed; 0 failed; {ignored} ignored; 0 measured; 0 filtered out");
    ExitCode::SUCCESS
}
