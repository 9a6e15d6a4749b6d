//! ChaCha20 (RFC 8439, section 2.3) of many blocks at once, one in each lane of a vector.

/// Expands to `chacha20_blocks`. The module that uses it defines the vector `V` and, on it: `splat`, `add`, `xor` and `rol` by
/// 16, 12, 8 and 7.
macro_rules! chacha20_lanes {
    ($features:literal) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn quarter_round(x: &mut [V; 16], a: usize, b: usize, c: usize, d: usize) {
            x[a] = add(x[a], x[b]);
            x[d] = rol::<16>(xor(x[d], x[a]));
            x[c] = add(x[c], x[d]);
            x[b] = rol::<12>(xor(x[b], x[c]));
            x[a] = add(x[a], x[b]);
            x[d] = rol::<8>(xor(x[d], x[a]));
            x[c] = add(x[c], x[d]);
            x[b] = rol::<7>(xor(x[b], x[c]));
        }

        /// The key stream's words of the blocks in `counters`. `state` has the words of RFC 8439 section 2.3; its counter is
        /// not used.
        #[inline]
        #[target_feature(enable = $features)]
        fn chacha20_blocks(state: &[u32; 16], counters: V) -> [V; 16] {
            let mut initial = state.map(|word| splat(word));
            initial[12] = counters;
            let mut x = initial;
            for _ in 0..10 {
                quarter_round(&mut x, 0, 4, 8, 12);
                quarter_round(&mut x, 1, 5, 9, 13);
                quarter_round(&mut x, 2, 6, 10, 14);
                quarter_round(&mut x, 3, 7, 11, 15);
                quarter_round(&mut x, 0, 5, 10, 15);
                quarter_round(&mut x, 1, 6, 11, 12);
                quarter_round(&mut x, 2, 7, 8, 13);
                quarter_round(&mut x, 3, 4, 9, 14);
            }
            for (word, initial) in x.iter_mut().zip(initial) {
                *word = add(*word, initial);
            }
            x
        }
    };
}
