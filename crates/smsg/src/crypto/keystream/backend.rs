//! The ways to compute the key stream, and which of them this machine has.

use super::{BLOCK, INITIAL, Midstate};
#[cfg(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))]
use crate::crypto::simd;

/// A way to compute the key stream. All give the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// Block after block by the `sha2` crate, which uses the hash instructions of x86-64 and ARM where they are.
    Portable,
    /// 4 blocks in 128-bit vectors of WebAssembly.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
    /// 8 blocks in 256-bit vectors.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// The SHA-256 instructions of x86-64 on 4 blocks in turn, because each has to wait for the one before.
    #[cfg(target_arch = "x86_64")]
    ShaNi,
    /// 16 blocks in 512-bit vectors.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Backend {
    /// The fastest first.
    const ALL: &[Self] = &[
        #[cfg(target_arch = "x86_64")]
        Self::Avx512,
        #[cfg(target_arch = "x86_64")]
        Self::ShaNi,
        #[cfg(target_arch = "x86_64")]
        Self::Avx2,
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Self::Simd128,
        Self::Portable,
    ];

    /// Bytes of the largest [`Self::group`].
    pub(super) const MAX_GROUP: usize = 16 * BLOCK;

    /// All that this machine has, the fastest first.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|backend| backend.is_there())
    }

    /// The fastest that this machine has.
    #[must_use]
    pub fn best() -> Self {
        Self::available().next().unwrap_or(Self::Portable)
    }

    fn is_there(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Self::Simd128 => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => simd::avx2::is_there(),
            #[cfg(target_arch = "x86_64")]
            Self::ShaNi => simd::sha_ni::is_there(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => simd::avx512::is_there(),
        }
    }

    /// Bytes it computes at once.
    pub(super) fn group(self) -> usize {
        match self {
            Self::Portable => BLOCK,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Self::Simd128 => simd::simd128::GROUP,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => simd::avx2::GROUP,
            #[cfg(target_arch = "x86_64")]
            Self::ShaNi => simd::sha_ni::GROUP,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => simd::avx512::GROUP,
        }
    }

    /// XORs blocks from counter `low` on into `data`, whose length is a multiple of [`Self::group`].
    ///
    /// # Panics
    /// If this machine does not have the backend.
    pub(super) fn xor_groups(self, midstate: &Midstate, low: u32, data: &mut [u8]) {
        match self {
            Self::Portable => portable(midstate, low, data),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Self::Simd128 => simd::simd128::xor_groups(midstate, low, data),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => simd::avx2::xor_groups(midstate, low, data),
            #[cfg(target_arch = "x86_64")]
            Self::ShaNi => simd::sha_ni::xor_groups(midstate, low, data),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => simd::avx512::xor_groups(midstate, low, data),
        }
    }
}

/// [`Backend::Portable`].
fn portable(midstate: &Midstate, mut low: u32, data: &mut [u8]) {
    let mut message = [[0; 4]; 16];
    for (bytes, word) in message.iter_mut().zip(midstate.words) {
        *bytes = word.to_be_bytes();
    }
    for block in data.as_chunks_mut::<BLOCK>().0 {
        message[7] = low.to_be_bytes();
        let mut state = INITIAL;
        let message: &[u8; 64] = message.as_flattened().try_into().expect("16 words");
        sha2::block_api::compress256(&mut state, std::slice::from_ref(message));
        for (bytes, key) in block.as_chunks_mut::<4>().0.iter_mut().zip(state) {
            *bytes = (u32::from_ne_bytes(*bytes) ^ key.to_be()).to_ne_bytes();
        }
        low = low.wrapping_add(1);
    }
}
