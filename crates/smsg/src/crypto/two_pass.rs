//! A box larger than memory, from a source that can be read twice (a file on disk, a Blob in a browser).
//!
//! First pass: the tag over all of it is checked, and a short tag of each segment is noted under a key that lives only here.
//! Second pass: each segment must match its note before its plaintext is released. So what is released was authenticated,
//! even if the source changed in between; memory is 16 bytes a segment.
//!
//! A note is the tag of RFC 8439 over the segment alone, with the segment's index as nonce: so each segment has a Poly1305
//! key of its own, as Poly1305 demands, and segments cannot be exchanged.

use super::{
    cipher::{self, Cipher},
    key::{Key, Nonce},
    keystream,
    mac::Mac,
    sealed_box::{NONCE_LEN, NotAuthentic, OVERHEAD, TAG_LEN},
};
use zeroize::Zeroizing;

/// Ciphertext bytes in a segment; the last is shorter.
pub const SEGMENT: usize = 1 << 20;

/// The same, for offsets.
const SEGMENT_U64: u64 = SEGMENT as u64;

/// First pass: takes the whole box in order.
pub struct Check {
    key: Key,
    notes: Notes,
    plaintext_len: u64,
    /// Bytes of the box taken so far, also those behind its end.
    taken: u64,
    nonce: [u8; NONCE_LEN],
    tag: [u8; TAG_LEN],
    /// The tag over all; there is none before the nonce is complete.
    whole: Option<Mac>,
    /// The note of the segment that is being taken.
    segment: Option<Mac>,
}

impl Check {
    /// For a box of `box_len` bytes. `notes_key` is fresh random bytes.
    ///
    /// # Errors
    /// [`NotAuthentic`] when it is too short for a box, or longer than any can be (256 GiB).
    pub fn new(key: &Key, box_len: u64, notes_key: [u8; 32]) -> Result<Self, NotAuthentic> {
        let plaintext_len = box_len.checked_sub(OVERHEAD as u64).ok_or(NotAuthentic)?;
        if plaintext_len > cipher::MAX_LEN {
            return Err(NotAuthentic);
        }
        Ok(Self {
            key: key.clone(),
            notes: Notes { key: Zeroizing::new(notes_key), tags: Vec::new() },
            plaintext_len,
            taken: 0,
            nonce: [0; NONCE_LEN],
            tag: [0; TAG_LEN],
            whole: None,
            segment: None,
        })
    }

    /// The next bytes of the box, any number.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let used = self.take(bytes);
            self.taken = self.taken.saturating_add(used as u64);
            bytes = &bytes[used..];
        }
    }

    /// Takes bytes up to the next border: of nonce, segment, tag or box. Returns how many, at least one.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let Some(position) = self.taken.checked_sub(NONCE_LEN as u64) else {
            return fill(&mut self.nonce, self.taken, bytes);
        };
        let left = self.plaintext_len.saturating_sub(position);
        if left == 0 {
            let place = position - self.plaintext_len;
            return if place < TAG_LEN as u64 { fill(&mut self.tag, place, bytes) } else { bytes.len() };
        }
        let left = left.min(SEGMENT_U64 - position % SEGMENT_U64);
        let part = &bytes[..usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()))];
        let (key, nonce) = (&self.key, Nonce(self.nonce));
        self.whole.get_or_insert_with(|| whole(&Cipher::for_box(key, &nonce))).update(part);
        let notes = &self.notes;
        self.segment.get_or_insert_with(|| notes.mac(position / SEGMENT_U64)).update(part);
        if part.len() as u64 == left
            && let Some(mac) = self.segment.take()
        {
            self.notes.tags.push(mac.finish());
        }
        part.len()
    }

    /// After exactly `box_len` bytes.
    ///
    /// # Errors
    /// [`NotAuthentic`].
    pub fn finish(self) -> Result<Release, NotAuthentic> {
        // No overflow: `new` bounds the length.
        if self.taken != self.plaintext_len + OVERHEAD as u64 {
            return Err(NotAuthentic);
        }
        let nonce = Nonce(self.nonce);
        let cipher = Cipher::for_box(&self.key, &nonce);
        // An empty box has no ciphertext that would have begun it.
        let mac = self.whole.unwrap_or_else(|| whole(&cipher));
        mac.check(&self.tag)?;
        Ok(Release { cipher, nonce, plaintext_len: self.plaintext_len, notes: self.notes })
    }
}

/// Copies what fits to `place` in `target`; how much.
fn fill(target: &mut [u8], place: u64, bytes: &[u8]) -> usize {
    let target = &mut target[usize::try_from(place).expect("inside nonce or tag")..];
    let len = target.len().min(bytes.len());
    target[..len].copy_from_slice(&bytes[..len]);
    len
}

/// The authenticator of a box.
fn whole(cipher: &Cipher) -> Mac {
    Mac::new(&cipher.mac_key(), &[])
}

/// A tag for each segment.
struct Notes {
    key: Zeroizing<[u8; 32]>,
    tags: Vec<[u8; TAG_LEN]>,
}

impl Notes {
    /// The authenticator of a segment, whose one-time key comes from its index.
    fn mac(&self, index: u64) -> Mac {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&index.to_le_bytes());
        Mac::new(&Cipher { key: self.key.clone(), nonce }.mac_key(), &[])
    }
}

/// Second pass: the segments, in any order.
pub struct Release {
    cipher: Cipher,
    nonce: Nonce,
    plaintext_len: u64,
    notes: Notes,
}

impl Release {
    /// Bytes of plaintext.
    #[must_use]
    pub fn plaintext_len(&self) -> u64 {
        self.plaintext_len
    }

    /// How many segments there are.
    #[must_use]
    pub fn segments(&self) -> u64 {
        self.notes.tags.len() as u64
    }

    /// Where segment `index` lies in the box: start and length, bytes.
    #[must_use]
    pub fn place(&self, index: u64) -> Option<(u64, usize)> {
        let start = index.checked_mul(SEGMENT_U64).filter(|start| *start < self.plaintext_len)?;
        let len = usize::try_from(SEGMENT_U64.min(self.plaintext_len - start)).ok()?;
        Some((start + NONCE_LEN as u64, len))
    }

    /// Turns segment `index`, read again from [`Self::place`], into plaintext in place.
    ///
    /// # Errors
    /// [`NotAuthentic`] when it is not what the first pass saw; the content of `segment` is then not plaintext.
    pub fn open(&self, index: u64, segment: &mut [u8]) -> Result<(), NotAuthentic> {
        self.place(index).filter(|(_, len)| *len == segment.len()).ok_or(NotAuthentic)?;
        let note = usize::try_from(index).ok().and_then(|i| self.notes.tags.get(i)).ok_or(NotAuthentic)?;
        let mut mac = self.notes.mac(index);
        mac.update(segment);
        mac.check(note)?;
        let start = index * SEGMENT_U64;
        self.cipher.apply(start, segment);
        keystream::xor(&self.nonce, start, segment);
        Ok(())
    }
}
