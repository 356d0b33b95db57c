//! What a step changed, in words: where the file ends, and which pages answer a load, both read off the model's zones.
//! It may not know what an operation does.

use super::result::StepResult;
use super::{ruler, words};

/// A stretch of pages; the second is excluded.
type Pages = (i64, i64);

/// How a first step begins: `eof 5000: pages 0-1 alive`.
pub fn begins(step: &StepResult) -> String {
    words::begins(step.symbols.eof, &alive(step))
}

/// What happened between two steps, the longest form first; an empty text where nothing did.
pub fn between(before: &StepResult, step: &StepResult) -> Vec<String> {
    let (was, is) = (before.symbols, step.symbols);
    let (old, new) = (alive(before), alive(step));
    let still = if was.eof == is.eof {
        None
    } else if was.eof < is.eof && is.eof > is.map_end {
        Some(words::past_map_end())
    } else if was.eof_page == is.eof_page {
        Some(words::same_page())
    } else {
        Some(words::no_page())
    };
    words::changed((was.eof, is.eof), &without(&new, &old), &without(&old, &new), still)
}

/// The pages of the mapping that answer.
fn alive(step: &StepResult) -> Vec<Pages> {
    let (page, end) = (step.symbols.p.max(1), step.symbols.map_end);
    let mut alive: Vec<Pages> = Vec::new();
    for span in ruler::model(step) {
        let to = span.to.min(end);
        if !matches!(span.letter, '#' | '0') || span.from >= to {
            continue;
        }
        // the last page of the file is alive to its end, so nothing answers in one half of a page alone
        let (from, to) = (
            span.from.div_euclid(page),
            to.div_euclid(page) + i64::from(to.rem_euclid(page) > 0),
        );
        match alive.last_mut() {
            Some(last) if last.1 >= from => last.1 = last.1.max(to),
            _ => alive.push((from, to)),
        }
    }
    alive
}

/// What of the one is not in the other; both are sorted.
fn without(these: &[Pages], those: &[Pages]) -> Vec<Pages> {
    let mut left = Vec::new();
    for &(mut from, to) in these {
        for &(gone, back) in those.iter().filter(|those| those.0 < to) {
            if gone > from {
                left.push((from, gone));
            }
            from = from.max(back);
        }
        if from < to {
            left.push((from, to));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn pages_are_taken_out_of_pages() {
        assert_eq!(without(&[(0, 10)], &[(2, 3), (5, 20)]), [(0, 2), (3, 5)]);
        assert_eq!(without(&[(0, 1), (4, 6)], &[]), [(0, 1), (4, 6)]);
        assert_eq!(without(&[(4, 6)], &[(0, 2), (4, 6)]), []);
        assert_eq!(without(&[(4, 6)], &[(0, 5), (8, 9)]), [(5, 6)]);
    }
}
