//! What a random script maps, and where: at an edge of what is mapped, with flags that make sense and some that do not. It
//! draws with what `draw` knows.

use super::draw::Drawing;
use crate::op::{AREA_LIMIT, FileKind, Mapping, Place, Share, Source};

impl Drawing<'_> {
    /// What to map next, and where.
    pub fn mapping(&mut self) -> (Place, Mapping) {
        let page = self.world.page;
        let source = match self.rng.u32(..10) {
            0 | 1 => Source::Anonymous,
            2 if self.chance(10) => Source::Nothing,
            _ => self.open_file().map_or(Source::Anonymous, Source::File),
        };
        let area = if self.areas < AREA_LIMIT && self.chance(50) {
            self.areas
        } else {
            self.rng.usize(..self.areas)
        };
        let in_area = self.stretches.iter().rev().find(|stretch| stretch.area == area);
        let at = match (in_area.copied(), self.rng.u32(..4)) {
            (None, _) => 0,
            (Some(stretch), 0) => stretch.to,
            (Some(stretch), 1) => (stretch.from + self.page()).min(stretch.to),
            (Some(stretch), 2) => stretch.to + self.page() * self.rng.i64(1..3),
            (Some(_), _) => 0,
        };
        let mut mapping = self.plain_mapping(source);
        let new = self
            .stretches
            .iter()
            .all(|stretch| stretch.area != area || at >= stretch.to);
        match self.rng.u32(..6) {
            0 => mapping.flags.no_replace = true,
            1 | 2 if !new => mapping.flags.fixed = true,
            3 => mapping.flags.fixed = true,
            _ => {}
        }
        let mut at = Place { area, at };
        if self.chance(2) {
            at = at.plus(self.rng.i64(1..self.page()));
        }
        if self.chance(2) {
            mapping.offset += self.rng.u64(1..page);
        }
        if self.chance(1) {
            mapping.len = 0;
        }
        if self.chance(2) {
            // What no address space and no file offset can hold.
            let last = i64::MAX as u64 / page * page;
            let device = matches!(source, Source::File(file) if self.files[file].kind == FileKind::Zero);
            // Any nearer to it, and the kernel's search for an aligned place overflows (mm/huge_memory.c,
            // __thp_get_unmapped_area), so that a hint is lost.
            let far = last - 2 * self.world.huge_page();
            match self.rng.u32(..3) {
                0 => mapping.len = 1 << 47,
                1 if !device => mapping.offset = last,
                _ => mapping.offset = far / page * page,
            }
            mapping.flags = Default::default();
        }
        (at, mapping)
    }

    /// A mapping of this, with the flags that change no address.
    pub fn plain_mapping(&mut self, source: Source) -> Mapping {
        let page = self.world.page;
        let offset = match source {
            Source::File(_) if self.chance(60) => self.far,
            Source::File(_) => self.far + self.rng.u64(..4) * page,
            _ => 0,
        };
        let share = match self.rng.u32(..40) {
            0 => Share::Validate,
            1 if self.chance(20) => Share::Neither,
            n if n < 20 => Share::Private,
            _ => Share::Shared,
        };
        let mut mapping = Mapping {
            source,
            offset,
            len: self.small(6).max(1),
            prot: self.prot(),
            share,
            flags: Default::default(),
        };
        match self.rng.u32(..60) {
            0..4 => mapping.flags.populate = true,
            6..9 => mapping.flags.locked = true,
            9..12 => mapping.flags.no_reserve = true,
            // Refused; what is not refused grows, and has a tale of its own.
            12 if share != Share::Private || source != Source::Anonymous => mapping.flags.grows_down = true,
            4 if self.chance(30) => mapping.flags.sync = true,
            5 if self.chance(30) => mapping.flags.unknown = true,
            _ => {}
        }
        mapping
    }
}
