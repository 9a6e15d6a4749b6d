//! Withdrawing a track.

use crate::{Node, identity::Signatory};
use osp_core::record::{Record, RecordId, Refusal, Retraction, Verified};
use osp_store::StoreError;

/// Why a track could not be withdrawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RetractError {
    /// The id names no track that is stored here.
    #[error("{0} is not stored here; resolve it first, or check the id")]
    Unknown(RecordId),
    /// Somebody else's track.
    #[error("{id} is by {artist}, and only its artist can retract it; choose that identity with --artist-id")]
    NotYours {
        /// The track.
        id: RecordId,
        /// Its artist.
        artist: String,
    },
    /// The retraction would not be valid.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Signs and stores the withdrawal of `track`. From then on this node neither lists nor serves it.
///
/// # Errors
/// [`RetractError`].
pub async fn retract(
    node: &Node,
    track: &RecordId,
    reason: Option<&str>,
    signer: &Signatory,
) -> Result<Verified<Record>, RetractError> {
    let stored =
        node.records().get(track.as_str()).await?.ok_or_else(|| RetractError::Unknown(track.clone()))?;
    let artist = Record::parse(&stored.json)?.artist();
    if artist != *signer.artist() {
        return Err(RetractError::NotYours { id: stored.id, artist: artist.to_string() });
    }
    let retraction = Retraction::sign_as(&stored.id, reason, signer.artist(), signer.key())?;
    node.records().put(std::slice::from_ref(&retraction)).await?;
    Ok(retraction)
}
