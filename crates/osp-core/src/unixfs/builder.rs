//! Building the balanced DAG: leaves in order, interior blocks as they fill.

use super::{
    dagpb::{self, Child},
    layout::{Layout, LayoutBuilder},
    profile::{Leaf, Profile},
};
use crate::{Cid, content::sha256};

/// An interior block, as it is finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeBlock {
    /// Its CID.
    pub cid: Cid,
    /// Its dag-pb bytes.
    pub bytes: Vec<u8>,
}

/// Builds the balanced DAG from leaves in order. Holds one open node per level: constant memory.
///
/// A node is closed as soon as it is full and becomes a link one level up. At the end every level but the
/// uppermost is closed with what it has; the uppermost needs no node of its own when it holds a single link,
/// which is why a file of one chunk is its leaf.
pub struct DagBuilder {
    profile: Profile,
    /// Links of the open node of each level, the one above the leaves first.
    levels: Vec<Vec<Child>>,
}

impl DagBuilder {
    /// An empty DAG.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { profile, levels: vec![Vec::new()] }
    }

    /// The next leaf; finished interior blocks go to `sink`.
    pub fn push(&mut self, leaf: Leaf, sink: &mut dyn FnMut(NodeBlock)) {
        self.link(0, Child { cid: leaf.cid, size: leaf.data_len, dag_size: leaf.block_len }, sink);
    }

    /// The root (an empty file has the empty leaf as root).
    pub fn finish(mut self, sink: &mut dyn FnMut(NodeBlock)) -> Cid {
        if self.levels.iter().all(Vec::is_empty) {
            return self.profile.leaf(&[]).cid;
        }
        let mut level = 0;
        loop {
            let top = level + 1 == self.levels.len();
            match self.levels[level].as_slice() {
                [only] if top => return only.cid,
                [] => {}
                _ => self.close(level, sink),
            }
            level += 1;
        }
    }

    fn link(&mut self, level: usize, child: Child, sink: &mut dyn FnMut(NodeBlock)) {
        if level == self.levels.len() {
            self.levels.push(Vec::new());
        }
        self.levels[level].push(child);
        if self.levels[level].len() == self.profile.max_links() {
            self.close(level, sink);
        }
    }

    fn close(&mut self, level: usize, sink: &mut dyn FnMut(NodeBlock)) {
        let children = std::mem::take(&mut self.levels[level]);
        let bytes = dagpb::encode_node(&children);
        let cid = self.profile.node_cid(sha256(&bytes));
        let node = Child {
            cid,
            size: children.iter().map(|c| c.size).sum(),
            dag_size: bytes.len() as u64 + children.iter().map(|c| c.dag_size).sum::<u64>(),
        };
        sink(NodeBlock { cid, bytes });
        self.link(level + 1, node, sink);
    }
}

/// Bytes in, root out: the one-thread importer. Holds one chunk, and what [`Layout`] keeps per leaf.
pub struct Importer {
    profile: Profile,
    /// The unfinished chunk.
    partial: Vec<u8>,
    layout: LayoutBuilder,
}

impl Importer {
    /// An importer for `profile`.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { profile, partial: Vec::new(), layout: LayoutBuilder::new(profile) }
    }

    /// The next bytes, any number.
    pub fn update(&mut self, mut bytes: &[u8]) {
        let chunk_size = self.profile.chunk_size();
        if !self.partial.is_empty() {
            let take = bytes.len().min(chunk_size - self.partial.len());
            self.partial.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            if self.partial.len() < chunk_size {
                return;
            }
            self.layout.push(self.profile.leaf(&self.partial));
            self.partial.clear();
        }
        // Whole chunks are hashed where they lie.
        let mut chunks = bytes.chunks_exact(chunk_size);
        for chunk in &mut chunks {
            self.layout.push(self.profile.leaf(chunk));
        }
        self.partial.extend_from_slice(chunks.remainder());
    }

    /// The root CID.
    #[must_use]
    pub fn finish(self) -> Cid {
        self.finish_layout().root
    }

    /// The layout (root, interior blocks, leaves), for a store that serves the blocks.
    #[must_use]
    pub fn finish_layout(mut self) -> Layout {
        if !self.partial.is_empty() {
            self.layout.push(self.profile.leaf(&self.partial));
        }
        self.layout.finish()
    }
}
