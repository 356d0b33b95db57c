//! Misconceptions, by the numbers that marks and claims give them; and the codes of complaints about scenario files.

use super::Term;

pub const ALL: &[Term] = &[
    Term {
        names: &["M1"],
        en: "\"The end of the file is the border.\" It is not: the file's last page is there to its end. Bytes from eof to eof_page are zeros, can be read and stored to, and are no part of the file.",
        zh: "「文件末尾就是边界」。不对: 文件的最后一页一直存在到页尾。从 eof 到 eof_page 的字节是零, 可读可写, 但不属于文件。",
        see: &["eof", "eof_page"],
    },
    Term {
        names: &["M2"],
        en: "\"The length given to mmap is the border.\" It is not: the kernel rounds it up to whole pages. Nothing changes at len; SIGSEGV begins at map_end.",
        zh: "「传给 mmap 的长度就是边界」。不对: 内核把它向上取整到整页。len 处什么都不变, SIGSEGV 从 map_end 开始。",
        see: &["len", "map_end"],
    },
    Term {
        names: &["M3"],
        en: "\"SIGBUS means a misaligned access.\" On x86_64 and arm64 it hardly ever does. It means that the mapping has the page and the file has not.",
        zh: "「SIGBUS 就是没有对齐」。在 x86_64 和 arm64 上几乎从来不是。它的意思是: 映射有这一页, 文件没有。",
        see: &["SIGBUS", "BUS_ADRALN"],
    },
    Term {
        names: &["M4"],
        en: "\"mmap past the end of the file fails.\" It succeeds: the file's size is not asked. The fault comes at the touch.",
        zh: "「映射超过文件末尾会失败」。它会成功: mmap 不看文件大小。出错是在访问的时候。",
        see: &["mmap", "SIGBUS"],
    },
    Term {
        names: &["M5"],
        en: "\"A file that has grown must be mapped again.\" It need not be: each fault asks for the size of today. Within the mapping the new pages are simply there.",
        zh: "「文件增长后必须重新映射」。不必: 每次缺页都看文件当前的大小。只要在映射范围之内, 新的页就直接可用。",
        see: &["size", "page fault"],
    },
    Term {
        names: &["M6"],
        en: "\"MAP_PRIVATE is a snapshot.\" It is not: only pages that were stored to are copies. The others still follow the file.",
        zh: "「MAP_PRIVATE 是快照」。不是: 只有写过的页才是副本, 其余的页仍然跟随文件。",
        see: &["MAP_PRIVATE", "copy on write"],
    },
    Term {
        names: &["M7"],
        en: "\"Bytes stored behind the end of the file are written to it.\" They are not part of the file. Disk filesystems clear them at writeback; tmpfs keeps them, and they become content when the file grows.",
        zh: "「写在文件末尾之后的字节会进入文件」。它们不属于文件。磁盘文件系统在回写时清除它们; tmpfs 则保留, 文件增长时它们会变成内容。",
        see: &["eof", "writeback"],
    },
    Term {
        names: &["M8"],
        en: "\"mmap makes the file longer.\" It does not; some wrappers truncate the file first. Behind the file's last page there is an address and no data.",
        zh: "「mmap 会把文件变长」。不会; 是某些封装先调用了 truncate。文件最后一页之后, 有地址而没有数据。",
        see: &["mmap", "SIGBUS"],
    },
    Term {
        names: &["M9"],
        en: "\"Behind the file every access is SIGSEGV.\" Inside the mapping there is an address, so it is SIGBUS.",
        zh: "「文件之后的访问都是 SIGSEGV」。在映射之内有地址, 所以是 SIGBUS。",
        see: &["SIGBUS", "eof_page"],
    },
    Term {
        names: &["M10"],
        en: "\"Behind the file every access is SIGBUS.\" Behind the mapping there is not even an address, so it is SIGSEGV.",
        zh: "「文件之后的访问都是 SIGBUS」。超出映射就连地址都没有, 所以是 SIGSEGV。",
        see: &["SIGSEGV", "map_end"],
    },
    Term {
        names: &["E01"],
        en: "A scenario file is not TOML: a quote or bracket is missing, or a key stands there twice.",
        zh: "情景文件不是合法的 TOML: 少了引号或括号, 或者同一个键出现两次。",
        see: &[],
    },
    Term {
        names: &["E02"],
        en: "A scenario file has a key or section that does not exist. The complaint lists those that do.",
        zh: "情景文件里有不存在的键或小节。提示中列出了可用的。",
        see: &[],
    },
    Term {
        names: &["E03"],
        en: "An offset names a symbol that does not exist, or has no value yet at that place.",
        zh: "偏移里用了不存在的符号, 或者在那个位置还没有值的符号。",
        see: &["p", "size", "eof"],
    },
    Term {
        names: &["E04"],
        en: "A value is of the wrong kind or out of range: not an offset, negative, 0 where something is needed, no such word.",
        zh: "值的种类不对或超出范围: 不是偏移、是负数、不该为 0、没有这个词。",
        see: &[],
    },
    Term {
        names: &["E05"],
        en: "Two lines of [expect] speak of the same byte.",
        zh: "[expect] 中有两行说到同一个字节, 即两个区间重叠了。",
        see: &[],
    },
    Term {
        names: &["E06"],
        en: "A touch is asked for at a place of which no line of [expect] speaks.",
        zh: "要求访问的位置, [expect] 里没有任何一行说到。",
        see: &[],
    },
    Term {
        names: &["E07"],
        en: "An outcome that does not exist, or that does not answer what was done: a store gives no byte, a call gives no signal.",
        zh: "不存在的结果, 或者与操作不相配的结果: 写操作不会给出字节, 系统调用不会给出信号。",
        see: &["file", "zero"],
    },
    Term {
        names: &["E08"],
        en: "More than a scenario may ask of a machine: too many bytes, touches, steps, areas or processes, or a place too far from the mapping.",
        zh: "超出情景可以向机器要求的上限: 字节、访问、步骤、区域或进程太多, 或者位置离映射太远。",
        see: &[],
    },
    Term {
        names: &["E09"],
        en: "A step names a process, a file or an area that is not there.",
        zh: "步骤里提到了不存在的进程、文件或区域。",
        see: &[],
    },
    Term {
        names: &["E10"],
        en: "Something is missing or superfluous: a step needs an operand, or has one that its operation does not take.",
        zh: "缺少或多出了什么: 步骤少了操作数, 或者有该操作不接受的操作数。",
        see: &[],
    },
];
