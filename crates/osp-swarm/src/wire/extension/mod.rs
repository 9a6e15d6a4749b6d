//! Payloads of extended messages: the handshake (BEP 10), metadata (BEP 9), peer exchange (BEP 11).
//!
//! All are bencoded dictionaries. Members that we don't know are passed over, and so are members of another type
//! than they should have. Keys may be in any order: some peers don't sort them.

mod handshake;
mod metadata;
mod pex;

pub use handshake::{ExtendedHandshake, MAX_CLIENT_BYTES, UT_METADATA, UT_PEX};
pub use metadata::{MAX_METADATA_BYTES, METADATA_PART, MetadataMessage};
pub use pex::{MAX_PEX_ADDRESSES, PexMessage};

/// The id of the extended handshake itself (BEP 10).
pub const EXTENDED_HANDSHAKE: u8 = 0;
