//! Full-width characters, as Chinese input methods type them where ASCII is meant: which is which, and a line with them
//! mended. On a screen they look nearly alike, so a complaint has to name them. It knows lines of text only.

use std::ops::Range;

use crate::say::say;

/// What is meant by a character that an input method typed; none for one that means itself.
pub fn half(c: char) -> Option<&'static str> {
    // U+FF01 to U+FF5E stand for the visible characters of ASCII, in their order.
    const VISIBLE: &str =
        "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
    let at = (c as usize).wrapping_sub(0xff01);
    Some(match c {
        '\u{ff5e}' | '\u{2026}' | '\u{301c}' => "..", // a wave, and three dots
        '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}' | '「' | '」' | '『' | '』' => "\"",
        '【' | '〔' => "[",
        '】' | '〕' => "]",
        '。' => ".",
        '、' => ",",
        '\u{2014}' | '\u{2013}' | '\u{2212}' => "-",
        '\u{3000}' => " ",
        _ => VISIBLE.get(at..=at)?,
    })
}

/// What is wrong with such a character.
pub fn label(c: char) -> String {
    let meant = half(c).unwrap_or_default();
    say!(
        "an input method has typed this; plain {meant} is meant",
        "「{c}」是输入法打出来的全角字符; 这里要用半角的 {meant}"
    )
}

/// The first and the last such character of a line of TOML, and the line without them; none where it has none. What
/// stands in a string or a comment is somebody's prose.
pub fn mended(line: &str) -> Option<(Range<usize>, String)> {
    let mut text = String::new();
    let mut found: Option<Range<usize>> = None;
    let mut inside = None;
    for (at, c) in line.char_indices() {
        let meant = half(c).filter(|meant| inside.is_none() || inside == Some('"') && *meant == "\"");
        if let Some(meant) = meant {
            let first = found.map_or(at, |found| found.start);
            found = Some(first..at + c.len_utf8());
            text.push_str(meant);
        } else {
            text.push(c);
        }
        let last = meant.and_then(|meant| meant.chars().next()).unwrap_or(c);
        match last {
            quote @ ('"' | '\'') if inside.is_none() => inside = Some(quote),
            quote if inside == Some(quote) => inside = None,
            '#' if inside.is_none() => {
                text.push_str(&line[at + c.len_utf8()..]);
                break;
            }
            _ => {}
        }
    }
    found.map(|found| (found, text))
}

#[cfg(test)]
mod tests {
    use super::{half, mended};

    #[test]
    fn the_whole_block_stands_for_ascii() {
        for c in '\u{ff01}'..'\u{ff5e}' {
            let ascii = char::from(u8::try_from(c as u32 - 0xff01 + 0x21).expect("visible"));
            assert_eq!(half(c), Some(ascii.to_string().as_str()));
        }
        assert_eq!(half('+'), None);
        assert_eq!(half('文'), None);
    }

    #[test]
    fn prose_stays_as_it_is() {
        let all = |line: &str| mended(line).map(|(_, text)| text);
        assert_eq!(all("title = “私有，映射”").as_deref(), Some("title = \"私有，映射\""));
        assert_eq!(
            all("【file】 ＃ 文件，在这里").as_deref(),
            Some("[file] # 文件，在这里")
        );
        assert_eq!(all("title = \"私有，映射\" # 好，的"), None);
        assert_eq!(mended("lab ＝ 1").map(|(at, _)| at), Some(4..7));
    }
}
