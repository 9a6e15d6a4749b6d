//! The authenticator of RFC 8439 section 2.8, fed piece by piece.
//!
//! ```text
//! Poly1305(one-time key, aad || zeros to 16 || ciphertext || zeros to 16 || u64LE aad length || u64LE ciphertext length)
//! ```

use super::sealed_box::{NotAuthentic, TAG_LEN};
use poly1305::{
    Poly1305,
    universal_hash::{KeyInit as _, UniversalHash as _},
};
use subtle::ConstantTimeEq as _;

/// Bytes that Poly1305's vectors take at once: four blocks. After fewer it would go on block by block.
const STRIDE: usize = 64;

/// Poly1305 over ciphertext that comes in pieces of any length.
pub(super) struct Mac {
    poly: Poly1305,
    /// Bytes of a stride that is not full yet.
    pending: [u8; STRIDE],
    filled: usize,
    aad_len: u64,
    len: u64,
}

impl Mac {
    /// `key` is for this message alone: whoever sees two tags under one key can forge a third.
    pub(super) fn new(key: &[u8; 32], aad: &[u8]) -> Self {
        let mut poly = Poly1305::new(key.into());
        poly.update_padded(aad);
        Self { poly, pending: [0; STRIDE], filled: 0, aad_len: aad.len() as u64, len: 0 }
    }

    /// The next bytes of ciphertext.
    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        self.len += bytes.len() as u64;
        if self.filled > 0 {
            let (head, rest) = bytes.split_at(bytes.len().min(STRIDE - self.filled));
            self.pending[self.filled..self.filled + head.len()].copy_from_slice(head);
            self.filled += head.len();
            bytes = rest;
            if self.filled < STRIDE {
                return;
            }
            self.poly.update_padded(&self.pending);
        }
        let (strides, rest) = bytes.split_at(bytes.len() / STRIDE * STRIDE);
        // Whole blocks, so nothing is padded here.
        self.poly.update_padded(strides);
        self.pending[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
    }

    /// The tag over everything.
    pub(super) fn finish(mut self) -> [u8; TAG_LEN] {
        self.poly.update_padded(&self.pending[..self.filled]);
        let mut lengths = [0; 16];
        lengths[..8].copy_from_slice(&self.aad_len.to_le_bytes());
        lengths[8..].copy_from_slice(&self.len.to_le_bytes());
        self.poly.update(&[lengths.into()]);
        self.poly.finalize().into()
    }

    /// Compares the tag in constant time.
    pub(super) fn check(self, tag: &[u8; TAG_LEN]) -> Result<(), NotAuthentic> {
        if bool::from(self.finish().ct_eq(tag)) { Ok(()) } else { Err(NotAuthentic) }
    }
}
