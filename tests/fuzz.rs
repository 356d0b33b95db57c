//! `lab fuzz` as a person runs it, and what it rests on: a row of random scripts finds nothing; a script written as a
//! scenario file is the same script when it is read; and one made smaller still shows what it showed.

use mmap_lab::command::Foretelling;
use mmap_lab::fuzz::{self, Gives};
use mmap_lab::model::Model;
use mmap_lab::op::{Access, Op, Script, World};
use mmap_lab::scenario;

mod common;

use common::{command, lab, skip};

/// So many scripts for what needs no kernel.
const SCRIPTS: u64 = 3000;

#[test]
fn a_row_of_scripts_finds_nothing() {
    let tmp = mmap_lab::world::directory();
    for dir in [tmp.as_path(), "/dev/shm".as_ref()] {
        if !dir.is_dir() {
            skip(&format!("there is no {}", dir.display()));
            continue;
        }
        let output = command(&["fuzz", "--count", "2000", "--seed", "7", "--dir"])
            .arg(dir)
            .output()
            .expect("the program starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(text.starts_with("2000 scripts"), "{text}");
        let number = |after: &str| -> f64 {
            let rest = text.split(after).next().unwrap_or_default();
            let word = rest.split_whitespace().last().unwrap_or_default();
            word.trim_end_matches('%').parse().unwrap_or(0.0)
        };
        assert!(number(" operations each") >= 8.0, "{text}");
        assert!(number(" with two processes") >= 10.0, "{text}");
        assert!(number(" of them faults") >= 30.0, "{text}");
        for kind in ["BUS_ADRERR", "SEGV_MAPERR", "SEGV_ACCERR", "EFAULT"] {
            assert!(number(&format!(" {kind}")) >= 50.0, "{kind}: {text}");
        }
    }
}

#[test]
fn mistakes_are_told() {
    let output = lab(&["fuzz", "--dir", "/nowhere/at/all"]);
    assert_eq!(output.status.code(), Some(3));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("/nowhere/at/all"), "{error}");
    assert_eq!(lab(&["fuzz", "--count", "many"]).status.code(), Some(2));
}

/// Ctrl-C ends it with the line that says how far it came.
#[test]
fn an_interruption_leaves_the_line() {
    use std::io::Read;
    use std::process::Stdio;
    let mut child = command(&["fuzz", "--seconds", "60", "--dir", "/dev/shm"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let pid = nix::unistd::Pid::from_raw(child.id() as i32);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("it is alive");
    let mut text = String::new();
    let read = child.stdout.take().expect("a pipe").read_to_string(&mut text);
    let status = child.wait().expect("it ends");
    assert!(read.is_ok() && text.contains(" scripts on "), "{text}");
    assert_eq!(status.code(), Some(130));
}

#[test]
fn a_script_written_and_read_is_the_same() {
    for page in [4096, 16384] {
        let world = World::textbook(page);
        for number in 0..SCRIPTS {
            let all = Gives {
                userns: true,
                userfaultfd: true,
            };
            let drawn = fuzz::draw(&world, all, 3, number);
            let text = fuzz::write("fuzz-3", ("t", "题"), &drawn.script, &drawn.ruled, page);
            let text = text.expect("every script that is drawn can be written");
            let scenario = scenario::load("fuzz.toml", &text, &[]);
            let scenario = scenario.unwrap_or_else(|wrong| panic!("{}\n{text}", wrong.render(false)));
            let plan = scenario::plan(&scenario, &world, &Foretelling);
            let plan = plan.unwrap_or_else(|wrong| panic!("{}\n{text}", wrong.render(false)));
            assert_eq!(plan.scripts, vec![drawn.script], "{text}");
        }
    }
}

#[test]
fn the_same_seed_draws_the_same_scripts() {
    let world = World::textbook(4096);
    let row = |seed| {
        (0..20)
            .map(|number| fuzz::draw(&world, Gives::default(), seed, number).script)
            .collect::<Vec<_>>()
    };
    assert_eq!(row(1), row(1));
    assert_ne!(row(1), row(2));
}

/// What was answered while it was drawn is what the model says to it.
#[test]
fn the_answers_are_the_models() {
    let world = World::textbook(4096);
    for number in 0..SCRIPTS {
        let drawn = fuzz::draw(&world, Gives::default(), 5, number);
        assert_eq!(drawn.ruled, Model::answer(&world, &drawn.script));
    }
}

#[test]
fn a_smaller_script_shows_the_same() {
    let world = World::textbook(4096);
    let stores = |script: &Script| {
        let wide = |op: &&Op| {
            matches!(
                op,
                Op::Touch {
                    access: Access::StoreWide(_),
                    ..
                }
            )
        };
        script.ops().filter(wide).count() > 0
    };
    let drawn = (0..)
        .map(|number| fuzz::draw(&world, Gives::default(), 9, number).script)
        .find(|script| stores(script) && script.acts.len() > 12);
    let drawn = drawn.expect("one in a few");
    let small = fuzz::shrink(&drawn, world.page, 1000, stores);
    assert!(stores(&small));
    // Where the store is in the second area, the first has its mapping too.
    assert!(small.acts.len() <= 4, "a file, a mapping, the store: {small:?}");
}
