//! A sparse row of bytes: runs of equal values by their place, zero everywhere else. It serves a file's page cache of a
//! terabyte as well as one page's private copy, and knows nothing of either.

use alloc::collections::BTreeMap;

/// What a byte holds, as far as the rules can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// this value
    Sure(u8),
    /// this value, or zero where the kernel has cleared it
    ZeroOr(u8),
    /// whatever the page of memory held before
    Any,
}

/// Runs of equal bytes, disjoint: first place to (place after the last, value).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs(BTreeMap<u64, (u64, Held)>);

impl Runs {
    /// What the byte at `place` holds.
    pub fn get(&self, place: u64) -> Held {
        match self.0.range(..=place).next_back() {
            Some((_, (end, held))) if place < *end => *held,
            _ => Held::Sure(0),
        }
    }

    /// Give all bytes in `from..to` one value.
    pub fn set(&mut self, from: u64, to: u64, held: Held) {
        self.clear(from, to);
        if from < to && held != Held::Sure(0) {
            self.0.insert(from, (to, held));
        }
    }

    /// Make all bytes in `from..to` zero.
    pub fn clear(&mut self, from: u64, to: u64) {
        if from >= to {
            return;
        }
        for (start, (end, held)) in self.overlapping(from, to) {
            self.0.remove(&start);
            if start < from {
                self.0.insert(start, (from, held));
            }
            if end > to {
                self.0.insert(to, (end, held));
            }
        }
    }

    /// Every byte in `from..to` may have been cleared, or not.
    pub fn doubt(&mut self, from: u64, to: u64) {
        for (start, (end, held)) in self.overlapping(from, to) {
            let doubted = match held {
                Held::Sure(value) | Held::ZeroOr(value) => Held::ZeroOr(value),
                Held::Any => Held::Any,
            };
            self.set(start.max(from), end.min(to), doubted);
        }
    }

    /// The part in `from..to`.
    pub fn part(&self, from: u64, to: u64) -> Runs {
        let mut part = Runs::default();
        for (start, (end, held)) in self.overlapping(from, to) {
            part.set(start.max(from), end.min(to), held);
        }
        part
    }

    /// Put another row's bytes in, each at the place that `to` gives for it.
    pub fn paste(&mut self, row: &Runs, to: impl Fn(u64) -> u64) {
        for (start, (end, held)) in &row.0 {
            self.set(to(*start), to(*end), *held);
        }
    }

    fn overlapping(&self, from: u64, to: u64) -> alloc::vec::Vec<(u64, (u64, Held))> {
        let before = self.0.range(..from).next_back().filter(|(_, (end, _))| *end > from);
        before
            .into_iter()
            .chain(self.0.range(from..to.max(from)))
            .map(|(start, run)| (*start, *run))
            .collect()
    }
}
