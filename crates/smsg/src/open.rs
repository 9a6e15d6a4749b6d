//! Opening whole files: a reader to a sink.
//!
//! Chunked v3 passes through in the memory of one chunk. v1, v2 and plain v3 are held whole until their tag is checked, then
//! decompressed towards the sink; a source that can be read twice does without ([`open_two_pass`]).

use crate::{Header, Limits, Message, OpenError, UnixTime, keys::Credential};
use std::io::{self, Read, Seek};

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

/// Opens the file a reader gives, binary or base64 text. `len`: its bytes, if known, so that memory is asked for once.
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
    todo!("{len:?} {credential:?} {options:?} {} {}", std::any::type_name_of_val(&file), std::any::type_name_of_val(sink))
}

/// Opens a binary file in two passes over each box: memory does not grow with the file, time does by the second read.
/// v1, whose JSON must be held anyway, is opened as by [`open`]. `notes_key`: see [`crate::crypto::two_pass`].
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
    todo!("{credential:?} {options:?} {notes_key:?} {} {}", std::any::type_name_of_val(file), std::any::type_name_of_val(sink))
}

/// Opens a file in memory.
///
/// # Errors
/// [`OpenError`].
pub fn open_bytes(file: &[u8], credential: &Credential, options: &Options) -> Result<(Header, Collected), OpenError> {
    let mut collected = Collected::default();
    let opened = open(file, Some(file.len() as u64), credential, options, &mut collected)?;
    Ok((opened.header, collected))
}
