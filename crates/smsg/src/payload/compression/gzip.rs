//! gzip members, one after the other (RFC 1952 section 2.2).

use super::input::Input;
use crate::OpenError;
use flate2::bufread::MultiGzDecoder;
use std::io::{self, Read};

/// Reads the content of all members; anything else behind the last is an error.
pub(super) struct Gzip<R> {
    members: MultiGzDecoder<Input<R>>,
    left: u64,
    limit: u64,
}

impl<R: Read> Gzip<R> {
    pub(super) fn new(compressed: R, limit: u64) -> Self {
        Self { members: MultiGzDecoder::new(Input::new(compressed)), left: limit, limit }
    }
}

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = match self.members.read(buf) {
            Ok(read) => read,
            Err(e) => return Err(self.members.get_mut().failure(&e)),
        };
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other(OpenError::DecompressionLimit(self.limit)))?;
        Ok(read)
    }
}
