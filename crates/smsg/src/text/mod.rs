//! Binary or base64 text.
//!
//! The original's browser pages pass files around as standard base64 with padding; CR and LF are skipped, nothing else is.
//! A file that was encoded twice starts with the base64 of the base64 of `SMSG` (`VTAxVFJ3...`, decoded `U01TRw...`).

mod base64;
mod reader;

pub(crate) use base64::decode as decode_base64;
pub use reader::BinaryReader;
pub(crate) use reader::read_error;

use crate::{error::ContainerError, limits::DETECTED_WITHIN};
use std::borrow::Cow;

/// How base64 of the magic begins, whatever follows the magic.
const TEXT_MAGIC: &[u8] = b"U01T";

/// How base64 of that begins.
const TEXT_TWICE_MAGIC: &[u8] = b"VTAx";

/// How a file was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is on disk.
    Binary,
    /// Standard base64 with padding, CR and LF anywhere.
    Base64,
}

/// What the first bytes (4 suffice; fewer are [`Encoding::Binary`]) say a file is. Base64 of a sealed file starts with
/// `U01T`, base64 of that with `VTAx`; CR and LF before it are skipped, but nothing behind [`DETECTED_WITHIN`] counts.
#[must_use]
pub fn detect(prefix: &[u8]) -> Encoding {
    let prefix = &prefix[..prefix.len().min(DETECTED_WITHIN)];
    let mut head = [0; 4];
    let mut filled = 0;
    for (place, byte) in head.iter_mut().zip(prefix.iter().filter(|byte| !base64::is_line_break(**byte))) {
        *place = *byte;
        filled += 1;
    }
    let head = &head[..filled];
    if head == TEXT_MAGIC || head == TEXT_TWICE_MAGIC { Encoding::Base64 } else { Encoding::Binary }
}

/// The binary file: the bytes themselves, or decoded.
///
/// # Errors
/// [`ContainerError::BadBase64`], [`ContainerError::DoubleBase64`].
pub fn to_binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>, ContainerError> {
    match detect(bytes) {
        Encoding::Binary => Ok(Cow::Borrowed(bytes)),
        Encoding::Base64 => decode_bytes(bytes).map(Cow::Owned),
    }
}

/// Decodes text that the caller says is base64 of a file (the calls of the original's browser API take nothing else).
///
/// # Errors
/// [`ContainerError::BadBase64`], [`ContainerError::DoubleBase64`].
pub fn decode(text: &str) -> Result<Vec<u8>, ContainerError> {
    decode_bytes(text.as_bytes())
}

/// As [`decode`], for text that may not even be text.
///
/// # Errors
/// [`ContainerError::BadBase64`], [`ContainerError::DoubleBase64`].
pub fn decode_bytes(text: &[u8]) -> Result<Vec<u8>, ContainerError> {
    let binary = base64::decode(text).map_err(|damage| ContainerError::BadBase64(damage.to_string()))?;
    once(&binary)?;
    Ok(binary)
}

/// Standard base64 with padding, on one line.
#[must_use]
pub fn encode(binary: &[u8]) -> String {
    data_encoding::BASE64.encode(binary)
}

/// Whether the beginning of decoded text is still text.
fn once(decoded: &[u8]) -> Result<(), ContainerError> {
    if decoded.starts_with(TEXT_MAGIC) { Err(ContainerError::DoubleBase64) } else { Ok(()) }
}
