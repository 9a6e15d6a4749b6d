//! Small boxes under keys that seal once, hence with the nonce 0.

use crate::crypto::{Key, ietf, sealed_box::TAG_LEN};
use zeroize::Zeroizing;

pub(super) fn seal(key: &Key, plaintext: &[u8], aad: &[u8]) -> Vec<u8> {
    // Room for the tag at once: a vector that grows would leave a copy of the plaintext behind.
    let mut sealed = Vec::with_capacity(plaintext.len() + TAG_LEN);
    sealed.extend_from_slice(plaintext);
    let tag = ietf::seal(key, [0; 12], aad, &mut sealed);
    sealed.extend_from_slice(&tag);
    sealed
}

pub(super) fn open(key: &Key, sealed: &[u8], aad: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (data, tag) = sealed.split_last_chunk::<TAG_LEN>()?;
    let mut data = Zeroizing::new(data.to_vec());
    ietf::open(key, [0; 12], aad, &mut data, tag).ok()?;
    Some(data)
}
