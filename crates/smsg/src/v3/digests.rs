//! What the artist signed of the chunks. Chunks are encrypted with keys that all buyers share, so a key alone proves
//! nothing against a buyer: who can open a chunk can make another one.
//!
//! ```text
//! d_i = BLAKE3(chunk i)       G_j = BLAKE3(d_256j || ... at most 256)       R = BLAKE3(G_0 || G_1 || ...)
//! signed: {"artist":..., "file": H, "root": R, "type": "smsg:Seal"}
//! ```
//!
//! A reader takes the signature and all G once, and of the d those of the groups that it needs.

use super::{
    FileId,
    error::{Piece, Refused},
    header::Header,
    json,
    signing::Verifier,
};
use serde_json::{Map, Value};

/// Chunks in a group.
pub const GROUP: u32 = 256;

/// Bytes of a digest.
pub const DIGEST: usize = 32;

/// BLAKE3 of some bytes.
#[must_use]
pub fn digest(bytes: &[u8]) -> [u8; DIGEST] {
    *blake3::hash(bytes).as_bytes()
}

/// What the artist signs.
#[must_use]
pub fn seal_message(file: FileId, root: &[u8; DIGEST], artist: &str) -> Vec<u8> {
    let mut seal: Map<String, Value> = Map::new();
    seal.insert("type".into(), "smsg:Seal".into());
    seal.insert("file".into(), json::bytes(&file.0));
    seal.insert("root".into(), json::bytes(root));
    seal.insert("artist".into(), artist.into());
    json::canonical(&seal)
}

/// Digests as far as they were proven.
#[derive(Clone, Debug)]
pub struct Proven {
    chunks: u32,
    groups: Vec<[u8; DIGEST]>,
    /// Of each group, its chunks' digests when they were given.
    digests: Vec<Option<Vec<[u8; DIGEST]>>>,
}

impl Proven {
    /// Checks the signature over the digests of groups, by the key of the header. `bytes`: the signature, 64, and 32 for each group.
    ///
    /// # Errors
    /// [`Refused::Truncated`] or [`Refused::TrailingBytes`] if these are not so many bytes, [`Refused::BadSignature`].
    pub fn new(header: &Header, bytes: &[u8], verifier: &dyn Verifier) -> Result<Self, Refused> {
        const WHAT: &str = "the seal";
        let (signature, groups) = bytes.split_first_chunk::<64>().ok_or(Refused::Truncated(WHAT))?;
        let chunks = header.geometry().chunks();
        let count = chunks.div_ceil(GROUP) as usize;
        match groups.len() {
            len if len < count * DIGEST => return Err(Refused::Truncated(WHAT)),
            len if len > count * DIGEST => return Err(Refused::TrailingBytes(WHAT)),
            _ => {}
        }
        let message = seal_message(header.id(), &digest(groups), header.artist());
        if !verifier.verifies(header.signed_by(), &message, signature) {
            return Err(Refused::BadSignature(WHAT));
        }
        Ok(Self { chunks, groups: groups.as_chunks::<DIGEST>().0.to_vec(), digests: vec![None; count] })
    }

    /// Chunks of a group.
    #[must_use]
    pub fn chunks_of(&self, group: u32) -> u32 {
        self.chunks.saturating_sub(group.saturating_mul(GROUP)).min(GROUP)
    }

    /// Whether the digests of this chunk's group were given.
    #[must_use]
    pub fn has(&self, chunk: u32) -> bool {
        self.digests.get((chunk / GROUP) as usize).is_some_and(Option::is_some)
    }

    /// Checks and keeps the digests of a group's chunks.
    ///
    /// # Errors
    /// [`Refused::BadDigest`].
    pub fn give(&mut self, group: u32, bytes: &[u8]) -> Result<(), Refused> {
        let known = self.groups.get(group as usize);
        if known != Some(&digest(bytes)) || bytes.len() != self.chunks_of(group) as usize * DIGEST {
            return Err(Refused::BadDigest(Piece::Group(group)));
        }
        self.digests[group as usize] = Some(bytes.as_chunks::<DIGEST>().0.to_vec());
        Ok(())
    }

    /// Checks a chunk, all its bytes.
    ///
    /// # Errors
    /// [`Refused::BadDigest`]; also when its group was not given.
    pub fn check(&self, chunk: u32, bytes: &[u8]) -> Result<(), Refused> {
        let group = self.digests.get((chunk / GROUP) as usize).and_then(Option::as_ref);
        match group.and_then(|group| group.get((chunk % GROUP) as usize)) {
            Some(known) if *known == digest(bytes) => Ok(()),
            _ => Err(Refused::BadDigest(Piece::Chunk(chunk))),
        }
    }
}
