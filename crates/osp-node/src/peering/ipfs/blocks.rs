//! The blocks that peers are given: what the gateway gives over HTTP, by the same rules.

use super::Giving;
use crate::{Node, http::cache::Cache, moderation};
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{
    Cid,
    content::{DAG_PB, Version, cid_v0, dag_pb_cid, digest_of},
    context,
};
use osp_p2p::Blocks;
use osp_store::{BlobStore, ContentStanding, RecordIndex, StoreError};
use std::sync::Arc;

/// Blocks that were found to be allowed, remembered for one generation of the index: a [`Cid`] is 96 bytes.
const CACHED: usize = 16_384;

/// The store, as Bitswap sees it.
pub(crate) struct StoreBlocks {
    blobs: Arc<dyn BlobStore>,
    records: Arc<dyn RecordIndex>,
    allowed: Cache<Cid, ()>,
    giving: Arc<Giving>,
}

impl StoreBlocks {
    pub(crate) fn new(node: &Node, giving: Arc<Giving>) -> Self {
        let (blobs, records) = (Arc::clone(node.blobs()), Arc::clone(node.records()));
        Self { blobs, records, allowed: Cache::new(CACHED), giving }
    }

    /// A block that may be served. Every change of the block list is a new generation: what was allowed before it is
    /// asked again.
    async fn find(&self, cid: &Cid) -> Result<Option<Bytes>, StoreError> {
        if let Some(document) = context::document(cid) {
            return Ok(Some(Bytes::from_static(document)));
        }
        let Some(digest) = digest_of(cid) else { return Ok(None) };
        if !self.giving.may_give(cid).await? {
            return Ok(None);
        }
        let generation = self.records.generation().await?;
        if self.allowed.get(generation, cid).is_none() {
            let standing = moderation::block_standing(&*self.blobs, &*self.records, cid).await?;
            if standing != ContentStanding::Open {
                return Ok(None);
            }
        }
        let twin = match (cid.codec(), cid.version()) {
            (DAG_PB, Version::V0) => Some(dag_pb_cid(digest)),
            (DAG_PB, _) => Some(cid_v0(digest)),
            _ => None,
        };
        let block = match (self.blobs.block(cid).await?, twin) {
            (None, Some(twin)) => self.blobs.block(&twin).await?,
            (found, _) => found,
        };
        if block.is_some() {
            self.allowed.put(generation, *cid, ());
        }
        Ok(block)
    }
}

#[async_trait]
impl Blocks for StoreBlocks {
    async fn get(&self, cid: &Cid) -> Option<Bytes> {
        match self.find(cid).await {
            Ok(block) => block,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a block cannot be read from the store"
                );
                None
            }
        }
    }
}
