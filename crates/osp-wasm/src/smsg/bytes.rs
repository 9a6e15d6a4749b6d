//! Bytes and text across the border, measured before memory is asked for.
//!
//! wasm-bindgen's own conversions allocate what JavaScript claims, and abort when they cannot: one hostile length would end
//! the module.

use super::error::Failure;
use js_sys::{JsString, Uint8Array};
use wasm_bindgen::prelude::*;

/// Longest text this face takes, UTF-16 units: as long as the longest header, which is JSON too.
const MAX_TEXT: u32 = 16 << 20;

#[wasm_bindgen]
extern "C" {
    /// `Uint8Array`, made so that "no memory" is an error and not an exception that leaves Rust's frames standing.
    #[wasm_bindgen(js_name = Uint8Array, extends = Uint8Array)]
    type OwnBytes;
    #[wasm_bindgen(constructor, catch, js_class = "Uint8Array")]
    fn with_length(length: u32) -> Result<OwnBytes, JsValue>;
}

/// `len` zero bytes, if there is memory.
pub(super) fn zeroed(len: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(len)
        .map_err(|_| Failure::new("over_limit", format_args!("there is no memory for {len} bytes")))?;
    bytes.resize(len, 0);
    Ok(bytes)
}

/// That JavaScript's bytes are at most `limit`.
pub(super) fn at_most(bytes: &Uint8Array, limit: u64, what: &str) -> Result<(), Failure> {
    if u64::from(bytes.length()) > limit { Err(Failure::over_limit(what, limit)) } else { Ok(()) }
}

/// A copy of JavaScript's bytes, at most `limit` of them.
pub(super) fn take(bytes: &Uint8Array, limit: u64, what: &str) -> Result<Vec<u8>, Failure> {
    at_most(bytes, limit, what)?;
    let mut copy = zeroed(bytes.length() as usize)?;
    // A detached array says 0; a length that changed in between cannot be: nothing of JavaScript ran.
    bytes.copy_to(&mut copy);
    Ok(copy)
}

/// A `Uint8Array` of its own with these bytes.
pub(super) fn give(bytes: &[u8]) -> Result<Uint8Array, Failure> {
    let len = u32::try_from(bytes.len()).map_err(|_| Failure::over_limit("the result", u32::MAX.into()))?;
    let array = room(len)?;
    array.copy_from(bytes);
    Ok(array)
}

/// A `Uint8Array` of its own of `len` zeros.
pub(super) fn room(len: u32) -> Result<Uint8Array, Failure> {
    let array = OwnBytes::with_length(len);
    array
        .map(JsCast::unchecked_into)
        .map_err(|_| Failure::new("over_limit", format_args!("there is no memory for {len} bytes")))
}

/// JavaScript's text; anything else is an error.
pub(super) fn text(value: &JsValue, what: &str) -> Result<String, Failure> {
    let string = value
        .dyn_ref::<JsString>()
        .ok_or_else(|| Failure::new("bad_argument", format_args!("{what} must be a string")))?;
    if string.length() > MAX_TEXT {
        return Err(Failure::over_limit(what, MAX_TEXT.into()));
    }
    Ok(String::from(string))
}

/// As [`text`]; `undefined` and `null` are none.
pub(super) fn optional_text(value: &JsValue, what: &str) -> Result<Option<String>, Failure> {
    if value.is_undefined() || value.is_null() { Ok(None) } else { text(value, what).map(Some) }
}

/// A count of bytes from JavaScript's number: whole, not negative, exact. `NaN` is 0.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, which is what is meant"
)]
pub(super) fn count(number: f64) -> u64 {
    number as u64
}

/// A count of bytes as JavaScript's number; exact up to 2^53.
#[allow(clippy::cast_precision_loss, reason = "no file has 2^53 bytes")]
pub(super) fn number(count: u64) -> f64 {
    count as f64
}

/// A value of our own types as JSON; they have no member that JSON cannot say.
pub(super) fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// JSON that was just made from our own types, as text.
#[cfg(feature = "sealed")]
pub(super) fn json_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}
