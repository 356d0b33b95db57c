//! The product is its output: every screen, pinned at its widths, with the one line about the machine left out. Pinned for
//! pages of 4096 bytes; on other page sizes the shape alone is checked. `SNAPSHOTS=overwrite cargo test --test screens`
//! pins anew; look at what changed before you commit it.

mod common;

use common::{lab, page, stdout, without_machine};
use snapbox::assert_data_eq;
use snapbox::data::Data;

const SCENARIOS: [(&str, Option<usize>); 3] = [("exact", Some(46)), ("past-eof", Some(46)), ("grow", Some(46))];

fn pin(name: &str, text: &str) {
    if page() != 4096 {
        common::skip(&format!(
            "{name} is pinned for pages of 4096 bytes, these have {}",
            page()
        ));
        return;
    }
    let path = format!("{}/tests/screens/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    assert_data_eq!(text.to_owned(), Data::read_from(path.as_ref(), None).raw());
}

#[test]
fn each_scenario_at_each_width() {
    for (scenario, rows) in SCENARIOS {
        for width in [40, 60, 80, 100, 120] {
            let screen = stdout(lab(&["scenario", scenario, "--width", &width.to_string()]));
            for line in screen.lines() {
                assert!(line.chars().count() <= width, "{scenario} at {width}: {line}");
                assert!(
                    line.is_ascii() && line.trim_end() == line,
                    "{scenario} at {width}: {line:?}"
                );
            }
            let limit = rows.filter(|_| width >= 80).unwrap_or(usize::MAX);
            assert!(
                screen.lines().count() <= limit,
                "{scenario} at {width}: {} rows",
                screen.lines().count()
            );
            pin(&format!("{scenario}-{width}"), &without_machine(&screen));
        }
    }
}

#[test]
fn a_projector_shows_scenario_2_in_20_rows() {
    assert!(stdout(lab(&["scenario", "2", "--width", "40"])).lines().count() <= 20);
}

#[test]
fn the_home_screen() {
    pin("home", &without_machine(&stdout(lab(&[]))));
}

#[test]
fn a_difference_is_pointed_out() {
    let file = "tests/screens/wrong.toml";
    let output = lab(&["scenario", file]);
    assert_eq!(output.status.code(), Some(1));
    let screen = stdout_of(&output);
    assert!(screen.contains("<- DIFFERS"), "{screen}");
    pin("wrong-80", &without_machine(&screen));
    let run = lab(&["run", file, "2"]);
    assert_eq!(run.status.code(), Some(1));
    let lines = stdout_of(&run);
    assert!(lines.contains("DIFFERS") && lines.contains("1 differs"), "{lines}");
}

/// What an author wrote for other numbers is not said of these, and nobody is told to type the same again.
#[test]
fn numbers_set_from_outside_are_the_title_and_the_model_explains_them() {
    let typed = ["scenario", "3", "--set", "file.size=1p+904"];
    let screen = stdout(lab(&typed));
    assert!(screen.starts_with(" 3 grow: with file.size=1p+904\n"), "{screen}");
    for stale in ["an empty file", " why ", "lab scenario 3 --set file.size"] {
        assert!(!screen.contains(stale), "{stale}: {screen}");
    }
    for true_of_it in [
        "\n model   At step 1: Byte 0 is",
        "\n next  lab scenario 3 --set map.length=2p ",
    ] {
        assert!(screen.contains(true_of_it), "{true_of_it}: {screen}");
    }
    assert!(stdout(lab(&["scenario", "3"])).contains("\n why   "));
}

fn stdout_of(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A story has everything that only a story shows: two processes, two areas, a refused call that nix would not make, a
/// file that shrinks, edges inside it, one difference, and a claim that depends.
#[test]
fn a_story_is_told_line_by_line() {
    for width in [40, 60, 80, 100, 120] {
        let output = lab(&["scenario", "tests/screens/story.toml", "--width", &width.to_string()]);
        assert_eq!(output.status.code(), Some(1), "one step is expected wrongly");
        let screen = stdout_of(&output);
        let wide = screen.lines().find(|line| line.chars().count() > width);
        assert_eq!(wide, None, "at {width}");
        let rows = screen.lines().count();
        assert!(width < 80 || rows <= 46, "at {width}: {rows} rows");
        pin(&format!("story-{width}"), &without_machine(&screen));
    }
}

#[test]
fn a_run_says_how_long_a_story_is() {
    let output = lab(&["run", "tests/screens/story.toml"]);
    let lines = stdout_of(&output);
    for part in [".*8!.", "3 processes", "1 claim depends", "step 10: author says EINVAL"] {
        assert!(lines.contains(part), "no {part} in\n{lines}");
    }
}

/// The ids of the scenarios that come with the program.
fn builtins() -> Vec<String> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let files = std::fs::read_dir(directory).expect("scenarios/");
    let names = files.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
    let mut ids: Vec<String> = names
        .map(|name| {
            name.trim_end_matches(".toml")
                .split_once('-')
                .expect("a number")
                .1
                .to_owned()
        })
        .collect();
    ids.sort();
    ids
}

#[test]
fn no_line_of_any_scenario_is_wider_than_asked() {
    for scenario in builtins() {
        for width in (40..=120).step_by(8) {
            let width_of = width.to_string();
            let mut args = vec!["scenario", &scenario, "--width", &width_of];
            if mmap_lab::scenario::find(&scenario).expect("it is built in").is_timed() {
                args.extend(["--set", "file.size=1M"]); // or it takes its time, at each width
            }
            let output = lab(&args);
            let screen = stdout_of(&output);
            assert!(!screen.is_empty(), "{scenario} at {width}");
            let wide = screen.lines().find(|line| line.chars().count() > width);
            assert_eq!(wide, None, "{scenario} at {width}");
        }
    }
}

/// A measurement: a bar, a time with its quartiles, faults and calls for each way, in both languages, and all on a screen.
#[test]
fn a_measurement_is_drawn_with_its_spread() {
    let spreads = regex::Regex::new(r"[0-9]\.\.[0-9]").expect("a pattern");
    for lang in ["en", "zh"] {
        for width in [40, 80, 120] {
            let width_of = width.to_string();
            let small = ["scenario", "100", "--set", "file.size=1M"];
            let screen = stdout(lab(&[&small[..], &["--lang", lang, "--width", &width_of]].concat()));
            let wide = screen
                .lines()
                .find(|line| unicode_width::UnicodeWidthStr::width(*line) > width);
            assert_eq!(wide, None, "{lang} at {width}");
            let bars = screen
                .lines()
                .filter(|line| line.contains("# ") || line.ends_with('#'))
                .count();
            assert!(bars >= 20, "{bars} bars in\n{screen}");
            assert!(width < 80 || screen.lines().count() <= 46, "{screen}");

            assert!(
                spreads.find_iter(&screen).count() >= bars,
                "no time without its spread:\n{screen}"
            );
            assert_eq!(screen.contains("mmap 逐个"), lang == "zh", "{screen}");
        }
    }
}

#[test]
fn the_home_screen_has_a_line_for_each_scenario() {
    let home = stdout(lab(&[]));
    for scenario in builtins() {
        let line = home
            .lines()
            .find(|line| line.split_whitespace().any(|word| word == scenario));
        assert!(line.is_some(), "{scenario} is not in\n{home}");
    }
    assert!(home.lines().count() <= 120, "{home}");
    assert!(home.contains("\n 1 sizes\n"), "{home}");
}

#[test]
fn a_run_has_a_line_each_and_a_total() {
    let lines = stdout(lab(&["run", "--all"]));
    for (scenario, _) in SCENARIOS {
        assert!(
            lines
                .lines()
                .any(|line| line.contains(scenario) && line.trim_start().starts_with("ok")),
            "{lines}"
        );
    }
    let all = mmap_lab::scenario::builtins()
        .filter(|builtin| !builtin.measures())
        .count();
    assert!(lines.contains(" 0 differs"), "{lines}");
    assert!(lines.contains(&format!(" {all} scenarios")), "{lines}");
}

#[test]
fn colours_follow_flag_and_environment() {
    let coloured = |args: &[&str], environment: &[(&str, &str)]| {
        let mut command = common::command(args);
        command.envs(environment.iter().copied());
        stdout_of(&command.output().expect("it runs")).contains('\u{1b}')
    };
    let screen = ["scenario", "2"];
    assert!(!coloured(&screen, &[]), "a pipe is no terminal");
    assert!(coloured(&["scenario", "2", "--color", "always"], &[("NO_COLOR", "1")]));
    assert!(coloured(&screen, &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&screen, &[("CLICOLOR_FORCE", "0")]));
    assert!(!coloured(&screen, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(
        coloured(&screen, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")]),
        "an empty NO_COLOR says nothing"
    );
    assert!(!coloured(
        &["scenario", "2", "--color", "never"],
        &[("CLICOLOR_FORCE", "1")]
    ));
}

#[test]
fn colour_never_carries_meaning_alone() {
    let plain = stdout(lab(&["scenario", "2"]));
    let coloured = stdout(lab(&["scenario", "2", "--color", "always"]));
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(plain, stripped);
}

/// The README's transcripts are the program's own.
#[test]
fn the_readme_shows_what_the_program_prints() {
    if page() != 4096 {
        common::skip("the README is about pages of 4096 bytes");
        return;
    }
    let readmes = [include_str!("../README.md"), include_str!("../README.zh-CN.md")];
    let mut shown = 0;
    for (command, block) in readmes.into_iter().flat_map(common::transcripts) {
        let args: Vec<&str> = command.split_whitespace().skip(1).collect();
        let screen = stdout(lab(&args));
        assert_eq!(
            without_machine(&block).trim_end(),
            without_machine(&screen).trim_end(),
            "{command}"
        );
        shown += 1;
    }
    assert!(shown >= 3, "the READMEs show screens");
}
