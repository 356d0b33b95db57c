//! The tests of other suites on mmap and its neighbours: which of their assertions a scenario names among its sources, and
//! which none does, with the reason.

use crate::say::{Lang, lang};
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

/// Why no scenario shows it, in both languages.
const REASONS: [(&str, [&str; 2]); 17] = [
    (
        "POSIX mmap 5-1",
        [
            "that all combinations of protections succeed or say ENOTSUP asserts nothing",
            "「任何保护组合要么成功, 要么报 ENOTSUP」什么也没有断言",
        ],
    ),
    (
        "POSIX mmap 13-1",
        [
            "access times depend on how the filesystem is mounted",
            "访问时间取决于文件系统如何挂载",
        ],
    ),
    (
        "POSIX mmap 14-1",
        [
            "modification times are not part of the language yet",
            "情景的语言里还没有修改时间",
        ],
    ),
    (
        "POSIX mmap 24-1",
        [
            "needs tens of thousands of mappings, the limit of a stranger's file",
            "需要几万个映射, 超出情景文件的上限",
        ],
    ),
    (
        "POSIX mmap 27-1",
        [
            "that all combinations of protections succeed or say ENOTSUP asserts nothing",
            "「任何保护组合要么成功, 要么报 ENOTSUP」什么也没有断言",
        ],
    ),
    (
        "LTP mmap03",
        [
            "needs a processor on which executing does not imply reading",
            "需要一种可执行而不可读的处理器",
        ],
    ),
    (
        "LTP mmap04",
        [
            "asserts the lines of /proc/PID/maps, which no scenario reads",
            "断言 /proc/PID/maps 的各行, 而没有情景读它",
        ],
    ),
    (
        "LTP mmap11",
        [
            "needs tens of thousands of mappings, the limit of a stranger's file",
            "需要几万个映射, 超出情景文件的上限",
        ],
    ),
    (
        "LTP mmap16",
        [
            "needs a filesystem of its own on a block device",
            "需要块设备上一个单独的文件系统",
        ],
    ),
    (
        "LTP mmap18",
        [
            "MAP_GROWSDOWN is not part of the language yet",
            "情景的语言里还没有 MAP_GROWSDOWN",
        ],
    ),
    (
        "LTP mmap22",
        [
            "MAP_DROPPABLE shows only when memory is short",
            "MAP_DROPPABLE 只有内存不足时才看得出",
        ],
    ),
    (
        "LTP munmap04",
        [
            "needs tens of thousands of mappings, the limit of a stranger's file",
            "需要几万个映射, 超出情景文件的上限",
        ],
    ),
    (
        "LTP mprotect04",
        [
            "executing a page is not part of the language",
            "情景的语言里没有执行一页这件事",
        ],
    ),
    (
        "LTP msync02",
        [
            "needs a lock and MS_INVALIDATE together",
            "需要锁定内存与 MS_INVALIDATE 同时出现",
        ],
    ),
    (
        "LTP msync04",
        [
            "asserts bits of /proc/PID/pagemap about writeback",
            "断言 /proc/PID/pagemap 中有关回写的位",
        ],
    ),
    (
        "LTP mincore03",
        [
            "asserts a count of pages that the machine's memory decides",
            "断言的页数由机器的内存决定",
        ],
    ),
    (
        "POSIX munmap 8-1",
        [
            "asserts an address outside the address space; places count from a mapping",
            "断言的是地址空间之外的地址; 这里的位置都从映射算起",
        ],
    ),
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
                        .map_or(["no scenario asserts it yet", "目前还没有情景断言它"], |row| {
                            row.1
                        });
                    let reason = match lang() {
                        Lang::En => reason[0],
                        Lang::Zh => reason[1],
                    };
                    missing.push((name, reason.to_owned()));
                }
            }
        }
    }
    (shown, missing)
}
