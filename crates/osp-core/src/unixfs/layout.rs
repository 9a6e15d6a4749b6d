//! Layouts: all that must be kept beside a file to serve every block of its DAG.

use super::{
    builder::{DagBuilder, NodeBlock},
    profile::{Leaf, Profile},
};
use crate::{
    Cid,
    content::{Digest, dag_pb_cid, digest_of, raw_cid},
};

/// How a leaf's block is made from file bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafKind {
    /// The block is the bytes.
    Raw,
    /// The block is dag-pb with a UnixFS `File` (type 2) around the bytes.
    WrappedFile,
    /// The block is dag-pb with a UnixFS `Raw` (type 0) around the bytes (old importers).
    WrappedRaw,
}

/// A leaf's place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafRef {
    /// Digest of its block.
    pub digest: Digest,
    /// Where its data starts in the file, in bytes.
    pub offset: u64,
    /// Bytes of data.
    pub len: u32,
    /// How the block is made.
    pub kind: LeafKind,
}

impl LeafRef {
    /// The leaf's CID, written as version 1.
    #[must_use]
    pub fn cid(&self) -> Cid {
        match self.kind {
            LeafKind::Raw => raw_cid(self.digest),
            LeafKind::WrappedFile | LeafKind::WrappedRaw => dag_pb_cid(self.digest),
        }
    }

    /// The file offset after its data.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.offset + u64::from(self.len)
    }

    /// Whether `data` is this leaf's.
    #[must_use]
    pub fn holds(&self, data: &[u8]) -> bool {
        data.len() as u64 == u64::from(self.len) && self.kind.digest(data) == self.digest
    }
}

/// All that is needed to serve every block of one file's DAG from the file itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The root.
    pub root: Cid,
    /// Bytes of the file.
    pub size: u64,
    /// Interior blocks (none for a file of one leaf).
    pub nodes: Vec<NodeBlock>,
    /// Leaves in file order.
    pub leaves: Vec<LeafRef>,
}

impl Layout {
    /// The index of the leaf that holds the byte at `offset`; `None` at or after the end.
    #[must_use]
    pub fn leaf_at(&self, offset: u64) -> Option<usize> {
        let index = self.leaves.partition_point(|leaf| leaf.end() <= offset);
        (index < self.leaves.len() && self.leaves[index].offset <= offset).then_some(index)
    }
}

/// Collects a [`Layout`] while leaves, hashed perhaps on other cores, arrive in order.
pub struct LayoutBuilder {
    profile: Profile,
    dag: DagBuilder,
    size: u64,
    nodes: Vec<NodeBlock>,
    leaves: Vec<LeafRef>,
}

impl LayoutBuilder {
    /// An empty layout.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { profile, dag: DagBuilder::new(profile), size: 0, nodes: Vec::new(), leaves: Vec::new() }
    }

    /// The next leaf, as [`Profile::leaf`] of the same profile made it.
    pub fn push(&mut self, leaf: Leaf) {
        let digest = digest_of(&leaf.cid).expect("Profile::leaf hashes with sha2-256");
        let len = u32::try_from(leaf.data_len).expect("a chunk is at most 1 MiB");
        self.leaves.push(LeafRef { digest, offset: self.size, len, kind: self.profile.leaf_kind() });
        self.size += leaf.data_len;
        self.dag.push(leaf, &mut |node| self.nodes.push(node));
    }

    /// The layout. An empty file has one empty leaf.
    #[must_use]
    pub fn finish(mut self) -> Layout {
        if self.leaves.is_empty() {
            self.push(self.profile.leaf(&[]));
        }
        let mut nodes = self.nodes;
        let root = self.dag.finish(&mut |node| nodes.push(node));
        Layout { root, size: self.size, nodes, leaves: self.leaves }
    }
}
