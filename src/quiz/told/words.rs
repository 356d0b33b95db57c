//! The words for arguments of calls: flags, advice, quantities, dispositions.

use super::fd;
use crate::op::{Advice, Mapping, OnFault, Place, Quantity, Seals, Sending, Source};
use crate::say::{said, say};

pub fn mapped(at: Place, m: &Mapping) -> String {
    let fixed = if m.flags.fixed { "|MAP_FIXED" } else { "" };
    let more = [
        (m.flags.no_replace, "|MAP_FIXED_NOREPLACE"),
        (m.flags.populate, "|MAP_POPULATE"),
        (m.flags.locked, "|MAP_LOCKED"),
        (m.flags.no_reserve, "|MAP_NORESERVE"),
        (m.flags.grows_down, "|MAP_GROWSDOWN"),
        (m.flags.sync, "|MAP_SYNC"),
        (m.flags.unknown, "|1<<25"),
        (m.source == Source::Anonymous, "|MAP_ANONYMOUS"),
    ];
    let more: String = more.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect();
    let source = match m.source {
        Source::File(file) => fd(file),
        _ => "-1".to_owned(),
    };
    format!(
        "mmap({}, {}, {}, {}{fixed}{more}, {source}, {})",
        at, m.len, m.prot, m.share, m.offset
    )
}

pub fn counted(quantity: Quantity) -> String {
    match quantity {
        Quantity::Size(file) => say!("the size of {}", "{} 的大小", fd(file)),
        Quantity::Blocks(file) => say!("bytes of storage of {}", "{} 占用的存储字节数", fd(file)),
        Quantity::Resident(at, len) => say!(
            "mincore({}, {len}): pages in memory",
            "mincore({}, {len}): 内存中的页数",
            at
        ),
        Quantity::Present(at, len) => say!(
            "pages with an entry in the page table: {}, {len} bytes",
            "页表中已有的页数: {}, {len} 字节",
            at
        ),
        Quantity::Vmas(at, len) => say!(
            "VMAs in /proc/self/maps: {}, {len} bytes",
            "/proc/self/maps 中的 VMA 数: {}, {len} 字节",
            at
        ),
        Quantity::MajorFaults => said!("major page faults since last asked", "上次询问以来的主缺页次数").to_owned(),
        Quantity::Faults => said!("page faults since last asked", "上次询问以来的缺页次数").to_owned(),
    }
}

pub fn on_fault(what: OnFault) -> String {
    match what {
        OnFault::Note => said!(
            "from now on SIGBUS and SIGSEGV are caught",
            "从现在起捕获 SIGBUS 和 SIGSEGV"
        )
        .to_owned(),
        OnFault::Ignore => said!(
            "from now on SIGBUS and SIGSEGV are ignored",
            "从现在起忽略 SIGBUS 和 SIGSEGV"
        )
        .to_owned(),
        OnFault::Block => said!(
            "from now on SIGBUS and SIGSEGV are blocked",
            "从现在起屏蔽 SIGBUS 和 SIGSEGV"
        )
        .to_owned(),
        OnFault::Return => said!(
            "from now on a handler returns, nothing repaired",
            "从现在起处理函数直接返回, 不做修复"
        )
        .to_owned(),
        OnFault::Grow { file, size } => {
            say!(
                "from now on a handler gives {} {size} bytes, and returns",
                "从现在起处理函数把 {} 增长到 {size} 字节再返回",
                fd(file)
            )
        }
        OnFault::Cover => said!(
            "from now on a handler maps an anonymous page there, and returns",
            "从现在起处理函数在出错处映射一个匿名页再返回"
        )
        .to_owned(),
        OnFault::OwnStack => said!(
            "from now on the stack pointer is where the access is, and the handler has no other stack",
            "从现在起栈指针就在被访问处, 处理函数没有别的栈"
        )
        .to_owned(),
    }
}

pub fn sealed(seals: Seals) -> String {
    let names = [
        (seals.seal, "F_SEAL_SEAL"),
        (seals.shrink, "F_SEAL_SHRINK"),
        (seals.grow, "F_SEAL_GROW"),
        (seals.write, "F_SEAL_WRITE"),
        (seals.future_write, "F_SEAL_FUTURE_WRITE"),
    ];
    let set: Vec<&str> = names.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    set.join("|")
}

pub fn advised(advice: Advice) -> &'static str {
    match advice {
        Advice::DontNeed => "MADV_DONTNEED",
        Advice::Free => "MADV_FREE",
        Advice::Remove => "MADV_REMOVE",
        Advice::WillNeed => "MADV_WILLNEED",
        Advice::PopulateRead => "MADV_POPULATE_READ",
        Advice::PopulateWrite => "MADV_POPULATE_WRITE",
        Advice::GuardInstall => "MADV_GUARD_INSTALL",
        Advice::GuardRemove => "MADV_GUARD_REMOVE",
        Advice::DontFork => "MADV_DONTFORK",
        Advice::WipeOnFork => "MADV_WIPEONFORK",
        Advice::Unknown => "999",
    }
}

pub fn sent(how: Sending) -> &'static str {
    match how {
        Sending::Raise => "raise(SIGBUS)",
        Sending::Kill => "kill(getpid(), SIGBUS)",
        Sending::Queue => "sigqueue(getpid(), SIGBUS, 0)",
    }
}
