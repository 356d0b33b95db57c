//! `lab run`: scenarios, one line each, for CI and grading.

use super::{Context, Failure, scenario::exit_code, select};
use crate::report;
use crate::say::{said, say};
use crate::scenario::{Builtin, builtins};

/// The arguments of `lab run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Every built-in scenario
    #[arg(long)]
    all: bool,
    /// With --all: also what measures or waits
    #[arg(long, requires = "all")]
    measure: bool,
    /// Run nothing: check scenario files against the model with pages of 4K, 16K and 64K
    #[arg(long, conflicts_with = "measure")]
    lint: bool,
    /// Grade answer files against the kernel
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["all", "measure", "lint", "what"])]
    answers: Vec<String>,
    /// Numbers, ids or files
    #[arg(value_name = "ID|FILE")]
    what: Vec<String>,
}

/// Run them. All files are read and checked before the first of them runs.
pub fn run(args: &Args, context: &Context) -> Result<u8, Failure> {
    let here = super::here()?;
    if !args.answers.is_empty() {
        return super::answers::grade(&args.answers, &here, context);
    }
    if args.lint {
        let all = args.all || args.what.is_empty();
        let builtin = builtins().filter(|_| all).map(|builtin| builtin.id);
        let words: Vec<&str> = builtin.chain(args.what.iter().map(String::as_str)).collect();
        return super::lint::lint(&words, &here, context);
    }
    // What measures or waits runs when it is asked for by name.
    let quick = |builtin: &&Builtin| args.all && (args.measure || !builtin.measures());
    let builtin = builtins().filter(quick);
    let words = builtin
        .map(|builtin| builtin.id)
        .chain(args.what.iter().map(String::as_str));
    let mut chosen = words
        .map(|word| select::choose(word, &[], &here))
        .collect::<Result<Vec<_>, _>>()?;
    // --all 1 names the first of all once more; times stand under ids, so each runs once
    let mut seen = Vec::new();
    chosen.retain(|one| {
        let name = (one.number, one.source.clone());
        let new = !seen.contains(&name);
        seen.push(name);
        new
    });
    if chosen.is_empty() {
        return Err(Failure::Nothing(
            said!(
                "nothing selected; try lab run --all, or lab run 2",
                "没有选中任何情景; 试试 lab run --all 或 lab run 2"
            )
            .to_owned(),
        ));
    }
    chosen.iter_mut().for_each(|chosen| chosen.traced = context.traces());
    let lesson = super::lesson::all(&chosen, &here)?;
    context.write_reports(&lesson.report, &lesson.trace)?;
    if context.screen_wanted() {
        context.print(&report::run(&lesson.report, context.width))?;
        let left = builtins().filter(|builtin| builtin.measures()).count();
        if args.all && !args.measure && left > 0 {
            let line = say!(
                "{left} more measure, and take their time: lab run --all --measure",
                "另有 {left} 个要测量, 比较花时间: lab run --all --measure"
            );
            context.print(&report::note(1, &line, context.width))?;
        }
    }
    super::refused::tell(&lesson.report.scenarios);
    Ok(exit_code(lesson.report.scenarios.iter().map(|result| result.verdict)))
}
