//! `lab scenario ID|FILE`: run one scenario and explain it.

use super::{AGREES, Context, DIFFERS, Failure, MACHINE, seed, select};
use crate::report;
use crate::verdict::Verdict;

/// The arguments of `lab scenario`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A number, an id or its beginning, or a file (with a / or .toml)
    #[arg(value_name = "ID|FILE")]
    pub what: String,
    /// Change one number: --set map.length=4p
    #[arg(long = "set", value_name = "NAME=EXPR")]
    pub set: Vec<String>,
    /// The same lesson with other numbers, the same for everyone with this seed
    #[arg(long, value_name = "N", conflicts_with = "set")]
    pub seed: Option<u64>,
    /// You answer first; the kernel marks you
    #[arg(long)]
    pub predict: bool,
    /// One event at a time, forward and back, for a class that votes first
    #[arg(long, conflicts_with = "predict")]
    pub step: bool,
    /// Touch every page of the mapping, on two processes
    #[arg(long, conflicts_with = "predict")]
    pub exhaustive: bool,
}

/// Run it.
pub fn scenario(args: &Args, context: &Context) -> Result<u8, Failure> {
    let settings = select::settings(&args.set)?;
    let here = super::here()?;
    let mut chosen = match args.seed {
        Some(seed) => seed::choose(&args.what, seed, &here)?,
        None => select::choose(&args.what, &settings, &here)?,
    };
    chosen.traced = context.traces();
    if args.exhaustive {
        super::huge::announce(&chosen, &here)?;
        chosen.exhaustive = true;
    }
    if args.step {
        return super::step::step(chosen, &here, &super::interrupts()?);
    }
    if args.predict {
        return super::predict::predict(chosen, &here, &super::interrupts()?, context);
    }
    let lesson = super::lesson::all(&[chosen], &here)?;
    context.write_reports(&lesson.report, &lesson.trace)?;
    let result = &lesson.report.scenarios[0];
    // where it could not be done the one line on stderr says so, with the reason
    if context.screen_wanted() && result.verdict != Verdict::Error {
        context.print(&report::scenario(result, &lesson.report.machine, context.width))?;
    }
    super::refused::tell(&lesson.report.scenarios);
    match result.verdict {
        Verdict::Error => Err(Failure::Machine(result.reason.clone().unwrap_or_default().to_string())),
        Verdict::Differs => Ok(DIFFERS),
        _ => Ok(AGREES),
    }
}

/// The exit code for several results: a difference outweighs an error.
pub fn exit_code(verdicts: impl Iterator<Item = Verdict> + Clone) -> u8 {
    if verdicts.clone().any(|verdict| verdict == Verdict::Differs) {
        return DIFFERS;
    }
    if verdicts.clone().any(|verdict| verdict == Verdict::Error) {
        MACHINE
    } else {
        AGREES
    }
}
