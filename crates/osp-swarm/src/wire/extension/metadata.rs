//! `ut_metadata` (BEP 9): the info dictionary, in parts of 16 KiB.

use bytes::Bytes;
use osp_core::bencode::{self, KeyOrder};

/// Bytes in a part of the metadata (BEP 9).
pub const METADATA_PART: usize = 16 * 1024;
/// Longest metadata that is taken: 262,144 pieces have 5 MiB of hashes.
pub const MAX_METADATA_BYTES: u32 = 6 * 1024 * 1024;

/// The values of `msg_type`.
const REQUEST: i64 = 0;
const DATA: i64 = 1;
const REJECT: i64 = 2;

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

impl MetadataMessage {
    /// The bencoded payload, with the data after it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Request { part } => head(REQUEST, *part, None),
            Self::Data { part, total, data } => {
                let mut out = head(DATA, *part, Some(*total));
                out.extend_from_slice(data);
                out
            }
            Self::Reject { part } => head(REJECT, *part, None),
        }
    }

    /// Reads one; `Ok(None)` for a kind that we don't know (BEP 9 says to ignore it), `Err` when it is broken: no
    /// dictionary, no part number, data of more than [`METADATA_PART`] bytes or without the total.
    ///
    /// # Errors
    /// `()` for bytes that are no such message.
    #[allow(clippy::result_unit_err)]
    pub fn parse(payload: &Bytes) -> Result<Option<Self>, ()> {
        let (value, rest) = bencode::read_first(payload, KeyOrder::Any).map_err(drop)?;
        let dict = value.dict().ok_or(())?;
        let number = |key| dict.integer(key).and_then(|number| u32::try_from(number).ok()).ok_or(());
        let part = || number(b"piece");
        match dict.integer(b"msg_type").ok_or(())? {
            REQUEST => Ok(Some(Self::Request { part: part()? })),
            DATA if rest.len() > METADATA_PART => Err(()),
            DATA => {
                let data = payload.slice(payload.len() - rest.len()..);
                Ok(Some(Self::Data { part: part()?, total: number(b"total_size")?, data }))
            }
            REJECT => Ok(Some(Self::Reject { part: part()? })),
            _ => Ok(None),
        }
    }
}

fn head(kind: i64, part: u32, total: Option<u32>) -> Vec<u8> {
    bencode::dict(|out| {
        out.integer(b"msg_type", kind).integer(b"piece", part.into());
        if let Some(total) = total {
            out.integer(b"total_size", total.into());
        }
    })
}
