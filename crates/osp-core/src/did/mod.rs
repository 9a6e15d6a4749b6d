//! Decentralised identifiers: `did:key` with Ed25519, `did:web`, and DID documents.
//!
//! ```text
//!  did:key:z6MkrqUg…                the key itself       z = base58btc of 0xed 0x01 and the 32 bytes
//!  did:web:example.com              https://example.com/.well-known/did.json
//!  did:web:example.com%3A8443:a:b   https://example.com:8443/a/b/did.json
//! ```
//!
//! Syntax is that of DID Core section 3.1. A DID here never carries a path, query or fragment, and is compared
//! as text: one artist is one text.

mod document;
mod web;

pub use document::{DidDocument, MAX_DOCUMENT_BYTES};
pub use web::WebDid;

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

impl DidError {
    pub(crate) fn new(text: &str, reason: &'static str) -> Self {
        Self { text: text.chars().take(80).collect(), reason }
    }
}

impl Did {
    /// Parses a DID.
    ///
    /// # Errors
    /// [`DidError`]; a `did:key` that is not a 32-byte Ed25519 key counts as one.
    pub fn parse(text: &str) -> Result<Self, DidError> {
        let fail = |reason| DidError::new(text, reason);
        let rest = text.strip_prefix("did:").ok_or_else(|| fail("it does not begin with «did:»"))?;
        let (method, id) = rest.split_once(':').ok_or_else(|| fail("it has no method and identifier"))?;
        if method.is_empty() || !method.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            return Err(fail("its method is not lower-case letters and digits"));
        }
        check_method_specific_id(id).map_err(fail)?;
        match method {
            "key" => PublicKey::from_multikey(id).map(Self::Key).ok_or_else(|| {
                fail("its identifier is not an Ed25519 key (z6Mk and 44 more base58btc characters)")
            }),
            "web" => WebDid::parse(text, id).map(Self::Web).map_err(fail),
            _ => Ok(Self::Other(text.to_owned())),
        }
    }

    /// The key that the identifier itself carries (`did:key` only).
    #[must_use]
    pub fn embedded_key(&self) -> Option<&PublicKey> {
        if let Self::Key(key) = self { Some(key) } else { None }
    }
}

impl std::fmt::Display for Did {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(key) => write!(f, "did:key:{}", key.to_multikey()),
            Self::Web(web) => f.write_str(web.as_str()),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl std::str::FromStr for Did {
    type Err = DidError;
    fn from_str(text: &str) -> Result<Self, DidError> {
        Self::parse(text)
    }
}

/// `method-specific-id = *( *idchar ":" ) 1*idchar`, `idchar = ALPHA / DIGIT / "." / "-" / "_" / pct-encoded`
fn check_method_specific_id(id: &str) -> Result<(), &'static str> {
    let bytes = id.as_bytes();
    if bytes.last().is_none_or(|&b| b == b':') {
        return Err("its identifier is empty or ends in a colon");
    }
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b':' => at += 1,
            b'%' if bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => {
                at += 3
            }
            b'/' | b'?' | b'#' => return Err("it carries a path, query or fragment, which name no artist"),
            _ => return Err("it has a character that DIDs do not use (others are written %XX)"),
        }
    }
    Ok(())
}
