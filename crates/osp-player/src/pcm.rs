//! What interleaved samples mean.

use std::time::Duration;

/// Rate and channels of a stream of interleaved `f32` samples, nominally within ±1.
///
/// A *frame* is one sample of every channel; positions and lengths are counted in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Format {
    /// Frames per second.
    pub rate: u32,
    /// Samples per frame. Mono, left-right, or for more the order FL FR FC LFE RL RR SL SR.
    pub channels: u16,
}

impl Format {
    /// How long `frames` sound.
    #[must_use]
    pub fn duration(self, frames: u64) -> Duration {
        let rate = u64::from(self.rate.max(1));
        let nanos = u128::from(frames % rate) * 1_000_000_000 / u128::from(rate);
        Duration::from_secs(frames / rate) + Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
    }

    /// How many whole frames sound in `time`.
    #[must_use]
    pub fn frames(self, time: Duration) -> u64 {
        let nanos = u128::from(time.subsec_nanos()) * u128::from(self.rate) / 1_000_000_000;
        let whole = time.as_secs().saturating_mul(u64::from(self.rate));
        whole.saturating_add(u64::try_from(nanos).unwrap_or(0))
    }

    /// Samples in a frame, as an index.
    #[must_use]
    pub fn width(self) -> usize {
        usize::from(self.channels)
    }
}
