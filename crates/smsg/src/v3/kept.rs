//! The root of a file in its owner's custody: under a secret that the owner has anyway, so that nothing new must be remembered.
//!
//! ```text
//! kek = HKDF(salt, ikm = the owner's secret, "smsg3 kept root" || H, 32)       salt: 32 random bytes, so kek seals once
//! box = AEAD(kek, nonce 0, root 32)
//! ```
//!
//! This never stands in a file that is handed out; where it is kept is the caller's business.

use super::{boxes, header::Header, kdf, tree::Keys};
use crate::crypto::Key;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// A root under an owner's secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRoot {
    /// Random.
    pub salt: [u8; 32],
    /// Ciphertext and tag.
    pub sealed: Vec<u8>,
}

impl KeptRoot {
    /// Seals the root of `keys`. `None` if they are keys to a part only.
    pub fn seal(keys: &Keys, secret: &[u8; 32], rng: &mut impl CryptoRng) -> Option<Self> {
        let mut salt = [0; 32];
        rng.fill_bytes(&mut salt);
        let kek = kek(&salt, secret, &keys.file().0);
        Some(Self { salt, sealed: boxes::seal(&kek, keys.root()?.as_bytes(), &[]) })
    }

    /// The keys to everything. `None` if the secret is another's, or the file another.
    #[must_use]
    pub fn open(&self, header: &Header, secret: &[u8; 32]) -> Option<Keys> {
        let root = boxes::open(&kek(&self.salt, secret, &header.id().0), &self.sealed, &[])?;
        let root: Zeroizing<[u8; 32]> = Zeroizing::new(root.as_slice().try_into().ok()?);
        Some(Keys::from_root(header.id(), header.tree(), Key::from_bytes(*root)))
    }
}

fn kek(salt: &[u8; 32], secret: &[u8; 32], file: &[u8; 32]) -> Key {
    Key::from_bytes(*kdf::expand(&kdf::extract(salt, secret), &[b"smsg3 kept root", file]))
}
