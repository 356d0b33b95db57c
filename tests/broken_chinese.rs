//! Every complaint about a broken file, in Chinese and to the letter: its own program, for a process speaks one language.
//! `SNAPSHOTS=overwrite cargo test --test broken_chinese` writes them anew; read them aloud before you commit them.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;

use mmap_lab::command::Foretelling;
use mmap_lab::op::World;
use mmap_lab::say::{Lang, speak};
use mmap_lab::scenario::{load, plan};

fn han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// A line of the file, a place in it, a repair, or the frame: these are not in any language.
fn is_of_the_file(line: &str) -> bool {
    let text = line.trim_start();
    text.starts_with("-->")
        || text.starts_with(":::")
        || text.starts_with("= try:")
        || text.starts_with("...")
        || text
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ')
            .starts_with('|')
            && !text.contains('^')
            && !text.contains("--")
        // the rest of a list of keys
        || line.starts_with("     ") && text.trim_end_matches(',').split(", ").all(|word| !word.contains(' '))
        || text.chars().all(|c| " |^-_/".contains(c))
}

#[test]
fn broken_files_get_these_complaints_in_chinese() {
    speak(Lang::Zh);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = fs::read_dir(root.join("tests/broken"))
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    let mut all = String::new();
    for path in paths {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("UTF-8");
        let planned =
            load(&name, &text, &[]).and_then(|scenario| plan(&scenario, &World::textbook(4096), &Foretelling));
        let complaints = planned.expect_err("it is broken").render(false);
        for line in complaints.lines().filter(|line| !is_of_the_file(line)) {
            assert!(line.chars().any(han), "{name}: {line}\n{complaints}");
            let ambiguous = |c: char| "\u{201c}\u{201d}\u{2018}\u{2019}\u{2026}\u{2014}\u{b7}".contains(c);
            // What an input method typed is shown as it was typed.
            assert!(!line.contains(ambiguous) || line.contains("输入法"), "{name}: {line}");
        }
        all.push_str(&complaints);
        all.push('\n');
    }
    let pinned = root.join("tests/broken/zh.pinned");
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        fs::write(&pinned, &all).expect("written");
    }
    let expected = fs::read_to_string(&pinned).expect("it is pinned");
    let both = all.lines().zip(expected.lines());
    for (n, (now, then)) in both.enumerate() {
        assert_eq!(now, then, "line {}", n + 1);
    }
    assert_eq!(all.len(), expected.len());
}
