//! The sentences of the model's reasons in English. What they say is decided next door, in the reason itself.

use core::fmt;

use super::Reason;
use crate::op::Routine;

/// A reason, to be written as a sentence.
pub(super) struct Sentence<'a>(pub(super) &'a Reason);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Reason::NotMapped { at, map_end: Some(end) } if at >= end => {
                write!(f, "The mapping ends at {end}; at {at} there is not even an address.")
            }
            Reason::NotMapped { at, map_end: Some(_) } if *at < 0 => {
                write!(f, "The mapping begins at 0; before it, at {at}, nothing is mapped.")
            }
            Reason::NotMapped { at, map_end: Some(_) } => {
                write!(f, "The page of {at} was unmapped; no address is left.")
            }
            Reason::NotMapped { at, map_end: None } => {
                write!(f, "Nothing is mapped, so there is no address at {at}.")
            }
            Reason::Protection { prot, access } => {
                let what = if access.is_store() { "stores" } else { "loads" };
                write!(
                    f,
                    "The page is mapped {prot}, which forbids {what}; the file is not even looked at."
                )
            }
            Reason::Key => f.write_str(
                "The page may be executed and nothing else: a protection key keeps loads and stores out.",
            ),
            Reason::Seen { from, at, of } => write!(f, "{from} is byte {at} of the file. {}", Sentence(of)),
            Reason::PastLastFilePage { at, size: 0, .. } => {
                write!(f, "The file is empty; {at} has an address and no page of the file.")
            }
            Reason::PastLastFilePage { at, size, page } => {
                let pages = size.div_ceil(*page);
                let s = if pages == 1 { "" } else { "s" };
                write!(
                    f,
                    "The file's {size} bytes back {pages} page{s}; {at} has an address and no page of the file."
                )
            }
            Reason::FileByte { size: 1, .. } => f.write_str("It is the file's only byte."),
            Reason::FileByte { at, size } => write!(f, "Byte {at} is one of the file's {size} bytes."),
            Reason::BesideCopy { at } => {
                write!(
                    f,
                    "MAP_PRIVATE: stores through the mapping went to a copy of this page; byte {at} is the file's own."
                )
            }
            Reason::Tail { size, end } => {
                write!(
                    f,
                    "The file ends at {size} and its page at {end}; between them the page is filled with zeros."
                )
            }
            Reason::StoredInFile { at } => {
                write!(f, "The page cache takes the byte as byte {at} of the file.")
            }
            Reason::StoredInTail { size, end } => {
                write!(
                    f,
                    "The page reaches to {end}, so the store succeeds; the file still ends at {size}."
                )
            }
            Reason::PrivateCopy { at } => {
                write!(
                    f,
                    "An earlier store copied this page for the mapping alone; byte {at} comes from the copy."
                )
            }
            Reason::CopiedOnWrite { at } => {
                write!(
                    f,
                    "MAP_PRIVATE: the page of byte {at} is copied at its first store; the file never sees it."
                )
            }
            Reason::HugePage { huge } => {
                write!(
                    f,
                    "tmpfs mounted huge=always maps {huge} bytes at once, and so past the end of the file."
                )
            }
            Reason::EndOfFile { size } => {
                write!(f, "The file ends at {size}, so there is nothing to read.")
            }
            Reason::Endless => {
                write!(f, "/dev/zero has no end: every read of it gives zeros.")
            }
            Reason::Mapped { len, rounded } => {
                write!(f, "{len} bytes asked for, {rounded} mapped: whole pages.")
            }
            Reason::Anonymous { stored: false } => {
                f.write_str("No file is behind this memory: it is zero until the first store.")
            }
            Reason::Anonymous { stored: true } => {
                f.write_str("No file is behind this memory; the process has a page of its own here.")
            }
            Reason::StoredAnonymous => {
                f.write_str("No file is behind this memory; the store gets a page of the process's own.")
            }
            Reason::Guarded => {
                f.write_str("The page is a guard page (MADV_GUARD_INSTALL): mapped, and yet no access reaches it.")
            }
            Reason::Missing => f.write_str(
                "The page has never been there, and a userfaultfd was told to raise SIGBUS instead of making one.",
            ),
            Reason::Forced { signal } => write!(
                f,
                "A fault's {signal} cannot be ignored or blocked: the kernel restores the default action, and it kills."
            ),
            Reason::Loops => f.write_str(
                "The handler returns and nothing has changed, so the same instruction faults again, for ever.",
            ),
            Reason::FirstPage => f.write_str(
                "No program may map the first pages (vm.mmap_min_addr), so that a null pointer, and a field behind one, always faults.",
            ),
            Reason::KernelHalf => f.write_str(
                "The upper half of all addresses is the kernel's; for a program nothing is mapped there, whatever is.",
            ),
            Reason::NoAddress => f.write_str(
                "This is no address: the processor refuses it before it looks for a page, and does not say which it was, so si_addr is 0.",
            ),
            Reason::Sent => f.write_str(
                "No access raised it: somebody sent it, si_code says how with a number up to 0, and there is no address to tell.",
            ),
            Reason::SomeByte {
                routine: Routine::Strnlen,
            } => f.write_str(
                "strnlen may not look at a page before it knows that the one before holds no 0; which byte of the bad page it asks for is the C library's affair.",
            ),
            Reason::SomeByte { routine } => write!(
                f,
                "Inside {} the order is the C library's: si_addr is a bad byte, not always the first, and what lies before it may be stored or not.",
                routine.name()
            ),
            Reason::NoRoomForFrame => f.write_str(
                "A handler needs a stack for its frame, and there is none left: the kernel kills with SIGSEGV, and no handler runs.",
            ),
            Reason::StackLimit { at, limit } => write!(
                f,
                "The mapping grows down at a touch, but not beyond {limit} bytes (RLIMIT_STACK); {at} would be more, so nothing is mapped there."
            ),
            Reason::StackGuardGap { at } => write!(
                f,
                "The mapping grows down at a touch, but stays 256 pages away from what lies below it; {at} is nearer, so nothing is mapped there."
            ),
            Reason::Repaired { at } => write!(
                f,
                "The access at {at} faulted once; the handler repaired the place, and the instruction was executed again."
            ),
            Reason::Copied { count, len } if count < len => write!(
                f,
                "{count} of {len} bytes could be copied before the bad page; a short count, and no signal."
            ),
            Reason::Copied { count, .. } => write!(f, "The kernel copies {count} bytes."),
            Reason::Size { size } => write!(f, "The file has {size} bytes; no mapping changes that."),
            Reason::Resident => f.write_str("What is in memory is brought in by touches and by readahead."),
            Reason::Present => f.write_str("A page gets its entry at the first touch, not when it is mapped."),
            Reason::Vmas => f.write_str("A call on part of a mapping cuts it into VMAs; neighbours that become alike are joined."),
            Reason::Measured => f.write_str("This is counted, not derived."),
            Reason::Elsewhere => f.write_str("The place is taken, and an address without MAP_FIXED is only a hint."),
            Reason::Forked => f.write_str("The child has the same mappings; what is private is its own from now on."),
            Reason::Race { atomic: true } => {
                f.write_str("The instruction loads, adds and stores as one; no addition can be lost.")
            }
            Reason::Race { atomic: false } => {
                f.write_str("Adding is a load and a store; what another process stores between the two is lost.")
            }
            Reason::FilesystemFull => f.write_str(
                "The page belongs to the file, and the filesystem has no room left for it: SIGBUS inside the file.",
            ),
            Reason::Unlinked => {
                f.write_str("Only the name goes; the file stays while a descriptor or a mapping refers to it.")
            }
            Reason::Renamed => f.write_str(
                "The name stands for another file from now on; who has the old one mapped keeps the old one.",
            ),
            Reason::Refused { errno, because } => {
                let name = crate::op::errno_name(*errno).unwrap_or("an error");
                write!(f, "{name}: {}.", because.en)
            }
            Reason::Call => f.write_str("The call succeeds."),
        }
    }
}
