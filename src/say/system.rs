//! What the system says of a refusal, in the language spoken: its own words in English, ours in Chinese.

use std::io;

use super::{Lang, lang};

/// What this error means.
pub fn of(error: &io::Error) -> String {
    match (lang(), error.raw_os_error()) {
        (Lang::Zh, Some(number)) => chinese(number),
        _ => error.to_string(),
    }
}

/// What this errno means; `en` is what the system says.
pub fn errno(number: i32, en: &str) -> String {
    match lang() {
        Lang::En => en.to_owned(),
        Lang::Zh => chinese(number),
    }
}

/// The errnos that files and directories meet, by their numbers on all of Linux's machines that lab runs on.
fn chinese(number: i32) -> String {
    let (name, text) = match number {
        1 => ("EPERM", "不允许这样做"),
        2 => ("ENOENT", "没有这个文件或目录"),
        5 => ("EIO", "输入输出错误"),
        12 => ("ENOMEM", "内存不足"),
        13 => ("EACCES", "没有权限"),
        17 => ("EEXIST", "文件已经存在"),
        20 => ("ENOTDIR", "路径中有一段不是目录"),
        21 => ("EISDIR", "这是一个目录"),
        24 => ("EMFILE", "打开的文件太多"),
        28 => ("ENOSPC", "设备上没有空间了"),
        30 => ("EROFS", "文件系统是只读的"),
        36 => ("ENAMETOOLONG", "文件名太长"),
        40 => ("ELOOP", "符号链接层数太多"),
        122 => ("EDQUOT", "超出磁盘配额"),
        _ => return format!("系统错误 {number}"),
    };
    format!("{text} ({name})")
}
