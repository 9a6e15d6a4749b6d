//! What all blocks of one nonce have in common.
//!
//! A key stream block is one compression of SHA-256 (FIPS 180-4, section 6.2.2), because nonce, counter and padding fill
//! exactly one message block:
//!
//! ```text
//! W0..W5  nonce     W6  counter, high half     W7  counter, low half     W8  0x80000000     W9..W14  0     W15  256 (bits)
//! ```
//!
//! Only W7 differs from block to block. So rounds 0 to 6 are the same for all, round 7 is the same but for an addition, the
//! schedule words W16 to W21 are constants, and W22 to W37 have constant parts.

use crate::crypto::key::Nonce;

/// FIPS 180-4, section 5.3.3.
pub(in crate::crypto) const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// FIPS 180-4, section 4.2.2.
#[rustfmt::skip]
const K: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// The constants of one nonce and one high half of the counter.
pub(in crate::crypto) struct Midstate {
    /// W0..W15 with 0 for the counter's low half, W7.
    pub(in crate::crypto) words: [u32; 16],
    /// a..h after rounds 0 to 5.
    pub(in crate::crypto) after_6: [u32; 8],
    /// a..h after round 7 as if W7 were 0: W7 has only to be added to a and e.
    pub(in crate::crypto) after_8: [u32; 8],
    /// What round i adds: `K[i] + W[i]` where `W[i]` is constant (8..22), else `K[i]` alone.
    pub(in crate::crypto) k: [u32; 64],
    /// The constant part of `W[i]`, 16..38; from 38 on there is none.
    pub(in crate::crypto) schedule: [u32; 38],
}

impl Midstate {
    pub(in crate::crypto) fn new(nonce: &Nonce, counter_high: u32) -> Self {
        let mut words = [0; 16];
        for (word, bytes) in words.iter_mut().zip(nonce.0.as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        words[6] = counter_high;
        words[8] = 0x8000_0000;
        words[15] = 256;

        let mut state = INITIAL;
        for i in 0..6 {
            round(&mut state, K[i].wrapping_add(words[i]));
        }
        let after_6 = state;
        round(&mut state, K[6].wrapping_add(words[6]));
        round(&mut state, K[7]);

        let mut schedule = [0; 38];
        schedule[..16].copy_from_slice(&words);
        let varies = |i: usize| i == 7 || i >= 22;
        for i in 16..38 {
            let term = |back: usize, f: fn(u32) -> u32| {
                if varies(i - back) { 0 } else { f(schedule[i - back]) }
            };
            schedule[i] = term(2, small_sigma_1)
                .wrapping_add(term(7, |w| w))
                .wrapping_add(term(15, small_sigma_0))
                .wrapping_add(term(16, |w| w));
        }
        let mut k = K;
        for i in 8..22 {
            k[i] = k[i].wrapping_add(schedule[i]);
        }
        Self { words, after_6, after_8: state, k, schedule }
    }
}

fn small_sigma_0(x: u32) -> u32 {
    x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3)
}

fn small_sigma_1(x: u32) -> u32 {
    x.rotate_right(17) ^ x.rotate_right(19) ^ (x >> 10)
}

fn round([a, b, c, d, e, f, g, h]: &mut [u32; 8], k_and_w: u32) {
    let big_sigma_1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
    let big_sigma_0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
    let t1 = h.wrapping_add(big_sigma_1).wrapping_add((*e & *f) ^ (!*e & *g)).wrapping_add(k_and_w);
    let t2 = big_sigma_0.wrapping_add((*a & *b) ^ (*a & *c) ^ (*b & *c));
    (*h, *g, *f, *e) = (*g, *f, *e, d.wrapping_add(t1));
    (*d, *c, *b, *a) = (*c, *b, *a, t1.wrapping_add(t2));
}
