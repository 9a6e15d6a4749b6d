//! Where everything lies: a function of the segments' lengths alone.
//!
//! ```text
//! part 0                                       part 1
//! segment 0               segment 1            segment 2
//! | 64K | 64K | rest |    | 64K | rest |       | 64K | ...         plaintext
//!    0     1     2           3     4              5                chunks
//! ```

use crate::v3::{
    chunk::OVERHEAD,
    digests::{DIGEST, GROUP},
    error::Refused,
    limits::{CHUNK, MAX_CHUNKS, MAX_SEGMENTS},
};
use std::ops::Range;

/// A stretch of a part that begins a new chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Segment {
    part: usize,
    /// Number of its first chunk.
    first: u32,
    chunks: u32,
    /// Plaintext bytes.
    bytes: u64,
    /// Where in its part.
    at: u64,
    /// Where its first chunk is, behind the beginning of chunk 0.
    stored: u64,
}

/// Chunks and bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Geometry {
    segments: Vec<Segment>,
    /// First segment of each part, and one past the last.
    parts: Vec<usize>,
    chunks: u32,
    stored: u64,
}

/// A chunk's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkPlace {
    /// Part, by number.
    pub part: usize,
    /// Plaintext, where in the part.
    pub plain: Range<u64>,
    /// The chunk, behind the beginning of chunk 0.
    pub stored: Range<u64>,
}

impl Geometry {
    /// From the lengths of each part's segments, as a writer plans them.
    ///
    /// # Errors
    /// [`Refused::BadMember`] for a part without segments or a segment without bytes, [`Refused::OverLimit`].
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a [u64]>) -> Result<Self, Refused> {
        let mut geometry = Self { segments: Vec::new(), parts: Vec::new(), chunks: 0, stored: 0 };
        for (part, segments) in parts.into_iter().enumerate() {
            geometry.parts.push(geometry.segments.len());
            if segments.is_empty() {
                return Err(Refused::BadMember { of: "part", member: "segments" });
            }
            let mut at = 0;
            for &bytes in segments {
                if bytes == 0 {
                    return Err(Refused::BadMember { of: "part", member: "segments" });
                }
                let chunks = bytes.div_ceil(CHUNK as u64);
                if geometry.segments.len() == MAX_SEGMENTS {
                    return Err(Refused::OverLimit("segments"));
                }
                if chunks > MAX_CHUNKS - u64::from(geometry.chunks) {
                    return Err(Refused::OverLimit("chunks"));
                }
                // Both at most 2^18.
                let chunks = chunks as u32;
                geometry.segments.push(Segment {
                    part,
                    first: geometry.chunks,
                    chunks,
                    bytes,
                    at,
                    stored: geometry.stored,
                });
                at += bytes;
                geometry.chunks += chunks;
                geometry.stored += bytes + u64::from(chunks) * OVERHEAD as u64;
            }
        }
        geometry.parts.push(geometry.segments.len());
        if geometry.chunks == 0 {
            return Err(Refused::BadMember { of: "header", member: "parts" });
        }
        Ok(geometry)
    }

    /// How many chunks there are; at least one.
    #[must_use]
    pub fn chunks(&self) -> u32 {
        self.chunks
    }

    /// Bytes of all chunks.
    #[must_use]
    pub fn stored(&self) -> u64 {
        self.stored
    }

    /// Bytes of signature and digests before chunk 0, if there are digests.
    #[must_use]
    pub fn digests(&self) -> u64 {
        let (chunks, groups) = (u64::from(self.chunks), u64::from(self.chunks.div_ceil(GROUP)));
        64 + DIGEST as u64 * (groups + chunks)
    }

    /// A chunk's place.
    #[must_use]
    pub fn chunk(&self, number: u32) -> Option<ChunkPlace> {
        if number >= self.chunks {
            return None;
        }
        let after = self.segments.partition_point(|segment| segment.first <= number);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        let within = u64::from(number - segment.first);
        let from = within * CHUNK as u64;
        let to = (from + CHUNK as u64).min(segment.bytes);
        let stored = segment.stored + within * (CHUNK + OVERHEAD) as u64;
        Some(ChunkPlace {
            part: segment.part,
            plain: segment.at + from..segment.at + to,
            stored: stored..stored + (to - from) + OVERHEAD as u64,
        })
    }

    /// The chunks of a part.
    #[must_use]
    pub fn part(&self, part: usize) -> Option<Range<u32>> {
        let (first, end) = (*self.parts.get(part)?, *self.parts.get(part + 1)?);
        let last = self.segments.get(end.checked_sub(1)?)?;
        Some(self.segments.get(first)?.first..last.first + last.chunks)
    }

    /// Plaintext bytes of a part.
    #[must_use]
    pub fn part_bytes(&self, part: usize) -> Option<u64> {
        let last = self.segments.get(self.parts.get(part + 1)?.checked_sub(1)?)?;
        (last.part == part).then_some(last.at + last.bytes)
    }

    /// The chunk in which a byte of a part is.
    #[must_use]
    pub fn chunk_at(&self, part: usize, byte: u64) -> Option<u32> {
        let segments = self.segments.get(*self.parts.get(part)?..*self.parts.get(part + 1)?)?;
        let after = segments.partition_point(|segment| segment.at <= byte);
        let segment = segments.get(after.checked_sub(1)?)?;
        // A chunk's number, below 2^18.
        (byte < segment.at + segment.bytes)
            .then(|| segment.first + ((byte - segment.at) / CHUNK as u64) as u32)
    }

    /// The chunks in which these bytes of a part are; empty for none.
    #[must_use]
    pub fn chunks_of(&self, part: usize, bytes: Range<u64>) -> Option<Range<u32>> {
        if bytes.is_empty() {
            let at = self.part(part)?.start;
            return Some(at..at);
        }
        Some(self.chunk_at(part, bytes.start)?..self.chunk_at(part, bytes.end - 1)? + 1)
    }
}
