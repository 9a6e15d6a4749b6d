//! From a header to the JSON that the original would write.
//!
//! The original's header is a map, so its members are sorted; what is in them are structs, whose members keep the order of
//! their declaration.

use super::{ALGORITHM, Compression, Format, Header, KEY_METHOD, VERSION, WrappedKey};
use crate::{Manifest, payload::json};
use serde::Serialize;

#[derive(Serialize)]
struct Wire<'h> {
    algorithm: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cadence: Option<&'h str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<&'h str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_algo: Option<&'h str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chunked: Option<WireChunked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compression: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'h str>,
    #[serde(rename = "keyMethod", skip_serializing_if = "Option::is_none")]
    key_method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<&'h Manifest>,
    version: &'static str,
    #[serde(rename = "wrappedKeys", skip_serializing_if = "<[WrappedKey]>::is_empty")]
    wrapped_keys: &'h [WrappedKey],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireChunked {
    chunk_size: u64,
    total_chunks: u64,
    total_size: u64,
    index: Vec<WireChunk>,
}

#[derive(Serialize)]
struct WireChunk {
    offset: i64,
    size: i64,
}

pub(super) fn write(header: &Header) -> Vec<u8> {
    let v3 = header.format == Format::V3;
    let compression = match header.compression {
        Compression::Zstd => Some("zstd"),
        Compression::Gzip => Some("gzip"),
        // The original's v3 writers always have the member.
        Compression::None => v3.then_some(""),
    };
    json::to_vec(&Wire {
        algorithm: ALGORITHM,
        cadence: header.cadence.as_ref().map(|cadence| cadence.name()),
        checksum: header.checksum.as_ref().map(|checksum| checksum.digest.as_str()),
        checksum_algo: header.checksum.as_ref().map(|checksum| checksum.algorithm.as_str()),
        chunked: header.chunked.as_ref().map(|table| WireChunked {
            chunk_size: table.chunk_size,
            total_chunks: table.total_chunks,
            total_size: table.total_size,
            index: table.index.iter().map(|&(offset, size)| WireChunk { offset, size }).collect(),
        }),
        compression,
        format: match header.format {
            Format::V1 => None,
            Format::V2 => Some("v2"),
            Format::V3 => Some("v3"),
        },
        hint: header.hint.as_deref().filter(|hint| !hint.is_empty()),
        key_method: v3.then_some(KEY_METHOD),
        manifest: header.manifest.as_ref(),
        version: VERSION,
        wrapped_keys: &header.wrapped_keys,
    })
}
