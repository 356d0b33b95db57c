//! The word that was perhaps meant: for complaints and answers to mistyped names. It knows words only.

/// The nearest of the known words, if any is near enough to be worth saying.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let word = word.to_lowercase();
    let mut best = None;
    for candidate in known {
        let candidate_small = candidate.to_lowercase();
        let mut near = strsim::jaro_winkler(&word, &candidate_small);
        // Two letters in the wrong order are the commonest slip, and in a short word nothing else is alike.
        if word.len() == candidate_small.len() && strsim::damerau_levenshtein(&word, &candidate_small) == 1 {
            near = near.max(0.95);
        }
        if near >= 0.7 && best.is_none_or(|(_, nearest)| near > nearest) {
            best = Some((candidate, near));
        }
    }
    best.map(|(candidate, _)| candidate)
}
