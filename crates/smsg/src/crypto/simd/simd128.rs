//! 4 blocks in 128-bit vectors of WebAssembly.

use crate::crypto::keystream::{INITIAL, Midstate};
use core::arch::wasm32::*;

/// Bytes computed at once.
pub(in crate::crypto) const GROUP: usize = 4 * 32;

type V = v128;

/// XORs blocks from counter `low` on into whole groups of `data`.
pub(in crate::crypto) fn xor_groups(midstate: &Midstate, mut low: u32, data: &mut [u8]) {
    let order = u32x4(0, 1, 2, 3);
    for group in data.as_chunks_mut::<GROUP>().0 {
        let hash = compress(midstate, add(splat(low), order));
        xor_out(hash, group);
        low = low.wrapping_add(4);
    }
}

sha256_lanes!("simd128");

#[inline]
fn splat(x: u32) -> V {
    u32x4_splat(x)
}

#[inline]
fn add(a: V, b: V) -> V {
    u32x4_add(a, b)
}

#[inline]
fn ror<const N: u32>(x: V) -> V {
    v128_or(u32x4_shr(x, N), u32x4_shl(x, 32 - N))
}

#[inline]
fn shr<const N: u32>(x: V) -> V {
    u32x4_shr(x, N)
}

#[inline]
fn xor3(a: V, b: V, c: V) -> V {
    v128_xor(v128_xor(a, b), c)
}

#[inline]
fn ch(e: V, f: V, g: V) -> V {
    v128_xor(v128_and(v128_xor(f, g), e), g)
}

#[inline]
fn maj(a: V, b: V, c: V) -> V {
    // a XOR b is b XOR c of the next round, so it is computed once.
    v128_xor(v128_and(v128_xor(a, b), v128_xor(b, c)), b)
}

/// From one word of 4 blocks in each vector to half a block in each, XORed into the data.
#[inline]
fn xor_out(hash: [V; 8], group: &mut [u8; GROUP]) {
    let transposed = |a, b, c, d| {
        let (ab, ab2) = (u32x4_shuffle::<0, 4, 1, 5>(a, b), u32x4_shuffle::<2, 6, 3, 7>(a, b));
        let (cd, cd2) = (u32x4_shuffle::<0, 4, 1, 5>(c, d), u32x4_shuffle::<2, 6, 3, 7>(c, d));
        [
            u64x2_shuffle::<0, 2>(ab, cd),
            u64x2_shuffle::<1, 3>(ab, cd),
            u64x2_shuffle::<0, 2>(ab2, cd2),
            u64x2_shuffle::<1, 3>(ab2, cd2),
        ]
    };
    let [h0, h1, h2, h3, h4, h5, h6, h7] = hash;
    let front = transposed(h0, h1, h2, h3);
    let back = transposed(h4, h5, h6, h7);
    let halves = front.into_iter().zip(back).flat_map(|(front, back)| [front, back]);
    for (key, bytes) in halves.zip(group.as_chunks_mut::<16>().0) {
        // Words are big-endian in the stream.
        let key = u8x16_shuffle::<3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12>(key, key);
        let place = bytes.as_mut_ptr().cast::<V>();
        // SAFETY: 16 bytes are there, for reading and writing; neither needs alignment.
        unsafe { v128_store(place, v128_xor(v128_load(place), key)) };
    }
}
