//! Every sentence of the program's own that a screen prints, in both languages. Names (SIGBUS, map_end), offsets and calls
//! are never translated. It may not know where on a screen a sentence goes.

use super::doctor::Found;
use super::result::{ClaimVerdict, Text};
use crate::say::{Lang, lang, said, say};

/// A table of texts without numbers in them: each becomes a function of its name.
macro_rules! texts {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        $(pub fn $name() -> &'static str {
            $crate::say::said!($en, $zh)
        })*
    };
}

mod picture;
mod telling;
mod verdicts;

pub use picture::*;
pub use telling::*;
pub use verdicts::*;

/// A text in the language of the screens.
pub fn of(text: &Text) -> &str {
    text.spoken()
}

/// In English, a number has a singular.
fn many(n: i64, one: &str, more: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {more}")
    }
}

texts! {
    offset: "offset", "偏移";
    expected: "expected", "预期";
    observed: "observed", "实测";
    child: "in a child:", "在子进程中:";
    then: "then, one after another:", "然后依次:";
    why: "why", "原因";
    next: "next", "下一步";
    error: "ERROR", "错误";
    skipped: "SKIPPED", "跳过";
    no_reason: "no reason was given", "没有说明理由";
    file_at: "file", "文件";
    see: "see", "另见";
    word: "WORD", "词";
}

pub fn found(found: Found) -> &'static str {
    match found {
        Found::Fine => said!("ok", "正常"),
        Found::Note => said!("note", "注意"),
        Found::No => said!("NO", "不行"),
    }
}

pub fn page_size(page: u64) -> String {
    say!("page {page}", "页大小 {page}")
}

/// The filesystem of the files under test, and where they are.
pub fn filesystem(fs: &str, dir: &str) -> String {
    say!("{fs} on {dir}", "{dir} 位于 {fs}")
}

/// The sizes in a title: `file 5000  map 15000`.
pub fn sizes(file: i64, map: i64) -> String {
    say!("file {file}  map {map}", "文件 {file}  映射 {map}")
}

pub fn scenarios(n: usize) -> String {
    match lang() {
        Lang::En => many(n as i64, "scenario", "scenarios"),
        Lang::Zh => format!("{n} 个情景"),
    }
}

pub fn processes(n: usize) -> String {
    match lang() {
        Lang::En => many(n as i64, "process", "processes"),
        Lang::Zh => format!("{n} 个进程"),
    }
}

pub fn steps(n: usize) -> String {
    match lang() {
        Lang::En => many(n as i64, "step", "steps"),
        Lang::Zh => format!("{n} 步"),
    }
}

pub fn claims(n: usize, verdict: ClaimVerdict) -> String {
    let (one, more, zh) = match verdict {
        ClaimVerdict::Refuted => ("claim refuted", "claims refuted", "条论断不成立"),
        ClaimVerdict::Depends => ("claim depends", "claims depend", "条论断视情况而定"),
        ClaimVerdict::Holds => ("claim holds", "claims hold", "条论断成立"),
        ClaimVerdict::Skipped => ("claim not shown", "claims not shown", "条论断跳过"),
    };
    match lang() {
        Lang::En => many(n as i64, one, more),
        Lang::Zh => format!("{n} {zh}"),
    }
}

pub fn more(n: usize) -> String {
    say!("and {n} more", "还有 {n} 处")
}

/// The status of a line of `lab run`.
pub fn status() -> [&'static str; 5] {
    match lang() {
        Lang::En => ["ok", "DIFFERS", "skip", "ERROR", "TIMEOUT"],
        Lang::Zh => ["通过", "不符", "跳过", "错误", "超时"],
    }
}

pub fn ran(run: usize, ok: usize, differs: usize, skipped: usize, errors: usize, seconds: f64) -> String {
    let errors = match (errors, lang()) {
        (0, _) => String::new(),
        (n, Lang::En) => format!(", {}", many(n as i64, "error", "errors")),
        (n, Lang::Zh) => format!(", 错误 {n}"),
    };
    say!(
        "{run} run, {ok} ok, {differs} differs, {skipped} skipped{errors} in {seconds:.2}s",
        "运行 {run}, 通过 {ok}, 不符 {differs}, 跳过 {skipped}{errors}, 用时 {seconds:.2}s"
    )
}

/// The home screen's last line; none where there is nothing left to predict.
pub fn next_command(number: Option<u32>) -> String {
    match number {
        Some(number) => say!(
            "next: lab scenario {number} --predict",
            "下一步: lab scenario {number} --predict"
        ),
        None => said!(
            "next: lab new mine, and a scenario of your own",
            "下一步: lab new mine, 自己写一个情景"
        )
        .to_owned(),
    }
}

/// Behind a chapter's heading, once anything was predicted.
pub fn predicted(known: usize, all: usize) -> String {
    say!("   {known} of {all} predicted", "   {all} 个中预测过 {known} 个")
}

/// Where the rest of a brief is left out.
pub const CUT: &str = " ..";

/// A chapter's heading; it is counted from 0.
pub fn chapter(n: usize) -> String {
    let name = match n {
        0 => said!("sizes", "大小"),
        1 => said!("rights", "权限"),
        2 => said!("sharing", "共享"),
        3 => said!("faults", "出错"),
        4 => said!("corners", "特殊情形"),
        _ => "",
    };
    format!("{} {name}", n + 1).trim_end().to_owned()
}
