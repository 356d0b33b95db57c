//! What a script in the making knows of itself, and how numbers are drawn: most of them at an edge of something. The model
//! goes along, so that sizes and mappings are today's.

use fastrand::Rng;

use super::generate::Kind;
use super::tale::Tale;
use crate::model::{Model, Ruled};
use crate::op::{Act, AreaId, FileId, FileKind, Op, Outcome, Place, ProcId, Prot, Rights, Source, World};

/// A stretch that was mapped at some time, and may be still.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    pub area: AreaId,
    pub from: i64,
    pub to: i64,
    /// the file and where in it the stretch begins
    pub file: Option<(FileId, u64)>,
}

/// A descriptor of the script.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub kind: FileKind,
    pub rights: Rights,
    /// the processes that have closed it
    pub closed: [bool; crate::op::PROC_LIMIT],
}

/// A script in the making.
pub struct Drawing<'w> {
    pub rng: Rng,
    pub world: &'w World,
    pub model: Model,
    pub acts: Vec<Act>,
    pub ruled: Vec<Ruled>,
    pub files: Vec<Known>,
    pub stretches: Vec<Stretch>,
    pub areas: usize,
    pub processes: usize,
    pub by: ProcId,
    /// where in its files the script is at work: 0, or far out
    pub far: u64,
    /// the last store
    pub stored: Option<Place>,
    /// its theme, where it needs a holder of its own
    pub tale: Option<Tale>,
    /// the kinds of operations that it has more of
    pub favourites: Option<[Kind; 2]>,
    /// sizes, places and limits that it has named
    pub familiar: Vec<u64>,
}

impl<'w> Drawing<'w> {
    pub fn new(world: &'w World, rng: Rng) -> Drawing<'w> {
        Drawing {
            rng,
            world,
            model: Model::new(world),
            acts: Vec::with_capacity(24),
            ruled: Vec::with_capacity(24),
            files: Vec::new(),
            stretches: Vec::new(),
            areas: 1,
            processes: 1,
            by: 0,
            far: 0,
            stored: None,
            tale: None,
            favourites: None,
            familiar: Vec::with_capacity(24),
        }
    }

    /// Let an operation happen.
    pub fn happen(&mut self, op: Op) -> bool {
        let ruled = self.model.apply(self.by, &op);
        let done = ruled.allows(Outcome::Done);
        self.acts.push(Act { by: self.by, op });
        self.ruled.push(ruled);
        match op {
            Op::Truncate { size, .. } | Op::Limit(_, size) => self.familiar.push(size),
            Op::Write { at, len, .. } | Op::Allocate { at, len, .. } => {
                self.familiar.extend([at, at.saturating_add(len)])
            }
            _ => {}
        }
        match op {
            Op::Create { kind, .. } => self.opened(kind, Rights::ReadWrite),
            Op::Reopen { file, of, rights } => {
                self.opened(self.files[of].kind, rights);
                if !done {
                    self.files[file].closed = [true; crate::op::PROC_LIMIT];
                }
            }
            Op::OpenName { file, name } => {
                self.opened(self.files[name].kind, Rights::ReadWrite);
                if !done {
                    self.files[file].closed = [true; crate::op::PROC_LIMIT];
                }
            }
            Op::Close { file } => self.files[file].closed[self.by] = true,
            Op::Fork { child } => {
                for file in &mut self.files {
                    file.closed[child] = file.closed[self.by];
                }
                self.processes += 1;
            }
            Op::Map { at, mapping } => {
                self.areas = self.areas.max(at.area + 1);
                let file = match mapping.source {
                    Source::File(file) => Some((file, mapping.offset)),
                    _ => None,
                };
                if done {
                    self.stretch(at, mapping.len, file);
                }
            }
            Op::Remap { at, new, to, .. } if done => {
                let old = self
                    .stretches
                    .iter()
                    .rev()
                    .find(|old| old.area == at.area && (old.from..old.to).contains(&at.at));
                let file = old.and_then(|old| {
                    old.file
                        .map(|(file, offset)| (file, offset + (at.at - old.from) as u64))
                });
                self.stretch(to.unwrap_or(at), new, file);
            }
            _ => {}
        }
        done
    }

    fn opened(&mut self, kind: FileKind, rights: Rights) {
        let mut closed = [false; crate::op::PROC_LIMIT];
        for (process, closed) in closed.iter_mut().enumerate() {
            *closed = process != self.by && process < self.processes;
        }
        self.files.push(Known { kind, rights, closed });
    }

    fn stretch(&mut self, at: Place, len: u64, file: Option<(FileId, u64)>) {
        let from = at.at - at.at.rem_euclid(self.page());
        let to = from + crate::op::round_up(len, self.world.page) as i64;
        self.stretches.push(Stretch {
            area: at.area,
            from,
            to,
            file,
        });
    }

    pub fn page(&self) -> i64 {
        self.world.page as i64
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(..100) < percent
    }

    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.rng.usize(..of.len())]
    }

    pub fn letter(&mut self) -> u8 {
        self.rng.u8(b'a'..=b'z')
    }

    pub fn prot(&mut self) -> Prot {
        let often = [Prot::READ_WRITE, Prot::READ_WRITE, Prot::READ, Prot::WRITE, Prot::NONE];
        match self.rng.u32(..20) {
            0 => Prot::EXEC,
            1 => Prot::READ_EXEC,
            _ => self.one_of(&often),
        }
    }

    /// A number that the script has named, or one next to it.
    fn known(&mut self) -> Option<u64> {
        let known = self.rng.choice(&self.familiar).copied()?;
        let by = [0, 0, 1, u64::MAX][self.rng.usize(..4)];
        Some(known.wrapping_add(by)).filter(|known| *known <= i64::MAX as u64)
    }

    /// A number of bytes from 0 on, at a border of pages or next to it as often as not.
    pub fn small(&mut self, pages: u64) -> u64 {
        let page = self.world.page;
        let border = self.rng.u64(..=pages) * page;
        match self.rng.u32(..8) {
            0 => self.rng.u64(..3),
            1 | 2 => border,
            3 => border + 1,
            4 => border.saturating_sub(1),
            _ => self.rng.u64(..=pages * page),
        }
    }

    /// A size for a file.
    pub fn size(&mut self) -> u64 {
        // A limit or a full filesystem is met at one byte.
        let percent = if self.tale.is_some() { 45 } else { 15 };
        if self.chance(percent)
            && let Some(known) = self.known()
        {
            return known;
        }
        let pages = if self.chance(10) { 20 } else { 5 };
        let small = self.small(pages);
        if self.chance(90) { self.far + small } else { small }
    }

    /// A place in a file: near its end, or anywhere.
    pub fn place_in(&mut self, file: FileId) -> u64 {
        let size = self.model.size(file);
        match self.rng.u32(..6) {
            0 => size,
            1 => size + 1,
            2 => size.saturating_sub(1),
            3 => size.next_multiple_of(self.world.page) + self.rng.u64(..2),
            _ => self.size(),
        }
    }

    /// One of the stretches, the last more often than others.
    pub fn any_stretch(&mut self) -> Option<Stretch> {
        if self.stretches.is_empty() || self.chance(50) {
            return self.stretches.last().copied();
        }
        let index = self.rng.usize(..self.stretches.len());
        self.stretches.get(index).copied()
    }

    /// A byte to touch: anywhere around a stretch, or at an edge of it or of what lies behind it.
    pub fn touched(&mut self) -> Place {
        let page = self.page();
        let Some(stretch) = self.any_stretch() else {
            return Place::base(0);
        };
        let Stretch { area, from, to, file } = stretch;
        // Where the file ends, if it ends inside.
        let eof = file.and_then(|(file, offset)| {
            let bytes = self.model.size(file).checked_sub(offset)?;
            Some(from + i64::try_from(bytes).unwrap_or(i64::MAX / 2)).filter(|eof| *eof < to)
        });
        let up = |at: i64| at.div_euclid(page) * page + if at.rem_euclid(page) == 0 { 0 } else { page };
        let at = match (self.rng.u32(..12), eof) {
            (0, _) if self.stored.is_some() => return self.stored.unwrap_or_default(),
            (1 | 2, _) => self.one_of(&[from, to]) + self.rng.i64(-1..=1),
            (3 | 4, Some(eof)) => self.one_of(&[eof, up(eof)]) + self.rng.i64(-1..=1),
            (5 | 6, Some(eof)) => eof + self.rng.i64(0..page),
            (7 | 8, Some(eof)) if up(eof) < to => up(eof) + self.rng.i64(0..to - up(eof)),
            (9, _) => self.rng.i64(from - page..to + 2 * page),
            _ => self.rng.i64(from..to.min(eof.unwrap_or(to).max(from + 1))),
        };
        let at = at.clamp(from - 2 * page, to + 4 * page);
        Place { area, at }
    }

    /// Pages for a call on addresses: a stretch, or some pages of it or around it.
    pub fn range(&mut self) -> (Place, u64) {
        let page = self.page();
        let Some(stretch) = self.any_stretch() else {
            return (Place::base(0), self.world.page);
        };
        let pages = (stretch.to - stretch.from) / page;
        if self.chance(30) {
            let at = stretch.from;
            let area = stretch.area;
            return (Place { area, at }, (stretch.to - at) as u64);
        }
        let first = match self.rng.u32(..8) {
            0 | 1 => 0,
            2 => self.rng.i64(-1..=pages),
            _ => self.rng.i64(0..pages.max(1)),
        };
        let mut at = stretch.from + first * page;
        let rest = stretch.to - at;
        let mut len = match self.rng.u32(..6) {
            0 => 1,
            1 => rest.max(0),
            2 => rest.max(0) + page,
            _ => page * (1 + self.rng.i64(0..pages.clamp(1, 8))),
        } as u64;
        if self.chance(20) {
            len = len.saturating_sub(self.rng.u64(..self.world.page));
        }
        if self.chance(3) {
            at += self.rng.i64(1..page);
        }
        if self.chance(2) {
            len = 0;
        }
        (Place { area: stretch.area, at }, len)
    }

    pub fn is_open(&self, file: FileId) -> bool {
        !self.files[file].closed[self.by]
    }

    /// A descriptor that this process has open.
    pub fn open_file(&mut self) -> Option<FileId> {
        let open: Vec<FileId> = (0..self.files.len())
            .filter(|file| !self.files[*file].closed[self.by])
            .collect();
        if open.is_empty() {
            None
        } else {
            Some(self.one_of(&open))
        }
    }
}
