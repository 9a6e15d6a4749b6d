//! Wrapped content keys.
//!
//! ```text
//! wrapped = base64( nonce 24 || content key 32, sealed || tag 16 )        72 bytes, 96 characters
//! ```

use super::{
    Cadence, Licence,
    lthn::stream_key,
    period::{Period, parse_any},
};
use crate::{
    OpenError,
    crypto::{
        Cek, Key, Nonce, StreamKey,
        sealed_box::{self, OVERHEAD},
    },
    header::WrappedKey,
    time::UnixTime,
};
use data_encoding::BASE64;
use zeroize::Zeroizing;

/// Bytes of the box around a content key.
const BOX_LEN: usize = 32 + OVERHEAD;

/// A wrapped key could not be unwrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnwrapError {
    /// Not base64.
    #[error("the wrapped key is not base64")]
    BadBase64,
    /// Not 72 bytes, or does not open.
    #[error("the wrapped key does not open")]
    NotAuthentic,
}

impl UnwrapError {
    /// A short stable word for programs, that of the vectors.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::BadBase64 => "bad_base64",
            Self::NotAuthentic => "decryption_failed",
        }
    }
}

/// base64 of the box around the content key: 96 characters.
#[must_use]
pub fn wrap(cek: &Cek, stream_key: &StreamKey, nonce: &Nonce) -> String {
    BASE64.encode(&sealed_box::seal(&stream_key.0, nonce, cek.0.as_bytes()))
}

/// The content key. CR and LF in the text are skipped, as the original does.
///
/// # Errors
/// [`UnwrapError`].
pub fn unwrap(wrapped: &str, stream_key: &StreamKey) -> Result<Cek, UnwrapError> {
    let text: Vec<u8> = wrapped.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let mut sealed = Zeroizing::new(BASE64.decode(&text).map_err(|_| UnwrapError::BadBase64)?);
    if sealed.len() != BOX_LEN {
        return Err(UnwrapError::NotAuthentic);
    }
    let plain =
        sealed_box::open_in_place(&stream_key.0, &mut sealed).map_err(|_| UnwrapError::NotAuthentic)?;
    let cek: [u8; 32] = (&*plain).try_into().map_err(|_| UnwrapError::NotAuthentic)?;
    Ok(Cek(Key::from_bytes(cek)))
}

/// Wraps for the current and the next period, as the original's writer does: so the file opens during the period before, the
/// two, and no other.
pub fn wrap_for(
    cek: &Cek,
    licence: &Licence,
    cadence: &Cadence,
    now: UnixTime,
    rng: &mut impl rand_core::CryptoRng,
) -> Vec<WrappedKey> {
    [Period::at(cadence, now), Period::next(cadence, now)]
        .into_iter()
        .map(|Period { name, .. }| WrappedKey {
            wrapped: wrap(cek, &stream_key(&name, licence), &Nonce::generate(rng)),
            date: name,
        })
        .collect()
}

/// Tries the keys dated as the current and the next period, in this order; of several with one date, the last first (the only
/// one that the original looks at).
///
/// # Errors
/// [`OpenError::LicenceRequired`] (empty id), [`OpenError::NoValidKey`] (dated for now, does not open),
/// [`OpenError::PeriodOver`], [`OpenError::PeriodNotBegun`].
pub fn unwrap_at(
    keys: &[WrappedKey],
    licence: &Licence,
    cadence: &Cadence,
    now: UnixTime,
) -> Result<Cek, OpenError> {
    if licence.id.is_empty() {
        return Err(OpenError::LicenceRequired);
    }
    let current = Period::at(cadence, now);
    let mut dated_for_now = false;
    for name in [&current.name, &Period::next(cadence, now).name] {
        let stream_key = stream_key(name, licence);
        for key in keys.iter().rev().filter(|key| key.date == *name) {
            dated_for_now = true;
            // A damaged key does not hide a good one beside it.
            if let Ok(cek) = unwrap(&key.wrapped, &stream_key) {
                return Ok(cek);
            }
        }
    }
    Err(if dated_for_now { OpenError::NoValidKey } else { none_for_now(keys, current.start) })
}

/// Why no key is dated for now. A date is a stranger's text; one that parses has nothing but digits, hyphens, `AM` and `PM`.
fn none_for_now(keys: &[WrappedKey], current: UnixTime) -> OpenError {
    let dated = || keys.iter().filter_map(|key| Some((parse_any(&key.date)?, &key.date)));
    match dated().max() {
        Some((start, last)) if start < current => OpenError::PeriodOver { last: last.clone() },
        _ => {
            let first = dated().filter(|(start, _)| *start > current).min();
            OpenError::PeriodNotBegun {
                first: first.map_or_else(|| "never".to_owned(), |(_, name)| name.clone()),
            }
        }
    }
}
