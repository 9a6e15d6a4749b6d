//! What the formats do not protect, said of a particular file.

use super::{ChunkTable, Format, Header};
use crate::{crypto::sealed_box::OVERHEAD, keys::Cadence};

/// Something a listener should know before trusting a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Always: whoever had the file in hands can have changed title, artist, links and dates.
    HeaderNotAuthenticated,
    /// v3 chunked: chunks can have been swapped, repeated or left out without a trace.
    ChunkOrderNotAuthenticated,
    /// v3: the copy of the header inside the payload says something else.
    InnerHeaderDiffers,
    /// v3 chunked: `totalChunks`, `totalSize` or `chunkSize` disagree with the index.
    ChunkTotalsDisagree,
    /// The index repeats, overlaps or leaves gaps, or bytes follow the last chunk.
    ChunkPlacesOdd,
    /// v1 and v2: the key is one SHA-256 of the password, so short passwords can be guessed fast.
    FastPasswordHash,
    /// A date limits the licence, which nothing enforces.
    ExpiryIsARequest,
    /// v3 with a cadence that is not known: read as daily.
    UnknownCadence,
}

impl Warning {
    /// A short stable word for programs.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::HeaderNotAuthenticated => "header_not_authenticated",
            Self::ChunkOrderNotAuthenticated => "chunk_order_not_authenticated",
            Self::InnerHeaderDiffers => "inner_header_differs",
            Self::ChunkTotalsDisagree => "chunk_totals_disagree",
            Self::ChunkPlacesOdd => "chunk_places_odd",
            Self::FastPasswordHash => "fast_password_hash",
            Self::ExpiryIsARequest => "expiry_is_a_request",
            Self::UnknownCadence => "unknown_cadence",
        }
    }
}

impl std::fmt::Display for Warning {
    /// One sentence a listener understands.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::HeaderNotAuthenticated => {
                "Title, artist, links and dates are not protected: anyone who had this file can have changed them."
            }
            Self::ChunkOrderNotAuthenticated => {
                "The order of this file's parts is not protected: parts can have been swapped, repeated or left out."
            }
            Self::InnerHeaderDiffers => {
                "The description of this file was changed after it was sealed: its sealed part carries another."
            }
            Self::ChunkTotalsDisagree => {
                "The list of this file's parts contradicts itself: it was changed, or made by a faulty program."
            }
            Self::ChunkPlacesOdd => {
                "The parts of this file overlap, leave gaps, or are followed by bytes that belong to none: it was changed, \
                 or cut."
            }
            Self::FastPasswordHash => {
                "A short licence key of this file can be guessed quickly: only a long random one protects it."
            }
            Self::ExpiryIsARequest => {
                "The time limit of this file is a request of the artist, written in the file, not a lock."
            }
            Self::UnknownCadence => {
                "This file names a rhythm of key changes that is not known: it is read as daily."
            }
        })
    }
}

/// What there is to say about a header; `payload_len` when the file's length is known; `inner` the header copy of a v3
/// payload, when it was read.
#[must_use]
pub fn warnings(header: &Header, payload_len: Option<u64>, inner: Option<&[u8]>) -> Vec<Warning> {
    let v3 = header.format == Format::V3;
    let table = header.chunked.as_ref().filter(|_| v3);
    let inner_differs = v3 && inner.is_some_and(|json| Header::parse(json).as_ref() != Ok(header));
    // The periods of v3 are dates too: who sets the clock back opens the file.
    let dated = v3 || header.manifest.as_ref().is_some_and(|manifest| manifest.expires_at != 0);
    [
        (true, Warning::HeaderNotAuthenticated),
        (table.is_some(), Warning::ChunkOrderNotAuthenticated),
        (inner_differs, Warning::InnerHeaderDiffers),
        (table.is_some_and(|table| !totals_agree(table)), Warning::ChunkTotalsDisagree),
        (table.is_some_and(|table| !places_follow(table, payload_len)), Warning::ChunkPlacesOdd),
        (!v3, Warning::FastPasswordHash),
        (dated, Warning::ExpiryIsARequest),
        (v3 && matches!(header.cadence, Some(Cadence::Unknown(_))), Warning::UnknownCadence),
    ]
    .into_iter()
    .filter_map(|(applies, warning)| applies.then_some(warning))
    .collect()
}

/// Whether the totals are those of the index: every chunk but the last is full, none is larger.
fn totals_agree(table: &ChunkTable) -> bool {
    let plain_len = |size: i64| u64::try_from(size).ok().and_then(|size| size.checked_sub(OVERHEAD as u64));
    let Some((&(_, last), full)) = table.index.split_last() else {
        return table.total_chunks == 0 && table.total_size == 0;
    };
    let Some(last) = plain_len(last) else { return false };
    full.iter().all(|&(_, size)| plain_len(size) == Some(table.chunk_size))
        && last <= table.chunk_size
        && table.total_chunks == table.index.len() as u64
        && table.chunk_size.checked_mul(full.len() as u64).and_then(|sum| sum.checked_add(last))
            == Some(table.total_size)
}

/// Whether each chunk begins where the one before it ends, and the payload ends with the last.
fn places_follow(table: &ChunkTable, payload_len: Option<u64>) -> bool {
    let mut end = 0_i64;
    for &(offset, size) in &table.index {
        let next = offset.checked_add(size);
        match next {
            Some(next) if offset == end && size >= 0 => end = next,
            _ => return false,
        }
    }
    payload_len.is_none_or(|len| i64::try_from(len) == Ok(end))
}
