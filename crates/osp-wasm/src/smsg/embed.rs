//! Sealed files inside pages and answers.

use super::{bytes, error::Failure};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

/// Largest page or answer, bytes.
const MAX_PAGE: u64 = 64 << 20;

/// The binary file inside HTML with a `data-smsg` attribute, a JSON wrapper, plain base64 or binary.
///
/// # Errors
/// `nothing_embedded`, `bad_base64`, `double_base64`, `over_limit`.
#[wasm_bindgen(js_name = extractEmbedded)]
pub fn extract_embedded(page: &Uint8Array) -> Result<Uint8Array, Failure> {
    bytes::give(&smsg::embed::extract(&bytes::take(page, MAX_PAGE, "the page")?)?)
}
