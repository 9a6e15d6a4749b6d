//! Sealed releases, to be played: opened where they are, never written to the disk.
//!
//! A chunked v3 file is opened chunk by chunk as the player reads and seeks: in the memory of one chunk for each reader, and
//! while it is still on its way. The other forms are one unit of authentication: they are read whole, and their music is
//! held in memory.

use super::PlayError;
use crate::sealed::release::reader::Piece;
use bytes::Bytes;
use osp_player::{Media, ReadSeek};
use smsg::{
    Limits, Message, OpenError, Prefix, UnixTime,
    chunked::{ChunkIndex, ChunkNo, Head, open_chunk},
    crypto::Cek,
    header::Format,
    keys::{Credential, Licence, Password, licence_key},
    open::{Access, Collected, Options, admit, open},
    text::{BinaryReader, Encoding},
};
use std::{
    io::{self, BufReader, Cursor, Read, Seek, SeekFrom},
    ops::Range,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// What the listener has to open sealed music with.
#[derive(Clone, Debug)]
pub struct Keys {
    /// For releases, v1 and v2.
    pub password: Option<Password>,
    /// For v3.
    pub licence: Option<Licence>,
    /// For releases: the licence (`.smsgl`) of a key that was sold after the file was made.
    pub sold: Option<Vec<u8>>,
    /// When it is now.
    pub now: UnixTime,
    /// Play releases whose licence has ended or not begun: its dates are requests.
    pub ignore_expiry: bool,
    /// The folder that keeps when licences were first used.
    pub home: Option<PathBuf>,
    /// Whether the document of a `did:web` artist may lie at a private address.
    pub allow_private: bool,
}

impl Keys {
    /// What may open a file of this format, in the order in which it is tried.
    fn credentials(&self, format: Format) -> Result<Vec<Credential>, OpenError> {
        match (format, &self.licence, &self.password) {
            (Format::V3, Some(licence), _) => {
                Ok(vec![Credential::Licence { licence: licence.clone(), at: self.now, cadence: None }])
            }
            (Format::V3, None, _) => Err(OpenError::LicenceRequired),
            (_, _, Some(password)) => {
                let spellings = licence_key::candidates(password.as_str());
                Ok(spellings.into_iter().map(Credential::Password).collect())
            }
            (_, Some(_), None) => Err(OpenError::NotV3),
            (_, None, None) => Err(OpenError::PasswordRequired),
        }
    }
}

/// One piece of music in a sealed release.
#[derive(Clone)]
pub(super) struct Part {
    /// The attachment's name.
    pub(super) name: String,
    place: Place,
}

#[derive(Clone)]
enum Place {
    Memory(Bytes),
    Chunks { file: Arc<Chunks>, range: Range<u64> },
    Piece(Piece),
}

impl Part {
    pub(super) fn of(piece: Piece) -> Self {
        Self { name: piece.name(), place: Place::Piece(piece) }
    }

    /// Its bytes, from the beginning.
    pub(super) fn media(&self) -> Media {
        match &self.place {
            Place::Memory(bytes) => Media::new(Cursor::new(bytes.clone()), bytes.len() as u64),
            Place::Chunks { file, range } => {
                let len = range.end - range.start;
                let reader = ChunkReader { file: Arc::clone(file), range: range.clone(), at: 0, chunk: None };
                Media::new(reader, len)
            }
            Place::Piece(piece) if piece.is_cut() => Media::new(piece.reader(), piece.size()).cut(),
            Place::Piece(piece) => Media::new(piece.reader(), piece.size()),
        }
    }
}

/// Whether a beginning is that of a sealed file, in either form.
pub(super) fn is_sealed(head: &[u8]) -> bool {
    head.starts_with(b"SMSG")
        || smsg::text::encode(b"SMSG\x02").as_bytes().get(..5).is_some_and(|t| head.starts_with(t))
}

/// Opens a sealed release of `len` bytes, called `what` in messages.
pub(super) fn parts(
    file: Box<dyn ReadSeek>,
    len: u64,
    keys: &Keys,
    what: &str,
) -> Result<Vec<Part>, PlayError> {
    let mut file = file;
    let read = |e: io::Error| PlayError::Sealed(OpenError::Read(e));
    file.rewind().map_err(read)?;
    let (prefix, encoding) = {
        let mut reader = BinaryReader::new(BufReader::new(&mut file)).map_err(read)?;
        let encoding = reader.encoding();
        (Prefix::read(&mut reader)?, encoding)
    };
    let credentials = keys.credentials(prefix.header.format)?;
    let options = Options { limits: Limits::default(), now: Some(keys.now) };
    let mut refused = OpenError::PasswordRequired;
    for credential in &credentials {
        let opened = if prefix.header.chunked.is_some() && encoding == Encoding::Binary {
            return chunked(file, len, &prefix, credential, &options, what);
        } else {
            file.rewind().map_err(read)?;
            let mut collected = Collected::default();
            open(BufReader::new(&mut file), Some(len), credential, &options, &mut collected)
                .map(|_| collected)
        };
        match opened {
            Ok(Collected { message, contents }) => {
                let all = message.attachments.iter().zip(contents).filter(|(a, _)| is_music(&a.mime));
                let parts = all.map(|(attachment, bytes)| Part {
                    name: attachment.name.clone(),
                    place: Place::Memory(Bytes::from(bytes)),
                });
                return some(parts.collect(), what);
            }
            // Another spelling of the key may be the right one.
            Err(e @ OpenError::DecryptionFailed { .. }) => refused = e,
            Err(e) => return Err(e.into()),
        }
    }
    Err(refused.into())
}

fn chunked(
    mut file: Box<dyn ReadSeek>,
    len: u64,
    prefix: &Prefix,
    credential: &Credential,
    options: &Options,
    what: &str,
) -> Result<Vec<Part>, PlayError> {
    let Access::Content(cek) = admit(&prefix.header, credential, options)? else {
        return Err(OpenError::LicenceRequired.into());
    };
    let payload = len.saturating_sub(prefix.payload_offset);
    let index =
        ChunkIndex::new(&prefix.header, prefix.payload_offset, Some(payload)).map_err(OpenError::from)?;
    index.check_size(options.limits)?;
    let mut head = Head::default();
    let mut layout = None;
    for chunk in (0..index.len()).map(ChunkNo) {
        let bytes = read_chunk(&mut file, &index, &cek, chunk).map_err(into_open_error)?;
        layout = head.push(&bytes)?;
        if layout.is_some() {
            break;
        }
    }
    let layout = layout.ok_or_else(|| OpenError::InvalidPayload("its message has no end".into()))?;
    layout.check(index.plaintext_len())?;
    let file = Arc::new(Chunks { file: Mutex::new(file), index, cek });
    let message: &Message = layout.message();
    let music = message.attachments.iter().enumerate().filter(|(_, a)| is_music(&a.mime));
    let parts = music.filter_map(|(number, attachment)| {
        let range = layout.attachment(number)?;
        Some(Part { name: attachment.name.clone(), place: Place::Chunks { file: Arc::clone(&file), range } })
    });
    some(parts.collect(), what)
}

pub(super) fn some(parts: Vec<Part>, what: &str) -> Result<Vec<Part>, PlayError> {
    if parts.is_empty() { Err(PlayError::NoMusic(what.to_owned())) } else { Ok(parts) }
}

/// Whether an attachment may be music: what says that it is something else is not tried.
pub(super) fn is_music(mime: &str) -> bool {
    let mime = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    mime.starts_with("audio/")
        || ["", "application/ogg", "application/octet-stream", "video/mp4"].contains(&mime.as_str())
}

/// A chunked file whose key is known; shared by the readers of its attachments.
struct Chunks {
    file: Mutex<Box<dyn ReadSeek>>,
    index: ChunkIndex,
    cek: Cek,
}

fn read_chunk(
    file: &mut Box<dyn ReadSeek>,
    index: &ChunkIndex,
    cek: &Cek,
    chunk: ChunkNo,
) -> io::Result<Bytes> {
    let range = index.file_range(chunk).ok_or(io::ErrorKind::UnexpectedEof)?;
    file.seek(SeekFrom::Start(range.start))?;
    let mut sealed = Vec::new();
    file.take(range.end - range.start).read_to_end(&mut sealed)?;
    let plain = open_chunk(cek, chunk, &mut sealed).map_err(io::Error::other)?;
    Ok(Bytes::copy_from_slice(plain))
}

/// What [`read_chunk`] wrapped for readers.
fn into_open_error(error: io::Error) -> OpenError {
    match error.downcast::<OpenError>() {
        Ok(error) => error,
        Err(error) => OpenError::Read(error),
    }
}

/// Reads one attachment of a chunked file.
struct ChunkReader {
    file: Arc<Chunks>,
    /// In the plaintext of all chunks.
    range: Range<u64>,
    /// Bytes from the attachment's beginning.
    at: u64,
    /// The chunk that was opened last, and where its plaintext begins.
    chunk: Option<(u64, Bytes)>,
}

impl Read for ChunkReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let place = self.range.start.saturating_add(self.at);
        if place >= self.range.end || out.is_empty() {
            return Ok(0);
        }
        let held = |chunk: &Option<(u64, Bytes)>| {
            let (start, bytes) = chunk.as_ref()?;
            let from = usize::try_from(place.checked_sub(*start)?).ok()?;
            (from < bytes.len()).then(|| bytes.slice(from..))
        };
        let rest = match held(&self.chunk) {
            Some(rest) => rest,
            None => {
                let number = self.file.index.covering(place..place + 1).start;
                let plain = self.file.index.place(ChunkNo(number)).ok_or(io::ErrorKind::UnexpectedEof)?;
                let mut file = self.file.file.lock().unwrap_or_else(PoisonError::into_inner);
                let bytes = read_chunk(&mut file, &self.file.index, &self.file.cek, ChunkNo(number))?;
                self.chunk = Some((plain.plain_offset, bytes));
                held(&self.chunk).ok_or(io::ErrorKind::UnexpectedEof)?
            }
        };
        let left = usize::try_from(self.range.end - place).unwrap_or(usize::MAX);
        let n = rest.len().min(out.len()).min(left);
        out[..n].copy_from_slice(&rest[..n]);
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for ChunkReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => (self.range.end - self.range.start).checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
