//! Our JSON-LD context document (spec/context/v0.1.jsonld), carried in the binary because readers never fetch one.

use crate::content;

/// The document's bytes. They are immutable: another byte is another URI, so a change is a new version's file.
pub const DOCUMENT: &[u8] = include_bytes!("../../../spec/context/v0.1.jsonld");

/// The `ipfs://` URI that records carry in `@context`: the document's unixfs-v1-2025 CID. A file below 1 MiB is
/// one raw block in that profile, so the CID is that of the bytes.
#[must_use]
pub fn uri() -> String {
    format!("ipfs://{}", content::raw_cid(content::sha256(DOCUMENT)))
}
