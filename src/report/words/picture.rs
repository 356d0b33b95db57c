//! The words around a map: symbols and how they are rounded, what a page is, what the letters of a ruler mean.

use super::many;
use crate::say::{Lang, lang, said, say};

texts! {
    file_size: "file size", "文件大小";
    file_end: "end of file, from base", "文件末尾, 从 base 算起";
    length: "length given to mmap", "传给 mmap 的长度";
}

pub fn rounded(pages: i64, exact: bool) -> String {
    if pages == 0 {
        return said!("no page", "没有页").into();
    }
    let en = many(pages, "page", "pages");
    if exact {
        say!("{en} exactly", "正好 {pages} 页")
    } else {
        say!("rounded up to {en}", "向上取整为 {pages} 页")
    }
}

/// The legend of the rulers.
pub fn legend() -> [&'static str; 5] {
    match lang() {
        Lang::En => ["# file", "0 zero-filled", "B SIGBUS", "S SIGSEGV", "+ two of them"],
        Lang::Zh => ["# 文件", "0 填充的零", "B SIGBUS", "S SIGSEGV", "+ 其中两种"],
    }
}

/// The same where a letter is a page.
pub fn page_legend() -> String {
    let legend = legend().join(", ");
    say!("a letter a page: {legend}", "一个字母一页: {legend}")
}

pub fn cell(page: i64) -> String {
    let bytes = page / 16;
    say!("cell = {bytes} B", "一格 = {bytes} B")
}

pub fn alike(pages: i64) -> String {
    let en = many(pages, "page", "pages");
    say!("{en} alike", "同样的 {pages} 页")
}

/// Instead of calls that are the one above once more.
pub fn more_alike(n: usize) -> String {
    say!("... {n} more alike", "... 同样的还有 {n} 次")
}

pub fn alike_short(pages: i64) -> String {
    format!("x {pages}")
}

/// `12` for `page 12`, `2-3` for `pages 2-3`, where there is no room for the word.
pub fn short_label(label: &str) -> String {
    let bare = label.trim_start_matches("pages ").trim_start_matches("page ");
    let bare = bare.trim_start_matches("第 ").trim_end_matches(" 页");
    bare.replace("------", "---")
}

/// What a page is, the longest form first.
pub fn page_note(letter: char, mapped: bool) -> Vec<String> {
    let forms: &[&str] = match (letter, mapped, lang()) {
        ('#', _, Lang::En) => &["file bytes", "file"],
        ('#', _, Lang::Zh) => &["文件的字节", "文件"],
        ('0', _, Lang::En) => &["zeros", "zero"],
        ('0', _, Lang::Zh) => &["全是零", "零"],
        ('B', _, Lang::En) => &[
            "mapped, no file behind it",
            "mapped, no file page",
            "no file behind it",
            "SIGBUS",
        ],
        ('B', _, Lang::Zh) => &["已映射, 背后没有文件", "已映射, 无文件页", "背后没有文件", "SIGBUS"],
        ('S', true, Lang::En) => &["no access here: SIGSEGV", "no access", "SIGSEGV"],
        ('S', true, Lang::Zh) => &["此处不许访问: SIGSEGV", "不许访问", "SIGSEGV"],
        ('S', false, Lang::En) => &["nothing mapped", "SIGSEGV"],
        ('S', false, Lang::Zh) => &["没有映射", "SIGSEGV"],
        _ => &[""],
    };
    forms.iter().map(ToString::to_string).collect()
}

pub fn eof_note(eof: i64, zeros: bool) -> Vec<String> {
    let long = if zeros {
        say!("eof {eof}, then zeros", "eof {eof}, 之后是零")
    } else {
        format!("eof {eof}")
    };
    vec![long, format!("eof {eof}"), "eof".into()]
}

pub fn len_note(len: i64, letter: char) -> Vec<String> {
    let mut forms = vec![
        say!("len {len}: no border here", "len {len}: 这里不是边界"),
        say!("len {len}: no border", "len {len}: 不是边界"),
    ];
    forms.extend(page_note(letter, true).pop());
    forms
}

pub fn map_end_note(letter: char) -> Vec<String> {
    match letter {
        'S' => vec![
            said!("map_end: nothing mapped", "map_end: 没有映射").into(),
            said!("nothing mapped", "没有映射").into(),
            "SIGSEGV".into(),
        ],
        _ => vec!["map_end".into()],
    }
}

/// The name of the pages `from .. to`.
pub fn page_label(from: i64, to: i64) -> String {
    pages(&[(from, to)])
}

/// `page 3`, `pages 0-2, 7`; each stretch without its end.
pub fn pages(stretches: &[(i64, i64)]) -> String {
    let one = |&(from, to): &(i64, i64)| match to - from {
        1 => from.to_string(),
        _ => format!("{from}-{}", to - 1),
    };
    let shown: Vec<String> = stretches.iter().take(4).map(one).collect();
    let left = stretches.len().saturating_sub(4);
    if lang() == Lang::Zh {
        let rest = if left > 0 { "等" } else { "" };
        return format!("第 {} 页{rest}", shown.join("、"));
    }
    let rest = if left > 0 {
        format!(" and {left} more")
    } else {
        String::new()
    };
    let word = match stretches {
        [(from, to)] if to - from == 1 => "page",
        _ => "pages",
    };
    format!("{word} {}{rest}", shown.join(", "))
}
