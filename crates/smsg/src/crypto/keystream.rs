//! `ks`: SHA-256 in counter mode, XORed over the plaintext before encryption and over it again after decryption.

use super::key::Nonce;

/// XORs `ks`, from its byte `offset` on (any, counted from the start of the plaintext), into `data`.
pub fn xor(nonce: &Nonce, offset: u64, data: &mut [u8]) {
    todo!("{nonce:?} {offset} {data:?}")
}
