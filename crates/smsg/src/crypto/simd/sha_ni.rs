//! The SHA-256 instructions of x86-64, on 4 blocks in turn: each round waits for the one before it, so one block alone
//! leaves the unit idle most of the time.

use crate::crypto::keystream::{INITIAL, Midstate};
use core::arch::x86_64::*;

/// Blocks in turn.
const BLOCKS: usize = 4;

/// Bytes computed at once.
pub(in crate::crypto) const GROUP: usize = BLOCKS * 32;

/// The same register of each block.
type Each = [__m128i; BLOCKS];

/// Whether this machine has the instructions.
pub(in crate::crypto) fn is_there() -> bool {
    std::arch::is_x86_feature_detected!("sha")
        && std::arch::is_x86_feature_detected!("ssse3")
        && std::arch::is_x86_feature_detected!("sse4.1")
}

/// XORs blocks from counter `low` on into whole groups of `data`.
///
/// # Panics
/// If the instructions are not there.
pub(in crate::crypto) fn xor_groups(midstate: &Midstate, low: u32, data: &mut [u8]) {
    assert!(is_there(), "SHA-NI");
    // SAFETY: the features were just found.
    unsafe { run(midstate, low, data) }
}

/// Four words, the first lowest.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn four(words: &[u32], at: usize) -> __m128i {
    let [a, b, c, d] = [words[at], words[at + 1], words[at + 2], words[at + 3]].map(u32::cast_signed);
    _mm_set_epi32(d, c, b, a)
}

/// a..h in the order of the instructions: ABEF and CDGH, the first highest.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn arranged(state: &[u32; 8]) -> [__m128i; 2] {
    let [a, b, c, d, e, f, g, h] = state.map(u32::cast_signed);
    [_mm_set_epi32(a, b, e, f), _mm_set_epi32(c, d, g, h)]
}

/// Rounds i to i + 3, of each block; `k_and_w` are their constants with the words added.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn rounds(abef: &mut Each, cdgh: &mut Each, k_and_w: Each) {
    for n in 0..BLOCKS {
        cdgh[n] = _mm_sha256rnds2_epu32(cdgh[n], abef[n], k_and_w[n]);
    }
    for n in 0..BLOCKS {
        abef[n] = _mm_sha256rnds2_epu32(abef[n], cdgh[n], _mm_unpackhi_epi64(k_and_w[n], k_and_w[n]));
    }
}

#[target_feature(enable = "sha,ssse3,sse4.1")]
fn run(midstate: &Midstate, mut low: u32, data: &mut [u8]) {
    let k = |i| four(&midstate.k, i);
    let w = |i| four(&midstate.schedule, i);
    let [abef_6, cdgh_6] = arranged(&midstate.after_6);
    let [initial_abef, initial_cdgh] = arranged(&INITIAL);
    let (w4, w8, w12, w16) = (w(4), w(8), w(12), w(16));
    // W6 and W7, the counter's halves, without the low one; for rounds 6 and 7.
    let k_and_w6 = _mm_add_epi32(k(6), _mm_set_epi32(0, 0, 0, midstate.words[6].cast_signed()));
    // What W20..W23 and W24..W27 take from constant words.
    let w13 = _mm_alignr_epi8::<4>(w16, w12);
    let from_8 = _mm_sha256msg1_epu32(w8, w12);
    let from_12 = _mm_sha256msg1_epu32(w12, w16);

    for group in data.as_chunks_mut::<GROUP>().0 {
        let counters: [i32; BLOCKS] = std::array::from_fn(|n| low.wrapping_add(n as u32).cast_signed());
        low = low.wrapping_add(BLOCKS as u32);
        let (mut abef, mut cdgh) = ([abef_6; BLOCKS], [cdgh_6; BLOCKS]);
        // Rounds 6 and 7. Two rounds swap the roles of the registers.
        for n in 0..BLOCKS {
            let k_and_w = _mm_add_epi32(k_and_w6, _mm_set_epi32(0, 0, counters[n], 0));
            let next = _mm_sha256rnds2_epu32(cdgh[n], abef[n], k_and_w);
            (cdgh[n], abef[n]) = (abef[n], next);
        }
        // Rounds 8 to 19: their words are constants and already in k.
        for i in [8, 12, 16] {
            rounds(&mut abef, &mut cdgh, [k(i); BLOCKS]);
        }
        let mut w_16 = [w16; BLOCKS];
        let mut w_20 = counters.map(|counter| {
            let w4 = _mm_insert_epi32::<3>(w4, counter);
            _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w4, w8), w13), w16)
        });
        // k holds W20 and W21 already.
        let k20 = _mm_set_epi32(
            midstate.k[23].cast_signed(),
            midstate.k[22].cast_signed(),
            midstate.k[21].wrapping_sub(midstate.schedule[21]).cast_signed(),
            midstate.k[20].wrapping_sub(midstate.schedule[20]).cast_signed(),
        );
        rounds(&mut abef, &mut cdgh, w_20.map(|w| _mm_add_epi32(w, k20)));
        let mut w_24: Each = std::array::from_fn(|n| {
            _mm_sha256msg2_epu32(_mm_add_epi32(from_8, _mm_alignr_epi8::<4>(w_20[n], w16)), w_20[n])
        });
        rounds(&mut abef, &mut cdgh, w_24.map(|w| _mm_add_epi32(w, k(24))));
        let mut w_28: Each = std::array::from_fn(|n| {
            _mm_sha256msg2_epu32(_mm_add_epi32(from_12, _mm_alignr_epi8::<4>(w_24[n], w_20[n])), w_24[n])
        });
        rounds(&mut abef, &mut cdgh, w_28.map(|w| _mm_add_epi32(w, k(28))));
        for i in [32, 36, 40, 44, 48, 52, 56, 60] {
            for n in 0..BLOCKS {
                let sum = _mm_add_epi32(
                    _mm_sha256msg1_epu32(w_16[n], w_20[n]),
                    _mm_alignr_epi8::<4>(w_28[n], w_24[n]),
                );
                let next = _mm_sha256msg2_epu32(sum, w_28[n]);
                (w_16[n], w_20[n], w_24[n], w_28[n]) = (w_20[n], w_24[n], w_28[n], next);
            }
            rounds(&mut abef, &mut cdgh, w_28.map(|w| _mm_add_epi32(w, k(i))));
        }
        for (n, bytes) in group.as_chunks_mut::<32>().0.iter_mut().enumerate() {
            let abef = _mm_add_epi32(abef[n], initial_abef);
            let cdgh = _mm_add_epi32(cdgh[n], initial_cdgh);
            xor_out(abef, cdgh, bytes);
        }
    }
}

/// The hash in big-endian order, XORed into the data.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn xor_out(abef: __m128i, cdgh: __m128i, block: &mut [u8; 32]) {
    // All 16 bytes in reverse turn the words and the order of the words.
    let reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let abcd = _mm_shuffle_epi8(_mm_unpackhi_epi64(cdgh, abef), reverse);
    let efgh = _mm_shuffle_epi8(_mm_unpacklo_epi64(cdgh, abef), reverse);
    let place = block.as_mut_ptr().cast::<__m128i>();
    // SAFETY: 32 bytes are there, for reading and writing; neither needs alignment.
    unsafe {
        _mm_storeu_si128(place, _mm_xor_si128(_mm_loadu_si128(place), abcd));
        let place = place.add(1);
        _mm_storeu_si128(place, _mm_xor_si128(_mm_loadu_si128(place), efgh));
    }
}
