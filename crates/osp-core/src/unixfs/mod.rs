//! UnixFS: a file as a Merkle DAG of blocks whose root is its CID (IPIP-0499 profiles).
//!
//! ```text
//!  unixfs-v1-2025                    root  dag-pb, ≤ 1024 links        (a file of one chunk: the raw leaf is the root)
//!                                  /  |  \
//!                             node   node  …                           balanced: all leaves at one depth
//!                            / | \
//!                        leaf leaf …                                    raw, 1 MiB each
//! ```
//!
//! | file | subject |
//! |---|---|
//! | `profile` | the parameters that pin a CID, and the hash of one chunk |
//! | `builder` | leaves in, root and interior blocks out |
//! | `layout` | what must be kept to serve every block of a file from the file itself |
//! | `dagpb` | the bytes of interior blocks and wrapped leaves, both ways |
//! | `verify` | a block from a stranger: does it hash to its CID, and what is in it |

mod builder;
mod dagpb;
mod layout;
mod profile;
mod verify;

pub use builder::{DagBuilder, Importer, NodeBlock};
pub use layout::{Layout, LayoutBuilder, LeafKind, LeafRef};
pub use profile::{Leaf, Profile};
pub use verify::{MAX_BLOCK_BYTES, MAX_DEPTH, Node, UnixFsError, verify_block};
