//! An opened file: what its chunks need, and their plaintext.

use super::{Failure, asked, bytes, describe, range};
use crate::smsg::bytes::{count, number};
use js_sys::Uint8Array;
use smsg::v3::{
    Refused,
    error::Piece,
    open::{Asks as _, Session},
};
use wasm_bindgen::prelude::*;

/// Most bytes of chunks that are opened at once.
const MAX_CHUNKS: u64 = 16 << 20;

/// A file with keys to all or parts of it.
#[wasm_bindgen]
pub struct OpenRelease(Session<'static>);

impl OpenRelease {
    pub(super) fn new(session: Session<'static>) -> Self {
        Self(session)
    }
}

#[wasm_bindgen]
impl OpenRelease {
    /// What was sold, as JSON (`WireTerms` of the page).
    #[must_use]
    pub fn terms(&self) -> String {
        describe::terms(self.0.terms())
    }

    /// The seller's number, if a key of the file's table opened it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn serial(&self) -> Option<u32> {
        self.0.serial()
    }

    /// The stretches of parts that the keys open, as JSON (`WireStretch[]` of the page).
    #[must_use]
    pub fn stretches(&self) -> String {
        describe::stretches(&self.0)
    }

    /// The byte of a part from which a decoder begins, to play from a moment; 0 where nothing says it.
    #[must_use]
    pub fn seek(&self, part: u32, seconds: f64) -> f64 {
        let part = self.0.front().header.parts().get(part as usize);
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
        let plan = self.0.plan(part as usize, count(start)..count(end));
        let plan =
            plan.ok_or_else(|| Failure::new("out_of_range", "there is no such stretch of a part"))??;
        Ok(vec![plan.chunks.start, plan.chunks.end])
    }

    /// Start and end of the bytes it needs next before it can open chunks; `undefined` when it can.
    #[must_use]
    pub fn needs(&self) -> Option<Vec<f64>> {
        range(&self.0)
    }

    /// Takes them.
    ///
    /// # Errors
    /// `bad_signature`, `bad_digest`, `truncated_container`.
    pub fn take(&mut self, bytes: &Uint8Array) -> Result<(), Failure> {
        let bytes = asked(self.0.needs(), bytes)?;
        Ok(self.0.take(&bytes)?)
    }

    /// Of a chunk: start and end in the file, then start and end of its plaintext in its part; empty for none.
    #[must_use]
    pub fn place(&self, chunk: u32) -> Vec<f64> {
        let (Some(stored), Some(place)) = (self.0.stored(chunk), self.0.place(chunk)) else {
            return Vec::new();
        };
        [stored.start, stored.end, place.plain.start, place.plain.end].map(number).to_vec()
    }

    /// Verifies whole chunks that follow each other, and opens them. Their plaintext, up to the first that is refused: so what
    /// is good is not lost, and the next call says what is wrong.
    ///
    /// # Errors
    /// If the first is refused: `truncated_container`, `bad_digest`, `not_licensed`, `commitment`, `decryption_failed`.
    pub fn open(&self, first: u32, chunks: &Uint8Array) -> Result<Uint8Array, Failure> {
        let mut chunks = bytes::take(chunks, MAX_CHUNKS, "chunks")?;
        let mut opener = self.0.opener();
        let (mut at, mut opened, mut number) = (0, 0, first);
        while at < chunks.len() || number == first {
            let stored = self.0.stored(number).ok_or(Refused::NotLicensed(Piece::Chunk(number)))?;
            // A chunk has at most 64 KiB and 48 bytes.
            let end = at + (stored.end - stored.start) as usize;
            let result = match chunks.get_mut(at..end) {
                Some(chunk) => opener.open(number, chunk).map(|plaintext| plaintext.len()),
                None => Err(Refused::Truncated("a chunk")),
            };
            match result {
                Ok(length) => {
                    // Plaintext stands behind the commitment; together it is moved to the front.
                    let from = at + smsg::v3::chunk::COMMITMENT;
                    chunks.copy_within(from..from + length, opened);
                    (at, opened, number) = (end, opened + length, number + 1);
                }
                Err(refused) if number == first => return Err(refused.into()),
                Err(_) => break,
            }
        }
        bytes::give(&chunks[..opened])
    }
}
