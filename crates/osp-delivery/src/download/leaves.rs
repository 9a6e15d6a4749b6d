//! The leaves of a file's DAG, as its verified interior blocks say: each proves the bytes of its range.

use osp_core::{
    Cid,
    content::{DAG_PB, RAW, digest_of},
    unixfs::{Layout, LeafKind, LeafRef, NodeBlock},
};
use std::ops::Range;

/// One leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// Its CID.
    pub(crate) cid: Cid,
    /// Where its data starts in the file.
    pub(crate) offset: u64,
    /// Bytes of data in it.
    pub(crate) len: u32,
}

impl Leaf {
    /// The bytes it proves.
    pub(crate) fn range(&self) -> Range<u64> {
        self.offset..self.offset + u64::from(self.len)
    }

    /// How the leaf is made, if `data` is its data.
    pub(crate) fn kind_of(&self, data: &[u8]) -> Option<LeafKind> {
        let kinds: &[LeafKind] = match self.cid.codec() {
            RAW => &[LeafKind::Raw],
            DAG_PB => &[LeafKind::WrappedFile, LeafKind::WrappedRaw],
            _ => &[],
        };
        let digest = digest_of(&self.cid)?;
        let fits = data.len() as u64 == u64::from(self.len);
        fits.then(|| kinds.iter().copied().find(|kind| kind.digest(data) == digest)).flatten()
    }
}

/// The interior blocks and leaves of one file, complete.
#[derive(Clone, Debug)]
pub(crate) struct Leaves {
    /// The root, as it was asked for.
    pub(crate) root: Cid,
    /// Bytes of the file.
    pub(crate) size: u64,
    /// Interior blocks.
    pub(crate) nodes: Vec<NodeBlock>,
    /// Leaves in file order, none empty, without gaps.
    pub(crate) leaves: Vec<Leaf>,
}

impl Leaves {
    /// Of a file whose CID is that of its only leaf. The size is a guess until the leaf is whole.
    pub(crate) fn single(root: Cid, size: u64) -> Option<Self> {
        let len = u32::try_from(size).ok()?;
        let leaf = Leaf { cid: root, offset: 0, len };
        Some(Self { root, size, nodes: Vec::new(), leaves: vec![leaf] })
    }

    /// Of a layout that is known.
    pub(crate) fn of_layout(layout: &Layout) -> Self {
        let leaf = |leaf: &LeafRef| Leaf { cid: leaf.cid(), offset: leaf.offset, len: leaf.len };
        Self {
            root: layout.root,
            size: layout.size,
            nodes: layout.nodes.clone(),
            leaves: layout.leaves.iter().map(leaf).collect(),
        }
    }

    /// The indexes of the leaves that overlap a range.
    pub(crate) fn over(&self, range: &Range<u64>) -> Range<usize> {
        let first = self.leaves.partition_point(|leaf| leaf.range().end <= range.start);
        let last = self.leaves.partition_point(|leaf| leaf.offset < range.end);
        first..last.max(first)
    }

    /// The layout, once it is known how each leaf is made.
    pub(crate) fn layout(&self, kinds: &[LeafKind]) -> Option<Layout> {
        let leaves: Option<Vec<LeafRef>> = self
            .leaves
            .iter()
            .zip(kinds)
            .map(|(leaf, kind)| {
                let digest = digest_of(&leaf.cid)?;
                Some(LeafRef { digest, offset: leaf.offset, len: leaf.len, kind: *kind })
            })
            .collect();
        let leaves = leaves.filter(|leaves| leaves.len() == self.leaves.len())?;
        Some(Layout { root: self.root, size: self.size, nodes: self.nodes.clone(), leaves })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_core::content::{raw_cid, sha256};

    #[test]
    fn a_range_names_the_leaves_it_touches() {
        let leaf = |offset, len| Leaf { cid: raw_cid([0; 32]), offset, len };
        let leaves = Leaves {
            root: raw_cid([0; 32]),
            size: 30,
            nodes: vec![],
            leaves: vec![leaf(0, 10), leaf(10, 20)],
        };
        for (range, wanted) in [(0..10, 0..1), (9..11, 0..2), (10..30, 1..2), (29..30, 1..2), (5..5, 0..1)] {
            assert_eq!(leaves.over(&range), wanted, "{range:?}");
        }
    }

    #[test]
    fn a_raw_root_proves_the_file_of_one_leaf() {
        let root = raw_cid(sha256(b"music"));
        let leaves = Leaves::single(root, 5).unwrap();
        assert_eq!(leaves.leaves[0].kind_of(b"music"), Some(LeafKind::Raw));
        assert_eq!(leaves.leaves[0].kind_of(b"musik"), None);
        assert_eq!(leaves.leaves[0].kind_of(b"musicc"), None);
    }
}
