//! Text normalised for lookups: NFKC, full case folding, NFKC, white space runs to one space, trimmed.

/// Normalises a title, a genre tag or a search word (spec section 6).
#[must_use]
pub fn normalise(text: &str) -> String {
    let _ = text;
    todo!()
}
