//! What a process does about faults from now on, and a wild pointer, which not every handler can mend. Whether an access
//! faults is not known here.

use super::access::touching;
use super::{Done, Operands, plain};
use crate::op::{Access, OnFault, Op, Place};
use crate::say::said;
use crate::scenario::complaint::{Code, Complaint};
use crate::scenario::parse::Reaction;
use crate::scenario::plan::Planner;

impl Planner<'_> {
    pub(super) fn wild(&self, with: &Operands, address: u64) -> Result<Done, Complaint> {
        let mut mine = self.past.acts.iter().rev().filter(|act| act.by == with.by);
        let reaction = mine.find_map(|act| match act.op {
            Op::OnFault(what) => Some(what),
            _ => None,
        });
        if let Some(OnFault::Cover | OnFault::Grow { .. }) = reaction {
            let label = said!("nothing can be mapped there", "那里不可能有映射");
            let title = said!(
                "a handler that repairs, and nothing to repair",
                "处理函数会修复, 而这里无从修复"
            );
            let complaint = Complaint::new(Code::E09, title, with.span.clone(), label);
            return Err(complaint.help("on_fault = \"note\""));
        }
        Ok(touching(Place::nowhere(address), Access::Load))
    }

    pub(super) fn on_fault(&self, with: &Operands, reaction: Reaction) -> Result<Done, Complaint> {
        Ok(plain(Op::OnFault(match reaction {
            Reaction::Note => OnFault::Note,
            Reaction::Ignore => OnFault::Ignore,
            Reaction::Block => OnFault::Block,
            Reaction::Return => OnFault::Return,
            Reaction::Cover => OnFault::Cover,
            Reaction::OwnStack => OnFault::OwnStack,
            Reaction::Grow => OnFault::Grow {
                file: self.file(with)?,
                size: match &with.action.size {
                    Some(size) => self.in_file(size)?,
                    None => {
                        let label = said!(
                            "needs size = ..., which the handler gives the file",
                            "需要 size = ..., 即处理函数给文件的大小"
                        );
                        return Err(Complaint::new(
                            Code::E10,
                            said!("grow without its \"size\"", "grow 缺少 \"size\""),
                            with.span.clone(),
                            label,
                        )
                        .help("size = \"2p\""));
                    }
                },
            },
        })))
    }
}
