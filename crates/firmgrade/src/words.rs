//! Words that people mistype.

/// The known word nearest to `word`, where one is near enough to be meant: at most a third of its letters wrong, or else the same
/// beginning (Jaro–Winkler above 0.85). Upper and lower case are alike.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let limit = (word.chars().count() / 3).max(1);
    let word = word.to_lowercase();
    let mut best: Option<(bool, f64, &str)> = None;
    for candidate in known {
        let lower = candidate.to_lowercase();
        let likeness = strsim::jaro_winkler(&word, &lower);
        let close = strsim::damerau_levenshtein(&word, &lower) <= limit;
        // Of two as near, the first known one.
        if (close || likeness > 0.85) && best.is_none_or(|(was_close, was, _)| (close, likeness) > (was_close, was)) {
            best = Some((close, likeness, candidate));
        }
    }
    best.map(|(_, _, candidate)| candidate)
}
