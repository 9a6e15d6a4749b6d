//! SHA-256 of many key stream blocks at once, one in each lane of a vector.

/// Rounds whose word is constant. Written out, as the others, so that indices are constants and words stay in registers.
macro_rules! constant_rounds {
    ($state:ident, $midstate:ident, $($i:literal)*) => {
        $($state = round($state, splat($midstate.k[$i]));)*
    };
}

/// Rounds whose word depends on the counter.
macro_rules! varying_rounds {
    ($state:ident, $midstate:ident, $low:ident, $w:ident, $($i:literal)*) => {
        $(
            $w[$i] = word($midstate, $low, &$w, $i);
            $state = round($state, add($w[$i], splat($midstate.k[$i])));
        )*
    };
}

/// Expands to `compress`, which makes one key stream block per lane.
///
/// A macro and not a trait, because functions of a trait cannot have a `target_feature`. The module that uses it defines the
/// vector `V` and, on it: `splat`, `add`, `ror` and `shr` by a constant, `xor3`, `ch` and `maj` (FIPS 180-4, section 4.1.2).
macro_rules! sha256_lanes {
    ($features:literal) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn round([a, b, c, d, e, f, g, h]: [V; 8], k_and_w: V) -> [V; 8] {
            let big_sigma_1 = xor3(ror::<6>(e), ror::<11>(e), ror::<25>(e));
            let big_sigma_0 = xor3(ror::<2>(a), ror::<13>(a), ror::<22>(a));
            let t1 = add(add(h, k_and_w), add(big_sigma_1, ch(e, f, g)));
            let t2 = add(big_sigma_0, maj(a, b, c));
            [add(t1, t2), a, b, c, add(d, t1), e, f, g]
        }

        /// The word of round `i`, 22..64.
        #[inline]
        #[target_feature(enable = $features)]
        fn word(midstate: &Midstate, low: V, w: &[V; 64], i: usize) -> V {
            let small_sigma_0 = |x| xor3(ror::<7>(x), ror::<18>(x), shr::<3>(x));
            let small_sigma_1 = |x| xor3(ror::<17>(x), ror::<19>(x), shr::<10>(x));
            let mut sum = if i < 38 { splat(midstate.schedule[i]) } else { w[i - 16] };
            match i {
                22 => sum = add(sum, small_sigma_0(low)),
                23 => sum = add(sum, low),
                _ => sum = add(sum, small_sigma_1(w[i - 2])),
            }
            if i >= 29 {
                sum = add(sum, w[i - 7]);
            }
            if i >= 37 {
                sum = add(sum, small_sigma_0(w[i - 15]));
            }
            sum
        }

        /// The hashes for the counters in `low`, as words.
        #[inline]
        #[target_feature(enable = $features)]
        fn compress(midstate: &Midstate, low: V) -> [V; 8] {
            let mut w = [splat(0); 64];
            let mut state = midstate.after_8.map(|word| splat(word));
            state[0] = add(state[0], low);
            state[4] = add(state[4], low);
            constant_rounds!(state, midstate, 8 9 10 11 12 13 14 15 16 17 18 19 20 21);
            varying_rounds!(state, midstate, low, w, 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42);
            varying_rounds!(state, midstate, low, w, 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63);
            let mut hash = state;
            for (word, initial) in hash.iter_mut().zip(INITIAL) {
                *word = add(*word, splat(initial));
            }
            hash
        }
    };
}
