//! Twelve words of BIP-39's English list (`english.txt`, as in the BIP): 128 random bits and 4 of their SHA-256, eleven bits a
//! word. Written in lower case with hyphens, so that a double click selects the whole key; spaces are read as well.

use super::{Checked, Password, Style, Typo};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

pub(super) const RANDOM_BITS: u32 = 128;

/// 2,048 words in alphabetical order; no two begin with the same four letters.
const LIST: &str = include_str!("english.txt");
const WORDS: usize = 12;
/// The last word, from 0: seven bits of entropy and the checksum.
const LAST: u32 = WORDS as u32 - 1;
const BITS_PER_WORD: u32 = 11;
const CHECKSUM_BITS: u32 = 4;

/// Texts with so many words, most of which are listed, are meant to be keys.
const ALMOST: std::ops::RangeInclusive<usize> = 9..=15;
/// What is repeated of a word that is not in the list.
const MAX_SHOWN: usize = 24;

pub(super) fn generate(rng: &mut impl CryptoRng) -> String {
    let mut random = Zeroizing::new([0; 16]);
    rng.fill_bytes(&mut *random);
    let entropy = u128::from_be_bytes(*random);
    let index = |position: u32| match position {
        0..LAST => entropy >> (RANDOM_BITS - BITS_PER_WORD * (position + 1)) & 0x7ff,
        _ => (entropy & 0x7f) << CHECKSUM_BITS | checksum(entropy),
    };
    let word = |position| LIST.lines().nth(index(position) as usize).expect("eleven bits index 2,048 words");
    (0..=LAST).map(word).collect::<Vec<_>>().join("-")
}

/// The first four bits of the SHA-256 of the entropy.
fn checksum(entropy: u128) -> u128 {
    u128::from(Sha256::digest(entropy.to_be_bytes())[0] >> (8 - CHECKSUM_BITS))
}

/// Whether the last word's checksum is that of the 128 bits before it.
fn holds(indices: &[usize]) -> bool {
    let Some((last, others)) = indices.split_last() else { return false };
    let entropy = others.iter().fold(0, |entropy, index| entropy << BITS_PER_WORD | *index as u128);
    let last = *last as u128;
    checksum(entropy << (BITS_PER_WORD - CHECKSUM_BITS) | last >> CHECKSUM_BITS) == last & 0xf
}

/// `None`: not words.
pub(super) fn check(tokens: &[&str]) -> Option<Checked> {
    if !ALMOST.contains(&tokens.len()) {
        return None;
    }
    let words: Vec<String> = tokens.iter().map(|token| token.to_ascii_lowercase()).collect();
    let indices: Vec<Option<usize>> =
        words.iter().map(|word| LIST.lines().position(|listed| listed == word)).collect();
    if indices.iter().flatten().count() * 3 < tokens.len() * 2 {
        return None;
    }
    if let Some(unknown) = indices.iter().position(Option::is_none) {
        let found: String = words[unknown].chars().filter(|c| !c.is_control()).take(MAX_SHOWN).collect();
        let suggestion = nearest(&words[unknown]);
        let found = Password::new(found);
        return Some(Checked::Typo(Typo::Word { position: unknown + 1, found, suggestion }));
    }
    if words.len() != WORDS {
        return Some(Checked::Typo(Typo::WordCount(words.len())));
    }
    let indices: Vec<usize> = indices.into_iter().flatten().collect();
    Some(match holds(&indices) {
        true => Checked::Good { style: Style::Words, canonical: Password::new(words.join("-")) },
        false => Checked::Typo(Typo::WordsChecksum),
    })
}

/// The listed word that was probably meant: the one with the same first four letters, else the one that fewest slips (a letter
/// too many, missing, wrong, or exchanged with its neighbour) lead to, if it is one or two.
fn nearest(word: &str) -> Option<&'static str> {
    let start: String = word.chars().take(4).collect();
    let same_start = LIST.lines().find(|listed| start.len() == 4 && listed.starts_with(&start));
    same_start.or_else(|| {
        let slips = LIST.lines().map(|listed| (strsim::osa_distance(word, listed), listed));
        slips.min_by_key(|(count, _)| *count).filter(|(count, _)| *count <= 2).map(|(_, listed)| listed)
    })
}

#[cfg(test)]
mod tests {
    use super::{LIST, holds};
    use data_encoding::HEXLOWER;
    use sha2::{Digest as _, Sha256};

    #[test]
    fn the_list_is_that_of_the_bip() {
        let digest = HEXLOWER.encode(&Sha256::digest(LIST));
        assert_eq!(digest, "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
        assert_eq!(LIST.lines().count(), 2_048);
    }

    #[test]
    fn a_checksum_of_too_few_or_many_words_does_not_panic() {
        for count in 0..20 {
            let _ = holds(&vec![2_047; count]);
        }
    }
}
