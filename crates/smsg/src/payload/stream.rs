//! Plaintext as it comes, to a message and attachments.

use crate::{
    OpenError,
    message::Message,
    open::Sink,
};
use std::io::Read;

/// v2: length, JSON, attachments; then the rest is read to its end, so that a checksum behind it is seen.
///
/// # Errors
/// [`OpenError`].
pub fn read_v2(plaintext: &mut dyn Read, sink: &mut dyn Sink) -> Result<Message, OpenError> {
    todo!("{} {}", plaintext.read(&mut []).is_ok(), std::any::type_name_of_val(sink))
}

/// Attachments one after the other, as long as the message says.
///
/// # Errors
/// [`OpenError::AttachmentTruncated`], [`OpenError::Read`], [`OpenError::Write`].
pub fn read_attachments(message: &Message, plaintext: &mut dyn Read, sink: &mut dyn Sink) -> Result<(), OpenError> {
    todo!("{message:?} {} {}", plaintext.read(&mut []).is_ok(), std::any::type_name_of_val(sink))
}
