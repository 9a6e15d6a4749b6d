//! The one thing that HTTP, BitTorrent and Bitswap have in common.

use crate::{Job, Outcome, SinkError};
use async_trait::async_trait;
use osp_fetch::{FetchError, StatusCode};

/// The kinds of source that `osp resolve --json` counts bytes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceKind {
    /// Nodes, gateways and mirrors.
    Http,
    /// Peers over TCP and uTP.
    BitTorrent,
    /// Peers over WebRTC.
    WebTorrent,
    /// Bitswap peers.
    Ipfs,
}

/// A place that may have content.
#[async_trait]
pub trait Source: Send + Sync {
    /// How it is called in logs and errors.
    fn name(&self) -> String;

    /// What its bytes are counted as.
    fn kind(&self) -> SourceKind;

    /// Goes on with `job` from where it stands, to its end or as far as this source can.
    async fn deliver(&self, job: &mut Job<'_>) -> Result<(), Fault>;
}

/// Why a source stopped short.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The source's own failing: the next one is tried.
    #[error("{}", .0.reason())]
    Source(Outcome),
    /// What is wanted is no file or too large: verified, so no source can help.
    #[error("{0}")]
    Content(String),
    /// The sink failed.
    #[error("{0}")]
    Sink(SinkError),
}

impl Fault {
    /// The source does not have it.
    pub fn absent(reason: impl Into<String>) -> Self {
        Self::Source(Outcome::Absent(reason.into()))
    }
    /// The source cannot be used.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::Source(Outcome::Failed(reason.into()))
    }
    /// The source sent something that does not verify.
    pub fn lied(reason: impl Into<String>) -> Self {
        Self::Source(Outcome::Lied(reason.into()))
    }
    /// What a status that is no success says about a source.
    pub(crate) fn status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS => {
                Self::absent(format!("it does not have it ({})", status.as_u16()))
            }
            other => Self::failed(format!("it answers {other}")),
        }
    }
}

impl From<FetchError> for Fault {
    fn from(error: FetchError) -> Self {
        Self::Source(error.into())
    }
}

impl From<FetchError> for Outcome {
    fn from(error: FetchError) -> Self {
        match error {
            // Nothing that is wanted is so big: it sent something else.
            FetchError::TooBig { .. } => Self::Lied(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}
