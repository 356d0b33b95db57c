//! Stories of mappings that are not as their neighbours are: sealed, watched, locked, of a parent, or a stack. It draws with
//! what `draw` knows.

use super::draw::Drawing;
use crate::op::{Access, Advice, FileKind, OnFault, Op, Place, Prot, Quantity, Rights, Share, Source};

/// Pages that a stack keeps from what lies below it.
pub(super) const STACK_GUARD_GAP: u64 = 256;

impl Drawing<'_> {
    /// A mapping that stays without its pages, and may then join what it could not join with them.
    pub(super) fn kept(&mut self) {
        let page = self.page();
        let at = self.free_place();
        let mut mapping = self.plain_mapping(Source::Anonymous);
        (mapping.prot, mapping.share, mapping.len) = (Prot::READ_WRITE, Share::Private, self.world.page);
        mapping.flags = Default::default();
        let locked = self.chance(30);
        (mapping.flags.no_reserve, mapping.flags.locked) = (locked, locked);
        self.happen(Op::Map { at, mapping });
        let access = Access::Store(self.letter());
        self.happen(Op::Touch { at, access });
        let middle = at.plus(page);
        mapping.len = self.rng.u64(1..3) * self.world.page;
        (mapping.flags.no_reserve, mapping.flags.locked) = (false, true);
        self.happen(Op::Map { at: middle, mapping });
        let right = middle.plus(mapping.len as i64);
        if locked {
            let mut mapping = mapping;
            (mapping.flags.no_reserve, mapping.len) = (true, self.world.page);
            self.happen(Op::Map { at: right, mapping });
        }
        let count = self.rng.u64(1..=mapping.len / self.world.page);
        let (len, to, keep) = (count * self.world.page, Some(at.plus(8 * page)), true);
        self.happen(Op::Remap {
            at: middle,
            len,
            new: len,
            to,
            keep,
        });
        if locked {
            // Its neighbours still are.
            let (len, advice) = (self.world.page, Advice::DontNeed);
            for at in [at, right] {
                self.happen(Op::Advise { at, len, advice });
            }
            return;
        }
        let (len, prot) = (self.world.page + mapping.len, Prot::WRITE);
        self.happen(Op::Protect { at, len, prot });
        self.happen(Op::Ask(Quantity::Vmas(at, len)));
    }

    /// What is only read comes along to a child if something beside it was stored, and moves there.
    pub(super) fn brought_along(&mut self) {
        let page = self.page();
        let at = self.free_place();
        let len = 2 * self.world.page;
        let mut mapping = self.plain_mapping(Source::Anonymous);
        (mapping.prot, mapping.share, mapping.len) = (Prot::READ_WRITE, Share::Private, len);
        mapping.flags = Default::default();
        self.happen(Op::Map { at, mapping });
        let access = Access::Store(self.letter());
        self.happen(Op::Touch { at, access });
        let (read, access) = (at.plus(page), Access::Load);
        self.happen(Op::Touch { at: read, access });
        let child = self.processes;
        self.happen(Op::Fork { child });
        self.by = child;
        let (to, keep) = (at.plus(3 * page), self.rng.bool());
        self.happen(Op::Remap {
            at,
            len,
            new: len,
            to: Some(to),
            keep,
        });
        self.happen(Op::Ask(Quantity::Present(to, len)));
    }

    /// A sealed page behind one that is not, and a munmap(2) of both, refused after a cut, or before it.
    pub(super) fn seal_behind(&mut self) -> Option<Op> {
        let page = self.world.page;
        let map = self.anew(Source::Anonymous, 4 * page, Share::Private)?;
        let Op::Map { at, .. } = map else { return None };
        self.happen(map);
        let (first, from) = (self.rng.u64(1..4), self.rng.u64(1..4));
        let sealed = at.plus((first * page) as i64);
        self.happen(Op::Mseal {
            at: sealed,
            len: (4 - first) * page,
        });
        let within = at.plus((from * page) as i64);
        self.happen(Op::Unmap {
            at: within,
            len: (4 - from) * page,
        });
        Some(Op::Ask(Quantity::Vmas(at, 4 * page)))
    }

    /// Neighbours that two userfaultfds have.
    pub(super) fn watch_both(&mut self) -> Option<Op> {
        let page = self.world.page;
        let map = self.anew(Source::Anonymous, 2 * page, Share::Private)?;
        let Op::Map { at, .. } = map else { return None };
        self.happen(map);
        let (len, next) = (page, at.plus(page as i64));
        self.happen(Op::Userfaultfd { at, len });
        self.happen(Op::Userfaultfd { at: next, len });
        Some(Op::Ask(Quantity::Vmas(at, 2 * page)))
    }

    /// A userfaultfd for a file's pages, which may be on a disk, or not to be written through this mapping.
    pub(super) fn watch_a_file(&mut self) -> Option<Op> {
        let (file, of) = (self.files.len(), self.open_file()?);
        let rights = self.one_of(&[Rights::Read, Rights::ReadWrite]);
        self.happen(Op::Reopen { file, of, rights });
        let at = self.free_place();
        let mut mapping = self.plain_mapping(Source::File(file));
        mapping.share = Share::Shared;
        self.happen(Op::Map { at, mapping });
        let len = self.world.page;
        Some(Op::Userfaultfd { at, len })
    }

    /// A frame goes to a page of a file, unless that lies past the end of the file; and then a userfaultfd for that page:
    /// is it missing?
    pub(super) fn watch_a_frame(&mut self) -> Option<Op> {
        let page = self.world.page;
        let (file, kind) = (self.files.len(), FileKind::Memfd { sealing: false });
        let share = self.one_of(&[Share::Shared, Share::Private]);
        let map = self.anew(Source::File(file), 2 * page, share)?;
        let Op::Map { at, .. } = map else { return None };
        self.happen(Op::Create { file, kind });
        let size = self.rng.u64(1..3) * page;
        self.happen(Op::Truncate { file, size });
        self.happen(map);
        self.happen(Op::OnFault(OnFault::OwnStack));
        let (behind, access) = (at.plus(2 * page as i64), Access::Load);
        self.happen(Op::Touch { at: behind, access });
        self.happen(Op::OnFault(OnFault::Note));
        let size = 2 * page;
        self.happen(Op::Truncate { file, size });
        let (at, len) = (at.plus(page as i64), page);
        self.happen(Op::Userfaultfd { at, len });
        Some(Op::Touch { at, access })
    }

    /// A touch below a stack, or so far below that it lies behind what another area has; and whether the stack knows of it.
    pub(super) fn below_a_stack(&mut self, stack: Place) -> Option<Op> {
        let access = Access::Load;
        let mut at = stack.plus(-1);
        if stack.area > 0 && self.chance(50) {
            let area = stack.area - 1;
            let ends = self.stretches.iter().filter(|stretch| stretch.area == area);
            let end = ends.map(|stretch| stretch.to).max().unwrap_or(0).min(24 * self.page());
            at = Place { area, at: end };
            if self.chance(50) {
                let last = at.plus(-self.page());
                let (len, prot) = (self.world.page, Prot::NONE);
                self.happen(Op::Protect { at: last, len, prot });
            }
        }
        self.apart(stack, 1, Op::Touch { at, access })
    }

    /// A neighbour below a stack, at the very distance that it keeps from one; and a touch below the stack.
    pub(super) fn neighbour(&mut self, stack: Place) -> Option<Op> {
        let page = self.world.page as i64;
        let below = self.rng.i64(1..4);
        let apart = match self.rng.u32(..6) {
            0 => 0,
            1 => 1,
            _ => STACK_GUARD_GAP as i64 + self.rng.i64(-1..=1),
        };
        let mut mapping = self.plain_mapping(Source::Anonymous);
        mapping.len = page as u64;
        mapping.prot = self.one_of(&[Prot::READ, Prot::READ_WRITE, Prot::NONE]);
        mapping.flags.no_replace = true;
        if self.chance(25) {
            mapping.share = Share::Private;
            mapping.flags.grows_down = true;
        }
        let at = stack.plus(-(below + apart + 1) * page);
        if at.at < 0 {
            return None;
        }
        self.happen(Op::Map { at, mapping });
        // The very first byte of a page, or any.
        let at = stack.plus(-below * page + self.one_of(&[0, 1]));
        let access = Access::Load;
        Some(Op::Touch { at, access })
    }
}
