//! Which scenario is meant: a number, an id, the beginning of one, or a file; and what `--set` changes in it.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::Failure;
use super::lesson::{self, Chosen};
use crate::say::{said, say, system};
use crate::scenario::{self, Plan, Prose, Scenario, Setting};
use crate::world::Here;

/// A scenario file is at most this long, in bytes: a stranger's file may be anything.
const LONGEST_FILE: u64 = 256 << 10;

/// A word is a file where it holds a `/` or ends in .toml.
pub fn is_file(word: &str) -> bool {
    word.contains('/') || word.ends_with(".toml")
}

/// Load what `word` names, and work it out for this machine.
pub fn choose(word: &str, settings: &[Setting], here: &Here) -> Result<Chosen, Failure> {
    let (mut scenario, number) = load(word, settings)?;
    let source = if number.is_some() { "builtin" } else { word }.to_owned();
    scenario.next.retain(|(command, _)| !is_this(command, word, settings));
    if !settings.is_empty() {
        reword(&mut scenario, settings);
    }
    let mut plan = lesson::plan(&scenario, here).map_err(Failure::Complaints)?;
    if !settings.is_empty() {
        silence(&mut plan);
    }
    Ok(Chosen {
        scenario,
        number,
        source,
        plan,
        seed: None,
        exhaustive: false,
        viewed: false,
        traced: false,
    })
}

/// Load what `word` names; a built-in scenario has a number.
pub fn load(word: &str, settings: &[Setting]) -> Result<(Scenario, Option<u32>), Failure> {
    let (name, text, number) = if is_file(word) {
        let text = read(Path::new(word)).map_err(|why| Failure::Usage(format!("{word}: {why}")))?;
        (word, text, None)
    } else {
        let builtin = scenario::find(word).map_err(|none| Failure::Usage(unknown(word, none)))?;
        (builtin.name, builtin.text.to_owned(), Some(builtin.number))
    };
    let scenario = scenario::load(name, &text, settings).map_err(Failure::Complaints)?;
    Ok((scenario, number))
}

/// What to say of a word that is no scenario: it may be one that is explained, or a file without its ending.
fn unknown(word: &str, none: String) -> String {
    if Path::new(&format!("{word}.toml")).is_file() {
        return say!(
            "no scenario '{word}'; did you mean ./{word}.toml?",
            "没有情景「{word}」; 是不是 ./{word}.toml?"
        );
    }
    match crate::terms::find(word) {
        Some(_) => say!(
            "no scenario '{word}'; the word is explained: lab explain {word}",
            "没有情景「{word}」; 但有这个词的解释: lab explain {word}"
        ),
        None => none,
    }
}

/// Title and explanation were written for the author's own numbers, and with others nobody has checked them: what was set
/// is the title then, and the explanation is left to the model, which derives it.
fn reword(scenario: &mut Scenario, settings: &[Setting]) {
    let set: Vec<String> = settings.iter().map(Setting::to_string).collect();
    // a brace would begin a placeholder
    let set = set.join(", ").replace('{', "{{").replace('}', "}}");
    scenario.title = Prose {
        en: format!("with {set}"),
        zh: format!("设 {set}"),
    };
    scenario.why = None;
}

/// Nor has the author said anything of other numbers than their own: what is expected is what the model derives.
fn silence(plan: &mut Plan) {
    for probe in &mut plan.probes {
        probe.expected = None;
    }
    for step in &mut plan.steps {
        step.loads.clear();
        step.stores.clear();
    }
}

/// Is this command the one that was typed? Nobody is told to type again what is on the screen.
fn is_this(command: &str, word: &str, settings: &[Setting]) -> bool {
    let mut typed = command.split_whitespace();
    let (Some("lab"), Some("scenario" | "s"), Some(what)) = (typed.next(), typed.next(), typed.next()) else {
        return false;
    };
    let same = match (
        is_file(what) || is_file(word),
        scenario::find(what),
        scenario::find(word),
    ) {
        (false, Ok(what), Ok(word)) => what == word,
        _ => what == word,
    };
    let normal = |name: &str, value: &str| (name.to_owned(), value.replace(' ', ""));
    let suggested = typed
        .filter_map(|part| part.parse().ok())
        .map(|set: Setting| normal(&set.name, &set.value));
    // as with the settings themselves, the last of a name counts
    let suggested: BTreeMap<String, String> = suggested.collect();
    let set: BTreeMap<String, String> = settings.iter().map(|set| normal(&set.name, &set.value)).collect();
    same && suggested == set
}

pub fn read(path: &Path) -> Result<String, String> {
    // Without O_NONBLOCK a named pipe would keep us waiting for somebody to write to it.
    let mut options = std::fs::OpenOptions::new();
    let file = options
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)
        .map_err(|error| system::of(&error))?;
    if !file.metadata().is_ok_and(|facts| facts.is_file()) {
        return Err(said!("not a regular file", "不是普通文件").to_owned());
    }
    let mut bytes = Vec::new();
    file.take(LONGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| system::of(&error))?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(say!(
            "a scenario file has at most {LONGEST_FILE} bytes",
            "情景文件最多 {LONGEST_FILE} 字节"
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        say!(
            "line {line} is not UTF-8; save the file in that encoding",
            "第 {line} 行不是 UTF-8 文本 (可能是 GBK); 请用 UTF-8 编码另存"
        )
    })
}

/// The words of `--set`.
pub fn settings(words: &[String]) -> Result<Vec<Setting>, Failure> {
    words.iter().map(|word| word.parse().map_err(Failure::Usage)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Setting, is_this};

    #[test]
    fn a_command_is_known_again() {
        let set = |text: &str| -> Vec<Setting> { text.split(';').filter_map(|text| text.parse().ok()).collect() };
        let next = "lab scenario 2 --set file.size=2p+1";
        assert!(is_this(next, "2", &set("file.size=2p+1")));
        assert!(is_this(next, "past", &set("file.size = 2p + 1")));
        assert!(
            is_this(next, "2", &set("file.size=7;file.size=2p+1")),
            "the last counts"
        );
        assert!(!is_this(next, "2", &set("file.size=2p+2")));
        assert!(!is_this(next, "2", &set("file.size=2p+1;map.length=1p")));
        assert!(!is_this(next, "2", &[]));
        assert!(!is_this(next, "1", &set("file.size=2p+1")));
        assert!(is_this("lab scenario 3", "grow", &[]));
        assert!(is_this("lab scenario mine.toml", "mine.toml", &[]));
        assert!(!is_this("lab scenario 3", "./grow", &[]));
        assert!(!is_this("lab run 3", "3", &[]));
    }
}
