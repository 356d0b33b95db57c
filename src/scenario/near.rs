//! The word that was perhaps meant: for complaints and answers to mistyped names. It knows words only.

/// The nearest of the known words, if any is near enough to be worth saying.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let word = word.to_lowercase();
    let mut best = None;
    for candidate in known {
        let near = strsim::jaro_winkler(&word, &candidate.to_lowercase());
        if near >= 0.7 && best.is_none_or(|(_, nearest)| near > nearest) {
            best = Some((candidate, near));
        }
    }
    best.map(|(candidate, _)| candidate)
}
