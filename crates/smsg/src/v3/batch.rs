//! Chunks are worked on in batches: neighbours share most of their way down the tree of keys, and threads are handed enough to
//! be worth it.

use super::{
    chunk::OVERHEAD,
    digests::DIGEST,
    header::{ChunkPlace, Geometry},
    limits::CHUNK,
};
use std::ops::Range;

/// Chunks of a batch: 256 KiB, which stay in the second-level cache between the steps, also where two threads share it.
pub(super) const CHUNKS: u32 = 4;

/// Most bytes of a batch, digests included.
pub(super) const BYTES: u64 = CHUNKS as u64 * (CHUNK + OVERHEAD + DIGEST) as u64;

/// How many batches there are.
pub(super) fn count(geometry: &Geometry) -> usize {
    geometry.chunks().div_ceil(CHUNKS) as usize
}

/// The chunks of a batch; empty behind the last.
pub(super) fn chunks(geometry: &Geometry, batch: usize) -> Range<u32> {
    let batch = u32::try_from(batch).unwrap_or(u32::MAX);
    let first = batch.saturating_mul(CHUNKS).min(geometry.chunks());
    first..(first + CHUNKS).min(geometry.chunks())
}

/// The places of a batch's chunks, with where each is in the batch.
pub(super) fn places(
    geometry: &Geometry,
    batch: usize,
) -> impl Iterator<Item = (u32, ChunkPlace, Range<usize>)> + '_ {
    let chunks = chunks(geometry, batch);
    let begin = geometry.chunk(chunks.start).map_or(0, |place| place.stored.start);
    chunks.filter_map(move |number| {
        let place = geometry.chunk(number)?;
        // A batch is at most BYTES long.
        let within = (place.stored.start - begin) as usize..(place.stored.end - begin) as usize;
        Some((number, place, within))
    })
}

/// Bytes of a batch's chunks.
pub(super) fn length(geometry: &Geometry, batch: usize) -> usize {
    places(geometry, batch).last().map_or(0, |(_, _, within)| within.end)
}
