//! The header: JSON in the clear, which nothing authenticates.
//!
//! | member | meaning |
//! |---|---|
//! | `version` | "1.0" |
//! | `algorithm` | "chacha20poly1305", whatever the cipher really is ([`crate::crypto`]) |
//! | `format` | absent: v1; "v2"; "v3" |
//! | `compression` | absent or "": none; "gzip"; "zstd" |
//! | `hint` | v1: a hint for the password |
//! | `manifest` | [`crate::Manifest`] |
//! | `keyMethod`, `cadence`, `wrappedKeys` | v3: how the licence becomes the key ([`crate::keys`]) |
//! | `chunked` | v3: the chunks' places ([`crate::chunked`]) |
//! | `checksum`, `checksum_algo` | of the payload, hexadecimal; checked when there |
//!
//! Unknown members are ignored. A missing `version` or `algorithm` is accepted, because such files exist; an unknown value is
//! refused.

mod checksum;
mod parse;
mod warnings;
mod write;

pub use checksum::{Checksum, ChecksumHasher};
pub use warnings::{Warning, warnings};

use crate::{keys::Cadence, manifest::Manifest};

/// `version`, the only one there is.
pub const VERSION: &str = "1.0";

/// `algorithm`, the only one there is.
pub const ALGORITHM: &str = "chacha20poly1305";

/// `keyMethod` of v3, the only one there is. Required there; v1 and v2 have none (one that says this is read, because the
/// member means nothing to them).
pub const KEY_METHOD: &str = "lthn-rolling";

/// How the payload is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON with base64 attachments.
    V1,
    /// JSON and raw attachments in one box.
    V2,
    /// Wrapped key; JSON and attachments in two boxes, or in chunks when the header has `chunked`.
    V3,
}

/// How the plaintext is compressed before it is sealed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// RFC 1952, any number of members.
    Gzip,
    /// RFC 8878, any number of frames.
    Zstd,
}

/// The header, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// How the payload is laid out.
    pub format: Format,
    /// How the plaintext is compressed.
    pub compression: Compression,
    /// A hint for the password.
    pub hint: Option<String>,
    /// What the release says about itself in the clear.
    pub manifest: Option<Manifest>,
    /// v3: how often keys change. `None` when the header has none (then daily, or what the opener says).
    pub cadence: Option<Cadence>,
    /// v3: the content key, wrapped for each period.
    pub wrapped_keys: Vec<WrappedKey>,
    /// v3: where the chunks are.
    pub chunked: Option<ChunkTable>,
    /// Of the payload.
    pub checksum: Option<Checksum>,
}

/// The content key wrapped for one period.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct WrappedKey {
    /// The period's name, e.g. `2026-01-12` or `2026-01-12-PM`. Free text in other people's files.
    pub date: String,
    /// base64 of the 72-byte box.
    pub wrapped: String,
}

/// `chunked`: what the header says about chunks, in range but not checked against a payload
/// ([`crate::chunked::ChunkIndex`] is).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkTable {
    /// Plaintext bytes per chunk, but for the last. Informative: readers use the index. This and the next two are at most
    /// [`i64::MAX`] in every header that is read.
    pub chunk_size: u64,
    /// Informative.
    pub total_chunks: u64,
    /// Plaintext bytes in all. Informative.
    pub total_size: u64,
    /// Each box: bytes from the start of the payload, and its length with nonce and tag. As signed numbers, because bad files
    /// have negative ones.
    pub index: Vec<(i64, i64)>,
}

impl Header {
    /// A header with nothing but its format.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self {
            format,
            compression: Compression::None,
            hint: None,
            manifest: None,
            cadence: None,
            wrapped_keys: Vec::new(),
            chunked: None,
            checksum: None,
        }
    }

    /// Parses and judges the JSON.
    ///
    /// # Errors
    /// [`crate::ContainerError`]: `HeaderNotJson`, `Unsupported`, `OverLimit`, `Checksum` (an algorithm without name).
    pub fn parse(json: &[u8]) -> Result<Self, crate::ContainerError> {
        parse::parse(json)
    }

    /// The JSON as the original writes it, byte for byte.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        write::write(self)
    }
}
