//! What a typing error looks like to the checks.

use super::{Password, code::GROUPS};

/// Where the error is, as far as the checksum tells. Its text is a sentence for the listener, without the key; of words, only the
/// one that no key has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Typo {
    /// Too many or too few characters in a group (1 to 8; 0 is the prefix).
    #[error("{} has too many or too few characters; compare it with the key you were given", named(*.group))]
    GroupLength {
        /// Which group.
        group: usize,
    },
    /// Too many or too few characters after the prefix, and nothing tells where.
    #[error(
        "there are {found} characters after the prefix instead of 32; compare the groups with the key you were given"
    )]
    Length {
        /// Characters there are.
        found: usize,
    },
    /// A character that no key has (`1`, `B`, `I`, `O` of letters and digits are never used).
    #[error("{} has {found:?}, which no key has (nor 1, B, I or O); compare it with the key you were given", named(*.group))]
    Character {
        /// Which group.
        group: usize,
        /// Which.
        found: char,
    },
    /// The checksum fails; these groups can be the damaged one. Almost always it is one group; 0 is the prefix.
    #[error("there is a mistake in {}; compare it with the key you were given", alternatives(.0))]
    Groups(Vec<usize>),
    /// The checksum fails, and holds with two neighbouring characters exchanged: in these groups, mostly the same one.
    #[error("two neighbouring characters are exchanged in {}; compare with the key you were given", both(*.0, *.1))]
    Swapped(usize, usize),
    /// The checksum fails, and one character in each of these two groups explains it.
    #[error("there is one mistake in {}; compare them with the key you were given", both(*.0, *.1))]
    Pair(usize, usize),
    /// The checksum fails in more than one place.
    #[error("there are mistakes in several groups; type the whole key again")]
    Several,
    /// A word that is not in the list, by position from 1.
    #[error("word {position}, {:?}, is not in the word list{}", .found.as_str(), suggested(*.suggestion))]
    Word {
        /// Which.
        position: usize,
        /// What was typed; cut when it is long.
        found: Password,
        /// The listed word that is most like it.
        suggestion: Option<&'static str>,
    },
    /// Not twelve words.
    #[error("there are {0} words instead of 12; compare with the key you were given")]
    WordCount(usize),
    /// All words are known, but their checksum fails.
    #[error("a word is wrong, or two have changed places; compare with the key you were given")]
    WordsChecksum,
}

fn named(number: usize) -> String {
    match number {
        0 => "the prefix".to_owned(),
        number => format!("group {number} of {GROUPS}"),
    }
}

fn alternatives(groups: &[usize]) -> String {
    groups.iter().map(|number| named(*number)).collect::<Vec<_>>().join(" or ")
}

fn both(first: usize, second: usize) -> String {
    if first == second { named(first) } else { format!("{} and {}", named(first), named(second)) }
}

fn suggested(word: Option<&'static str>) -> String {
    word.map_or_else(
        || "; compare it with the key you were given".to_owned(),
        |word| format!("; is it {word:?}?"),
    )
}
