//! Why a record is refused.

/// The class of a refusal, in the order in which they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusalClass {
    /// Not a record at all.
    Malformed,
    /// The signature is not the artist's.
    Signature,
    /// `id` is not the CID of the body.
    Id,
    /// A `proof` is there and does not hold.
    Proof,
}

impl RefusalClass {
    /// `malformed`, `signature`, `id` or `proof`: the word used by `osp verify --json` and the HTTP API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Signature => "signature",
            Self::Id => "id",
            Self::Proof => "proof",
        }
    }
}

/// Why a record is refused.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Which check failed.
    pub class: RefusalClass,
    /// One sentence for a person.
    pub message: String,
}

impl Refusal {
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self { class: RefusalClass::Malformed, message: message.into() }
    }
    pub(super) fn signature(message: impl Into<String>) -> Self {
        Self { class: RefusalClass::Signature, message: message.into() }
    }
    pub(super) fn id(message: impl Into<String>) -> Self {
        Self { class: RefusalClass::Id, message: message.into() }
    }
    pub(super) fn proof(message: impl Into<String>) -> Self {
        Self { class: RefusalClass::Proof, message: message.into() }
    }
}
