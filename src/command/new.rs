//! `lab new NAME [--from ID]`: a scenario file to start from, with comments, that runs as it is. It overwrites nothing.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use super::{AGREES, Context, Failure};
use crate::say::{Lang, lang, say, system};
use crate::scenario;

mod commented;

/// The arguments of `lab new`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What it shall be called: mine, or mine.toml
    name: String,
    /// Start from a scenario of the course in place of the template
    #[arg(long, value_name = "ID")]
    from: Option<String>,
}

/// A file that says what everything in it is for.
const TEMPLATE: &str = include_str!("new/template.toml");
const TEMPLATE_ZH: &str = include_str!("new/template.zh.toml");

/// Write it.
pub fn new(args: &Args, context: &Context) -> Result<u8, Failure> {
    let path = if args.name.ends_with(".toml") {
        args.name.clone()
    } else {
        format!("{}.toml", args.name)
    };
    let slug = slug(&path).ok_or_else(|| {
        Failure::Usage(say!(
            "'{}' is no name for a scenario; letters, digits and dashes, as in my-first",
            "「{}」不能作情景的名字; 请用小写字母、数字和连字符, 例如 my-first",
            args.name
        ))
    })?;
    let (old, text) = match &args.from {
        Some(word) => {
            let builtin = scenario::find(word).map_err(Failure::Usage)?;
            (builtin.id, commented::commented(builtin.text))
        }
        None if lang() == Lang::Zh => ("my-first", TEMPLATE_ZH.to_owned()),
        None => ("my-first", TEMPLATE.to_owned()),
    };
    let text = text.replacen(&format!("\"{old}\""), &format!("\"{slug}\""), 1);
    let text = text.replace("my-first.toml", &path);
    let file = OpenOptions::new().write(true).create_new(true).open(&path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::Usage(say!(
            "{path} is there already; choose another name, or go on with it: lab watch {path}",
            "{path} 已经存在; 请换一个名字, 或者接着写它: lab watch {path}"
        )),
        _ => Failure::Usage(format!("{path}: {}", system::of(&error))),
    })?;
    let run = if path.contains('/') {
        path.clone()
    } else {
        format!("./{path}")
    };
    context.print(&say!(
        " wrote {path}\n\n next  lab scenario {run}\n       lab scenario {run} --predict\n       lab watch {run}\n",
        " 已写好 {path}\n\n 下一步  lab scenario {run}\n         lab scenario {run} --predict\n         lab watch {run}\n"
    ))?;
    Ok(AGREES)
}

/// The id that belongs to a file's name.
fn slug(path: &str) -> Option<String> {
    let stem = path.rsplit('/').next()?.strip_suffix(".toml")?.to_lowercase();
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (stem.starts_with(|c: char| c.is_ascii_lowercase()) && stem.chars().all(fine)).then_some(stem)
}
