//! The container: magic, version, header length, header.
//!
//! ```text
//!     0  "SMSG"
//!     4  u8      2
//!     5  u32 BE  N
//!     9  header  N bytes of JSON
//!   9+N  payload
//! ```

use crate::{error::ContainerError, header::Header};

/// The first four bytes of a sealed file.
pub const MAGIC: [u8; 4] = *b"SMSG";

/// The only container version there is.
pub const CONTAINER_VERSION: u8 = 2;

/// Bytes before the header.
pub const FIXED_LEN: usize = 9;

/// Everything before the payload.
#[derive(Clone, Debug)]
pub struct Prefix {
    /// The header, checked.
    pub header: Header,
    /// The header's bytes as they are in the file.
    pub header_json: Vec<u8>,
    /// Where the payload starts, bytes from the start of the file: 9 + header length.
    pub payload_offset: u64,
}

/// What a beginning of a file amounts to.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// The prefix is whole. Box: a header can be megabytes of index.
    Whole(Box<Prefix>),
    /// So far nothing is wrong; this many bytes from the start of the file are needed to go on.
    NeedMore(u64),
}

impl Prefix {
    /// Reads what there is of a file's beginning. Never asks for more than 9 + [`crate::limits::MAX_HEADER`] bytes.
    ///
    /// # Errors
    /// Every [`ContainerError`] but `Truncated` and `Checksum`, as soon as the bytes show it.
    pub fn parse(bytes: &[u8]) -> Result<Parsed, ContainerError> {
        todo!("{bytes:?}")
    }

    /// As [`Self::parse`], for a whole file: what is missing is an error.
    ///
    /// # Errors
    /// [`ContainerError`].
    pub fn parse_whole(bytes: &[u8]) -> Result<Self, ContainerError> {
        todo!("{bytes:?}")
    }

    /// Reads exactly the prefix from a reader that stands at the start of the binary file. Allocates as bytes arrive, not as
    /// the length claims.
    ///
    /// # Errors
    /// [`crate::OpenError::Container`], [`crate::OpenError::Read`].
    pub fn read(reader: &mut dyn std::io::Read) -> Result<Self, crate::OpenError> {
        todo!("{}", reader.read(&mut []).is_ok())
    }
}

/// The bytes before the payload, for a header.
///
/// # Errors
/// [`ContainerError::HeaderTooLarge`].
pub fn write(header: &Header) -> Result<Vec<u8>, ContainerError> {
    todo!("{header:?}")
}
