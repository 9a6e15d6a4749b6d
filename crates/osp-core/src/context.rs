//! Our JSON-LD context documents (spec/context), carried in the binary because readers never fetch one.

use crate::{Cid, content};

/// The document of tracks and retractions. Its bytes are immutable: another byte is another URI, so a change is a new
/// version's file.
pub const DOCUMENT: &[u8] = include_bytes!("../../../spec/context/v0.1.jsonld");

/// The document of profiles and follows, as immutable.
pub const SOCIAL_DOCUMENT: &[u8] = include_bytes!("../../../spec/context/social-v0.1.jsonld");

/// The `ipfs://` URI that Track Records carry in `@context`: the document's unixfs-v1-2025 CID.
#[must_use]
pub fn uri() -> String {
    format!("ipfs://{}", cid_of(DOCUMENT))
}

/// The `ipfs://` URI that profiles and follows carry in `@context`.
#[must_use]
pub fn social_uri() -> String {
    format!("ipfs://{}", cid_of(SOCIAL_DOCUMENT))
}

/// The document whose CID this is, in whatever form it is written.
#[must_use]
pub fn document(cid: &Cid) -> Option<&'static [u8]> {
    [DOCUMENT, SOCIAL_DOCUMENT].into_iter().find(|document| content::same_block(&cid_of(document), cid))
}

/// A file below 1 MiB is one raw block in that profile, so the CID is that of the bytes.
fn cid_of(document: &[u8]) -> Cid {
    content::raw_cid(content::sha256(document))
}
