//! The comparison of two measured ways: how many times the one is faster than the other, with its spread, and whether
//! that is a difference at all. Rounds are compared with rounds, for in a bad minute of the machine both are slow.

use serde::Serialize;

/// A number from several rounds: the middle one, and the two quartiles.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// half of the rounds gave less
    pub median: f64,
    /// a quarter gave less
    pub low: f64,
    /// a quarter gave more
    pub high: f64,
}

/// Closer to 1 than this is a tie, however narrow the spread: another layout of the same program makes as much.
const TIE: f64 = 1.05;

/// Who needs less time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Race {
    /// the way spoken of
    Faster,
    /// the way it is held against
    Slower,
    /// neither
    Tie,
}

impl Spread {
    /// Of some numbers; none where there are none.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Spread> {
        let mut sorted: Vec<f64> = numbers.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let at = |quarters: usize| {
            let (whole, part) = (last * quarters / 4, (last * quarters % 4) as f64 / 4.0);
            let next = sorted[last.min(whole + 1)];
            sorted[whole] + (next - sorted[whole]) * part
        };
        Some(Spread {
            median: at(2),
            low: at(1),
            high: at(3),
        })
    }

    /// How many times a way is faster than another, from the times of the same rounds.
    pub fn faster(way: &[f64], than: &[f64]) -> Option<Spread> {
        Spread::of(way.iter().zip(than).map(|(way, than)| than / way.max(1e-9)))
    }

    /// The same the other way round: how many times slower.
    pub fn inverse(self) -> Spread {
        Spread {
            median: 1.0 / self.median,
            low: 1.0 / self.high,
            high: 1.0 / self.low,
        }
    }

    /// What such a factor says: a difference is one that half of the rounds agree on.
    pub fn race(self) -> Race {
        match self {
            _ if self.low > 1.0 && self.median > TIE => Race::Faster,
            _ if self.high < 1.0 && self.median < 1.0 / TIE => Race::Slower,
            _ => Race::Tie,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Race, Spread};

    #[test]
    fn quartiles_are_those_of_a_hand_calculation() {
        let spread = Spread::of([5.0, 1.0, 3.0, 2.0, 4.0]).expect("numbers");
        assert_eq!((spread.low, spread.median, spread.high), (2.0, 3.0, 4.0));
        let spread = Spread::of([1.0, 2.0]).expect("numbers");
        assert_eq!((spread.low, spread.median, spread.high), (1.25, 1.5, 1.75));
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn a_difference_must_be_larger_than_its_spread() {
        let race = |way: &[f64], than: &[f64]| Spread::faster(way, than).map(Spread::race);
        assert_eq!(race(&[1.0, 1.1, 1.0], &[2.0, 2.2, 2.1]), Some(Race::Faster));
        assert_eq!(race(&[2.0, 2.2, 2.1], &[1.0, 1.1, 1.0]), Some(Race::Slower));
        // One bad minute for both is none for the ratio.
        assert_eq!(race(&[1.0, 10.0, 1.0], &[2.0, 20.0, 2.0]), Some(Race::Faster));
        assert_eq!(race(&[1.0, 3.0, 1.0, 3.0], &[2.0, 2.0, 2.0, 2.0]), Some(Race::Tie));
        assert_eq!(race(&[1.0, 1.0, 1.0], &[1.04, 1.04, 1.04]), Some(Race::Tie));
    }
}
