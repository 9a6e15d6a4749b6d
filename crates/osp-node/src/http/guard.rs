//! Whether bytes may be served: what the operator blocked, and what only withdrawn records name, is not.

use super::{ApiError, AppState};
use osp_core::Cid;
use osp_store::BlobMeta;

/// Whether a blob may be served.
///
/// # Errors
/// 410.
pub(super) async fn blob(state: &AppState, blob: &BlobMeta) -> Result<(), ApiError> {
    if state.node.records().is_content_blocked(&blob.roots).await? {
        return Err(ApiError::blocked());
    }
    Ok(())
}

/// Whether one block may be served. A block may belong to several files; it is refused when all of them are, so
/// that blocked content can't be had piece by piece, and shared pieces of other content still can. A block that is
/// itself the root of blocked content is refused whoever shares it: its CID is what the operator named.
///
/// # Errors
/// 410.
pub(super) async fn block(state: &AppState, cid: &Cid) -> Result<(), ApiError> {
    let (blobs, records) = (state.node.blobs(), state.node.records());
    let generation = records.generation().await?;
    if state.shared.allowed_blocks.get(generation, cid).is_some() {
        return Ok(());
    }
    if records.is_content_blocked(std::slice::from_ref(cid)).await? {
        return Err(ApiError::blocked());
    }
    let mut refused = false;
    for name in blobs.blobs_with_block(cid).await? {
        let roots = blobs.find(&name).await?.map_or_else(|| vec![name], |blob| blob.roots.clone());
        refused = records.is_content_blocked(&roots).await?;
        if !refused {
            break;
        }
    }
    if refused {
        return Err(ApiError::blocked());
    }
    state.shared.allowed_blocks.put(generation, *cid, ());
    Ok(())
}
