//! The words of steps: what was done, what it changed, and what its calls alone would not tell.

use super::super::result::Quiet;
use super::picture::pages;
use crate::say::{Lang, lang, said, say};

texts! {
    no_call: "no system call", "没有系统调用";
    past_map_end: "past map_end, no page more", "超出 map_end, 没有多出一页";
    same_page: "inside the same page", "还在同一页之内";
    no_page: "no page came or went", "没有页增减";
    edges: "edges", "边界";
    look: "nothing called", "没有调用";
    beyond_nix: "nix would refuse to say this; called through libc", "nix 库不肯这样调用, 所以经由 libc";
    load: "load", "读";
}

/// What a first step begins with.
pub fn begins(eof: i64, alive: &[(i64, i64)]) -> String {
    match alive {
        [] if eof == 0 => said!("eof 0: no page has data", "eof 0: 没有一页有数据").to_string(),
        [] => say!("eof {eof}: no page answers", "eof {eof}: 没有一页可以访问"),
        _ => {
            let pages = pages(alive);
            say!("eof {eof}: {pages} alive", "eof {eof}: {pages}可用")
        }
    }
}

/// How one step differs from the one before, the longest form first; `still` is what to say of an end of file that moved
/// and changed no page.
pub fn changed(eof: (i64, i64), came: &[(i64, i64)], died: &[(i64, i64)], still: Option<&str>) -> Vec<String> {
    let mut what = Vec::new();
    if !came.is_empty() {
        let pages = pages(came);
        what.push(say!("{pages} came alive", "{pages}变为可用"));
    }
    if !died.is_empty() {
        let pages = pages(died);
        what.push(say!("{pages} died", "{pages}失效"));
    }
    let what = match what.is_empty() {
        true => still.unwrap_or_default().to_string(),
        false => what.join(", "),
    };
    if eof.0 == eof.1 {
        return vec![what];
    }
    vec![
        format!("eof {} -> {}: {what}", eof.0, eof.1),
        format!("eof {}: {what}", eof.1),
        what,
    ]
}

/// `store 'Z'`, before the place.
pub fn store(byte: Option<String>) -> String {
    match (byte, lang()) {
        (None, _) => said!("store", "写").to_owned(),
        (Some(byte), Lang::En) => format!("store {byte}"),
        (Some(byte), Lang::Zh) => format!("写 {byte} 到"),
    }
}

pub fn bytes(n: u64) -> String {
    if n == 1 {
        return said!("1 byte", "1 字节").to_owned();
    }
    say!("{n} bytes", "{n} 字节")
}

/// What a handler called.
pub fn handler(call: &str) -> String {
    say!("handler: {call}", "处理函数: {call}")
}

/// `file 5000 -> 0`
pub fn sizes_changed(sizes: &[(usize, u64, u64)]) -> String {
    let one = |(file, from, to): &(usize, u64, u64)| match file {
        0 => say!("file {from} -> {to}", "文件 {from} -> {to}"),
        n => format!("fd{} {from} -> {to}", n + 1),
    };
    sizes.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A step whose calls alone would not tell what it does.
pub fn quiet(quiet: Quiet) -> String {
    match quiet {
        Quiet::Fork(child) => say!(
            "fork: {child} begins, with a copy of all mappings",
            "fork: {child} 开始运行, 带着全部映射的副本"
        ),
        Quiet::Copy(len, from, to) => {
            say!(
                "copy {len} bytes, one by one: {from} to {to}",
                "逐字节复制 {len} 字节: 从 {from} 到 {to}"
            )
        }
        Quiet::Library(routine, from, to, len) => routine.call(from, to, len),
        Quiet::Race(times, true) => say!(
            "two processes add {times} times each, atomically; so many are lost",
            "两个进程各加 {times} 次, 用原子操作; 丢失的次数"
        ),
        Quiet::Race(times, false) => say!(
            "two processes add {times} times each, plainly; so many are lost",
            "两个进程各加 {times} 次, 用普通的加法; 丢失的次数"
        ),
        Quiet::Count("present") => said!(
            "count the pages with an entry: /proc/self/pagemap",
            "数一数有页表项的页: /proc/self/pagemap"
        )
        .into(),
        Quiet::Count("vmas") => said!("count the VMAs: /proc/self/maps", "数一数 VMA: /proc/self/maps").into(),
        Quiet::Count(_) => said!(
            "count the page faults: getrusage(RUSAGE_SELF)",
            "数一数缺页次数: getrusage(RUSAGE_SELF)"
        )
        .into(),
        Quiet::OnFault(word) => on_fault(word).into(),
    }
}

fn on_fault(word: &str) -> &'static str {
    match word {
        "ignore" => said!(
            "from now on SIGBUS and SIGSEGV are ignored",
            "从此忽略 SIGBUS 和 SIGSEGV"
        ),
        "block" => said!(
            "from now on SIGBUS and SIGSEGV are blocked",
            "从此阻塞 SIGBUS 和 SIGSEGV"
        ),
        "return" => said!(
            "from now on a handler returns, nothing repaired",
            "从此处理函数直接返回, 什么也不修复"
        ),
        "grow" => said!("from now on a handler grows the file", "从此处理函数把文件变大"),
        "own-stack" => said!(
            "from now on the stack pointer is where the access is",
            "从此栈指针就在被访问处"
        ),
        "cover" => said!(
            "from now on a handler maps a page over the place",
            "从此处理函数在出错处映射一页"
        ),
        _ => said!("from now on faults are noted", "从此记下每次出错的信号"),
    }
}
