//! Binary or base64 text.
//!
//! The original's browser pages pass files around as standard base64 with padding; CR and LF are skipped, nothing else is.
//! A file that was encoded twice starts with the base64 of the base64 of `SMSG` (`VTAxVFJ3…`, decoded `U01TRw…`).

use crate::error::ContainerError;
use std::borrow::Cow;

/// How a file was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is on disk.
    Binary,
    /// Standard base64 with padding, CR and LF anywhere.
    Base64,
}

/// What the first bytes (4 suffice; fewer are [`Encoding::Binary`]) say a file is. Base64 of a sealed file starts with
/// `U01TR`; CR and LF before it are skipped.
#[must_use]
pub fn detect(prefix: &[u8]) -> Encoding {
    todo!("{prefix:?}")
}

/// The binary file: the bytes themselves, or decoded.
///
/// # Errors
/// [`ContainerError::BadBase64`], [`ContainerError::DoubleBase64`].
pub fn to_binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>, ContainerError> {
    todo!("{bytes:?}")
}

/// Decodes text that the caller says is base64 of a file (the calls of the original's browser API take nothing else).
///
/// # Errors
/// [`ContainerError::BadBase64`], [`ContainerError::DoubleBase64`].
pub fn decode(text: &str) -> Result<Vec<u8>, ContainerError> {
    todo!("{text:?}")
}

/// Standard base64 with padding, on one line.
#[must_use]
pub fn encode(binary: &[u8]) -> String {
    todo!("{binary:?}")
}

/// A reader of the binary file from a reader of either form: looks at the first bytes, then decodes base64 as it goes, in
/// constant memory.
#[derive(Debug)]
pub struct BinaryReader<R> {
    inner: R,
}

impl<R: std::io::Read> BinaryReader<R> {
    /// Wraps a reader that stands at the beginning of the file.
    ///
    /// # Errors
    /// The reader's.
    pub fn new(inner: R) -> std::io::Result<Self> {
        Ok(Self { inner })
    }

    /// Which form the file has.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        todo!()
    }
}

impl<R: std::io::Read> std::io::Read for BinaryReader<R> {
    /// Damaged base64 is an [`std::io::ErrorKind::InvalidData`] error that holds a [`ContainerError`].
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read(buf)
    }
}
