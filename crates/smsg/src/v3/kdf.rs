//! HMAC and HKDF with SHA-256 (RFC 2104, RFC 5869), in the few forms that version 3.0 has.

use crate::crypto::Key;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// HKDF-Extract.
pub(super) fn extract(salt: &[u8], input: &[u8]) -> Key {
    Key::from_bytes(Hkdf::<Sha256>::extract(Some(salt), input).0.into())
}

/// HKDF-Expand; the parts of `info` are joined.
pub(super) fn expand<const N: usize>(key: &Key, info: &[&[u8]]) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    Hkdf::<Sha256>::from_prk(key.as_bytes())
        .expect("32 bytes are a key")
        .expand_multi_info(info, &mut *out)
        .expect("N is at most 255 times 32");
    out
}

/// HKDF-Expand to a commitment, which is public, and the key that it commits to.
pub(super) fn committed(key: &Key, info: &[&[u8]]) -> ([u8; 32], Key) {
    let both = expand::<64>(key, info);
    let (commitment, key) = both.split_at(32);
    let mut out = ([0; 32], Zeroizing::new([0; 32]));
    out.0.copy_from_slice(commitment);
    out.1.copy_from_slice(key);
    (out.0, Key::from_bytes(*out.1))
}

/// A key's HMAC, begun once and used for several messages.
#[derive(Clone)]
pub(super) struct Keyed(Hmac<Sha256>);

impl Keyed {
    pub(super) fn new(key: &Key) -> Self {
        Self(Hmac::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length"))
    }

    pub(super) fn of(&self, message: &[u8]) -> Key {
        let mut hmac = self.0.clone();
        hmac.update(message);
        Key::from_bytes(hmac.finalize().into_bytes().into())
    }
}
