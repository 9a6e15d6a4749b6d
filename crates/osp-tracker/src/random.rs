//! A small generator for choices that need no secrecy: which peers, how much jitter. From a seed, so that tests and
//! simulations repeat.

use std::time::Duration;

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator; equal seeds give equal numbers.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 when `end` is 0. The bias is below `end` in 2^64.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.bits()) * end as u128) >> 64) as usize
    }

    /// A time from `from` to `to`, to the millisecond.
    pub fn between(&mut self, from: Duration, to: Duration) -> Duration {
        let span = to.saturating_sub(from).as_millis() as usize;
        from + Duration::from_millis(self.below(span.saturating_add(1)) as u64)
    }

    /// `most` different numbers below `len`, in random order, all of them if there are no more: the first steps of a
    /// Fisher-Yates shuffle of which only the touched places are stored.
    pub fn sample(&mut self, len: usize, most: usize) -> impl Iterator<Item = usize> {
        let mut moved = std::collections::HashMap::new();
        (0..most.min(len)).map(move |i| {
            let j = i + self.below(len - i);
            let here = moved.get(&i).copied().unwrap_or(i);
            moved.insert(j, here).unwrap_or(j)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_sample_has_no_number_twice(seed: u64, len in 0usize..300, most in 0usize..400) {
            let mut sample: Vec<usize> = Random::new(seed).sample(len, most).collect();
            prop_assert_eq!(sample.len(), most.min(len));
            sample.sort_unstable();
            sample.dedup();
            prop_assert_eq!(sample.len(), most.min(len));
            prop_assert!(sample.iter().all(|i| *i < len));
        }
    }

    #[test]
    fn every_number_is_taken_about_equally_often() {
        let mut random = Random::new(1);
        let mut counts = [0u32; 10];
        for _ in 0..10_000 {
            for i in random.sample(10, 3) {
                counts[i] += 1;
            }
        }
        assert!(counts.iter().all(|c| (2700..3300).contains(c)), "{counts:?}");
    }
}
