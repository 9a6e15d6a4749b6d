//! Why a block did not come.

use osp_core::Cid;

/// Why a block did not come.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockError {
    /// Every peer of the session said that it does not have the block.
    #[error("none of the session's peers has block {0}; add a peer that does")]
    NotFound(Cid),
    /// The peers that may have it did not send it in time.
    #[error("no peer sent block {0} in time; try again, or add a faster peer")]
    Stalled(Cid),
    /// A peer that was asked for it sent something else and was dropped, and nobody else sent it.
    #[error("a peer sent something else in place of block {0}")]
    Lied(Cid),
    /// No peer of the session is connected and speaks Bitswap.
    #[error("no peer of the session is connected and speaks Bitswap; connect to one first")]
    NoPeers,
    /// A hash that cannot be checked.
    #[error("{0} is not a sha2-256 CID, so nothing that peers send for it could be verified")]
    Unsupported(Cid),
    /// The session has too many wants already.
    #[error("the session has too many wants; wait for some of them")]
    TooMany,
    /// The host was shut down.
    #[error("the libp2p host has been shut down")]
    Shutdown,
}
