//! The screen of `lab watch`: which run it is, the run, and the keys. It may not know what makes it run again.

use unicode_width::UnicodeWidthStr;

use super::screen;
use super::style::{BOLD, Line, render};
use super::text::{fill, hanging};
use crate::say::{said, say};

/// What stands on it.
#[derive(Clone, Copy, Debug)]
pub struct Watched<'a> {
    /// its name as it was given
    pub file: &'a str,
    /// the number of this run
    pub count: usize,
    /// how long it took
    pub seconds: f64,
    /// why the file is looked at now and then, where it is
    pub polling: Option<&'a str>,
    /// what came of the run, drawn for this width
    pub screen: &'a str,
    /// what the last key has brought
    pub said: &'a str,
    /// the word that a key explains
    pub word: &'a str,
    /// is there anything to predict or to step through?
    pub runs: bool,
}

/// All of it, the prompt last and without a line's end; no line is wider than `width`, or than 40 where that is less.
pub fn watched(watched: &Watched, width: usize) -> String {
    let width = width.max(screen::NARROWEST);
    let Watched {
        file,
        count,
        seconds,
        word,
        ..
    } = *watched;
    let left = say!(" run {count}, {seconds:.3}s", " 第 {count} 次, {seconds:.3} 秒");
    let watching = match watched.polling {
        None => say!("watching {file}", "正在监视 {file}"),
        Some(why) => say!("watching {file} (polling: {why})", "正在监视 {file} (轮询: {why})"),
    };
    let head = Line::default().paint(BOLD, &left);
    let mut lines = if left.width() + watching.width() + 2 < width {
        vec![head.pad(width - watching.width() - 1).push(&watching)]
    } else {
        let mut lines = vec![head];
        lines.extend(hanging(" ", 1, &watching, width));
        lines
    };
    lines.push(Line::default());
    let mut text = render(&lines, width);
    text.push_str(watched.screen);
    if !watched.said.is_empty() {
        text.push('\n');
        text.push_str(watched.said);
    }
    let mut keys = Vec::new();
    if watched.runs {
        keys.push(said!("p:predict", "p:预测").to_owned());
    }
    keys.push(said!("h:hint", "h:提示").to_owned());
    keys.push(say!("e:explain {word}", "e:解释 {word}"));
    if watched.runs {
        keys.push(said!("s:step", "s:逐步").to_owned());
    }
    keys.push(said!("r:run", "r:重来").to_owned());
    keys.push(said!("q:quit ?", "q:退出 ?").to_owned());
    let keys: Vec<String> = keys.iter().map(|key| format!("{key}  ")).collect();
    let prompt = fill(keys.iter().map(String::as_str), width - 2);
    let prompt: Vec<String> = prompt.iter().map(|line| format!(" {}", line.trim_end())).collect();
    format!("{text}\n{} ", prompt.join("\n"))
}
