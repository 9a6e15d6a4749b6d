//! Code keys: prefix and eight groups of four.
//!
//! ```text
//! text       OSP-QQQQ-QQQQ-QQQQ-QQQQ-QQQQ-QQQQ-QQCC-CCCC       26 random symbols Q, 6 of checksum C
//! Bech32m    osp1qqqqqqqqqqqqqqqqqqqqqqqqqqcccccc              BIP-350: prefix, "1", 32 symbols
//! alphabet   qpzry9x8gf2tvdw0s3jn54khce6mua7l                  letters and digits without 1, b, i, o
//! ```

use super::{BadPrefix, Checked, DEFAULT_PREFIX, Password, Style, Typo};
use bech32::{Bech32m, Checksum, Fe32, Hrp, primitives::checksum::Engine};
use rand_core::CryptoRng;

mod locate;

/// Groups of symbols.
pub(super) const GROUPS: usize = 8;
/// Symbols in a group.
const GROUP: usize = 4;
/// Symbols of a key.
const SYMBOLS: usize = GROUPS * GROUP;
/// Symbols of them that are chosen at random, five bits each.
const RANDOM: usize = SYMBOLS - Bech32m::CHECKSUM_LENGTH;
pub(super) const RANDOM_BITS: u32 = RANDOM as u32 * 5;

/// Characters of a prefix.
const PREFIX: std::ops::RangeInclusive<usize> = 2..=8;
/// Symbols of a text that is a key with some missing or too many.
const ALMOST: std::ops::RangeInclusive<usize> = SYMBOLS - GROUP..=SYMBOLS + GROUP;

pub(super) fn generate(prefix: &str, rng: &mut impl CryptoRng) -> Result<String, BadPrefix> {
    let bad = || BadPrefix(prefix.chars().take(32).collect());
    let prefix = prefix.to_ascii_uppercase();
    let mut engine = engine(&prefix).ok_or_else(bad)?;
    let mut bytes = zeroize::Zeroizing::new([0; RANDOM]);
    rng.fill_bytes(&mut *bytes);
    // Five bits of a byte are as random as the byte: 32 divides 256.
    let mut symbols: Vec<Fe32> = bytes.iter().map(|byte| symbol(byte & 31)).collect();
    symbols.iter().for_each(|symbol| engine.input_fe(*symbol));
    engine.input_target_residue();
    let residue = *engine.residue();
    symbols
        .extend((0..Bech32m::CHECKSUM_LENGTH).rev().map(|place| symbol((residue >> (5 * place) & 31) as u8)));
    Ok(write(&prefix, &symbols))
}

/// `None`: not a code, nor almost one.
pub(super) fn check(tokens: &[&str]) -> Option<Checked> {
    let tokens: Vec<Vec<char>> =
        tokens.iter().map(|token| token.chars().map(|c| c.to_ascii_uppercase()).collect()).collect();
    let flat = tokens.concat();
    // Most texts are no codes, and are not worth more work.
    if !(PREFIX.start() + ALMOST.start()..=PREFIX.end() + 1 + ALMOST.end()).contains(&flat.len()) {
        return None;
    }
    let good = splits(&flat, SYMBOLS).find_map(|(prefix, rest)| {
        let symbols = symbols(rest).ok()?;
        (syndrome(&prefix, &symbols)? == 0).then(|| Password::new(write(&prefix, &symbols)))
    });
    match good {
        Some(canonical) => Some(Checked::Good { style: Style::Code, canonical }),
        None => grouped(&tokens, &flat).or_else(|| ungrouped(&flat)).map(Checked::Typo),
    }
}

/// A typing error in a text whose groups can be seen. `None`: they cannot.
fn grouped(tokens: &[Vec<char>], flat: &[char]) -> Option<Typo> {
    let (prefix, groups) = tokens.split_first()?;
    let total: usize = groups.iter().map(Vec::len).sum();
    let whole = groups.iter().filter(|group| group.len() == GROUP).count();
    if whole + 2 < GROUPS || !ALMOST.contains(&total) {
        return None;
    }
    if let Some(&found) = prefix.iter().find(|c| !c.is_ascii_alphanumeric()) {
        return Some(Typo::Character { group: 0, found });
    }
    if !PREFIX.contains(&prefix.len()) {
        return Some(Typo::GroupLength { group: 0 });
    }
    if groups.len() == GROUPS || total != SYMBOLS {
        // With a hyphen missing, two groups are one token: its length says which of them is short only if they are whole.
        let mut before = 0;
        for group in groups {
            let wrong = if groups.len() == GROUPS { group.len() != GROUP } else { group.len() % GROUP != 0 };
            if wrong {
                return Some(Typo::GroupLength { group: (before / GROUP + 1).min(GROUPS) });
            }
            before += group.len();
        }
        if total != SYMBOLS {
            return Some(Typo::Length { found: total });
        }
    }
    let prefix: String = prefix.iter().collect();
    Some(match symbols(&flat[prefix.len()..]) {
        Ok(symbols) => locate::typo(&prefix, &symbols),
        Err(foreign) => foreign,
    })
}

/// A typing error in a text without groups (or with others than ours). Only if one slip explains it, or if the text begins as
/// most keys do: other texts of this length are passwords.
fn ungrouped(flat: &[char]) -> Option<Typo> {
    let slip = || {
        splits(flat, SYMBOLS).find_map(|(prefix, rest)| match symbols(rest) {
            Ok(symbols) => Some(locate::typo(&prefix, &symbols)).filter(|typo| *typo != Typo::Several),
            Err(foreign @ Typo::Character { group, .. }) => {
                // What stands for the foreign character is wrong, but all else is right.
                let replaced: Vec<char> =
                    rest.iter().map(|c| if fe(*c).is_some() { *c } else { 'Q' }).collect();
                locate::groups(&prefix, &symbols(&replaced).ok()?).contains(&group).then_some(foreign)
            }
            Err(_) => None,
        })
    };
    let shorter = || {
        splits(flat, SYMBOLS - 1).find_map(|(prefix, rest)| locate::missing(&prefix, &symbols(rest).ok()?))
    };
    let longer = || splits(flat, SYMBOLS + 1).find_map(|(prefix, rest)| locate::surplus(&prefix, rest));
    let ours = || {
        let ours: Vec<char> = DEFAULT_PREFIX.chars().collect();
        let rest = flat.strip_prefix(&*ours)?;
        let rest = rest.strip_prefix(&['1']).unwrap_or(rest);
        Some(match symbols(rest) {
            _ if rest.len() != SYMBOLS => Typo::Length { found: rest.len() },
            Ok(_) => Typo::Several,
            Err(foreign) => foreign,
        })
    };
    // By how little can explain it by chance: a thousand ways to insert a symbol, eight million to damage a group.
    shorter().or_else(longer).or_else(slip).or_else(ours)
}

/// The ways to read a text as a prefix, perhaps the `1` of Bech32m, and so many characters. (A prefix may itself end in `1`.)
fn splits(flat: &[char], symbols: usize) -> impl Iterator<Item = (String, &[char])> {
    let at = flat.len().checked_sub(symbols);
    let with_1 = at.filter(|at| *at > 0 && flat[at - 1] == '1').map(|at| at - 1);
    [at, with_1].into_iter().flatten().filter(|len| PREFIX.contains(len)).filter_map(move |len| {
        let prefix = &flat[..len];
        prefix
            .iter()
            .all(char::is_ascii_alphanumeric)
            .then(|| (prefix.iter().collect(), &flat[flat.len() - symbols..]))
    })
}

/// The symbols, or the first character that is none.
fn symbols(text: &[char]) -> Result<Vec<Fe32>, Typo> {
    let read = |(at, c): (usize, &char)| fe(*c).ok_or(Typo::Character { group: group_of(at), found: *c });
    text.iter().enumerate().map(read).collect()
}

fn fe(c: char) -> Option<Fe32> {
    Fe32::from_char(c).ok()
}

/// A symbol by its five bits.
fn symbol(bits: u8) -> Fe32 {
    Fe32::try_from(bits & 31).expect("five bits are a symbol")
}

/// From 1, by a symbol's place from 0.
fn group_of(place: usize) -> usize {
    (place / GROUP + 1).min(GROUPS)
}

/// The checksum's engine after the prefix; `None` if this is no prefix.
fn engine(prefix: &str) -> Option<Engine<Bech32m>> {
    if !PREFIX.contains(&prefix.len()) || !prefix.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let mut engine = Engine::new();
    engine.input_hrp(Hrp::parse(prefix).ok()?);
    Some(engine)
}

/// How the checksum fails; 0 when it holds. A linear function of the damage: six symbols of five bits.
fn syndrome(prefix: &str, symbols: &[Fe32]) -> Option<u32> {
    let mut engine = engine(prefix)?;
    symbols.iter().for_each(|symbol| engine.input_fe(*symbol));
    Some(engine.residue() ^ Bech32m::TARGET_RESIDUE)
}

fn write(prefix: &str, symbols: &[Fe32]) -> String {
    let mut text = prefix.to_owned();
    for group in symbols.chunks(GROUP) {
        text.push('-');
        text.extend(group.iter().map(|symbol| symbol.to_char().to_ascii_uppercase()));
    }
    text
}
