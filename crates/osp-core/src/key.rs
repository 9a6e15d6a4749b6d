//! Ed25519 keys: signing, and verification that accepts one encoding only (RFC 8032, strict).
//!
//! Verifiers of Ed25519 disagree about odd signatures (<https://hdevalence.ca/blog/2020-10-04-its-25519am>).
//! A record must not be valid on one node and invalid on the next, so OSP pins the strictest reading:
//!
//! | refused | because |
//! |---|---|
//! | S not below the group order | anyone could turn one signature into another (malleability) |
//! | A or R of small order | such a key "signs" almost any message |
//! | A or R not in canonical form (y >= p) | one key would have two texts |
//! | cofactored equality only | the unbatched equation of RFC 8032 section 5.1.7 has to hold exactly |

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::did::Did;

/// Multicodec of an Ed25519 public key, as a varint.
const ED25519_PUB: [u8; 2] = [0xed, 0x01];
/// Characters of a multibase base58btc Multikey of an Ed25519 key: always `z6Mk` and 44 more.
const MULTIKEY_CHARS: usize = 48;

/// An Ed25519 public key, as in `did:key`.
///
/// Any 32 bytes; whether they are a usable point shows when a signature is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey(pub [u8; 32]);

/// An artist's signing key. Wiped from memory when dropped; never printed.
pub struct ArtistKey {
    inner: SigningKey,
}

impl PublicKey {
    /// Whether `signature` is this key's over `message`: canonical S, no small-order key or R.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        // dalek refuses all but a non-canonical A: it compares R as bytes with a point it computed itself, but
        // takes A's y modulo p.
        if !canonical_point(&self.0) {
            return false;
        }
        let Ok(key) = VerifyingKey::from_bytes(&self.0) else { return false };
        key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }

    /// The W3C Multikey text: base58btc multibase of multicodec ed25519-pub and the key, `z6Mk…`.
    #[must_use]
    pub fn to_multikey(&self) -> String {
        let mut bytes = [0u8; 34];
        bytes[..2].copy_from_slice(&ED25519_PUB);
        bytes[2..].copy_from_slice(&self.0);
        format!("z{}", bs58::encode(bytes).into_string())
    }

    /// The key of a Multikey text; `None` for other key types, lengths, multibases and non-canonical text.
    #[must_use]
    pub fn from_multikey(text: &str) -> Option<Self> {
        // The length first: base58 takes quadratic time.
        if text.len() != MULTIKEY_CHARS {
            return None;
        }
        let mut bytes = [0u8; 34];
        let written = bs58::decode(text.strip_prefix('z')?).onto(&mut bytes).ok()?;
        if written != bytes.len() || bytes[..2] != ED25519_PUB {
            return None;
        }
        let key = Self(bytes[2..].try_into().ok()?);
        (key.to_multikey() == text).then_some(key)
    }
}

/// Whether the y of a compressed point is below p = 2^255 - 19. (x = 0 with its sign bit set is the other
/// non-canonical form; its points have small order and are refused for that.)
fn canonical_point(bytes: &[u8; 32]) -> bool {
    let all_ones = bytes[1..31].iter().all(|&b| b == 0xff) && bytes[31] & 0x7f == 0x7f;
    !(all_ones && bytes[0] >= 0xed)
}

impl ArtistKey {
    /// The key of a 32-byte seed (RFC 8032 private key). The caller draws the seed from a secure source.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self { inner: SigningKey::from_bytes(seed) }
    }

    /// The seed, for writing it to an encrypted key file.
    #[must_use]
    pub fn to_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.inner.to_bytes())
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.inner.verifying_key().to_bytes())
    }

    /// Its `did:key`.
    #[must_use]
    pub fn did(&self) -> Did {
        Did::Key(self.public())
    }

    /// Signs `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.inner.sign(message).to_bytes()
    }
}

/// Names the key by its DID and shows no secret.
impl fmt::Debug for ArtistKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArtistKey({})", self.did())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No signature can show this from outside: nobody knows the private key of a point whose y has two texts.
    #[test]
    fn y_from_p_upwards_is_a_second_text() {
        for low in 0..=0xffu8 {
            for high in [0x7f, 0xff] {
                let mut bytes = [0xff; 32];
                (bytes[0], bytes[31]) = (low, high);
                assert_eq!(canonical_point(&bytes), low < 0xed, "{low:x} {high:x}");
            }
        }
        for place in 1..31 {
            let mut bytes = [0xff; 32];
            bytes[place] = 0xfe;
            assert!(canonical_point(&bytes), "{place}");
        }
    }
}
