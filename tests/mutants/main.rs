//! Is every rule of the model held by what the kernel says? Each place where the model decides is broken in turn, and the
//! random scripts of `lab fuzz` must find it. What they cannot find stands in `spared.txt`, with the reason; a test counts
//! that list against the model's source.
//!
//! `cargo test` checks the list. `cargo test --test mutants -- --ignored [--only FILE]... [DIR...]` breaks a copy of the
//! project and judges every mutant by 20,000 scripts in each directory (TMPDIR and /dev/shm where none is named). The list
//! was made as root with directories on tmpfs, ext4, XFS and btrfs, and on ext4 and XFS with blocks of 1024 bytes; fewer find
//! less. `--only remap.rs` judges the mutants of that file alone, and tells of each what became of it.

mod breaks;
mod judge;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use mmap_lab::kernel::Interrupts;
use mmap_lab::world;

/// Scripts in each directory.
const SCRIPTS: u64 = 20_000;

/// Files of the model that say why and decide nothing, or that tell where to look and answer nothing.
const WORDS: [&str; 4] = ["because.rs", "errno.rs", "rule.rs", "zones.rs"];
/// What reports, the fuzzer and the judge ask the model, and no operation does.
const ASKED_BY_OTHERS: [&str; 5] = [
    "mod.rs allows",
    "mod.rs has_copy",
    "mod.rs has_shrunk",
    "mod.rs lies_behind",
    "mod.rs size",
];

struct Copy {
    files: Vec<(PathBuf, String)>,
    mutants: Vec<String>,
}

/// The model, with every mutant in it.
fn broken() -> Copy {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the model's folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    paths.sort();
    let mut copy = Copy {
        files: Vec::new(),
        mutants: Vec::new(),
    };
    for path in paths {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        if WORDS.contains(&name.as_str()) {
            continue;
        }
        let source = std::fs::read_to_string(&path).expect("a source file");
        let broken = breaks::broken(&name, &source, copy.mutants.len(), &ASKED_BY_OTHERS);
        copy.mutants.extend(broken.mutants);
        copy.files.push((Path::new("src/model").join(name), broken.source));
    }
    copy
}

/// What the random scripts cannot find, each line under a line that says why.
fn spared() -> BTreeSet<String> {
    let lines = include_str!("spared.txt").lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1).skip_while(|arg| arg != "--ignored");
    if args.next().is_some() {
        return judged(&args.collect::<Vec<_>>());
    }
    println!("running 2 tests");
    let copy = broken();
    let mutants: BTreeSet<_> = copy.mutants.iter().cloned().collect();
    assert!(
        mutants.len() > 1000 && mutants.len() == copy.mutants.len(),
        "{}",
        mutants.len()
    );
    let stale: Vec<_> = spared().difference(&mutants).cloned().collect();
    assert!(
        stale.is_empty(),
        "spared.txt names what the model no longer has: {stale:#?}"
    );
    println!("test the_list_names_mutants_of_the_model ... ok");
    println!("test random_scripts_find_every_other_mutant ... ignored, takes minutes: -- --ignored");
    println!("test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
    ExitCode::SUCCESS
}

/// Break a copy of the project and let it judge itself.
fn judged(args: &[String]) -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = root.join("target/mutants");
    let place = target.join("copy");
    let copy = broken();
    let _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place).expect("a folder under target");
    for part in ["Cargo.toml", "Cargo.lock", "src", "scenarios", "benches", "tests"] {
        let copied = Command::new("cp").arg("-r").arg(root.join(part)).arg(&place).status();
        assert!(copied.is_ok_and(|status| status.success()), "cp {part}");
    }
    let put = |path: &Path, text: String| std::fs::write(place.join(path), text).expect("a file of the copy");
    for (path, source) in copy.files {
        put(&path, source);
    }
    let lib = std::fs::read_to_string(place.join("src/lib.rs")).expect("src/lib.rs");
    put(Path::new("src/lib.rs"), format!("{lib}\npub mod mutant;\n"));
    put(Path::new("src/mutant.rs"), MUTANT.to_owned());
    let main = std::fs::read_to_string(place.join("tests/mutants/main.rs")).expect("this file");
    let main = main.replace("return judged(", "return judge_all(");
    put(Path::new("tests/mutants/main.rs"), format!("{main}\n{JUDGE}"));
    put(Path::new("mutants.txt"), copy.mutants.join("\n"));
    let built = Command::new(env!("CARGO"))
        .args(["test", "--release", "--quiet", "--config", "profile.release.lto=false"])
        .args(["--config", "profile.release.opt-level=2"])
        .args(["--config", "profile.release.codegen-units=64"])
        .args(["--config", "profile.release.incremental=true"])
        .args(["--test", "mutants", "--", "--ignored"])
        .args(args)
        .current_dir(&place)
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", "-Awarnings")
        .status()
        .expect("cargo");
    ExitCode::from(u8::from(!built.success()))
}

/// Judge every mutant of this copy by what the kernel says in each directory.
#[allow(dead_code, reason = "the broken copy calls it")]
fn judge_with(args: &[String], switch: judge::Switch) -> ExitCode {
    let (mut dirs, mut only): (Vec<PathBuf>, Vec<String>) = (Vec::new(), Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--only" => only.extend(args.next().map(|file| format!("{file} "))),
            dir => dirs.push(dir.into()),
        }
    }
    if dirs.is_empty() {
        dirs = vec![world::directory(), "/dev/shm".into()];
    }
    let judged = |name: &str| only.is_empty() || only.iter().any(|file| name.starts_with(file));
    let names = std::fs::read_to_string("mutants.txt").expect("the names");
    let names: Vec<&str> = names.lines().collect();
    let interrupts = Interrupts::catch().expect("signal-hook");
    let mut rows: Vec<_> = dirs
        .iter()
        .map(|dir| judge::ask(dir, SCRIPTS, 1, &interrupts))
        .collect();
    for row in &mut rows {
        judge::trace(row, names.len(), switch);
    }
    let spared = spared();
    let chosen: Vec<usize> = (0..names.len()).filter(|number| judged(names[*number])).collect();
    let fates = judge::fates(&rows, &chosen, switch);
    let mut missed = 0;
    for (name, fate) in chosen.iter().map(|number| names[*number]).zip(&fates) {
        match (spared.contains(name), *fate) {
            (true, judge::Fate::Found) => println!("found although spared.txt has it: {name}"),
            (true, fate) if !only.is_empty() => println!("spared, {fate:?}: {name}"),
            (false, judge::Fate::Found) | (true, _) => {}
            (false, fate) => {
                println!("{fate:?}: {name}");
                missed += 1;
            }
        }
    }
    let found = fates.iter().filter(|fate| **fate == judge::Fate::Found).count();
    println!("{} mutants, {found} found, {} spared in all", fates.len(), spared.len());
    println!("{missed} are neither found nor spared");
    ExitCode::from(u8::from(missed > 0))
}

/// How a copy knows which of its mutants counts.
const MUTANT: &str = "
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
static CHOSEN: AtomicU32 = AtomicU32::new(u32::MAX);
static ASKED: [AtomicBool; 1 << 13] = [const { AtomicBool::new(false) }; 1 << 13];
pub fn choose(number: u32) { CHOSEN.store(number, Relaxed) }
pub fn asked_about() -> std::vec::Vec<u32> {
    (0..ASKED.len() as u32).filter(|number| ASKED[*number as usize].swap(false, Relaxed)).collect()
}
pub fn is(number: u32) -> bool {
    ASKED[number as usize].store(true, Relaxed);
    CHOSEN.load(Relaxed) == number
}
";

/// What the copy's own harness does in place of breaking another.
const JUDGE: &str = "
fn judge_all(args: &[String]) -> ExitCode { judge_with(args, judge::Switch { choose: mmap_lab::mutant::choose, asked_about: mmap_lab::mutant::asked_about }) }
";
