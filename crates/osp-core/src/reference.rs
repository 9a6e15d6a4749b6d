//! REF: what a person types to name music.

use crate::{Cid, did::Did, record::RecordId, torrent::Magnet};

/// A parsed REF.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reference {
    /// `osp:track:…`
    Record(RecordId),
    /// A bare CID, or `ipfs://CID`
    Cid(Cid),
    /// `magnet:?xt=urn:btih:…`
    Magnet(Magnet),
    /// `did:…`
    Did(Did),
    /// `http://…` or `https://…`
    Url(String),
}

/// Why a text is no REF; says which forms there are.
#[derive(Debug, thiserror::Error)]
#[error("«{text}» names no music: {reason}")]
pub struct ReferenceError {
    /// The text, shortened.
    pub text: String,
    /// What is wrong.
    pub reason: String,
}

impl Reference {
    /// Parses a REF.
    ///
    /// # Errors
    /// [`ReferenceError`].
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let _ = text;
        todo!()
    }
}
