//! The codes of warnings: what a scenario file is not refused for.

use super::Term;

pub const ALL: &[Term] = &[
    Term {
        names: &["W01"],
        en: "A zone of this file is there with pages of 4096 bytes and empty with larger ones: the lesson would be lost there. Sizes written in pages, as \"1p + 904\", keep it.",
        zh: "这个文件里有的区间在 4096 字节的页上存在, 页更大时却是空的: 换一台机器, 这一课就没有了。把大小写成页的倍数, 例如 \"1p + 904\", 区间就会保留。",
        see: &["p", "page"],
    },
    Term {
        names: &["W02"],
        en: "What the author expects here is none of the outcomes that the model derives, on some page size or filesystem.",
        zh: "作者在这里预期的结果, 在某种页大小或文件系统上, 不在模型推导出的结果之中。",
        see: &["file", "zero"],
    },
    Term {
        names: &["W03"],
        en: "A text of a scenario that comes with lab is there in one language only.",
        zh: "随 lab 附带的情景里, 有一段文字只有一种语言。",
        see: &[],
    },
];
