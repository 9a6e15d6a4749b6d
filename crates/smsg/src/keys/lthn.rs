//! LTHN, the original's quasi-salted hash, and stream keys.
//!
//! ```text
//! LTHN(s)    = SHA-256(s || salt(s))
//! salt(s)    = the code points of s from last to first, each mapped: o<->0  l<->1  e<->3  a<->4  t<->7  s->z
//! streamKey  = SHA-256(lower-case hex of LTHN(period ":" license ":" fingerprint))
//! ```
//!
//! The salt is a function of the text, so it hinders nobody who guesses: a licence id is as strong as it is hard to guess.
//! Upper case is not mapped, and `z` stays `z`.

use super::Licence;
use crate::crypto::{Key, StreamKey};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// SHA-256 of the text and its derived salt.
#[must_use]
pub fn lthn(text: &str) -> [u8; 32] {
    // The mapping keeps every code point's length, so the salt fits without growing (which would leave copies behind).
    let mut salt = Zeroizing::new(String::with_capacity(text.len()));
    salt.extend(text.chars().rev().map(mapped));
    Sha256::new().chain_update(text.as_bytes()).chain_update(salt.as_bytes()).finalize().into()
}

/// One code point of the salt.
pub(crate) fn mapped(c: char) -> char {
    match c {
        'o' => '0',
        '0' => 'o',
        'l' => '1',
        '1' => 'l',
        'e' => '3',
        '3' => 'e',
        'a' => '4',
        '4' => 'a',
        't' => '7',
        '7' => 't',
        's' => 'z',
        other => other,
    }
}

/// The key for a period (its name as in `wrappedKeys[].date`).
#[must_use]
pub fn stream_key(period: &str, licence: &Licence) -> StreamKey {
    let text = Zeroizing::new([period, &licence.id, &licence.fingerprint].join(":"));
    let hex = Zeroizing::new(HEXLOWER.encode(Zeroizing::new(lthn(&text)).as_slice()));
    StreamKey(Key::from_bytes(Sha256::digest(hex.as_bytes()).into()))
}
