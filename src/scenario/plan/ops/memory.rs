//! Operations that map, and that move a mapping: what an area holds afterwards. Whether the call goes through is not known
//! here.

use super::{Done, Operands, optional, plain};
use crate::op::{Op, Place, Source};
use crate::say::said;
use crate::scenario::complaint::{Code, Complaint};
use crate::scenario::parse::Amount;
use crate::scenario::plan::geometry::Mapped;
use crate::scenario::plan::{Planner, limits};

impl Planner<'_> {
    pub(super) fn map(&mut self, with: &Operands, length: &Amount) -> Result<Done, Complaint> {
        let done = self.map_step(with.action, length, with.refusable)?;
        if let Op::Map { mapping, .. } = done.op
            && let Source::File(file) = mapping.source
            && limits::is_reused(&self.past, with.by, file)
        {
            let name = with.action.file.as_ref();
            let span = name.map_or_else(|| with.span.clone(), |name| name.at.whole());
            let label = said!(
                "closed, and its number may be that of a file opened since",
                "它已关闭, 编号可能已属于后来打开的文件"
            );
            let complaint = Complaint::new(
                Code::E09,
                said!("a closed file is mapped", "映射了已关闭的文件"),
                span,
                label,
            );
            return Err(complaint.note(said!(
                "map it, expecting EBADF, before another file is opened",
                "要在打开别的文件之前映射它, 并写上 expect = \"EBADF\""
            )));
        }
        Ok(done)
    }

    pub(super) fn remap(&self, with: &Operands, new: &Amount) -> Result<Done, Complaint> {
        let (action, at, len) = (with.action, with.at, with.len);
        let new = new.at_least(0, &self.symbols)?.unsigned_abs();
        limits::reach(at, len.max(new), self, with.span, with.refusable)?;
        let to = match (&action.to, &action.into) {
            (None, None) => None,
            (to, into) => Some(Place {
                area: self.geometry.area(into.as_ref().or(action.on.as_ref()))?,
                at: optional(to, &self.symbols, i64::MIN)?,
            }),
        };
        let old = self.geometry.mapped(with.by, at.area);
        let maps = (at.at == 0 && to.is_none()).then_some((at.area, Mapped { len: new as i64, ..old }));
        let maps = maps.or(to.filter(|to| to.at == 0).map(|to| {
            let moved = Mapped {
                len: new as i64,
                offset: old.offset + at.at,
                ..old
            };
            (to.area, moved)
        }));
        let keep = action.keep;
        Ok(Done {
            maps,
            ..plain(Op::Remap { at, len, new, to, keep })
        })
    }
}
