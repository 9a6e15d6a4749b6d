//! Where the boxes of plain v3 are in the payload.
//!
//! ```text
//! 0          u32 BE  H
//! 4          header  H bytes: the header JSON again
//! 4+H        u32 BE  M
//! 8+H        box     M bytes: the message
//! 8+H+M      box     to the end: the attachments; absent when they have no bytes
//! ```

use crate::{
    OpenError,
    crypto::sealed_box::OVERHEAD,
    limits::{MAX_HEADER, MAX_MESSAGE_JSON},
};
use std::io::{self, Read, Seek, SeekFrom};

/// How much longer than its text a compressed message and its box may be.
const MESSAGE_SLACK: u64 = (1 << 20) + OVERHEAD as u64;

/// The boxes' places, bytes from the start of the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Boxes {
    /// Where the message's begins.
    pub(super) message_at: u64,
    /// Its length.
    pub(super) message_len: u64,
    /// Where that of the attachments begins: the message's end.
    pub(super) attachments_at: u64,
    /// Its length; 0 if there is none.
    pub(super) attachments_len: u64,
}

impl Boxes {
    /// Finds the boxes in a payload of `len` bytes that begins where `payload` stands.
    pub(super) fn find(payload: &mut (impl Read + Seek), len: u64) -> Result<Self, OpenError> {
        let start = payload.stream_position().map_err(OpenError::Read)?;
        let header_len = read_u32(payload, len, 0, "its inner header")?;
        if header_len > MAX_HEADER {
            return Err(outside("its inner header"));
        }
        let at = 4 + header_len;
        payload.seek(SeekFrom::Start(start + at)).map_err(OpenError::Read)?;
        let message_len = read_u32(payload, len, at, "the message")?;
        let message_at = at + 4;
        let attachments_at = message_at + message_len;
        let Some(attachments_len) = len.checked_sub(attachments_at) else {
            return Err(outside("the message"));
        };
        if message_len > MAX_MESSAGE_JSON + MESSAGE_SLACK {
            return Err(OpenError::OverLimit { what: "the message", limit: MAX_MESSAGE_JSON });
        }
        Ok(Self { message_at, message_len, attachments_at, attachments_len })
    }
}

/// The number at `at` of a payload of `len` bytes.
fn read_u32(payload: &mut impl Read, len: u64, at: u64, what: &str) -> Result<u64, OpenError> {
    if at + 4 > len {
        return Err(outside(what));
    }
    let mut bytes = [0; 4];
    match payload.read_exact(&mut bytes) {
        Ok(()) => Ok(u64::from(u32::from_be_bytes(bytes))),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Err(outside(what)),
        Err(e) => Err(OpenError::Read(e)),
    }
}

fn outside(what: &str) -> OpenError {
    OpenError::InvalidPayload(format!("{what} ends behind the end of the file"))
}
