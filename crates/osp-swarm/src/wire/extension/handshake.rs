//! The extended handshake (BEP 10): which extensions a peer takes, and under which numbers.

use osp_core::bencode::{self, Dict, KeyOrder};
use std::net::IpAddr;

/// The id under which we want `ut_metadata` sent to us.
pub const UT_METADATA: u8 = 1;
/// The id under which we want `ut_pex` sent to us.
pub const UT_PEX: u8 = 2;
/// Most bytes of a peer's name for its program that are read.
pub const MAX_CLIENT_BYTES: usize = 64;

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
    /// The sender's program (`v`), at most [`MAX_CLIENT_BYTES`] of it.
    pub client: Option<String>,
    /// The sender's TCP port (`p`).
    pub port: Option<u16>,
    /// The receiver's address as the sender sees it (`yourip`).
    pub your_ip: Option<IpAddr>,
    /// It only uploads (BEP 21).
    pub upload_only: bool,
}

impl ExtendedHandshake {
    /// The bencoded payload.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        bencode::dict(|out| {
            out.dict(b"m", |ids| {
                for (name, id) in [(b"ut_metadata".as_slice(), self.ut_metadata), (b"ut_pex", self.ut_pex)] {
                    if let Some(id) = id {
                        ids.integer(name, id.into());
                    }
                }
            });
            if let Some(size) = self.metadata_size {
                out.integer(b"metadata_size", size.into());
            }
            if let Some(port) = self.port {
                out.integer(b"p", port.into());
            }
            if let Some(requests) = self.reqq {
                out.integer(b"reqq", requests.into());
            }
            if self.upload_only {
                out.integer(b"upload_only", 1);
            }
            if let Some(client) = &self.client {
                out.bytes(b"v", client.as_bytes());
            }
            match self.your_ip {
                Some(IpAddr::V4(ip)) => drop(out.bytes(b"yourip", &ip.octets())),
                Some(IpAddr::V6(ip)) => drop(out.bytes(b"yourip", &ip.octets())),
                None => {}
            }
        })
    }

    /// Reads one; `None` when it is no dictionary. Numbers of 0 mean "not at all", as BEP 10 says of ids, and are
    /// read as `None`.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        // Some peers send bytes after the dictionary.
        let (value, _) = bencode::read_first(payload, KeyOrder::Any).ok()?;
        let dict = value.dict()?;
        let ids = dict.dict(b"m");
        Some(Self {
            ut_metadata: ids.and_then(|ids| positive(ids, b"ut_metadata")),
            ut_pex: ids.and_then(|ids| positive(ids, b"ut_pex")),
            metadata_size: positive(dict, b"metadata_size"),
            reqq: positive(dict, b"reqq"),
            client: dict.bytes(b"v").map(client),
            port: positive(dict, b"p"),
            your_ip: dict.bytes(b"yourip").and_then(ip),
            upload_only: dict.integer(b"upload_only").is_some_and(|flag| flag != 0),
        })
    }
}

/// A number above 0 that fits.
fn positive<T: TryFrom<i64>>(dict: Dict<'_>, key: &[u8]) -> Option<T> {
    dict.integer(key).filter(|number| *number > 0).and_then(|number| T::try_from(number).ok())
}

/// The name of a program, for people: valid text without control characters.
fn client(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_CLIENT_BYTES)])
        .chars()
        .filter(|char| !char.is_control() && *char != char::REPLACEMENT_CHARACTER)
        .collect()
}

/// Four bytes or sixteen.
fn ip(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => Some(IpAddr::from(*bytes.first_chunk::<4>()?)),
        16 => Some(IpAddr::from(*bytes.first_chunk::<16>()?).to_canonical()),
        _ => None,
    }
}
