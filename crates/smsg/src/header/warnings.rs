//! What the formats do not protect, said of a particular file.

use super::Header;

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
        todo!()
    }
}

impl std::fmt::Display for Warning {
    /// One sentence a listener understands.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!("{:?}", f.alternate())
    }
}

/// What there is to say about a header; `payload_len` when the file's length is known; `inner` the header copy of a v3
/// payload, when it was read.
#[must_use]
pub fn warnings(header: &Header, payload_len: Option<u64>, inner: Option<&[u8]>) -> Vec<Warning> {
    todo!("{header:?} {payload_len:?} {inner:?}")
}
