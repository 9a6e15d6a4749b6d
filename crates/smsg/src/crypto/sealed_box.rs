//! Boxes in memory, in place.

use super::{
    aead,
    key::{Key, Nonce},
    keystream::{self, Cores},
};

/// Nonce and tag: how much longer a box is than its plaintext.
pub const OVERHEAD: usize = 40;
/// Bytes of nonce before the ciphertext.
pub const NONCE_LEN: usize = 24;
/// Bytes of tag behind it.
pub const TAG_LEN: usize = 16;

/// Too short for a box, or it does not open: wrong key or changed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the box does not open: wrong key, or changed bytes")]
pub struct NotAuthentic;

/// Turns `nonce-sized gap || plaintext || tag-sized gap` into a box, in place. `buf` is exactly the box: its first 24 bytes and
/// last 16 are overwritten.
///
/// # Panics
/// If `buf` is shorter than [`OVERHEAD`]: the caller made it.
pub fn seal_in_place(key: &Key, nonce: &Nonce, buf: &mut [u8]) {
    seal_in_place_on(Cores::All, key, nonce, buf);
}

/// As [`seal_in_place`].
pub(crate) fn seal_in_place_on(cores: Cores, key: &Key, nonce: &Nonce, buf: &mut [u8]) {
    let (head, rest) = buf.split_first_chunk_mut::<NONCE_LEN>().expect("the caller's buffer is a box");
    let (data, tag) = rest.split_last_chunk_mut::<TAG_LEN>().expect("the caller's buffer is a box");
    *head = nonce.0;
    keystream::xor_on(cores, nonce, 0, data);
    *tag = aead::seal(key, nonce, &[], data);
}

/// Opens a box in place and returns the plaintext inside it. On an error the content of `buf` is unspecified and must not be
/// used; it is never unauthenticated plaintext.
///
/// # Errors
/// [`NotAuthentic`].
pub fn open_in_place<'b>(key: &Key, buf: &'b mut [u8]) -> Result<&'b mut [u8], NotAuthentic> {
    open_in_place_on(Cores::All, key, buf)
}

/// As [`open_in_place`].
pub(crate) fn open_in_place_on<'b>(
    cores: Cores,
    key: &Key,
    buf: &'b mut [u8],
) -> Result<&'b mut [u8], NotAuthentic> {
    let (head, rest) = buf.split_first_chunk_mut::<NONCE_LEN>().ok_or(NotAuthentic)?;
    let (data, tag) = rest.split_last_chunk_mut::<TAG_LEN>().ok_or(NotAuthentic)?;
    let nonce = Nonce(*head);
    aead::open(key, &nonce, &[], data, tag)?;
    keystream::xor_on(cores, &nonce, 0, data);
    Ok(data)
}

/// A box for plaintext.
#[must_use]
pub fn seal(key: &Key, nonce: &Nonce, plaintext: &[u8]) -> Vec<u8> {
    let mut buf = vec![0; plaintext.len() + OVERHEAD];
    buf[NONCE_LEN..NONCE_LEN + plaintext.len()].copy_from_slice(plaintext);
    seal_in_place(key, nonce, &mut buf);
    buf
}

/// The plaintext of a box.
///
/// # Errors
/// [`NotAuthentic`].
pub fn open(key: &Key, sealed: &[u8]) -> Result<Vec<u8>, NotAuthentic> {
    let mut buf = sealed.to_vec();
    let len = open_in_place(key, &mut buf)?.len();
    buf.copy_within(NONCE_LEN..NONCE_LEN + len, 0);
    buf.truncate(len);
    Ok(buf)
}
