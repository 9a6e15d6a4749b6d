//! v1, v2 and plain v3: what is in their boxes, once those are open.

use super::Sink;
use crate::{
    Limits, Message, OpenError,
    crypto::{Cek, Key, sealed_box},
    error::Part,
    header::{Checksum, ChecksumHasher, Compression},
    limits::{MAX_DECOMPRESSED_V1, MAX_MESSAGE_JSON},
    payload::{
        compression::{self, into_open_error},
        json,
        stream::{self, Length, check_claims},
    },
};
use std::io::{BufRead, BufReader, Read};

/// Decompressed bytes that are handed on at once.
const PIECE: usize = 256 << 10;

/// The plaintext of a box, in place.
pub(super) fn open_box<'b>(key: &Key, sealed: &'b mut [u8], part: Part) -> Result<&'b [u8], OpenError> {
    sealed_box::open_in_place(key, sealed)
        .map(|plaintext| &*plaintext)
        .map_err(|_| OpenError::DecryptionFailed { part })
}

/// Compares a payload with the header's checksum, if there is one.
pub(super) fn check_payload(checksum: Option<&Checksum>, payload: &[u8]) -> Result<(), OpenError> {
    if let Some(checksum) = checksum {
        let mut hasher = ChecksumHasher::new(checksum)?;
        hasher.update(payload);
        hasher.finish()?;
    }
    Ok(())
}

/// v1: JSON with everything in it.
pub(super) fn v1(
    compression: Compression,
    plaintext: &[u8],
    limits: Limits,
    sink: &mut dyn Sink,
) -> Result<Message, OpenError> {
    let parsed = match compression {
        Compression::None => json::parse_v1(plaintext)?,
        Compression::Gzip | Compression::Zstd => json::parse_v1(&decompress(
            compression,
            plaintext,
            limits,
            "the text of v1",
            MAX_DECOMPRESSED_V1,
        )?)?,
    };
    sink.message(&parsed.message).map_err(OpenError::Write)?;
    for (index, content) in parsed.contents.iter().enumerate() {
        sink.content(index, content).map_err(OpenError::Write)?;
    }
    Ok(parsed.message)
}

/// v2: JSON and attachments, the whole compressed or not.
pub(super) fn v2(
    compression: Compression,
    mut plaintext: impl BufRead,
    len: u64,
    limits: Limits,
    sink: &mut dyn Sink,
) -> Result<Message, OpenError> {
    if compression == Compression::None {
        return stream::read_v2(&mut plaintext, Length::Known(len), sink);
    }
    let reader = compression::reader(compression, plaintext, limits.decompressed)?;
    let mut reader = BufReader::with_capacity(PIECE, reader);
    stream::read_v2(&mut reader, Length::AtMost(limits.decompressed), sink)
}

/// v3: the message's box.
pub(super) fn v3_message(
    compression: Compression,
    sealed: &mut [u8],
    cek: &Cek,
    limits: Limits,
) -> Result<Message, OpenError> {
    let plaintext = open_box(&cek.0, sealed, Part::Message)?;
    match compression {
        Compression::None => json::parse(plaintext),
        Compression::Gzip | Compression::Zstd => {
            json::parse(&decompress(compression, plaintext, limits, "the message", MAX_MESSAGE_JSON)?)
        }
    }
}

/// v3: the message, and its attachments out of their open box.
pub(super) fn v3_release(
    message: Message,
    mut attachments: impl BufRead,
    len: u64,
    sink: &mut dyn Sink,
) -> Result<Message, OpenError> {
    check_claims(&message, Length::Known(len), 0)?;
    sink.message(&message).map_err(OpenError::Write)?;
    stream::read_attachments(&message, &mut attachments, sink)?;
    Ok(message)
}

/// A text that is held whole: up to `cap` bytes, whatever the caller allows.
fn decompress(
    compression: Compression,
    plaintext: &[u8],
    limits: Limits,
    what: &'static str,
    cap: u64,
) -> Result<Vec<u8>, OpenError> {
    let mut out = Vec::new();
    let mut reader = compression::reader(compression, plaintext, limits.decompressed.min(cap))?;
    match reader.read_to_end(&mut out).map_err(into_open_error) {
        Ok(_) => Ok(out),
        // Here raising the caller's limit would not help.
        Err(OpenError::DecompressionLimit(limit)) if limit == cap => {
            Err(OpenError::DecompressionCap { what, limit })
        }
        Err(error) => Err(error),
    }
}
