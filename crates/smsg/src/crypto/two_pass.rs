//! A box larger than memory, from a source that can be read twice (a file on disk, a Blob in a browser).
//!
//! First pass: the tag over all of it is checked, and a short tag of each segment is noted under a key that lives only here.
//! Second pass: each segment must match its note before its plaintext is released. So what is released was authenticated,
//! even if the source changed in between; memory is 16 bytes a segment.

use super::{
    key::Key,
    sealed_box::NotAuthentic,
};

/// Ciphertext bytes in a segment; the last is shorter.
pub const SEGMENT: usize = 1 << 20;

/// First pass: takes the whole box in order.
pub struct Check(());

impl Check {
    /// For a box of `box_len` bytes. `notes_key` is fresh random bytes.
    ///
    /// # Errors
    /// [`NotAuthentic`] when it is too short for a box.
    pub fn new(key: &Key, box_len: u64, notes_key: [u8; 32]) -> Result<Self, NotAuthentic> {
        todo!("{key:?} {box_len} {notes_key:?}")
    }
    /// The next bytes of the box, any number.
    pub fn update(&mut self, bytes: &[u8]) {
        todo!("{bytes:?}")
    }
    /// After exactly `box_len` bytes.
    ///
    /// # Errors
    /// [`NotAuthentic`].
    pub fn finish(self) -> Result<Release, NotAuthentic> {
        todo!()
    }
}

/// Second pass: the segments, in any order.
pub struct Release(());

impl Release {
    /// Bytes of plaintext.
    #[must_use]
    pub fn plaintext_len(&self) -> u64 {
        todo!()
    }
    /// How many segments there are.
    #[must_use]
    pub fn segments(&self) -> u64 {
        todo!()
    }
    /// Where segment `index` lies in the box: start and length, bytes.
    #[must_use]
    pub fn place(&self, index: u64) -> Option<(u64, usize)> {
        todo!("{index}")
    }
    /// Turns segment `index`, read again from [`Self::place`], into plaintext in place.
    ///
    /// # Errors
    /// [`NotAuthentic`] when it is not what the first pass saw; the content of `segment` is then not plaintext.
    pub fn open(&self, index: u64, segment: &mut [u8]) -> Result<(), NotAuthentic> {
        todo!("{index} {segment:?}")
    }
}
