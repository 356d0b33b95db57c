//! One moment of a recorded lesson, for a class that votes before it sees: the list of what happened, the part of the map
//! that is known so far, the question or its answer. Pure: from the moments to a screen of at most so many rows. It may
//! not know how a moment was recorded, nor which key brought it here.

use unicode_width::UnicodeWidthStr;

use super::style::{self, BOLD, Line, render};
use super::text::{fill, hanging, wrap_call};
use crate::say::{said, say};

/// Columns of a page in the map.
const CELLS: i64 = 16;
/// Pages drawn at most; others are folded.
const PAGES: usize = 6;

/// What the class is asked at one moment.
#[derive(Clone, Debug)]
pub struct Question {
    /// the choices, each with its key
    pub keys: Vec<String>,
    /// what it came to, in a word or two
    pub outcome: String,
    /// signal lines, in strace's form
    pub signals: Vec<String>,
    /// the model's reason
    pub why: String,
    /// the cell of the map: offset, and the letter of what was met
    pub cell: Option<(i64, char)>,
}

/// One thing that happened, or is asked.
#[derive(Clone, Debug)]
pub struct Moment {
    /// how many lines of the setup and steps before it; from 1
    pub number: usize,
    /// what was called or touched
    pub text: String,
    /// a call of the script, after which what was seen of the pages may hold no longer
    pub changes: bool,
    /// none: it is shown as it is
    pub asks: Option<Question>,
    /// the machine's own view before its outcome is known, and after
    pub views: [Vec<String>; 2],
}

/// The whole replay.
#[derive(Clone, Debug)]
pub struct Replay {
    /// the scenario's name
    pub title: String,
    /// page size, and the end of the mapping that is drawn; none where a story has no one map
    pub map: Option<(i64, i64)>,
    /// in order
    pub moments: Vec<Moment>,
}

/// Where the class is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// the moment, from 0
    pub at: usize,
    /// is its outcome shown?
    pub revealed: bool,
    /// is the model's reason shown?
    pub model: bool,
    /// is the machine's own view shown?
    pub view: bool,
}

/// A screen of at most `width` columns and `height` rows.
pub fn replay(replay: &Replay, stand: Stand, typed: Option<&str>, width: usize, height: usize) -> String {
    let Some(moment) = replay.moments.get(stand.at) else {
        return String::new();
    };
    let head = heading(replay, stand, width);
    let map = map(replay, stand, width);
    let mut below = vec![Line::default()];
    below.extend(asked(moment, stand, width));
    if stand.view {
        below.push(Line::default());
        below.extend(view(moment, stand, width));
    }
    let typed = typed.map(|typed| (typed, replay.moments.len()));
    let foot = vec![Line::default(), foot(moment, stand, typed, width)];
    // The list gets what is left; at least the line that it is about.
    let around = head.len() + map.len() + below.len() + foot.len();
    let map = if around + 2 > height { Vec::new() } else { map };
    let used = head.len() + map.len() + below.len() + foot.len();
    let list = list(replay, stand, width, height.saturating_sub(used).max(1));
    let mut lines: Vec<Line> = [head, list, map, below].concat();
    lines.truncate(height.saturating_sub(foot.len()).max(1));
    lines.extend(foot);
    render(&lines, width)
}

fn heading(replay: &Replay, stand: Stand, width: usize) -> Vec<Line> {
    let (n, all) = (stand.at + 1, replay.moments.len());
    let right = say!("event {n} of {all}", "第 {n} 个事件, 共 {all} 个");
    let line = Line::default().paint(BOLD, &format!(" {}", replay.title));
    let column = width.saturating_sub(right.width() + 1);
    let room = line.width() + 1 < column;
    vec![if room { line.pad(column).push(&right) } else { line }]
}

/// The last moments, the one at hand marked.
fn list(replay: &Replay, stand: Stand, width: usize, rows: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for moment in replay.moments[..=stand.at].iter().rev() {
        let here = moment.number == stand.at + 1;
        let mark = if here { " >" } else { "  " };
        let known = !here || stand.revealed;
        let outcome = moment.asks.as_ref().filter(|_| known).map(|asks| asks.outcome.as_str());
        let head = format!("{mark}{:>2}  ", moment.number);
        let text = match outcome {
            Some(outcome) => format!("{}  {outcome}", moment.text),
            None => moment.text.clone(),
        };
        let mut these = Vec::new();
        for (i, part) in wrap_call(&text, width.saturating_sub(7)).into_iter().enumerate() {
            let lead = if i == 0 { head.clone() } else { " ".repeat(6) };
            these.push(if here {
                Line::default().paint(BOLD, &format!("{lead}{part}"))
            } else {
                Line::new(format!("{lead}{part}"))
            });
        }
        if let (true, true, Some(asks)) = (here, stand.revealed, &moment.asks) {
            for signal in &asks.signals {
                these.extend(hanging("      ", 8, signal, width));
            }
        }
        if lines.len() + these.len() > rows && !lines.is_empty() {
            break;
        }
        these.extend(lines);
        lines = these;
    }
    lines.truncate(rows.max(1));
    lines
}

/// What is known of the pages since the last call: `?` for what nobody has touched, `^` for what is asked.
fn map(replay: &Replay, stand: Stand, width: usize) -> Vec<Line> {
    let Some((page, end)) = replay.map.filter(|(page, _)| *page > 0) else {
        return Vec::new();
    };
    let past = &replay.moments[..=stand.at];
    let since = past.iter().rposition(|moment| moment.changes).unwrap_or(0);
    let cells: Vec<(i64, char)> = past[since..]
        .iter()
        .filter_map(|moment| {
            let asks = moment.asks.as_ref()?;
            let (at, letter) = asks.cell?;
            let here = moment.number == stand.at + 1;
            Some((at, if here && !stand.revealed { '^' } else { letter }))
        })
        .collect();
    let behind = end / page;
    let mut pages: Vec<i64> = cells.iter().map(|(at, _)| at.div_euclid(page)).collect();
    pages.extend([0, behind - 1, behind]);
    pages.retain(|at| (0..=behind).contains(at));
    if behind < PAGES as i64 {
        pages.extend(0..=behind);
    }
    pages.sort_unstable();
    pages.dedup();
    let asked = cells.last().map(|(at, _)| at.div_euclid(page));
    while pages.len() > PAGES {
        // the page that is asked about stays, and so do both ends
        let Some(i) = (1..pages.len() - 2).find(|i| Some(pages[*i]) != asked) else {
            break;
        };
        pages.remove(i);
    }
    let mut lines = vec![Line::default()];
    let mut last = -1;
    for at in pages {
        if at > last + 1 {
            lines.push(Line::new(" ..."));
        }
        last = at;
        let name = if at == behind {
            "------".to_owned()
        } else {
            say!("page {at}", "第 {at} 页")
        };
        let offset = at * page;
        let mut row = ['?'; CELLS as usize];
        for (place, letter) in cells.iter().filter(|(place, _)| place.div_euclid(page) == at) {
            let cell = &mut row[(place.rem_euclid(page) * CELLS / page) as usize];
            // what is asked hides what is known, and two kinds of answers in one cell are both
            *cell = match (*cell, *letter) {
                ('?', letter) | (_, letter @ '^') => letter,
                (known, letter) if known == letter => letter,
                _ => '+',
            };
        }
        let mut line = Line::new(format!(" {name}")).pad(11).push(&format!("{offset:>8} |"));
        for cell in row {
            line = line.paint(style::of_letter(cell), &cell.to_string());
        }
        lines.push(line.push("|"));
    }
    let mut legend = said!(
        " since the last call:  ? nobody has looked",
        " 上次调用之后:  ? 还没有人访问"
    )
    .to_owned();
    if cells.last().is_some_and(|(_, letter)| *letter == '^') {
        legend.push_str(said!("   ^ asked now", "   ^ 现在要问的"));
    }
    lines.push(Line::new(legend));
    lines.retain(|line| line.width() <= width);
    lines
}

/// The question, or why it came out as it did.
fn asked(moment: &Moment, stand: Stand, width: usize) -> Vec<Line> {
    let Some(asks) = &moment.asks else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    if stand.revealed {
        lines.extend(hanging(said!(" WHY  ", " 原因  "), 6, &asks.why, width));
        return lines;
    }
    let question = said!(
        "What will the kernel do? Show of hands, then space.",
        "内核会怎么做? 先举手, 再按空格。"
    );
    lines.extend(hanging(said!(" ASK  ", " 提问  "), 6, question, width));
    let keys: Vec<String> = asks.keys.iter().map(|key| format!("{key}   ")).collect();
    let keys = fill(keys.iter().map(String::as_str), width.saturating_sub(6));
    lines.extend(keys.into_iter().map(|line| Line::new(format!("      {line}"))));
    if stand.model {
        lines.extend(hanging(said!(" MODEL ", " 模型  "), 6, &asks.why, width));
    }
    lines
}

/// What /proc, mincore(2) and fstat(2) said at that moment.
fn view(moment: &Moment, stand: Stand, width: usize) -> Vec<Line> {
    let known = moment.asks.is_none() || stand.revealed;
    let lines = &moment.views[usize::from(known)];
    if lines.is_empty() {
        let nothing = said!("nothing is mapped yet", "还没有任何映射");
        return hanging(said!(" VIEW ", " 视图  "), 6, nothing, width);
    }
    let mut shown: Vec<Line> = Vec::new();
    for line in lines {
        let own = line.trim_start();
        let indent = 1 + line.len() - own.len();
        shown.extend(hanging(&" ".repeat(indent), indent + 2, own, width));
    }
    let legend = said!("mincore: # in memory   . not", "mincore: # 在内存中   . 不在");
    shown.push(Line::new(format!(" {legend}")));
    shown
}

fn foot(moment: &Moment, stand: Stand, typed: Option<(&str, usize)>, width: usize) -> Line {
    if let Some((typed, last)) = typed {
        return Line::new(say!(
            " go to {typed}_   1 to {last}, then Enter",
            " 跳到 {typed}_   1 到 {last}, 然后回车"
        ));
    }
    let reveal = moment.asks.is_some() && !stand.revealed;
    let keys = match reveal {
        true => said!(
            " space reveal   n next   p back   g go to   m model   v view   q quit",
            " 空格 揭晓   n 下一步   p 上一步   g 跳转   m 模型   v 视图   q 退出"
        ),
        false => said!(
            " space next   n next   p back   g go to   v view   q quit",
            " 空格 下一步   n 下一步   p 上一步   g 跳转   v 视图   q 退出"
        ),
    };
    if keys.width() <= width {
        return Line::new(keys);
    }
    Line::new(said!(" space n p g m v q", " 空格 n p g m v q"))
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::{Moment, Question, Replay, Stand, replay};

    fn sample() -> Replay {
        let ask = |number: usize, at: i64, letter: char| Moment {
            number,
            text: format!("load base[{at}]"),
            changes: false,
            asks: Some(Question {
                keys: ["f  'A'", "0  a zero", "b  SIGBUS", "s  SIGSEGV"]
                    .map(str::to_owned)
                    .to_vec(),
                outcome: "SIGBUS".to_owned(),
                signals: vec!["+++ killed by SIGBUS +++".to_owned()],
                why: "There is an address and no page of the file.".to_owned(),
                cell: Some((at, letter)),
            }),
            views: Default::default(),
        };
        let call = "mmap(hole, 15000, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0) = base";
        Replay {
            title: "2 past-eof".to_owned(),
            map: Some((4096, 16384)),
            moments: vec![
                Moment {
                    number: 1,
                    text: call.to_owned(),
                    changes: true,
                    asks: None,
                    views: Default::default(),
                },
                ask(2, 4999, '#'),
                ask(3, 15000, 'B'),
            ],
        }
    }

    fn plain(stand: Stand, width: usize, height: usize) -> String {
        let mut text = String::new();
        let screen = replay(&sample(), stand, None, width, height);
        let mut inside = false;
        for c in screen.chars() {
            match c {
                '\u{1b}' => inside = true,
                'm' if inside => inside = false,
                _ if !inside => text.push(c),
                _ => {}
            }
        }
        text
    }

    #[test]
    fn nothing_is_told_before_it_is_revealed() {
        let stand = Stand {
            at: 2,
            ..Stand::default()
        };
        let before = plain(stand, 80, 24);
        assert!(
            before.contains('^') && !before.contains("killed") && !before.contains("WHY"),
            "{before}"
        );
        assert!(
            before.contains("4999] SIGBUS"),
            "what was revealed before stays: {before}"
        );
        let after = plain(
            Stand {
                revealed: true,
                ..stand
            },
            80,
            24,
        );
        assert!(
            after.contains("killed by SIGBUS") && after.contains("WHY") && after.contains('B'),
            "{after}"
        );
        assert!(!after.contains('^'), "{after}");
    }

    #[test]
    fn every_size_of_a_terminal_holds_it() {
        for width in [40, 60, 80, 120] {
            for height in [12, 20, 24, 50] {
                for at in 0..3 {
                    for revealed in [false, true] {
                        let stand = Stand {
                            at,
                            revealed,
                            model: true,
                            view: true,
                        };
                        let screen = plain(stand, width, height);
                        assert!(screen.lines().count() <= height, "{width}x{height}:\n{screen}");
                        assert!(
                            screen.lines().all(|line| line.width() <= width),
                            "{width}x{height}:\n{screen}"
                        );
                        assert!(screen.contains("base[") || at == 0, "{width}x{height}:\n{screen}");
                    }
                }
            }
        }
    }
}
