//! Version 3.0 (`spec/SMSG.md` section 19): one file, any number of keys to all or parts of it.
//!
//! The module fetches nothing: what [`ReleaseFront`], [`KeyLookup`] and [`OpenRelease`] need next, they say as a range of the
//! file; the page brings exactly these bytes.
//!
//! ```text
//! ReleaseFront -- finish --> Release --+-- preview ------------------+--> OpenRelease -- open(chunks) --> plaintext
//!                                      +-- lookUp(key) -> KeyLookup -+      the same from TableBeside -- finish --> Release
//!                                      +-- openLicence(bytes, key) --+
//!                                      +-- openSlot(slot, bytes) ----+   the bytes come from a module of their own
//! ```

mod artists;
mod describe;
mod front;
mod lookup;
mod session;
mod table;

pub use artists::{artist_document, trust_artist};
pub use front::{Release, ReleaseFront, licence_of_link};
pub use lookup::KeyLookup;
pub use session::OpenRelease;
pub use table::TableBeside;

use super::{
    bytes::{self, number},
    error::Failure,
};
use js_sys::Uint8Array;
use smsg::v3::open::Asks;
use wasm_bindgen::JsValue;

/// Bytes at the beginning that are worth a request of their own, and most that is ever asked for before the chunks:
/// the directory of the largest table has 512 KiB.
const MAX_ASKED: u64 = 1 << 20;

/// Start and end, exclusive, as JavaScript gets them.
fn range(asks: &dyn Asks) -> Option<Vec<f64>> {
    asks.needs().map(|range| vec![number(range.start), number(range.end)])
}

/// Exactly what was asked for, if anything was.
fn asked(wanted: Option<std::ops::Range<u64>>, given: &Uint8Array) -> Result<Vec<u8>, Failure> {
    let given = bytes::take(given, MAX_ASKED, "what was asked for")?;
    match wanted.map(|range| range.end - range.start) {
        Some(wanted) if wanted == given.len() as u64 => Ok(given),
        Some(_) => Err(smsg::v3::Refused::Truncated("what was fetched").into()),
        None => Err(Failure::new("bad_argument", "nothing was asked for")),
    }
}

/// Hands exactly what was asked for to who asked.
fn take(asks: &mut dyn Asks, given: &Uint8Array) -> Result<(), Failure> {
    let given = asked(asks.needs(), given)?;
    Ok(asks.take(&given)?)
}

fn key(text: &JsValue) -> Result<smsg::v3::key_text::LicenceKey, Failure> {
    Ok(smsg::v3::key_text::LicenceKey::parse(&bytes::text(text, "the key")?)?)
}
