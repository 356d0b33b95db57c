//! What a student has to know before the questions: the calls that set the stage and the steps up to the last question, as
//! a programmer would write them. Without results, for these are what is asked.

mod words;

use words::{advised, counted, mapped, on_fault, sealed};

use crate::op::{Access, Act, FileId, FileKind, Growth, Limit, Op, Rights, proc_name};
use crate::say::{said, say};
use crate::scenario::Plan;

/// What makes the files, the processes and the mappings.
pub fn setup(plan: &Plan) -> Vec<String> {
    let Some(step) = plan.steps.first() else {
        return Vec::new();
    };
    step.acts[..step.setup].iter().map(|act| line(act, plan)).collect()
}

/// The steps up to the last that is asked about, each with its number; none where the scenario has no steps of its own.
pub fn happened(plan: &Plan, last: usize) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    for (n, step) in plan.steps.iter().enumerate().take(last + 1) {
        let acts = &step.acts[step.setup.min(step.acts.len())..];
        lines.extend(acts.iter().map(|act| (n + 1, line(act, plan))));
        if acts.is_empty() && plan.steps.len() > 1 {
            lines.push((n + 1, said!("nothing else happens", "没有别的操作").to_owned()));
        }
    }
    lines
}

fn line(act: &Act, plan: &Plan) -> String {
    let what = call(&act.op);
    if plan.scripts[0].processes() > 1 {
        format!("{}: {what}", proc_name(act.by))
    } else {
        what
    }
}

/// One operation as it is written.
pub fn call(op: &Op) -> String {
    match *op {
        Op::Create { file, kind } => match kind {
            FileKind::Regular | FileKind::Named => {
                say!("{} = open(a new, empty file)", "{} = open(新的空文件)", fd(file))
            }
            FileKind::Memfd { .. } => format!("{} = memfd_create()", fd(file)),
            FileKind::Shm => say!("{} = shm_open(a new name)", "{} = shm_open(新名字)", fd(file)),
            FileKind::Zero => format!("{} = open(\"/dev/zero\")", fd(file)),
            FileKind::Null => format!("{} = open(\"/dev/null\")", fd(file)),
            FileKind::Directory => format!("{} = open(\"/\")", fd(file)),
            FileKind::Pipe => format!("{} = pipe()", fd(file)),
            FileKind::Eventfd => format!("{} = eventfd()", fd(file)),
        },
        Op::Reopen { file, of, rights } => {
            let flags = match rights {
                Rights::Read => "O_RDONLY",
                Rights::Write => "O_WRONLY",
                Rights::ReadWrite => "O_RDWR",
                Rights::Append => "O_RDWR|O_APPEND",
                Rights::Truncate => "O_RDWR|O_TRUNC",
                Rights::Path => "O_PATH",
            };
            say!(
                "{} = open(the file of {}, {flags})",
                "{} = open({} 的文件, {flags})",
                fd(file),
                fd(of)
            )
        }
        Op::OpenName { file, name } => say!(
            "{} = open(the name of {})",
            "{} = open({} 的文件名)",
            fd(file),
            fd(name)
        ),
        Op::Unlink { name } => say!("unlink(the name of {})", "unlink({} 的文件名)", fd(name)),
        Op::Rename { from, to } => {
            say!(
                "rename(the name of {}, over that of {})",
                "rename({} 的文件名, 覆盖 {} 的文件名)",
                fd(from),
                fd(to)
            )
        }
        Op::Close { file } => format!("close({})", fd(file)),
        Op::Write { file, at, len, byte } => {
            let byte = char::from(byte);
            let text = match len {
                1 => format!("\"{byte}\""),
                _ => format!("\"{byte}{byte}{byte}\"..."),
            };
            format!("pwrite({}, {text}, {len}, {at})", fd(file))
        }
        Op::Truncate { file, size } => format!("ftruncate({}, {size})", fd(file)),
        Op::Allocate { file, mode, at, len } => {
            let mode = match mode {
                Growth::Extend => "0",
                Growth::Keep => "FALLOC_FL_KEEP_SIZE",
                Growth::Punch => "FALLOC_FL_PUNCH_HOLE|FALLOC_FL_KEEP_SIZE",
                Growth::Collapse => "FALLOC_FL_COLLAPSE_RANGE",
                Growth::Insert => "FALLOC_FL_INSERT_RANGE",
            };
            format!("fallocate({}, {mode}, {at}, {len})", fd(file))
        }
        Op::Seal { file, seals } => format!("fcntl({}, F_ADD_SEALS, {})", fd(file), sealed(seals)),
        Op::Read { file, at } => format!("pread({}, byte, 1, {at})", fd(file)),
        Op::Send { file, at, from, len } => format!("pwrite({}, {}, {len}, {at})", fd(file), from),
        Op::Receive { file, at, to, len } => format!("pread({}, {}, {len}, {at})", fd(file), to),
        Op::Map { at, mapping } => mapped(at, &mapping),
        Op::Unmap { at, len } => format!("munmap({}, {len})", at),
        Op::Protect { at, len, prot } => format!("mprotect({}, {len}, {prot})", at),
        Op::Remap { at, len, new, to, keep } => match to {
            Some(to) if keep => {
                let flags = "MREMAP_MAYMOVE|MREMAP_FIXED|MREMAP_DONTUNMAP";
                format!("mremap({}, {len}, {new}, {flags}, {})", at, to)
            }
            None if keep => format!("mremap({}, {len}, {new}, MREMAP_MAYMOVE|MREMAP_DONTUNMAP)", at),
            Some(to) => format!("mremap({}, {len}, {new}, MREMAP_MAYMOVE|MREMAP_FIXED, {})", at, to),
            None => format!("mremap({}, {len}, {new}, 0)", at),
        },
        Op::Advise { at, len, advice } => format!("madvise({}, {len}, {})", at, advised(advice)),
        Op::Sync { at, len } => format!("msync({}, {len}, MS_SYNC)", at),
        Op::Lock { at, len } => format!("mlock({}, {len})", at),
        Op::Unlock { at, len } => format!("munlock({}, {len})", at),
        Op::Touch { at, access } => match access {
            Access::Load => say!("load {}", "读 {}", at),
            Access::Store(byte) => say!("store '{}' {}", "写 '{}' {}", char::from(byte), at),
            Access::LoadWide => say!("load {} (8 bytes)", "读 {} (8 字节)", at),
            Access::StoreWide(byte) => say!("store '{}' {} (8 bytes)", "写 '{}' {} (8 字节)", char::from(byte), at),
        },
        Op::Ask(quantity) => counted(quantity),
        Op::Race { at, times, atomic } => {
            let how = if atomic {
                said!("atomically", "原子地")
            } else {
                said!("load, add, store", "读、加、写")
            };
            say!(
                "two processes add 1 to {}, {times} times each, {how}: lost additions",
                "两个进程各对 {} 加 1 共 {times} 次, {how}: 丢失的次数",
                at
            )
        }
        Op::Mount { bytes, huge } => {
            let huge = if huge { ", huge=always" } else { "" };
            say!(
                "mount a tmpfs of {bytes} bytes for the files{huge}",
                "为文件挂载 {bytes} 字节的 tmpfs{huge}"
            )
        }
        Op::Mseal { at, len } => format!("mseal({}, {len})", at),
        Op::Userfaultfd { at, len } => format!("userfaultfd({}, {len}, UFFD_FEATURE_SIGBUS)", at),
        Op::Copy { from, to, len } => say!(
            "copy {len} bytes, one by one, from {} to {}",
            "逐字节复制 {len} 字节, 从 {} 到 {}",
            from,
            to
        ),
        Op::Library { routine, from, to, len } => routine.call(from, to, len),
        Op::Fork { child } => say!("fork() = process {}", "fork() = 进程 {}", proc_name(child)),
        Op::OnFault(what) => on_fault(what),
        Op::Raise(how) => words::sent(how).to_owned(),
        Op::Limit(limit, bytes) => {
            let name = match limit {
                Limit::FileSize => "RLIMIT_FSIZE",
                Limit::AddressSpace => "RLIMIT_AS",
                Limit::Locked => "RLIMIT_MEMLOCK",
                Limit::Stack => "RLIMIT_STACK",
            };
            match limit {
                Limit::AddressSpace => say!(
                    "setrlimit({name}, in use + {bytes})",
                    "setrlimit({name}, 已用 + {bytes})"
                ),
                _ => format!("setrlimit({name}, {bytes})"),
            }
        }
    }
}

fn fd(file: FileId) -> String {
    numbered("fd", file)
}

fn numbered(name: &str, n: usize) -> String {
    if n == 0 {
        name.to_owned()
    } else {
        format!("{name}{}", n + 1)
    }
}
