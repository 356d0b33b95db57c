//! The touches after a step: the edges of the author's zones and of the model's, and what `probe` asks for; loads first,
//! then stores. It may not know what is found there.

use std::collections::BTreeMap;

use super::{Planner, limits};
use crate::op::{Access, Act, AreaId, Op, Place, ProcId};
use crate::say::{said, say};
use crate::scenario::Probe;
use crate::scenario::complaint::{Anchor, Code, Complaint};
use crate::scenario::parse::{Amount, Step};
use crate::scenario::zone::{self, Here};

/// A place to touch, and the line that asks for it: nobody's line where the place follows from the model or from `len`.
type Places = BTreeMap<i64, Option<(Anchor, Asker)>>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asker {
    Zone,
    Probe,
}

impl<'s> Planner<'s> {
    /// The touches after a step; none: after a scenario without steps, whose edges are touched.
    pub(super) fn touches(&mut self, step: Option<&Step>) {
        let index = self.plan.steps.len() - 1;
        let several = (!self.scenario.steps.is_empty()).then_some(index);
        let (loads, stores) = match (self.here(true), self.here(false)) {
            (Ok(loads), Ok(stores)) => (loads, stores),
            (Err(complaint), _) | (_, Err(complaint)) => {
                self.unfinished = true;
                return self.complaints.push(complaint);
            }
        };
        if self.dry {
            let asks = step.is_none_or(|step| step.edges || !step.probe.is_empty());
            self.plan.steps[index].probed = asks;
            return;
        }
        let edges = step.is_none_or(|step| step.edges);
        let asked: Vec<&Amount> = step.map_or(Vec::new(), |step| step.probe.iter().collect());
        let planned = &mut self.plan.steps[index];
        planned.loads = loads.iter().map(|here| here.zone.clone()).collect();
        planned.stores = stores.iter().map(|here| here.zone.clone()).collect();
        planned.probed = edges || !asked.is_empty();
        if !planned.probed {
            return;
        }
        self.complaints.extend(zone::overlaps(&loads, &self.symbols, several));
        self.complaints.extend(zone::overlaps(&stores, &self.symbols, several));
        let places = self.places(edges, &asked, &loads, &stores);
        for (at, asker) in &places {
            if let Some((anchor, asker)) = asker {
                self.complaints.extend(
                    limits::touch(
                        Place {
                            area: self.whose().1,
                            at: *at,
                        },
                        self,
                        &anchor.whole(),
                    )
                    .err(),
                );
                if *asker == Asker::Probe {
                    self.lies_in_a_zone(*at, anchor, &loads, &stores, several);
                }
            }
        }
        let span = step.map_or_else(|| self.scenario.map.length.at.whole(), |step| step.span.clone());
        if self.plan.probes.len() + places.len() * 2 > limits::TOUCH_LIMIT {
            let label = say!("here there are more than {}", "这里已超过 {} 次", limits::TOUCH_LIMIT);
            return self.complaints.push(Complaint::new(
                Code::E08,
                said!("too many touches", "访问次数太多"),
                span,
                label,
            ));
        }
        self.group(index, &places, Access::Load, &loads);
        let value = self.scenario.file.fill.unwrap_or(b'A');
        // Nothing is stored of which the author says nothing at all.
        if !self.scenario.stores.is_empty() {
            self.group(index, &places, Access::Store(value), &stores);
        }
    }

    /// One group of touches: all loads, or all stores. Where the author says nothing, model and kernel are compared alone.
    fn group(&mut self, step: usize, places: &Places, access: Access, zones: &[Here]) {
        let (by, area) = self.whose();
        for at in places.keys() {
            let zone = zones.iter().find(|here| zone::holds(&here.zone, *at));
            let probe = Probe {
                step,
                at: self.next_at(),
                by,
                area,
                offset: *at,
                place: self.symbols.place(*at),
                expected: zone.map(|here| here.zone.wants.clone()),
                said_at: zone.map(|here| here.line.stretch.at.whole()),
            };
            let op = Op::Touch {
                at: Place { area, at: *at },
                access,
            };
            self.script().push(Act { by, op });
            self.plan.probes.push(probe);
            self.disturbed |= access != Access::Load;
        }
    }

    /// Every place to touch, each once: what the author asks for, and the edges.
    fn places(&mut self, edges: bool, asked: &[&Amount], loads: &[Here], stores: &[Here]) -> Places {
        let mut places = Places::new();
        let top: &[Amount] = if edges { &self.scenario.probe } else { &[] };
        for amount in asked.iter().copied().chain(top) {
            match amount.value(&self.symbols) {
                Ok(at) => drop(places.insert(at, Some((amount.at, Asker::Probe)))),
                Err(complaint) => self.complaints.push(complaint),
            }
        }
        if !edges {
            return places;
        }
        for here in loads.iter().chain(stores) {
            for at in here.edges() {
                places.entry(at).or_insert(Some((here.line.stretch.at, Asker::Zone)));
            }
        }
        let (by, area) = self.whose();
        let foreseen = |access| self.model.zones(self.world, &self.past, by, area, access);
        let mut model = foreseen(Access::Load);
        if !self.scenario.stores.is_empty() {
            model.extend(foreseen(Access::Store(self.scenario.file.fill.unwrap_or(b'A'))));
        }
        let ends = model
            .iter()
            .flat_map(|zone| [Some(zone.from), zone.to.map(|to| to - 1)])
            .flatten();
        for at in ends
            .filter(|at| *at >= 0)
            .chain([self.symbols.len - 1, self.symbols.len])
        {
            places.entry(at).or_insert(None);
        }
        places
    }

    /// The process and the area of the step at hand.
    fn whose(&self) -> (ProcId, AreaId) {
        self.plan.steps.last().map_or((0, 0), |step| (step.by, step.area))
    }

    fn here(&self, load: bool) -> Result<Vec<Here<'s>>, Complaint> {
        let lines = if load {
            &self.scenario.loads
        } else {
            &self.scenario.stores
        };
        zone::here(lines, &self.symbols, self.world)
    }

    /// E06: the author asks for a place of which no line says anything.
    fn lies_in_a_zone(&mut self, at: i64, anchor: &Anchor, loads: &[Here], stores: &[Here], step: Option<usize>) {
        let silent = self.scenario.loads.is_empty();
        if silent || loads.iter().chain(stores).any(|here| zone::holds(&here.zone, at)) {
            return;
        }
        let label = say!(
            "this is {at}; no line of [expect] speaks of it",
            "这里是 {at}; [expect] 里没有一行说到它"
        );
        let mut complaint = Complaint::new(
            Code::E06,
            said!("a touch lies in no zone", "访问的位置不在任何区间里"),
            anchor.whole(),
            label,
        );
        if let Some(step) = step {
            complaint = complaint.note(say!("this is so after step {}", "第 {} 步之后是这样", step + 1));
        }
        let range = match self.symbols.place(at) {
            _ if at >= self.symbols.map_end => "map_end ..".to_string(),
            Some(place) if at > 0 => place,
            _ => at.to_string(),
        };
        self.complaints.push(complaint.help(say!(
            "a line in [expect]: \"{range}\" = \"...\"",
            "在 [expect] 里加一行: \"{range}\" = \"...\""
        )));
    }
}
