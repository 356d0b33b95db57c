//! The questions of a quiz, each with the probe that answers it. Whatever is asked is touched anyhow, so a quiz changes
//! nothing in a plan. It may not know the answers.

use super::Planner;
use crate::op::{Access, Op};
use crate::scenario::complaint::{Code, Complaint};
use crate::scenario::parse::{About, Amount, Question};
use crate::scenario::{Asks, PlannedQuestion};

impl Planner<'_> {
    /// What the author asks; a complaint for each question that nothing answers. With other numbers than the author's own a
    /// place may be touched no longer, and is not asked about then.
    pub(super) fn quiz(&mut self) {
        if self.dry || self.unfinished || !self.complaints.is_empty() {
            return;
        }
        for question in &self.scenario.quiz {
            match self.question(question) {
                Ok(planned) => self.plan.quiz.push(planned),
                Err(_) if self.scenario.has_settings() => {}
                Err(complaint) => self.complaints.push(complaint),
            }
        }
    }

    fn question(&self, question: &Question) -> Result<PlannedQuestion, Complaint> {
        let probed = self.plan.steps.iter().position(|step| step.probed);
        let step = question.step.or(probed).unwrap_or(0);
        let wrong = |title: &str, label: &str| Complaint::new(Code::E06, title, question.at.clone(), label);
        let asks = match &question.asks {
            About::Border(signal) => Asks::Border(*signal),
            About::Own => Asks::Probe(self.plan.steps[step].own.ok_or_else(|| {
                let complaint = wrong("a question that nothing answers", "nobody says what comes of this step");
                complaint.help("expect = \"...\" in the step")
            })?),
            About::Load(amount) => Asks::Probe(
                self.touched(step, amount, false)?
                    .ok_or_else(|| untouched(amount, wrong))?,
            ),
            About::Store(amount) => Asks::Probe(
                self.touched(step, amount, true)?
                    .ok_or_else(|| untouched(amount, wrong))?,
            ),
        };
        let idea = question.idea.clone();
        Ok(PlannedQuestion { step, asks, idea })
    }

    /// The probe that touches this place after a step.
    fn touched(&self, step: usize, amount: &Amount, store: bool) -> Result<Option<usize>, Complaint> {
        let at = amount.value(&self.plan.steps[step].symbols)?;
        Ok(self.plan.probes.iter().position(|probe| {
            let op = self.plan.scripts[probe.at.0].acts[probe.at.1].op;
            let alike = matches!(op, Op::Touch { access, .. } if store == access.is_store() && access.width() == Access::Load.width());
            alike && probe.step == step && probe.offset == at
        }))
    }
}

fn untouched(amount: &Amount, wrong: impl Fn(&str, &str) -> Complaint) -> Complaint {
    let complaint = wrong("a question about a place that is not touched", "nothing answers it");
    let place = amount.at.whole();
    complaint
        .also(place, "no step touches this")
        .help("probe = [\"edges\", ...] in the step")
}
