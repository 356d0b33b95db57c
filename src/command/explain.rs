//! `lab explain [WORD]`: one word in one screen, or the list of all.

use super::{AGREES, Context, Failure};
use crate::report;
use crate::say::{self, Lang, said, say};
use crate::scenario::nearest;
use crate::terms;

/// The arguments of `lab explain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// SIGBUS, map_end, M2, E03, page fault ...; without one, the list of all
    word: Vec<String>,
}

/// Explain it.
pub fn explain(args: &Args, context: &Context) -> Result<u8, Failure> {
    let chinese = say::lang() == Lang::Zh;
    let word = args.word.join(" ");
    if word.is_empty() {
        let kinds = terms::KINDS.iter().map(|(en, zh, terms)| {
            let names = terms.iter().map(|term| term.names[0]).collect();
            (if chinese { *zh } else { *en }, names)
        });
        context.print(&report::terms(kinds, context.width))?;
        return Ok(AGREES);
    }
    let Some(term) = terms::find(&word) else {
        let names = terms::all().flat_map(|term| term.names).copied();
        let near = nearest(&word, names).map_or_else(
            || said!("lab explain lists them", "lab explain 会列出全部").to_owned(),
            |near| say!("did you mean {near}?", "是不是 {near}?"),
        );
        return Err(Failure::Usage(say!(
            "no word '{word}' is explained; {near}",
            "没有解释「{word}」这个词; {near}"
        )));
    };
    context.print(&screen(term, context.width))?;
    Ok(AGREES)
}

/// The screen of one word, where there is one.
pub fn word(word: &str, width: usize) -> Option<String> {
    terms::find(word).map(|term| screen(term, width))
}

fn screen(term: &terms::Term, width: usize) -> String {
    let text = match say::lang() {
        Lang::En => term.en,
        Lang::Zh => term.zh,
    };
    report::term(term.names, text, term.see, width)
}
