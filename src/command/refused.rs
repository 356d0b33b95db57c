//! System calls that were refused, or were not although they should have been: is that a difference between model and
//! kernel, or could the machine not do it? Touches are compared elsewhere.

use std::io::{self, Write};

use super::voices::Voices;
use super::words::{outcome_word, seen};
use crate::kernel::Observation;
use crate::op::{Op, Outcome, Script};
use crate::report::result::{ProbeResult, ScenarioResult, Text};
use crate::say::both;
use crate::verdict::{self, Foretold, Verdict};
use crate::world::{self, Here};

/// Say what differs that no touch shows. Why a machine could not do it is said elsewhere.
pub fn tell(results: &[ScenarioResult]) {
    for result in results.iter().filter(|result| result.verdict == Verdict::Differs) {
        if let Some(reason) = &result.reason {
            // The exit code says it too, where nobody reads stderr.
            let _ = writeln!(io::stderr(), "lab: {}: {reason}", result.id);
        }
    }
}

impl Voices<'_> {
    /// The verdict that the touches alone do not give, and why: `trouble` is what ended the run early.
    pub fn beyond_probes(
        &self,
        trouble: Option<Text>,
        result: &ScenarioResult,
        here: &Here,
    ) -> Option<(Verdict, Text)> {
        let failed = trouble
            .or_else(|| self.failed(here))
            .or_else(|| self.full(result, here));
        let failed = failed.map(|reason| (Verdict::Error, reason));
        failed.or_else(|| Some((Verdict::Differs, self.differing_call()?)))
    }

    /// Every operation that ran, with its place, or the first that did not.
    fn ran(&self) -> impl Iterator<Item = ((usize, usize), Option<&Observation>)> {
        let scripts = self.records.iter().enumerate();
        scripts.flat_map(|(script, record)| {
            let answers = record.answers.iter().enumerate();
            answers.map(move |(op, answer)| ((script, op), answer.as_ref()))
        })
    }

    /// A call that failed although the model says that it cannot: the machine could not do it.
    fn failed(&self, here: &Here) -> Option<Text> {
        for (at, answer) in self.ran() {
            let Some(Observation { outcome, .. }) = answer else {
                return Some(both!("operation {} never ran", "操作 {} 没有执行", at.1).into());
            };
            let ruled = &self.ruled[at.0][at.1];
            let may_fail = ruled
                .possible
                .iter()
                .any(|outcome| matches!(outcome, Outcome::Errno(_)));
            match outcome {
                Outcome::Errno(_) if ruled.allows(*outcome) => {}
                Outcome::Errno(libc::ENOSPC | libc::EDQUOT) => {
                    let dir = here.dir.display();
                    return Some(
                        both!(
                            "the filesystem of {dir} is full; set TMPDIR to another",
                            "{dir} 所在的文件系统已满; 请把 TMPDIR 设到别处"
                        )
                        .into(),
                    );
                }
                Outcome::Errno(_) if !may_fail => {
                    let line = self.line(at, outcome);
                    return Some([line.clone(), line].into());
                }
                _ => {}
            }
        }
        None
    }

    /// A call to which model and kernel give different answers. The author says nothing of calls, so that it cannot be
    /// told which of the two is the odd one.
    fn differing_call(&self) -> Option<Text> {
        let probed: Vec<_> = self.chosen.plan.probes.iter().map(|probe| probe.at).collect();
        let mut silent = self.ran().filter(|(at, _)| !probed.contains(at));
        silent.find_map(|(at, answer)| {
            let answer = answer
                .filter(|answer| matches!(answer.outcome, Outcome::Errno(_) | Outcome::Done | Outcome::Elsewhere))?;
            let ruled = &self.ruled[at.0][at.1];
            let foretold = Foretold {
                possible: &ruled.possible,
                word: ruled.reason.word(),
            };
            let (verdict, _) = verdict::compare(None, foretold, seen(answer));
            (verdict == Verdict::Differs).then(|| {
                let model: Vec<String> = ruled.possible.iter().map(outcome_word).collect();
                let kernel = outcome_word(&answer.outcome);
                let line = self.line(at, &answer.outcome);
                let (en, zh) = (model.join(" or "), model.join(" 或 "));
                both!(
                    "{line}: the model says {en}, the kernel {kernel}",
                    "{line}: 模型说 {zh}, 内核说 {kernel}"
                )
                .into()
            })
        })
    }

    /// The call as it was traced.
    fn line(&self, at: (usize, usize), outcome: &Outcome) -> String {
        let lines = self.records[at.0].lines.iter().rev();
        let mut asked = lines.filter(|line| line.asked && line.op == Some(at.1));
        asked
            .next()
            .map_or_else(|| format!("operation {}: {outcome:?}", at.1), |line| line.text.clone())
    }

    /// On a full filesystem a page of the file that has no block yet is SIGBUS too: that is no difference of voices. It
    /// excuses nothing else.
    fn full(&self, result: &ScenarioResult, here: &Here) -> Option<Text> {
        let starved = |probe: &ProbeResult| {
            let sigbus = probe.observed.as_ref().is_some_and(|seen| seen.is == "SIGBUS");
            sigbus && probe.model.is != "SIGBUS"
        };
        let mut differing = result
            .probes
            .iter()
            .filter(|probe| probe.verdict == Verdict::Differs)
            .peekable();
        if differing.peek().is_none() || !differing.all(starved) {
            return None;
        }
        // The holder's files are gone by now, and their pages free again: full is what has less room than a script takes.
        let page = here.world.page.max(here.world.block);
        let takes = |op: &Op| match op {
            Op::Touch { .. } => page,
            Op::Write { len, .. } | Op::Allocate { len, .. } => len.saturating_add(page),
            _ => 0,
        };
        let takes = |script: &Script| script.ops().map(takes).fold(0, u64::saturating_add);
        let most = self.chosen.plan.scripts.iter().map(takes).max().unwrap_or(0);
        let full = world::room(&here.dir).is_some_and(|room| room < most);
        full.then(|| {
            let dir = here.dir.display();
            both!(
                "the filesystem of {dir} is full: SIGBUS inside the file means that no block was left for its page",
                "{dir} 所在的文件系统已满: 文件之内的 SIGBUS 说明没有剩下的块给这一页"
            )
            .into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::lesson::{self, Chosen};
    use crate::kernel::Record;
    use crate::model::Model;
    use crate::op::{Fault, Signal, World};

    /// Pages past the mapping cannot be protected: ENOMEM. Operation 3 of the script.
    const TEXT: &str = r#"
        lab = 1
        id = "refused"
        title = "refused"
        file = { size = "1p", fill = "A" }
        map = { length = "1p" }
        step = [{ protect = "r", at = "1p", length = "1p" }, { probe = [0, 1, 2] }]
    "#;
    const PROTECT: usize = 3;
    const ENOMEM: Outcome = Outcome::Errno(libc::ENOMEM);

    /// What comes of it where the kernel gives the model's answers but for these. `block` is what a page takes on disk.
    fn verdict_where(block: u64, but: &[(usize, Outcome)]) -> (Verdict, String) {
        let world = World {
            block,
            ..World::textbook(4096)
        };
        let dir = world::directory();
        let here = Here {
            world,
            dir,
            release: String::new(),
            arch: "x86_64",
            fs_options: String::new(),
            euid: 0,
        };
        let scenario = scenario(TEXT);
        let plan = lesson::plan(&scenario, &here).expect("no complaints");
        let chosen = Chosen {
            scenario,
            number: None,
            source: "refused.toml".to_owned(),
            plan,
            seed: None,
            exhaustive: false,
            viewed: false,
            traced: false,
        };
        let ruled: Vec<_> = chosen
            .plan
            .scripts
            .iter()
            .map(|script| Model::answer(&here.world, script))
            .collect();
        assert_eq!(ruled[0][PROTECT].possible, [ENOMEM]);
        let mut answers: Vec<_> = ruled[0]
            .iter()
            .map(|ruled| {
                Some(Observation {
                    outcome: ruled.possible[0],
                    pread: None,
                    witness: None,
                })
            })
            .collect();
        for (op, outcome) in but {
            answers[*op] = Some(Observation {
                outcome: *outcome,
                pread: None,
                witness: None,
            });
        }
        let records = vec![Record {
            answers,
            ..Record::default()
        }];
        let voices = Voices {
            chosen: &chosen,
            ruled,
            records,
        };
        let result = voices.result(&here);
        voices
            .beyond_probes(None, &result, &here)
            .map_or((result.verdict, String::new()), |(verdict, reason)| {
                (verdict, reason.en)
            })
    }

    fn scenario(text: &str) -> crate::scenario::Scenario {
        crate::scenario::load("refused.toml", text, &[]).expect("no complaints")
    }

    #[test]
    fn a_call_that_comes_out_otherwise_than_the_model_says_differs() {
        assert_eq!(verdict_where(512, &[]).0, Verdict::Agrees);
        let (verdict, reason) = verdict_where(512, &[(PROTECT, Outcome::Done)]);
        assert_eq!(verdict, Verdict::Differs);
        assert!(reason.ends_with(": the model says ENOMEM, the kernel ok"), "{reason}");
        let (verdict, reason) = verdict_where(512, &[(PROTECT, Outcome::Errno(libc::EACCES))]);
        assert_eq!(verdict, Verdict::Differs);
        assert!(
            reason.ends_with(": the model says ENOMEM, the kernel EACCES"),
            "{reason}"
        );
    }

    #[test]
    fn a_call_that_the_machine_refuses_is_no_difference() {
        let (create, write) = (0, 1);
        assert_eq!(
            verdict_where(512, &[(create, Outcome::Errno(libc::EPERM))]).0,
            Verdict::Error
        );
        let (verdict, reason) = verdict_where(512, &[(write, Outcome::Errno(libc::ENOSPC))]);
        assert_eq!(verdict, Verdict::Error);
        assert!(reason.contains("is full"), "{reason}");
    }

    #[test]
    fn a_full_filesystem_excuses_only_what_it_explains() {
        let (huge, touch) = (u64::MAX, PROTECT + 1);
        let starved = Outcome::Fault(Fault {
            signal: Signal::Sigbus,
            si_code: 2,
            at: 0.into(),
        });
        let wrong = Outcome::Byte(b'B');
        assert_eq!(verdict_where(huge, &[(touch, starved)]).0, Verdict::Error);
        assert_eq!(
            verdict_where(huge, &[(touch, starved), (touch + 1, starved)]).0,
            Verdict::Error
        );
        assert_eq!(
            verdict_where(huge, &[(touch, starved), (touch + 1, wrong)]).0,
            Verdict::Differs
        );
        assert_eq!(verdict_where(huge, &[(touch, wrong)]).0, Verdict::Differs);
        assert_eq!(
            verdict_where(512, &[(touch, starved)]).0,
            Verdict::Differs,
            "there is room"
        );
    }
}
