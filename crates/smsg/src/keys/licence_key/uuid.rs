//! UUIDs: version 4 of RFC 9562, lower case.

use super::{Checked, Password, Typo};
use data_encoding::HEXLOWER;
use rand_core::CryptoRng;

/// All but the version and the variant.
pub(super) const RANDOM_BITS: u32 = 122;

/// Hexadecimal digits per group.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

pub(super) fn generate(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40; // version 4
    bytes[8] = bytes[8] & 0x3f | 0x80; // variant 10
    let hex = HEXLOWER.encode(&bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// `None`: not a UUID, nor almost one. Any version will do: the form is all there is to check.
pub(super) fn check(tokens: &[&str]) -> Option<Checked> {
    let lengths = || tokens.iter().map(|token| token.chars().count()).zip(GROUPS);
    if tokens.len() != GROUPS.len() || lengths().filter(|(is, should)| is == should).count() < 4 {
        return None;
    }
    let hexadecimal = |c: &char| c.is_ascii_hexdigit();
    // Of a text with many other letters the lengths are chance.
    let foreign = || {
        let groups = tokens.iter().enumerate();
        groups
            .flat_map(|(group, token)| token.chars().filter(|c| !hexadecimal(c)).map(move |c| (group + 1, c)))
    };
    if foreign().count() > 2 {
        return None;
    }
    if let Some(group) = lengths().position(|(is, should)| is != should) {
        return Some(Checked::Typo(Typo::GroupLength { group: group + 1 }));
    }
    Some(match foreign().next() {
        Some((group, found)) => Checked::Typo(Typo::Character { group, found }),
        None => {
            let mut canonical = tokens.join("-");
            canonical.make_ascii_lowercase();
            Checked::FormOnly { canonical: Password::new(canonical) }
        }
    })
}
