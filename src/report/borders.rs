//! What a search or a walk found of a mapping's borders, in two or three lines. It may not know how it was done.

use super::result::BordersResult;
use super::style::{BOLD, Line};
use super::text::hanging;
use super::words;
use crate::say::say;

/// The lines; none where nothing was searched.
pub fn lines(borders: &BordersResult, width: usize) -> Vec<Line> {
    let BordersResult {
        pages,
        touches,
        samples,
        bytes_end,
        sigsegv,
        ..
    } = borders;
    let how = match borders.how {
        "walk" => {
            let seconds = borders.took.as_secs_f64();
            let rate = *pages as f64 / seconds.max(1e-9) / 1e6;
            say!(
                "{touches} pages touched, every one, by two processes in {seconds:.1} s ({rate:.2} million a second)",
                "两个进程把 {touches} 页逐页碰了一遍, 用了 {seconds:.1} 秒 (每秒 {rate:.2} 百万页)"
            )
        }
        _ => say!(
            "{touches} touches at borders and {samples} samples of {pages} pages",
            "在 {pages} 页中碰了边界 {touches} 次, 另取样 {samples} 处"
        ),
    };
    let found = if bytes_end == sigsegv {
        say!(
            "bytes up to {bytes_end}, there SIGSEGV begins",
            "{bytes_end} 之前有字节, 从那里起 SIGSEGV"
        )
    } else {
        say!(
            "bytes up to {bytes_end}, then SIGBUS, from {sigsegv} on SIGSEGV",
            "{bytes_end} 之前有字节, 然后是 SIGBUS, 从 {sigsegv} 起 SIGSEGV"
        )
    };
    let mut lines = hanging(" ", 2, &format!("{how}: {found}"), width);
    if !borders.populated.is_empty() {
        let list = borders.populated.join(", ");
        let text = say!(
            "MADV_POPULATE_READ, which raises no signal, says of the same pages: {list}",
            "不产生信号的 MADV_POPULATE_READ 对这几页的回答: {list}"
        );
        lines.extend(hanging("   ", 3, &text, width));
    }
    if !borders.agrees {
        lines.push(Line::default().paint(BOLD, &format!(" {}", words::differs())));
    }
    lines
}
