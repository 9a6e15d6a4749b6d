//! Decentralised identifiers: `did:key` with Ed25519, `did:web`, and DID documents.

use crate::key::PublicKey;

/// A DID of any method (no path, query or fragment).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Did {
    /// `did:key:z6Mk…`: the identifier is the Ed25519 key.
    Key(PublicKey),
    /// `did:web:host[%3Aport][:path…]`: the key is in a document at that host.
    Web(WebDid),
    /// Another method, well-formed by DID Core section 3.1; nothing here can find its keys.
    Other(String),
}

/// The parts of a `did:web`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WebDid {
    text: String,
}

/// Why a text is not a DID.
#[derive(Debug, thiserror::Error)]
#[error("«{text}» is not a DID: {reason}")]
#[non_exhaustive]
pub struct DidError {
    /// The text, shortened.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Did {
    /// Parses a DID.
    ///
    /// # Errors
    /// [`DidError`]; a `did:key` that is not a 32-byte Ed25519 key counts as one.
    pub fn parse(text: &str) -> Result<Self, DidError> {
        let _ = text;
        todo!()
    }

    /// The key that the identifier itself carries (`did:key` only).
    #[must_use]
    pub fn embedded_key(&self) -> Option<&PublicKey> {
        todo!()
    }
}

impl std::fmt::Display for Did {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!()
    }
}

impl WebDid {
    /// Where its document is: `https://host[:port]/.well-known/did.json` or `https://host/path/did.json`.
    #[must_use]
    pub fn document_url(&self) -> String {
        let _ = &self.text;
        todo!()
    }
}

/// A DID document (W3C DID Core), as far as OSP reads and writes it.
#[derive(Clone, Debug)]
pub struct DidDocument {
    /// The DID it is about.
    pub id: Did,
    /// The Ed25519 keys allowed to sign for it (`assertionMethod`).
    pub assertion_keys: Vec<PublicKey>,
}

impl DidDocument {
    /// Reads a document: Multikey, Ed25519VerificationKey2020 and JsonWebKey2020/JWK (OKP, Ed25519) methods,
    /// by reference or embedded, relative or absolute ids.
    ///
    /// # Errors
    /// [`DidError`] when it is not a document, or is about another DID than `expected`.
    pub fn parse(bytes: &[u8], expected: &Did) -> Result<Self, DidError> {
        let _ = (bytes, expected);
        todo!()
    }

    /// The document text for `id` with one Multikey, ready to be put on the web server.
    #[must_use]
    pub fn to_json(id: &Did, key: &PublicKey) -> String {
        let _ = (id, key);
        todo!()
    }
}
