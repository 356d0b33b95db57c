//! The questions of a quiz, each with the probe that answers it. Whatever is asked is touched anyhow, so a quiz changes
//! nothing in a plan. It may not know the answers.

use super::Planner;
use crate::op::{Access, Op};
use crate::say::{said, say};
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
        let edges = |question: &&Question| !matches!(question.asks, About::Own) && question.step.is_none();
        let first = self.scenario.quiz.iter().find(edges);
        if let (Some(first), true) = (first, self.plan.steps.iter().all(|step| !step.probed)) {
            let title = said!(
                "questions about edges, and no step touches any",
                "问到了边缘, 却没有哪一步访问边缘"
            );
            let label = said!("nothing answers this and what follows it", "这一题和后面的都没有答案");
            let complaint = Complaint::new(Code::E06, title, first.at.clone(), label);
            let note = said!(
                "a file with steps touches edges only where a step says so; as a first step",
                "有了步骤, 就只在写明 probe 的步骤之后访问边缘; 可以写在最前面"
            );
            self.complaints
                .push(complaint.note(note).help("[[step]]").help("probe = \"edges\""));
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
            let place = amount.value(&self.plan.steps[step].symbols)?;
            probe.ok_or_else(|| untouched(amount, place, stores, self.elsewhere(amount, stores)))
        };
        let asks = match &question.asks {
            About::Border(signal) if self.plan.steps[step].probed => Asks::Border(*signal),
            About::Border(_) => {
                let title = said!("a border where no edges are touched", "这一步没有访问边缘, 问不出边界");
                let label = said!("nothing answers it", "没有答案");
                let complaint = Complaint::new(Code::E06, title, question.at.clone(), label);
                return Err(complaint.help(format!("probe = \"edges\"   {}", in_the_step())));
            }
            About::Own => Asks::Probe(self.plan.steps[step].own.ok_or_else(|| {
                let title = said!("a question that nothing answers", "没有答案的问题");
                let label = said!("nobody says what comes of this step", "这一步没有写 expect");
                let complaint = Complaint::new(Code::E06, title, question.at.clone(), label);
                complaint.help(format!("expect = \"ok\"   {}", in_the_step()))
            })?),
            About::Load(amount) => Asks::Probe(touched(amount, false)?),
            About::Store(amount) => Asks::Probe(touched(amount, true)?),
        };
        let idea = question.idea.clone();
        Ok(PlannedQuestion { step, asks, idea })
    }

    /// A step of its own that touches the place, counted from 1.
    fn elsewhere(&self, amount: &Amount, store: bool) -> Option<usize> {
        let here = |step: &usize| {
            let probe = self.touched(*step, amount, store).ok().flatten();
            probe.is_some() && self.plan.steps[*step].own == probe
        };
        (0..self.plan.steps.len()).find(here).map(|step| step + 1)
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

fn in_the_step() -> &'static str {
    said!("# in the step", "# 写在这一步里")
}

/// Nothing is stored where the author says nothing of stores.
fn untouched(amount: &Amount, place: i64, stores: bool, elsewhere: Option<usize>) -> Complaint {
    let title = said!("a question about a place that is not touched", "问到的位置没有被访问");
    let label = said!("nothing answers it", "没有答案");
    let complaint = Complaint::new(Code::E06, title, amount.at.whole(), label);
    if let Some(step) = elsewhere {
        let note = say!(
            "step {step} touches it: ask for the step",
            "第 {step} 步访问了它: 问这一步"
        );
        return complaint.note(note).help(format!("{{ step = {step} }}"));
    }
    let repair = format!("probe = [\"edges\", {place}]   {}", in_the_step());
    match stores {
        false => complaint.help(repair),
        true => complaint.help("[expect.write]").help(repair),
    }
}
