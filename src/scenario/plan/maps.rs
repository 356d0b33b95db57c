//! What sections and steps open and map: objects with their sizes, and mappings of them. What becomes of either the model
//! says.

use super::geometry::Mapped;
use super::ops::{Done, optional, plain};
use super::{Planner, limits};
use crate::op::{Mapping, Op, Place, Source};
use crate::scenario::complaint::Complaint;
use crate::scenario::expr::Symbols;
use crate::scenario::parse::{Action, Amount, FileSpec, Map, Word};

impl Planner<'_> {
    /// What opens a file and gives it its size.
    pub(super) fn open(&mut self, spec: &FileSpec, symbols: &Symbols) -> Result<Vec<Op>, Complaint> {
        let Some(kind) = spec.kind else {
            return Ok(Vec::new());
        };
        let file = self.geometry.open(&spec.name, None)?;
        let size = spec.size.at_least(0, symbols)?;
        limits::file(size, spec.size.at.whole())?;
        let mut ops = vec![Op::Create { file, kind }];
        let len = size.unsigned_abs();
        match spec.fill {
            // Set by hand to more than is written, it is made as long by ftruncate: zeros, and no storage.
            Some(_) if self.scenario.has_settings() && size > limits::WRITE_LIMIT => {
                ops.push(Op::Truncate { file, size: len });
            }
            Some(byte) if size > 0 => {
                limits::written(size, spec.size.at.whole())?;
                self.written.push((size, spec.size.at.whole()));
                ops.push(Op::Write { file, at: 0, len, byte });
            }
            None if size > 0 => ops.push(Op::Truncate { file, size: len }),
            _ => {}
        }
        Ok(ops)
    }

    /// What a section maps.
    pub(super) fn mapping(&mut self, map: &Map) -> Result<Done, Complaint> {
        let area = self.geometry.area_or_new(Some(&map.area))?;
        let source = self.source(map.file.as_ref())?;
        let size = self.size_of(source);
        let (symbols, offset) = map.symbols(self.symbols.p, size)?;
        let wrong = limits::mapping(map, &symbols, offset);
        if let Some(complaint) = wrong.into_iter().next() {
            return Err(complaint);
        }
        let mapping = Mapping {
            source,
            offset: offset.unsigned_abs(),
            len: symbols.len.unsigned_abs(),
            prot: map.prot,
            share: map.share,
            flags: map.flags,
        };
        Ok(self.map_at(Place { area, at: 0 }, mapping))
    }

    fn map_at(&self, at: Place, mapping: Mapping) -> Done {
        let file = match mapping.source {
            Source::File(file) => Some(self.geometry.objects[file]),
            _ => None,
        };
        let mapped = Mapped {
            file,
            offset: mapping.offset as i64,
            len: mapping.len as i64,
        };
        Done {
            maps: (at.at == 0).then_some((at.area, mapped)),
            ..plain(Op::Map { at, mapping })
        }
    }

    fn source(&self, name: Option<&Word>) -> Result<Source, Complaint> {
        match name.map(|name| name.text.as_str()) {
            Some("anonymous") => Ok(Source::Anonymous),
            Some("nothing") => Ok(Source::Nothing),
            None if self.geometry.objects.is_empty() => Ok(Source::Anonymous),
            _ => self.geometry.file(name).map(Source::File),
        }
    }

    fn size_of(&self, source: Source) -> i64 {
        match source {
            Source::File(file) => self.size(self.geometry.objects[file]),
            _ => 0,
        }
    }

    /// `mmap = LENGTH` in a step.
    pub(super) fn map_step(&mut self, action: &Action, length: &Amount, refusable: bool) -> Result<Done, Complaint> {
        let area = self.geometry.area_or_new(action.on.as_ref())?;
        let source = self.source(action.file.as_ref())?;
        let symbols = Symbols {
            size: self.size_of(source),
            ..self.symbols
        };
        let at = match &action.at {
            Some(at) => at.value(&symbols)?,
            None => 0,
        };
        let least = if refusable { 0 } else { 1 };
        let len = length.at_least(least, &symbols)?;
        let offset = optional(&action.offset, &symbols, 0)?;
        if !refusable {
            limits::length(len, length.at.whole())?;
        }
        let mapping = Mapping {
            source,
            offset: offset.unsigned_abs(),
            len: len.unsigned_abs(),
            prot: action.access,
            share: action.share,
            flags: action.flags,
        };
        Ok(self.map_at(Place { area, at }, mapping))
    }
}
