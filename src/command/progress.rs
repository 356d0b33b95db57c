//! What has been predicted and how well, kept from one day to the next in `$XDG_STATE_HOME/lab/progress.toml`. A file
//! that is missing, broken or cannot be written changes nothing else: it is said in one line, and never overwritten.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

use crate::report::Mark;
use crate::say::{said, say, system};

/// The first lines of the file, for whoever opens it.
const HEAD: &str = "\
# What you have predicted with lab, and how well. Plain text: copy it to another machine, or remove it to begin anew.
# 用 lab 做过的预测和成绩。纯文本: 可以复制到别的机器; 删掉就重新开始。
";

/// How one scenario was predicted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predicted {
    /// how often
    pub times: u32,
    /// questions
    pub of: usize,
    /// right answers, the best time
    pub best: usize,
    /// right answers, the last time
    pub last: usize,
    /// hints asked for, the last time
    #[serde(default, skip_serializing_if = "is_none")]
    pub hints: usize,
    /// the misconceptions that the last time has shown
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ideas: Vec<String>,
}

fn is_none(number: &usize) -> bool {
    *number == 0
}

/// Scenarios by id.
pub type Progress = BTreeMap<String, Predicted>;

/// What is known so far; the complaint where the file cannot be read. None is known where there is none.
pub fn known() -> (Progress, Option<String>) {
    match file().and_then(|file| read(&file)) {
        Ok(progress) => (progress, None),
        Err(why) => (Progress::new(), Some(why)),
    }
}

/// Say it where nobody takes it for a part of a screen. It changes no exit code.
pub fn tell(complaint: Option<String>) {
    if let Some(complaint) = complaint {
        let _ = writeln!(io::stderr(), "lab: {complaint}"); // nobody is left to tell
    }
}

/// Keep these marks, and how many hints there were; the complaint where they cannot be kept.
pub fn keep(id: &str, marks: &[Mark], hints: usize) -> Option<String> {
    file().and_then(|file| add(&file, id, marks, hints)).err()
}

fn file() -> Result<PathBuf, String> {
    // As the XDG Base Directory Specification has it: a path that is not absolute does not count.
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let state = set("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let state = state.or_else(|| Some(set("HOME").filter(|path| path.is_absolute())?.join(".local/state")));
    let state = state.ok_or_else(|| {
        unkept(said!(
            "neither XDG_STATE_HOME nor HOME names a directory",
            "XDG_STATE_HOME 和 HOME 都没有给出目录"
        ))
    })?;
    Ok(state.join("lab/progress.toml"))
}

fn unkept(why: &str) -> String {
    say!("progress is not kept: {why}", "进度没有保存: {why}")
}

fn failed(path: &Path) -> impl Fn(io::Error) -> String {
    move |error| unkept(&format!("{}: {}", path.display(), system::of(&error)))
}

fn read(file: &Path) -> Result<Progress, String> {
    let text = match fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Progress::new()),
        text => text.map_err(failed(file))?,
    };
    toml::from_str(&text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let (file, why) = (file.display(), error.message());
        unkept(&say!(
            "{file}:{line}: {why}; mend that line, or remove the file to begin anew",
            "{file}:{line}: 这一行无法理解; 请改正, 或删掉文件重新开始"
        ))
    })
}

/// Several labs may do this at once: one after another, by a lock on the directory, and nobody sees half a file.
fn add(file: &Path, id: &str, marks: &[Mark], hints: usize) -> Result<(), String> {
    let dir = file.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(dir).map_err(failed(dir))?;
    let open = File::open(dir).map_err(failed(dir))?;
    let _locked = Flock::lock(open, FlockArg::LockExclusive).map_err(|(_, errno)| failed(dir)(errno.into()))?;
    let mut progress = read(file)?;
    let right = marks.iter().filter(|mark| mark.you == mark.kernel).count();
    let one = progress.entry(id.to_owned()).or_default();
    // Of another number of questions, as with another page size, the best of before says nothing.
    let best = if one.of == marks.len() { one.best } else { 0 };
    let mut ideas: Vec<String> = marks.iter().filter_map(|mark| Some(mark.idea.clone()?.0)).collect();
    ideas.sort();
    ideas.dedup();
    *one = Predicted {
        times: one.times.saturating_add(1),
        of: marks.len(),
        best: best.max(right),
        last: right,
        hints,
        ideas,
    };
    let text = toml::to_string(&progress).map_err(|error| unkept(&error.to_string()))?;
    let new = file.with_extension("toml.new");
    let written = File::create(&new).and_then(|mut out| out.write_all(format!("{HEAD}\n{text}").as_bytes()));
    let moved = written.and_then(|()| fs::rename(&new, file));
    moved.map_err(|error| {
        let _ = fs::remove_file(&new); // it may not even be there
        failed(file)(error)
    })
}
