//! The comments of a scenario of the course, for the one who starts from it: what each kind of section is for, in the
//! language of the screens. The author's own comments are English, and stay in English only. Pure text.

use crate::say::{Lang, lang, said};

/// The file's text with such comments.
pub fn commented(text: &str) -> String {
    let mut told: Vec<&str> = Vec::new();
    let mut out = String::new();
    for line in text.lines() {
        let line = match lang() {
            Lang::En => line,
            Lang::Zh => match without_comment(line) {
                "" if !line.is_empty() => continue,
                line => line,
            },
        };
        if let Some(comment) = purpose(line).filter(|comment| !told.contains(comment)) {
            told.push(comment);
            out.push_str(&format!("# {comment}\n"));
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// What a section is for, by its head.
fn purpose(line: &str) -> Option<&'static str> {
    let head = line.strip_prefix('[')?.trim_start_matches('[').split(']').next()?;
    let family = head.split('.').next()?;
    Some(match (head, family) {
        ("expect.write", _) => said!(
            "and of stores? The end of a range does not belong to it.",
            "写呢? 区间不含自己的终点。"
        ),
        (_, "why") => said!(
            "why it comes out so; {len} and the like are filled in",
            "为什么会这样; {len} 之类的名字会换成数字"
        ),
        (_, "file") => said!(
            "the file: its size, in pages (p) so that it holds on every machine, and its bytes",
            "文件: 大小以页 (p) 为单位, 这样在每台机器上都成立; 以及它的内容"
        ),
        (_, "files") => said!("more files, by name", "其他文件, 各有名字"),
        (_, "map") => said!(
            "its mapping: share is shared or private, access is r, w, rw, rx or none",
            "它的映射: share 为 shared 或 private, access 为 r, w, rw, rx 或 none"
        ),
        (_, "maps") => said!("more mappings, by name", "其他映射, 各有名字"),
        (_, "process") => said!(
            "a second process, with a mapping of its own",
            "第二个进程, 有自己的映射"
        ),
        (_, "measure") => said!("what is measured, and how much of it", "测量什么, 测多少"),
        (_, "expect") => said!(
            "what you expect of loads, from edge to edge",
            "你对读的预期, 从一个边缘到另一个边缘"
        ),
        (_, "step") => said!(
            "the steps, one after another: an operation, and what you expect of it",
            "各步依次发生: 一个操作, 以及你的预期"
        ),
        (_, "claim") => said!(
            "a claim, which the touches judge; idea is the misconception behind it",
            "一条论断, 由访问的结果来判断; idea 是它背后的误解"
        ),
        (_, "quiz") => said!("what --predict asks", "--predict 问什么"),
        (_, "next") => said!("what to try next", "接下来可以试什么"),
        _ => return None,
    })
}

/// A line of TOML up to its comment. The scenarios of the course have no string of several lines.
fn without_comment(line: &str) -> &str {
    let (mut quoted, mut escaped) = (false, false);
    let begins = |c: char| {
        let comment = c == '#' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        comment
    };
    let end = line.find(begins).unwrap_or(line.len());
    line[..end].trim_end()
}
