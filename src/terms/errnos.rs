//! Errors of system calls, as mmap and its neighbours give them: asm-generic/errno.h.

use super::Term;

pub const ALL: &[Term] = &[
    Term {
        names: &["EINVAL"],
        en: "The arguments make no sense: a length of 0, an offset or address inside a page, neither MAP_SHARED nor MAP_PRIVATE, an advice that does not exist.",
        zh: "参数不合理: 长度为 0, 偏移或地址不在页边界, 既没有 MAP_SHARED 也没有 MAP_PRIVATE, 不存在的建议。",
        see: &["mmap"],
    },
    Term {
        names: &["ENOMEM"],
        en: "No room in the address space, or a page of the range is not mapped: mprotect, msync, mlock and madvise say so.",
        zh: "地址空间放不下, 或者这段地址中有一页没有映射: mprotect、msync、mlock、madvise 都这样说。",
        see: &["VMA"],
    },
    Term {
        names: &["EACCES"],
        en: "The file was not opened for that: every mapping needs a descriptor that may read, and a shared one that may be written needs one that may write.",
        zh: "文件打开时没有这个权限: 任何映射都要求描述符可读, 可写的共享映射还要求描述符可写。",
        see: &["MAP_SHARED"],
    },
    Term {
        names: &["EBADF"],
        en: "No open descriptor of that number, or one of O_PATH, which opens only a name.",
        zh: "没有这个编号的打开的描述符, 或者是 O_PATH 打开的 (它只打开名字)。",
        see: &["mmap"],
    },
    Term {
        names: &["ENODEV"],
        en: "This kind of file cannot be mapped: a directory, a pipe, /dev/null.",
        zh: "这种文件不能映射: 目录、管道、/dev/null。",
        see: &["mmap"],
    },
    Term {
        names: &["EEXIST"],
        en: "MAP_FIXED_NOREPLACE: something is mapped there already.",
        zh: "MAP_FIXED_NOREPLACE: 那里已经有映射了。",
        see: &["MAP_FIXED"],
    },
    Term {
        names: &["EFAULT"],
        en: "A system call was given an address that cannot be used. The kernel meets the bad page itself and returns an error where an instruction would have got a signal.",
        zh: "系统调用拿到一个不能用的地址。内核自己碰到了坏页, 于是返回错误码; 换成指令去访问, 得到的就是信号。",
        see: &["SIGBUS", "SIGSEGV"],
    },
    Term {
        names: &["EPERM"],
        en: "A seal or a privilege forbids it.",
        zh: "被封印禁止, 或者没有特权, 因而不允许。",
        see: &["seal"],
    },
    Term {
        names: &["EBUSY"],
        en: "It is in use: F_SEAL_WRITE while a writable shared mapping exists.",
        zh: "正在使用: 还有可写的共享映射时, 不能加 F_SEAL_WRITE。",
        see: &["seal"],
    },
    Term {
        names: &["EAGAIN"],
        en: "A limit is reached for now: MAP_LOCKED beyond RLIMIT_MEMLOCK.",
        zh: "暂时到了上限: MAP_LOCKED 超过 RLIMIT_MEMLOCK。",
        see: &["ENOMEM"],
    },
    Term {
        names: &["EOVERFLOW"],
        en: "Offset and length together pass the largest file offset.",
        zh: "偏移加长度超过了文件偏移的最大值。",
        see: &["EINVAL"],
    },
    Term {
        names: &["EOPNOTSUPP"],
        en: "The filesystem, or this mapping's type, cannot do that: MAP_SHARED_VALIDATE with a flag it does not know, fallocate modes on tmpfs.",
        zh: "文件系统或这种映射做不到: MAP_SHARED_VALIDATE 带了未知标志, tmpfs 上的某些 fallocate 模式。",
        see: &["MAP_SHARED_VALIDATE"],
    },
    Term {
        names: &["ENOSPC"],
        en: "The filesystem is full. write(2) can say so; an access through a mapping gets SIGBUS instead.",
        zh: "文件系统满了。write(2) 能这样说; 通过映射访问则得到 SIGBUS。",
        see: &["SIGBUS"],
    },
    Term {
        names: &["EFBIG"],
        en: "The file would become larger than RLIMIT_FSIZE allows, or than its filesystem can hold. Stores through a mapping do not ask RLIMIT_FSIZE.",
        zh: "文件将超过 RLIMIT_FSIZE, 或超过文件系统允许的最大长度。通过映射写入不受 RLIMIT_FSIZE 约束。",
        see: &["ENOSPC"],
    },
    Term {
        names: &["ENOENT"],
        en: "There is no such name. Who has the file open or mapped still has it.",
        zh: "没有这个名字。但已经打开或映射该文件的人仍然拥有它。",
        see: &["mmap"],
    },
    Term {
        names: &["ESPIPE", "EISDIR"],
        en: "The descriptor has no places to read from: a pipe, or a directory.",
        zh: "这个描述符没有位置可言: 管道, 或者目录。",
        see: &["ENODEV"],
    },
    Term {
        names: &["EIO", "ENXIO", "E2BIG", "ETXTBSY", "ENOSYS"],
        en: "Rarer errors: the device failed, there is none, too much was asked for, the file is a running program, or the kernel lacks the call.",
        zh: "较少见的错误: 设备出错, 没有设备, 要求过多, 文件是正在运行的程序, 或者内核没有这个调用。",
        see: &["EINVAL"],
    },
];
