//! What the machine itself says of the mappings after an operation, in lines of text: as /proc/PID/maps and smaps have it,
//! with the file's symbol for its path, and how many pages are resident.

use std::sync::atomic::Ordering::{Acquire, Relaxed};

use super::record::{Shared, what};
use super::{HOLE_PAGES, Options, strace};

/// Pages whose residency is told one by one.
pub const PAGES: usize = 128;

/// The letters of maps, in their places.
const LETTERS: [u8; 4] = *b"rwxs";

/// `rw-s` in bits.
pub fn permissions(field: &[u8]) -> Option<u64> {
    let bit = |(n, byte): (usize, &u8)| u64::from(*byte == LETTERS[n]) << n;
    (field.len() == LETTERS.len()).then(|| field.iter().enumerate().map(bit).sum())
}

fn letters(bits: u64) -> String {
    let letter = |n: usize| match (bits >> n & 1, n) {
        (1, _) => char::from(LETTERS[n]),
        (_, 3) => 'p',
        _ => '-',
    };
    (0..LETTERS.len()).map(letter).collect()
}

/// The views, by operation; none where none was taken.
pub fn views(record: &Shared, options: &Options, operations: usize) -> Vec<Vec<String>> {
    if !options.views {
        return Vec::new();
    }
    let reach = (HOLE_PAGES * options.page) as usize;
    let mut place = String::new();
    let mut views = vec![Vec::new(); operations];
    let mut inodes: Vec<(u64, u64)> = Vec::new();
    let entries = || {
        record.entries().iter().map(|entry| {
            let args = entry.args.each_ref().map(|arg| arg.load(Relaxed));
            (entry.what.load(Acquire), entry.op.load(Relaxed) as usize, args)
        })
    };
    inodes.extend(
        entries()
            .filter(|(kind, ..)| *kind == what::FILE)
            .map(|(_, _, args)| (args[3], args[0])),
    );
    for (kind, op, args) in entries() {
        let Some(view) = views.get_mut(op) else { continue };
        match kind {
            what::VMA => {
                let [start, end, rights, offset, device, inode] = args;
                let (major, minor) = (device >> 32, device & u64::from(u32::MAX));
                let file = inodes.iter().find(|(known, _)| *known == inode && inode != 0);
                let name = file.map_or_else(String::new, |(_, file)| format!(" {}", strace::file(*file)));
                let rights = letters(rights);
                place = record.place(start as usize, reach).to_string();
                view.push(format!(
                    "{start:x}-{end:x} {rights} {offset:08x} {major:02x}:{minor:02x} {inode}{name}"
                ));
            }
            what::PAGES => {
                let [resident, dirty, pages, shown, low, high] = args;
                let bit = |n: u64| if n < 64 { low >> n & 1 } else { high >> (n - 64) & 1 };
                let cells: Vec<char> = (0..shown).map(|n| if bit(n) == 1 { '#' } else { '.' }).collect();
                let cells: String = cells.chunk_by(|a, b| a == b).map(folded).collect();
                let of = if shown < pages {
                    format!(" {shown}/{pages}")
                } else {
                    String::new()
                };
                view.push(format!(
                    "  {place}: Rss {resident} kB, Private_Dirty {dirty} kB, mincore |{cells}|{of}"
                ));
            }
            what::FILE => {
                let (name, size, blocks) = (strace::file(args[0]), args[1], args[2]);
                view.push(format!("{name}: st_size={size}, st_blocks={blocks}"));
            }
            _ => {}
        }
    }
    views
}

/// Alike pages: `##`, or `.*1000`.
fn folded(run: &[char]) -> String {
    match run {
        [cell, ..] if run.len() > 8 => format!("{cell}*{}", run.len()),
        _ => run.iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{folded, letters, permissions};

    #[test]
    fn permissions_are_written_as_they_are_read() {
        for text in ["rw-s", "r--p", "---p", "r-xp", "rwxs"] {
            assert_eq!(letters(permissions(text.as_bytes()).expect("four letters")), text);
        }
        assert_eq!(permissions(b"rw-"), None);
    }

    #[test]
    fn a_long_run_of_alike_pages_is_a_number() {
        assert_eq!(folded(&['.'; 8]), "........");
        assert_eq!(folded(&['.'; 127]), ".*127");
    }
}
