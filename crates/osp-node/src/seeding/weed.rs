//! Guests that may no longer be given to anybody: their artists retracted them, or the operator blocks them.

use super::trim;
use crate::Node;
use osp_store::{BlobMeta, ContentStanding, Custody as _, StoreError};
use std::sync::Arc;

/// Blobs that are looked at in one step.
const PAGE: usize = 200;

/// Removes them, pinned ones too; gives them, and why.
pub(super) async fn weed(node: &Node) -> Result<Vec<(Arc<BlobMeta>, &'static str)>, StoreError> {
    let mut gone = Vec::new();
    let mut after = None;
    loop {
        let page = node.blobs().list(after.as_ref(), PAGE).await?;
        let Some(last) = page.last().copied() else { return Ok(gone) };
        after = Some(last);
        for cid in page {
            if node.store().guest(&cid).await?.is_none() {
                continue;
            }
            let Some(blob) = node.blobs().find(&cid).await? else { continue };
            let why = match node.records().content_standing(&blob.roots).await? {
                ContentStanding::Open => continue,
                ContentStanding::Retracted => "its artist retracted it",
                ContentStanding::Blocked | ContentStanding::RecordsBlocked => "it is on the block list",
            };
            if trim::remove(node, &blob).await? {
                gone.push((blob, why));
            }
        }
    }
}
