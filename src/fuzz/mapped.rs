//! Stories of a random script around mmap(2): what is replaced, locked or given by a device, and a stack that overflows. It
//! draws with what `draw` knows.

use super::apart::STACK_GUARD_GAP;
use super::draw::Drawing;
use crate::op::{
    Access, Advice, FileKind, MapFlags, Mapping, OnFault, Op, Place, Prot, Quantity, Rights, Share, Source, round_up,
};

impl Drawing<'_> {
    /// Over a mapping that is there, one that a filesystem refuses last of all; and what is left then.
    pub(super) fn replace(&mut self) -> Option<Op> {
        let file = self.open_file()?;
        let (at, len) = self.range();
        let at = at.area_at(at.at.max(0));
        let mut mapping = self.plain_mapping(Source::File(file));
        mapping.len = len.max(1);
        mapping.share = self.one_of(&[Share::Validate, Share::Validate, Share::Shared, Share::Private]);
        mapping.flags = MapFlags {
            sync: true,
            fixed: self.chance(60),
            ..MapFlags::default()
        };
        self.happen(Op::Map { at, mapping });
        Some(Op::Ask(Quantity::Vmas(at, len)))
    }

    /// Private memory that is locked has its copies as soon as stores become possible, and only there: what is written to
    /// the file afterwards tells.
    pub(super) fn held(&mut self) -> Option<Op> {
        let page = self.world.page;
        let file = self.open_file()?;
        let Op::Map { at, mut mapping } = self.anew(Source::File(file), 4 * page, Share::Private)? else {
            return None;
        };
        mapping.offset = self.far;
        mapping.prot = self.one_of(&[Prot::READ, Prot::READ, Prot::NONE]);
        mapping.flags.locked = true;
        let write = |byte| Op::Write {
            file,
            at: mapping.offset,
            len: mapping.len,
            byte,
        };
        self.happen(write(b'h'));
        self.happen(Op::Map { at, mapping });
        let prot = self.one_of(&[Prot::READ_WRITE, Prot::READ_WRITE, Prot::READ]);
        let (first, pages) = (self.rng.u64(0..4), self.rng.u64(1..3));
        self.happen(Op::Protect {
            at: at.plus((first * page) as i64),
            len: pages * page,
            prot,
        });
        if mapping.prot == Prot::NONE {
            return Some(Op::Ask(Quantity::Present(at, mapping.len)));
        }
        self.happen(write(b'w'));
        for _ in 0..2 {
            let at = at.plus(self.rng.u64(..mapping.len) as i64);
            let access = Access::Load;
            self.happen(Op::Touch { at, access });
        }
        Some(Op::Ask(Quantity::Present(at, mapping.len)))
    }

    /// Memory of /dev/zero: what it is depends on the descriptor's rights and on the type of the mapping.
    pub(super) fn device(&mut self) -> Option<Op> {
        let of = self.files.len();
        let kind = FileKind::Zero;
        self.happen(Op::Create { file: of, kind });
        let file = if self.chance(60) { of + 1 } else { of };
        if file > of {
            let rights = Rights::Read;
            self.happen(Op::Reopen { file, of, rights });
        }
        let share = self.one_of(&[Share::Shared, Share::Private]);
        let Op::Map { at, mut mapping } = self.anew(Source::File(file), 3 * self.world.page, share)? else {
            return None;
        };
        mapping.prot = self.one_of(&[Prot::READ, Prot::READ_WRITE]);
        if share == Share::Private && self.chance(10) {
            // At an offset that no file has, and at a place that nobody has to look for.
            mapping.offset = (i64::MAX - 2 * self.page()) as u64 / self.world.page * self.world.page;
            mapping.flags.fixed = true;
        }
        self.happen(Op::Map { at, mapping });
        if mapping.flags.fixed {
            return Some(Op::Ask(Quantity::Vmas(at, mapping.len)));
        }
        if self.chance(30) {
            // What may not become writable stands behind what may.
            let (before, len) = (at.plus(-self.page()), mapping.len);
            let mapping = Mapping {
                source: Source::Anonymous,
                len: self.world.page,
                prot: Prot::READ,
                ..mapping
            };
            self.happen(Op::Map { at: before, mapping });
            let prot = Prot::READ_WRITE;
            self.happen(Op::Protect { at: before, len, prot });
            let access = Access::Store(b'd');
            return Some(Op::Touch { at: before, access });
        }
        let (at, len) = self.range();
        let advice = self.one_of(&[Advice::Free, Advice::Remove, Advice::WipeOnFork, Advice::DontNeed]);
        self.advise(at, len, advice)
    }

    /// A stack with or without room for a signal's frame below its last byte, and an access behind that.
    pub(super) fn overflow(&mut self) -> Option<Op> {
        let pages = self.one_of(&[1, 2, 6]);
        let share = self.one_of(&[Share::Shared, Share::Private]);
        let Op::Map { at, mapping } = self.anew(Source::Anonymous, pages * self.world.page, share)? else {
            return None;
        };
        self.happen(Op::Map { at, mapping });
        self.happen(Op::OnFault(OnFault::OwnStack));
        let at = at.plus(mapping.len as i64 + self.rng.i64(0..256));
        let access = self.one_of(&[Access::Load, Access::Store(b'o')]);
        Some(Op::Touch { at, access })
    }

    /// A file on a small tmpfs, mapped with all its pages, here or elsewhere; what is left for another file tells how many
    /// they were.
    pub(super) fn room(&mut self) -> Option<Op> {
        let page = self.world.page;
        let mounted = self.acts.iter().position(|act| matches!(act.op, Op::Mount { .. }))?;
        let kind = FileKind::Regular;
        let on_it = self.acts[mounted..].iter().find_map(|act| match act.op {
            Op::Create { file, kind: of } if of == kind => Some(file),
            _ => None,
        });
        let file = on_it.filter(|file| self.is_open(*file))?;
        let stretch = self.any_stretch()?;
        let (at, area) = (stretch.from, stretch.area);
        let mut mapping = self.plain_mapping(Source::File(file));
        mapping.offset = self.rng.u64(0..4) * page;
        mapping.flags = MapFlags::default();
        match self.rng.u32(..5) {
            0 | 1 => mapping.flags.populate = true,
            2 | 3 => mapping.flags.locked = true,
            _ => {}
        }
        let at = Place { area, at };
        self.happen(Op::Map { at, mapping });
        let file = self.files.len();
        self.happen(Op::Create { file, kind });
        let (at, len, byte) = (0, 6 * page, b'r');
        self.happen(Op::Write { file, at, len, byte });
        Some(Op::Ask(Quantity::Size(file)))
    }

    /// A mapping over others that RLIMIT_AS refuses after it has cut them.
    pub(super) fn refused_late(&mut self) -> Option<Op> {
        let page = self.page();
        let Op::Map { at, mut mapping } = self.anew(Source::Anonymous, 8 * self.world.page, Share::Private)? else {
            return None;
        };
        self.happen(Op::Map { at, mapping });
        let whole = mapping.len;
        self.happen(Op::Unmap {
            at: at.plus(2 * page),
            len: 2 * self.world.page,
        });
        self.happen(Op::Limit(crate::op::Limit::AddressSpace, 0));
        let (first, last) = (self.rng.i64(0..4), self.rng.i64(4..9));
        mapping.len = ((last - first) * page) as u64;
        mapping.flags.fixed = self.chance(80);
        self.happen(Op::Map {
            at: at.plus(first * page),
            mapping,
        });
        Some(Op::Ask(Quantity::Vmas(at, whole)))
    }

    /// What a handler cannot map over: it is sealed.
    pub(super) fn sealed_fault(&mut self) -> Option<Op> {
        let len = 2 * self.world.page;
        let Op::Map { at, mut mapping } = self.anew(Source::Anonymous, len, Share::Private)? else {
            return None;
        };
        mapping.prot = self.one_of(&[Prot::READ, Prot::NONE]);
        self.happen(Op::Map { at, mapping });
        self.happen(Op::Mseal { at, len });
        self.happen(Op::OnFault(OnFault::Cover));
        let at = at.plus(self.rng.u64(..len) as i64);
        let access = Access::Store(self.letter());
        Some(Op::Touch { at, access })
    }

    /// How far below a stack of two pages something is mapped: inside the gap that it keeps, at the end of that where the
    /// area reaches so far, or behind the stack.
    pub(super) fn below(&mut self, stack: Place, len: u64) -> i64 {
        let page = self.page();
        let gap = STACK_GUARD_GAP as i64 * page + round_up(len, self.world.page) as i64;
        match self.rng.u32(..10) {
            0..5 => self.rng.i64(1..100) * page,
            5 => -2 * page,
            _ => (gap + self.rng.i64(-1..=1) * page).min(stack.at),
        }
    }
}
