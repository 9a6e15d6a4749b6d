//! How fast the network is.

use std::collections::VecDeque;

/// The estimate is the mean of so many last samples.
const AVERAGED: usize = 3;
/// Samples kept when the caller does not say.
const DEFAULT_MAX_SAMPLES: usize = 10;
/// Bits per second before anything was measured.
const UNMEASURED: i64 = 1_000_000;

/// Estimates bandwidth from finished downloads, in the integers that the original computes with.
#[derive(Clone, Debug)]
pub struct BandwidthEstimator {
    /// Bits per second, the newest last. Of those a caller asks to keep only the averaged ones matter.
    samples: VecDeque<i64>,
    kept: usize,
}

impl BandwidthEstimator {
    /// Keeps this many samples; 0 means the default of 10. More than three change nothing.
    #[must_use]
    pub fn new(max_samples: usize) -> Self {
        let max_samples = if max_samples == 0 { DEFAULT_MAX_SAMPLES } else { max_samples };
        let kept = max_samples.min(AVERAGED);
        Self { samples: VecDeque::with_capacity(kept), kept }
    }

    /// A download of `bytes` in `milliseconds` (ignored when 0 or less).
    pub fn record(&mut self, bytes: i64, milliseconds: i64) {
        if milliseconds <= 0 {
            return;
        }
        if self.samples.len() == self.kept {
            self.samples.pop_front();
        }
        self.samples.push_back(saturated(i128::from(bytes) * 8 * 1_000 / i128::from(milliseconds)));
    }

    /// Bits per second: the mean of the last three, towards zero; 1,000,000 when there are none.
    #[must_use]
    pub fn estimate(&self) -> i64 {
        match self.samples.len() {
            0 => UNMEASURED,
            count => saturated(self.samples.iter().copied().map(i128::from).sum::<i128>() / count as i128),
        }
    }
}

impl Default for BandwidthEstimator {
    fn default() -> Self {
        Self::new(DEFAULT_MAX_SAMPLES)
    }
}

/// The original overflows silently where this stops at the ends.
fn saturated(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}
