//! The tree of keys: a set of chunks is a few nodes, and nobody gets from a node to what lies beside or above it.
//!
//! ```text
//! level 0                   root                       root    = HKDF(salt = H, ikm = FRK, "smsg3 root")
//!                         /      \
//! level 1               0          1                   child_b = HMAC(node, "smsg3 node" || b)
//!                      / \        / \
//! level 2 = depth     0   1      2   3                 leaves: one for each chunk, by number
//! ```
//!
//! Chunks 1 to 3 of these four are the nodes 1 of level 2 and 1 of level 1: the *cover*. A range that ends with the last chunk counts
//! as ending with the last leaf, so everything is always the root alone.

use super::{FileId, kdf, limits::MAX_CHUNKS, ranges::Ranges};
use crate::crypto::Key;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The form of a file's tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tree {
    chunks: u32,
    depth: u32,
}

/// A node's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// 0 is the root's.
    pub level: u32,
    /// From the left, from 0.
    pub index: u32,
}

impl Tree {
    /// For a file of so many chunks; fewer than one count as one, more than 2^18, which no file has, as so many.
    #[must_use]
    pub fn new(chunks: u32) -> Self {
        let chunks = chunks.clamp(1, MAX_CHUNKS as u32);
        Self { chunks, depth: u32::BITS - (chunks - 1).leading_zeros() }
    }

    /// Chunks.
    #[must_use]
    pub fn chunks(self) -> u32 {
        self.chunks
    }

    /// Levels below the root.
    #[must_use]
    pub fn depth(self) -> u32 {
        self.depth
    }

    /// The largest nodes with no leaf outside of these chunks: of each range, from left to right.
    #[must_use]
    pub fn cover(self, ranges: &Ranges) -> Vec<Place> {
        let mut places = Vec::new();
        for range in ranges.as_slice() {
            let end = if range.end >= self.chunks { 1 << self.depth } else { range.end };
            let mut at = range.start;
            while at < end {
                let aligned = if at == 0 { self.depth } else { at.trailing_zeros() };
                let height = aligned.min((end - at).ilog2());
                places.push(Place { level: self.depth - height, index: at >> height });
                at += 1 << height;
            }
        }
        places
    }

    /// First leaf below a place.
    fn first_leaf(self, place: Place) -> u32 {
        place.index << (self.depth - place.level)
    }

    fn is_below(self, leaf: u32, place: Place) -> bool {
        leaf >> (self.depth - place.level) == place.index
    }
}

/// One key of the tree.
#[derive(Clone, Debug)]
pub(super) struct Node(Key);

impl Node {
    fn child(&self, bit: u32) -> Self {
        let mut message = *b"smsg3 node\0";
        message[10] = (bit & 1) as u8;
        Self(kdf::Keyed::new(&self.0).of(&message))
    }

    pub(super) fn key(&self) -> &Key {
        &self.0
    }
}

/// Nodes at hand: the whole tree (its root), or what was granted. Never printed, wiped when dropped.
#[derive(Clone, Debug)]
pub struct Keys {
    file: FileId,
    tree: Tree,
    /// By their first leaf.
    nodes: Vec<(Place, Node)>,
}

impl Keys {
    /// The key to everything of a new file. Nobody chooses it: a file's secret comes from `rng` and nowhere else.
    pub(super) fn generate(file: FileId, tree: Tree, rng: &mut impl CryptoRng) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *secret);
        let extracted = kdf::extract(&file.0, &*secret);
        let root = kdf::expand::<32>(&extracted, &[b"smsg3 root"]);
        Self::from_root(file, tree, Key::from_bytes(*root))
    }

    /// The root that was kept in a ledger.
    #[must_use]
    pub fn from_root(file: FileId, tree: Tree, root: Key) -> Self {
        Self { file, tree, nodes: vec![(Place { level: 0, index: 0 }, Node(root))] }
    }

    /// The root, for a ledger. `None` if these are keys to a part only.
    #[must_use]
    pub fn root(&self) -> Option<&Key> {
        match self.nodes.as_slice() {
            [(Place { level: 0, .. }, node)] => Some(node.key()),
            _ => None,
        }
    }

    /// What a grant carries: 32 bytes for each node of the cover. `None` if it is not exactly as many.
    #[must_use]
    pub fn from_nodes(file: FileId, tree: Tree, ranges: &Ranges, bytes: &[u8]) -> Option<Self> {
        let cover = tree.cover(ranges);
        let (nodes, rest) = bytes.as_chunks::<32>();
        (rest.is_empty() && nodes.len() == cover.len()).then(|| Self {
            file,
            tree,
            nodes: cover.into_iter().zip(nodes.iter().map(|bytes| Node(Key::from_bytes(*bytes)))).collect(),
        })
    }

    /// What a grant for these ranges carries. `None` if the keys at hand do not reach so far.
    #[must_use]
    pub fn nodes(&self, ranges: &Ranges) -> Option<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(Vec::new());
        let cover = self.tree.cover(ranges);
        bytes.reserve_exact(32 * cover.len());
        for place in cover {
            let (own, node) = self.above(self.tree.first_leaf(place))?;
            let levels = place.level.checked_sub(own.level)?;
            let mut node = node.clone();
            for bit in (0..levels).rev() {
                node = node.child(place.index >> bit);
            }
            bytes.extend_from_slice(node.key().as_bytes());
        }
        Some(bytes)
    }

    /// Whether there is a key to this chunk.
    #[must_use]
    pub fn opens(&self, chunk: u32) -> bool {
        chunk < self.tree.chunks && self.above(chunk).is_some()
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The form of its tree.
    #[must_use]
    pub fn tree(&self) -> Tree {
        self.tree
    }

    /// For the leaves of chunks, best one after the other.
    pub(super) fn walk(&self) -> Walk<'_> {
        Walk { keys: self, path: Vec::new(), at: None }
    }

    fn above(&self, leaf: u32) -> Option<&(Place, Node)> {
        let after = self.nodes.partition_point(|(place, _)| self.tree.first_leaf(*place) <= leaf);
        let own = self.nodes.get(after.checked_sub(1)?)?;
        self.tree.is_below(leaf, own.0).then_some(own)
    }
}

/// Leaves in any order. From one to its neighbour two steps do on average.
pub(super) struct Walk<'k> {
    keys: &'k Keys,
    /// From the node at hand down to the leaf.
    path: Vec<Node>,
    /// Which leaf, and below which place at hand.
    at: Option<(Place, u32)>,
}

impl Walk<'_> {
    /// The leaf of a chunk; `None` if it does not lie below a node at hand.
    pub(super) fn leaf(&mut self, chunk: u32) -> Option<&Node> {
        let (place, node) = self.keys.above(chunk).filter(|_| chunk < self.keys.tree.chunks)?;
        let height = self.keys.tree.depth - place.level;
        let differ = match self.at {
            Some((same, last)) if same == *place => u32::BITS - (last ^ chunk).leading_zeros(),
            _ => {
                self.path.clear();
                self.path.push(node.clone());
                height
            }
        };
        self.path.truncate((height - differ) as usize + 1);
        for bit in (0..differ).rev() {
            let child = self.path.last()?.child(chunk >> bit);
            self.path.push(child);
        }
        self.at = Some((*place, chunk));
        self.path.last()
    }
}
