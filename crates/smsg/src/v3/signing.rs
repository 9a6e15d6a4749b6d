//! Signatures as the caller brings them: this crate knows no DID and holds no signing key.

/// Signs in the name of an artist: Ed25519 (RFC 8032).
pub trait Signer {
    /// The artist's DID, as it stands in what is signed.
    fn artist(&self) -> &str;
    /// The signature over `message`.
    ///
    /// # Errors
    /// [`SigningFailed`], in words for the user.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SigningFailed>;
}

/// The key could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SigningFailed(pub String);

/// Judges signatures: resolves the DID (or has done so) and verifies strictly, as `spec/OSP-v0.1.md` section 2.3 says.
pub trait Verifier: Sync {
    /// Whether `signature` is the artist's over `message`. Whoever cannot resolve the DID says no.
    fn verifies(&self, artist: &str, message: &[u8], signature: &[u8; 64]) -> bool;
}

impl<F: Fn(&str, &[u8], &[u8; 64]) -> bool + Sync> Verifier for F {
    fn verifies(&self, artist: &str, message: &[u8], signature: &[u8; 64]) -> bool {
        self(artist, message, signature)
    }
}
