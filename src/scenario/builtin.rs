//! The scenarios that come with the program, and how they are called: by number, by id, by a prefix that only one has.

use super::near::nearest;
use crate::say::say;

/// A row of a chapter: the name of the file, whose number and id it holds.
macro_rules! scenario {
    ($number:literal, $id:literal, $name:literal) => {
        Builtin {
            number: $number,
            id: $id,
            name: concat!($name, ".toml"),
            text: include_str!(concat!("../../../scenarios/", $name, ".toml")),
        }
    };
}

mod corners;
mod faults;
mod rights;
mod sharing;
mod sizes;

/// A scenario that comes with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// its number in the course
    pub number: u32,
    /// its id, as in its file
    pub id: &'static str,
    /// its file's name
    pub name: &'static str,
    /// its file's text
    pub text: &'static str,
}

impl Builtin {
    /// Does it take times? Then it needs seconds, and its claims are judged when that is asked for.
    pub fn is_timed(&self) -> bool {
        self.text.lines().any(|line| line.trim() == "[measure]")
    }

    /// Does it measure or wait, so that it runs only when asked for by name?
    pub fn measures(&self) -> bool {
        self.text
            .lines()
            .any(|line| line.split_whitespace().eq(["measures", "=", "true"]))
    }
}

/// All of them by chapters, in the order of the course.
pub const CHAPTERS: [&[Builtin]; 5] = [sizes::ALL, rights::ALL, sharing::ALL, faults::ALL, corners::ALL];

/// All of them, in the order of the course.
pub fn builtins() -> impl Iterator<Item = &'static Builtin> + Clone {
    CHAPTERS.iter().copied().flatten()
}

/// The scenario called so, or the sentence that says there is none.
pub fn find(word: &str) -> Result<&'static Builtin, String> {
    let exact = builtins().find(|b| b.id == word || word.parse() == Ok(b.number));
    if let Some(builtin) = exact {
        return Ok(builtin);
    }
    let begun: Vec<&Builtin> = builtins()
        .filter(|b| !word.is_empty() && b.id.starts_with(word))
        .collect();
    match begun[..] {
        [builtin] => Ok(builtin),
        [] => Err(match nearest(word, builtins().map(|b| b.id)) {
            Some(near) => say!(
                "no scenario '{word}'; did you mean {near}?",
                "没有情景「{word}」; 是不是 {near}?"
            ),
            None => say!(
                "no scenario '{word}'; lab lists all of them",
                "没有情景「{word}」; lab 列出全部情景"
            ),
        }),
        _ => Err(say!(
            "no scenario '{word}'; did you mean {}?",
            "没有情景「{word}」; 是不是 {}?",
            list(begun.into_iter())
        )),
    }
}

fn list<'b>(builtins: impl Iterator<Item = &'b Builtin>) -> String {
    builtins.map(|b| b.id).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_directory() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
        let mut names: Vec<String> = std::fs::read_dir(directory)
            .expect("scenarios/")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .collect();
        names.sort_by_key(|name| name.split('-').next().and_then(|number| number.parse::<u32>().ok()));
        assert_eq!(names, builtins().map(|b| b.name).collect::<Vec<_>>());
        for builtin in builtins() {
            assert_eq!(builtin.name, format!("{:02}-{}.toml", builtin.number, builtin.id));
            let scenario = super::super::load(builtin.name, builtin.text, &[]).expect("no complaints");
            assert_eq!(scenario.id, builtin.id);
        }
    }

    #[test]
    fn names_numbers_and_prefixes() {
        assert_eq!(find("2").map(|b| b.id), Ok("past-eof"));
        assert_eq!(find("past-eof").map(|b| b.id), Ok("past-eof"));
        assert_eq!(find("pa").map(|b| b.id), Ok("past-eof"));
        assert_eq!(
            find("past-eod"),
            Err("no scenario 'past-eod'; did you mean past-eof?".to_string())
        );
        assert_eq!(find("999"), Err("no scenario '999'; lab lists all of them".to_string()));
        assert!(find("").is_err());
    }
}
