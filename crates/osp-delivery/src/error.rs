//! How a source failed, and how a whole delivery did.

use osp_core::Cid;

/// What a sink says when it cannot take more. The caller knows its own errors and gets this one back unchanged.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// One source that did not deliver, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The source, as shown to people.
    pub source: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// Why a source did not deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answers that it does not have it.
    Absent(String),
    /// It cannot be reached, broke off, or speaks nothing we know.
    Failed(String),
    /// It sent something that does not verify.
    Lied(String),
}

impl Outcome {
    /// The sentence.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Absent(reason) | Self::Failed(reason) | Self::Lied(reason) => reason,
        }
    }

    /// Whether the source sent something that does not verify.
    #[must_use]
    pub fn is_lie(&self) -> bool {
        matches!(self, Self::Lied(_))
    }
}

impl std::fmt::Display for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.outcome {
            Outcome::Lied(reason) => write!(f, "{} lied: {reason}", self.source),
            Outcome::Absent(reason) | Outcome::Failed(reason) => write!(f, "{}: {reason}", self.source),
        }
    }
}

/// Why content was not delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// No source has it, or none can be reached (exit code 4).
    #[error("no source has {cid}{}", list(.attempts))]
    NotFound {
        /// What was wanted.
        cid: Cid,
        /// Who was asked.
        attempts: Vec<Attempt>,
    },
    /// No source delivered it, and at least one sent something else (exit code 3).
    #[error("no source sent {cid} as it is{}", list(.attempts))]
    Lied {
        /// What was wanted.
        cid: Cid,
        /// Who was asked.
        attempts: Vec<Attempt>,
    },
    /// Nobody sent the info dictionary of a magnet, without which its content has no name (exit code 4).
    #[error("nobody sent the metadata of the torrent {infohash}{}", list(.attempts))]
    NoMetadata {
        /// The torrent, as 40 hex digits.
        infohash: String,
        /// Who was asked.
        attempts: Vec<Attempt>,
    },
    /// Nobody waits for it any more.
    #[error("the download was stopped")]
    Stopped,
    /// The CID names something that is no file, is too large, or cannot be verified here: no other source can
    /// change that (exit code 3).
    #[error("{cid} cannot be taken: {reason}")]
    NotAFile {
        /// What was wanted.
        cid: Cid,
        /// What it is instead.
        reason: String,
    },
    /// The sink (exit code 1).
    #[error("{0}")]
    Local(SinkError),
}

pub(crate) fn list(attempts: &[Attempt]) -> String {
    attempts.iter().map(|a| format!("; {a}")).collect()
}
