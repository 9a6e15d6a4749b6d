//! 16 blocks of the key stream in 512-bit vectors.

use crate::crypto::keystream::{INITIAL, Midstate};
use core::arch::x86_64::*;

/// Bytes computed at once.
pub(in crate::crypto) const GROUP: usize = 16 * 32;

type V = __m512i;

/// Whether this machine has the instructions.
pub(in crate::crypto) fn is_there() -> bool {
    std::arch::is_x86_feature_detected!("avx512f") && std::arch::is_x86_feature_detected!("avx512bw")
}

/// XORs blocks from counter `low` on into whole groups of `data`.
///
/// # Panics
/// If the instructions are not there.
pub(in crate::crypto) fn xor_groups(midstate: &Midstate, low: u32, data: &mut [u8]) {
    assert!(is_there(), "AVX-512");
    // SAFETY: the features were just found.
    unsafe { run(midstate, low, data) }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn run(midstate: &Midstate, mut low: u32, data: &mut [u8]) {
    // Lane 4l + e has block 4e + l: then `xor_out` ends with blocks in their order.
    let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    for group in data.as_chunks_mut::<GROUP>().0 {
        let hash = compress(midstate, add(splat(low), order));
        xor_out(hash, group);
        low = low.wrapping_add(16);
    }
}

sha256_lanes!("avx512f,avx512bw");

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn splat(x: u32) -> V {
    _mm512_set1_epi32(x.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn add(a: V, b: V) -> V {
    _mm512_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn ror<const N: i32>(x: V) -> V {
    _mm512_ror_epi32::<N>(x)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn shr<const N: u32>(x: V) -> V {
    _mm512_srli_epi32::<N>(x)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn xor(a: V, b: V) -> V {
    _mm512_xor_si512(a, b)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn xor3(a: V, b: V, c: V) -> V {
    _mm512_ternarylogic_epi32::<0x96>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn ch(e: V, f: V, g: V) -> V {
    _mm512_ternarylogic_epi32::<0xCA>(e, f, g)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn maj(a: V, b: V, c: V) -> V {
    _mm512_ternarylogic_epi32::<0xE8>(a, b, c)
}

/// From one word of 16 blocks in each vector to four words of four blocks: 4 by 4 transposes inside each quarter. Quarter l of
/// vector e has lane 4l + e.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn quarters(a: V, b: V, c: V, d: V) -> [V; 4] {
    let (ab, ab2) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    let (cd, cd2) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    [
        _mm512_unpacklo_epi64(ab, cd),
        _mm512_unpackhi_epi64(ab, cd),
        _mm512_unpacklo_epi64(ab2, cd2),
        _mm512_unpackhi_epi64(ab2, cd2),
    ]
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn xor_into(bytes: &mut [u8; 64], key: V) {
    let place = bytes.as_mut_ptr().cast::<V>();
    // SAFETY: 64 bytes are there, for reading and writing; neither needs alignment.
    unsafe { _mm512_storeu_si512(place, xor(_mm512_loadu_si512(place), key)) };
}

/// The hashes, two blocks in each vector, XORed into the data.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn xor_out([h0, h1, h2, h3, h4, h5, h6, h7]: [V; 8], group: &mut [u8; GROUP]) {
    let big_endian = _mm512_set4_epi32(0x0c0d_0e0f, 0x0809_0a0b, 0x0405_0607, 0x0001_0203);
    let first_two = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    let last_two = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    let halves = quarters(h0, h1, h2, h3).into_iter().zip(quarters(h4, h5, h6, h7));
    let pairs = halves.flat_map(|(front, back)| [(front, first_two, back), (front, last_two, back)]);
    for ((front, order, back), bytes) in pairs.zip(group.as_chunks_mut::<64>().0) {
        let key = _mm512_permutex2var_epi64(front, order, back);
        xor_into(bytes, _mm512_shuffle_epi8(key, big_endian));
    }
}
