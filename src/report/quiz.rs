//! The screens of a quiz: what is asked, and how the kernel has marked the answers. It may not know how an answer is read.

use unicode_width::UnicodeWidthStr;

use super::style::{BOLD, Line, PLAIN, SIGBUS, SIGSEGV, render};
use super::text::{fill, hanging, wrap};
use crate::say::{Lang, lang, said, say};

/// One row of the marks.
#[derive(Clone, Debug, Default)]
pub struct Mark {
    /// what was asked: `read base[5000]`
    pub asked: String,
    /// what was answered
    pub you: String,
    /// what the kernel did
    pub kernel: String,
    /// of a wrong answer: the name of the misconception that it shows, and what is right instead
    pub idea: Option<(String, String)>,
}

/// The situation before the questions.
pub fn questions(
    title: &str,
    situation: &str,
    steps: &[String],
    keys: &[String],
    count: usize,
    width: usize,
) -> String {
    let asked = say!("{count} questions", "{count} 题");
    let mut lines = vec![
        Line::default()
            .paint(BOLD, &format!(" {title}"))
            .pad(width.saturating_sub(asked.width() + 1))
            .push(&asked),
    ];
    lines.extend(
        wrap(situation, width - 2)
            .into_iter()
            .map(|line| Line::new(format!(" {line}"))),
    );
    if !steps.is_empty() {
        lines.push(Line::default());
        lines.extend(steps.iter().flat_map(|step| hanging("  ", 6, step, width)));
    }
    lines.push(Line::default());
    let keys: Vec<String> = keys.iter().map(|key| format!("{key}   ")).collect();
    lines.extend(
        fill(keys.iter().map(String::as_str), width - 4)
            .into_iter()
            .map(|line| Line::new(format!("   {line}"))),
    );
    lines.push(Line::default());
    render(&lines, width)
}

/// The rows of marks, each with its number from 0, below their heading.
pub fn rows(marks: &[(usize, &Mark)], width: usize) -> Vec<Line> {
    let wide = |of: &dyn Fn(&Mark) -> usize| marks.iter().map(|(_, mark)| of(mark)).max().unwrap_or(0);
    let asked = wide(&|mark| mark.asked.width()).max(5);
    let you = wide(&|mark| mark.you.width()).max(3);
    let kernel = wide(&|mark| mark.kernel.width()).max(6);
    // where question and answers do not fit side by side, the answers stand below
    let stacked = 9 + asked + you + kernel > width;
    let left = if stacked { 2 } else { asked };
    // format! counts characters, not columns
    let pad = |text: &str, to: usize| format!("{text}{}", " ".repeat(to.saturating_sub(text.width())));
    let heads = (said!("you", "你"), said!("kernel", "内核"));
    let head = format!(" {:3} {}  {}  {}", "", pad("", left), pad(heads.0, you), heads.1);
    let mut lines = vec![Line::new(head)];
    for (n, mark) in marks {
        let style = match mark.kernel.as_str() {
            "SIGBUS" => SIGBUS,
            "SIGSEGV" => SIGSEGV,
            _ => PLAIN,
        };
        let head = if stacked {
            lines.extend(hanging(&format!(" {:3} ", n + 1), 5, &mark.asked, width));
            format!(" {:3} {}", "", pad("", left))
        } else {
            format!(" {:3} {}", n + 1, pad(&mark.asked, asked))
        };
        let line = Line::new(format!("{head}  {}  ", pad(&mark.you, you))).paint(style, &mark.kernel);
        let right = mark.you == mark.kernel;
        // the name stands behind the row where it has room there, else before the sentence
        let room = 9 + left + you + mark.kernel.width() + 8 <= width;
        lines.push(match &mark.idea {
            Some((id, _)) if room => line.paint(BOLD, &format!("  <- {id}")),
            None if !right && room => line.paint(BOLD, said!("  <- no", "  <- 不对")),
            _ => line,
        });
        if let Some((id, instead)) = &mark.idea {
            let named = if room {
                instead.clone()
            } else {
                format!("<- {id}: {instead}")
            };
            lines.extend(hanging("       ", 7, &named, width));
        }
    }
    lines
}

/// A remark between questions, or below the marks.
pub fn note(indent: usize, text: &str, width: usize) -> String {
    render(&hanging(&" ".repeat(indent), indent, text, width), width)
}

/// The kernel's marks.
pub fn marks(marks: &[Mark], hints: usize, width: usize) -> String {
    let numbered: Vec<(usize, &Mark)> = marks.iter().enumerate().collect();
    let mut lines = rows(&numbered, width);
    let right = marks.iter().filter(|mark| mark.you == mark.kernel).count();
    let all = marks.len();
    let score = say!(" {right} of {all}", " {all} 题答对 {right} 题");
    let hints = match hints {
        0 => String::new(),
        1 => said!(", with 1 hint", ", 用了 1 次提示").to_owned(),
        n => say!(", with {n} hints", ", 用了 {n} 次提示"),
    };
    let end = match lang() {
        Lang::En => ".",
        Lang::Zh => "\u{3002}",
    };
    lines.push(Line::default());
    lines.push(Line::default().paint(BOLD, &score).push(&format!("{hints}{end}")));
    render(&lines, width)
}
