//! The rooms of the house and who may know of whom: dependencies go one way, the kernel's voice never hears of an
//! expectation, the model asks no machine, and unsafe code lives in one folder.

use std::fs;
use std::path::{Path, PathBuf};

/// A room, the rooms it may import, and words that may not stand in it.
const ROOMS: [(&str, &[&str], &[&str]); 12] = [
    ("op", &["op"], &["std::", "nix::", "libc::"]),
    ("say", &["say"], &["nix::", "libc::"]),
    ("world", &["op", "say"], &[]),
    ("model", &["model", "op"], &["std::io", "nix::", "libc::", "std::fs"]),
    (
        "kernel",
        &["kernel", "op"],
        &["scenario", "Expected", "Want", "verdict::"],
    ),
    (
        "scenario",
        &["scenario", "op", "say"],
        &["nix::", "libc::", "Observation"],
    ),
    (
        "fuzz",
        &["fuzz", "model", "op", "scenario"],
        &["nix::", "libc::", "kernel::"],
    ),
    ("verdict", &["op"], &["nix::", "libc::"]),
    ("report", &["report", "verdict", "op", "say"], &["nix::", "libc::"]),
    ("terms", &["op"], &["std::", "nix::", "libc::"]),
    (
        "quiz",
        &["op", "scenario", "say"],
        &["nix::", "libc::", "kernel::", "model::"],
    ),
    (
        "command",
        &[
            "command", "fuzz", "kernel", "model", "op", "quiz", "report", "say", "scenario", "terms", "verdict",
            "world",
        ],
        &[],
    ),
];

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.flat_map(|entry| files(&entry.path())).collect()
}

fn room(name: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = files(&root.join(name));
    found.extend(files(&root.join(format!("{name}.rs"))));
    let found: Vec<_> = found
        .into_iter()
        .filter_map(|file| fs::read_to_string(&file).ok().map(|text| (file, code(&text))))
        .collect();
    assert!(!found.is_empty(), "there is a room {name}");
    found
}

/// Without comments, and without tests.
fn code(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: Vec<&str> = lines.collect();
    code.join("\n")
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn imports_go_one_way() {
    for (name, allowed, _) in ROOMS {
        for (file, code) in room(name) {
            for import in code.split("crate::").skip(1) {
                let other: String = import
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                assert!(allowed.contains(&other.as_str()), "{}: imports {other}", file.display());
            }
        }
    }
}

#[test]
fn no_room_speaks_of_what_it_may_not_know() {
    for (name, _, forbidden) in ROOMS {
        for (file, code) in room(name) {
            for word in forbidden {
                assert!(!code.contains(word), "{}: {word}", file.display());
            }
        }
    }
}

#[test]
fn unsafe_code_lives_in_one_folder() {
    for (name, _, _) in ROOMS {
        for (file, code) in room(name) {
            let free = !code.contains("unsafe_code") && !code.contains("unsafe {") && !code.contains("unsafe fn");
            assert!(name == "kernel" || free, "{}: unsafe", file.display());
        }
    }
}
