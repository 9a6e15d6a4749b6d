//! gzip and zstd, bounded.

use crate::{OpenError, header::Compression};
use std::io::Read;

/// A reader of the decompressed bytes. Its errors are [`OpenError`]s inside [`std::io::Error`] ([`into_open_error`]); it fails
/// past `limit` bytes, for windows over [`crate::limits::MAX_ZSTD_WINDOW_LOG`], and for anything behind the last frame or
/// member that is no other.
///
/// # Errors
/// [`OpenError::DecompressionFailed`].
pub fn reader<'r>(
    compression: Compression,
    compressed: impl Read + 'r,
    limit: u64,
) -> Result<Box<dyn Read + 'r>, OpenError> {
    todo!("{compression:?} {limit} {}", std::any::type_name_of_val(&compressed))
}

/// The [`OpenError`] inside a reader's error, or [`OpenError::Read`].
#[must_use]
pub fn into_open_error(error: std::io::Error) -> OpenError {
    todo!("{error:?}")
}
