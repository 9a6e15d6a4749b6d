//! A depth-first walk over the blocks of a stored file, or over those that cover a part of it.

use bytes::Bytes;
use osp_core::{
    Cid,
    content::{Digest, digest_of},
    unixfs::{Layout, LeafKind, Node, verify_block},
};
use osp_store::{BlobMeta, BlobStore, StoreError, blob::MAX_READ};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::Arc,
};

/// The walk: what is still to be visited is a stack of blocks, at most one node's links for each level.
pub(super) struct Walk {
    blobs: Arc<dyn BlobStore>,
    blob: Arc<BlobMeta>,
    layout: Arc<Layout>,
    /// Index into the layout's nodes.
    nodes: HashMap<Digest, usize>,
    stack: Vec<Visit>,
    /// Bytes of the file whose blocks are wanted.
    bytes: Range<u64>,
    /// Digests of blocks already sent, when none is to be sent twice.
    sent: Option<HashSet<Digest>>,
}

/// A block to visit: its name and where its part of the file starts.
struct Visit {
    cid: Cid,
    offset: u64,
}

impl Walk {
    /// A walk from `root` (the layout's root in either version); the root itself comes always, blocks below it
    /// when they hold some of `bytes`.
    pub(super) fn new(
        blobs: Arc<dyn BlobStore>,
        blob: Arc<BlobMeta>,
        layout: Arc<Layout>,
        root: Cid,
        bytes: Range<u64>,
        duplicates: bool,
    ) -> Self {
        let nodes = layout.nodes.iter().enumerate();
        let nodes = nodes.filter_map(|(i, node)| Some((digest_of(&node.cid)?, i))).collect();
        let stack = vec![Visit { cid: root, offset: 0 }];
        Self { blobs, blob, layout, nodes, stack, bytes, sent: (!duplicates).then(HashSet::new) }
    }

    /// The next block and its name; `None` after the last.
    ///
    /// # Errors
    /// What the store says; [`StoreError::Corrupt`] for a layout that does not hold together.
    pub(super) async fn next(&mut self) -> Result<Option<(Cid, Bytes)>, StoreError> {
        while let Some(Visit { cid, offset }) = self.stack.pop() {
            let digest = digest_of(&cid).ok_or(StoreError::Corrupt { cid })?;
            let first = self.sent.as_mut().is_none_or(|sent| sent.insert(digest));
            if let Some(index) = self.nodes.get(&digest) {
                // The same node elsewhere in the file covers other bytes: its children are looked at again.
                let block = Bytes::copy_from_slice(&self.layout.nodes[*index].bytes);
                self.descend(&cid, &block, offset)?;
                if first {
                    return Ok(Some((cid, block)));
                }
            } else if first {
                return Ok(Some((cid, self.leaf(&cid, digest, offset).await?)));
            }
        }
        Ok(None)
    }

    /// Puts the children that hold wanted bytes on the stack, the first on top.
    fn descend(&mut self, cid: &Cid, block: &[u8], mut offset: u64) -> Result<(), StoreError> {
        let Ok(Node::File { children, .. }) = verify_block(cid, block) else {
            return Err(StoreError::Corrupt { cid: *cid });
        };
        let start = self.stack.len();
        for (cid, size) in children {
            let end = offset.saturating_add(size);
            if offset < self.bytes.end && end > self.bytes.start {
                self.stack.push(Visit { cid, offset });
            }
            offset = end;
        }
        self.stack[start..].reverse();
        Ok(())
    }

    /// The block of the leaf at `offset`, made from the blob's bytes.
    async fn leaf(&self, cid: &Cid, digest: Digest, offset: u64) -> Result<Bytes, StoreError> {
        // An empty file has one leaf, which holds no byte.
        let index = self.layout.leaf_at(offset).unwrap_or(0);
        let leaf = self.layout.leaves.get(index).filter(|leaf| leaf.digest == digest);
        let leaf = leaf.ok_or(StoreError::Corrupt { cid: *cid })?;
        if u64::from(leaf.len) > MAX_READ {
            return self.blobs.block(cid).await?.ok_or(StoreError::Corrupt { cid: *cid });
        }
        let data = if leaf.len == 0 {
            Bytes::new()
        } else {
            self.blobs.read(&self.blob, leaf.offset..leaf.end()).await?
        };
        if data.len() as u64 != u64::from(leaf.len) {
            return Err(StoreError::Corrupt { cid: *cid });
        }
        Ok(if leaf.kind == LeafKind::Raw { data } else { leaf.kind.block(&data).into() })
    }
}
