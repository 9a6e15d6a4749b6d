//! 8 blocks in 256-bit vectors.

use crate::crypto::keystream::{INITIAL, Midstate};
use core::arch::x86_64::*;

/// Bytes computed at once.
pub(in crate::crypto) const GROUP: usize = 8 * 32;

type V = __m256i;

/// Whether this machine has the instructions.
pub(in crate::crypto) fn is_there() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

/// XORs blocks from counter `low` on into whole groups of `data`.
///
/// # Panics
/// If the instructions are not there.
pub(in crate::crypto) fn xor_groups(midstate: &Midstate, low: u32, data: &mut [u8]) {
    assert!(is_there(), "AVX2");
    // SAFETY: the feature was just found.
    unsafe { run(midstate, low, data) }
}

#[target_feature(enable = "avx2")]
fn run(midstate: &Midstate, mut low: u32, data: &mut [u8]) {
    let order = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    for group in data.as_chunks_mut::<GROUP>().0 {
        let hash = compress(midstate, add(splat(low), order));
        xor_out(hash, group);
        low = low.wrapping_add(8);
    }
}

sha256_lanes!("avx2");

#[inline]
#[target_feature(enable = "avx2")]
fn splat(x: u32) -> V {
    _mm256_set1_epi32(x.cast_signed())
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(a: V, b: V) -> V {
    _mm256_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn ror<const N: u32>(x: V) -> V {
    // Counts that are the same in all lanes become the immediate form.
    _mm256_or_si256(_mm256_srlv_epi32(x, splat(N)), _mm256_sllv_epi32(x, splat(32 - N)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn shr<const N: u32>(x: V) -> V {
    _mm256_srlv_epi32(x, splat(N))
}

#[inline]
#[target_feature(enable = "avx2")]
fn xor3(a: V, b: V, c: V) -> V {
    _mm256_xor_si256(_mm256_xor_si256(a, b), c)
}

#[inline]
#[target_feature(enable = "avx2")]
fn ch(e: V, f: V, g: V) -> V {
    _mm256_xor_si256(_mm256_and_si256(_mm256_xor_si256(f, g), e), g)
}

#[inline]
#[target_feature(enable = "avx2")]
fn maj(a: V, b: V, c: V) -> V {
    // a XOR b is b XOR c of the next round, so it is computed once.
    _mm256_xor_si256(_mm256_and_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(b, c)), b)
}

/// From one word of 8 blocks in each vector to one block in each, XORed into the data.
#[inline]
#[target_feature(enable = "avx2")]
fn xor_out(hash: [V; 8], group: &mut [u8; GROUP]) {
    let big_endian =
        _mm256_broadcastsi128_si256(_mm_set_epi32(0x0c0d_0e0f, 0x0809_0a0b, 0x0405_0607, 0x0001_0203));
    // Words 0..4 and 4..8 of a block come together in half a vector each: 4 by 4 transposes.
    let halves = |a, b, c, d| {
        let (ab, ab2) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
        let (cd, cd2) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
        [
            _mm256_unpacklo_epi64(ab, cd),
            _mm256_unpackhi_epi64(ab, cd),
            _mm256_unpacklo_epi64(ab2, cd2),
            _mm256_unpackhi_epi64(ab2, cd2),
        ]
    };
    let [h0, h1, h2, h3, h4, h5, h6, h7] = hash;
    let front = halves(h0, h1, h2, h3);
    let back = halves(h4, h5, h6, h7);
    let (lower, upper) = group.split_at_mut(GROUP / 2);
    let pairs = front.into_iter().zip(back);
    for (((front, back), lower), upper) in
        pairs.zip(lower.chunks_exact_mut(32)).zip(upper.chunks_exact_mut(32))
    {
        let blocks = [
            (_mm256_permute2x128_si256::<0x20>(front, back), lower),
            (_mm256_permute2x128_si256::<0x31>(front, back), upper),
        ];
        for (key, bytes) in blocks {
            let place = bytes.as_mut_ptr().cast::<V>();
            // SAFETY: 32 bytes are there, for reading and writing; neither needs alignment.
            unsafe {
                let text = _mm256_loadu_si256(place);
                _mm256_storeu_si256(place, _mm256_xor_si256(text, _mm256_shuffle_epi8(key, big_endian)));
            }
        }
    }
}
