//! From JSON to a header that is understood, or a refusal.

use super::{Checksum, ChunkTable, Compression, Format, Header, KEY_METHOD, WrappedKey};
use crate::{
    error::{ContainerError, Member},
    keys::Cadence,
    limits,
    manifest::Manifest,
    payload::json::{
        object::{List, json_object},
        strict,
    },
};

/// The members as they stand in the file.
struct Wire {
    version: Option<String>,
    algorithm: Option<String>,
    format: Option<String>,
    compression: Option<String>,
    hint: Option<String>,
    manifest: Option<Manifest>,
    key_method: Option<String>,
    cadence: Option<String>,
    wrapped_keys: Vec<WrappedKey>,
    chunked: Option<WireChunked>,
    checksum: Option<String>,
    checksum_algo: Option<String>,
}

struct WireChunked {
    chunk_size: i64,
    total_chunks: i64,
    total_size: i64,
    index: Vec<WireChunk>,
}

struct WireChunk {
    offset: i64,
    size: i64,
}

json_object!(Wire {
    "version" => version,
    "algorithm" => algorithm,
    "format" => format,
    "compression" => compression,
    "hint" => hint,
    "manifest" => manifest,
    "keyMethod" => key_method,
    "cadence" => cadence,
    "wrappedKeys" => wrapped_keys as List<WrappedKey, { limits::MAX_WRAPPED_KEYS }>,
    "chunked" => chunked,
    "checksum" => checksum,
    "checksum_algo" => checksum_algo,
});
json_object!(WireChunked {
    "chunkSize" => chunk_size,
    "totalChunks" => total_chunks,
    "totalSize" => total_size,
    "index" => index as List<WireChunk, { limits::MAX_CHUNKS }>,
});
json_object!(WireChunk { "offset" => offset, "size" => size });
json_object!(WrappedKey { "date" => date, "wrapped" => wrapped });

pub(super) fn parse(json: &[u8]) -> Result<Header, ContainerError> {
    let wire: Wire = strict::parse(json).map_err(ContainerError::HeaderNotJson)?;

    match wire.version.as_deref() {
        None | Some("" | super::VERSION) => {}
        Some(other) => return Err(unsupported(Member::Version, other)),
    }
    match wire.algorithm.as_deref() {
        None | Some("" | super::ALGORITHM) => {}
        Some(other) => return Err(unsupported(Member::Algorithm, other)),
    }
    let format = match wire.format.as_deref() {
        None | Some("") => Format::V1,
        Some("v2") => Format::V2,
        Some("v3") => Format::V3,
        Some(other) => return Err(unsupported(Member::Format, other)),
    };
    let compression = match wire.compression.as_deref() {
        None | Some("") => Compression::None,
        Some("gzip") => Compression::Gzip,
        Some("zstd") => Compression::Zstd,
        Some(other) => return Err(unsupported(Member::Compression, other)),
    };
    match (wire.key_method.as_deref().unwrap_or_default(), format) {
        (KEY_METHOD, _) | ("", Format::V1 | Format::V2) => {}
        (other, _) => return Err(unsupported(Member::KeyMethod, other)),
    }
    within("the number of wrapped keys", wire.wrapped_keys.len(), limits::MAX_WRAPPED_KEYS)?;
    if let Some(what) = wire.manifest.as_ref().and_then(Manifest::over_limit) {
        return Err(ContainerError::OverLimit { what, limit: limits::MAX_ENTRIES as u64 });
    }

    Ok(Header {
        format,
        compression,
        hint: wire.hint.filter(|hint| !hint.is_empty()),
        manifest: wire.manifest,
        cadence: wire.cadence.filter(|name| !name.is_empty()).map(|name| Cadence::from_name(&name)),
        wrapped_keys: wire.wrapped_keys,
        chunked: wire.chunked.map(chunk_table).transpose()?,
        checksum: checksum(wire.checksum, wire.checksum_algo)?,
    })
}

fn chunk_table(wire: WireChunked) -> Result<ChunkTable, ContainerError> {
    within("the number of chunks", wire.index.len(), limits::MAX_CHUNKS)?;
    let not_negative = |member: &str, number: i64| {
        u64::try_from(number)
            .map_err(|_| ContainerError::HeaderNotJson(format!("{member} is negative: {number}")))
    };
    Ok(ChunkTable {
        chunk_size: not_negative("chunkSize", wire.chunk_size)?,
        total_chunks: not_negative("totalChunks", wire.total_chunks)?,
        total_size: not_negative("totalSize", wire.total_size)?,
        index: wire.index.into_iter().map(|chunk| (chunk.offset, chunk.size)).collect(),
    })
}

fn within(what: &'static str, len: usize, limit: usize) -> Result<(), ContainerError> {
    if len > limit { Err(ContainerError::OverLimit { what, limit: limit as u64 }) } else { Ok(()) }
}

/// A name of an algorithm without a checksum says nothing and is ignored, as by the original.
fn checksum(digest: Option<String>, algorithm: Option<String>) -> Result<Option<Checksum>, ContainerError> {
    match (digest, algorithm) {
        (None, _) => Ok(None),
        (Some(digest), Some(algorithm)) => Ok(Some(Checksum { algorithm, digest })),
        (Some(_), None) => {
            Err(ContainerError::Checksum("the header does not say how it is computed".to_owned()))
        }
    }
}

/// What the file says is shown, but not at any length.
fn unsupported(member: Member, value: &str) -> ContainerError {
    const SHOWN: usize = 64;
    ContainerError::Unsupported { member, value: value.chars().take(SHOWN).collect() }
}
