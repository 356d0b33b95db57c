//! What copies: system calls between memory and a file, of which a bad page makes a short count or EFAULT and never a
//! signal; and a program that copies memory itself. It may not know why a page is bad; it asks the rules of a touch.

use alloc::vec::Vec;

use super::errno::{EFAULT, ENOSPC};
use super::file::How;
use super::object::ObjectId;
use super::runs::Held;
use super::touch::faults;
use super::{Model, Object, Reason, Refusal, Ruled, Runs, because};
use crate::op::{Access, FileId, FileKind, Filesystem, Outcome, Place, ProcId};

/// Part of a copy that lies in one page of memory: bytes from its beginning, and how many.
type Piece = (u64, u64);

impl Model {
    /// pwrite(2) out of memory.
    pub(super) fn send(&mut self, by: ProcId, file: FileId, at: u64, from: Place, len: u64) -> Result<Ruled, Refusal> {
        if self.swallows(by, file) {
            // null(4) takes all, and looks at nothing.
            return Ok(Ruled::count(len, len, Reason::Copied { count: len, len }));
        }
        let descriptor = self.descriptor(by, file)?;
        if len == 0 && descriptor.writes() && self.object(descriptor.object).is_file() {
            return Ok(Ruled::count(0, 0, Reason::Copied { count: 0, len }));
        }
        let at = self.appended(by, file, at);
        let id = self.writable(by, file, at)?;
        let (most, _) = self.most(by, id, because::FSIZE_WRITE);
        let allowed = self.unsealed(id, at, len.min(most - at))?;
        let mut count = 0;
        for (done, part) in self.pieces(at as i64, allowed) {
            match self.send_page(by, id, at + done, from.plus(done as i64), part) {
                Ok(copied) => count += copied,
                Err(refusal) if count == 0 => return Err(refusal),
                Err(_) => break,
            }
            if count < done + part {
                break;
            }
        }
        self.objects[id].stray |= count < allowed;
        refuse_nothing(count, len)?;
        let Object { file, world, .. } = &mut self.objects[id];
        if world.filesystem == Filesystem::Xfs {
            file.stale(at, count, at + allowed, world);
        }
        Ok(Ruled::count(count, count, Reason::Copied { count, len }))
    }

    /// The part of a pwrite(2) that goes to one page of the file: how many bytes were copied. What it has written counts
    /// for what it reads next.
    fn send_page(&mut self, by: ProcId, id: ObjectId, at: u64, from: Place, len: u64) -> Result<u64, Refusal> {
        let full = Refusal(ENOSPC, because::FILESYSTEM_FULL);
        let page = at / self.page();
        // Since 6.16 there has to be a page to write to before the memory is looked at (mm/filemap.c, generic_perform_write).
        let early = self.world.kernel >= (6, 16, 0);
        if early && self.starved(id, page) {
            return Err(full);
        }
        self.make_room(id, at);
        let bad = |model: &mut Model, done: u64| faults(&model.touch(by, from.plus(done as i64), Access::Load));
        // btrfs wants all memory for a page first (fs/btrfs/file.c, copy_one_range).
        let whole = self.object(id).world.filesystem == Filesystem::Btrfs;
        if whole && self.pieces(from.at, len).any(|(done, _)| bad(self, done)) {
            return Ok(0);
        }
        let mut copied = 0;
        for (done, part) in self.pieces(from.at, len) {
            if bad(self, done) {
                break;
            }
            if !early && self.starved(id, page) {
                return Err(full);
            }
            let (start, bytes) = self.behind(by, from.plus(done as i64), part);
            let Object { file, world, .. } = &mut self.objects[id];
            file.write(at + done, part, 0, world);
            file.paste(&bytes, |there| there - start + at + done);
            copied = done + part;
        }
        Ok(copied)
    }

    /// What a write past the end does before it looks at the memory, which may be a page of this very file. Since 6.16 the
    /// kernel makes room for the bytes first (mm/filemap.c, generic_perform_write), and the filesystem counts the end from
    /// there even where none comes (mm/shmem.c, shmem_write_end; fs/ext4/inode.c, ext4_da_do_write_end): the call fails with
    /// EFAULT and the file has grown.
    fn make_room(&mut self, id: ObjectId, at: u64) {
        let Object { file, world, .. } = &mut self.objects[id];
        match world.filesystem {
            Filesystem::Tmpfs | Filesystem::Ext4 if world.kernel >= (6, 16, 0) => file.grow(at, How::Write, world),
            // They make the gap first and count the end last (fs/xfs/xfs_file.c, xfs_file_write_zero_eof; fs/btrfs/inode.c,
            // btrfs_cont_expand).
            Filesystem::Xfs | Filesystem::Btrfs => file.make_gap(at, How::Write, world),
            _ => {}
        }
    }

    /// pread(2) into memory.
    pub(super) fn receive(&mut self, by: ProcId, file: FileId, at: u64, to: Place, len: u64) -> Result<Ruled, Refusal> {
        let Object { file: source, kind, .. } = self.readable(by, file)?;
        let endless = *kind == FileKind::Zero;
        let len = if endless {
            len
        } else {
            len.min(source.size().saturating_sub(at))
        };
        let row = source.copy(at, at + len);
        let mut count = 0;
        for (done, part) in self.pieces(to.at, len) {
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
                Some(id) => self.objects[id].file.paste(&bytes, there),
                None => self.own_copy(by, place).paste(&bytes, there),
            }
            count = done + part;
        }
        refuse_nothing(count, len)?;
        Ok(Ruled::count(count, count, Reason::Copied { count, len }))
    }

    /// A copy by the program itself: what a touch comes to, byte by byte, and what was copied before the bad one stays.
    pub(super) fn copy(&mut self, by: ProcId, from: Place, to: Place, len: u64) -> Ruled {
        let mut last = Ruled::certain(Outcome::Stored, Reason::Call);
        // how it may have ended before, and nobody knows
        let mut ends = Vec::new();
        for done in 0..len as i64 {
            let (from, to) = (from.plus(done), to.plus(done));
            last = self.touch_handled(by, from, Access::Load);
            if !goes_on(&last, &mut ends) {
                return Ruled { possible: ends, ..last };
            }
            let (place, bytes) = self.behind(by, from, 1);
            let held = if ends.is_empty() { bytes.get(place) } else { Held::Any };
            last = self.touch_handled(by, to, Access::Store(0));
            if !goes_on(&last, &mut ends) {
                return Ruled { possible: ends, ..last };
            }
            self.hold(by, to, held);
        }
        last.possible.extend(ends);
        last
    }

    /// The byte just stored holds this.
    pub(super) fn hold(&mut self, by: ProcId, at: Place, held: Held) {
        let Some(vma) = self.processes[by].spaces[at.area].find(at.at).copied() else {
            return;
        };
        let place = vma.place(at.at);
        match vma.object.filter(|_| vma.shared) {
            Some(id) => self.objects[id].file.store_perhaps(place, held),
            None => self.own_copy(by, at).set(place, place + 1, held),
        }
    }

    /// A stretch that begins at `from` in pieces of a page each.
    fn pieces(&self, from: i64, len: u64) -> impl Iterator<Item = Piece> + use<> {
        let page = self.page();
        let first = page - from.rem_euclid(page as i64) as u64;
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
    pub(super) fn behind(&self, by: ProcId, at: Place, len: u64) -> (u64, Runs) {
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

/// Does a copy go on after this touch? How else it may end goes to `ends`.
fn goes_on(ruled: &Ruled, ends: &mut Vec<Outcome>) -> bool {
    let good = |outcome: &&Outcome| matches!(outcome, Outcome::Byte(_) | Outcome::Stored);
    ends.extend(ruled.possible.iter().filter(|outcome| !good(outcome)));
    ruled.possible.iter().any(|outcome| good(&outcome))
}

fn refuse_nothing(count: u64, len: u64) -> Result<(), Refusal> {
    match count {
        0 if len > 0 => Err(Refusal(EFAULT, because::BAD_PAGE)),
        _ => Ok(()),
    }
}
