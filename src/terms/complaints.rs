//! The codes of complaints about scenario files.

use super::Term;

pub const ALL: &[Term] = &[
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
        en: "Two parts of the file do not fit together: a touch at a place of which no line of [expect] speaks, or a question about a place that no step touches.",
        zh: "文件的两处对不上: 要求访问的位置, [expect] 里没有任何一行说到; 或者问到的位置, 没有哪一步访问。",
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
