//! An opened file: what its chunks need, and their plaintext.

use super::{Failure, bytes, describe, range, take};
use crate::smsg::bytes::{count, number};
use js_sys::Uint8Array;
use smsg::v3::{Refused, error::Piece, open::Session};
use wasm_bindgen::prelude::*;

/// Most bytes of chunks that are opened at once.
const MAX_CHUNKS: u64 = 16 << 20;

/// A file with keys to all or parts of it.
#[wasm_bindgen]
pub struct OpenRelease {
    session: Session<'static>,
    /// For one chunk at a time: so small that the processor's cache holds it from the digest to the plaintext, and never asked for
    /// anew.
    room: Vec<u8>,
}

impl OpenRelease {
    pub(super) fn new(session: Session<'static>) -> Self {
        Self { session, room: Vec::new() }
    }
}

#[wasm_bindgen]
impl OpenRelease {
    /// What was sold, as JSON (`WireTerms` of the page).
    #[must_use]
    pub fn terms(&self) -> String {
        describe::terms(self.session.terms())
    }

    /// The seller's number, if a key of the file's table opened it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn serial(&self) -> Option<u32> {
        self.session.serial()
    }

    /// The stretches of parts that the keys open, as JSON (`WireStretch[]` of the page).
    #[must_use]
    pub fn stretches(&self) -> String {
        describe::stretches(&self.session)
    }

    /// The byte of a part from which a decoder begins, to play from a moment; 0 where nothing says it.
    #[must_use]
    pub fn seek(&self, part: u32, seconds: f64) -> f64 {
        let part = self.session.front().header.parts().get(part as usize);
        let mark = part.and_then(|part| {
            #[allow(clippy::cast_precision_loss, reason = "ticks of a second are few")]
            let ticks = seconds * part.scale? as f64;
            part.index.seek(count(ticks))
        });
        number(mark.map_or(0, |mark| mark.byte))
    }

    /// What these plaintext bytes of a part need: first and last (exclusive) chunk. Their digests are asked for from now on.
    ///
    /// # Errors
    /// `not_licensed`; `out_of_range` when the part has no such bytes.
    pub fn plan(&mut self, part: u32, start: f64, end: f64) -> Result<Vec<u32>, Failure> {
        let plan = self.session.plan(part as usize, count(start)..count(end));
        let plan =
            plan.ok_or_else(|| Failure::new("out_of_range", "there is no such stretch of a part"))??;
        Ok(vec![plan.chunks.start, plan.chunks.end])
    }

    /// Start and end of the bytes it needs next before it can open chunks; `undefined` when it can.
    #[must_use]
    pub fn needs(&self) -> Option<Vec<f64>> {
        range(&self.session)
    }

    /// Takes them.
    ///
    /// # Errors
    /// `bad_signature`, `bad_digest`, `truncated_container`.
    pub fn take(&mut self, bytes: &Uint8Array) -> Result<(), Failure> {
        take(&mut self.session, bytes)
    }

    /// Of a chunk: start and end in the file, then start and end of its plaintext in its part; empty for none.
    #[must_use]
    pub fn place(&self, chunk: u32) -> Vec<f64> {
        let (Some(stored), Some(place)) = (self.session.stored(chunk), self.session.place(chunk)) else {
            return Vec::new();
        };
        [stored.start, stored.end, place.plain.start, place.plain.end].map(number).to_vec()
    }

    /// Verifies whole chunks that follow each other, and opens them. Their plaintext, up to the first that is refused: so what
    /// is good is not lost, and the next call says what is wrong.
    ///
    /// # Errors
    /// If the first is refused: `truncated_container`, `bad_digest`, `not_licensed`, `commitment`, `decryption_failed`.
    pub fn open(&mut self, first: u32, chunks: &Uint8Array) -> Result<Uint8Array, Failure> {
        bytes::at_most(chunks, MAX_CHUNKS, "chunks")?;
        let (session, room) = (&self.session, &mut self.room);
        let mut opener = session.opener();
        let out = bytes::room(plaintext_of(session, first, chunks.length()))?;
        let (mut at, mut opened, mut number) = (0, 0, first);
        while at < chunks.length() || number == first {
            let stored = session.stored(number).ok_or(Refused::NotLicensed(Piece::Chunk(number)))?;
            // A chunk has at most 64 KiB and 48 bytes.
            let length = (stored.end - stored.start) as u32;
            let result = if chunks.length() - at < length {
                Err(Refused::Truncated("a chunk"))
            } else {
                room.resize(length as usize, 0);
                chunks.subarray(at, at + length).copy_to(room);
                opener.open(number, room)
            };
            match result {
                Ok(plaintext) => {
                    let length = plaintext.len() as u32;
                    out.subarray(opened, opened + length).copy_from(plaintext);
                    opened += length;
                }
                Err(refused) if number == first => return Err(refused.into()),
                Err(_) => break,
            }
            (at, number) = (at + length, number + 1);
        }
        Ok(if opened == out.length() { out } else { out.slice(0, opened) })
    }
}

/// Bytes of plaintext in so many bytes of chunks.
fn plaintext_of(session: &Session<'_>, first: u32, mut bytes: u32) -> u32 {
    let mut plaintext = 0;
    for number in first.. {
        let Some(place) = session.place(number) else { break };
        // Chunks are small.
        let stored = (place.stored.end - place.stored.start) as u32;
        if stored > bytes {
            break;
        }
        (bytes, plaintext) = (bytes - stored, plaintext + (place.plain.end - place.plain.start) as u32);
    }
    plaintext
}
