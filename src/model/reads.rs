//! What can be asked of a file without changing it: its bytes, its size. It may not know what a touch would meet.

use super::errno::{EBADF, EISDIR, ESPIPE};
use super::object::{Descriptor, Object};
use super::{Model, Reason, Refusal, Ruled, because, bytes};
use crate::op::{FileId, FileKind, Outcome, ProcId, Quantity, Rights};

impl Model {
    pub(super) fn read(&self, by: ProcId, file: FileId, at: u64) -> Result<Ruled, Refusal> {
        let object = self.readable(by, file)?;
        if object.kind == FileKind::Zero {
            // null(4); what a mapping of it holds is memory of its own and never read here
            return Ok(Ruled::certain(Outcome::Byte(0), Reason::Endless));
        }
        let content = &object.file;
        let size = content.size();
        if at >= size {
            return Ok(Ruled::certain(Outcome::End, Reason::EndOfFile { size }));
        }
        let object = self.descriptor(by, file)?.object;
        let copied = self.processes[by].spaces.iter().any(|space| {
            let place = |vma: &super::space::Vma| i64::try_from(at).unwrap_or(i64::MAX) - vma.shift;
            let here =
                |vma: &&super::space::Vma| vma.object == Some(object) && (vma.start..vma.end).contains(&place(vma));
            let mut vmas = space.vmas.iter().filter(here);
            vmas.any(|vma| space.copies.contains_key(&self.page_of(place(vma))))
        });
        let reason = if copied {
            Reason::BesideCopy { at }
        } else {
            Reason::FileByte { at, size }
        };
        let possible = bytes(content.get(at));
        Ok(Ruled { possible, reason })
    }

    /// The object of a descriptor that read(2) may read.
    pub(super) fn readable(&self, by: ProcId, file: FileId) -> Result<&Object, Refusal> {
        let descriptor = self.descriptor(by, file)?;
        let object = self.object(descriptor.object);
        self.has_places(descriptor)?;
        if !descriptor.reads() {
            return Err(Refusal(EBADF, because::FD_NO_READ));
        }
        if object.kind == FileKind::Directory {
            return Err(Refusal(EISDIR, because::DIRECTORY));
        }
        Ok(object)
    }

    /// Asked before the descriptor's rights, and of everything but a mere name (fs/read_write.c, ksys_pread64).
    pub(super) fn has_places(&self, descriptor: Descriptor) -> Result<(), Refusal> {
        let streams = matches!(self.object(descriptor.object).kind, FileKind::Pipe | FileKind::Eventfd);
        if streams && descriptor.rights != Rights::Path {
            return Err(Refusal(ESPIPE, because::NO_PLACES));
        }
        Ok(())
    }

    /// A number that the kernel counts. What depends on allocation, readahead or the instrument is bounded, not derived.
    pub(super) fn ask(&self, by: ProcId, quantity: Quantity) -> Result<Ruled, Refusal> {
        match quantity {
            Quantity::Size(file) => {
                let object = self.object(self.descriptor(by, file)?.object);
                if !object.is_file() {
                    return Ok(Ruled::count(0, u64::MAX, Reason::Measured));
                }
                let size = object.file.size();
                Ok(Ruled::count(size, size, Reason::Size { size }))
            }
            Quantity::Blocks(file) => {
                self.descriptor(by, file)?;
                Ok(Ruled::count(0, u64::MAX, Reason::Measured))
            }
            Quantity::Resident(at, len) => self.resident(by, at, len),
            Quantity::Present(at, len) => Ok(self.present(by, at, len)),
            Quantity::Vmas(at, len) => Ok(self.vmas(by, at, len)),
            Quantity::Faults | Quantity::MajorFaults => Ok(Ruled::count(0, u64::MAX, Reason::Measured)),
        }
    }
}
