//! Flags as strace writes them. It may not know which call they belong to, nor what it is for.

use nix::sys::mman::{MapFlags, ProtFlags};

use super::signal;
use crate::kernel::fault;

pub fn rt_sigaction(a: &[u64; 6]) -> String {
    let mut flags = Vec::new();
    if cfg!(target_arch = "x86_64") {
        flags.push("SA_RESTORER"); // the C library adds it
    }
    let handler = ["SIG_DFL", "handler", "SIG_IGN"][a[1].min(2) as usize];
    if a[1] == 1 {
        use nix::sys::signal::SaFlags;
        let names = [
            (SaFlags::SA_ONSTACK, "SA_ONSTACK"),
            (SaFlags::SA_NODEFER, "SA_NODEFER"),
            (SaFlags::SA_SIGINFO, "SA_SIGINFO"),
        ];
        flags.extend(
            names
                .iter()
                .filter(|(flag, _)| fault::FLAGS.contains(*flag))
                .map(|(_, name)| *name),
        );
    }
    let flags = if flags.is_empty() {
        "0".to_owned()
    } else {
        flags.join("|")
    };
    format!(
        "rt_sigaction({}, {{sa_handler={handler}, sa_mask=[], sa_flags={flags}}}, old, 8)",
        signal(a[0] as i32)
    )
}

pub fn open_flags(bits: i32) -> &'static str {
    match bits & !libc::O_CLOEXEC & !libc::O_LARGEFILE {
        libc::O_RDONLY => "O_RDONLY|O_CLOEXEC",
        libc::O_WRONLY => "O_WRONLY|O_CLOEXEC",
        libc::O_RDWR => "O_RDWR|O_CLOEXEC",
        bits if bits & libc::O_CREAT != 0 => "O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC",
        bits if bits & libc::O_PATH != 0 => "O_RDONLY|O_CLOEXEC|O_PATH",
        bits if bits & libc::O_APPEND != 0 => "O_RDWR|O_APPEND|O_CLOEXEC",
        bits if bits & libc::O_TRUNC != 0 => "O_RDWR|O_TRUNC|O_CLOEXEC",
        bits if bits & libc::O_TMPFILE == libc::O_TMPFILE => "O_RDWR|O_EXCL|O_CLOEXEC|O_TMPFILE",
        _ => "O_RDONLY|O_CLOEXEC|O_DIRECTORY",
    }
}

pub fn protection(bits: u64) -> String {
    let prot = ProtFlags::from_bits_retain(bits as i32);
    let read = prot.contains(ProtFlags::PROT_READ);
    let write = prot.contains(ProtFlags::PROT_WRITE);
    let exec = prot.contains(ProtFlags::PROT_EXEC);
    crate::op::Prot { read, write, exec }.to_string()
}

pub fn map_flags(flags: MapFlags) -> String {
    let kind = match flags.bits() & 3 {
        libc::MAP_SHARED => "MAP_SHARED",
        libc::MAP_PRIVATE => "MAP_PRIVATE",
        libc::MAP_SHARED_VALIDATE => "MAP_SHARED_VALIDATE",
        _ => "MAP_FILE", // strace's word for no type at all
    };
    let names = [
        (libc::MAP_FIXED, "MAP_FIXED"),
        (libc::MAP_ANONYMOUS, "MAP_ANONYMOUS"),
        (libc::MAP_LOCKED, "MAP_LOCKED"),
        (libc::MAP_NORESERVE, "MAP_NORESERVE"),
        (libc::MAP_GROWSDOWN, "MAP_GROWSDOWN"),
        (libc::MAP_POPULATE, "MAP_POPULATE"),
        (libc::MAP_SYNC, "MAP_SYNC"),
        (libc::MAP_FIXED_NOREPLACE, "MAP_FIXED_NOREPLACE"),
        (1 << 25, "0x2000000"),
    ];
    let more = names
        .iter()
        .filter(|(bit, _)| flags.bits() & bit != 0)
        .map(|(_, name)| *name);
    std::iter::once(kind).chain(more).collect::<Vec<&str>>().join("|")
}

pub fn advice(number: i32) -> String {
    let name = match number {
        libc::MADV_DONTNEED => "MADV_DONTNEED",
        libc::MADV_FREE => "MADV_FREE",
        libc::MADV_REMOVE => "MADV_REMOVE",
        libc::MADV_WILLNEED => "MADV_WILLNEED",
        libc::MADV_POPULATE_READ => "MADV_POPULATE_READ",
        libc::MADV_POPULATE_WRITE => "MADV_POPULATE_WRITE",
        102 => "MADV_GUARD_INSTALL",
        103 => "MADV_GUARD_REMOVE",
        libc::MADV_DONTFORK => "MADV_DONTFORK",
        libc::MADV_WIPEONFORK => "MADV_WIPEONFORK",
        other => return other.to_string(),
    };
    name.to_owned()
}

pub fn seals(bits: i32) -> String {
    let names = [
        (libc::F_SEAL_SEAL, "F_SEAL_SEAL"),
        (libc::F_SEAL_SHRINK, "F_SEAL_SHRINK"),
        (libc::F_SEAL_GROW, "F_SEAL_GROW"),
        (libc::F_SEAL_WRITE, "F_SEAL_WRITE"),
        (libc::F_SEAL_FUTURE_WRITE, "F_SEAL_FUTURE_WRITE"),
    ];
    let set: Vec<&str> = names
        .iter()
        .filter(|(bit, _)| bits & bit != 0)
        .map(|(_, name)| *name)
        .collect();
    set.join("|")
}

pub fn fallocate(bits: i32) -> String {
    let names = [
        (libc::FALLOC_FL_KEEP_SIZE, "FALLOC_FL_KEEP_SIZE"),
        (libc::FALLOC_FL_PUNCH_HOLE, "FALLOC_FL_PUNCH_HOLE"),
        (libc::FALLOC_FL_COLLAPSE_RANGE, "FALLOC_FL_COLLAPSE_RANGE"),
        (libc::FALLOC_FL_INSERT_RANGE, "FALLOC_FL_INSERT_RANGE"),
    ];
    let set: Vec<&str> = names
        .iter()
        .filter(|(bit, _)| bits & bit != 0)
        .map(|(_, name)| *name)
        .collect();
    if set.is_empty() { "0".to_owned() } else { set.join("|") }
}

/// A row of equal bytes as strace shows it: 32 of them, then dots.
pub fn text(byte: u64, count: u64) -> String {
    let one = match byte as u8 {
        b'"' => "\\\"".to_owned(),
        b'\\' => "\\\\".to_owned(),
        byte @ b' '..=b'~' => char::from(byte).to_string(),
        byte => format!("\\{byte:o}"),
    };
    format!(
        "\"{}\"{}",
        one.repeat(count.min(32) as usize),
        if count > 32 { "..." } else { "" }
    )
}
