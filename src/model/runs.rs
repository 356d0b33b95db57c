//! A sparse row of bytes: the places where a value begins, each of which lasts to the next place, and zero in front of the
//! first. It serves a file's page cache of a terabyte as well as one page's private copy, and knows nothing of either.

use alloc::vec::Vec;

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

/// Runs of equal bytes in order: the first place of each, and its value.
#[derive(Clone, Debug, Default)]
pub struct Runs(Vec<(u64, Held)>);

impl Runs {
    /// What the byte at `place` holds.
    pub fn get(&self, place: u64) -> Held {
        let next = self.0.partition_point(|(start, _)| *start <= place);
        next.checked_sub(1).map_or(Held::Sure(0), |run| self.0[run].1)
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
        let inside = self.0.iter().filter(|(start, _)| (from + 1..to).contains(start));
        let mut part = Runs(Vec::from([(from, self.get(from))]));
        part.0.extend(inside);
        part.0.push((to, Held::Sure(0)));
        part
    }

    /// Put another row's bytes in, each at the place that `to` gives for it; of a part that is all of its bytes, the zeros
    /// too.
    pub fn paste(&mut self, row: &Runs, to: impl Fn(u64) -> u64) {
        for ((start, held), (end, _)) in row.0.iter().zip(row.0.iter().skip(1)) {
            self.set(to(*start), to(*end), *held);
        }
    }

    /// Nothing, where `to` does not lie behind `from`.
    fn change(&mut self, from: u64, to: u64, turn: impl Fn(Held) -> Held) {
        let first = self.begin(from);
        let end = self.begin(to.max(from));
        for (_, held) in &mut self.0[first..end] {
            *held = turn(*held);
        }
    }

    /// The run that begins there, from now on.
    fn begin(&mut self, place: u64) -> usize {
        self.0
            .binary_search_by_key(&place, |(start, _)| *start)
            .unwrap_or_else(|next| {
                self.0.insert(next, (place, self.get(place)));
                next
            })
    }
}
