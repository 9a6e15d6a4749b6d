//! Plaintext as it comes, to a message and attachments.

use super::{compression::into_open_error, json};
use crate::{
    OpenError,
    limits::{MAX_MESSAGE_JSON, MAX_TRAILING_PLAINTEXT},
    message::Message,
    open::Sink,
};
use std::io::{self, BufRead, Read};

/// Most bytes a sink is given at once.
const MAX_PIECE: usize = 1 << 20;

/// What is known of a plaintext's length before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// It is there, uncompressed, and this long: claims are checked before anything is released.
    Known(u64),
    /// It is still compressed, and must not become longer than this.
    AtMost(u64),
}

/// v2: length, JSON, attachments; then the rest is read to its end, so that a checksum behind it is seen.
///
/// ```text
/// u32BE N || JSON, N bytes || att 1 || att 2 ...
/// ```
///
/// # Errors
/// [`OpenError`]. A message that claims more than `length` is refused before the sink sees any of it.
pub fn read_v2(
    plaintext: &mut dyn BufRead,
    length: Length,
    sink: &mut dyn Sink,
) -> Result<Message, OpenError> {
    let mut json_len = [0; 4];
    let mut got = 0;
    while got < json_len.len() {
        let bytes = fill(plaintext)?;
        if bytes.is_empty() {
            return Err(OpenError::InvalidPayload(format!("it has {got} bytes, too few for a length")));
        }
        let step = bytes.len().min(json_len.len() - got);
        json_len[got..got + step].copy_from_slice(&bytes[..step]);
        plaintext.consume(step);
        got += step;
    }
    let json_len = u64::from(u32::from_be_bytes(json_len));
    let too_long = || OpenError::InvalidPayload(format!("it claims {json_len} bytes of JSON"));
    if json_len > MAX_MESSAGE_JSON {
        return Err(too_long());
    }
    // Grows as bytes arrive: a claim costs nothing.
    let mut json = Vec::new();
    plaintext.take(json_len).read_to_end(&mut json).map_err(into_open_error)?;
    if (json.len() as u64) < json_len {
        return Err(too_long());
    }
    let message = json::parse(&json)?;
    drop(json);
    check_claims(&message, length, 4 + json_len)?;
    sink.message(&message).map_err(OpenError::Write)?;
    read_attachments(&message, plaintext, sink)?;
    Ok(message)
}

/// Whether the attachments' sizes fit into what follows the first `before` bytes of a plaintext.
///
/// # Errors
/// [`OpenError::AttachmentTruncated`], [`OpenError::DecompressionLimit`].
pub fn check_claims(message: &Message, length: Length, before: u64) -> Result<(), OpenError> {
    let mut end = before;
    for attachment in &message.attachments {
        end = end.saturating_add(attachment.size);
        match length {
            Length::Known(len) if end > len => {
                return Err(OpenError::AttachmentTruncated(attachment.name.clone()));
            }
            Length::AtMost(limit) if end > limit => return Err(OpenError::DecompressionLimit(limit)),
            Length::Known(_) | Length::AtMost(_) => {}
        }
    }
    Ok(())
}

/// Attachments one after the other, as long as the message says; then what follows, up to
/// [`MAX_TRAILING_PLAINTEXT`], is read and dropped.
///
/// # Errors
/// [`OpenError::AttachmentTruncated`], [`OpenError::OverLimit`], [`OpenError::Read`], [`OpenError::Write`], and what the
/// reader's errors hold.
pub fn read_attachments(
    message: &Message,
    plaintext: &mut dyn BufRead,
    sink: &mut dyn Sink,
) -> Result<(), OpenError> {
    for (index, attachment) in message.attachments.iter().enumerate() {
        let mut left = attachment.size;
        if left == 0 {
            sink.content(index, &[]).map_err(OpenError::Write)?;
        }
        while left > 0 {
            let bytes = fill(plaintext)?;
            if bytes.is_empty() {
                return Err(OpenError::AttachmentTruncated(attachment.name.clone()));
            }
            let step = usize::try_from(left).map_or(usize::MAX, |left| left).min(bytes.len()).min(MAX_PIECE);
            sink.content(index, &bytes[..step]).map_err(OpenError::Write)?;
            plaintext.consume(step);
            left -= step as u64;
        }
    }
    let mut trailing = 0;
    loop {
        let step = fill(plaintext)?.len();
        plaintext.consume(step);
        trailing += step as u64;
        check_trailing(trailing)?;
        if step == 0 {
            return Ok(());
        }
    }
}

/// Whether this many bytes behind the last attachment are let pass.
pub(crate) fn check_trailing(bytes: u64) -> Result<(), OpenError> {
    if bytes > MAX_TRAILING_PLAINTEXT {
        return Err(OpenError::OverLimit {
            what: "what follows the last attachment",
            limit: MAX_TRAILING_PLAINTEXT,
        });
    }
    Ok(())
}

/// The next bytes; none at the end.
fn fill(plaintext: &mut dyn BufRead) -> Result<&[u8], OpenError> {
    // Asked twice, because the borrow of a first answer would last through the loop.
    loop {
        match plaintext.fill_buf() {
            Ok(_) => break,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(into_open_error(e)),
        }
    }
    plaintext.fill_buf().map_err(into_open_error)
}
