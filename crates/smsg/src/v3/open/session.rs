//! Chunks of a file that was opened: which bytes a stretch of a part needs, and verified plaintext of them.

use super::{Asks, Front};
use crate::v3::{
    chunk::Chunks,
    digests::{DIGEST, GROUP, Proven},
    error::{Piece, Refused},
    grant::Granted,
    header::ChunkPlace,
    signing::Verifier,
    terms::Terms,
};
use std::ops::Range;

/// Why chunks are believed to be the artist's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The digests that the artist signed are checked, if the file has any.
    Digests,
    /// All bytes are known to be those of a CID that the artist signed elsewhere.
    ContentId,
}

/// A file with keys to it. It takes the proofs it [asks](Asks) for, then chunks in any order.
pub struct Session<'v> {
    front: Front,
    granted: Granted,
    verifier: &'v dyn Verifier,
    proofs: Proofs,
    /// Groups whose digests were asked for.
    wanted: Vec<u32>,
}

enum Proofs {
    NotNeeded,
    Missing,
    Here(Proven),
}

/// What a stretch of a part needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// These chunks.
    pub chunks: Range<u32>,
    /// They lie here in the file, without gaps.
    pub bytes: Range<u64>,
}

impl<'v> Session<'v> {
    /// With what was granted for this very file.
    ///
    /// # Errors
    /// [`Refused::WrongFile`].
    pub fn new(
        front: Front,
        granted: Granted,
        trust: Trust,
        verifier: &'v dyn Verifier,
    ) -> Result<Self, Refused> {
        if granted.keys.file() != front.header.id() {
            return Err(Refused::WrongFile("the licence"));
        }
        let needed = front.header.has_digests() && trust == Trust::Digests;
        let proofs = if needed { Proofs::Missing } else { Proofs::NotNeeded };
        Ok(Self { front, granted, verifier, proofs, wanted: Vec::new() })
    }

    /// Header, table, lengths.
    #[must_use]
    pub fn front(&self) -> &Front {
        &self.front
    }

    /// What was sold.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.granted.terms
    }

    /// The seller's number, if a key of the table opened the file.
    #[must_use]
    pub fn serial(&self) -> Option<u32> {
        self.granted.serial
    }

    /// Whether the licence reaches a chunk.
    #[must_use]
    pub fn opens(&self, chunk: u32) -> bool {
        self.granted.keys.opens(chunk)
    }

    /// What these bytes of a part need. `None` if the part has no such bytes. Their digests are asked for from now on.
    ///
    /// # Errors
    /// [`Refused::NotLicensed`] with the first chunk that the licence does not reach.
    pub fn plan(&mut self, part: usize, bytes: Range<u64>) -> Option<Result<Plan, Refused>> {
        let chunks = self.front.header.geometry().chunks_of(part, bytes)?;
        if let Some(outside) = chunks.clone().find(|chunk| !self.opens(*chunk)) {
            return Some(Err(Refused::NotLicensed(Piece::Chunk(outside))));
        }
        self.want(chunks.clone());
        let place = |chunk| self.stored(chunk);
        let bytes = match (place(chunks.start), chunks.end.checked_sub(1).and_then(place)) {
            (Some(first), Some(last)) if !chunks.is_empty() => first.start..last.end,
            _ => self.front.chunks_at()..self.front.chunks_at(),
        };
        Some(Ok(Plan { chunks, bytes }))
    }

    /// Asks for the digests of these chunks.
    pub fn want(&mut self, chunks: Range<u32>) {
        let end = chunks.end.min(self.front.header.geometry().chunks());
        if chunks.start >= end || matches!(self.proofs, Proofs::NotNeeded) {
            return;
        }
        for group in chunks.start / GROUP..=(end - 1) / GROUP {
            if !self.wanted.contains(&group) {
                self.wanted.push(group);
            }
        }
        // In the order of the file.
        self.wanted.sort_unstable();
    }

    /// A chunk's place.
    #[must_use]
    pub fn place(&self, chunk: u32) -> Option<ChunkPlace> {
        self.front.header.geometry().chunk(chunk)
    }

    /// Where a chunk lies in the file.
    #[must_use]
    pub fn stored(&self, chunk: u32) -> Option<Range<u64>> {
        let place = self.place(chunk)?;
        let at = self.front.chunks_at();
        Some(at + place.stored.start..at + place.stored.end)
    }

    /// Verifies and opens chunks, best one after the other. Several may at once, on several threads.
    #[must_use]
    pub fn opener(&self) -> ChunkOpener<'_> {
        ChunkOpener { session: self, chunks: Chunks::new(&self.granted.keys) }
    }

    fn group_place(&self, group: u32) -> Range<u64> {
        let at = self.front.summary().end + u64::from(group) * u64::from(GROUP) * DIGEST as u64;
        let chunks = self.front.header.geometry().chunks().saturating_sub(group * GROUP).min(GROUP);
        at..at + u64::from(chunks) * DIGEST as u64
    }

    fn next_group(&self) -> Option<u32> {
        let Proofs::Here(proven) = &self.proofs else { return None };
        self.wanted.iter().copied().find(|group| !proven.has(group * GROUP))
    }
}

impl Asks for Session<'_> {
    fn needs(&self) -> Option<Range<u64>> {
        match &self.proofs {
            Proofs::NotNeeded => None,
            Proofs::Missing => Some(self.front.summary()),
            Proofs::Here(_) => self.next_group().map(|group| self.group_place(group)),
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        let group = self.next_group();
        let header = &self.front.header;
        match (&mut self.proofs, group) {
            (proofs @ Proofs::Missing, _) => {
                *proofs = Proofs::Here(Proven::new(header, bytes, self.verifier)?);
                Ok(())
            }
            (Proofs::Here(proven), Some(group)) => proven.give(group, bytes),
            _ => Ok(()),
        }
    }
}

/// Opens chunks of a session.
pub struct ChunkOpener<'s> {
    session: &'s Session<'s>,
    chunks: Chunks<'s>,
}

impl ChunkOpener<'_> {
    /// Verifies a chunk and opens it in place; returns the plaintext in `chunk`. On an error `chunk` holds no plaintext.
    ///
    /// # Errors
    /// [`Refused::Truncated`] or [`Refused::TrailingBytes`] if these are not exactly the chunk's bytes;
    /// [`Refused::BadDigest`] also while its digest is missing; [`Refused::NotLicensed`], [`Refused::Commitment`],
    /// [`Refused::Decryption`].
    pub fn open<'c>(&mut self, number: u32, chunk: &'c mut [u8]) -> Result<&'c mut [u8], Refused> {
        self.check(number, chunk)?;
        self.chunks.open(number, chunk)
    }

    /// Verifies a chunk without opening it: its length, and its digest if those are checked.
    ///
    /// # Errors
    /// As [`ChunkOpener::open`].
    pub fn check(&self, number: u32, chunk: &[u8]) -> Result<(), Refused> {
        const WHAT: &str = "a chunk";
        let place = self.session.place(number).ok_or(Refused::TrailingBytes("the last chunk"))?;
        match (chunk.len() as u64).cmp(&(place.stored.end - place.stored.start)) {
            std::cmp::Ordering::Less => return Err(Refused::Truncated(WHAT)),
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Greater => return Err(Refused::TrailingBytes(WHAT)),
        }
        match &self.session.proofs {
            Proofs::NotNeeded => Ok(()),
            Proofs::Missing => Err(Refused::BadDigest(Piece::Chunk(number))),
            Proofs::Here(proven) => proven.check(number, chunk),
        }
    }
}
