//! Verifying a block that came from a stranger.

use super::{
    dagpb::{self, TYPE_FILE, TYPE_RAW, UnixFs},
    layout::LeafKind,
};
use crate::{
    Cid,
    content::{DAG_PB, RAW, digest_of, sha256},
};

/// Largest block that is read: 2 MiB, the most that IPFS peers exchange, and room for a leaf's wrapping.
pub const MAX_BLOCK_BYTES: usize = 2 * 1024 * 1024 + 1024;

/// Deepest DAG a walker follows. With 174 links a node, depth 9 already passes 2^64 bytes; whoever nests deeper
/// only wants to keep us busy.
pub const MAX_DEPTH: usize = 32;

/// Most links of a node: what fits [`MAX_BLOCK_BYTES`] at some 46 bytes each.
const MAX_LINKS: usize = 1 << 16;

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
        /// Children, in order, with the bytes of file below each. There is at least one and none is empty, so a
        /// walk is bounded by the file's size. The sizes are a claim: a walker compares them with what it finds.
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
/// [`UnixFsError`]. Only [`UnixFsError::WrongHash`] says that who sent the block lied; the others say that the CID
/// names something that is no file, or none that can be verified.
pub fn verify_block(cid: &Cid, block: &[u8]) -> Result<Node, UnixFsError> {
    let (Some(digest), RAW | DAG_PB) = (digest_of(cid), cid.codec()) else {
        return Err(UnixFsError::Unsupported(*cid));
    };
    if block.len() > MAX_BLOCK_BYTES {
        return Err(UnixFsError::NotAFile { cid: *cid, reason: "it is over 2 MiB" });
    }
    if sha256(block) != digest {
        return Err(UnixFsError::WrongHash(*cid));
    }
    if cid.codec() == RAW {
        return Ok(Node::Leaf { kind: LeafKind::Raw, data: 0..block.len() });
    }
    decode(block).map_err(|reason| UnixFsError::NotAFile { cid: *cid, reason })
}

/// Decodes a dag-pb block of a file.
fn decode(block: &[u8]) -> Result<Node, &'static str> {
    let node = dagpb::decode_node(block, MAX_LINKS)?;
    let message = node.data.ok_or("it has no UnixFS message")?;
    let message = dagpb::decode_unixfs(block, message, MAX_LINKS)?;
    let kind = match message.kind {
        Some(TYPE_FILE) => LeafKind::WrappedFile,
        Some(TYPE_RAW) => LeafKind::WrappedRaw,
        Some(1 | 5) => return Err("it is a directory; name the file inside it"),
        Some(4) => return Err("it is a symbolic link"),
        _ => return Err("its UnixFS type is not a file's"),
    };
    if node.links.is_empty() { leaf(block, kind, message) } else { interior(node.links, &message) }
}

fn leaf(block: &[u8], kind: LeafKind, message: UnixFs) -> Result<Node, &'static str> {
    if !message.block_sizes.is_empty() {
        return Err("it has block sizes but no links");
    }
    let data = message.data.unwrap_or(0..0);
    if message.file_size.is_some_and(|size| size != data.len() as u64) {
        return Err("its size is not that of its data");
    }
    // A layout keeps the kind of a leaf, not its bytes: what cannot be rebuilt from the data could not be served.
    if kind.block(&block[data.clone()]) != block {
        return Err(
            "its data is wrapped in a form that this program cannot rebuild, such as with a file mode",
        );
    }
    Ok(Node::Leaf { kind, data })
}

fn interior(links: Vec<Cid>, message: &UnixFs) -> Result<Node, &'static str> {
    if message.data.as_ref().is_some_and(|data| !data.is_empty()) {
        return Err("it has data beside its links");
    }
    if message.block_sizes.len() != links.len() {
        return Err("it has not one size for each link");
    }
    if message.block_sizes.contains(&0) {
        return Err("it links to nothing but an empty block");
    }
    let size = message.block_sizes.iter().try_fold(0_u64, |sum, size| sum.checked_add(*size));
    let size = size.ok_or("its sizes pass 64 bits")?;
    if message.file_size.is_some_and(|claimed| claimed != size) {
        return Err("its size is not the sum of its parts");
    }
    Ok(Node::File { size, children: links.into_iter().zip(message.block_sizes.iter().copied()).collect() })
}
