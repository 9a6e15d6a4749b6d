//! XChaCha20-Poly1305 over memory: `ring` natively, RustCrypto's parts in the browser and where the processor has AVX-512.
//!
//! `ring` has 256-bit vectors. RustCrypto's ChaCha20 has 512-bit ones, but compiles them only with `--cfg chacha20_avx512`
//! (`.cargo/config.toml` sets it), and looks for them when it runs; together with its Poly1305 it is faster by a seventh there
//! and slower than `ring` everywhere else. It also encrypts from one place to another, which saves a copy.

use super::{
    cipher::Cipher,
    key::{Key, Nonce},
    sealed_box::{NotAuthentic, TAG_LEN},
};

/// Encrypts in place and returns the tag.
pub(super) fn seal(key: &Key, nonce: &Nonce, aad: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
    backend::seal(&Cipher::for_box(key, nonce), aad, data)
}

/// Decrypts in place. On an error `data` holds ciphertext or zeros, never plaintext.
pub(super) fn open(
    key: &Key,
    nonce: &Nonce,
    aad: &[u8],
    data: &mut [u8],
    tag: &[u8; TAG_LEN],
) -> Result<(), NotAuthentic> {
    backend::open(&Cipher::for_box(key, nonce), aad, data, tag)
}

/// As [`seal`], with key and nonce of RFC 8439.
pub(super) fn seal_with(cipher: &Cipher, aad: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
    backend::seal(cipher, aad, data)
}

/// As [`seal_with`], from `source` to `data`, which is as long.
pub(super) fn seal_from(cipher: &Cipher, aad: &[u8], source: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
    backend::seal_from(cipher, aad, source, data)
}

/// As [`open`], with key and nonce of RFC 8439.
pub(super) fn open_with(
    cipher: &Cipher,
    aad: &[u8],
    data: &mut [u8],
    tag: &[u8; TAG_LEN],
) -> Result<(), NotAuthentic> {
    backend::open(cipher, aad, data, tag)
}

#[cfg(not(target_arch = "wasm32"))]
pub(super) mod backend {
    use super::{Cipher, NotAuthentic, TAG_LEN, portable};
    use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, Tag, UnboundKey};

    fn key(cipher: &Cipher) -> LessSafeKey {
        LessSafeKey::new(
            UnboundKey::new(&CHACHA20_POLY1305, cipher.key.as_slice())
                .expect("the algorithm's keys have 32 bytes"),
        )
    }

    /// Whether RustCrypto's ChaCha20 was compiled with vectors twice as wide, and the machine has them.
    #[cfg(target_arch = "x86_64")]
    fn is_wide() -> bool {
        cfg!(chacha20_avx512)
            && std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512vl")
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_wide() -> bool {
        false
    }

    pub(in crate::crypto) fn seal_from(
        cipher: &Cipher,
        aad: &[u8],
        source: &[u8],
        data: &mut [u8],
    ) -> [u8; TAG_LEN] {
        if is_wide() {
            return portable::seal_from(cipher, aad, source, data);
        }
        data.copy_from_slice(source);
        seal(cipher, aad, data)
    }

    pub(in crate::crypto) fn seal(cipher: &Cipher, aad: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
        if is_wide() { portable::seal(cipher, aad, data) } else { ring_seals(cipher, aad, data) }
    }

    pub(in crate::crypto) fn open(
        cipher: &Cipher,
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), NotAuthentic> {
        if is_wide() { portable::open(cipher, aad, data, tag) } else { ring_opens(cipher, aad, data, tag) }
    }

    pub(in crate::crypto) fn ring_seals(cipher: &Cipher, aad: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
        let nonce = Nonce::assume_unique_for_key(cipher.nonce);
        let tag = key(cipher)
            .seal_in_place_separate_tag(nonce, Aad::from(aad), data)
            .expect("ring refuses only what is longer than 256 GiB");
        let mut bytes = [0; TAG_LEN];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    pub(in crate::crypto) fn ring_opens(
        cipher: &Cipher,
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), NotAuthentic> {
        let nonce = Nonce::assume_unique_for_key(cipher.nonce);
        // ring overwrites what it decrypted with zeros when the tag is wrong.
        key(cipher)
            .open_in_place_separate_tag(nonce, Aad::from(aad), Tag::from(*tag), data, 0..)
            .map(drop)
            .map_err(|_| NotAuthentic)
    }
}

#[cfg(target_arch = "wasm32")]
use portable as backend;

/// The same from parts.
pub(super) mod portable {
    use super::{Cipher, NotAuthentic, TAG_LEN};
    use crate::crypto::mac::Mac;

    pub(in crate::crypto) fn seal_from(
        cipher: &Cipher,
        aad: &[u8],
        source: &[u8],
        data: &mut [u8],
    ) -> [u8; TAG_LEN] {
        cipher.apply_from(source, data);
        let mut mac = Mac::new(&cipher.mac_key(), aad);
        mac.update(data);
        mac.finish()
    }

    pub(in crate::crypto) fn seal(cipher: &Cipher, aad: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
        cipher.apply(0, data);
        let mut mac = Mac::new(&cipher.mac_key(), aad);
        mac.update(data);
        mac.finish()
    }

    pub(in crate::crypto) fn open(
        cipher: &Cipher,
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), NotAuthentic> {
        let mut mac = Mac::new(&cipher.mac_key(), aad);
        mac.update(data);
        mac.check(tag)?;
        cipher.apply(0, data);
        Ok(())
    }
}
