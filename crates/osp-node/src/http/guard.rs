//! Whether bytes may be served: what the operator blocked (410 `blocked`), and what only withdrawn records name
//! (410 `retracted`), is not.

use super::{ApiError, AppState};
use crate::moderation;
use osp_core::Cid;
use osp_store::{BlobMeta, ContentStanding};

/// Whether a blob may be served.
///
/// # Errors
/// 410.
pub(super) async fn blob(state: &AppState, blob: &BlobMeta) -> Result<(), ApiError> {
    refused(state.node.records().content_standing(&blob.roots).await?).map_or(Ok(()), Err)
}

/// Whether content that is not here may be fetched and served.
///
/// # Errors
/// 410.
pub(super) async fn content(state: &AppState, cid: &Cid) -> Result<(), ApiError> {
    let standing = state.node.records().content_standing(std::slice::from_ref(cid)).await?;
    refused(standing).map_or(Ok(()), Err)
}

/// Whether content of this standing is served.
pub(super) fn is_open(standing: ContentStanding) -> bool {
    refused(standing).is_none()
}

/// What is answered for content of this standing; `None` when it is served.
fn refused(standing: ContentStanding) -> Option<ApiError> {
    match standing {
        ContentStanding::Open => None,
        ContentStanding::Blocked | ContentStanding::RecordsBlocked => Some(ApiError::blocked()),
        ContentStanding::Retracted => Some(ApiError::content_retracted()),
    }
}

/// Whether one block may be served: [`moderation::block_standing`].
///
/// # Errors
/// 410.
pub(super) async fn block(state: &AppState, cid: &Cid) -> Result<(), ApiError> {
    let (blobs, records) = (state.node.blobs(), state.node.records());
    let generation = records.generation().await?;
    if state.shared.allowed_blocks.get(generation, cid).is_some() {
        return Ok(());
    }
    if let Some(error) = refused(moderation::block_standing(&**blobs, &**records, cid).await?) {
        return Err(error);
    }
    state.shared.allowed_blocks.put(generation, *cid, ());
    Ok(())
}
