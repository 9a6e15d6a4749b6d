//! v3 chunks by index: for players that fetch only the ranges they need, and for sealing and opening on several cores.
//!
//! ```text
//! payload   = box(cek, chunk 0) || box(cek, chunk 1) || ...      places and lengths: header.chunked.index
//! plaintext = JSON || att 1 || att 2 ...                          chunk i holds bytes [i*chunkSize, (i+1)*chunkSize) of it
//! ```
//!
//! The way of a player:
//!
//! 1. [`crate::Prefix::parse`] on the first bytes;
//! 2. [`crate::open::admit`]: an expired file is refused here, and the licence becomes the content key;
//! 3. [`ChunkIndex::new`] and [`ChunkIndex::check_size`], so that a small file cannot name its chunks over and over;
//! 4. [`Head`] over chunks 0, 1, ... until it knows the message, and [`Layout::check`];
//! 5. then [`Layout::attachment`] and [`ChunkIndex::covering`] say which chunks a range of an attachment needs,
//!    [`ChunkIndex::file_range`] which bytes of the file those are, and [`open_chunk`] opens each.

use crate::{
    ContainerError, Header, Limits, Message, OpenError,
    crypto::{
        Cek,
        sealed_box::{self, OVERHEAD},
    },
    error::Part,
    limits::{MAX_CHUNK, MAX_CHUNKS, MAX_MESSAGE_JSON},
    payload::{
        json::{self, Boundary},
        stream::{Length, check_claims},
    },
};
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
    /// Bytes of its plaintext; 0 for a box that is too short to be one, which does not open.
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
    /// Checks a header's table; without a table there are no chunks. `payload_len` when the file's length is known: then no
    /// chunk may end behind it.
    ///
    /// # Errors
    /// [`ContainerError::ChunkOutOfBounds`], [`ContainerError::OverLimit`].
    pub fn new(
        header: &Header,
        payload_offset: u64,
        payload_len: Option<u64>,
    ) -> Result<Self, ContainerError> {
        let entries = header.chunked.as_ref().map_or(&[][..], |table| &table.index);
        if entries.len() > MAX_CHUNKS {
            return Err(ContainerError::OverLimit { what: "the number of chunks", limit: MAX_CHUNKS as u64 });
        }
        let mut places = Vec::with_capacity(entries.len());
        let mut plain_offset = 0_u64;
        for (chunk, &(offset, size)) in entries.iter().enumerate() {
            let outside = ContainerError::ChunkOutOfBounds(chunk);
            let (Ok(offset), Ok(size)) = (u64::try_from(offset), u64::try_from(size)) else {
                return Err(outside);
            };
            let end = offset.checked_add(size).filter(|end| payload_len.is_none_or(|len| *end <= len));
            // The place in the file must be a number too.
            if end.and_then(|end| end.checked_add(payload_offset)).is_none() {
                return Err(outside);
            }
            let plain_len = size.saturating_sub(OVERHEAD as u64);
            if plain_len > MAX_CHUNK {
                return Err(ContainerError::OverLimit { what: "the size of a chunk", limit: MAX_CHUNK });
            }
            places.push(Place { offset, size, plain_offset, plain_len });
            // No overflow: at most MAX_CHUNKS times MAX_CHUNK.
            plain_offset += plain_len;
        }
        Ok(Self { payload_offset, places })
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

    /// Where all chunks are, in order.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Plaintext bytes in all.
    #[must_use]
    pub fn plaintext_len(&self) -> u64 {
        self.places.last().map_or(0, |last| last.plain_offset + last.plain_len)
    }

    /// Whether the plaintext is one that a file may have: no longer than the part of the file that the index names, or than
    /// `limits` allow. An index may name one box any number of times, so that without this a megabyte comes to terabytes.
    ///
    /// # Errors
    /// [`OpenError::DecompressionLimit`].
    pub fn check_size(&self, limits: Limits) -> Result<(), OpenError> {
        // No overflow: `new` has added them before.
        let end = self.places.iter().map(|place| place.offset + place.size).max().unwrap_or(0);
        if self.plaintext_len() > end.max(limits.decompressed) {
            return Err(OpenError::DecompressionLimit(limits.decompressed));
        }
        Ok(())
    }

    /// The chunks that hold a range of the plaintext; none for an empty range, and none behind the end.
    #[must_use]
    pub fn covering(&self, plaintext: Range<u64>) -> Range<usize> {
        if plaintext.is_empty() {
            return 0..0;
        }
        let first = self.places.partition_point(|p| p.plain_offset + p.plain_len <= plaintext.start);
        let end = self.places.partition_point(|p| p.plain_offset < plaintext.end);
        first..end.max(first)
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
    sealed_box::open_in_place(&cek.0, sealed)
        .map_err(|_| OpenError::DecryptionFailed { part: Part::Chunk(chunk.0) })
}

/// Finds the message at the start of the plaintext, chunk by chunk.
#[derive(Debug, Default)]
pub struct Head {
    json: Vec<u8>,
    boundary: Boundary,
}

impl Head {
    /// Bytes taken so far that belong to the message.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.json.len() as u64
    }

    /// Whether nothing was taken yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.json.is_empty()
    }

    /// Takes the next chunk's plaintext, from chunk 0 on. `Some` as soon as the message is whole.
    ///
    /// # Errors
    /// [`OpenError::InvalidPayload`], [`OpenError::OverLimit`].
    pub fn push(&mut self, plaintext: &[u8]) -> Result<Option<Layout>, OpenError> {
        let end = self.boundary.push(plaintext)?;
        let part = &plaintext[..end.unwrap_or(plaintext.len()).min(plaintext.len())];
        if (self.json.len() + part.len()) as u64 > MAX_MESSAGE_JSON {
            return Err(OpenError::OverLimit { what: "the message", limit: MAX_MESSAGE_JSON });
        }
        self.json.extend_from_slice(part);
        if end.is_none() {
            return Ok(None);
        }
        let message = json::parse(&self.json)?;
        Ok(Some(Layout::new(message, self.json.len() as u64)))
    }
}

/// The message, and where its attachments lie in the plaintext.
#[derive(Clone, Debug)]
pub struct Layout {
    message: Message,
    attachments_at: u64,
    /// Where each attachment ends, up to the first whose end is no number.
    ends: Vec<u64>,
}

impl Layout {
    /// Of a message whose attachments begin at a byte of the plaintext.
    fn new(message: Message, attachments_at: u64) -> Self {
        let ends = message.attachments.iter().scan(attachments_at, |end, attachment| {
            *end = end.checked_add(attachment.size)?;
            Some(*end)
        });
        let ends = ends.collect();
        Self { message, attachments_at, ends }
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The message, to keep.
    #[must_use]
    pub fn into_message(self) -> Message {
        self.message
    }

    /// Where the JSON ends and the attachments begin, bytes of plaintext.
    #[must_use]
    pub fn attachments_at(&self) -> u64 {
        self.attachments_at
    }

    /// The plaintext range of an attachment.
    #[must_use]
    pub fn attachment(&self, index: usize) -> Option<Range<u64>> {
        let end = *self.ends.get(index)?;
        let before = index.checked_sub(1).map_or(self.attachments_at, |before| self.ends[before]);
        Some(before..end)
    }

    /// Whether all attachments lie within `plaintext_len` bytes.
    ///
    /// # Errors
    /// [`OpenError::AttachmentTruncated`] naming the first that does not.
    pub fn check(&self, plaintext_len: u64) -> Result<(), OpenError> {
        check_claims(&self.message, Length::Known(plaintext_len), self.attachments_at)
    }
}

#[cfg(test)]
mod tests;
