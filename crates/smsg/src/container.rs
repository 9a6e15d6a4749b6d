//! The container: magic, version, header length, header.
//!
//! ```text
//!     0  "SMSG"
//!     4  u8      2
//!     5  u32 BE  N
//!     9  header  N bytes of JSON
//!   9+N  payload
//! ```

use crate::{
    error::{ContainerError, OpenError},
    header::{Format, Header},
    limits, text,
};
use std::io::{self, Read};

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
        let Some((fixed, rest)) = bytes.split_first_chunk::<FIXED_LEN>() else {
            check_start(bytes)?;
            return Ok(Parsed::NeedMore(FIXED_LEN as u64));
        };
        let header_len = check_fixed(fixed)?;
        match rest.get(..header_len) {
            Some(json) => Self::from_header(json.to_vec()).map(|prefix| Parsed::Whole(Box::new(prefix))),
            None => Ok(Parsed::NeedMore((FIXED_LEN + header_len) as u64)),
        }
    }

    /// As [`Self::parse`], for a whole file: what is missing is an error.
    ///
    /// # Errors
    /// [`ContainerError`].
    pub fn parse_whole(bytes: &[u8]) -> Result<Self, ContainerError> {
        match Self::parse(bytes)? {
            Parsed::Whole(prefix) => Ok(*prefix),
            Parsed::NeedMore(_) => Err(ContainerError::Truncated { have: bytes.len() as u64 }),
        }
    }

    /// Reads exactly the prefix from a reader that stands at the start of the binary file. Allocates as bytes arrive, not as
    /// the length claims.
    ///
    /// # Errors
    /// [`crate::OpenError::Container`], [`crate::OpenError::Read`].
    pub fn read(reader: &mut dyn Read) -> Result<Self, OpenError> {
        let mut bytes = Vec::new();
        let mut take = |wanted: usize, bytes: &mut Vec<u8>| {
            reader.take(wanted as u64).read_to_end(bytes).map_err(text::read_error)
        };
        take(FIXED_LEN, &mut bytes)?;
        let Some(fixed) = bytes.first_chunk::<FIXED_LEN>() else {
            check_start(&bytes)?;
            return Err(ContainerError::Truncated { have: bytes.len() as u64 }.into());
        };
        let header_len = check_fixed(fixed)?;
        let mut json = Vec::new();
        if take(header_len, &mut json)? < header_len {
            return Err(ContainerError::Truncated { have: (FIXED_LEN + json.len()) as u64 }.into());
        }
        Ok(Self::from_header(json)?)
    }

    /// The copy of the header that a v3 file in two boxes has at the start of its payload, for [`crate::header::warnings`]. The
    /// reader stands at the start of the payload. `None` if the file is of another form or ends inside the copy's length; a copy
    /// that is cut short is given as far as it is there. Never more than [`limits::MAX_HEADER`] bytes.
    ///
    /// # Errors
    /// The reader's.
    pub fn inner_header(&self, payload: &mut dyn Read) -> io::Result<Option<Vec<u8>>> {
        if self.header.format != Format::V3 || self.header.chunked.is_some() {
            return Ok(None);
        }
        let mut len = Vec::new();
        payload.take(4).read_to_end(&mut len)?;
        let Ok(len) = len.try_into().map(u32::from_be_bytes) else { return Ok(None) };
        let mut inner = Vec::new();
        payload.take(limits::MAX_HEADER.min(len.into())).read_to_end(&mut inner)?;
        Ok(Some(inner))
    }

    fn from_header(header_json: Vec<u8>) -> Result<Self, ContainerError> {
        let header = Header::parse(&header_json)?;
        let payload_offset = (FIXED_LEN + header_json.len()) as u64;
        Ok(Self { header, header_json, payload_offset })
    }
}

/// Judges magic and version as far as they are there.
fn check_start(bytes: &[u8]) -> Result<(), ContainerError> {
    if bytes.iter().zip(MAGIC).any(|(have, magic)| *have != magic) {
        return Err(ContainerError::BadMagic);
    }
    match bytes.get(MAGIC.len()) {
        Some(&version) if version != CONTAINER_VERSION => Err(ContainerError::UnsupportedContainer(version)),
        _ => Ok(()),
    }
}

/// Judges the bytes before the header and gives its length.
fn check_fixed(fixed: &[u8; FIXED_LEN]) -> Result<usize, ContainerError> {
    check_start(fixed)?;
    let [.., a, b, c, d] = *fixed;
    let len = u32::from_be_bytes([a, b, c, d]);
    if u64::from(len) > limits::MAX_HEADER {
        return Err(ContainerError::HeaderTooLarge(len.into()));
    }
    Ok(len as usize)
}

/// The bytes before the payload, for a header.
///
/// # Errors
/// [`ContainerError::HeaderTooLarge`].
pub fn write(header: &Header) -> Result<Vec<u8>, ContainerError> {
    write_json(&header.to_json())
}

/// As [`write()`], for a header's JSON (v3 repeats it in the payload, so its writer has it already).
///
/// # Errors
/// [`ContainerError::HeaderTooLarge`].
pub fn write_json(header_json: &[u8]) -> Result<Vec<u8>, ContainerError> {
    let too_large = ContainerError::HeaderTooLarge(header_json.len() as u64);
    if header_json.len() as u64 > limits::MAX_HEADER {
        return Err(too_large);
    }
    let len = u32::try_from(header_json.len()).map_err(|_| too_large)?;
    let mut bytes = Vec::with_capacity(FIXED_LEN + header_json.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.push(CONTAINER_VERSION);
    bytes.extend_from_slice(&len.to_be_bytes());
    bytes.extend_from_slice(header_json);
    Ok(bytes)
}
