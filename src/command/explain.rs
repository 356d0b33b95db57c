//! `lab explain [WORD]`: one word in one screen, or the list of all.

use super::{AGREES, Context, Failure};
use crate::report;
use crate::say::{self, Lang};
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
            || "lab explain lists them".to_owned(),
            |near| format!("did you mean {near}?"),
        );
        return Err(Failure::Usage(format!("no word '{word}' is explained; {near}")));
    };
    let text = if chinese { term.zh } else { term.en };
    context.print(&report::term(term.names, text, term.see, context.width))?;
    Ok(AGREES)
}
