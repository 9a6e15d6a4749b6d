//! Licence key texts: made, and checked offline for typing errors.
//!
//! | style | looks like | strength | typing errors |
//! |---|---|---|---|
//! | code | `MGH-QPZR-Y9X8-...` (prefix, eight groups of four) | 130 bits | found, and the group named |
//! | words | twelve BIP-39 words, with hyphens between them | 128 bits | unknown words named; 15 of 16 others found |
//! | uuid | UUID version 4 (RFC 9562) | 122 bits | only the form can be checked |
//!
//! A code is Bech32m (BIP-350): the prefix is its human-readable part (2 to 8 of A-Z 0-9), then 26 random symbols and 6 of
//! checksum; shown in upper case as prefix and eight groups of four, without the separator `1`.
//!
//! v1 and v2 hash the exact text, so one wrong character is another key, and the file cannot say more than "wrong". Hence the
//! checksums, and [`candidates`]: what a listener typed in small letters or with spaces still opens. Nothing is ever corrected
//! on its own: a check names the place, and the listener looks there.

mod code;
mod strength;
mod typo;
mod uuid;
mod words;

pub use strength::estimate_bits;
pub use typo::Typo;

use super::Password;
use rand_core::CryptoRng;

/// How a key looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Prefix and groups.
    Code,
    /// Twelve words.
    Words,
    /// UUID version 4.
    Uuid,
}

impl Style {
    /// Random bits in a key of this style.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Self::Code => code::RANDOM_BITS,
            Self::Words => words::RANDOM_BITS,
            Self::Uuid => uuid::RANDOM_BITS,
        }
    }
}

/// The prefix of code keys when none is given.
pub const DEFAULT_PREFIX: &str = "OSP";

/// Longest text that is looked at, bytes. The longest key is twelve words of eight letters. Of longer texts the strength of so
/// much is estimated.
const MAX_TEXT: usize = 512;

/// A prefix that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be a prefix; use 2 to 8 letters A-Z and digits")]
pub struct BadPrefix(pub String);

/// Makes a key. The prefix counts for [`Style::Code`] only; its case does not matter.
///
/// # Errors
/// [`BadPrefix`].
pub fn generate(style: Style, prefix: &str, rng: &mut impl CryptoRng) -> Result<String, BadPrefix> {
    match style {
        Style::Code => code::generate(prefix, rng),
        Style::Words => Ok(words::generate(rng)),
        Style::Uuid => Ok(uuid::generate(rng)),
    }
}

/// What a check found. Can be printed: neither the key nor a word of it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// A whole key of a style with a checksum that holds; the text as it should be written.
    Good {
        /// Which.
        style: Style,
        /// Upper or lower case, separators: as [`generate`] would have written it.
        canonical: Password,
    },
    /// A UUID: well-formed, but it has no checksum.
    FormOnly {
        /// As it should be written.
        canonical: Password,
    },
    /// A key of ours with a typing error.
    Typo(Typo),
    /// Not one of our styles: a password somebody chose. Nothing can be said about it.
    Unknown,
}

/// Checks a key text. White space, hyphens and dashes of all kinds, and case do not matter, nor does the `1` that Bech32m has
/// after the prefix.
///
/// A text counts as a mistyped key of ours only if it looks like one: eight groups or so of four after a prefix; twelve words
/// or so most of which are in the list; hexadecimal groups as in a UUID; or, without separators, if one slip explains it. About
/// one in a hundred random texts of the length of an unseparated code looks so by chance.
#[must_use]
pub fn check(text: &str) -> Checked {
    if text.len() > MAX_TEXT {
        return Checked::Unknown;
    }
    let tokens = tokens(text);
    uuid::check(&tokens)
        .or_else(|| words::check(&tokens))
        .or_else(|| code::check(&tokens))
        .unwrap_or(Checked::Unknown)
}

/// The texts to try for what a listener typed, the likeliest first: the canonical form if the text is a good key written
/// otherwise; then the text exactly as typed, for it may be a password that only looks like a key; then the canonical form of a
/// UUID, which has no checksum to tell.
#[must_use]
pub fn candidates(typed: &str) -> Vec<Password> {
    let mut texts = vec![Password::new(typed)];
    match check(typed) {
        Checked::Good { canonical, .. } if canonical.as_str() != typed => texts.insert(0, canonical),
        Checked::FormOnly { canonical } if canonical.as_str() != typed => texts.push(canonical),
        _ => {}
    }
    texts
}

/// The text between separators.
fn tokens(text: &str) -> Vec<&str> {
    text.split(is_separator).filter(|token| !token.is_empty()).collect()
}

/// White space, everything that looks like a hyphen, and what word processors hide between letters.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2060}'
            | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{feff}' | '\u{ff0d}')
}
