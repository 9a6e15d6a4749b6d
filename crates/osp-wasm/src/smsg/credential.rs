//! What opens a file.

use super::{bytes, error::Failure};
use js_sys::{Array, Uint8Array};
use smsg::{
    UnixTime, crypto,
    header::WrappedKey,
    keys::{Cadence, Credential, Licence, Password, wrap},
    limits::MAX_WRAPPED_KEYS,
};
use wasm_bindgen::prelude::*;

/// A key, a licence at a moment, or a content key: what [`super::open_file`] opens with.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Key(pub(super) Credential);

#[wasm_bindgen]
impl Key {
    /// v1, v2: a licence key, letter for letter.
    ///
    /// # Errors
    /// Not a string, or a longer one than there are.
    pub fn password(text: &JsValue) -> Result<Key, Failure> {
        Ok(Self(Credential::Password(Password::new(bytes::text(text, "the key")?))))
    }

    /// v3: a licence; `now` (Unix seconds) decides the period; `cadence` counts when the header names none.
    ///
    /// # Errors
    /// Not strings.
    pub fn licence(id: &JsValue, fingerprint: &JsValue, now: f64, cadence: &JsValue) -> Result<Key, Failure> {
        let cadence = bytes::optional_text(cadence, "the cadence")?.map(|name| Cadence::from_name(&name));
        Ok(Self(Credential::Licence { licence: licence(id, fingerprint)?, at: time(now), cadence }))
    }

    /// v3: the content key.
    #[must_use]
    pub fn cek(cek: &Cek) -> Key {
        Self(Credential::Cek(cek.0.clone()))
    }
}

/// The content key of a v3 file.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Cek(pub(super) crypto::Cek);

#[wasm_bindgen]
impl Cek {
    /// From its 32 bytes.
    ///
    /// # Errors
    /// Any other number of bytes.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(key: &Uint8Array) -> Result<Cek, Failure> {
        let key = bytes::take(key, 32, "the content key")?;
        let key = <[u8; 32]>::try_from(key)
            .map_err(|_| Failure::new("bad_argument", "a content key has 32 bytes"))?;
        Ok(Self(crypto::Cek(crypto::Key::from_bytes(key))))
    }

    /// Its 32 bytes.
    ///
    /// # Errors
    /// No memory.
    #[wasm_bindgen(js_name = toBytes)]
    pub fn to_bytes(&self) -> Result<Uint8Array, Failure> {
        bytes::give(self.0.0.as_bytes())
    }
}

/// The content key out of wrapped keys: `[date, wrapped, date, wrapped, ...]`.
///
/// # Errors
/// As opening a v3 file with a licence; `bad_argument` when `keys` is not of that shape, `over_limit` when it is too long.
#[wasm_bindgen(js_name = unwrapKeys)]
pub fn unwrap_keys(
    keys: &Array,
    id: &JsValue,
    fingerprint: &JsValue,
    now: f64,
    cadence: &JsValue,
) -> Result<Cek, Failure> {
    let count = keys.length() / 2;
    if count as usize > MAX_WRAPPED_KEYS {
        return Err(Failure::over_limit("the number of wrapped keys", MAX_WRAPPED_KEYS as u64));
    }
    let wrapped = |index| {
        let date = bytes::text(&keys.get(2 * index), "a date")?;
        Ok(WrappedKey { date, wrapped: bytes::text(&keys.get(2 * index + 1), "a wrapped key")? })
    };
    let keys = (0..count).map(wrapped).collect::<Result<Vec<_>, Failure>>()?;
    let cadence = bytes::optional_text(cadence, "the cadence")?;
    let cadence = cadence.map_or(Cadence::Daily, |name| Cadence::from_name(&name));
    Ok(Cek(wrap::unwrap_at(&keys, &licence(id, fingerprint)?, &cadence, time(now))?))
}

pub(super) fn licence(id: &JsValue, fingerprint: &JsValue) -> Result<Licence, Failure> {
    let fingerprint = bytes::optional_text(fingerprint, "the fingerprint")?.unwrap_or_default();
    Ok(Licence { id: bytes::text(id, "the licence id")?, fingerprint })
}

/// Unix seconds from JavaScript's number.
#[allow(clippy::cast_possible_truncation, reason = "`as` saturates, which is what is meant")]
pub(super) fn time(seconds: f64) -> UnixTime {
    UnixTime(seconds as i64)
}
