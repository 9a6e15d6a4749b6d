//! `ks`: SHA-256 in counter mode, XORed over the plaintext before encryption and over it again after decryption.

use super::key::Nonce;
use sha2::{Digest as _, Sha256};

/// Bytes of key stream that one counter value gives.
const BLOCK: usize = 32;

/// XORs `ks`, from its byte `offset` on (any, counted from the start of the plaintext), into `data`.
pub fn xor(nonce: &Nonce, offset: u64, data: &mut [u8]) {
    let mut counter = offset / BLOCK as u64;
    let mut rest = data;
    let mut skip = usize::try_from(offset % BLOCK as u64).expect("below 32");
    while !rest.is_empty() {
        let block = Sha256::new().chain_update(nonce.0).chain_update(counter.to_be_bytes()).finalize();
        let (head, tail) = rest.split_at_mut(rest.len().min(BLOCK - skip));
        for (byte, key) in head.iter_mut().zip(&block[skip..]) {
            *byte ^= key;
        }
        rest = tail;
        skip = 0;
        counter = counter.wrapping_add(1);
    }
}
