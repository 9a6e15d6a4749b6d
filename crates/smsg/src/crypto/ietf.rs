//! ChaCha20-Poly1305 as RFC 8439 has it, with 12 bytes of nonce: what version 3.0 is sealed with.

use super::{
    aead,
    cipher::Cipher,
    key::Key,
    sealed_box::{NotAuthentic, TAG_LEN},
};
use zeroize::Zeroizing;

/// Encrypts in place and returns the tag.
pub(crate) fn seal(key: &Key, nonce: [u8; 12], aad: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
    aead::seal_with(&cipher(key, nonce), aad, data)
}

/// Encrypts from `source` to `data`, which is as long, and returns the tag.
pub(crate) fn seal_from(
    key: &Key,
    nonce: [u8; 12],
    aad: &[u8],
    source: &[u8],
    data: &mut [u8],
) -> [u8; TAG_LEN] {
    aead::seal_from(&cipher(key, nonce), aad, source, data)
}

/// Decrypts in place. On an error `data` holds ciphertext or zeros, never plaintext.
pub(crate) fn open(
    key: &Key,
    nonce: [u8; 12],
    aad: &[u8],
    data: &mut [u8],
    tag: &[u8; TAG_LEN],
) -> Result<(), NotAuthentic> {
    aead::open_with(&cipher(key, nonce), aad, data, tag)
}

fn cipher(key: &Key, nonce: [u8; 12]) -> Cipher {
    Cipher { key: Zeroizing::new(*key.as_bytes()), nonce }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Key, open, seal};

    /// RFC 8439 section 2.8.2.
    #[test]
    fn the_rfcs_example() {
        let key = Key::from_bytes(std::array::from_fn(|i| 0x80 + i as u8));
        let nonce = [7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47];
        let aad = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let text =
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
                     sunscreen would be it.";
        let mut data = text.to_vec();
        let tag = seal(&key, nonce, &aad, &mut data);
        assert_eq!(data[..8], [0xd3, 0x1a, 0x8d, 0x34, 0x64, 0x8e, 0x60, 0xdb]);
        assert_eq!(
            tag,
            [0x1a, 0xe1, 0x0b, 0x59, 0x4f, 0x09, 0xe2, 0x6a, 0x7e, 0x90, 0x2e, 0xcb, 0xd0, 0x60, 0x06, 0x91]
        );
        open(&key, nonce, &aad, &mut data, &tag).unwrap();
        assert_eq!(data, text);
    }
}
