//! Keys and nonces, each a type of its own. Keys are wiped when dropped and never printed.

use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// 32 bytes of key material.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// Takes key bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// v1 and v2: SHA-256 of the password.
#[derive(Clone, Debug)]
pub struct PasswordKey(pub Key);

impl PasswordKey {
    /// The key for a password, whose UTF-8 bytes are hashed once: no salt, no stretching. That is the format.
    #[must_use]
    pub fn derive(password: &str) -> Self {
        Self(Key::from_bytes(Sha256::digest(password.as_bytes()).into()))
    }
}

/// v3: the content encryption key.
#[derive(Clone, Debug)]
pub struct Cek(pub Key);

impl Cek {
    /// A new random one.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(Key::from_bytes(bytes))
    }
}

/// v3: the key that wraps the content key for one period.
#[derive(Clone, Debug)]
pub struct StreamKey(pub Key);

/// The nonce of a box, 24 bytes, random for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce(pub [u8; 24]);

impl Nonce {
    /// A new random one.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 24];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }
}
