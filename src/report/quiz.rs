//! The screens of a quiz: what is asked, and how the kernel has marked the answers. It may not know how an answer is read.

use super::style::{BOLD, Line, PLAIN, SIGBUS, SIGSEGV, render};
use super::text::{hanging, wrap};

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
pub fn questions(title: &str, situation: &str, keys: &str, count: usize, width: usize) -> String {
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
    lines.push(Line::default());
    lines.extend(
        wrap(keys, width - 4)
            .into_iter()
            .map(|line| Line::new(format!("   {line}"))),
    );
    lines.push(Line::default());
    render(&lines, width)
}

/// The kernel's marks. `again` is what to type for another try.
pub fn marks(marks: &[Mark], hints: usize, width: usize) -> String {
    let wide = |of: &dyn Fn(&Mark) -> usize| marks.iter().map(of).max().unwrap_or(0);
    let asked = wide(&|mark| mark.asked.len()).max(5);
    let you = wide(&|mark| mark.you.len()).max(3);
    let mut lines = vec![Line::default().push(&format!(" {:3} {:asked$}  {:you$}  kernel", "", "", "you"))];
    for (n, mark) in marks.iter().enumerate() {
        let style = match mark.kernel.as_str() {
            "SIGBUS" => SIGBUS,
            "SIGSEGV" => SIGSEGV,
            _ => PLAIN,
        };
        let head = format!(" {:3} {:asked$}  {:you$}  ", n + 1, mark.asked, mark.you);
        let line = Line::new(head).paint(style, &mark.kernel);
        let right = mark.you == mark.kernel;
        lines.push(match &mark.idea {
            Some((id, _)) => line.paint(BOLD, &format!("  <- {id}")),
            None if !right => line.paint(BOLD, "  <- no"),
            None => line,
        });
        if let Some((_, instead)) = &mark.idea {
            lines.extend(hanging("       ", 7, instead, width));
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
