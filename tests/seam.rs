//! The seam: random scripts, answered by the model and by the kernel independently, must get the same answers: signal,
//! si_code, si_addr, value, errno. On TMPDIR and on /dev/shm. It has a `main` of its own, for a holder must be forked from
//! a process of one thread. `SEAM_SEED` and `SEAM_SCRIPTS` change the draw.

use std::path::Path;
use std::process::ExitCode;

use mmap_lab::fuzz::{self, Gives};
use mmap_lab::kernel::{self, Batch, Interrupts, Options};
use mmap_lab::model::{Model, Rule};
use mmap_lab::op::{
    Access, FileKind, Filesystem, Growth, Mapping, Op, Outcome, Place, Prot, Script, Share, Signal, World,
};
use mmap_lab::world;

/// SplitMix64: enough to draw scripts, and the same everywhere.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn letter(&mut self) -> u8 {
        b'a' + self.below(26) as u8
    }

    fn prot(&mut self) -> Prot {
        [Prot::READ_WRITE, Prot::READ_WRITE, Prot::READ, Prot::WRITE, Prot::NONE][self.below(5) as usize]
    }
}

/// What a script is about, to draw places near its edges.
struct Shape {
    page: u64,
    size: u64,
    offset: u64,
    map: u64,
    last_store: Option<i64>,
}

impl Shape {
    /// A file size: 0 to 20 pages, often near a border.
    fn draw_size(&self, draw: &mut Draw) -> u64 {
        let pages = draw.below(21) * self.page;
        match draw.below(5) {
            0 => pages,
            1 => (pages + 1).min(20 * self.page),
            2 => pages.saturating_sub(1),
            _ => draw.below(20 * self.page + 1),
        }
    }

    /// A byte of memory: anywhere around, or near an edge.
    fn draw_touch(&self, draw: &mut Draw) -> i64 {
        let eof = self.size as i64 - self.offset as i64;
        let up = |n: i64| (n.max(0) as u64).div_ceil(self.page) as i64 * self.page as i64;
        let end = up(self.map as i64);
        let edges = [0, eof.min(end), up(eof).min(end), self.map as i64, end];
        match draw.below(8) {
            0 if self.last_store.is_some() => self.last_store.unwrap_or(0),
            1 | 2 => edges[draw.below(edges.len() as u64) as usize] + draw.below(3) as i64 - 1,
            3 if eof > 0 => (eof + draw.below(self.page) as i64).min(up(eof) - 1),
            4 | 5 if eof > 0 => draw.below(eof as u64).min(end as u64 - 1) as i64,
            6 => draw.below(end as u64 + 2 * self.page) as i64 - self.page as i64 / 2,
            _ => draw.below(end as u64) as i64,
        }
    }

    /// The mapping, or whole pages of it.
    fn draw_range(&self, draw: &mut Draw) -> (i64, u64) {
        let pages = self.map.div_ceil(self.page);
        let first = draw.below(pages + 1);
        // Behind a large mapping too, it ends in the hole.
        let len = (1 + draw.below(pages.min(200) + 1)) * self.page;
        let at = (first * self.page) as i64 - if draw.chance(3) { 1 } else { 0 };
        (at, len - if draw.chance(30) { draw.below(self.page) } else { 0 })
    }
}

fn script(draw: &mut Draw, page: u64) -> Script {
    let mut shape = Shape {
        page,
        size: 0,
        offset: 0,
        map: 0,
        last_store: None,
    };
    let mut ops = vec![Op::Create {
        file: 0,
        kind: FileKind::Regular,
    }];
    shape.size = shape.draw_size(draw);
    // A letter a page, so that a wrong page of the file is a wrong byte.
    let mut at = 0;
    while at < shape.size {
        let len = page.min(shape.size - at);
        ops.push(Op::Write {
            file: 0,
            at,
            len,
            byte: b'A' + (at / page) as u8,
        });
        at += len;
    }
    shape.offset = if draw.chance(60) { 0 } else { draw.below(21) * page };
    if draw.chance(2) {
        shape.offset += 1;
    }
    shape.map = 1 + draw.below(20 * page);
    if draw.chance(10) {
        // Large enough to hold a whole huge page wherever the offset falls: a filesystem may then want another place than
        // the one hinted at, and the hole must be large enough for that too.
        shape.map += 2 * World::textbook(page).huge_page();
    }
    let share = if draw.chance(50) { Share::Shared } else { Share::Private };
    ops.push(Op::Map {
        at: Place::base(0),
        mapping: Mapping::of(0, shape.offset, shape.map, draw.prot(), share),
    });
    let mut touches = 0;
    while touches < 8 {
        match draw.below(16) {
            0 => {
                shape.size = if draw.chance(20) {
                    shape.size
                } else {
                    shape.draw_size(draw)
                };
                ops.push(Op::Truncate {
                    file: 0,
                    size: shape.size,
                });
            }
            1 => {
                let at = shape.draw_size(draw);
                let len = draw.below(2 * page);
                ops.push(Op::Write {
                    file: 0,
                    at,
                    len,
                    byte: draw.letter(),
                });
                shape.size = if len == 0 { shape.size } else { shape.size.max(at + len) };
            }
            2 if draw.chance(50) => {
                let len = if draw.chance(10) { 0 } else { draw.below(2 * page) };
                let at = shape.draw_size(draw);
                ops.push(Op::Allocate {
                    file: 0,
                    mode: Growth::Extend,
                    at,
                    len,
                });
                shape.size = if len == 0 { shape.size } else { shape.size.max(at + len) };
            }
            3 => {
                let (at, len) = shape.draw_range(draw);
                ops.push(Op::Protect {
                    at: at.into(),
                    len,
                    prot: draw.prot(),
                });
            }
            4 if draw.chance(30) => {
                let (at, len) = shape.draw_range(draw);
                ops.push(Op::Unmap { at: at.into(), len });
            }
            5 if draw.chance(30) => {
                let (at, len) = shape.draw_range(draw);
                ops.push(Op::Sync { at: at.into(), len });
            }
            // The tail's whole story, which single draws would hardly ever tell: a byte past the end, perhaps written
            // back, then the file grows in one of three ways, and the byte is looked at again.
            7 if shape.size > shape.offset && shape.size % page != 0 => {
                let room = page - shape.size % page;
                let place = shape.size + draw.below(room);
                let at = (place - shape.offset) as i64;
                let access = Access::Store(draw.letter());
                ops.push(Op::Touch { at: at.into(), access });
                if draw.chance(25) {
                    ops.push(Op::Sync {
                        at: (0).into(),
                        len: shape.map,
                    });
                }
                // Sometimes short of the byte: what lies between the new end and the end of its page has its own rule.
                let end = shape.size + 1 + draw.below(2 * page);
                ops.push(match draw.below(4) {
                    0 => Op::Truncate { file: 0, size: end },
                    1 => Op::Allocate {
                        file: 0,
                        mode: Growth::Extend,
                        at: 0,
                        len: end,
                    },
                    2 => Op::Write {
                        file: 0,
                        at: end - 1,
                        len: 1,
                        byte: b'w',
                    },
                    // Appended without a gap: the rest of the tail is not looked at.
                    _ => Op::Write {
                        file: 0,
                        at: shape.size,
                        len: 1,
                        byte: b'w',
                    },
                });
                shape.size = match ops.last() {
                    Some(Op::Write { at, len, .. }) => at + len,
                    _ => end,
                };
                ops.push(Op::Touch {
                    at: at.into(),
                    access: Access::Load,
                });
                ops.push(Op::Read { file: 0, at: place });
                touches += 2;
            }
            6 => ops.push(Op::Read {
                file: 0,
                at: shape.draw_size(draw),
            }),
            _ => {
                touches += 1;
                let at = shape.draw_touch(draw);
                let access = if draw.chance(40) {
                    Access::Store(draw.letter())
                } else {
                    Access::Load
                };
                if matches!(access, Access::Store(_)) {
                    shape.last_store = Some(at);
                }
                ops.push(Op::Touch { at: at.into(), access });
            }
        }
    }
    Script::alone(ops)
}

const KINDS: [&str; 7] = [
    "file byte",
    "zero tail",
    "SIGBUS",
    "MAPERR",
    "ACCERR",
    "private copy",
    "touch after a shrink",
];

/// Count what each touch of the script meets, by the model's rules.
fn count(world: &World, script: &Script, counts: &mut [u64; 7]) -> u64 {
    let mut model = Model::new(world);
    let mut touches = 0;
    for op in script.ops() {
        let shrunk = model.has_shrunk();
        let ruled = model.apply(0, op);
        if !matches!(op, Op::Touch { .. }) {
            continue;
        }
        touches += 1;
        counts[6] += u64::from(shrunk);
        let kind = match (ruled.reason.rule(), ruled.possible.first()) {
            (Rule::FileByte, _) => 0,
            (Rule::TailOfLastPage, _) => 1,
            (Rule::PastLastFilePage | Rule::HugePage, _) => 2,
            (_, Some(Outcome::Fault(fault))) if fault.signal == Signal::Sigsegv && fault.si_code == 1 => 3,
            (_, Some(Outcome::Fault(_))) => 4,
            _ => 5,
        };
        counts[kind] += 1;
    }
    touches
}

fn run(dir: &Path, scripts: u64, seed: u64) -> Result<(), String> {
    let here = world::detect(dir).map_err(|unknown| unknown.0)?;
    let interrupts = Interrupts::catch().map_err(|error| error.to_string())?;
    let mut options = Options::new(here.world.page, dir).ok_or("a directory without NUL")?;
    let mut counts = [0; 7];
    let (mut touches, mut sure) = (0, 0);
    let mut draw = Draw(seed);
    for number in 0..scripts {
        let script = script(&mut draw, here.world.page);
        // One in 16 with its witnesses: they are dear, and the instrument's own test has them all.
        options.witnesses = number % 16 == 0;
        let ruled = Model::answer(&here.world, &script);
        let seen = kernel::run(&script, &options, &interrupts).map_err(|trouble| format!("{trouble}: {script:#?}"))?;
        for (index, (ruled, seen)) in ruled.iter().zip(&seen.answers).enumerate() {
            let seen = seen
                .as_ref()
                .ok_or_else(|| format!("operation {index} never ran: {script:#?}"))?;
            if !ruled.allows(seen.outcome) {
                let op = script.acts[index].op;
                let before: Vec<String> = script.acts[..=index].iter().map(|op| format!("{op:?}")).collect();
                return Err(format!(
                    "script {number} of seed {seed}, operation {index} {op:?}\n  kernel {:?}\n  model  {:?}\n  {}\n{}",
                    seen.outcome,
                    ruled.possible,
                    ruled.reason.why(),
                    before.join("\n")
                ));
            }
            sure += u64::from(ruled.possible.len() == 1 && matches!(script.acts[index].op, Op::Touch { .. }));
        }
        let count = count(&here.world, &script, &mut counts);
        assert!(count >= 6, "a script has at least 6 touches");
        touches += count;
    }
    println!(
        "{} on {}: {scripts} scripts, {touches} touches, {sure} with one possible answer",
        dir.display(),
        here.world.filesystem.name()
    );
    for (kind, count) in KINDS.iter().zip(counts) {
        let share = count as f64 * 100.0 / touches as f64;
        println!("  {share:5.1} %  {kind}");
        if share < 3.0 {
            return Err(format!("only {share:.1} % of all touches are: {kind}"));
        }
    }
    Ok(())
}

/// Scripts run together, and how many rows of them.
const BATCH: u64 = 200;
const BATCHES: u64 = 10;

/// The drawn scripts of `lab fuzz`, held against a model that takes this filesystem for another: that must show, or they
/// could not find a rule that is wrong.
fn a_wrong_world_shows(dir: &Path) -> Result<(), String> {
    let here = world::detect(dir).map_err(|unknown| unknown.0)?;
    let interrupts = Interrupts::catch().map_err(|error| error.to_string())?;
    let options = Options::new(here.world.page, dir).ok_or("a directory without NUL")?;
    let mut wrong = here.world.clone();
    wrong.filesystem = match wrong.filesystem {
        Filesystem::Tmpfs => Filesystem::Ext4,
        _ => Filesystem::Tmpfs,
    };
    let (mut alike, mut differ) = (0, 0);
    for batch in 0..BATCHES {
        let numbers = batch * BATCH..(batch + 1) * BATCH;
        let drawn: Vec<_> = numbers
            .map(|number| fuzz::draw(&wrong, Gives::default(), 1, number))
            .filter(|one| !one.apart)
            .collect();
        let scripts: Vec<&Script> = drawn.iter().map(|one| &one.script).collect();
        let started = Batch::start(&scripts, &options, 0).map_err(|trouble| trouble.to_string())?;
        let rows = started
            .finish(&interrupts)
            .map_err(|stopped| stopped.trouble.to_string())?;
        for (one, row) in drawn.iter().zip(rows) {
            let agrees = one.ruled.iter().zip(&row).all(|(ruled, seen)| ruled.allows(*seen));
            *if agrees { &mut alike } else { &mut differ } += 1;
        }
    }
    println!(
        "{}: taken for {}, {differ} of {} scripts show it",
        dir.display(),
        wrong.filesystem.name(),
        alike + differ
    );
    if differ == 0 || alike == 0 {
        return Err("the wrong filesystem makes no difference, or nothing but one".to_owned());
    }
    Ok(())
}

fn main() -> ExitCode {
    let number = |name: &str, default| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (scripts, seed) = (number("SEAM_SCRIPTS", 2000), number("SEAM_SEED", 1));
    let dirs = [world::directory(), "/dev/shm".into()];
    let (mut passed, mut failed) = (0, 0);
    println!("running {} tests", 2 * dirs.len());
    for (dir, shows) in dirs.iter().flat_map(|dir| [(dir, false), (dir, true)]) {
        let done = match shows {
            false => run(dir, scripts, seed),
            true => a_wrong_world_shows(dir),
        };
        match done {
            Ok(()) => passed += 1,
            Err(why) => {
                println!("{}: {why}", dir.display());
                failed += 1;
            }
        }
    }
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!("test result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out");
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
