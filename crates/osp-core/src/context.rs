//! Our JSON-LD context document (spec/context/v0.1.jsonld), carried in the binary because readers never fetch one.

/// The document's bytes.
pub const DOCUMENT: &[u8] = include_bytes!("../../../spec/context/v0.1.jsonld");

/// The `ipfs://` URI that records carry in `@context`.
#[must_use]
pub fn uri() -> String {
    todo!()
}
