//! XChaCha20 of one box, from any place on.
//!
//! XChaCha20 is ChaCha20 (RFC 8439) under a key that HChaCha20 makes from the key and the first 16 bytes of the nonce; four zero
//! bytes and the other 8 are the nonce then (draft-irtf-cfrg-xchacha-03, section 2). Block 0 makes the authenticator's key,
//! so plaintext begins at block 1.

use super::key::{Key, Nonce};
use chacha20::{
    ChaCha20, R20,
    cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _},
};
use zeroize::Zeroizing;

/// Longest plaintext.
pub(super) const MAX_LEN: u64 = crate::limits::MAX_BOX;

/// Key and nonce of RFC 8439.
pub(super) struct Cipher {
    pub(super) key: Zeroizing<[u8; 32]>,
    pub(super) nonce: [u8; 12],
}

impl Cipher {
    /// For a box: derives both by HChaCha20.
    pub(super) fn for_box(key: &Key, nonce: &Nonce) -> Self {
        let mut input = [0; 16];
        input.copy_from_slice(&nonce.0[..16]);
        let subkey = chacha20::hchacha::<R20>(key.as_bytes().into(), &input.into());
        let mut rest = [0; 12];
        rest[4..].copy_from_slice(&nonce.0[16..]);
        Self { key: Zeroizing::new(subkey.into()), nonce: rest }
    }

    /// The first half of block 0: the authenticator's key (RFC 8439 section 2.6).
    pub(super) fn mac_key(&self) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        self.at(0).apply_keystream(key.as_mut_slice());
        key
    }

    /// Encrypts or decrypts what lies `offset` bytes, a multiple of 64, behind the start of the plaintext.
    pub(super) fn apply(&self, offset: u64, data: &mut [u8]) {
        debug_assert_eq!(offset % 64, 0);
        let start = offset + 64;
        let done = self.apply_groups(start, data);
        self.at(start + done as u64).apply_keystream(&mut data[done..]);
    }

    /// Encrypts all of `source`, from the start of the plaintext on, into `data`, which is as long. RustCrypto's vectors read from the
    /// one and write to the other, which saves the copy; those for WebAssembly work in place.
    pub(super) fn apply_from(&self, source: &[u8], data: &mut [u8]) {
        if cfg!(all(target_arch = "wasm32", target_feature = "simd128")) {
            data.copy_from_slice(source);
            self.apply(0, data);
        } else {
            self.at(64).apply_keystream_b2b(source, data);
        }
    }

    /// RustCrypto's cipher at a byte of its key stream.
    fn at(&self, position: u64) -> ChaCha20 {
        let mut cipher = ChaCha20::new((&*self.key).into(), &self.nonce.into());
        cipher.seek(position);
        cipher
    }

    /// As many bytes as we have faster vectors for than RustCrypto, which has none for WebAssembly.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    fn apply_groups(&self, start: u64, data: &mut [u8]) -> usize {
        super::simd::simd128::chacha20(&self.state(start), data)
    }

    /// RustCrypto's vectors are used.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    fn apply_groups(&self, _start: u64, _data: &mut [u8]) -> usize {
        0
    }

    /// RFC 8439 section 2.3: "expand 32-byte k", the key, the block's counter, the nonce.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    fn state(&self, start: u64) -> Zeroizing<[u32; 16]> {
        let mut state = Zeroizing::new([0; 16]);
        state[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
        let (key, nonce) = (self.key.as_chunks::<4>().0, self.nonce.as_chunks::<4>().0);
        for (word, bytes) in state[4..12].iter_mut().zip(key) {
            *word = u32::from_le_bytes(*bytes);
        }
        state[12] = u32::try_from(start / 64).expect("a box has at most 2^32 blocks");
        for (word, bytes) in state[13..].iter_mut().zip(nonce) {
            *word = u32::from_le_bytes(*bytes);
        }
        state
    }
}
