//! In which language screens speak, and the one form in which a sentence is written: both languages side by side, so that
//! neither can be forgotten. It knows no other room.

pub mod system;

use std::cell::Cell;
use std::sync::atomic::{AtomicU8, Ordering};

/// A language of the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// English
    En,
    /// 中文
    Zh,
}

/// A process prints for one reader, so there is one language: set once, before anything is printed.
static SPOKEN: AtomicU8 = AtomicU8::new(Lang::En as u8);

thread_local! {
    /// The language of one sentence, whatever is spoken otherwise.
    static HERE: Cell<Option<Lang>> = const { Cell::new(None) };
}

/// Speak this language from now on.
pub fn speak(lang: Lang) {
    SPOKEN.store(lang as u8, Ordering::Relaxed);
}

/// The language spoken.
pub fn lang() -> Lang {
    if let Some(here) = HERE.get() {
        here
    } else if SPOKEN.load(Ordering::Relaxed) == Lang::Zh as u8 {
        Lang::Zh
    } else {
        Lang::En
    }
}

/// What this says in both languages, English first: for what is kept until it is known who reads it.
pub fn in_both(sentence: impl Fn() -> String) -> [String; 2] {
    [Lang::En, Lang::Zh].map(|lang| {
        let before = HERE.replace(Some(lang));
        let text = sentence();
        HERE.set(before);
        text
    })
}

/// The language that the environment asks for: LAB_LANG, else the locale.
pub fn of_environment() -> Lang {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let asked = ["LAB_LANG", "LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set);
    match asked {
        Some(value) if value.to_lowercase().starts_with("zh") => Lang::Zh,
        _ => Lang::En,
    }
}

/// Is this Chinese text a translation, and not the English text again or words without a Han character?
pub const fn translated(zh: &str) -> bool {
    let bytes = zh.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        // U+4000 to U+9FFF begin with these bytes in UTF-8; Han stands at U+4E00 to U+9FFF.
        if bytes[i] >= 0xe4 && bytes[i] <= 0xe9 {
            return true;
        }
        i += 1;
    }
    false
}

/// A sentence in the language spoken: `say!("{n} pages", "{n} 页")`, from `use crate::say::say;`. Takes what `format!` takes, after the two texts. A
/// text without a Han character in the second place does not compile.
macro_rules! say {
    ($en:literal, $zh:literal $(, $($rest:tt)*)?) => {{
        const { assert!($crate::say::translated($zh), "the second text has no Han character") };
        match $crate::say::lang() {
            $crate::say::Lang::En => format!($en $(, $($rest)*)?),
            $crate::say::Lang::Zh => format!($zh $(, $($rest)*)?),
        }
    }};
}

/// One of two constant texts: `said!("nothing", "没有")`, of type `&'static str`.
macro_rules! said {
    ($en:expr, $zh:expr $(,)?) => {{
        const { assert!($crate::say::translated($zh), "the second text has no Han character") };
        match $crate::say::lang() {
            $crate::say::Lang::En => $en,
            $crate::say::Lang::Zh => $zh,
        }
    }};
}

/// Both texts of a sentence, English first, for what is kept until it is known who reads it: a report for machines is in
/// English whatever is spoken.
macro_rules! both {
    ($en:literal, $zh:literal $(, $($rest:tt)*)?) => {{
        const { assert!($crate::say::translated($zh), "the second text has no Han character") };
        [format!($en $(, $($rest)*)?), format!($zh $(, $($rest)*)?)]
    }};
}

pub(crate) use {both, said, say};

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn chinese_is_told_from_english() {
        assert!(translated("文件") && translated("SIGBUS 信号"));
        assert!(!translated("file") && !translated("SIGBUS, 100") && !translated("\u{ff0c}"));
    }
}
