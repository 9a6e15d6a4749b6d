//! Chunked v3 files, chunk by chunk: the caller fetches the bytes.

use super::{
    bytes::{self, count, number},
    credential::Cek,
    error::Failure,
};
use js_sys::Uint8Array;
use serde::Serialize;
use smsg::{
    Message,
    chunked::{self, ChunkIndex, ChunkNo},
    crypto::sealed_box,
    limits,
};
use wasm_bindgen::prelude::*;

/// A checked table of chunks.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Chunks(pub(super) ChunkIndex);

#[wasm_bindgen]
impl Chunks {
    /// How many.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn length(&self) -> f64 {
        number(self.0.len() as u64)
    }

    /// Plaintext bytes in all.
    #[wasm_bindgen(getter, js_name = plaintextLength)]
    #[must_use]
    pub fn plaintext_length(&self) -> f64 {
        number(self.0.plaintext_len())
    }

    /// First and last (exclusive) chunk that hold a range of the plaintext.
    #[must_use]
    pub fn covering(&self, start: f64, end: f64) -> Vec<f64> {
        let chunks = self.0.covering(count(start)..count(end));
        vec![number(chunks.start as u64), number(chunks.end as u64)]
    }

    /// Of a chunk: start and end in the binary file, start and length of its plaintext; empty when there is no such chunk.
    #[must_use]
    pub fn place(&self, chunk: u32) -> Vec<f64> {
        let chunk = ChunkNo(chunk as usize);
        let (Some(place), Some(file)) = (self.0.place(chunk), self.0.file_range(chunk)) else {
            return Vec::new();
        };
        [file.start, file.end, place.plain_offset, place.plain_len].map(number).to_vec()
    }
}

/// Finds the message at the beginning of the plaintext.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Head(chunked::Head);

#[derive(Serialize)]
struct Found<'m> {
    message: &'m Message,
    /// Start and end of each attachment in the plaintext.
    places: Vec<(u64, u64)>,
}

#[wasm_bindgen]
impl Head {
    /// Nothing read yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next chunk's plaintext, from chunk 0 on. JSON `{message, places}` as soon as the message is whole;
    /// `plaintextLength` is what the table says there is in all.
    ///
    /// # Errors
    /// `invalid_payload`, `attachment_truncated`, `over_limit`.
    pub fn push(&mut self, plaintext: &Uint8Array, plaintext_length: f64) -> Result<Option<String>, Failure> {
        let plaintext = bytes::take(plaintext, limits::MAX_CHUNK, "a chunk")?;
        let Some(layout) = self.0.push(&plaintext)? else { return Ok(None) };
        layout.check(count(plaintext_length))?;
        let places = (0..layout.message().attachments.len())
            .filter_map(|index| layout.attachment(index))
            .map(|range| (range.start, range.end))
            .collect();
        Ok(Some(bytes::to_json(&Found { message: layout.message(), places })))
    }
}

/// Opens one chunk's box: its plaintext. One copy in, one copy out.
///
/// # Errors
/// `decryption_failed`, `over_limit`.
#[wasm_bindgen(js_name = openChunk)]
pub fn open_chunk(cek: &Cek, chunk: u32, sealed: &Uint8Array) -> Result<Uint8Array, Failure> {
    let mut sealed = bytes::take(sealed, limits::MAX_CHUNK + sealed_box::OVERHEAD as u64, "a chunk")?;
    bytes::give(chunked::open_chunk(&cek.0, ChunkNo(chunk as usize), &mut sealed)?)
}
