//! Compressing as the original does: zstd at its default level, or gzip.

use crate::{SealError, header::Compression};
use std::io::Write;

/// zstd's own default, and the original's.
#[cfg(feature = "zstd-encoder")]
const ZSTD_LEVEL: i32 = 3;

/// Whether zstd can be written by this build.
pub(crate) const ZSTD: bool = cfg!(feature = "zstd-encoder");

/// Runs `content` with a writer that compresses to the end of `out`. `len`: bytes that `content` will write.
///
/// # Errors
/// What `content` gives; [`SealError::Compress`]; [`SealError::Unsupported`] for zstd where it cannot be written.
pub(crate) fn compress(
    compression: Compression,
    len: u64,
    out: &mut Vec<u8>,
    content: impl FnOnce(&mut dyn Write) -> Result<(), SealError>,
) -> Result<(), SealError> {
    match compression {
        Compression::None => content(out),
        Compression::Gzip => gzip(out, content),
        Compression::Zstd => zstd(len, out, content),
    }
}

#[cfg(feature = "gzip-encoder")]
fn gzip(
    out: &mut Vec<u8>,
    content: impl FnOnce(&mut dyn Write) -> Result<(), SealError>,
) -> Result<(), SealError> {
    let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::default());
    content(&mut encoder)?;
    encoder.finish().map(drop).map_err(SealError::Compress)
}

#[cfg(not(feature = "gzip-encoder"))]
fn gzip(_: &mut Vec<u8>, _: impl FnOnce(&mut dyn Write) -> Result<(), SealError>) -> Result<(), SealError> {
    Err(SealError::Unsupported("this build does not compress; choose no compression"))
}

#[cfg(feature = "zstd-encoder")]
fn zstd(
    len: u64,
    out: &mut Vec<u8>,
    content: impl FnOnce(&mut dyn Write) -> Result<(), SealError>,
) -> Result<(), SealError> {
    let start = |out| -> std::io::Result<_> {
        let mut encoder = zstd::stream::write::Encoder::new(out, ZSTD_LEVEL)?;
        encoder.include_checksum(true)?;
        // The frame then says how long it is, and a reader can refuse it or reserve for it before decoding.
        encoder.set_pledged_src_size(Some(len))?;
        Ok(encoder)
    };
    let mut encoder = start(out).map_err(SealError::Compress)?;
    content(&mut encoder)?;
    encoder.finish().map(drop).map_err(SealError::Compress)
}

#[cfg(not(feature = "zstd-encoder"))]
fn zstd(
    _: u64,
    _: &mut Vec<u8>,
    _: impl FnOnce(&mut dyn Write) -> Result<(), SealError>,
) -> Result<(), SealError> {
    Err(SealError::Unsupported("this build does not write zstd; choose another compression, or none"))
}
