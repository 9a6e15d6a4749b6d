//! Chunked v3: every length is known before the first byte is read, so the header with its index is written first and
//! chunks follow as they are sealed.

use super::{
    Source, prefix,
    sources::{Plaintext, total},
};
use crate::{
    Header, Message, SealError,
    crypto::{
        Cek, Nonce,
        sealed_box::{self, NONCE_LEN, OVERHEAD, TAG_LEN},
    },
    header::ChunkTable,
    limits::{MAX_CHUNK, MAX_CHUNKS, MIN_CHUNK_WRITTEN},
    pipeline,
};
use rand_core::CryptoRng;
use std::io::Write;

pub(super) fn write(
    message: &Message,
    sources: &mut [Source<'_>],
    mut header: Header,
    cek: &Cek,
    chunk: u32,
    rng: &mut impl CryptoRng,
    out: &mut dyn Write,
) -> Result<u64, SealError> {
    let json = super::message_json(message)?;
    let len = total(message)?
        .checked_add(json.len() as u64)
        .ok_or(SealError::OverLimit { what: "the size of all attachments", limit: u64::MAX })?;
    let (table, payload_len) = table(len, chunk)?;
    let count = table.index.len();
    header.chunked = Some(table);
    let prefix = prefix(&header)?;
    out.write_all(&prefix).map_err(SealError::Write)?;
    let mut plaintext = Plaintext::new(&json, message, sources);
    // Below MAX_CHUNK, so it fits.
    let chunk_len = chunk as usize;
    let mut left = len;
    pipeline::run(
        u64::from(chunk).min(len) + OVERHEAD as u64,
        count,
        |index, buffer| {
            if index == count {
                return Ok(false);
            }
            let wanted = usize::try_from(left).map_or(chunk_len, |left| left.min(chunk_len));
            left -= wanted as u64;
            buffer.clear();
            // Exactly: a vector that doubles takes up to twice as much. Without success it still can.
            let _ = buffer.try_reserve_exact(wanted + OVERHEAD);
            buffer.extend_from_slice(&Nonce::generate(rng).0);
            plaintext.read(wanted, buffer)?;
            buffer.extend_from_slice(&[0; TAG_LEN]);
            Ok(true)
        },
        |_, buffer, cores| match buffer.first_chunk::<NONCE_LEN>() {
            Some(nonce) => {
                sealed_box::seal_in_place_on(cores, &cek.0, &Nonce(*nonce), buffer);
                true
            }
            None => false,
        },
        |piece| out.write_all(&piece.bytes).map_err(SealError::Write),
    )?;
    Ok(prefix.len() as u64 + payload_len)
}

/// The index for a plaintext, and the payload's length.
fn table(len: u64, chunk: u32) -> Result<(ChunkTable, u64), SealError> {
    if chunk < MIN_CHUNK_WRITTEN {
        return Err(SealError::Unsupported("chunks are too small; make them at least 64 bytes"));
    }
    if u64::from(chunk) > MAX_CHUNK {
        return Err(SealError::OverLimit { what: "the size of a chunk", limit: MAX_CHUNK });
    }
    let count = len.div_ceil(u64::from(chunk));
    if count > MAX_CHUNKS as u64 {
        return Err(SealError::OverLimit {
            what: "the number of chunks (make them larger)",
            limit: MAX_CHUNKS as u64,
        });
    }
    let mut index = Vec::new();
    let (mut left, mut offset) = (len, 0);
    while left > 0 {
        let plain = left.min(u64::from(chunk));
        let size = plain + OVERHEAD as u64;
        // At most MAX_CHUNKS times MAX_CHUNK, far below 2^63.
        index.push((offset as i64, size as i64));
        offset += size;
        left -= plain;
    }
    Ok((ChunkTable { chunk_size: chunk.into(), total_chunks: count, total_size: len, index }, offset))
}
