//! Ed25519 keys: signing, and verification that accepts one encoding only (RFC 8032, strict).

/// An Ed25519 public key, as in `did:key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey(pub [u8; 32]);

/// An artist's signing key. Wiped from memory when dropped; never printed.
pub struct ArtistKey {
    #[allow(dead_code)]
    inner: ed25519_dalek::SigningKey,
}

impl PublicKey {
    /// Whether `signature` is this key's over `message`: canonical S, no small-order key or R.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let _ = (message, signature);
        todo!()
    }
}

impl ArtistKey {
    /// The key of a 32-byte seed (RFC 8032 private key). The caller draws the seed from a secure source.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let _ = seed;
        todo!()
    }

    /// The seed, for writing it to an encrypted key file.
    #[must_use]
    pub fn to_seed(&self) -> zeroize::Zeroizing<[u8; 32]> {
        todo!()
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        todo!()
    }

    /// Its `did:key`.
    #[must_use]
    pub fn did(&self) -> crate::did::Did {
        todo!()
    }

    /// Signs `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let _ = message;
        todo!()
    }
}
