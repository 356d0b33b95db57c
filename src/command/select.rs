//! Which scenario is meant: a number, an id, the beginning of one, or a file; and what `--set` changes in it.

use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::Failure;
use super::lesson::{self, Chosen};
use crate::scenario::{self, Setting};
use crate::world::Here;

/// A scenario file is at most this long, in bytes: a stranger's file may be anything.
const LONGEST_FILE: u64 = 256 << 10;

/// A word is a file where it holds a `/` or ends in .toml.
pub fn is_file(word: &str) -> bool {
    word.contains('/') || word.ends_with(".toml")
}

/// Load what `word` names, and work it out for this machine.
pub fn choose(word: &str, settings: &[Setting], here: &Here) -> Result<Chosen, Failure> {
    let (name, text, number) = if is_file(word) {
        let text = read(Path::new(word)).map_err(|why| Failure::Usage(format!("{word}: {why}")))?;
        (word, text, None)
    } else {
        let builtin = scenario::find(word).map_err(Failure::Usage)?;
        (builtin.name, builtin.text.to_owned(), Some(builtin.number))
    };
    let source = if number.is_some() { "builtin" } else { word }.to_owned();
    let scenario = scenario::load(name, &text, settings).map_err(Failure::Complaints)?;
    let plan = lesson::plan(&scenario, here).map_err(Failure::Complaints)?;
    Ok(Chosen { scenario, number, source, plan })
}

fn read(path: &Path) -> Result<String, String> {
    // Without O_NONBLOCK a named pipe would keep us waiting for somebody to write to it.
    let mut options = std::fs::OpenOptions::new();
    let file = options.read(true).custom_flags(libc::O_NONBLOCK).open(path).map_err(|error| error.to_string())?;
    if !file.metadata().is_ok_and(|facts| facts.is_file()) {
        return Err("not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(LONGEST_FILE + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(format!("a scenario file has at most {LONGEST_FILE} bytes"));
    }
    String::from_utf8(bytes).map_err(|error| format!("not UTF-8, at byte {}", error.utf8_error().valid_up_to()))
}

/// The words of `--set`.
pub fn settings(words: &[String]) -> Result<Vec<Setting>, Failure> {
    words.iter().map(|word| word.parse().map_err(Failure::Usage)).collect()
}
