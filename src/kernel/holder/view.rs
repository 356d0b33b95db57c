//! The machine's own view of the mappings after an operation: their lines of /proc/self/smaps, mincore(2) of their pages,
//! fstat(2) of the files. Taken only where somebody steps through a script; none of it is the script's, so that none of it
//! is noted as a call. Where /proc or a call refuses, there is no view, and nothing else changes.
#![allow(unsafe_code)]

use std::sync::atomic::Ordering::Relaxed;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::stat::{Mode, fstat};
use nix::unistd::read;

use super::Holder;
use crate::kernel::record::{asked, what};
use crate::kernel::view::{PAGES, permissions};

/// Of a longer line only this much is looked at: a path may stand behind it.
const LINE: usize = 128;

/// VMAs that are looked at for one view.
const MOST: usize = 12;

/// A VMA as smaps tells of it.
#[derive(Clone, Copy, Default)]
pub(super) struct Vma {
    pub(super) start: u64,
    pub(super) end: u64,
    permissions: u64,
    offset: u64,
    device: u64,
    inode: u64,
    resident: u64,
    dirty: u64,
}

impl Holder<'_> {
    /// Take it.
    pub(super) fn view(&mut self) {
        let before = self.usage();
        let _ = self.look(); // no /proc, no view
        self.look_at_files();
        // What looking has cost is none of the script's faults.
        let after = self.usage();
        for (n, counted) in self.faults.iter_mut().enumerate() {
            *counted += after[n] - before[n];
        }
    }

    /// Page faults of this process: all, and major ones.
    fn usage(&self) -> [u64; 2] {
        getrusage(UsageWho::RUSAGE_SELF).map_or([0; 2], |usage| {
            let major = usage.major_page_faults();
            [(usage.minor_page_faults() + major) as u64, major as u64]
        })
    }

    fn look(&self) -> nix::Result<()> {
        let smaps = open(c"/proc/self/smaps", OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())?;
        let mut seen = 0;
        let mut vma = Vma::default();
        each_line(
            |bytes| read(&smaps, bytes),
            |line| {
                if let Some(next) = header(line) {
                    seen += self.show(&vma);
                    vma = next;
                } else if let Some(kib) = number(line, b"Rss:") {
                    vma.resident = kib;
                } else if let Some(kib) = number(line, b"Private_Dirty:") {
                    vma.dirty = kib;
                }
                seen < MOST
            },
        )?;
        if seen < MOST {
            self.show(&vma);
        }
        Ok(())
    }

    /// Note a VMA that lies in one of the areas or the holes around them; how many were noted.
    fn show(&self, vma: &Vma) -> usize {
        let head = self.record.head();
        let reserve = head.reserve.load(Relaxed) as u64;
        if vma.start < reserve || vma.end > reserve + self.reserved as u64 {
            return 0;
        }
        let note = |kind, args| self.record.note(kind, asked::NO, 0, args);
        note(
            what::VMA,
            [vma.start, vma.end, vma.permissions, vma.offset, vma.device, vma.inode],
        );
        let page = self.options.page;
        let pages = (vma.end - vma.start) / page;
        let mut bits = [0_u64; 2];
        let mut here = [0_u8; PAGES];
        let shown = pages.min(PAGES as u64);
        // SAFETY: the vector has a byte for each page asked for.
        let asked = unsafe { libc::mincore(vma.start as *mut _, (shown * page) as usize, here.as_mut_ptr()) };
        for (n, _) in here.iter().enumerate().filter(|(_, page)| **page & 1 != 0) {
            bits[n / 64] |= 1 << (n % 64);
        }
        let shown = if asked == 0 { shown } else { 0 };
        note(what::PAGES, [vma.resident, vma.dirty, pages, shown, bits[0], bits[1]]);
        1
    }

    fn look_at_files(&self) {
        for file in 0..self.files.len() {
            let Some(Ok(stat)) = self.open_fd(file).map(fstat) else {
                continue;
            };
            let args = [
                file as u64,
                stat.st_size as u64,
                stat.st_blocks as u64,
                stat.st_ino,
                0,
                0,
            ];
            self.record.note(what::FILE, asked::NO, 0, args);
        }
    }
}

/// Every line of a file of /proc, up to LINE bytes of it, for as long as they are wanted.
pub(super) fn each_line(
    read: impl Fn(&mut [u8]) -> nix::Result<usize>,
    mut wanted: impl FnMut(&[u8]) -> bool,
) -> nix::Result<()> {
    let mut bytes = [0_u8; 1024];
    let mut line = [0_u8; LINE];
    let mut length = 0;
    loop {
        let count = match read(&mut bytes) {
            Err(Errno::EINTR) => continue,
            Ok(0) => return Ok(()),
            read => read?,
        };
        for byte in &bytes[..count] {
            if *byte != b'\n' {
                if length < LINE {
                    line[length] = *byte;
                    length += 1;
                }
                continue;
            }
            if !wanted(&line[..length]) {
                return Ok(());
            }
            length = 0;
        }
    }
}

/// `7f5c0a000000-7f5c0a004000 rw-s 00000000 fe:00 131 /tmp/...`: proc_pid_maps(5).
pub(super) fn header(line: &[u8]) -> Option<Vma> {
    let mut fields = line.split(|byte| *byte == b' ').filter(|field| !field.is_empty());
    let (start, end) = cut(fields.next()?, b'-')?;
    let rights = permissions(fields.next()?)?;
    let offset = based(fields.next()?, 16)?;
    let (major, minor) = cut(fields.next()?, b':')?;
    Some(Vma {
        start,
        end,
        permissions: rights,
        offset,
        device: major << 32 | minor,
        inode: based(fields.next()?, 10)?,
        ..Vma::default()
    })
}

/// Two hexadecimal numbers with a byte between them.
fn cut(field: &[u8], between: u8) -> Option<(u64, u64)> {
    let at = field.iter().position(|byte| *byte == between)?;
    Some((based(&field[..at], 16)?, based(&field[at + 1..], 16)?))
}

fn based(digits: &[u8], base: u32) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, base).ok()
}

/// `Rss:                  12 kB`
fn number(line: &[u8], name: &[u8]) -> Option<u64> {
    let rest = line.strip_prefix(name)?;
    based(rest.split(|byte| *byte == b' ').find(|field| !field.is_empty())?, 10)
}
