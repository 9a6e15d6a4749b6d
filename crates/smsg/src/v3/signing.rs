//! Signatures as the caller brings them: this crate knows no DID and holds no signing key.

/// Signs in the name of an artist: Ed25519 (RFC 8032).
pub trait Signer {
    /// The artist's DID, as it stands in what is signed.
    fn artist(&self) -> &str;
    /// The `did:key` of the key that signs, where [`Signer::artist`] is another DID: so a reader can check the signature before it
    /// has asked anybody whose key that is.
    fn key(&self) -> Option<&str> {
        None
    }
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
    /// Whether `artist`, who is no `did:key`, names the `did:key` `key` as one that signs.
    fn names(&self, artist: &str, key: &str) -> Naming {
        let _ = (artist, key);
        Naming::Denied
    }
}

/// What an artist's DID says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// It names it.
    Named,
    /// It could not be asked.
    Unknown,
    /// It was asked, and does not name it.
    Denied,
}

/// How it is known that who a file calls its artist signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The DID was resolved to the key, or is the key.
    Proven,
    /// Whoever has the key in the file signed it. That this key is the artist's was not checked: the DID could not be asked.
    Unchecked,
}

impl<F: Fn(&str, &[u8], &[u8; 64]) -> bool + Sync> Verifier for F {
    fn verifies(&self, artist: &str, message: &[u8], signature: &[u8; 64]) -> bool {
        self(artist, message, signature)
    }
}
