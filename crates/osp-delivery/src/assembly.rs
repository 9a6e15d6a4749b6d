//! The DAG of a file as far as it is known, and the one block that must come next.

use crate::Fault;
use bytes::Bytes;
use osp_core::{
    Cid,
    content::{Digest, digest_of},
    unixfs::{Layout, LeafRef, MAX_DEPTH, Node, NodeBlock, UnixFsError, verify_block},
};
use std::collections::{HashMap, HashSet};

/// Most bytes of interior blocks of one file, counted each time one stands in the DAG. It bounds the number of
/// links, and so all memory here, to some 350,000: 80 GiB in chunks of 256 KiB.
pub const MAX_NODE_BYTES: usize = 16 * 1024 * 1024;

/// A block that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its CID.
    pub cid: Cid,
    /// Bytes of file in or below it, as its parent says; `None` for the root.
    pub size: Option<u64>,
    depth: usize,
}

/// A file's DAG while it is put together, in file order, from verified blocks.
pub struct Assembly {
    root: Cid,
    max_size: u64,
    /// Blocks to come; the last is the next.
    pending: Vec<Pending>,
    /// Bytes of file so far.
    offset: u64,
    size: Option<u64>,
    node_bytes: usize,
    nodes: Vec<NodeBlock>,
    /// Places in `nodes`, by digest.
    known_nodes: HashMap<Digest, usize>,
    leaves: Vec<LeafRef>,
    known_leaves: HashSet<Digest>,
}

impl Assembly {
    /// Nothing but the root's CID is known.
    #[must_use]
    pub fn new(root: Cid, max_size: u64) -> Self {
        Self {
            root,
            max_size,
            pending: vec![Pending { cid: root, size: None, depth: 0 }],
            offset: 0,
            size: None,
            node_bytes: 0,
            nodes: Vec::new(),
            known_nodes: HashMap::new(),
            leaves: Vec::new(),
            known_leaves: HashSet::new(),
        }
    }

    /// The block that must come next; `None` when the file is complete.
    #[must_use]
    pub fn next(&self) -> Option<&Pending> {
        self.pending.last()
    }

    /// All blocks that are known to be still to come, the next one last.
    #[must_use]
    pub fn pending(&self) -> &[Pending] {
        &self.pending
    }

    /// Bytes of file that are verified.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes of the whole file, once the root is there.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// The bytes of an interior block that stood in the DAG before.
    #[must_use]
    pub fn known_node(&self, cid: &Cid) -> Option<&[u8]> {
        let index = self.known_nodes.get(&digest_of(cid)?)?;
        Some(&self.nodes[*index].bytes)
    }

    /// Whether a block with this digest stood in the DAG before.
    #[must_use]
    pub fn was_seen(&self, cid: &Cid) -> bool {
        digest_of(cid).is_some_and(|d| self.known_nodes.contains_key(&d) || self.known_leaves.contains(&d))
    }

    /// Takes the next block. Gives the file bytes in it, if it is a leaf.
    ///
    /// # Errors
    /// [`Fault`]: a lie when it does not hash to its CID, and of class content when the DAG is no file.
    pub fn accept(&mut self, block: &Bytes) -> Result<Option<Bytes>, Fault> {
        let Some(next) = self.pending.last().copied() else {
            return Err(Fault::failed("it goes on after the end"));
        };
        let node = verify_block(&next.cid, block).map_err(|e| match e {
            UnixFsError::WrongHash(_) => Fault::lied(format!("{e} at byte {}", self.offset)),
            other => Fault::Content(other.to_string()),
        })?;
        let digest = digest_of(&next.cid).ok_or_else(|| Fault::Content("it has an unknown hash".into()))?;
        let size = match &node {
            Node::Leaf { data, .. } => data.len() as u64,
            Node::File { size, .. } => *size,
        };
        self.check_size(&next, size)?;
        match node {
            Node::Leaf { kind, data } => {
                self.pending.pop();
                let leaf = LeafRef { digest, offset: self.offset, len: data.len() as u32, kind };
                self.offset += u64::from(leaf.len);
                self.leaves.push(leaf);
                self.known_leaves.insert(digest);
                Ok(Some(block.slice(data)))
            }
            Node::File { children, .. } => {
                self.node_bytes += block.len();
                if self.node_bytes > MAX_NODE_BYTES {
                    return Err(Fault::Content("it is made of too many blocks".into()));
                }
                if next.depth == MAX_DEPTH {
                    return Err(Fault::Content("its blocks are nested too deep".into()));
                }
                self.pending.pop();
                let depth = next.depth + 1;
                let children = children.into_iter().rev();
                self.pending.extend(children.map(|(cid, size)| Pending { cid, size: Some(size), depth }));
                self.known_nodes.entry(digest).or_insert_with(|| {
                    self.nodes.push(NodeBlock { cid: next.cid, bytes: block.to_vec() });
                    self.nodes.len() - 1
                });
                Ok(None)
            }
        }
    }

    fn check_size(&mut self, block: &Pending, size: u64) -> Result<(), Fault> {
        if block.size.is_some_and(|claimed| claimed != size) {
            return Err(Fault::Content("its blocks are not of the sizes that their links say".into()));
        }
        if block.depth == 0 {
            if size > self.max_size {
                let max = self.max_size;
                return Err(Fault::Content(format!(
                    "it has {size} bytes, more than the {max} that are taken"
                )));
            }
            self.size = Some(size);
        }
        Ok(())
    }

    /// The layout, once the file is complete.
    #[must_use]
    pub fn into_layout(self) -> Option<Layout> {
        let complete = self.pending.is_empty();
        complete.then_some(Layout {
            root: self.root,
            size: self.offset,
            nodes: self.nodes,
            leaves: self.leaves,
        })
    }
}
