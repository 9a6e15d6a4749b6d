//! Chunked v3 from a reader that cannot go back, in the memory of a few chunks.

use super::{Sink, chunks, read_chunk};
use crate::{
    Header, Message, OpenError,
    chunked::{ChunkIndex, Place},
    crypto::Cek,
    header::ChecksumHasher,
    payload::compression::into_open_error,
};
use std::io::{self, Read};

/// Opens the chunks as they pass. `index` is in the order of the file.
pub(super) fn open(
    header: &Header,
    index: &ChunkIndex,
    cek: &Cek,
    payload: impl Read,
    sink: &mut dyn Sink,
) -> Result<Message, OpenError> {
    let hasher = header.checksum.as_ref().map(ChecksumHasher::new).transpose()?;
    let mut payload = Hashed { inner: payload, hasher };
    let mut at = 0;
    let fetch = |place: Place, sealed: &mut Vec<u8>| {
        let gap = place.offset.saturating_sub(at);
        at += io::copy(&mut (&mut payload).take(gap), &mut io::sink()).map_err(into_open_error)?;
        if at == place.offset {
            read_chunk(&mut payload, place.size, sealed)?;
            at += sealed.len() as u64;
        }
        Ok(())
    };
    let message = chunks::open_all(index, cek, fetch, sink)?;
    payload.finish()?;
    Ok(message)
}

/// A reader that hashes what is read, when there is something to compare with.
struct Hashed<R> {
    inner: R,
    hasher: Option<ChecksumHasher>,
}

impl<R: Read> Hashed<R> {
    /// Reads what is left and compares.
    fn finish(mut self) -> Result<(), OpenError> {
        if self.hasher.is_some() {
            io::copy(&mut self, &mut io::sink()).map_err(into_open_error)?;
        }
        match self.hasher {
            Some(hasher) => Ok(hasher.finish()?),
            None => Ok(()),
        }
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buf[..read]);
        }
        Ok(read)
    }
}
