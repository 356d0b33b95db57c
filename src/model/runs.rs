//! A sparse row of bytes: the places where a value begins, each of which lasts to the next place, and zero in front of the
//! first. It serves a file's page cache of a terabyte as well as one page's private copy, and knows nothing of either.

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

/// Runs of equal bytes: the first place of each, and its value.
#[derive(Clone, Debug, Default)]
pub struct Runs(BTreeMap<u64, Held>);

impl Runs {
    /// What the byte at `place` holds.
    pub fn get(&self, place: u64) -> Held {
        let run = self.0.range(..=place).next_back();
        run.map_or(Held::Sure(0), |(_, held)| *held)
    }

    /// Give all bytes in `from..to` one value.
    pub fn set(&mut self, from: u64, to: u64, held: Held) {
        self.change(from, to, |_| held);
    }

    /// Make all bytes in `from..to` zero.
    pub fn clear(&mut self, from: u64, to: u64) {
        self.set(from, to, Held::Sure(0));
    }

    /// Every byte in `from..to` may have been cleared, or not.
    pub fn doubt(&mut self, from: u64, to: u64) {
        self.change(from, to, |held| match held {
            Held::Sure(0) | Held::Any => held,
            Held::Sure(value) | Held::ZeroOr(value) => Held::ZeroOr(value),
        });
    }

    /// The part in `from..to`.
    pub fn part(&self, from: u64, to: u64) -> Runs {
        let mut part = Runs(self.0.range(from..to).map(|(start, held)| (*start, *held)).collect());
        part.0.insert(from, self.get(from));
        part.0.insert(to, Held::Sure(0));
        part
    }

    /// Put another row's bytes in, each at the place that `to` gives for it; of a part that is all of its bytes, the zeros
    /// too.
    pub fn paste(&mut self, row: &Runs, to: impl Fn(u64) -> u64) {
        for ((start, held), end) in row.0.iter().zip(row.0.keys().skip(1)) {
            self.set(to(*start), to(*end), *held);
        }
    }

    /// Nothing, where `to` does not lie behind `from`.
    fn change(&mut self, from: u64, to: u64, turn: impl Fn(Held) -> Held) {
        let to = to.max(from);
        for border in [from, to] {
            let held = self.get(border);
            self.0.insert(border, held);
        }
        for held in self.0.range_mut(from..to).map(|(_, held)| held) {
            *held = turn(*held);
        }
    }
}
