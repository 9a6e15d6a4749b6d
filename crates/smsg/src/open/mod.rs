//! Opening whole files: a reader to a sink.
//!
//! Chunked v3 passes through in the memory of its table and of the chunks that are being opened: one, or with the feature
//! `threads` as many as keep the cores busy, up to 24 MiB of them (or one, if it is larger). A file whose chunks do not lie in
//! their order is held whole all the same. v1, v2 and plain v3 are held whole until their tag is checked, then decompressed
//! towards the sink. A source that can be read twice does without either ([`open_two_pass`]).

mod boxes;
mod chunks;
mod layout;
mod passing;
mod two_pass;

pub use two_pass::open_two_pass;

use crate::{
    Header, Limits, Message, OpenError, Prefix, UnixTime,
    chunked::Place,
    crypto::{Cek, PasswordKey},
    error::Part,
    header::Format,
    keys::{Cadence, Credential, wrap::unwrap_at},
    payload::compression::into_open_error,
    text::{BinaryReader, Encoding},
};
use layout::Boxes;
use std::io::{self, Cursor, Read};

/// Takes what was sealed, in order: the message, then each attachment.
pub trait Sink {
    /// The message, before the first attachment. Authenticated.
    ///
    /// # Errors
    /// The implementor's; opening stops.
    fn message(&mut self, message: &Message) -> io::Result<()>;
    /// The next bytes of attachment `index`. Called at least once for each, if only with none.
    ///
    /// # Errors
    /// The implementor's; opening stops.
    fn content(&mut self, index: usize, bytes: &[u8]) -> io::Result<()>;
}

/// How to open.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Bounds.
    pub limits: Limits,
    /// When it is now: an expired manifest is refused. `None` opens expired files.
    pub now: Option<UnixTime>,
}

/// Everything about an opened file but its attachments' bytes.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The header.
    pub header: Header,
    /// The message.
    pub message: Message,
}

/// A message with its attachments' bytes.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// The message.
    pub message: Message,
    /// In the message's order.
    pub contents: Vec<Vec<u8>>,
}

impl Sink for Collected {
    fn message(&mut self, message: &Message) -> io::Result<()> {
        self.message = message.clone();
        self.contents = vec![Vec::new(); message.attachments.len()];
        Ok(())
    }
    fn content(&mut self, index: usize, bytes: &[u8]) -> io::Result<()> {
        if let Some(content) = self.contents.get_mut(index) {
            content.extend_from_slice(bytes);
        }
        Ok(())
    }
}

/// Opens the file a reader gives, binary or base64 text. `len`: exactly its bytes, if known, so that memory is asked for
/// once and chunks that would lie behind the end are refused before the first is read.
///
/// A checksum in the header is compared before anything is opened, but for chunks that pass through: their checksum is
/// complete only behind the last, and a difference is reported then. (It is no protection, whoever changes the file can
/// change it too.) Chunks that do not lie in the file in their order are held whole.
///
/// # Errors
/// [`OpenError`].
pub fn open(
    file: impl Read,
    len: Option<u64>,
    credential: &Credential,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<Opened, OpenError> {
    let mut file = BinaryReader::new(file).map_err(into_open_error)?;
    let encoding = file.encoding();
    let Prefix { header, payload_offset, .. } = Prefix::read(&mut file)?;
    let (payload_len, about) = match encoding {
        Encoding::Binary => (len.map(|len| len.saturating_sub(payload_offset)), len),
        // How many line breaks there are, nobody knows.
        Encoding::Base64 => (None, len.map(|len| len / 4 * 3)),
    };
    let access = admit(&header, credential, options)?;
    if let Access::Content(cek) = &access
        && header.chunked.is_some()
    {
        let index = chunks::index(&header, payload_offset, payload_len, options.limits)?;
        if chunks::in_file_order(&index) {
            let message = passing::open(&header, &index, cek, file, sink)?;
            return Ok(Opened { header, message });
        }
    }
    let mut payload = Vec::new();
    let expected = about.map_or(0, |len| len.saturating_sub(payload_offset));
    // Without success the vector grows as bytes arrive.
    let _ = usize::try_from(expected).map(|expected| payload.try_reserve_exact(expected));
    file.read_to_end(&mut payload).map_err(into_open_error)?;
    boxes::check_payload(header.checksum.as_ref(), &payload)?;
    let message = held(&header, payload_offset, &mut payload, &access, options, sink)?;
    Ok(Opened { header, message })
}

/// Opens a payload that is in memory.
fn held(
    header: &Header,
    payload_offset: u64,
    payload: &mut [u8],
    access: &Access,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<Message, OpenError> {
    let (compression, limits) = (header.compression, options.limits);
    let cek = match access {
        Access::Password(key) => {
            let plaintext = boxes::open_box(&key.0, payload, Part::Message)?;
            return match header.format {
                Format::V1 => boxes::v1(compression, plaintext, limits, sink),
                Format::V2 | Format::V3 => {
                    boxes::v2(compression, plaintext, plaintext.len() as u64, limits, sink)
                }
            };
        }
        Access::Content(cek) => cek,
    };
    if header.chunked.is_some() {
        let index = chunks::index(header, payload_offset, Some(payload.len() as u64), limits)?;
        let fetch = |place: Place, sealed: &mut Vec<u8>| {
            let from =
                usize::try_from(place.offset).ok().and_then(|at| payload.get(at..)).unwrap_or_default();
            read_chunk(from, place.size, sealed)
        };
        return chunks::open_all(&index, cek, fetch, sink);
    }
    let found = Boxes::find(&mut Cursor::new(&*payload), payload.len() as u64)?;
    let (Ok(message_at), Ok(attachments_at)) =
        (usize::try_from(found.message_at), usize::try_from(found.attachments_at))
    else {
        return Err(OpenError::InvalidPayload("the message is larger than memory".into()));
    };
    let (before, attachments) = payload.split_at_mut(attachments_at);
    let message = boxes::v3_message(compression, &mut before[message_at..], cek, limits)?;
    let attachments = match attachments {
        [] => &[],
        sealed => boxes::open_box(&cek.0, sealed, Part::Attachments)?,
    };
    boxes::v3_release(message, attachments, attachments.len() as u64, sink)
}

/// What opens the boxes of a file.
#[derive(Clone, Debug)]
pub enum Access {
    /// v1, v2: the key of the one box.
    Password(PasswordKey),
    /// v3: the key of every box.
    Content(Cek),
}

/// From the credential to the key, if the file's terms allow: what [`open`] and [`open_two_pass`] do first, and what whoever
/// opens chunks by themselves does. No box is opened with the key yet, so a wrong password is not found out here.
///
/// # Errors
/// [`OpenError::Expired`] when the manifest has expired at [`Options::now`]; [`OpenError::PasswordRequired`],
/// [`OpenError::LicenceRequired`] and [`OpenError::NotV3`] when the credential is empty or none for this format; and those of
/// [`unwrap_at`].
pub fn admit(header: &Header, credential: &Credential, options: &Options) -> Result<Access, OpenError> {
    if let (Some(manifest), Some(now)) = (&header.manifest, options.now)
        && let Some(end) = manifest.expires_at()
        && manifest.is_expired(now)
    {
        return Err(OpenError::Expired(end));
    }
    match (header.format, credential) {
        (Format::V1 | Format::V2, Credential::Password(password)) => {
            if password.as_str().is_empty() {
                return Err(OpenError::PasswordRequired);
            }
            Ok(Access::Password(PasswordKey::derive(password.as_str())))
        }
        (Format::V1 | Format::V2, Credential::Licence { .. } | Credential::Cek(_)) => Err(OpenError::NotV3),
        (Format::V3, Credential::Password(_)) => Err(OpenError::LicenceRequired),
        (Format::V3, Credential::Cek(cek)) => Ok(Access::Content(cek.clone())),
        (Format::V3, Credential::Licence { licence, at, cadence }) => {
            let cadence = header.cadence.as_ref().or(cadence.as_ref()).unwrap_or(&Cadence::Daily);
            unwrap_at(&header.wrapped_keys, licence, cadence, *at).map(Access::Content)
        }
    }
}

/// Reads `size` bytes behind what the buffer holds, or as many as there are. Memory grows as they arrive, and not beyond
/// `size`: a vector that doubles by itself would take up to twice as much.
fn read_chunk(mut file: impl Read, size: u64, buffer: &mut Vec<u8>) -> Result<(), OpenError> {
    /// Asked for before anything is there.
    const FIRST: usize = 2 << 20;
    let mut left = size;
    while left > 0 {
        let step = left.min(buffer.len().max(FIRST) as u64);
        // Without success the vector grows as bytes arrive.
        let _ = usize::try_from(step).map(|step| buffer.try_reserve_exact(step));
        let read = (&mut file).take(step).read_to_end(buffer).map_err(into_open_error)? as u64;
        if read < step {
            break;
        }
        left -= step;
    }
    Ok(())
}

/// Opens a file in memory.
///
/// # Errors
/// [`OpenError`].
pub fn open_bytes(
    file: &[u8],
    credential: &Credential,
    options: &Options,
) -> Result<(Header, Collected), OpenError> {
    let mut collected = Collected::default();
    let opened = open(file, Some(file.len() as u64), credential, options, &mut collected)?;
    Ok((opened.header, collected))
}
