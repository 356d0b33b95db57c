//! The tests of other suites on mmap and its neighbours: which of their assertions a scenario names among its sources, and
//! which none does, with the reason.

use crate::scenario::builtins;

/// The Open POSIX tests of mmap and munmap, and LTP's of mmap, munmap, mprotect, mremap, msync and mincore.
const TESTS: [(&str, &str); 8] = [
    (
        "POSIX mmap",
        "1-1 1-2 3-1 5-1 6-1 6-2 6-3 6-4 6-5 6-6 7-1 7-2 7-3 7-4 9-1 10-1 11-1 11-2 11-3 11-4 11-5 11-6 12-1 13-1 14-1 18-1 \
         19-1 21-1 23-1 24-1 24-2 27-1 31-1 32-1",
    ),
    ("POSIX munmap", "1-1 1-2 2-1 3-1 4-1 8-1 9-1"),
    (
        "LTP mmap",
        "01 02 03 04 05 06 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22",
    ),
    ("LTP munmap", "01 03 04"),
    ("LTP mprotect", "01 02 03 04 05"),
    ("LTP mremap", "01 02 03 04 05 06 07"),
    ("LTP msync", "01 02 03 04"),
    ("LTP mincore", "01 02 03 04"),
];

/// Why no scenario shows it.
const REASONS: [(&str, &str); 17] = [
    (
        "POSIX mmap 5-1",
        "that all combinations of protections succeed or say ENOTSUP asserts nothing",
    ),
    (
        "POSIX mmap 13-1",
        "access times depend on how the filesystem is mounted",
    ),
    ("POSIX mmap 14-1", "modification times are not part of the language yet"),
    (
        "POSIX mmap 24-1",
        "needs tens of thousands of mappings, the limit of a stranger's file",
    ),
    (
        "POSIX mmap 27-1",
        "that all combinations of protections succeed or say ENOTSUP asserts nothing",
    ),
    (
        "LTP mmap03",
        "needs a processor on which executing does not imply reading",
    ),
    (
        "LTP mmap04",
        "asserts the lines of /proc/PID/maps, which no scenario reads",
    ),
    (
        "LTP mmap11",
        "needs tens of thousands of mappings, the limit of a stranger's file",
    ),
    ("LTP mmap16", "needs a filesystem of its own on a block device"),
    ("LTP mmap18", "MAP_GROWSDOWN is not part of the language yet"),
    ("LTP mmap22", "MAP_DROPPABLE shows only when memory is short"),
    (
        "LTP munmap04",
        "needs tens of thousands of mappings, the limit of a stranger's file",
    ),
    ("LTP mprotect04", "executing a page is not part of the language"),
    ("LTP msync02", "needs a lock and MS_INVALIDATE together"),
    ("LTP msync04", "asserts bits of /proc/PID/pagemap about writeback"),
    (
        "LTP mincore03",
        "asserts a count of pages that the machine's memory decides",
    ),
    ("LTP mremap04", "needs System V shared memory"),
];

/// A test and, where no scenario shows it, the reason; else the scenario.
pub type Row = (String, String);

/// The tests that scenarios show, and those that none does.
pub fn lists() -> (Vec<Row>, Vec<Row>) {
    let (mut shown, mut missing) = (Vec::new(), Vec::new());
    for (suite, tests) in TESTS {
        for test in tests.split_whitespace() {
            let name = if suite.starts_with("POSIX") {
                format!("{suite} {test}")
            } else {
                format!("{suite}{test}")
            };
            let quoted = format!("\"{name}\"");
            match builtins().find(|builtin| builtin.text.contains(&quoted)) {
                Some(builtin) => shown.push((name, builtin.id.to_owned())),
                None => {
                    let reason = REASONS
                        .iter()
                        .find(|row| row.0 == name)
                        .map_or("no scenario asserts it yet", |row| row.1);
                    missing.push((name, reason.to_owned()));
                }
            }
        }
    }
    (shown, missing)
}
