//! UnixFS: a file as a Merkle DAG of blocks whose root is its CID (IPIP-0499 profiles).
//!
//! ```text
//!  unixfs-v1-2025                    root  dag-pb, ≤ 1024 links        (a file of one chunk: the raw leaf is the root)
//!                                  /  |  \
//!                             node   node  …                           balanced: all leaves at one depth
//!                            / | \
//!                        leaf leaf …                                    raw, 1 MiB each
//! ```

use crate::{Cid, content::Digest};

/// The parameters that pin a file's CID (IPIP-0499).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// What `ipfs add` printed for a decade: CIDv0, 256 KiB dag-pb leaves, 174 links.
    V0_2015,
    /// Ours: CIDv1, 1 MiB raw leaves, 1024 links.
    V1_2025,
    /// What `ipfs add --cid-version=1` prints: CIDv1, 256 KiB raw leaves, 174 links. Read only.
    V1Legacy,
}

impl Profile {
    /// `unixfs-v0-2015`, `unixfs-v1-2025`, `unixfs-v1-legacy`.
    #[must_use]
    pub fn name(self) -> &'static str {
        todo!()
    }
    /// The profile of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let _ = name;
        todo!()
    }
    /// Bytes of data in a leaf.
    #[must_use]
    pub fn chunk_size(self) -> usize {
        todo!()
    }
    /// Links in a node.
    #[must_use]
    pub fn max_links(self) -> usize {
        todo!()
    }
    /// Hashes one chunk (at most [`Profile::chunk_size`] bytes) into its leaf. The hot loop: callers may run it
    /// for several chunks at once on several cores.
    #[must_use]
    pub fn leaf(self, chunk: &[u8]) -> Leaf {
        let _ = chunk;
        todo!()
    }
    /// The whole leaf block of a chunk (raw: the chunk itself; dag-pb: wrapped in UnixFS `File`).
    #[must_use]
    pub fn leaf_block(self, chunk: &[u8]) -> Vec<u8> {
        let _ = chunk;
        todo!()
    }
}

/// A hashed leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Its CID.
    pub cid: Cid,
    /// Bytes of file data in it.
    pub data_len: u64,
    /// Bytes of the block (more than `data_len` when wrapped).
    pub block_len: u64,
}

/// An interior block, as it is finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeBlock {
    /// Its CID.
    pub cid: Cid,
    /// Its dag-pb bytes.
    pub bytes: Vec<u8>,
}

/// Builds the balanced DAG from leaves in order. Holds one open node per level: constant memory.
pub struct DagBuilder {
    _profile: Profile,
}

impl DagBuilder {
    /// An empty DAG.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { _profile: profile }
    }
    /// The next leaf; finished interior blocks go to `sink`.
    pub fn push(&mut self, leaf: Leaf, sink: &mut dyn FnMut(NodeBlock)) {
        let _ = (leaf, sink);
        todo!()
    }
    /// The root (an empty file has the empty leaf as root).
    pub fn finish(self, sink: &mut dyn FnMut(NodeBlock)) -> Cid {
        let _ = sink;
        todo!()
    }
}

/// Bytes in, root out: the one-thread importer.
pub struct Importer {
    _builder: DagBuilder,
}

impl Importer {
    /// An importer for `profile`.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        let _ = profile;
        todo!()
    }
    /// The next bytes, any number.
    pub fn update(&mut self, bytes: &[u8]) {
        let _ = bytes;
        todo!()
    }
    /// The root CID.
    #[must_use]
    pub fn finish(self) -> Cid {
        todo!()
    }
    /// The layout (root, interior blocks, leaves), for a store that serves the blocks.
    #[must_use]
    pub fn finish_layout(self) -> Layout {
        todo!()
    }
}

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

/// A decoded block of a file's DAG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A leaf with its data and the way it was wrapped.
    Leaf {
        /// How it was wrapped.
        kind: LeafKind,
        /// Byte range of the data inside the block.
        data: std::ops::Range<usize>,
    },
    /// An interior node.
    File {
        /// Bytes of the whole file below it.
        size: u64,
        /// Children, in order, with the bytes of file below each.
        children: Vec<(Cid, u64)>,
    },
}

/// Why a block is not part of a file's DAG.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnixFsError {
    /// The bytes do not hash to the CID.
    #[error("a block does not hash to its CID {0}")]
    WrongHash(Cid),
    /// Not dag-pb, or not a file.
    #[error("block {cid} is not part of a file: {reason}")]
    NotAFile {
        /// The block.
        cid: Cid,
        /// What it is instead.
        reason: &'static str,
    },
    /// A hash or codec other than sha2-256 over raw or dag-pb.
    #[error("{0} uses a hash or codec this program cannot verify (it knows sha2-256 over raw and dag-pb)")]
    Unsupported(Cid),
}

/// Checks that `block` hashes to `cid` and decodes it.
///
/// # Errors
/// [`UnixFsError`].
pub fn verify_block(cid: &Cid, block: &[u8]) -> Result<Node, UnixFsError> {
    let _ = (cid, block);
    todo!()
}
