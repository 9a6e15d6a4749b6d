//! Text normalised for lookups: NFKC, full case folding, NFKC, white space runs to one space, trimmed.
//!
//! Two people who type a title should find the same records, whatever their keyboards, so the DHT keys and the
//! search index are made from this form. Records themselves keep their text as the artist wrote it.

use caseless::Caseless as _;
use unicode_normalization::UnicodeNormalization as _;

/// Normalises a title, a genre tag or a search word (spec section 6): NFKC, full case folding (C and F of
/// CaseFolding.txt, no Turkic), NFKC, each run of `White_Space` to one U+0020, none at the ends.
#[must_use]
pub fn normalise(text: &str) -> String {
    let folded: String = text.nfkc().default_case_fold().nfkc().collect();
    let mut out = String::with_capacity(folded.len());
    // `split_whitespace` is by the White_Space property: U+0085, U+1680 and U+2028 separate too.
    for word in folded.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
