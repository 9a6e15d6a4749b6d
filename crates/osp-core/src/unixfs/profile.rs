//! Profiles: the parameters that pin a file's CID (IPIP-0499).

use super::{dagpb, layout::LeafKind};
use crate::{
    Cid,
    content::{Digest, cid_v0, dag_pb_cid, raw_cid},
};
use sha2::{Digest as _, Sha256};

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

impl Profile {
    /// Every profile, the one we write first.
    pub const ALL: [Self; 3] = [Self::V1_2025, Self::V0_2015, Self::V1Legacy];

    /// `unixfs-v0-2015`, `unixfs-v1-2025`, `unixfs-v1-legacy`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V0_2015 => "unixfs-v0-2015",
            Self::V1_2025 => "unixfs-v1-2025",
            Self::V1Legacy => "unixfs-v1-legacy",
        }
    }

    /// The profile of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }

    /// Bytes of data in a leaf.
    #[must_use]
    pub fn chunk_size(self) -> usize {
        match self {
            Self::V1_2025 => 1024 * 1024,
            Self::V0_2015 | Self::V1Legacy => 256 * 1024,
        }
    }

    /// Links in a node.
    #[must_use]
    pub fn max_links(self) -> usize {
        match self {
            Self::V1_2025 => 1024,
            Self::V0_2015 | Self::V1Legacy => 174,
        }
    }

    /// How leaves are made from file bytes.
    #[must_use]
    pub fn leaf_kind(self) -> LeafKind {
        match self {
            Self::V0_2015 => LeafKind::WrappedFile,
            Self::V1_2025 | Self::V1Legacy => LeafKind::Raw,
        }
    }

    /// Hashes one chunk (at most [`Profile::chunk_size`] bytes) into its leaf. The hot loop: callers may run it
    /// for several chunks at once on several cores.
    #[must_use]
    pub fn leaf(self, chunk: &[u8]) -> Leaf {
        let kind = self.leaf_kind();
        let digest = kind.digest(chunk);
        let cid = match kind {
            LeafKind::Raw => raw_cid(digest),
            LeafKind::WrappedFile | LeafKind::WrappedRaw => self.node_cid(digest),
        };
        Leaf { cid, data_len: chunk.len() as u64, block_len: kind.block_len(chunk.len()) }
    }

    /// The whole leaf block of a chunk (raw: the chunk itself; dag-pb: wrapped in UnixFS `File`).
    #[must_use]
    pub fn leaf_block(self, chunk: &[u8]) -> Vec<u8> {
        self.leaf_kind().block(chunk)
    }

    /// The profiles whose root for some file could be `cid`, the likeliest first. The version of the CID says
    /// nothing, because a dag-pb CID can be written in either; its codec does.
    #[must_use]
    pub fn candidates(cid: &Cid) -> &'static [Self] {
        match cid.codec() {
            // A raw root is a file of one chunk, which is the same block in both raw profiles up to 256 KiB.
            crate::content::RAW => &[Self::V1_2025],
            crate::content::DAG_PB if cid.version() == ::cid::Version::V0 => {
                &[Self::V0_2015, Self::V1_2025, Self::V1Legacy]
            }
            crate::content::DAG_PB => &[Self::V1_2025, Self::V1Legacy, Self::V0_2015],
            _ => &[],
        }
    }

    /// The CID of an interior node.
    pub(super) fn node_cid(self, digest: Digest) -> Cid {
        match self {
            Self::V0_2015 => cid_v0(digest),
            Self::V1_2025 | Self::V1Legacy => dag_pb_cid(digest),
        }
    }
}

impl LeafKind {
    /// The block around `data`.
    #[must_use]
    pub fn block(self, data: &[u8]) -> Vec<u8> {
        match self.unixfs_type() {
            None => data.to_vec(),
            Some(t) => {
                let (head, tail) = dagpb::leaf_wrapping(t, data.len());
                [&head, data, &tail].concat()
            }
        }
    }

    /// SHA-256 of the block around `data`, without copying it.
    #[must_use]
    pub fn digest(self, data: &[u8]) -> Digest {
        match self.unixfs_type() {
            None => Sha256::digest(data).into(),
            Some(t) => {
                let (head, tail) = dagpb::leaf_wrapping(t, data.len());
                Sha256::new().chain_update(head).chain_update(data).chain_update(tail).finalize().into()
            }
        }
    }

    /// Bytes of the block around `data_len` bytes.
    #[must_use]
    pub fn block_len(self, data_len: usize) -> u64 {
        let wrapping = self.unixfs_type().map_or(0, |t| {
            let (head, tail) = dagpb::leaf_wrapping(t, data_len);
            head.len() + tail.len()
        });
        (data_len + wrapping) as u64
    }

    /// The UnixFS `Type` of the wrapping, if there is one.
    fn unixfs_type(self) -> Option<u64> {
        match self {
            Self::Raw => None,
            Self::WrappedFile => Some(dagpb::TYPE_FILE),
            Self::WrappedRaw => Some(dagpb::TYPE_RAW),
        }
    }
}
