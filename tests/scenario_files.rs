//! Scenario files from outside: broken ones and their complaints, to the letter; the plans of the built-in ones.
//!
//! `SNAPSHOTS=overwrite cargo test --test scenario_files` writes the complaints anew; read the difference before you
//! commit it.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use mmap_lab::command::Foretelling;
use mmap_lab::op::{Access, Act, Op, World};
use mmap_lab::scenario::{Code, Complaints, Plan, Setting, builtins, find, load, plan};

fn planned(name: &str, text: &str, settings: &[&str], world: &World) -> Result<Plan, Complaints> {
    let settings: Vec<Setting> = settings
        .iter()
        .map(|setting| setting.parse().expect("NAME=EXPR"))
        .collect();
    plan(&load(name, text, &settings)?, world, &Foretelling)
}

fn ops(acts: &[Act]) -> Vec<Op> {
    acts.iter().map(|act| act.op).collect()
}

fn builtin(id: &str, settings: &[&str], page: u64) -> Plan {
    let builtin = find(id).expect("a built-in scenario");
    match planned(builtin.name, builtin.text, settings, &World::textbook(page)) {
        Ok(plan) => plan,
        Err(complaints) => panic!("{}", complaints.render(false)),
    }
}

fn offsets(plan: &Plan, step: usize, load: bool) -> Vec<i64> {
    let touched = |probe: &&mmap_lab::scenario::Probe| match plan.scripts[probe.at.0].acts[probe.at.1].op {
        Op::Touch { access, .. } => access.is_store() != load,
        _ => false,
    };
    plan.probes
        .iter()
        .filter(|probe| probe.step == step)
        .filter(touched)
        .map(|probe| probe.offset)
        .collect()
}

/// Every broken file: its name, and what is complained of.
fn broken() -> Vec<(PathBuf, Complaints)> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/broken");
    let mut paths: Vec<PathBuf> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let complain = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match planned(&name, &text, &[], &World::textbook(4096)) {
            Ok(_) => panic!("{name} is not broken"),
            Err(complaints) => (path, complaints),
        }
    };
    paths.into_iter().map(complain).collect()
}

#[test]
fn broken_files_get_these_complaints() {
    let overwrite = std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite");
    let mut wrong = Vec::new();
    for (path, complaints) in broken() {
        let pinned = path.with_extension("txt");
        let rendered = complaints.render(false);
        if overwrite {
            fs::write(&pinned, &rendered).unwrap();
        }
        let expected = fs::read_to_string(&pinned).unwrap_or_default();
        if rendered != expected {
            wrong.push(format!(
                "{}\n--- pinned\n{expected}\n--- now\n{rendered}",
                path.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_is_complained_of_several_times() {
    let mut files = BTreeMap::new();
    let broken = broken();
    for (_, complaints) in &broken {
        let mut codes: Vec<Code> = complaints.list().iter().map(|complaint| complaint.code).collect();
        codes.sort();
        codes.dedup();
        for code in codes {
            *files.entry(code).or_insert(0) += 1;
        }
    }
    assert!(broken.len() >= 32, "{} broken files", broken.len());
    assert_eq!(files.len(), 10, "{files:?}");
    assert!(files.values().all(|count| *count >= 3), "{files:?}");
    assert!(broken.iter().any(|(_, complaints)| complaints.list().len() >= 8));
}

#[test]
fn carets_stand_in_the_text_and_control_characters_do_not() {
    for (path, complaints) in broken() {
        for color in [false, true] {
            let rendered = complaints.render(color);
            let allowed = |c: char| !c.is_control() || c == '\n' || (color && c == '\u{1b}');
            assert!(rendered.chars().all(allowed), "{}", path.display());
            assert!(rendered.ends_with('\n'));
            assert!(
                rendered.lines().all(|line| line == line.trim_end()),
                "{}",
                path.display()
            );
        }
        // Without its colours, a coloured complaint is the plain one.
        let mut plain = String::new();
        let mut colored = complaints.render(true);
        while let Some(escape) = colored.find('\u{1b}') {
            plain.push_str(&colored[..escape]);
            let end = escape + colored[escape..].find('m').unwrap() + 1;
            colored = colored[end..].to_string();
        }
        plain.push_str(&colored);
        assert_eq!(plain, complaints.render(false), "{}", path.display());
    }
}

/// A mistake may hide others: mending it must not come as a surprise, and a list that is whole must not threaten more.
#[test]
fn what_is_hidden_behind_a_mistake_is_announced() {
    let more = "\nmore may follow when ";
    let mut whole = 0;
    for (path, complaints) in broken() {
        let rendered = complaints.render(false);
        let codes: Vec<Code> = complaints.list().iter().map(|c| c.code).collect();
        // TOML comes before names and words, and these before what a world decides.
        if codes.iter().any(|code| *code <= Code::E03) {
            assert!(rendered.contains(more), "{}", path.display());
        }
        if codes.iter().all(|code| matches!(code, Code::E05 | Code::E06)) {
            assert!(!rendered.contains(more), "{}", path.display());
            whole += 1;
        }
    }
    assert!(whole >= 3, "{whole} whole lists");
    let text = include_str!("broken/e05-two-open.toml");
    let stages = [
        (text.replace("lab = 1", "lab 1"), true),
        (text.replace("length", "lenght"), true),
        (text.replacen("\"1p + 904\"", "-1", 1), true),
        (text.to_string(), false),
    ];
    for (text, hides) in stages {
        let complaints = planned("a.toml", &text, &[], &World::textbook(4096)).unwrap_err();
        assert_eq!(complaints.render(false).ends_with("mended\n"), hides);
    }
}

#[test]
fn past_eof_touches_these_eighteen_places() {
    let plan = builtin("past-eof", &[], 4096);
    let nine = [0, 4999, 5000, 8191, 8192, 14999, 15000, 16383, 16384];
    assert_eq!(offsets(&plan, 0, true), nine);
    assert_eq!(offsets(&plan, 0, false), nine);
    assert_eq!(plan.probes.len(), 18);
    assert_eq!(plan.scripts.len(), 1);
    let places: Vec<Option<&str>> = plan.probes[..9].iter().map(|probe| probe.place.as_deref()).collect();
    let (base, last, eof) = (Some("base"), Some("eof-1"), Some("eof"));
    let (len, map_end) = (Some("len"), Some("map_end"));
    assert_eq!(
        places,
        [
            base,
            last,
            eof,
            None,
            Some("eof_page"),
            Some("len-1"),
            len,
            None,
            map_end
        ]
    );
    assert_eq!(plan.claims[0].text.en, "beyond 15000 the access gets SIGSEGV");
    assert_eq!(plan.claims[0].says[0].zones[0].from, 15000);
}

#[test]
fn past_eof_teaches_the_same_with_every_page_size() {
    for page in [4096, 12288, 16384, 65536] {
        let p = page as i64;
        let plan = builtin("past-eof", &[], page);
        let len = 3 * p + 2712;
        let nine = [0, p + 903, p + 904, 2 * p - 1, 2 * p, len - 1, len, 4 * p - 1, 4 * p];
        assert_eq!(offsets(&plan, 0, true), nine, "pages of {page}");
        assert_eq!(offsets(&plan, 0, false), nine, "pages of {page}");
    }
}

#[test]
fn settings_replace_the_numbers_of_a_file() {
    let plan = builtin("past-eof", &["file.size=2p+1", "map.length=3p"], 4096);
    assert_eq!(offsets(&plan, 0, true), [0, 8192, 8193, 12287, 12288]);
    let plan = builtin(
        "past-eof",
        &["map.length=1p", "map.access=r", "map.share=private", "file.fill=B"],
        4096,
    );
    assert!(ops(&plan.steps[0].acts).contains(&Op::Write {
        file: 0,
        at: 0,
        len: 5000,
        byte: b'B'
    }));
    let sparse = builtin("past-eof", &["file.fill=none"], 4096);
    let grown = Op::Truncate { file: 0, size: 5000 };
    assert!(ops(&sparse.steps[0].acts).contains(&grown), "nothing is written");
    assert!("map.length".parse::<Setting>().is_err());

    let builtin = find("past-eof").unwrap();
    let refused = planned(
        builtin.name,
        builtin.text,
        &["map.lenght=2p", "file.size=2q"],
        &World::textbook(4096),
    );
    let rendered = refused.expect_err("misspelt").render(false);
    let expected = "error[E02]: nothing of this name can be set
 --> --set:1:1
  |
1 | map.lenght=2p
  | ^^^^^^^^^^ there are file.size, file.fill, map.length, map.offset, map.share, map.access
  |
  = try: --set map.length=2p

error[E04]: this is not an offset or a size
 --> --set:1:12
  |
1 | file.size=2q
  |            ^ no unit; right behind the number stand p (pages), K, M, G or T; bytes have none

more may follow when these are mended
";
    assert_eq!(rendered, expected);
}

/// Whether a range is a mistake may depend neither on the machine nor on what is tried out with --set.
#[test]
fn a_range_that_only_these_numbers_leave_empty_is_no_mistake() {
    let text = r#"
        lab = 1
        id = "empty"
        title = "empty"
        file = { size = "1p" }
        map = { length = "2p" }
        expect = { "0 .. eof" = "file", "eof .. 8K" = "SIGBUS" }
    "#;
    let wide = World::textbook(65536);
    assert!(planned("a.toml", text, &[], &wide).is_ok(), "8K > 4K");
    let never = text.replace("8K", "3K");
    for world in [World::textbook(4096), wide] {
        let refused = planned("a.toml", &never, &[], &world).unwrap_err();
        let rendered = refused.render(false);
        let values = format!("this is {} .. 3072", world.page);
        assert!(rendered.contains(&values), "{rendered}");
        let tried = ["file.size=2p"];
        assert!(planned("a.toml", &never, &tried, &world).is_ok());
    }
}

/// A repair of what was typed behind --set is typed there, and a shell takes it as it stands.
#[test]
fn repairs_of_settings_are_settings() {
    let repairs = [
        ("map.access=rz", "--set map.access=rw"),
        ("map.access=wr", "--set map.access=rw"),
        ("map.share=Shared", "--set map.share=shared"),
        ("map.length=2P", "--set map.length=2p"),
        ("map.length=up(size) + 2P", "--set 'map.length=up(size) + 2p'"),
        ("map.length=0", "--set map.length=1p"),
        ("map.offset=100", "--set map.offset=1p"),
        ("map.lenght=2p", "--set map.length=2p"),
        ("map.lenght=2p + 1", "--set 'map.length=2p + 1'"),
    ];
    let builtin = find("past-eof").unwrap();
    for (wrong, repair) in repairs {
        let refused = planned(builtin.name, builtin.text, &[wrong], &World::textbook(4096));
        let rendered = refused.expect_err(wrong).render(false);
        assert!(rendered.contains(&format!("= try: {repair}\n")), "{rendered}");
    }
}

#[test]
fn grow_follows_the_file_in_one_script() {
    let plan = builtin("grow", &[], 4096);
    assert_eq!(plan.scripts.len(), 1, "loads disturb nothing");
    assert_eq!(
        plan.steps.iter().map(|step| step.symbols.size).collect::<Vec<_>>(),
        [0, 4096, 4097, 1000 * 4096, 1001 * 4096, 4096, 0]
    );
    assert!(plan.steps.iter().all(|step| step.probed));
    let maps = plan.scripts[0].ops().filter(|op| matches!(op, Op::Map { .. })).count();
    assert_eq!(maps, 1, "no new mmap");
    assert_eq!(offsets(&plan, 2, true), [0, 4096, 4097, 8191, 8192, 4095999, 4096000]);
    assert_eq!(
        offsets(&plan, 4, true),
        [0, 4095999, 4096000],
        "past the mapping there is nothing new"
    );
    assert_eq!(plan.claims[0].step, Some(1));
}

/// The claim of the format's own example speaks of its third step, where the file has just grown by one byte.
#[test]
fn claims_count_steps_from_1() {
    let text = r#"
        lab = 1
        id = "third"
        title = "third"
        file = { size = 0 }
        map = { length = "1000p" }
        step = [
            { probe = "edges" },
            { truncate = "1p", probe = "edges" },
            { truncate = "1p + 1", probe = "edges" },
            { truncate = "1001p", probe = "edges" },
        ]
        claim = [{ id = "n29", text = "no new mmap", says = { "eof_page - 1" = "zero" }, at = 3 }]
    "#;
    let world = World::textbook(4096);
    let plan = planned("third.toml", text, &[], &world).unwrap();
    let claim = &plan.claims[0];
    assert_eq!(plan.steps[claim.step.unwrap()].symbols.size, 4097);
    let fifth = text.replace("at = 3", "at = 5");
    let refused = planned("third.toml", &fifth, &[], &world).unwrap_err();
    assert!(refused.render(false).contains("4 steps, counted from 1 to 4"));
}

#[test]
fn stores_at_edges_are_made_on_copies() {
    let text = r#"
        lab = 1
        id = "copies"
        title = "copies"
        file = { size = "1p" }
        map = { length = "2p" }
        expect = { "0 .. eof" = "file", write = { "0 .. eof" = "ok" } }
        step = [
            { store = "Z", at = 5, expect = "ok", probe = "edges" },
            { truncate = "1p + 1" },
            { read = 5, expect = "byte:Z", probe = [1] },
        ]
    "#;
    let world = World::textbook(4096);
    let plan = planned("copies.toml", text, &[], &world).unwrap_or_else(|c| panic!("{}", c.render(false)));
    assert_eq!(plan.scripts.len(), 2);
    let setup = &ops(&plan.scripts[0].acts)[..4];
    assert_eq!(
        setup[3],
        Op::Touch {
            at: 5.into(),
            access: Access::Store(b'Z')
        }
    );
    assert_eq!(
        &ops(&plan.scripts[1].acts)[..4],
        setup,
        "replayed without the touches of edges"
    );
    assert_eq!(plan.scripts[1].acts[4].op, Op::Truncate { file: 0, size: 4097 });
    assert_eq!(plan.steps[1].at, (1, 4));
    assert_eq!(plan.steps[2].at, (1, 5));
    assert!(plan.steps[0].probed && !plan.steps[1].probed && plan.steps[2].probed);
    let asked: Vec<(usize, i64)> = plan.probes.iter().map(|probe| (probe.step, probe.offset)).collect();
    assert_eq!(
        asked,
        [
            (0, 5),
            (0, 0),
            (0, 4095),
            (0, 4096),
            (0, 8191),
            (0, 8192),
            (0, 0),
            (0, 4095),
            (0, 4096),
            (0, 8191),
            (0, 8192),
            (2, 5),
            (2, 1),
            (2, 1)
        ]
    );
    for probe in &plan.probes {
        assert!(matches!(
            plan.scripts[probe.at.0].acts[probe.at.1].op,
            Op::Touch { .. } | Op::Read { .. }
        ));
    }
}

#[test]
fn the_models_edges_are_touched_where_the_author_says_nothing() {
    let text = r#"
        lab = 1
        id = "open"
        title = "open"
        file = { size = "1p" }
        map = { length = "2p" }
        expect = { ".. 0" = "SIGSEGV", "0" = "file", "map_end .. map_end + 1p" = "SIGSEGV" }
    "#;
    let world = World::textbook(4096);
    let plan = planned("open.toml", text, &[], &world).unwrap_or_else(|c| panic!("{}", c.render(false)));
    assert_eq!(offsets(&plan, 0, true), [-1, 0, 4095, 4096, 8191, 8192, 12287]);
    let silent = |probe: &&mmap_lab::scenario::Probe| probe.expected.is_none();
    assert_eq!(
        plan.probes.iter().filter(silent).count(),
        3,
        "4095, 4096 and 8191: model and kernel alone"
    );
    assert!(offsets(&plan, 0, false).is_empty(), "nothing is stored unasked");
    let silent = text
        .lines()
        .filter(|line| !line.contains("expect"))
        .collect::<Vec<_>>()
        .join("\n");
    let plan = planned("open.toml", &silent, &[], &world).unwrap_or_else(|c| panic!("{}", c.render(false)));
    assert_eq!(offsets(&plan, 0, true), [0, 4095, 4096, 8191, 8192]);
    assert!(plan.probes.iter().all(|probe| probe.expected.is_none()));
}

#[test]
fn an_expectation_may_depend_on_the_filesystem() {
    let text = r#"
        lab = 1
        id = "depends"
        title = "depends"
        file = { size = 1 }
        map = { length = 1 }
        step = [{ load = 1, expect = { tmpfs = ["byte:T", "zero"], else = "zero" } }]
    "#;
    use mmap_lab::op::Filesystem;
    use mmap_lab::scenario::Want;
    let mut world = World::textbook(4096);
    let wants = |world: &World| {
        planned("depends.toml", text, &[], world).unwrap().probes[0]
            .expected
            .clone()
            .unwrap()
    };
    assert_eq!(wants(&world), [Want::Zero]);
    world.filesystem = Filesystem::Tmpfs;
    assert_eq!(wants(&world), [Want::Byte(b'T'), Want::Zero]);
}

#[test]
fn built_in_texts_speak_both_languages() {
    for builtin in builtins() {
        let scenario = load(builtin.name, builtin.text, &[]).unwrap();
        let symbols = scenario.symbols(4096).unwrap();
        let mut texts = vec![
            scenario.title.clone(),
            scenario.brief.clone().unwrap(),
            scenario.why.clone().unwrap(),
        ];
        texts.extend(scenario.next.iter().map(|(_, text)| text.clone()));
        texts.extend(builtin_claims(builtin.id));
        for text in texts {
            let text = text.fill(&symbols);
            assert!(text.en.is_ascii() && !text.en.contains('{'), "{}", text.en);
            assert!(!text.zh.is_ascii() && !text.zh.contains('{'), "{}", text.zh);
        }
        let why = scenario.why.unwrap().en;
        assert!(
            why.matches(['.', ';']).count() <= 6 && why.split(". ").count() <= 4,
            "{why}"
        );
    }
}

fn builtin_claims(id: &str) -> Vec<mmap_lab::scenario::Prose> {
    builtin(id, &[], 4096)
        .claims
        .into_iter()
        .map(|claim| claim.text)
        .collect()
}

/// Whatever a stranger writes, there is an answer and never a panic.
#[test]
fn damaged_files_are_answered() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let shards = [
        "\"",
        "..",
        "[",
        "]",
        "9",
        "-",
        "T",
        "p",
        "=",
        "\n",
        "up(",
        "{",
        "}",
        "字",
        "\u{1b}",
        "map_end",
        "99999999999",
    ];
    let mut refused = 0;
    for round in 0..3000 {
        let mut text: Vec<char> = builtins()
            .nth(round % builtins().count())
            .expect("one of them")
            .text
            .chars()
            .collect();
        for _ in 0..=random(4) {
            let at = random(text.len());
            match random(3) {
                0 => drop(text.remove(at)),
                1 => drop(text.splice(at..at, shards[random(shards.len())].chars())),
                _ => drop(text.splice(
                    at..(at + random(20)).min(text.len()),
                    shards[random(shards.len())].chars(),
                )),
            }
        }
        let text: String = text.into_iter().collect();
        let page = [4096, 12288, 16384, 65536][random(4)];
        if let Err(complaints) = planned("damaged.toml", &text, &[], &World::textbook(page)) {
            assert!(!complaints.render(round % 2 == 0).is_empty());
            refused += 1;
        }
    }
    assert!(refused > 500, "{refused} were refused");
}

/// Every row that the catalogue of edge cases marks as worth most to a student stands in the sources of a scenario, and
/// every section of it has some.
#[test]
fn every_row_of_high_value_is_taught() {
    const ROWS: &str = "A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A12 A13 A15 A16 A20 B1 B2 B3 B4 B5 B6 B10 B12 B13 B15 B16 C1 C2 C3 \
                        C4 C5 C8 D1 D2 D3 D6 D7 D10 D14 D15 D16 D17 E1 E2 E7 E8 E12 E14 E21 E25 F1 F2 F6 F9 G1 G2 G3 \
                        G4 G5 G6 G7 G11 H1 H2 H3 H6 I1 I12 K1 K2 K3 K7 K9 L1 L2 L3 L7 O1 O2 O4 O6";
    let named = |row: &str| {
        let source = format!("\"catalogue {row}\"");
        builtins().any(|builtin| builtin.text.contains(&source))
    };
    let untaught: Vec<&str> = ROWS.split_whitespace().filter(|row| !named(row)).collect();
    assert!(untaught.is_empty(), "{untaught:?}");
    for section in 'A'..='O' {
        let some = format!("\"catalogue {section}");
        assert!(
            builtins().any(|builtin| builtin.text.contains(&some)),
            "section {section}"
        );
    }
}
