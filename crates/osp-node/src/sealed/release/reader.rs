//! Bytes as a player wants them: a part, or a cut of it as one virtual file, opened chunk by chunk over anything that can be read
//! and sought: a file, a download, ranges of HTTP.
//!
//! Memory is one chunk for each reader, and the digests of the groups that were visited. No byte leaves before its chunk was verified.

use super::{
    ReleaseError,
    open::{Opened, read},
    pieces::{Pieces, cut_name},
};
use crate::sealed::signing::NOTARY;
use bytes::Bytes;
use smsg::v3::{
    Refused,
    chunk::Chunks,
    digests::{DIGEST, GROUP, Proven},
    open::Front,
};
use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Something that holds a sealed file.
pub trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// An opened release; its readers share it.
pub struct Release {
    opened: Opened,
    inner: Mutex<Inner>,
}

struct Inner {
    source: Box<dyn Source>,
    /// Signed digests, once they were needed.
    proven: Option<Proven>,
}

/// A part, or a cut of one.
#[derive(Clone)]
pub struct Piece {
    release: Arc<Release>,
    part: usize,
    /// What goes before the stretches.
    init: Arc<[u8]>,
    pieces: Arc<Pieces>,
}

impl Release {
    /// Over what holds the file.
    #[must_use]
    pub fn new(opened: Opened, source: Box<dyn Source>) -> Arc<Self> {
        Arc::new(Self { opened, inner: Mutex::new(Inner { source, proven: None }) })
    }

    /// What it was opened as.
    #[must_use]
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// What of each part opens, in order.
    #[must_use]
    pub fn pieces(self: &Arc<Self>) -> Vec<Piece> {
        let header = &self.opened.front.header;
        (0..header.parts().len())
            .filter_map(|part| {
                let pieces = Pieces::of(header, &self.opened.granted, part)?;
                let init = pieces.beginning(header, part).into();
                Some(Piece { release: Arc::clone(self), part, init, pieces: Arc::new(pieces) })
            })
            .collect()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A chunk's plaintext.
    fn chunk(&self, number: u32) -> Result<Bytes, ReleaseError> {
        let front = &self.opened.front;
        let place = front.header.geometry().chunk(number).ok_or(Refused::TrailingBytes("the last chunk"))?;
        let at = front.chunks_at();
        let mut inner = self.inner();
        let wanted = place.stored.end - place.stored.start;
        let mut bytes = exactly(&mut inner.source, at + place.stored.start..at + place.stored.end)?;
        debug_assert_eq!(bytes.len() as u64, wanted);
        if front.header.has_digests() {
            inner.prove(front, number)?;
            if let Some(proven) = &inner.proven {
                proven.check(number, &bytes)?;
            }
        }
        drop(inner);
        let plain = Chunks::new(&self.opened.granted.keys).open(number, &mut bytes)?;
        Ok(Bytes::copy_from_slice(plain))
    }
}

impl Inner {
    /// Fetches the signature, once, and the digests of the chunk's group.
    fn prove(&mut self, front: &Front, chunk: u32) -> Result<(), ReleaseError> {
        let (header, chunks) = (&front.header, front.header.geometry().chunks());
        let begin = front.chunks_at() - header.geometry().digests();
        let groups_end = begin + 64 + u64::from(chunks.div_ceil(GROUP)) * DIGEST as u64;
        if self.proven.is_none() {
            let bytes = exactly(&mut self.source, begin..groups_end)?;
            self.proven = Some(Proven::new(header, &bytes, &NOTARY)?);
        }
        let Some(proven) = self.proven.as_mut().filter(|proven| !proven.has(chunk)) else { return Ok(()) };
        let group = chunk / GROUP;
        let from = groups_end + u64::from(group) * u64::from(GROUP) * DIGEST as u64;
        let bytes =
            exactly(&mut self.source, from..from + u64::from(proven.chunks_of(group)) * DIGEST as u64)?;
        Ok(proven.give(group, &bytes)?)
    }
}

fn exactly(source: &mut Box<dyn Source>, range: Range<u64>) -> Result<Vec<u8>, ReleaseError> {
    let wanted = range.end - range.start;
    let bytes = read(source, range)?;
    if bytes.len() as u64 == wanted { Ok(bytes) } else { Err(Refused::Truncated("its chunks").into()) }
}

impl Piece {
    /// The part's name; of a cut, one that says so.
    #[must_use]
    pub fn name(&self) -> String {
        let name = &self.release.opened.front.header.parts()[self.part].name;
        if self.pieces.whole { name.clone() } else { cut_name(name) }
    }

    /// The part's media type: a stranger's word.
    #[must_use]
    pub fn mime(&self) -> &str {
        &self.release.opened.front.header.parts()[self.part].mime
    }

    /// Whether the licence opens a part of it only.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        !self.pieces.whole
    }

    /// Bytes there are to read.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.init().len() as u64 + self.pieces.bytes()
    }

    /// Reads it from its beginning.
    #[must_use]
    pub fn reader(&self) -> PieceReader {
        PieceReader { piece: self.clone(), at: 0, chunk: None }
    }

    fn init(&self) -> &[u8] {
        &self.init
    }

    /// Where in the part a byte of the virtual file is that lies behind `init`.
    fn place(&self, mut at: u64) -> Option<u64> {
        for range in &self.pieces.ranges {
            let length = range.end - range.start;
            if at < length {
                return Some(range.start + at);
            }
            at -= length;
        }
        None
    }
}

/// Reads a [`Piece`].
pub struct PieceReader {
    piece: Piece,
    at: u64,
    /// The chunk that was opened last, and the bytes of the part that it has.
    chunk: Option<(Range<u64>, Bytes)>,
}

impl Read for PieceReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let init = self.piece.init();
        let behind = self.at.checked_sub(init.len() as u64);
        let read = match behind {
            None => {
                // Below init's length.
                let rest = &init[usize::try_from(self.at).unwrap_or(usize::MAX).min(init.len())..];
                let read = rest.len().min(out.len());
                out[..read].copy_from_slice(&rest[..read]);
                read
            }
            Some(behind) => match self.piece.place(behind) {
                Some(place) if !out.is_empty() => self.read_at(place, out)?,
                _ => 0,
            },
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl PieceReader {
    /// From one chunk; pieces are whole chunks, so what follows in a chunk belongs to the piece.
    fn read_at(&mut self, place: u64, out: &mut [u8]) -> io::Result<usize> {
        let (start, bytes) = match &self.chunk {
            Some((held, bytes)) if held.contains(&place) => (held.start, bytes),
            _ => {
                let release = &self.piece.release;
                let geometry = release.opened.front.header.geometry();
                let number = geometry.chunk_at(self.piece.part, place).ok_or(io::ErrorKind::UnexpectedEof)?;
                let plain = geometry.chunk(number).ok_or(io::ErrorKind::UnexpectedEof)?.plain;
                let bytes = release.chunk(number).map_err(|error| match error {
                    ReleaseError::Read(error) => error,
                    judged => io::Error::other(judged),
                })?;
                let (held, bytes) = self.chunk.insert((plain, bytes));
                (held.start, &*bytes)
            }
        };
        let rest = usize::try_from(place - start).ok().and_then(|from| bytes.get(from..)).unwrap_or_default();
        let read = rest.len().min(out.len());
        out[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }
}

impl Seek for PieceReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.piece.size().checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
