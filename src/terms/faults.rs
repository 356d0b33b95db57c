//! Signals and their codes: sigaction(2).

use super::Term;

pub const ALL: &[Term] = &[
    Term {
        names: &["SIGBUS", "bus error", "总线错误", "135"],
        en: "There is an address and no data behind it. The page belongs to the mapping, and the file has no page there: it ends before, or it was truncated, or the filesystem had no room. An instruction cannot return an error, so the kernel sends a signal; without a handler the process dies (shells show 135).",
        zh: "地址是有的, 但背后没有数据。这一页属于映射, 文件却没有对应的页: 文件在它之前就结束了, 或者被截断了, 或者文件系统没有空间了。访存指令无法返回错误码, 内核只好发信号; 没有处理函数的进程会死掉 (shell 显示 135)。",
        see: &["BUS_ADRERR", "SIGSEGV", "truncate"],
    },
    Term {
        names: &["SIGSEGV", "SIGSECV", "segmentation fault", "段错误", "139"],
        en: "There is no address, or not for this access. Either no mapping covers the byte (SEGV_MAPERR), or one does and its protection forbids the access (SEGV_ACCERR). The file is not even looked at.",
        zh: "没有这个地址, 或者不允许这样访问。要么没有任何映射包含这个字节 (SEGV_MAPERR), 要么有映射但保护属性不允许 (SEGV_ACCERR)。此时内核根本不看文件。",
        see: &["SEGV_MAPERR", "SEGV_ACCERR", "SIGBUS"],
    },
    Term {
        names: &["truncate", "ftruncate", "截断"],
        en: "To give a file another size. Who has it mapped is not asked: pages behind the new end are taken away at once, private copies too, and the next touch there is SIGBUS. This is how programs die that map a log while it is rotated: lab scenario reader, and lab scenario sealed-reader for what helps.",
        zh: "给文件另一个大小。内核不会问谁映射着它: 新末尾之后的页立刻被拿走, 私有副本也不例外, 下一次访问就是 SIGBUS。程序映射着日志而日志被轮转时, 就是这样死的: 见 lab scenario reader; 对策见 lab scenario sealed-reader。",
        see: &["SIGBUS", "M5", "M6"],
    },
    Term {
        names: &["SEGV_MAPERR"],
        en: "si_code 1 of SIGSEGV: no VMA covers the address. Behind map_end, before base, after munmap, and in a guard page.",
        zh: "SIGSEGV 的 si_code 1: 没有 VMA 包含这个地址。map_end 之后、base 之前、munmap 之后, 以及保护页里, 都是它。",
        see: &["VMA", "map_end"],
    },
    Term {
        names: &["SEGV_ACCERR"],
        en: "si_code 2 of SIGSEGV: a VMA covers the address, and its protection forbids the access. It is decided before the file is looked at, so it wins over SIGBUS also behind the end of the file.",
        zh: "SIGSEGV 的 si_code 2: 有 VMA 包含这个地址, 但保护属性不允许这样访问。它在查看文件之前就决定了, 所以即使在文件末尾之后, 也是它而不是 SIGBUS。",
        see: &["PROT_READ", "SIGBUS"],
    },
    Term {
        names: &["SEGV_BNDERR"],
        en: "si_code 3 of SIGSEGV: a bounds check of the processor failed. No mapping of this laboratory raises it.",
        zh: "SIGSEGV 的 si_code 3: 处理器的边界检查失败。本程序的映射不会产生它。",
        see: &["SIGSEGV"],
    },
    Term {
        names: &["SEGV_PKUERR"],
        en: "si_code 4 of SIGSEGV: a memory protection key forbids the access: pkeys(7). It needs a processor that has them.",
        zh: "SIGSEGV 的 si_code 4: 内存保护键不允许这次访问, 见 pkeys(7)。需要处理器支持。",
        see: &["SEGV_ACCERR"],
    },
    Term {
        names: &["SEGV_MTEAERR", "SEGV_MTESERR"],
        en: "si_codes 8 and 9 of SIGSEGV: a tag of memory tagging on arm64 did not match, noticed late or at once.",
        zh: "SIGSEGV 的 si_code 8 和 9: arm64 的内存标签不匹配, 分别是事后发现和当场发现。",
        see: &["SIGSEGV"],
    },
    Term {
        names: &["SEGV_CPERR"],
        en: "si_code 10 of SIGSEGV: the processor's shadow stack did not agree with a return address.",
        zh: "SIGSEGV 的 si_code 10: 处理器的影子栈与返回地址不一致。",
        see: &["SIGSEGV"],
    },
    Term {
        names: &["SI_KERNEL"],
        en: "si_code 128: the kernel sent the signal and knows no address, so si_addr is 0. On x86_64 this is what a non-canonical address gets; it is no NULL pointer.",
        zh: "si_code 128: 信号由内核发出, 但没有地址, 所以 si_addr 是 0。在 x86_64 上访问非规范地址就会这样; 它并不是空指针。",
        see: &["si_addr"],
    },
    Term {
        names: &["SI_USER", "SI_TKILL", "SI_QUEUE"],
        en: "si_code 0, -6 and -1: no access raised the signal, somebody sent it, by kill, by raise or by sigqueue. There is no si_addr then; who sent it stands in si_pid.",
        zh: "si_code 为 0、-6、-1: 不是访问引起的, 是有人发来的: kill、raise、sigqueue。这时没有 si_addr; 谁发的写在 si_pid 里。",
        see: &["si_code", "handler"],
    },
    Term {
        names: &["BUS_ADRALN"],
        en: "si_code 1 of SIGBUS: the address is not aligned as the access needs it. Ordinary loads and stores of x86_64 and arm64 need no alignment.",
        zh: "SIGBUS 的 si_code 1: 地址没有按要求对齐。x86_64 和 arm64 的普通读写不要求对齐。",
        see: &["SIGBUS", "M3"],
    },
    Term {
        names: &["BUS_ADRERR"],
        en: "si_code 2 of SIGBUS: the mapping has this page and the object behind it has not. It is the usual one: the end of the file lies before the page.",
        zh: "SIGBUS 的 si_code 2: 映射里有这一页, 背后的对象却没有。这是最常见的情形: 文件在这一页之前就结束了。",
        see: &["SIGBUS", "eof_page"],
    },
    Term {
        names: &["BUS_OBJERR"],
        en: "si_code 3 of SIGBUS: an error of the hardware behind an object. Nothing here raises it.",
        zh: "SIGBUS 的 si_code 3: 对象背后的硬件出错。这里不会出现。",
        see: &["SIGBUS"],
    },
    Term {
        names: &["BUS_MCEERR_AR", "BUS_MCEERR_AO"],
        en: "si_codes 4 and 5 of SIGBUS: memory has broken. AR: this very access met it. AO: it was found elsewhere, at any moment, so it says nothing of an access.",
        zh: "SIGBUS 的 si_code 4 和 5: 内存坏了。AR 表示正是这次访问碰到的; AO 表示在别处发现, 随时可能到来, 与某次访问无关。",
        see: &["SIGBUS"],
    },
    Term {
        names: &["si_code"],
        en: "The number in a signal's siginfo that says why it was sent. Above 0 the kernel raised it for an access; 0 and below another process or the program itself sent it, and it is no fault at all.",
        zh: "信号的 siginfo 中说明原因的编号。大于 0 表示内核因某次访问而发; 小于等于 0 表示由别的进程或程序自己发送, 根本不是访存错误。",
        see: &["si_addr", "SIGBUS", "SIGSEGV"],
    },
    Term {
        names: &["si_addr"],
        en: "The address in a fault's siginfo: on x86_64 and arm64 the very byte that was touched. Of an access across two pages it is the first byte of the bad page.",
        zh: "出错信号的 siginfo 里的地址: 在 x86_64 和 arm64 上就是所访问的那个字节。跨两页的访问, 它是坏页的第一个字节。",
        see: &["si_code"],
    },
    Term {
        names: &["handler", "信号处理函数"],
        en: "A function that runs when a signal arrives. When it returns, the instruction that faulted is executed again: it must have repaired the place, or gone elsewhere, or the fault comes again for ever.",
        zh: "信号到来时运行的函数。它返回后, 出错的那条指令会重新执行: 所以它要么已经修好那个地方, 要么跳到别处继续执行, 否则同样的错误会没完没了。",
        see: &["loops", "SIGBUS"],
    },
    Term {
        names: &["loops"],
        en: "The handler returned and repaired nothing, so the same instruction faulted again and again. The laboratory stops counting after a while.",
        zh: "处理函数返回了, 什么也没修好, 于是同一条指令一次又一次出错。本程序数到一定次数就停下。",
        see: &["handler"],
    },
    Term {
        names: &["killed"],
        en: "The process died of the signal. A fault's signal cannot be ignored or blocked: the kernel restores the default action first.",
        zh: "进程死于该信号。因访存错误产生的信号既不能忽略也不能阻塞: 内核会先恢复默认动作。",
        see: &["handler", "SIGBUS"],
    },
    Term {
        names: &["witness", "holder"],
        en: "The holder is the child that makes the mapping and every access. For each fault it survives, it forks a witness, which repeats the access and really dies of it. The two must agree.",
        zh: "holder 是建立映射并执行每次访问的子进程。它每挺过一次错误, 就派生一个 witness 重复这次访问并真正死于它。两者必须一致。",
        see: &["SIGBUS", "fork"],
    },
];
