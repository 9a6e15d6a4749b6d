//! CARv1: a stream of blocks, each with its CID.
//!
//! ```text
//!  varint length | header: DAG-CBOR {"roots": [CID], "version": 1}
//!  varint length | CID | block
//!  varint length | CID | block
//!  …
//! ```
//!
//! Nothing here is believed: the reader only cuts the stream, within limits; whether a block is what its CID says
//! is for [`osp_core::unixfs::verify_block`] to find out.

mod header;
mod read;
mod write;

pub use read::{CarError, CarReader, Section};
pub use write::{header, section_head};

/// Largest header that is read, in bytes.
pub const MAX_HEADER_BYTES: usize = 4096;
/// Largest CID in a section, in bytes: version, codec, hash code, length, 64 bytes of digest.
pub const MAX_CID_BYTES: usize = 96;
