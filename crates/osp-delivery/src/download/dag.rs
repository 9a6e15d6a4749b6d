//! From a CID to the leaves of its file: the interior blocks, fetched one by one and verified from the root.

use super::leaves::{Leaf, Leaves};
use crate::{Fault, MAX_NODE_BYTES, gateway::Gateway};
use bytes::Bytes;
use osp_core::{
    Cid,
    content::DAG_PB,
    unixfs::{MAX_BLOCK_BYTES, MAX_DEPTH, Node, NodeBlock, UnixFsError, verify_block},
};
use std::collections::HashMap;

/// A place that blocks are asked of one by one.
pub(crate) trait GivesBlocks: Sync {
    /// One block, not verified; `None` from what gives no blocks.
    fn give(&self, cid: &Cid) -> impl Future<Output = Result<Option<Bytes>, Fault>> + Send;
}

impl GivesBlocks for Gateway {
    async fn give(&self, cid: &Cid) -> Result<Option<Bytes>, Fault> {
        self.block(cid).await
    }
}

/// A block that is still to be looked at.
struct Pending {
    cid: Cid,
    /// Bytes of file below it, as its parent says.
    size: Option<u64>,
    depth: usize,
    /// Whether its parent lets us take it for a leaf without looking.
    leaf: bool,
}

/// Asks one place for the interior blocks of `root`. `None` from what gives no blocks.
///
/// # Errors
/// [`Fault`]: a lie when a block does not hash to its CID, of class content when the DAG is no file.
pub(crate) async fn leaves_of(
    place: &impl GivesBlocks,
    root: Cid,
    max_size: u64,
) -> Result<Option<Leaves>, Fault> {
    let mut known: HashMap<Cid, Bytes> = HashMap::new();
    let mut found = Leaves { root, size: 0, nodes: Vec::new(), leaves: Vec::new() };
    let mut node_bytes = 0;
    let mut pending = vec![Pending { cid: root, size: None, depth: 0, leaf: false }];
    while let Some(next) = pending.pop() {
        if let (true, Some(size)) = (next.leaf, next.size) {
            found.push(next.cid, size)?;
            continue;
        }
        let block = match known.get(&next.cid) {
            Some(block) => block.clone(),
            None => match place.give(&next.cid).await? {
                Some(block) => block,
                None => return Ok(None),
            },
        };
        let node = verify_block(&next.cid, &block).map_err(|e| match e {
            UnixFsError::WrongHash(_) => Fault::lied(e.to_string()),
            other => Fault::Content(other.to_string()),
        })?;
        let size = match &node {
            Node::Leaf { data, .. } => data.len() as u64,
            Node::File { size, .. } => *size,
        };
        if next.size.is_some_and(|claimed| claimed != size) {
            return Err(Fault::Content("its blocks are not of the sizes that their links say".into()));
        }
        if next.depth == 0 && size > max_size {
            let text = format!("it has {size} bytes, more than the {max_size} that are taken");
            return Err(Fault::Content(text));
        }
        let Node::File { children, .. } = node else {
            found.push(next.cid, size)?;
            continue;
        };
        node_bytes += block.len();
        if node_bytes > MAX_NODE_BYTES {
            return Err(Fault::Content("it is made of too many blocks".into()));
        }
        if next.depth == MAX_DEPTH {
            return Err(Fault::Content("its blocks are nested too deep".into()));
        }
        if known.insert(next.cid, block.clone()).is_none() {
            found.nodes.push(NodeBlock { cid: next.cid, bytes: block.to_vec() });
        }
        // In a balanced DAG all leaves are equally deep: where one child must be an interior block, because no block is
        // so large, its dag-pb siblings are taken for such, too.
        let deep = children.iter().any(|(_, size)| *size > MAX_BLOCK_BYTES as u64);
        pending.extend(children.into_iter().rev().map(|(cid, size)| Pending {
            cid,
            size: Some(size),
            depth: next.depth + 1,
            leaf: !(deep && cid.codec() == DAG_PB),
        }));
    }
    Ok(Some(found))
}

impl Leaves {
    fn push(&mut self, cid: Cid, size: u64) -> Result<(), Fault> {
        let len =
            u32::try_from(size).map_err(|_| Fault::Content("it has a leaf that is too large".into()))?;
        self.leaves.push(Leaf { cid, offset: self.size, len });
        self.size += size;
        Ok(())
    }
}
