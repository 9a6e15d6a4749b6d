//! LTHN, the original's quasi-salted hash, and stream keys.

use super::Licence;
use crate::crypto::StreamKey;

/// SHA-256 of the text and its derived salt.
#[must_use]
pub fn lthn(text: &str) -> [u8; 32] {
    todo!("{text:?}")
}

/// The key for a period (its name as in `wrappedKeys[].date`).
#[must_use]
pub fn stream_key(period: &str, licence: &Licence) -> StreamKey {
    todo!("{period:?} {licence:?}")
}
