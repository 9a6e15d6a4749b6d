//! Payloads of extended messages: the handshake (BEP 10), metadata (BEP 9), peer exchange (BEP 11).

use bytes::Bytes;
use std::net::SocketAddr;

/// The id under which we want `ut_metadata` sent to us.
pub const UT_METADATA: u8 = 1;
/// The id under which we want `ut_pex` sent to us.
pub const UT_PEX: u8 = 2;
/// Bytes in a part of the metadata (BEP 9).
pub const METADATA_PART: usize = 16 * 1024;
/// Longest metadata that is taken: 262,144 pieces have 5 MiB of hashes.
pub const MAX_METADATA_BYTES: u32 = 6 * 1024 * 1024;
/// Most addresses that are read from one peer exchange message.
pub const MAX_PEX_ADDRESSES: usize = 200;

/// The extended handshake, as far as we use it; unknown members are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtendedHandshake {
    /// The id the sender wants for `ut_metadata`; `None` when it does not take it.
    pub ut_metadata: Option<u8>,
    /// The id the sender wants for `ut_pex`.
    pub ut_pex: Option<u8>,
    /// Bytes of the info dictionary, as the sender says.
    pub metadata_size: Option<u32>,
    /// Requests that the sender keeps waiting without dropping any (`reqq`).
    pub reqq: Option<u32>,
    /// The sender's program (`v`), at most 64 bytes of it.
    pub client: Option<String>,
    /// The sender's TCP port (`p`).
    pub port: Option<u16>,
    /// The receiver's address as the sender sees it (`yourip`).
    pub your_ip: Option<std::net::IpAddr>,
    /// It only uploads (BEP 21).
    pub upload_only: bool,
}

/// A `ut_metadata` message (BEP 9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetadataMessage {
    /// Asks for a part.
    Request {
        /// Which.
        part: u32,
    },
    /// A part.
    Data {
        /// Which.
        part: u32,
        /// Bytes of the whole info dictionary, as the sender says.
        total: u32,
        /// The part.
        data: Bytes,
    },
    /// The sender does not give this part.
    Reject {
        /// Which.
        part: u32,
    },
}

/// A `ut_pex` message (BEP 11): peers that the sender has met or lost since its last one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PexMessage {
    /// Met.
    pub added: Vec<SocketAddr>,
    /// Lost.
    pub dropped: Vec<SocketAddr>,
}

impl ExtendedHandshake {
    /// The bencoded payload.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        todo!()
    }
    /// Reads one; `None` when it is no dictionary.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let _ = payload;
        todo!()
    }
}

impl MetadataMessage {
    /// The bencoded payload, with the data after it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        todo!()
    }
    /// Reads one; `Ok(None)` for a kind that we don't know (BEP 9 says to ignore it), `Err` when it is broken.
    ///
    /// # Errors
    /// `()` for bytes that are no such message.
    #[allow(clippy::result_unit_err)]
    pub fn parse(payload: &Bytes) -> Result<Option<Self>, ()> {
        let _ = payload;
        todo!()
    }
}

impl PexMessage {
    /// The bencoded payload: `added`, `added.f`, `added6`, `added6.f`, `dropped`, `dropped6`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        todo!()
    }
    /// Reads one, at most [`MAX_PEX_ADDRESSES`] addresses of each list; `None` when it is broken.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let _ = payload;
        todo!()
    }
}
