//! Bare `lab`: where you are, and the next thing to type.

use super::{AGREES, Context, Failure, machine, progress, select};
use crate::report::{self, Entry};
use crate::scenario::{self, CHAPTERS};

/// Print the home screen. It runs nothing, so that it answers at once.
pub fn home(context: &Context) -> Result<u8, Failure> {
    let here = super::here()?;
    let (progress, complaint) = progress::known();
    let entry = |(chapter, builtin): (usize, &scenario::Builtin)| {
        let chosen = select::choose(builtin.id, &[], &here)?;
        let symbols = chosen.plan.steps.first().map(|step| step.symbols).unwrap_or_default();
        let brief = chosen
            .scenario
            .brief
            .as_ref()
            .unwrap_or(&chosen.scenario.title)
            .fill(&symbols);
        Ok(Entry {
            chapter,
            number: builtin.number,
            id: chosen.scenario.id,
            brief: brief.spoken().to_owned(),
            score: progress.get(builtin.id).map(|known| (known.best, known.of)),
        })
    };
    let all = CHAPTERS
        .iter()
        .enumerate()
        .flat_map(|(n, chapter)| chapter.iter().map(move |builtin| (n, builtin)));
    let entries = all.map(entry).collect::<Result<Vec<_>, Failure>>()?;
    context.print(&report::home(&entries, &machine(&here), context.width))?;
    progress::tell(complaint);
    Ok(AGREES)
}
