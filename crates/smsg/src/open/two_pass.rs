//! Boxes larger than memory: checked in a first pass, released in a second.

use super::{Access, Opened, Options, Sink, admit, boxes, chunks, layout::Boxes, open, read_chunk};
use crate::{
    Header, Message, OpenError, Prefix,
    chunked::Place,
    crypto::{
        Cek, Key,
        two_pass::{Check, Release},
    },
    error::Part,
    header::{Checksum, ChecksumHasher, Format},
    keys::Credential,
    text::{self, Encoding},
};
use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// Bytes read at once in a first pass.
const BLOCK: usize = 256 << 10;

/// Bytes that show whether a file is text.
const LOOK: u64 = 64;

/// Opens a file in two passes over each box: memory does not grow with the file, time does by the second read.
/// v1, whose JSON must be held anyway, and base64 text, which cannot be read from the middle, are opened as by
/// [`super::open`]. `notes_key`: see [`crate::crypto::two_pass`].
///
/// # Errors
/// [`OpenError`].
pub fn open_two_pass(
    file: &mut (impl Read + Seek),
    credential: &Credential,
    options: &Options,
    notes_key: [u8; 32],
    sink: &mut dyn Sink,
) -> Result<Opened, OpenError> {
    let len = file.seek(SeekFrom::End(0)).map_err(OpenError::Read)?;
    file.rewind().map_err(OpenError::Read)?;
    let mut look = Vec::new();
    file.take(LOOK).read_to_end(&mut look).map_err(OpenError::Read)?;
    file.rewind().map_err(OpenError::Read)?;
    if text::detect(&look) == Encoding::Base64 {
        return open(file, Some(len), credential, options, sink);
    }
    let Prefix { header, payload_offset, .. } = Prefix::read(file)?;
    let access = admit(&header, credential, options)?;
    let mut payload = Payload { file, at: payload_offset, len: len.saturating_sub(payload_offset) };
    if let Some(checksum) = &header.checksum {
        payload.check(checksum)?;
    }
    let message = match access {
        Access::Password(key) => v1_or_v2(&header, &mut payload, &key.0, options, notes_key, sink),
        Access::Content(cek) => v3(&header, &mut payload, &cek, options, notes_key, sink),
    }?;
    Ok(Opened { header, message })
}

fn v1_or_v2(
    header: &Header,
    payload: &mut Payload<'_, impl Read + Seek>,
    key: &Key,
    options: &Options,
    notes_key: [u8; 32],
    sink: &mut dyn Sink,
) -> Result<Message, OpenError> {
    let (compression, limits) = (header.compression, options.limits);
    if header.format == Format::V1 {
        let mut sealed = payload.read(0, payload.len)?;
        return boxes::v1(compression, boxes::open_box(key, &mut sealed, Part::Message)?, limits, sink);
    }
    let release = payload.check_box(0, payload.len, key, notes_key, Part::Message)?;
    let len = release.plaintext_len();
    boxes::v2(compression, BoxReader::new(payload, 0, release, Part::Message), len, limits, sink)
}

fn v3(
    header: &Header,
    payload: &mut Payload<'_, impl Read + Seek>,
    cek: &Cek,
    options: &Options,
    notes_key: [u8; 32],
    sink: &mut dyn Sink,
) -> Result<Message, OpenError> {
    if header.chunked.is_some() {
        let index = chunks::index(header, payload.at, Some(payload.len), options.limits)?;
        let fetch = |place: Place, sealed: &mut Vec<u8>| {
            payload.seek(place.offset)?;
            read_chunk(&mut *payload.file, place.size, sealed)
        };
        return chunks::open_all(&index, cek, fetch, sink);
    }
    payload.seek(0)?;
    let found = Boxes::find(payload.file, payload.len)?;
    let mut sealed = payload.read(found.message_at, found.message_len)?;
    let message = boxes::v3_message(header.compression, &mut sealed, cek, options.limits)?;
    if found.attachments_len == 0 {
        return boxes::v3_release(message, io::empty(), 0, sink);
    }
    let (at, part) = (found.attachments_at, Part::Attachments);
    let release = payload.check_box(at, found.attachments_len, &cek.0, notes_key, part)?;
    let len = release.plaintext_len();
    boxes::v3_release(message, BoxReader::new(payload, at, release, part), len, sink)
}

/// The payload in its file.
struct Payload<'f, F> {
    file: &'f mut F,
    at: u64,
    len: u64,
}

impl<F: Read + Seek> Payload<'_, F> {
    fn seek(&mut self, offset: u64) -> Result<(), OpenError> {
        self.file.seek(SeekFrom::Start(self.at + offset)).map(drop).map_err(OpenError::Read)
    }

    fn read(&mut self, offset: u64, len: u64) -> Result<Vec<u8>, OpenError> {
        self.seek(offset)?;
        let mut bytes = Vec::new();
        read_chunk(&mut *self.file, len, &mut bytes)?;
        Ok(bytes)
    }

    /// Shows `len` bytes from `offset` on to `see`, a block at a time.
    fn pass(&mut self, offset: u64, len: u64, mut see: impl FnMut(&[u8])) -> Result<(), OpenError> {
        self.seek(offset)?;
        let mut block = vec![0; BLOCK];
        let mut rest = (&mut *self.file).take(len);
        loop {
            match rest.read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(read) => see(&block[..read]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(OpenError::Read(e)),
            }
        }
    }

    fn check(&mut self, checksum: &Checksum) -> Result<(), OpenError> {
        let mut hasher = ChecksumHasher::new(checksum)?;
        self.pass(0, self.len, |bytes| hasher.update(bytes))?;
        Ok(hasher.finish()?)
    }

    /// The first pass over a box.
    fn check_box(
        &mut self,
        offset: u64,
        len: u64,
        key: &Key,
        notes_key: [u8; 32],
        part: Part,
    ) -> Result<Release, OpenError> {
        let fail = |_| OpenError::DecryptionFailed { part };
        let mut check = Check::new(key, len, notes_key).map_err(fail)?;
        self.pass(offset, len, |bytes| check.update(bytes))?;
        check.finish().map_err(fail)
    }
}

/// The second pass: a box's plaintext, a segment at a time.
struct BoxReader<'p, 'f, F> {
    payload: &'p mut Payload<'f, F>,
    /// Where the box begins in the payload.
    box_at: u64,
    release: Release,
    part: Part,
    /// The segment that is read next.
    next: u64,
    segment: Vec<u8>,
    given: usize,
}

impl<'p, 'f, F: Read + Seek> BoxReader<'p, 'f, F> {
    fn new(payload: &'p mut Payload<'f, F>, box_at: u64, release: Release, part: Part) -> Self {
        Self { payload, box_at, release, part, next: 0, segment: Vec::new(), given: 0 }
    }

    fn load(&mut self) -> Result<(), OpenError> {
        self.segment.clear();
        self.given = 0;
        let Some((start, len)) = self.release.place(self.next) else { return Ok(()) };
        self.payload.seek(self.box_at + start)?;
        read_chunk(&mut *self.payload.file, len as u64, &mut self.segment)?;
        if self.release.open(self.next, &mut self.segment).is_err() {
            self.segment.clear();
            return Err(OpenError::DecryptionFailed { part: self.part });
        }
        self.next += 1;
        Ok(())
    }
}

impl<F: Read + Seek> BufRead for BoxReader<'_, '_, F> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.given == self.segment.len() {
            self.load().map_err(io::Error::other)?;
        }
        Ok(&self.segment[self.given..])
    }
    fn consume(&mut self, amount: usize) {
        self.given = (self.given + amount).min(self.segment.len());
    }
}

impl<F: Read + Seek> Read for BoxReader<'_, '_, F> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buf)?;
        self.consume(read);
        Ok(read)
    }
}
