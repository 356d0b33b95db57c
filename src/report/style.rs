//! The palette, and lines of coloured spans. Only the 16 named colours, never dimmed, and never meaning on their own:
//! each has a letter or a word. Widths are those of the plain text. It may not know what it colours.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Bytes of the file.
pub const FILE: Style = AnsiColor::Green.on_default();
/// Zeros behind the end of the file.
pub const ZERO: Style = AnsiColor::Cyan.on_default();
/// Mapped, and no page of the file behind it.
pub const SIGBUS: Style = AnsiColor::Yellow.on_default().invert();
/// Not mapped, or not for this access.
pub const SIGSEGV: Style = AnsiColor::Red.on_default().invert();
/// What must not be overlooked.
pub const BOLD: Style = Style::new().bold();
/// Everything else.
pub const PLAIN: Style = Style::new();

/// The colour of a ruler's letter.
pub fn of_letter(letter: char) -> Style {
    match letter {
        '#' => FILE,
        '0' => ZERO,
        'B' => SIGBUS,
        'S' => SIGSEGV,
        _ => PLAIN,
    }
}

/// One line of a screen: spans of one colour each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    spans: Vec<(Style, String)>,
}

impl Line {
    /// A line of plain text.
    pub fn new(text: impl Into<String>) -> Line {
        Line {
            spans: vec![(PLAIN, text.into())],
        }
    }

    /// Append plain text.
    pub fn push(mut self, text: &str) -> Line {
        self.spans.push((PLAIN, text.to_string()));
        self
    }

    /// Append coloured text.
    pub fn paint(mut self, style: Style, text: &str) -> Line {
        self.spans.push((style, text.to_string()));
        self
    }

    /// Append another line.
    pub fn join(mut self, other: Line) -> Line {
        self.spans.extend(other.spans);
        self
    }

    /// Append spaces up to this column.
    pub fn pad(self, column: usize) -> Line {
        let spaces = " ".repeat(column.saturating_sub(self.width()));
        self.push(&spaces)
    }

    /// The same in bold.
    pub fn bold(mut self) -> Line {
        for (style, _) in &mut self.spans {
            *style = style.bold();
        }
        self
    }

    /// The text without its colours.
    pub fn plain(&self) -> String {
        self.spans.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// Columns on a terminal, without the colours.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|(_, text)| text.width()).sum()
    }

    /// Without spaces at its end, and no wider than this.
    fn clipped(&self, width: usize) -> Vec<(Style, String)> {
        let mut left = width;
        let mut kept: Vec<(Style, String)> = Vec::new();
        for (style, text) in &self.spans {
            let mut short = String::new();
            for c in text.chars() {
                let wide = c.width().unwrap_or(0);
                if wide > left {
                    left = 0;
                    break;
                }
                left -= wide;
                short.push(c);
            }
            kept.push((*style, short));
        }
        while let Some((_, text)) = kept.last_mut() {
            text.truncate(text.trim_end_matches(' ').len());
            if !text.is_empty() {
                break;
            }
            kept.pop();
        }
        kept
    }
}

/// Lines as text with colours in it; none is wider than `width`, none ends in a space.
pub fn render(lines: &[Line], width: usize) -> String {
    let mut out = String::new();
    for line in lines {
        for (style, text) in line.clipped(width) {
            if style == PLAIN {
                out.push_str(&text);
            } else {
                out.push_str(&format!("{style}{text}{style:#}"));
            }
        }
        out.push('\n');
    }
    out
}
