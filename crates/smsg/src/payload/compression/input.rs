//! What decompressors read from: buffered, with a look ahead, and remembering whose error it was.

use super::into_open_error;
use crate::OpenError;
use std::io::{self, BufRead, Read};

/// Bytes that are read ahead. More than any frame header has.
const BUFFER: usize = 64 << 10;

/// A buffered reader that keeps its source's error aside: decompressors wrap errors in ways of their own, and "the disk
/// failed" must not become "the file is damaged".
pub(super) struct Input<R> {
    source: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    failed: Option<io::Error>,
}

impl<R: Read> Input<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, buffer: vec![0; BUFFER].into(), start: 0, end: 0, failed: None }
    }

    /// At least `wanted` bytes (at most the buffer), or all there are up to the end, without taking them.
    pub(super) fn peek(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.end - self.start < wanted.min(BUFFER) && self.more()? > 0 {}
        Ok(&self.buffer[self.start..self.end])
    }

    /// Reads once more behind what is there; 0 at the end of the source, or when the buffer is full.
    fn more(&mut self) -> io::Result<usize> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(read) => {
                    self.end += read;
                    return Ok(read);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.failed = Some(e);
                    return Err(io::Error::other("the source failed"));
                }
            }
        }
    }

    /// The error for a decompressor that stopped: the source's, or else that the data is damaged.
    pub(super) fn failure(&mut self, why: &dyn std::fmt::Display) -> io::Error {
        io::Error::other(match self.failed.take() {
            Some(source) => into_open_error(source),
            None => OpenError::DecompressionFailed(why.to_string()),
        })
    }
}

impl<R: Read> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }
    fn consume(&mut self, amount: usize) {
        self.start = (self.start + amount).min(self.end);
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buf)?;
        self.consume(read);
        Ok(read)
    }
}
