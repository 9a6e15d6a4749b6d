//! Wrapped content keys.

use super::{Cadence, Licence};
use crate::{
    OpenError,
    crypto::{Cek, Nonce, StreamKey},
    header::WrappedKey,
    time::UnixTime,
};

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

/// base64 of the box around the content key: 96 characters.
#[must_use]
pub fn wrap(cek: &Cek, stream_key: &StreamKey, nonce: &Nonce) -> String {
    todo!("{cek:?} {stream_key:?} {nonce:?}")
}

/// The content key.
///
/// # Errors
/// [`UnwrapError`].
pub fn unwrap(wrapped: &str, stream_key: &StreamKey) -> Result<Cek, UnwrapError> {
    todo!("{wrapped:?} {stream_key:?}")
}

/// Wraps for the current and the next period, as the original's writer does.
pub fn wrap_for(
    cek: &Cek,
    licence: &Licence,
    cadence: &Cadence,
    now: UnixTime,
    rng: &mut impl rand_core::CryptoRng,
) -> Vec<WrappedKey> {
    todo!("{cek:?} {licence:?} {cadence:?} {now:?} {}", rng.next_u32())
}

/// Tries the keys dated as the current and the next period.
///
/// # Errors
/// [`OpenError::LicenceRequired`] (empty id), [`OpenError::NoValidKey`] (dated for now, does not open),
/// [`OpenError::PeriodOver`], [`OpenError::PeriodNotBegun`].
pub fn unwrap_at(keys: &[WrappedKey], licence: &Licence, cadence: &Cadence, now: UnixTime) -> Result<Cek, OpenError> {
    todo!("{keys:?} {licence:?} {cadence:?} {now:?}")
}
