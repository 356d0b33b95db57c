//! The questions of a quiz, each with the probe that answers it. Whatever is asked is touched anyhow, so a quiz changes
//! nothing in a plan. It may not know the answers.

use super::Planner;
use crate::op::{Access, Op};
use crate::say::said;
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
        let touched = |amount, stores| -> Result<usize, Complaint> {
            let probe = self.touched(step, amount, stores)?;
            probe.ok_or_else(|| untouched(amount, stores))
        };
        let asks = match &question.asks {
            About::Border(signal) if self.plan.steps[step].probed => Asks::Border(*signal),
            About::Border(_) => {
                let title = said!("a border where no edges are touched", "这一步没有访问边缘, 问不出边界");
                let label = said!("nothing answers it", "没有答案");
                let complaint = Complaint::new(Code::E06, title, question.at.clone(), label);
                return Err(complaint.help("probe = \"edges\" in the step"));
            }
            About::Own => Asks::Probe(self.plan.steps[step].own.ok_or_else(|| {
                let title = said!("a question that nothing answers", "没有答案的问题");
                let label = said!("nobody says what comes of this step", "没有写这一步的结果");
                let complaint = Complaint::new(Code::E06, title, question.at.clone(), label);
                complaint.help("expect = \"...\" in the step")
            })?),
            About::Load(amount) => Asks::Probe(touched(amount, false)?),
            About::Store(amount) => Asks::Probe(touched(amount, true)?),
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

/// Nothing is stored where the author says nothing of stores.
fn untouched(amount: &Amount, stores: bool) -> Complaint {
    let title = said!("a question about a place that is not touched", "问到的位置没有被访问");
    let label = said!("nothing answers it", "没有答案");
    let complaint = Complaint::new(Code::E06, title, amount.at.whole(), label);
    let repair = "probe = [\"edges\", ...] in the step";
    match stores {
        false => complaint.help(repair),
        true => complaint.help(format!("[expect.write], and {repair}")),
    }
}
