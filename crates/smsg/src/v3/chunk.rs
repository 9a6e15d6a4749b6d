//! One chunk: its key, its commitment, its box.
//!
//! ```text
//! com || ek = HKDF-Expand(leaf, "smsg3 chunk" || H || u64 number || u8 last || u8 0, 64)
//!
//!  0          32                      32+n     48+n
//! +----------+-----------------------+--------+
//! |  com     |  ciphertext, n bytes  |  tag   |      AEAD(ek, nonce = u88 number || u8 last, no associated data)
//! +----------+-----------------------+--------+
//! ```
//!
//! Poly1305 commits to no key: one can make ciphertext that opens under two. `com` does, as HMAC-SHA256 has no known collisions;
//! it is compared before anything is decrypted.

use super::{
    FileId,
    error::{Piece, Refused},
    kdf,
    tree::{Keys, Node, Walk},
};
use crate::crypto::{Key, ietf, sealed_box::TAG_LEN};
use subtle::ConstantTimeEq as _;

/// Bytes of commitment before the ciphertext.
pub const COMMITMENT: usize = 32;

/// How much longer a chunk is than its plaintext.
pub const OVERHEAD: usize = COMMITMENT + TAG_LEN;

/// Which chunk of how many: its number, and whether it is the last, are part of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Number {
    number: u32,
    last: bool,
}

impl Number {
    fn nonce(self) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[7..11].copy_from_slice(&self.number.to_be_bytes());
        nonce[11] = u8::from(self.last);
        nonce
    }

    fn keys(self, file: FileId, leaf: &Node) -> ([u8; COMMITMENT], Key) {
        let number = u64::from(self.number).to_be_bytes();
        let info: [&[u8]; 4] = [b"smsg3 chunk", &file.0, &number, &[u8::from(self.last), 0]];
        kdf::committed(leaf.key(), &info)
    }
}

/// Seals and opens chunks of one file, best one after the other.
pub struct Chunks<'k> {
    file: FileId,
    count: u32,
    walk: Walk<'k>,
}

impl<'k> Chunks<'k> {
    /// With the keys at hand.
    #[must_use]
    pub fn new(keys: &'k Keys) -> Self {
        Self { file: keys.file(), count: keys.tree().chunks(), walk: keys.walk() }
    }

    fn keys(&mut self, number: u32) -> Option<(Number, [u8; COMMITMENT], Key)> {
        let place = Number { number, last: number.checked_add(1) == Some(self.count) };
        let leaf = self.walk.leaf(number)?;
        let (commitment, key) = place.keys(self.file, leaf);
        Some((place, commitment, key))
    }

    /// Turns `gap 32 || plaintext || gap 16` into a chunk. Only once for a number: hence not for everybody.
    pub(super) fn seal(&mut self, number: u32, chunk: &mut [u8]) -> Option<()> {
        let (place, commitment, key) = self.keys(number)?;
        let (head, rest) = chunk.split_first_chunk_mut::<COMMITMENT>()?;
        let (data, tag) = rest.split_last_chunk_mut::<TAG_LEN>()?;
        *head = commitment;
        *tag = ietf::seal(&key, place.nonce(), &[], data);
        Some(())
    }

    /// As [`seal`](Self::seal), of plaintext that lies elsewhere, with a gap of its length between the two.
    pub(super) fn seal_from(&mut self, number: u32, plaintext: &[u8], chunk: &mut [u8]) -> Option<()> {
        let (place, commitment, key) = self.keys(number)?;
        let (head, rest) = chunk.split_first_chunk_mut::<COMMITMENT>()?;
        let (data, tag) = rest.split_last_chunk_mut::<TAG_LEN>()?;
        *head = commitment;
        *tag = ietf::seal_from(&key, place.nonce(), &[], plaintext, data);
        Some(())
    }

    /// Opens a chunk in place and returns the plaintext in it. That it is as long as the header says, and its digest, the
    /// caller has checked. On an error `chunk` holds no plaintext.
    ///
    /// # Errors
    /// [`Refused::NotLicensed`], [`Refused::Commitment`], [`Refused::Decryption`].
    pub fn open<'c>(&mut self, number: u32, chunk: &'c mut [u8]) -> Result<&'c mut [u8], Refused> {
        let piece = Piece::Chunk(number);
        let (place, commitment, key) = self.keys(number).ok_or(Refused::NotLicensed(piece))?;
        let damaged = || Refused::Decryption(piece);
        let (head, rest) = chunk.split_first_chunk_mut::<COMMITMENT>().ok_or_else(damaged)?;
        let (data, tag) = rest.split_last_chunk_mut::<TAG_LEN>().ok_or_else(damaged)?;
        if !bool::from(head.ct_eq(&commitment)) {
            return Err(Refused::Commitment(piece));
        }
        ietf::open(&key, place.nonce(), &[], data, tag).map_err(|_| damaged())?;
        Ok(data)
    }
}
