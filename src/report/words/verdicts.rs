//! The words for how something came out: the table of touches, who of the three is odd, what a claim is worth.

use super::super::result::ProbeResult;
use crate::say::{Lang, lang, say};

texts! {
    touch: "touch", "访问";
    page: "page", "页";
    both: "rw = a load and a store, alike", "rw = 读和写, 结果相同";
    both_short: "rw = load and store", "rw = 读和写";
    pread: "pr = pread, past the mapping", "pr = pread, 不经过映射";
    in_file: "in file", "文件内";
    differs: "<- DIFFERS", "<- 不符";
    differs_short: "DIFFERS", "不符";
    not_run: "not run", "未运行";
    own_zero: "0 (file)", "0 (文件)";
    why_own_zero: "The file has a byte here, and it is 0; zero means the fill behind its end.",
        "文件在这里有一个字节, 它的值是 0; 而 zero 指的是文件末尾之后填充的零。";
    author: "author", "作者";
    model: "model", "模型";
    kernel: "kernel", "内核";
    author_model: "author and model", "作者和模型";
    author_kernel: "author and kernel", "作者和内核";
    model_kernel: "model and kernel", "模型和内核";
    any_of: " or ", " 或 ";
    claim: "claim", "论断";
    notes: "course notes", "课程笔记";
    refuted: "REFUTED", "不成立";
    depends: "DEPENDS", "视情况而定";
    holds: "HOLDS", "成立";
    untouched: "NOT SHOWN", "未验证";
    nothing_touched: "nothing in its range was touched here.", "它所说的范围内没有任何访问。";
}

/// A result's words for a number that is not known to the last digit: `a number`, `2 or more`, `2 to 4`.
pub fn number(word: &str) -> String {
    if lang() == Lang::En {
        return word.to_owned();
    }
    match (word.strip_suffix(" or more"), word.split_once(" to ")) {
        _ if word == "a number" => "任意数".to_owned(),
        (Some(least), _) => format!("不少于 {least}"),
        (_, Some((least, most))) => format!("{least} 至 {most}"),
        _ => word.to_owned(),
    }
}

pub fn count(agree: usize, all: usize, not_run: usize) -> String {
    let rest = if not_run > 0 {
        say!(", {not_run} not run", ", {not_run} 项未运行")
    } else {
        String::new()
    };
    say!(
        "{agree} of {all} as expected{rest}",
        "{all} 项中 {agree} 项符合预期{rest}"
    )
}

/// Touches between two places, and what they gave.
pub fn touched(count: usize, first: i64, last: i64, saw: &str) -> String {
    match first == last {
        true => say!("touches of byte {first}: {saw}", "访问偏移 {first} 处的字节: {saw}"),
        false => say!(
            "{count} touches of {first} to {last}: {saw}",
            "{first} 到 {last} 之间访问 {count} 次: {saw}"
        ),
    }
}

pub fn expected_saw(expected: &str, saw: &str) -> String {
    say!("{expected} expected, {saw} observed", "预期 {expected}, 实测 {saw}")
}

/// Who is odd: `odd` says one thing, `others` another.
pub fn odd(odd: &str, says: &str, others: &str, say: &str) -> String {
    say!("{odd} says {says}, {others} {say}", "{odd}说 {says}, {others}说 {say}")
}

pub fn all_differ(author: Option<&str>, model: &str, kernel: &str) -> String {
    match author {
        Some(author) => say!(
            "author says {author}, model {model}, kernel {kernel}",
            "作者说 {author}, 模型说 {model}, 内核说 {kernel}"
        ),
        None => say!("model says {model}, kernel {kernel}", "模型说 {model}, 内核说 {kernel}"),
    }
}

/// Who makes a claim, and what it says.
pub fn quoted(who: &str, text: &str) -> String {
    match lang() {
        Lang::En => format!("{who}: \"{text}\""),
        Lang::Zh => format!("{who}: 「{text}」"),
    }
}

/// What stands behind a verdict: what it was decided by, letters of lines or places, and what that shows.
pub fn decided(names: &[String], shown: &str) -> String {
    let letters = names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase()));
    let first = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let (all, more) = (names.len(), names.len().saturating_sub(3));
    let word = if letters { "by" } else { "at" };
    let by = match more {
        0 if all == 0 => String::new(),
        0 => say!(" {word} {first}", ", 见 {first}"),
        _ => say!(" {word} {first} and {more} more", ", 见 {first} 等 {all} 处"),
    };
    match lang() {
        Lang::En => format!("{by}. {shown}"),
        Lang::Zh => format!("{by}。{shown}"),
    }
}

/// What stands behind a verdict that differs from case to case.
pub fn cases(cases: &str) -> String {
    match lang() {
        Lang::En => format!(": {cases}."),
        Lang::Zh => format!(": {cases}。"),
    }
}

pub fn in_step(offset: i64, step: usize) -> String {
    of_place(&offset.to_string(), step)
}

fn of_place(place: &str, step: usize) -> String {
    format!("{place} ({})", self::step(step))
}

/// Before what the model says of a step.
pub fn at_step(step: usize) -> String {
    let n = step + 1;
    say!("At step {n}:", "第 {n} 步:")
}

pub fn step(n: usize) -> String {
    let n = n + 1;
    say!("step {n}", "第 {n} 步")
}

/// Where a claim was decided in a story.
pub fn of_step(probe: &ProbeResult, place: &str) -> String {
    match probe.own {
        true => step(probe.step),
        false => of_place(place, probe.step),
    }
}

/// How many claims came out how, of all.
pub fn verdicts(all: usize, [hold, refuted, depend, not_shown]: [usize; 4]) -> String {
    say!(
        "{all} claims: {hold} hold, {refuted} refuted, {depend} depend, {not_shown} not shown",
        "共 {all} 条论断: {hold} 条成立, {refuted} 条不成立, {depend} 条视情况而定, {not_shown} 条跳过"
    )
}

/// The heading of the claims as a table.
pub fn columns() -> [&'static str; 5] {
    match lang() {
        Lang::En => ["id", "claim", "verdict", "evidence", "run"],
        Lang::Zh => ["编号", "论断", "结论", "依据", "运行"],
    }
}

pub fn suites_shown(n: usize) -> String {
    say!(
        "{n} tests of other suites are shown by a scenario",
        "其他测试套件中有 {n} 项由某个情景演示"
    )
}

pub fn suites_missing(n: usize) -> String {
    say!("{n} are not, for this reason", "另有 {n} 项没有, 理由如下")
}
