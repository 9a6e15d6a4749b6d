//! One direction of an emulated path: a rate, a queue before it, a delay after it, and losses from a seed. Pure.
//!
//! ```text
//!  arrives -> [lost?] -> queue -> link at RATE -> DELAY -> leaves
//!                          full: lost too
//! ```

use std::time::{Duration, Instant};

/// What a path is like, the same in both directions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// One way.
    pub(crate) delay: Duration,
    /// Share of datagrams lost, 0 to 1.
    pub(crate) loss: f64,
    /// Bytes per second.
    pub(crate) rate: f64,
    /// How long the queue may get, as time on the link.
    pub(crate) queue: Duration,
}

/// A direction, as it goes.
pub(crate) struct Path {
    shape: Shape,
    random: u64,
    /// When the link has sent all that it has.
    free: Instant,
}

impl Path {
    /// Equal seeds lose the same datagrams, counted from the first.
    pub(crate) fn new(shape: Shape, seed: u64, now: Instant) -> Self {
        Self { shape, random: seed, free: now }
    }

    /// When a datagram that arrives now leaves; `None` if it is lost.
    pub(crate) fn datagram(&mut self, bytes: usize, now: Instant) -> Option<Instant> {
        if self.chance() < self.shape.loss || self.free > now + self.shape.queue {
            return None;
        }
        Some(self.stream(bytes, now))
    }

    /// When bytes of a stream that arrive now leave: a stream loses nothing here, its sender waits instead.
    pub(crate) fn stream(&mut self, bytes: usize, now: Instant) -> Instant {
        self.free = self.free.max(now) + Duration::from_secs_f64(bytes as f64 / self.shape.rate);
        self.free + self.shape.delay
    }

    /// SplitMix64, as a number from 0 to 1.
    fn chance(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape =
        Shape { delay: Duration::from_millis(50), loss: 0.0, rate: 1e6, queue: Duration::from_millis(100) };

    #[test]
    fn a_datagram_takes_its_time_on_the_link_and_the_delay() {
        let now = Instant::now();
        let mut path = Path::new(SHAPE, 1, now);
        assert_eq!(path.datagram(1000, now), Some(now + Duration::from_millis(51)));
        assert_eq!(path.datagram(1000, now), Some(now + Duration::from_millis(52)), "behind the first");
    }

    #[test]
    fn a_full_queue_loses() {
        let now = Instant::now();
        let mut path = Path::new(SHAPE, 1, now);
        let passed = (0..1000).filter(|_| path.datagram(1000, now).is_some()).count();
        assert_eq!(passed, 101);
        assert!(path.datagram(1000, now + Duration::from_secs(1)).is_some(), "and drains");
    }

    #[test]
    fn a_seed_repeats_its_losses_and_their_share_is_right() {
        let now = Instant::now();
        let losses = |seed| {
            let mut path = Path::new(Shape { loss: 0.01, rate: 1e12, ..SHAPE }, seed, now);
            (0..100_000).filter(|_| path.datagram(1, now).is_none()).collect::<Vec<u32>>()
        };
        assert_eq!(losses(7), losses(7));
        assert_ne!(losses(7), losses(8));
        assert!((800..1200).contains(&losses(7).len()));
    }
}
