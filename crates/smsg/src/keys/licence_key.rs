//! Licence key texts: made, and checked offline for typing errors.
//!
//! | style | looks like | strength | typing errors |
//! |---|---|---|---|
//! | code | `MGH-QPZR-Y9X8-...` (prefix, eight groups of four) | 130 bits | found, and the group named |
//! | words | twelve BIP-39 words | 128 bits | unknown words named; 15 of 16 others found |
//! | uuid | UUID version 4 | 122 bits | only the form can be checked |
//!
//! A code is Bech32m: the prefix is its human-readable part (2 to 8 of A-Z 0-9), then 26 random symbols and 6 of checksum; shown
//! in upper case as prefix and eight groups of four, without the separator `1`.

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

/// The prefix of code keys when none is given.
pub const DEFAULT_PREFIX: &str = "OSP";

/// A prefix that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be a prefix; use 2 to 8 letters A-Z and digits")]
pub struct BadPrefix(pub String);

/// Makes a key. The prefix counts for [`Style::Code`] only.
///
/// # Errors
/// [`BadPrefix`].
pub fn generate(style: Style, prefix: &str, rng: &mut impl CryptoRng) -> Result<String, BadPrefix> {
    todo!("{style:?} {prefix:?} {}", rng.next_u32())
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// A whole key of a style with a checksum that holds; the text as it should be written.
    Good {
        /// Which.
        style: Style,
        /// Upper or lower case, separators: as [`generate`] would have written it.
        canonical: String,
    },
    /// A UUID: well-formed, but it has no checksum.
    FormOnly {
        /// As it should be written.
        canonical: String,
    },
    /// A key of ours with a typing error.
    Typo(Typo),
    /// Not one of our styles: a password somebody chose. Nothing can be said about it.
    Unknown,
}

/// Where the error is, as far as the checksum tells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Typo {
    /// Too many or too few characters in a group (1 to 8; 0 is the prefix).
    GroupLength {
        /// Which group.
        group: usize,
    },
    /// A character that no key has (`1`, `B`, `I`, `O` of letters and digits are never used).
    Character {
        /// Which group.
        group: usize,
        /// Which.
        found: char,
    },
    /// The checksum fails; these groups can be the damaged one.
    Groups(Vec<usize>),
    /// The checksum fails in more than one place.
    Several,
    /// A word that is not in the list, by position from 1.
    Word {
        /// Which.
        position: usize,
        /// What was typed.
        found: String,
        /// The listed word that is most like it.
        suggestion: Option<&'static str>,
    },
    /// Not twelve words.
    WordCount(usize),
    /// All words are known, but their checksum fails.
    WordsChecksum,
}

/// Checks a key text. White space and case do not matter, nor do hyphens and `1` after the prefix.
#[must_use]
pub fn check(text: &str) -> Checked {
    todo!("{text:?}")
}
