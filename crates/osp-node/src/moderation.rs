//! What the operator refuses to serve: from a typed REF to an entry of the block list.

use crate::Node;
use osp_core::Cid;
use osp_core::reference::{Reference, ReferenceError};
use osp_store::{BlobStore, Block, ContentStanding, RecordIndex, StoreError};

/// Why something cannot be put on the block list.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlockError {
    /// Not a REF.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// A REF that names nothing one can block.
    #[error("«{0}» cannot be blocked: name a CID, a track id, a magnet of something stored here, or a DID")]
    NotBlockable(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The block that a REF means. A bare CID is content, unless a stored record has it as its id.
///
/// # Errors
/// [`BlockError`].
pub async fn block_of(node: &Node, text: &str) -> Result<Block, BlockError> {
    Ok(match Reference::parse(text)? {
        Reference::Record(id) => Block::Record(id),
        Reference::Did(did) => Block::Artist(did),
        Reference::Cid(cid) => match node.records().get(&cid.to_string()).await? {
            Some(record) => Block::Record(record.id),
            None => Block::Content(cid),
        },
        Reference::Magnet(magnet) => match node.blobs().find_by_infohash(&magnet.infohash).await? {
            Some(blob) => Block::Content(blob.cid),
            None => return Err(BlockError::NotBlockable(text.to_owned())),
        },
        _ => return Err(BlockError::NotBlockable(text.to_owned())),
    })
}

/// Whether one block may be served, over whatever protocol. A block may belong to several files; it is refused when all
/// of them are, so that blocked content can't be had piece by piece, and shared pieces of other content still can. A
/// block that is itself the root of blocked content is refused whoever shares it: its CID is what the operator named.
///
/// # Errors
/// [`StoreError`].
pub async fn block_standing(
    blobs: &dyn BlobStore,
    records: &dyn RecordIndex,
    cid: &Cid,
) -> Result<ContentStanding, StoreError> {
    let own = records.content_standing(std::slice::from_ref(cid)).await?;
    if own != ContentStanding::Open {
        return Ok(own);
    }
    let mut standing = ContentStanding::Open;
    for name in blobs.blobs_with_block(cid).await? {
        let roots = blobs.find(&name).await?.map_or_else(|| vec![name], |blob| blob.roots.clone());
        standing = records.content_standing(&roots).await?;
        if standing == ContentStanding::Open {
            break;
        }
    }
    Ok(standing)
}
