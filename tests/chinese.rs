//! Screens in Chinese: nothing on them is wider than asked, no sentence is left in English, and lines break where Chinese
//! breaks. The widths are those that a terminal gives to each character; English is held to them as well.

mod common;

use std::process::Output;

use common::command;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const WIDTHS: [usize; 3] = [40, 80, 120];

/// What a command prints in a language, to whichever of the two it prints.
fn screen(lang: &str, args: &[&str], width: usize) -> String {
    let columns = width.to_string();
    let mut lab = command(args);
    // clap asks the environment for the width of its help
    lab.env("LAB_LANG", lang).env("COLUMNS", &columns);
    let Output { stdout, stderr, .. } = lab.output().expect("it runs");
    String::from_utf8([stdout, stderr].concat()).expect("UTF-8")
}

fn han(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Four words of lower-case letters in a row are a sentence. Quoted strings and calls are not looked at.
fn english(line: &str) -> bool {
    let mut quoted = false;
    let bare: String = line
        .chars()
        .filter(|c| {
            quoted ^= *c == '`';
            !quoted
        })
        .collect();
    let mark = [',', '.', ':', ';', '?', '(', ')'];
    let mut row = 0;
    for word in bare.split(' ') {
        // a command to type, and words for outcomes
        let name = matches!(word.trim_matches(mark), "lab" | "ok" | "file" | "zero" | "end");
        let listed = word.ends_with(',');
        let word = word.trim_matches(mark);
        let lower = word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase() || c == '\'');
        row = if name || listed {
            0
        } else if lower || matches!(word, "a" | "A") {
            row + 1
        } else {
            0
        };
        if row == 4 {
            return true;
        }
    }
    false
}

/// A line of a system call, or of what a stranger may type.
fn is_call(line: &str) -> bool {
    let line = line.trim_start();
    line.contains("(") && line.contains('|') || line.starts_with("lab ")
}

fn fits(what: &str, screen: &str, width: usize) {
    assert!(!screen.trim().is_empty(), "{what} at {width} is empty");
    for line in screen.lines() {
        assert!(
            line.width() <= width,
            "{what} at {width}: {} columns: {line}",
            line.width()
        );
        assert_eq!(line.trim_end(), line, "{what} at {width}");
        let ambiguous = line.chars().find(|c| c.width() != c.width_cjk());
        assert_eq!(ambiguous, None, "{what} at {width}: {line}");
    }
}

fn is_chinese(what: &str, screen: &str, width: usize) {
    fits(what, screen, width);
    assert!(han(screen), "{what}: {screen}");
    for line in screen.lines().filter(|line| !is_call(line)) {
        assert!(!english(line), "{what} at {width}: {line}\n{screen}");
        let first = line.trim_start().chars().next();
        let closing = first.filter(|c| "。，、；：？！」』）》】".contains(*c));
        assert_eq!(closing, None, "{what} at {width}: {line}");
    }
}

/// The paragraph under this word of the margin.
fn paragraph(screen: &str, word: &str) -> Option<String> {
    let head = format!(" {word} ");
    let mut lines = screen.lines().skip_while(|line| !line.starts_with(&head));
    let first = lines.next()?.to_owned();
    Some(first + &lines.take_while(|line| line.starts_with("  ")).collect::<String>())
}

#[test]
fn every_scenario_is_told_in_chinese() {
    for builtin in mmap_lab::scenario::builtins() {
        for width in WIDTHS {
            let screen = screen("zh", &["scenario", builtin.id], width);
            is_chinese(builtin.id, &screen, width);
            if width < 60 || builtin.is_timed() {
                continue; // a projector has no room for more than the numbers, nor have the bars of a measurement
            }
            assert!(han(screen.lines().next().unwrap_or_default()), "{screen}");
            if let Some(why) = paragraph(&screen, "原因") {
                assert!(why.chars().filter(|c| han(&c.to_string())).count() > 10, "{screen}");
            } else {
                assert!(screen.contains("跳过"), "{} does not say why: {screen}", builtin.id);
            }
        }
    }
}

#[test]
fn every_scenario_fits_in_english_too() {
    for builtin in mmap_lab::scenario::builtins() {
        for width in WIDTHS {
            let screen = screen("en", &["scenario", builtin.id], width);
            fits(builtin.id, &screen, width);
            assert!(screen.is_ascii(), "{} at {width}", builtin.id);
        }
    }
}

const OTHERS: [&[&str]; 10] = [
    &[],
    &["doctor"],
    &["claims"],
    &["claims", "--sources"],
    &["explain"],
    &["run", "--all"],
    &["run", "--lint"],
    &["run", "tests/screens/wrong.toml"],
    &["scenario", "2", "--set", "map.length=2p"],
    &["explain", "SIGBUS"],
];

#[test]
fn every_other_screen_is_in_chinese() {
    for args in OTHERS {
        for width in WIDTHS {
            let what = args.join(" ");
            is_chinese(&what, &screen("zh", args, width), width);
            fits(&what, &screen("en", args, width), width);
        }
    }
}

#[test]
fn the_help_of_every_command_is_in_chinese() {
    let root = screen("zh", &["--help"], 80);
    let verbs = root.split_once("命令:\n").expect("commands").1;
    let verbs: Vec<&str> = verbs
        .lines()
        .map_while(|line| line.strip_prefix("  ")?.split(' ').next())
        .collect();
    assert!(verbs.len() >= 7, "{root}");
    for width in WIDTHS {
        is_chinese("--help", &screen("zh", &["--help"], width), width);
        is_chinese("-h", &screen("zh", &["-h"], width), width);
        for verb in &verbs {
            let help = screen("zh", &[verb, "--help"], width);
            let english = [
                "Usage",
                "Options",
                "Arguments",
                "Print help",
                "possible values",
                "default:",
            ];
            assert!(english.iter().all(|word| !help.contains(word)), "{help}");
            is_chinese(verb, &help, width);
            // each option has its line in Chinese below or beside it
            let mut lines = help.lines().map(str::trim_start).peekable();
            while let Some(line) = lines.next() {
                if line.starts_with("--") || line.starts_with("-h") {
                    assert!(
                        han(line) || lines.peek().is_some_and(|next| han(next)),
                        "{verb}: {line}\n{help}"
                    );
                }
            }
        }
    }
}

#[test]
fn mistakes_are_complained_of_in_chinese() {
    let mistakes: [&[&str]; 17] = [
        &["scenario"],
        &["scenario", "2", "--foo"],
        &["scenaro"],
        &["2"],
        &["run"],
        &["run", "1", "--set", "file.size=2p"],
        &["run", "--measure"],
        &["scenario", "2", "--color", "blue"],
        &["scenario", "2", "--width", "9"],
        &["scenario", "2", "--width"],
        &["scenario", "2", "--report", "xml"],
        &["scenario", "2", "--report", "markdown"],
        &["scenario", "2", "--lang", "fr"],
        &["scenario", "/nowhere.toml"],
        &["doctor", "--report", "json"],
        &["explain", "nothing-of-this-name"],
        &["new", "UPPER/"],
    ];
    for args in mistakes {
        let text = screen("zh", args, 80);
        assert!(han(&text), "{args:?}: {text}");
        assert!(text.starts_with("lab: ") && !text.contains("Usage"), "{args:?}: {text}");
        assert!(text.lines().all(|line| !english(line)), "{args:?}: {text}");
    }
}

/// The flag is heard before anything is parsed, so that complaints of the other words are in its language too.
#[test]
fn the_flag_outweighs_the_environment() {
    let english = screen("en", &["--lang", "zh", "--foo"], 80);
    assert!(han(&english), "{english}");
    let chinese = screen("zh", &["doctor", "--help", "--lang=en"], 80);
    assert!(!han(&chinese.replace("zh: 中文", "")), "{chinese}");
}

/// Reports for machines are the same in every language.
#[test]
fn reports_for_machines_are_in_english() {
    let own = regex::Regex::new(r#""zh": "[^"]*""#).expect("a pattern");
    let times = regex::Regex::new(r#""timing": \{[^}]*\}"#).expect("a pattern");
    for what in [&["scenario", "2"][..], &["run", "56", "tests/screens/wrong.toml", "75"]] {
        for report in ["json", "strace"] {
            let args = [what, &["--report", report]].concat();
            let of = |lang| times.replace(&screen(lang, &args, 80), "").into_owned();
            assert_eq!(of("en"), of("zh"), "{args:?}");
            // both might be Chinese: what a scenario file says itself is in both languages, and nothing else is in any
            assert!(!han(&own.replace_all(&of("zh"), "")), "{args:?}");
        }
    }
    let claims = |lang| -> Vec<serde_json::Value> {
        let report: serde_json::Value =
            serde_json::from_str(&screen(lang, &["claims", "--report", "json"], 80)).expect("JSON");
        let claims = report["claims"].as_array().expect("claims").clone();
        // how many additions two processes lose is another number each time, and now and then none
        claims.into_iter().filter(|claim| claim["id"] != "n18").collect()
    };
    assert_eq!(claims("en"), claims("zh"));
    let table = screen("zh", &["claims", "--report", "markdown"], 80);
    assert!(
        table.starts_with("| 编号 | 论断 |") && table.contains("不成立"),
        "{table}"
    );
}
