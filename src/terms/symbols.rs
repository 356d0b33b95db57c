//! The symbols that scenario files and screens use for places and sizes.

use super::Term;

pub const ALL: &[Term] = &[
    Term {
        names: &["p", "page size", "页大小"],
        en: "The size of a page in bytes: 4096 on most machines, 16384 or 65536 on others. Ask the machine (getconf PAGESIZE); never write it down.",
        zh: "一页的字节数: 多数机器是 4096, 也有 16384 或 65536。应当询问机器 (getconf PAGESIZE), 不要写死。",
        see: &["page"],
    },
    Term {
        names: &["size"],
        en: "The file's size in bytes at this moment. It moves with truncate, write and fallocate, and what counts is today's.",
        zh: "文件此刻的字节数。它随 truncate、write、fallocate 变化; 起作用的是当前值。",
        see: &["eof", "M5"],
    },
    Term {
        names: &["eof"],
        en: "Where the file ends in the mapping: its size less the offset at which the mapping begins. It is no border: the page it lies in is there to its end, filled with zeros.",
        zh: "文件在映射中结束的位置: 文件大小减去映射的起始偏移。它不是边界: 它所在的那一页一直到页尾都存在, 用零填满。",
        see: &["eof_page", "M1"],
    },
    Term {
        names: &["eof_page"],
        en: "eof rounded up to whole pages. From here to map_end there is an address and no data: SIGBUS.",
        zh: "把 eof 向上取整到整页。从这里到 map_end, 有地址而没有数据: SIGBUS。",
        see: &["SIGBUS", "map_end"],
    },
    Term {
        names: &["len"],
        en: "The length given to mmap, in bytes. It is rounded up to whole pages, so nothing changes at len itself.",
        zh: "传给 mmap 的长度, 以字节计。它被向上取整到整页, 所以在 len 处什么都不变。",
        see: &["map_end", "M2"],
    },
    Term {
        names: &["map_end"],
        en: "len rounded up to whole pages: the end of the mapping. From here on there is not even an address, unless something else is mapped there: SIGSEGV.",
        zh: "把 len 向上取整到整页, 即映射的终点。从这里开始连地址都没有 (除非那里另有映射): SIGSEGV。",
        see: &["SIGSEGV", "len"],
    },
    Term {
        names: &["base", "base2", "base3", "base4"],
        en: "The first byte of a mapping. Offsets count from it, so that two students' screens can be compared; the address itself differs from run to run. base2 is the first byte of a second mapping.",
        zh: "映射的第一个字节。偏移从它算起, 这样两个同学的屏幕可以逐行比较; 真正的地址每次运行都不同。base2 是第二个映射的第一个字节。",
        see: &["hole"],
    },
    Term {
        names: &["hole"],
        en: "A stretch of addresses where nothing is mapped. The laboratory leaves one around every mapping, so that no neighbour answers where SIGSEGV belongs.",
        zh: "一段没有任何映射的地址。本程序在每个映射周围都留出空洞, 以免相邻的映射掩盖本应出现的 SIGSEGV。",
        see: &["SEGV_MAPERR"],
    },
    Term {
        names: &["zone", "edge", "edges", "区域", "边缘"],
        en: "A zone is a stretch of addresses that answer alike: the file's bytes, the zeros behind them, SIGBUS, SIGSEGV. Its edges are its first and its last byte; probe = \"edges\" touches those of all zones, the author's and the model's.",
        zh: "区域是一段结果相同的地址: 文件的字节、其后的零、SIGBUS、SIGSEGV。边缘是它的第一个和最后一个字节; probe = \"edges\" 访问所有区域的边缘, 作者的和模型的都在内。",
        see: &["eof_page", "map_end", "probe"],
    },
    Term {
        names: &["probe", "touch", "探测", "访问"],
        en: "A load or a store that is made to see what comes of it. In a scenario file probe = [\"edges\", 100] makes them after a step; [expect] says what they give.",
        zh: "为了看结果而做的一次读或写。情景文件里 probe = [\"edges\", 100] 表示在这一步之后访问这些位置; 预期写在 [expect] 里。",
        see: &["zone", "witness"],
    },
    Term {
        names: &["claim", "论断"],
        en: "A sentence about mmap that a scenario puts to the test: HOLDS, REFUTED, or DEPENDS where it is true here and false there. No verdict is stored; lab claims runs them all.",
        zh: "关于 mmap 的一句话, 由情景来检验: 成立, 不成立, 或者视情况而定 (此处真, 彼处假)。结论从不预先存好; lab claims 把它们全部运行一遍。",
        see: &["HOLDS"],
    },
    Term {
        names: &["step", "步骤"],
        en: "One operation of a scenario, [[step]] in its file: a call, a load, a store. Steps happen one after another, and where one says probe the edges are touched after it.",
        zh: "情景中的一个操作, 在文件里写作 [[step]]: 一次系统调用、一次读或写。步骤依次发生; 写了 probe 的步骤之后会访问边缘。",
        see: &["probe"],
    },
    Term {
        names: &["offset", "偏移"],
        en: "A number of bytes from a beginning, the first byte having 0: from the beginning of the mapping (base+4096) or of the file. Where map.offset is not 0 the two differ: byte 0 of the mapping is byte map.offset of the file.",
        zh: "从开头数起的字节数, 第一个字节是 0: 从映射的开头 (base+4096) 或从文件的开头。map.offset 不是 0 时两者不同: 映射的第 0 个字节就是文件偏移 map.offset 处的字节。",
        see: &["base", "eof"],
    },
    Term {
        names: &["seed", "种子"],
        en: "The number that draws a lesson's other numbers: --seed 7 gives everybody the same sizes and offsets, different from those of the lesson itself.",
        zh: "用来抽取另一组数字的数: --seed 7 给所有人同样的大小和偏移, 与课上原来的不同。",
        see: &["size"],
    },
    Term {
        names: &["file"],
        en: "An outcome: the byte that pread(2) gives at that place of the file. In a quiz: the byte that was there first.",
        zh: "一种结果: 与 pread(2) 在文件该处读到的字节相同。在测验中: 原来的字节。",
        see: &["zero"],
    },
    Term {
        names: &["new"],
        en: "An answer in a quiz: a byte other than the one that was there first, because it was stored or written since.",
        zh: "测验中的一种答案: 与原来不同的字节, 因为后来写过。",
        see: &["file", "zero"],
    },
    Term {
        names: &["ok"],
        en: "An outcome: the store raised no signal, or the system call succeeded.",
        zh: "一种结果: 写入没有引发信号, 或者系统调用成功。",
        see: &["file", "zero"],
    },
    Term {
        names: &["end"],
        en: "An outcome: a read of the file finds that it has ended there. pread(2) gives 0 bytes.",
        zh: "一种结果: 读文件时发现文件在那里已经结束。pread(2) 返回 0 字节。",
        see: &["size"],
    },
    Term {
        names: &["any"],
        en: "Some byte, and no rule says which: the memory of a page as it was before the kernel gave it away.",
        zh: "某个字节, 没有规则能说是哪一个: 内核把这页内存交出来之前, 里面原来的内容。",
        see: &["zero"],
    },
    Term {
        names: &["elsewhere"],
        en: "An outcome: mmap succeeds, and at another address than the one asked for, which was taken.",
        zh: "一种结果: mmap 成功, 但在别的地址, 因为要求的地址已被占用。",
        see: &["mmap"],
    },
    Term {
        names: &["zero"],
        en: "An outcome: a zero that is no byte of the file. It fills the rest of the last page behind eof, or is fresh anonymous memory. In a quiz: any zero, also one that the file holds.",
        zh: "一种结果: 不属于文件的零。它填满 eof 之后那一页的剩余部分, 或者是全新的匿名内存。在测验中: 任何零, 包括文件里的零。",
        see: &["eof", "anonymous memory"],
    },
];
