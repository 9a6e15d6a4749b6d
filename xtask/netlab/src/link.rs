//! One host's line to the switch: how long a frame takes, and whether it arrives. Pure and seeded.

use std::time::Duration;

/// Frames that wait at most for a slow line, in bytes: what comes beyond is dropped, as a router's buffer does. A
/// quarter of a second at the line's rate, and never less than this.
const MIN_QUEUE: u64 = 64 * 1024;

/// What a line is like, each way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    /// Time a frame needs one way.
    pub(crate) delay: Duration,
    /// Part of the frames that are lost.
    pub(crate) loss: f64,
    /// Bytes a second; `None`: no limit.
    pub(crate) rate: Option<u64>,
}

impl Default for Line {
    fn default() -> Self {
        Self { delay: Duration::ZERO, loss: 0.0, rate: None }
    }
}

/// One direction of a line.
#[derive(Debug)]
pub(crate) struct Direction {
    line: Line,
    random: u64,
    /// When the last byte sent so far has left.
    busy_until: Duration,
}

impl Direction {
    pub(crate) fn new(line: Line, seed: u64) -> Self {
        Self { line, random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, busy_until: Duration::ZERO }
    }

    /// When a frame of `len` bytes that enters at `now` arrives; `None` when it is lost.
    pub(crate) fn carry(&mut self, now: Duration, len: usize) -> Option<Duration> {
        if self.chance() < self.line.loss {
            return None;
        }
        let Some(rate) = self.line.rate else { return Some(now + self.line.delay) };
        let waiting = self.busy_until.saturating_sub(now);
        let queue = MIN_QUEUE.max(rate / 4);
        if waiting.as_secs_f64() * rate as f64 > queue as f64 {
            return None;
        }
        let takes = Duration::from_secs_f64(len as f64 / rate as f64);
        self.busy_until = self.busy_until.max(now) + takes;
        Some(self.busy_until + self.line.delay)
    }

    /// Evenly between 0 and 1 (xorshift64*).
    fn chance(&mut self) -> f64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_rate_spaces_frames_and_a_full_queue_drops() {
        let line = Line { delay: 10 * MS, loss: 0.0, rate: Some(100_000) };
        let mut way = Direction::new(line, 1);
        assert_eq!(way.carry(Duration::ZERO, 1000), Some(20 * MS));
        assert_eq!(way.carry(Duration::ZERO, 1000), Some(30 * MS));
        let carried = (0..1000).filter(|_| way.carry(Duration::ZERO, 1000).is_some()).count();
        assert!((60..70).contains(&carried), "{carried}");
    }

    #[test]
    fn loss_is_about_as_asked_and_the_same_for_a_seed() {
        let lost = |seed| {
            let mut way = Direction::new(Line { loss: 0.02, ..Line::default() }, seed);
            (0..10_000).map(|_| way.carry(Duration::ZERO, 1).is_none()).collect::<Vec<_>>()
        };
        let count = lost(7).iter().filter(|lost| **lost).count();
        assert!((150..250).contains(&count), "{count}");
        assert_eq!(lost(7), lost(7));
        assert_ne!(lost(7), lost(8));
    }
}
