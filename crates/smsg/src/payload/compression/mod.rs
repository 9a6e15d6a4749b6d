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

use crate::{ContainerError, OpenError, header::Compression, limits::MAX_EMPTY_FRAMES};
use std::io::{self, Read};

/// A reader of the decompressed bytes. Its errors are [`OpenError`]s inside [`std::io::Error`] ([`into_open_error`]); it fails
/// past `limit` bytes, for windows over [`crate::limits::MAX_ZSTD_WINDOW_LOG`], for more than [`MAX_EMPTY_FRAMES`] frames or
/// members in a row without content, and for anything behind the last frame or member that is no other. Without compression it is the reader itself, and the limit does not count.
///
/// # Errors
/// [`OpenError::DecompressionFailed`].
pub fn reader<'r>(
    compression: Compression,
    compressed: impl Read + 'r,
    limit: u64,
) -> Result<Box<dyn Read + 'r>, OpenError> {
    // Boxed first, so that there is each decompressor once, whatever it reads from.
    let compressed: Box<dyn Read + 'r> = Box::new(compressed);
    Ok(match compression {
        Compression::None => compressed,
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

/// Counts a frame or member that held nothing.
///
/// # Errors
/// [`OpenError::DecompressionFailed`] when there are too many in a row.
fn count_empty(in_a_row: &mut usize) -> io::Result<()> {
    *in_a_row += 1;
    if *in_a_row > MAX_EMPTY_FRAMES {
        let why = format!("more than {MAX_EMPTY_FRAMES} parts in a row hold nothing");
        return Err(io::Error::other(OpenError::DecompressionFailed(why)));
    }
    Ok(())
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
