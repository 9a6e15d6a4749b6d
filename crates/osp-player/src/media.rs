//! The bytes of one track, wherever they come from.

use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::{Mutex, PoisonError},
};
use symphonia::core::io::MediaSource;

/// Anything that is read and sought.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// The encoded bytes of one track: a reader and how many bytes it has. Reads may block.
pub struct Media {
    // The demuxers want to share what they never share; with `&mut` this lock is free.
    reader: Mutex<Box<dyn ReadSeek>>,
    len: u64,
    cut: bool,
}

impl Media {
    /// A reader of `len` bytes.
    pub fn new(reader: impl ReadSeek + 'static, len: u64) -> Self {
        Self { reader: Mutex::new(Box::new(reader)), len, cut: false }
    }

    /// Of a longer recording these are a part: that they end without the container's own end is no damage.
    #[must_use]
    pub fn cut(self) -> Self {
        Self { cut: true, ..self }
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// A file, from its beginning.
    ///
    /// # Errors
    /// The system's.
    pub fn file(file: std::fs::File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self::new(file, len))
    }

    /// Bytes there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn reader(&mut self) -> &mut Box<dyn ReadSeek> {
        self.reader.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Media {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Media").field("len", &self.len).finish_non_exhaustive()
    }
}

impl Read for Media {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.reader().read(buf)
    }
}

impl Seek for Media {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.reader().seek(to)
    }
}

impl MediaSource for Media {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.len)
    }
}
