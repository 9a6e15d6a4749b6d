//! gzip members, one after the other (RFC 1952 section 2.2).

use super::{count_empty, input::Input};
use crate::OpenError;
use flate2::bufread::GzDecoder;
use std::io::{self, Read};

/// Reads the content of all members; anything else behind the last is an error. Member by member, because flate2's own loop
/// over them does not end before there is content.
pub(super) struct Gzip<R> {
    /// The one that is being read; none behind the last.
    member: Option<GzDecoder<Input<R>>>,
    /// Whether it has given anything.
    given: bool,
    /// Members without content since there was some.
    empty: usize,
    left: u64,
    limit: u64,
}

impl<R: Read> Gzip<R> {
    pub(super) fn new(compressed: R, limit: u64) -> Self {
        let member = GzDecoder::new(Input::new(compressed));
        Self { member: Some(member), given: false, empty: 0, left: limit, limit }
    }

    /// Behind a member's end: to the next, if there is one.
    fn next_member(&mut self) -> io::Result<()> {
        if !self.given {
            count_empty(&mut self.empty)?;
        }
        self.given = false;
        let Some(ended) = self.member.take() else { return Ok(()) };
        let mut input = ended.into_inner();
        match input.peek(1) {
            Ok([]) => {}
            Ok(_) => self.member = Some(GzDecoder::new(input)),
            Err(e) => return Err(input.failure(&e)),
        }
        Ok(())
    }
}

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        while let Some(member) = &mut self.member {
            let read = match member.read(buf) {
                Ok(read) => read,
                Err(e) => return Err(member.get_mut().failure(&e)),
            };
            if read == 0 {
                self.next_member()?;
                continue;
            }
            (self.given, self.empty) = (true, 0);
            self.left = self
                .left
                .checked_sub(read as u64)
                .ok_or_else(|| io::Error::other(OpenError::DecompressionLimit(self.limit)))?;
            return Ok(read);
        }
        Ok(0)
    }
}
