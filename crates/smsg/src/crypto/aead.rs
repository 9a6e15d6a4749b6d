//! XChaCha20-Poly1305 over memory: `ring` natively, RustCrypto in the browser.
//!
//! XChaCha20-Poly1305 is ChaCha20-Poly1305 (RFC 8439) under a key that HChaCha20 makes from the key and the first 16 bytes of
//! the nonce, with four zero bytes and the other 8 bytes as nonce (draft-irtf-cfrg-xchacha-03, section 2).

use super::{
    key::{Key, Nonce},
    sealed_box::{NotAuthentic, TAG_LEN},
};
use chacha20::{ChaCha20, R20, cipher::KeyIvInit as _};
use zeroize::Zeroizing;

/// Longest plaintext: 2^32 - 1 blocks of 64 bytes, because block 0 makes the Poly1305 key (RFC 8439 section 2.8).
pub(super) const MAX_LEN: u64 = 64 * 0xFFFF_FFFF;

/// Key and nonce of RFC 8439, derived for one box.
pub(super) struct Derived {
    pub(super) key: Zeroizing<[u8; 32]>,
    pub(super) nonce: [u8; 12],
}

impl Derived {
    /// HChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2).
    pub(super) fn new(key: &Key, nonce: &Nonce) -> Self {
        let mut input = [0; 16];
        input.copy_from_slice(&nonce.0[..16]);
        let mut derived = Self { key: Zeroizing::new([0; 32]), nonce: [0; 12] };
        let subkey =
            Zeroizing::new(<[u8; 32]>::from(chacha20::hchacha::<R20>(key.as_bytes().into(), &input.into())));
        derived.key.copy_from_slice(subkey.as_slice());
        derived.nonce[4..].copy_from_slice(&nonce.0[16..]);
        derived
    }

    /// The cipher at block 0.
    pub(super) fn cipher(&self) -> ChaCha20 {
        ChaCha20::new((&*self.key).into(), &self.nonce.into())
    }
}

/// Encrypts in place and returns the tag.
pub(super) fn seal(key: &Key, nonce: &Nonce, aad: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
    backend::seal(&Derived::new(key, nonce), aad, data)
}

/// Decrypts in place. On an error `data` holds ciphertext or zeros, never plaintext.
pub(super) fn open(
    key: &Key,
    nonce: &Nonce,
    aad: &[u8],
    data: &mut [u8],
    tag: &[u8; TAG_LEN],
) -> Result<(), NotAuthentic> {
    backend::open(&Derived::new(key, nonce), aad, data, tag)
}

#[cfg(not(target_arch = "wasm32"))]
mod backend {
    use super::{Derived, NotAuthentic, TAG_LEN};
    use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, Tag, UnboundKey};

    fn key(derived: &Derived) -> LessSafeKey {
        LessSafeKey::new(
            UnboundKey::new(&CHACHA20_POLY1305, derived.key.as_slice())
                .expect("the algorithm's keys have 32 bytes"),
        )
    }

    pub(super) fn seal(derived: &Derived, aad: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
        let nonce = Nonce::assume_unique_for_key(derived.nonce);
        let tag = key(derived)
            .seal_in_place_separate_tag(nonce, Aad::from(aad), data)
            .expect("ring refuses only what is longer than 256 GiB");
        let mut bytes = [0; TAG_LEN];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    pub(super) fn open(
        derived: &Derived,
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), NotAuthentic> {
        let nonce = Nonce::assume_unique_for_key(derived.nonce);
        // ring overwrites what it decrypted with zeros when the tag is wrong.
        key(derived)
            .open_in_place_separate_tag(nonce, Aad::from(aad), Tag::from(*tag), data, 0..)
            .map(drop)
            .map_err(|_| NotAuthentic)
    }
}

#[cfg(target_arch = "wasm32")]
use portable as backend;

/// The same from RustCrypto's parts. Compiled everywhere, so that tests compare it with `ring`.
#[cfg(any(target_arch = "wasm32", test))]
mod portable {
    use super::{Derived, NotAuthentic, TAG_LEN};
    use crate::crypto::mac::Mac;
    use chacha20::{ChaCha20, cipher::StreamCipher as _};

    /// The cipher at block 1, and the authenticator keyed by block 0.
    fn parts(derived: &Derived, aad: &[u8]) -> (ChaCha20, Mac) {
        let mut cipher = derived.cipher();
        let mac = Mac::from_block_0(&mut cipher, aad);
        (cipher, mac)
    }

    pub(super) fn seal(derived: &Derived, aad: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
        let (mut cipher, mut mac) = parts(derived, aad);
        cipher.apply_keystream(data);
        mac.update(data);
        mac.finish(aad.len() as u64, data.len() as u64)
    }

    pub(super) fn open(
        derived: &Derived,
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), NotAuthentic> {
        let (mut cipher, mut mac) = parts(derived, aad);
        mac.update(data);
        mac.check(aad.len() as u64, data.len() as u64, tag)?;
        cipher.apply_keystream(data);
        Ok(())
    }
}
