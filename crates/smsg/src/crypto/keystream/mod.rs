//! `ks`: SHA-256 in counter mode, XORed over the plaintext before encryption and over it again after decryption.

mod backend;
mod midstate;
#[cfg(feature = "threads")]
mod shared;

pub use backend::Backend;
pub(super) use midstate::{INITIAL, Midstate};

use super::key::Nonce;

/// Bytes of key stream that one counter value gives.
pub(super) const BLOCK: usize = 32;

/// How many cores one box may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cores {
    /// The caller's: the others have boxes of their own.
    #[cfg_attr(not(feature = "threads"), expect(dead_code, reason = "then there is never another"))]
    One,
    /// All, where that is faster.
    All,
}

/// XORs `ks`, from its byte `offset` on (any, counted from the start of the plaintext), into `data`.
/// With the feature `threads`, several cores share what is longer than a few MiB.
pub fn xor(nonce: &Nonce, offset: u64, data: &mut [u8]) {
    xor_on(Cores::All, nonce, offset, data);
}

/// As [`xor`].
pub(super) fn xor_on(cores: Cores, nonce: &Nonce, offset: u64, data: &mut [u8]) {
    #[cfg(feature = "threads")]
    if cores == Cores::All && data.len() >= 2 * shared::WORTH_A_THREAD {
        return shared::xor(nonce, offset, data);
    }
    let _ = cores;
    xor_with(Backend::best(), nonce, offset, data);
}

/// [`xor`] by a chosen [`Backend`], for measuring and comparing them.
pub fn xor_with(backend: Backend, nonce: &Nonce, offset: u64, data: &mut [u8]) {
    let mut offset = offset;
    let mut rest = data;
    // One turn for each value of the counter's high half: 128 GiB.
    while !rest.is_empty() {
        let (high, low, skip) = split(offset);
        let until_next = (1 << 37) - (u64::from(low) * BLOCK as u64 + skip as u64);
        let len = usize::try_from(until_next).map_or(rest.len(), |until| until.min(rest.len()));
        let (part, tail) = rest.split_at_mut(len);
        xor_low(backend, &Midstate::new(nonce, high), low, skip, part);
        offset = offset.wrapping_add(len as u64);
        rest = tail;
    }
}

/// Both halves of the counter at an offset, and how many bytes of that block lie before it.
fn split(offset: u64) -> (u32, u32, usize) {
    let counter = (offset / BLOCK as u64).to_be_bytes();
    let [h0, h1, h2, h3, l0, l1, l2, l3] = counter;
    let skip = usize::from(offset.to_be_bytes()[7]) % BLOCK;
    (u32::from_be_bytes([h0, h1, h2, h3]), u32::from_be_bytes([l0, l1, l2, l3]), skip)
}

/// A stretch within one value of the counter's high half.
fn xor_low(backend: Backend, midstate: &Midstate, mut low: u32, skip: usize, data: &mut [u8]) {
    let group = backend.group();
    let blocks = u32::try_from(group / BLOCK).expect("a group is a few blocks");
    // What is not a whole group goes through a buffer; a counter that wraps there makes bytes that are not used.
    let buffered = |low: u32, skip: usize, data: &mut [u8]| {
        let mut buffer = [0; Backend::MAX_GROUP];
        backend.xor_groups(midstate, low, &mut buffer[..group]);
        for (byte, key) in data.iter_mut().zip(&buffer[skip..group]) {
            *byte ^= key;
        }
    };
    let mut rest = data;
    if skip > 0 {
        let (head, tail) = rest.split_at_mut(rest.len().min(group - skip));
        buffered(low, skip, head);
        low = low.wrapping_add(blocks);
        rest = tail;
    }
    let whole = rest.len() / group * group;
    let (groups, tail) = rest.split_at_mut(whole);
    backend.xor_groups(midstate, low, groups);
    if !tail.is_empty() {
        // Below 2^32: the caller's stretch ends before the counter's low half wraps.
        let done = u32::try_from(whole / BLOCK).expect("less than 128 GiB");
        buffered(low.wrapping_add(done), 0, tail);
    }
}
