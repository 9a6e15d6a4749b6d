//! v3 chunks by index: for players that fetch only the ranges they need, and for sealing and opening on several cores.
//!
//! ```text
//! payload   = box(cek, chunk 0) || box(cek, chunk 1) || ...      places and lengths: header.chunked.index
//! plaintext = JSON || att 1 || att 2 ...                          chunk i holds bytes [i*chunkSize, (i+1)*chunkSize) of it
//! ```
//!
//! The way of a player: [`crate::Prefix::parse`] on the first bytes; [`crate::keys::wrap::unwrap_at`]; [`ChunkIndex::new`];
//! [`Head`] over chunks 0, 1, ... until it knows the message; then [`Layout::attachment`] and [`ChunkIndex::covering`] say which
//! chunks a range of an attachment needs, [`ChunkIndex::file_range`] which bytes of the file those are, and [`open_chunk`] opens
//! each.

use crate::{ContainerError, Header, Message, OpenError, crypto::Cek};
use std::ops::Range;

/// The index of a chunk, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChunkNo(pub usize);

/// Where a chunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Bytes from the start of the payload.
    pub offset: u64,
    /// Bytes of the box, nonce and tag included.
    pub size: u64,
    /// Bytes of plaintext before this chunk's.
    pub plain_offset: u64,
    /// Bytes of its plaintext.
    pub plain_len: u64,
}

/// A chunk table, checked: every place is positive, in order of the plaintext, and does not overflow.
#[derive(Clone, Debug)]
pub struct ChunkIndex {
    /// Where the payload starts in the file.
    payload_offset: u64,
    places: Vec<Place>,
}

impl ChunkIndex {
    /// Checks a header's table. `payload_len` when the file's length is known: then no chunk may end behind it.
    ///
    /// # Errors
    /// [`ContainerError::ChunkOutOfBounds`], [`ContainerError::OverLimit`].
    pub fn new(header: &Header, payload_offset: u64, payload_len: Option<u64>) -> Result<Self, ContainerError> {
        todo!("{header:?} {payload_offset} {payload_len:?}")
    }
    /// How many chunks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
    /// Where a chunk is.
    #[must_use]
    pub fn place(&self, chunk: ChunkNo) -> Option<Place> {
        self.places.get(chunk.0).copied()
    }
    /// Plaintext bytes in all.
    #[must_use]
    pub fn plaintext_len(&self) -> u64 {
        self.places.last().map_or(0, |last| last.plain_offset + last.plain_len)
    }
    /// The chunks that hold a range of the plaintext.
    #[must_use]
    pub fn covering(&self, plaintext: Range<u64>) -> Range<usize> {
        todo!("{plaintext:?}")
    }
    /// The bytes of the file that hold a chunk's box.
    #[must_use]
    pub fn file_range(&self, chunk: ChunkNo) -> Option<Range<u64>> {
        self.place(chunk).map(|p| self.payload_offset + p.offset..self.payload_offset + p.offset + p.size)
    }
}

/// Opens one chunk's box in place; the plaintext lies inside `sealed`.
///
/// # Errors
/// [`OpenError::DecryptionFailed`].
pub fn open_chunk<'b>(cek: &Cek, chunk: ChunkNo, sealed: &'b mut [u8]) -> Result<&'b mut [u8], OpenError> {
    todo!("{cek:?} {chunk:?} {sealed:?}")
}

/// Finds the message at the start of the plaintext, chunk by chunk.
#[derive(Debug, Default)]
pub struct Head {
    json: Vec<u8>,
}

impl Head {
    /// Takes the next chunk's plaintext, from chunk 0 on. `Some` as soon as the message is whole.
    ///
    /// # Errors
    /// [`OpenError::InvalidPayload`], [`OpenError::OverLimit`].
    pub fn push(&mut self, plaintext: &[u8]) -> Result<Option<Layout>, OpenError> {
        todo!("{plaintext:?} {:?}", self.json)
    }
}

/// The message, and where its attachments lie in the plaintext.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The message.
    pub message: Message,
    /// Where the JSON ends and the attachments begin, bytes of plaintext.
    pub attachments_at: u64,
}

impl Layout {
    /// The plaintext range of an attachment.
    #[must_use]
    pub fn attachment(&self, index: usize) -> Option<Range<u64>> {
        todo!("{index}")
    }
    /// Whether all attachments lie within `plaintext_len` bytes.
    ///
    /// # Errors
    /// [`OpenError::AttachmentTruncated`] naming the first that does not.
    pub fn check(&self, plaintext_len: u64) -> Result<(), OpenError> {
        todo!("{plaintext_len}")
    }
}
