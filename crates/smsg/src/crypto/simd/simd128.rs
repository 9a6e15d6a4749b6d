//! 4 blocks in 128-bit vectors of WebAssembly: of the key stream, and of the cipher, which RustCrypto has no vectors for there.

use crate::crypto::keystream::{INITIAL, Midstate};
use core::arch::wasm32::*;

/// Bytes computed at once.
pub(in crate::crypto) const GROUP: usize = 4 * 32;

/// Bytes of cipher computed at once.
const CIPHER_GROUP: usize = 4 * 64;

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

/// XORs the ChaCha20 key stream into whole groups of `data` and returns their length. `state` is that of the first block.
pub(in crate::crypto) fn chacha20(state: &[u32; 16], data: &mut [u8]) -> usize {
    let mut counters = add(splat(state[12]), u32x4(0, 1, 2, 3));
    let groups = data.as_chunks_mut::<CIPHER_GROUP>().0;
    for group in groups.iter_mut() {
        let x = chacha20_blocks(state, counters);
        counters = add(counters, splat(4));
        let quarters = [
            transposed(x[0], x[1], x[2], x[3]),
            transposed(x[4], x[5], x[6], x[7]),
            transposed(x[8], x[9], x[10], x[11]),
            transposed(x[12], x[13], x[14], x[15]),
        ];
        for (n, bytes) in group.as_chunks_mut::<16>().0.iter_mut().enumerate() {
            xor_into(bytes, quarters[n % 4][n / 4]);
        }
    }
    groups.len() * CIPHER_GROUP
}

sha256_lanes!("simd128");
chacha20_lanes!("simd128");

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

#[inline]
fn xor(a: V, b: V) -> V {
    v128_xor(a, b)
}

#[inline]
fn rol<const N: u32>(x: V) -> V {
    match N {
        // Whole bytes are moved by one instruction.
        16 => u8x16_shuffle::<2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13>(x, x),
        8 => u8x16_shuffle::<3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14>(x, x),
        _ => v128_or(u32x4_shl(x, N), u32x4_shr(x, 32 - N)),
    }
}

/// From one word of 4 blocks in each vector to 4 words of one block in each.
#[inline]
fn transposed(a: V, b: V, c: V, d: V) -> [V; 4] {
    let (ab, ab2) = (u32x4_shuffle::<0, 4, 1, 5>(a, b), u32x4_shuffle::<2, 6, 3, 7>(a, b));
    let (cd, cd2) = (u32x4_shuffle::<0, 4, 1, 5>(c, d), u32x4_shuffle::<2, 6, 3, 7>(c, d));
    [
        u64x2_shuffle::<0, 2>(ab, cd),
        u64x2_shuffle::<1, 3>(ab, cd),
        u64x2_shuffle::<0, 2>(ab2, cd2),
        u64x2_shuffle::<1, 3>(ab2, cd2),
    ]
}

#[inline]
fn xor_into(bytes: &mut [u8; 16], key: V) {
    let place = bytes.as_mut_ptr().cast::<V>();
    // SAFETY: 16 bytes are there, for reading and writing; neither needs alignment.
    unsafe { v128_store(place, v128_xor(v128_load(place), key)) };
}

/// From one word of 4 blocks in each vector to half a block in each, XORed into the data.
#[inline]
fn xor_out([h0, h1, h2, h3, h4, h5, h6, h7]: [V; 8], group: &mut [u8; GROUP]) {
    let front = transposed(h0, h1, h2, h3);
    let back = transposed(h4, h5, h6, h7);
    let halves = front.into_iter().zip(back).flat_map(|(front, back)| [front, back]);
    for (key, bytes) in halves.zip(group.as_chunks_mut::<16>().0) {
        // Words are big-endian in the stream.
        xor_into(bytes, u8x16_shuffle::<3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12>(key, key));
    }
}
