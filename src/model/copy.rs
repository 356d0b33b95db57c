//! System calls that copy between memory and a file: a bad page gives a short count or EFAULT, never a signal. It may not
//! know why a page is bad; it asks the rules of a touch, once a page.

use super::errno::EFAULT;
use super::{Model, Object, Reason, Refusal, Ruled, Runs, because};
use crate::op::{Access, FileId, Outcome, Place, ProcId};

/// Part of a copy that lies in one page of memory: bytes from its beginning, and how many.
type Piece = (u64, u64);

impl Model {
    /// pwrite(2) out of memory.
    pub(super) fn send(&mut self, by: ProcId, file: FileId, at: u64, from: Place, len: u64) -> Result<Ruled, Refusal> {
        let id = self.writable(by, file, at, at.saturating_add(len))?;
        let mut row = Runs::default();
        let mut count = 0;
        for (done, part) in self.pieces(from, len) {
            let place = from.plus(done as i64);
            if faults(&self.touch(by, place, Access::Load)) {
                break;
            }
            let (start, bytes) = self.behind(by, place, part);
            row.paste(&bytes, |there| there - start + done);
            count = done + part;
        }
        refuse_nothing(count, len)?;
        let count = if count == 0 { 0 } else { self.room_for(id, at, count)? };
        let Object { file, world, .. } = &mut self.objects[id];
        file.write(at, count, 0, world);
        file.paste(&row.part(0, count), |there| there + at);
        Ok(Ruled::count(count, count, Reason::Copied { count, len }))
    }

    /// pread(2) into memory.
    pub(super) fn receive(&mut self, by: ProcId, file: FileId, at: u64, to: Place, len: u64) -> Result<Ruled, Refusal> {
        let source = &self.readable(by, file)?.file;
        let len = len.min(source.size().saturating_sub(at));
        let row = source.copy(at, at + len);
        let mut count = 0;
        for (done, part) in self.pieces(to, len) {
            let place = to.plus(done as i64);
            if faults(&self.touch(by, place, Access::Store(0))) {
                break;
            }
            let bytes = row.part(at + done, at + done + part);
            let Some(vma) = self.processes[by].spaces[place.area].find(place.at).copied() else {
                break;
            };
            let start = vma.place(place.at);
            let there = |from: u64| from - at - done + start;
            match vma.object.filter(|_| vma.shared) {
                Some(id) => self.objects[id].file.replace(start, start + part, &bytes, there),
                None => {
                    let own = self.own_copy(by, place);
                    own.clear(start, start + part);
                    own.paste(&bytes, there);
                }
            }
            count = done + part;
        }
        refuse_nothing(count, len)?;
        Ok(Ruled::count(count, count, Reason::Copied { count, len }))
    }

    /// A stretch of memory in pieces of a page each.
    fn pieces(&self, from: Place, len: u64) -> impl Iterator<Item = Piece> + use<> {
        let page = self.page();
        let first = page - from.at.rem_euclid(page as i64) as u64;
        let mut done = 0;
        core::iter::from_fn(move || {
            let border = if done == 0 { first } else { done + page };
            let end = border.min(len);
            let piece = (done, end.checked_sub(done).filter(|part| *part > 0)?);
            done = end;
            Some(piece)
        })
    }

    /// What answers loads in a part of one page: the first byte's place in its object, and the bytes by their places.
    fn behind(&self, by: ProcId, at: Place, len: u64) -> (u64, Runs) {
        let space = &self.processes[by].spaces[at.area];
        let Some(vma) = space.find(at.at) else {
            return (0, Runs::default());
        };
        let start = vma.place(at.at);
        let bytes = match (space.copies.get(&self.page_of(at.at)), vma.object) {
            (Some(copy), _) => copy.part(start, start + len),
            (None, Some(id)) => self.object(id).file.copy(start, start + len),
            (None, None) => Runs::default(),
        };
        (start, bytes)
    }
}

fn faults(ruled: &Ruled) -> bool {
    ruled
        .possible
        .iter()
        .any(|outcome| matches!(outcome, Outcome::Fault(_)))
}

fn refuse_nothing(count: u64, len: u64) -> Result<(), Refusal> {
    match count {
        0 if len > 0 => Err(Refusal(EFAULT, because::BAD_PAGE)),
        _ => Ok(()),
    }
}
