//! The screens of a quiz: what is asked, and how the kernel has marked the answers. It may not know how an answer is read.

use unicode_width::UnicodeWidthStr;

use super::style::{BOLD, Line, PLAIN, SIGBUS, SIGSEGV, render};
use super::text::{fill, hanging, wrap};

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
    let asked = format!("{count} questions");
    let mut lines = vec![
        Line::default()
            .paint(BOLD, &format!(" {title}"))
            .pad(width.saturating_sub(asked.len() + 1))
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
    lines.extend(
        fill(keys.iter().map(String::as_str), "   ", width - 4)
            .into_iter()
            .map(|line| Line::new(format!("   {line}"))),
    );
    lines.push(Line::default());
    render(&lines, width)
}

/// The kernel's marks. `again` is what to type for another try.
pub fn marks(marks: &[Mark], hints: usize, width: usize) -> String {
    let wide = |of: &dyn Fn(&Mark) -> usize| marks.iter().map(of).max().unwrap_or(0);
    let asked = wide(&|mark| mark.asked.width()).max(5);
    let you = wide(&|mark| mark.you.len()).max(3);
    let kernel = wide(&|mark| mark.kernel.len()).max(6);
    // where question and answers do not fit side by side, the answers stand below
    let stacked = 9 + asked + you + kernel > width;
    let left = if stacked { 2 } else { asked };
    let mut lines = vec![Line::default().push(&format!(" {:3} {:left$}  {:you$}  kernel", "", "", "you"))];
    for (n, mark) in marks.iter().enumerate() {
        let style = match mark.kernel.as_str() {
            "SIGBUS" => SIGBUS,
            "SIGSEGV" => SIGSEGV,
            _ => PLAIN,
        };
        let head = if stacked {
            lines.extend(hanging(&format!(" {:3} ", n + 1), 5, &mark.asked, width));
            format!(" {:3} {:left$}  {:you$}  ", "", "", mark.you)
        } else {
            // format! counts characters, not columns
            let gap = " ".repeat(asked - mark.asked.width());
            format!(" {:3} {}{gap}  {:you$}  ", n + 1, mark.asked, mark.you)
        };
        let line = Line::new(head).paint(style, &mark.kernel);
        let right = mark.you == mark.kernel;
        // the name stands behind the row where it has room there, else before the sentence
        let room = 9 + left + you + mark.kernel.width() + 8 <= width;
        lines.push(match &mark.idea {
            Some((id, _)) if room => line.paint(BOLD, &format!("  <- {id}")),
            None if !right => line.paint(BOLD, "  <- no"),
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
    let right = marks.iter().filter(|mark| mark.you == mark.kernel).count();
    let hints = match hints {
        0 => String::new(),
        1 => ", with 1 hint".to_owned(),
        n => format!(", with {n} hints"),
    };
    lines.push(Line::default());
    lines.push(
        Line::default()
            .paint(BOLD, &format!(" {right} of {}", marks.len()))
            .push(&format!("{hints}.")),
    );
    render(&lines, width)
}
