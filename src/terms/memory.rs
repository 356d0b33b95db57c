//! Terms of art, also those of the course notes.

use super::Term;

pub const ALL: &[Term] = &[
    Term {
        names: &["page", "页"],
        en: "The unit in which memory is mapped, protected and filled: p bytes. Both a mapping's length and a file's end are rounded up to it.",
        zh: "映射、保护和填充内存的单位, p 个字节。映射的长度和文件的末尾都向上取整到页。",
        see: &["p", "page fault"],
    },
    Term {
        names: &["page fault", "minor fault", "major fault", "缺页"],
        en: "The processor meets an address without a usable page-table entry and asks the kernel. If the page is in memory already the fault is minor; if it must be read from disk, major; if there is none, it becomes SIGBUS or SIGSEGV.",
        zh: "处理器遇到没有可用页表项的地址, 于是询问内核。页已在内存, 是次缺页 (minor); 要从磁盘读, 是主缺页 (major); 根本没有, 就变成 SIGBUS 或 SIGSEGV。",
        see: &["page table", "SIGBUS", "SIGSEGV"],
    },
    Term {
        names: &["VMA", "virtual memory area", "vmas"],
        en: "The kernel's note of one mapping: from which address to which, with what protection, of which file from which offset. Each line of /proc/PID/maps is one. A fault asks for it first.",
        zh: "内核对一段映射的记录: 从哪个地址到哪个地址, 什么保护属性, 哪个文件从哪里开始。/proc/PID/maps 的每一行就是一个。缺页时首先查它。",
        see: &["SEGV_MAPERR", "mmap"],
    },
    Term {
        names: &["mmap"],
        en: "The system call that makes a mapping: from now on these addresses stand for those bytes of that file. It reads nothing; pages come when they are touched.",
        zh: "建立映射的系统调用: 从此这些地址就代表那个文件的那些字节。它什么也不读; 访问到哪一页, 哪一页才到来。",
        see: &["VMA", "page fault"],
    },
    Term {
        names: &["virtual memory", "physical memory", "虚拟内存", "物理内存", "物理页"],
        en: "A program sees virtual addresses; the MMU turns them into places of physical memory, page by page. So memory can be promised without being there, shared, and taken away.",
        zh: "程序看到的是虚拟地址, MMU 逐页把它们翻译成物理内存的位置。因此内存可以先许诺而不在场, 可以共享, 也可以收回。",
        see: &["MMU", "page table"],
    },
    Term {
        names: &["MMU", "MMC", "内存管理单元"],
        en: "The memory management unit: the part of the processor that looks addresses up in the page table, and raises a page fault where it finds nothing. The notes also write MMC.",
        zh: "内存管理单元: 处理器中查页表的部件, 查不到就产生缺页。(笔记中有时写成 MMC。)",
        see: &["page table", "page fault"],
    },
    Term {
        names: &["page table", "页表"],
        en: "Where each page of a process lies in physical memory. mmap writes nothing into it; the first touch of a page does.",
        zh: "记录进程每一页在物理内存何处。mmap 并不填写它; 第一次访问某页时才填。",
        see: &["MMU", "page fault"],
    },
    Term {
        names: &["page cache", "页缓存"],
        en: "The kernel's one copy of a file's pages in memory. read, write and every shared mapping use the same pages, so each sees the others' bytes at once; the disk follows later.",
        zh: "内核在内存中为文件各页保存的唯一副本。read、write 和所有共享映射用的是同样的页, 所以彼此立刻可见; 磁盘上的内容随后才更新。",
        see: &["writeback", "MAP_SHARED"],
    },
    Term {
        names: &["writeback", "msync", "回写"],
        en: "Dirty pages of the page cache go to disk: within some 30 seconds, or now with msync. It is about surviving a crash, not about being seen. On disk filesystems it also clears the bytes behind eof.",
        zh: "页缓存中的脏页写回磁盘: 大约 30 秒之内, 或用 msync 立即写。它关系到断电后还在不在, 与别人看不看得见无关。在磁盘文件系统上, 回写还会清除 eof 之后的字节。",
        see: &["page cache", "eof"],
    },
    Term {
        names: &["copy on write", "COW", "写时复制", "private copy"],
        en: "Readers share a page; the first store gets a copy of the whole page for the one who stored. One byte written freezes the page: later changes of the file are not seen there.",
        zh: "读者共享同一页; 谁先写, 谁就得到整页的一份副本。写一个字节就冻结整页: 此后文件的变化在这一页里看不到了。",
        see: &["MAP_PRIVATE", "fork"],
    },
    Term {
        names: &["MAP_SHARED"],
        en: "Stores reach the page cache, so the file and everybody who has it open or mapped.",
        zh: "写入直达页缓存, 因而文件本身以及所有打开或映射它的人都能看到。",
        see: &["page cache", "MAP_PRIVATE"],
    },
    Term {
        names: &["MAP_PRIVATE", "private", "私有"],
        en: "The first store to a page copies it for this mapping alone; the file never sees it. Pages not yet stored to still follow the file.",
        zh: "对某页的第一次写入会为这个映射单独复制该页; 文件永远看不到。尚未写过的页仍然跟随文件。",
        see: &["copy on write", "M6"],
    },
    Term {
        names: &["MAP_SHARED_VALIDATE", "VALIDATE"],
        en: "MAP_SHARED that refuses flags it does not know. Its value is that of MAP_SHARED|MAP_PRIVATE, so the two do not exclude each other: the kernel reads the pair as this.",
        zh: "会拒绝未知标志的 MAP_SHARED。它的值恰好等于 MAP_SHARED|MAP_PRIVATE, 所以两者并不互斥: 内核把这一对读成它。",
        see: &["MAP_SHARED", "EOPNOTSUPP"],
    },
    Term {
        names: &["MAP_FIXED", "MAP_FIXED_NOREPLACE"],
        en: "Put the mapping exactly here. MAP_FIXED silently replaces what is there; MAP_FIXED_NOREPLACE says EEXIST instead. Without either the address is only a hint.",
        zh: "映射必须放在这里。MAP_FIXED 会悄悄替换原有的映射; MAP_FIXED_NOREPLACE 则返回 EEXIST。两者都没有时, 地址只是个提示。",
        see: &["EEXIST", "mmap"],
    },
    Term {
        names: &["MAP_POPULATE"],
        en: "Bring all pages in at once. It reports nothing: pages that cannot come are simply not there, and a touch still gets SIGBUS.",
        zh: "立即把所有页都调入。它不报告失败: 调不进来的页就是没有, 之后访问照样 SIGBUS。",
        see: &["page fault"],
    },
    Term {
        names: &["PROT_READ", "PROT_WRITE", "PROT_NONE", "PROT_EXEC"],
        en: "What a mapping allows. On most processors a page that may be written may also be read. What is forbidden is SIGSEGV with SEGV_ACCERR.",
        zh: "映射允许什么。多数处理器上可写的页也可读。不允许的访问得到 SIGSEGV, si_code 为 SEGV_ACCERR。",
        see: &["SEGV_ACCERR"],
    },
    Term {
        names: &["anonymous memory", "匿名内存", "MAP_ANONYMOUS"],
        en: "Memory that no file is behind: zeros until the first store. No file can end, so it never gives SIGBUS.",
        zh: "背后没有文件的内存: 第一次写入之前都是零。没有文件也就没有文件末尾, 所以它从不产生 SIGBUS。",
        see: &["zero", "copy on write"],
    },
    Term {
        names: &["guard page", "保护页"],
        en: "A page under MADV_GUARD_INSTALL: mapped, and yet every access is SEGV_MAPERR.",
        zh: "用 MADV_GUARD_INSTALL 设置的页: 虽有映射, 任何访问都得到 SEGV_MAPERR。",
        see: &["SEGV_MAPERR", "madvise"],
    },
    Term {
        names: &["madvise"],
        en: "Advice about a range: give pages back (DONTNEED), read ahead (WILLNEED), fault them in (POPULATE), not to be inherited (DONTFORK), and more.",
        zh: "对一段地址的建议: 归还页 (DONTNEED)、预读 (WILLNEED)、调入 (POPULATE)、不被子进程继承 (DONTFORK) 等等。",
        see: &["guard page"],
    },
    Term {
        names: &["fork"],
        en: "The child gets the same mappings. What is shared stays shared; of what is private both go on with copies of their own from the next store on.",
        zh: "子进程得到同样的映射。共享的仍然共享; 私有的从下一次写入起各用各的副本。",
        see: &["copy on write"],
    },
    Term {
        names: &["memfd", "seal", "封印"],
        en: "A file that lives in memory and has no name. Seals can forbid it to shrink, to grow or to be written, for ever: with F_SEAL_SHRINK no reader of it can ever get SIGBUS.",
        zh: "没有名字、只存在于内存的文件。封印 (seal) 可以永远禁止它变短、变长或被写: 加上 F_SEAL_SHRINK, 映射它的读者就永远不会 SIGBUS。",
        see: &["SIGBUS", "EPERM"],
    },
    Term {
        names: &["XFS", "ext4", "btrfs"],
        en: "Filesystems that keep files on a disk. They differ behind the end of a file: what becomes of a byte stored there, and of a write that stops half way.",
        zh: "把文件存在磁盘上的文件系统。它们的差别在文件末尾之后: 写在那里的字节会怎样, 写到一半停下的 write 会怎样。",
        see: &["tmpfs", "writeback"],
    },
    Term {
        names: &["tmpfs"],
        en: "A filesystem that lives in memory. It has no writeback, so bytes stored behind eof stay, and become part of the file when it grows.",
        zh: "存在于内存的文件系统。它没有回写, 所以写在 eof 之后的字节会留下来, 文件增长时就成为文件内容。",
        see: &["writeback", "eof"],
    },
    Term {
        names: &["swap", "交换", "交换区"],
        en: "Room on disk for pages that have no file to go back to. A mapped file needs none: its pages go back to the file.",
        zh: "磁盘上的一块地方, 留给没有文件可回的页。映射文件的页不需要它: 它们可以写回文件。",
        see: &["page cache", "anonymous memory"],
    },
    Term {
        names: &["mincore", "resident"],
        en: "How many pages of a range are in memory now. Touching one page of a file often brings its neighbours too.",
        zh: "一段地址中此刻有多少页在内存里。访问文件的一页, 常常把相邻的页也带进来。",
        see: &["page fault", "present"],
    },
    Term {
        names: &["present"],
        en: "How many pages of a range this process has page-table entries for: what its touches have brought, as /proc/PID/pagemap tells.",
        zh: "一段地址中有多少页在本进程的页表里有表项: 即访问所带来的页, 由 /proc/PID/pagemap 得知。",
        see: &["page table", "resident"],
    },
    Term {
        names: &["cold", "cached", "冷", "未缓存"],
        en: "Of a file measured: none of its pages is in the page cache, for POSIX_FADV_DONTNEED took them away, so each must come from the disk. Cached: all of them are there. mincore says which.",
        zh: "指被测量的文件: 页缓存里没有它的任何页 (已用 POSIX_FADV_DONTNEED 清除), 每一页都要从磁盘读。已缓存则相反, 所有页都在内存。用 mincore 可以查明。",
        see: &["page cache", "mincore", "page fault"],
    },
    Term {
        names: &["quartiles", "quartile", "median", "四分位", "中位数"],
        en: "Of several rounds sorted by time, a quarter took less than the first number and a quarter more than the second; the median, printed before them, lies in the middle. Two ways differ where half of the rounds agree that they do.",
        zh: "把多轮测量按时间排序: 四分之一的轮次小于第一个数, 四分之一大于第二个数; 前面的中位数在正中间。若至少一半的轮次都显示有差别, 才说两种方式不同。",
        see: &["cold"],
    },
];
