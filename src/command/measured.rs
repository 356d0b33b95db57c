//! A scenario that is measured: let the kernel's voice do it, judge its claims by what came of it, and gather what reports
//! show. It may not say of any way beforehand that it is the faster one.

use super::lesson::Chosen;
use crate::kernel::{self, Interrupts, Options, Trouble, measure::Run};
use crate::op::{Condition, Way};
use crate::report::result::{
    ClaimVerdict, ComparedResult, MeasureResult, ScenarioResult, SeriesResult, Text, Verdict, WayResult,
};
use crate::say::both;
use crate::scenario::{Compared, Comparison};
use crate::verdict::{Race, Spread};
use crate::world::{self, Here};

/// Measure. An interruption is the only thing that leaves no result.
pub fn run(
    chosen: &Chosen,
    here: &Here,
    options: &Options,
    interrupts: &Interrupts,
) -> Result<ScenarioResult, Trouble> {
    let mut result = super::lesson::unrun(chosen, here);
    let page = here.world.page;
    let size = chosen
        .scenario
        .symbols(page)
        .map_or(0, |symbols| symbols.size.unsigned_abs());
    let need = size.saturating_mul(2);
    let done = match world::room(&here.dir).filter(|room| *room < need) {
        Some(room) => Err(both!(
            "{} has room for {room} bytes, and two files of {size} are measured; --set file.size=1M, or set TMPDIR to another directory",
            "{} 只剩 {room} 字节, 而测量需要两个 {size} 字节的文件; 可用 --set file.size=1M, 或把 TMPDIR 设为别的目录",
            here.dir.display()
        )
        .into()),
        None => match kernel::measure::run(size, options, interrupts) {
            Err(Trouble::Interrupted) => return Err(Trouble::Interrupted),
            done => done.map_err(|trouble| super::lesson::told(&trouble)),
        },
    };
    match done {
        Err(reason) => (result.verdict, result.reason) = (Verdict::Error, Some(reason)),
        Ok(measured) => {
            let measure = MeasureResult {
                kind: "read-vs-mmap",
                bytes: size,
                page,
                series: measured.iter().map(series).collect(),
            };
            for (claim, planned) in result.claims.iter_mut().zip(&chosen.plan.claims) {
                claim.compares = planned
                    .compares
                    .iter()
                    .filter_map(|one| compared(one, &measure))
                    .collect();
                let met = claim.compares.iter().filter(|one| one.met).count();
                claim.verdict = match met {
                    _ if claim.compares.is_empty() => ClaimVerdict::Skipped,
                    0 => ClaimVerdict::Refuted,
                    met if met == planned.compares.len() => ClaimVerdict::Holds,
                    // A claim of which one condition could not be made is not shown to hold.
                    met if met == claim.compares.len() => ClaimVerdict::Skipped,
                    _ => ClaimVerdict::Depends,
                };
            }
            // Every way came to the same bytes: the kernel's voice gives no result where one did not.
            (result.verdict, result.reason) = (Verdict::Agrees, None);
            result.measure = Some(measure);
        }
    }
    Ok(result)
}

fn series(measured: &kernel::measure::Measured) -> SeriesResult {
    let Condition { cached, .. } = measured.condition;
    let reason = measured.astray.map(|pages| match cached {
        true => both!(
            "{pages} of 1000 pages did not stay in memory: no room for the whole file",
            "每 1000 页中有 {pages} 页没能留在内存: 整个文件放不下"
        ),
        false => both!(
            "{pages} of 1000 pages stayed in memory: no cold file on this filesystem",
            "每 1000 页中有 {pages} 页仍在内存: 这个文件系统上没有「冷」文件"
        ),
    });
    SeriesResult {
        on: measured.condition.name(),
        bytes: measured.bytes,
        reason: reason.map(Text::from),
        ways: measured.ways.iter().filter_map(|(way, runs)| one(*way, runs)).collect(),
        condition: measured.condition,
    }
}

fn one(way: Way, runs: &[Run]) -> Option<WayResult> {
    let middle = |number: fn(&Run) -> u64| {
        let spread = Spread::of(runs.iter().map(|run| number(run) as f64));
        spread.map_or(0, |spread| spread.median as u64)
    };
    let rounds: Vec<f64> = runs.iter().map(|run| run.time.as_secs_f64()).collect();
    Some(WayResult::new(
        way,
        [
            middle(|run| run.calls),
            middle(|run| run.minor),
            middle(|run| run.major),
        ],
        Spread::of(rounds.iter().copied())?,
        rounds,
    ))
}

/// What came of a comparison; none where its condition could not be made.
fn compared(asked: &Compared, measure: &MeasureResult) -> Option<ComparedResult> {
    let series = measure.series.iter().find(|series| series.condition == asked.on)?;
    let find = |way| series.ways.iter().find(|result| result.is == way);
    let (way, than) = (find(asked.way)?, find(asked.than)?);
    let faster = Spread::faster(&way.timing.rounds, &than.timing.rounds)?;
    let (says, met) = match asked.says {
        Comparison::Faster => ("faster", faster.race() == Race::Faster),
        Comparison::NoFaster => ("no faster", faster.race() != Race::Faster),
        Comparison::FewerCalls => ("fewer calls", way.calls < than.calls),
    };
    Some(ComparedResult {
        on: series.on,
        way: way.way,
        than: than.way,
        says,
        met,
        measured: true,
        timing: faster,
        calls: (asked.says == Comparison::FewerCalls).then_some([way.calls, than.calls]),
        text: asked.text.as_ref().map(|text| Text {
            en: text.en.clone(),
            zh: text.zh.clone(),
        }),
    })
}
