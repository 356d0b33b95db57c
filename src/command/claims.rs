//! `lab claims`: every claim of the course notes, put to the test by the scenarios that speak of it, on TMPDIR and on
//! /dev/shm where that is another filesystem. No verdict is stored: each comes from a run.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::suites;
use super::{AGREES, Context, Failure, Format};
use crate::report::result::{ClaimResult, ClaimVerdict, ScenarioResult, Text, Verdict};
use crate::report::{self, Judged};
use crate::say::{both, said, say};
use crate::scenario::{Builtin, builtins};
use crate::world::{self, Here};

/// The arguments of `lab claims`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The tests of other suites: which of their assertions a scenario shows, and which not and why
    #[arg(long)]
    sources: bool,
    /// Also the claims on speed: some ten seconds on each filesystem
    #[arg(long)]
    measure: bool,
}

/// The notes make this many claims, n1 and so on.
const CLAIMS: u32 = 37;

/// Claims that no scenario can show, what they say, and why, in both languages.
const NOT_SHOWN: [(u32, [&str; 2], [&str; 2]); 1] = [(
    32,
    [
        "when memory is full, rarely used pages go to swap",
        "内存满时, 不常用的页换出到交换区",
    ],
    [
        "pages go to swap only where memory is short and there is swap",
        "只有内存不足并且有交换区时, 页才会换出",
    ],
)];

/// One run of a claim.
struct Seen {
    scenario: &'static Builtin,
    place: Text,
    claim: ClaimResult,
    /// why its scenario did not run
    skipped: Option<Text>,
    /// what came of each of its cases
    cases: Text,
    /// the touches that decide it
    touched: Text,
}

/// Run them and print the verdicts.
pub fn claims(args: &Args, context: &Context) -> Result<u8, Failure> {
    if args.sources && context.screen_wanted() {
        let (shown, missing) = suites::lists();
        context.print(&report::suites(&shown, &missing, context.width))?;
        return Ok(AGREES);
    }
    let here = super::here()?;
    let mut places = vec![here];
    let memory = world::detect(Path::new("/dev/shm")).ok();
    places.extend(memory.filter(|memory| memory.world.filesystem != places[0].world.filesystem));
    let mut seen: BTreeMap<u32, Vec<Seen>> = BTreeMap::new();
    for here in &places {
        for run in run(here, args.measure)? {
            let number = run.claim.id.strip_prefix('n').and_then(|number| number.parse().ok());
            if let Some(number) = number {
                seen.entry(number).or_default().push(run);
            }
        }
    }
    let judged: Vec<Judged> = (1..=CLAIMS)
        .map(|number| judge(number, seen.get(&number).map_or(&[], Vec::as_slice)))
        .collect();
    print(&judged, context)
}

/// Every claim of every built-in scenario, judged in one place; those on speed where they are asked for.
fn run(here: &Here, measure: bool) -> Result<Vec<Seen>, Failure> {
    let with_claims = builtins().filter(|builtin| builtin.text.contains("[[claim]]"));
    let (timed, mut builtins): (Vec<&Builtin>, Vec<&Builtin>) = with_claims.partition(|builtin| builtin.is_timed());
    let mut seen = Vec::new();
    if measure {
        builtins.extend(timed);
    } else {
        for builtin in timed {
            seen.extend(unmeasured(builtin, here)?);
        }
    }
    let chosen = builtins
        .iter()
        .map(|builtin| super::select::choose(builtin.id, &[], here));
    let chosen = chosen.collect::<Result<Vec<_>, _>>()?;
    let lesson = super::lesson::all(&chosen, here)?;
    // A scenario whose voices disagree decides nothing.
    let broken = |result: &&ScenarioResult| matches!(result.verdict, Verdict::Differs | Verdict::Error);
    if let Some(result) = lesson.report.scenarios.iter().find(broken) {
        let why = say!(
            "scenario {} does not agree here, so its claims are not judged; lab scenario {0}",
            "情景 {} 在这里三方不一致, 所以不评判它的论断; lab scenario {0}",
            result.id
        );
        return Err(Failure::Machine(why));
    }
    let (filesystem, dir) = (here.world.filesystem.name(), here.dir.display());
    let place = Text::from(both!("{filesystem} on {dir}", "{dir} ({filesystem} 文件系统)"));
    let results = builtins.into_iter().zip(lesson.report.scenarios);
    seen.extend(results.flat_map(|(scenario, result)| {
        let place = place.clone();
        let claims = result.claims.clone();
        let seen = move |claim: ClaimResult| {
            let cases = report::cases(&result, &claim);
            let touched = report::touched(&result, &claim);
            Seen {
                touched,
                scenario,
                place: place.clone(),
                claim,
                skipped: result.reason.clone(),
                cases,
            }
        };
        claims.into_iter().map(seen)
    }));
    Ok(seen)
}

/// The claims of a scenario that was not run, because it takes its time.
fn unmeasured(scenario: &'static Builtin, here: &Here) -> Result<Vec<Seen>, Failure> {
    let chosen = super::select::choose(scenario.id, &[], here)?;
    let claims = super::lesson::unrun(&chosen, here).claims.into_iter();
    let seen = |claim| Seen {
        scenario,
        place: Text::default(),
        claim,
        skipped: Some(
            both!(
                "measured on request: lab claims --measure",
                "需要时才测量: lab claims --measure"
            )
            .into(),
        ),
        cases: Text::default(),
        touched: Text::default(),
    };
    Ok(claims.map(seen).collect())
}

/// One verdict from several runs: where they disagree, it depends.
fn judge(number: u32, seen: &[Seen]) -> Judged {
    let tried: Vec<&Seen> = seen
        .iter()
        .filter(|seen| seen.claim.verdict != ClaimVerdict::Skipped)
        .collect();
    let all = |verdict| tried.iter().all(|seen| seen.claim.verdict == verdict);
    let verdict = if tried.is_empty() {
        ClaimVerdict::Skipped
    } else if all(ClaimVerdict::Holds) {
        ClaimVerdict::Holds
    } else if all(ClaimVerdict::Refuted) {
        ClaimVerdict::Refuted
    } else {
        ClaimVerdict::Depends
    };
    let not_shown = NOT_SHOWN.iter().find(|row| row.0 == number);
    let said = not_shown.map(|row| Text::from(row.1.map(str::to_owned)));
    let mut scenarios: Vec<&str> = tried.iter().map(|seen| seen.scenario.id).collect();
    scenarios.dedup();
    let mut known = Vec::new();
    scenarios.retain(|id| {
        !known.contains(id) && {
            known.push(*id);
            true
        }
    });
    Judged {
        id: format!("n{number}"),
        text: seen
            .first()
            .map(|seen| seen.claim.text.clone())
            .or(said)
            .unwrap_or_default(),
        verdict,
        evidence: Some(match verdict {
            ClaimVerdict::Skipped => match seen.iter().find_map(|seen| seen.skipped.clone()) {
                Some(reason) => reason,
                None => not_shown
                    .map_or(["no scenario shows it yet", "目前还没有情景演示它"], |row| {
                        row.2
                    })
                    .map(str::to_owned)
                    .into(),
            },
            _ => evidence(&tried),
        }),
        scenarios: scenarios.into_iter().map(str::to_owned).collect(),
    }
}

/// Half a line: the cases, what was shown, or where the runs disagree.
fn evidence(tried: &[&Seen]) -> Text {
    let first = tried[0];
    if let Some(other) = tried.iter().find(|seen| seen.claim.verdict != first.claim.verdict) {
        let word = |seen: &Seen| report::verdict_words(seen.claim.verdict);
        let place = |seen: &Seen| {
            if seen.scenario == first.scenario && seen.place != first.place {
                seen.place.clone()
            } else {
                both!("scenario {}", "情景 {}", seen.scenario.id).into()
            }
        };
        if other.place != first.place || other.scenario != first.scenario {
            let here = if other.scenario == first.scenario {
                first.place.clone()
            } else {
                place(first)
            };
            let there = place(other);
            let ([en, zh], [other_en, other_zh]) = (word(first), word(other));
            return Text {
                en: format!("{en} by {}; {other_en} by {}", here.en, there.en),
                zh: format!("{}: {zh}; {}: {other_zh}", here.zh, there.zh),
            };
        }
    }
    match &first.claim.shown {
        _ if !first.cases.en.is_empty() => first.cases.clone(),
        Some(shown) => shown.clone(),
        None => first.touched.clone(),
    }
}

fn print(judged: &[Judged], context: &Context) -> Result<u8, Failure> {
    for to in &context.reports {
        let text = match to.format {
            Format::Json => report::claims_json(judged).map_err(|error| Failure::Machine(error.to_string()))?,
            Format::Markdown => report::claims_markdown(judged),
            Format::Strace => {
                return Err(Failure::Usage(
                    said!(
                        "claims has no strace report; lab run has",
                        "claims 没有 strace 报告; lab run 有"
                    )
                    .to_owned(),
                ));
            }
        };
        match &to.file {
            None => std::io::stdout().lock().write_all(text.as_bytes())?,
            Some(file) => std::fs::write(file, text).map_err(|error| Failure::unwritable(file, &error))?,
        }
    }
    if context.screen_wanted() {
        context.print(&report::claims(judged, context.width))?;
    }
    Ok(AGREES)
}
