//! How hard a text is to guess.

use super::{Checked, MAX_TEXT, check};

/// Bits of a letter that is one of many without pattern: log2(26).
const LETTER: f64 = 4.7;
/// Of a digit: log2(10).
const DIGIT: f64 = 3.3;
/// Of another character: about 32 are on a keyboard.
const SYMBOL: f64 = 5.0;
/// Of a first separator; the next of the same kind follow the habit.
const SEPARATOR: f64 = 2.0;
/// Of a year from 1900 to 2099; most are of the last decades.
const YEAR: f64 = 5.0;
/// Of one of the first four letters of a word or an abbreviation, and of the letters after them (Shannon: English has between
/// one and two bits a letter).
const WORD_START: f64 = 2.5;
const WORD_REST: f64 = 1.5;
/// Of a character that continues a sequence or repeats what was there.
const EXPECTED: f64 = 0.5;
/// Of a text that every list of common passwords begins with.
const COMMON: f64 = 4.0;

/// The heads of the lists of leaked passwords, as far as they are words.
const COMMON_WORDS: [&str; 16] = [
    "password", "passwort", "qwerty", "qwertz", "azerty", "letmein", "welcome", "admin", "dragon", "monkey",
    "iloveyou", "master", "secret", "login", "music", "album",
];

/// An estimate of the bits of a key. For the styles of this module it is what they have. For a text that somebody thought up it
/// is an upper bound, made with pessimism: letters count as parts of words, years as years, repetitions and sequences as next
/// to nothing; but whoever knows the artist or has a list of song titles guesses better than that. A random password of
/// letters of one case only is underrated. Of a text of more than 512 bytes only so many are estimated.
///
/// v1 and v2 hash a password once, so a guesser tries thousands of millions a second: below 64 bits a key does not hold
/// (RFC-001 section 6.3); `password123` has about 13, the memorable `MGH-2024-XKCD-7829` under 40.
#[must_use]
pub fn estimate_bits(text: &str) -> f64 {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    match check(text) {
        Checked::Good { style, .. } => f64::from(style.bits()),
        Checked::FormOnly { .. } => f64::from(super::uuid::RANDOM_BITS),
        Checked::Typo(_) | Checked::Unknown => thought_up(&text.chars().collect::<Vec<_>>()),
    }
}

fn thought_up(text: &[char]) -> f64 {
    let mut bits = 0.0;
    let mut seen = Vec::new();
    let same_kind = |a: &char, b: &char| Kind::of(*a) == Kind::of(*b);
    for run in text.chunk_by(same_kind) {
        bits += match Kind::of(run[0]) {
            Kind::Letter => letters(run),
            Kind::Digit if is_year(run) => YEAR,
            Kind::Digit => run.len() as f64 * DIGIT,
            Kind::Separator if seen.contains(&run[0]) => EXPECTED,
            Kind::Separator => SEPARATOR,
            Kind::Symbol => run.len() as f64 * SYMBOL,
        };
        seen.push(run[0]);
    }
    let (mut fresh, mut distinct) = (0, text.to_vec());
    for at in 0..text.len() {
        fresh += usize::from(!is_expected(text, at));
    }
    distinct.sort_unstable();
    distinct.dedup();
    // What is expected lowers the whole by its share.
    let expected = (text.len() - fresh) as f64;
    let share = if text.is_empty() { 0.0 } else { fresh as f64 / text.len() as f64 };
    let by_runs = bits * share + expected * EXPECTED;
    by_runs.min(text.len() as f64 * (distinct.len() as f64).log2().max(0.0))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Digit,
    Separator,
    Symbol,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            c if c.is_alphabetic() => Self::Letter,
            c if c.is_numeric() => Self::Digit,
            '-' | '_' | '.' | ',' => Self::Separator,
            c if c.is_whitespace() => Self::Separator,
            _ => Self::Symbol,
        }
    }
}

/// A run of letters: `CamelCase` is two words, `XmqP` is none.
fn letters(run: &[char]) -> f64 {
    run.chunk_by(|a, b| !(a.is_lowercase() && b.is_uppercase())).map(word).sum()
}

fn word(letters: &[char]) -> f64 {
    let text: String = letters.iter().flat_map(|c| c.to_lowercase()).collect();
    if COMMON_WORDS.contains(&&*text) {
        return COMMON;
    }
    let count = letters.len() as f64;
    let rest_lower = letters[1..].iter().all(|c| !c.is_uppercase());
    let all_upper = letters.iter().all(|c| c.is_uppercase());
    match letters.len() {
        1 | 2 => count * LETTER,
        _ if rest_lower || all_upper => count.min(4.0) * WORD_START + (count - 4.0).max(0.0) * WORD_REST,
        _ => count * LETTER,
    }
}

fn is_year(digits: &[char]) -> bool {
    digits.len() == 4 && matches!(digits[..2], ['1', '9'] | ['2', '0'])
}

/// Continues a sequence of three with equal steps (`abc`, `321`, `aaa`), or ends three characters that were there before.
fn is_expected(text: &[char], at: usize) -> bool {
    let Some(start) = at.checked_sub(2) else { return false };
    let last = &text[start..=at];
    let step = |a: char, b: char| i64::from(u32::from(b)) - i64::from(u32::from(a));
    let (first, second) = (step(last[0], last[1]), step(last[1], last[2]));
    (first == second && first.abs() <= 1) || text[..at].windows(3).any(|before| before == last)
}
