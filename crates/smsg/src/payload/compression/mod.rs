//! gzip and zstd, bounded.
//!
//! zstd is decoded by libzstd natively and by ruzstd in the browser (and wherever the feature `zstd-encoder` is off);
//! both decode the same vectors in the tests.

pub(crate) mod encode;
mod frames;
mod gzip;
mod input;
#[cfg(feature = "zstd-encoder")]
mod libzstd;
#[cfg(any(not(feature = "zstd-encoder"), test))]
mod rust_zstd;

use crate::{ContainerError, OpenError, header::Compression};
use std::io::{self, Read};

/// A reader of the decompressed bytes. Its errors are [`OpenError`]s inside [`std::io::Error`] ([`into_open_error`]); it fails
/// past `limit` bytes, for windows over [`crate::limits::MAX_ZSTD_WINDOW_LOG`], and for anything behind the last frame or
/// member that is no other. Without compression it is the reader itself, and the limit does not count.
///
/// # Errors
/// [`OpenError::DecompressionFailed`].
pub fn reader<'r>(
    compression: Compression,
    compressed: impl Read + 'r,
    limit: u64,
) -> Result<Box<dyn Read + 'r>, OpenError> {
    Ok(match compression {
        Compression::None => Box::new(compressed),
        Compression::Gzip => Box::new(gzip::Gzip::new(compressed, limit)),
        #[cfg(feature = "zstd-encoder")]
        Compression::Zstd => {
            let decoder =
                libzstd::LibZstd::new().map_err(|e| OpenError::DecompressionFailed(e.to_string()))?;
            Box::new(frames::Frames::new(compressed, decoder, limit))
        }
        #[cfg(not(feature = "zstd-encoder"))]
        Compression::Zstd => Box::new(frames::Frames::new(compressed, rust_zstd::RustZstd::new(), limit)),
    })
}

/// The [`OpenError`] inside a reader's error, or [`OpenError::Read`].
#[must_use]
pub fn into_open_error(error: io::Error) -> OpenError {
    let error = match error.downcast::<OpenError>() {
        Ok(inner) => return inner,
        Err(error) => error,
    };
    match error.downcast::<ContainerError>() {
        Ok(inner) => OpenError::Container(inner),
        Err(error) => OpenError::Read(error),
    }
}

#[cfg(test)]
mod tests;
