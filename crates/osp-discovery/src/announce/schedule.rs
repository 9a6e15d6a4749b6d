//! When a key is due.

use super::INTERVAL;
use crate::{UnixTime, key::Point};
use std::time::Duration;

/// Settings of the planner.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Batches under way at once.
    pub parallel: usize,
    /// Most keys of one batch.
    pub keys_per_batch: usize,
    /// Most keys in all: those of a million tracks.
    pub keys: usize,
    /// Keys of a region that are due within this time are announced along with the first.
    pub together: Duration,
    /// Over how long announcements that are overdue are spread.
    pub catch_up: Duration,
    /// Pause after a first failure; twice as long after each further one.
    pub retry: Duration,
    /// The longest such pause.
    pub longest_retry: Duration,
    /// Peers that must have taken a batch for it to count as done, if that many were found.
    pub quorum: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            parallel: 4,
            keys_per_batch: 20_000,
            keys: 5_000_000,
            together: INTERVAL / 4,
            catch_up: Duration::from_secs(3600),
            retry: Duration::from_secs(60),
            longest_retry: Duration::from_secs(2 * 3600),
            quorum: 5,
        }
    }
}

/// Where in the interval each place of the key space has its time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Differs from node to node, so that not all come to a region together.
    offset: u64,
}

impl Clock {
    pub(super) fn new(seed: u64) -> Self {
        Self { offset: seed % INTERVAL.as_secs() }
    }

    /// When something at `point` that was announced at `last` is due: at the time of that place nearest to one interval
    /// later, so half an interval later at least and one and a half at most, which is well before it expires.
    pub(super) fn due(self, point: &Point, last: UnixTime) -> UnixTime {
        let interval = INTERVAL.as_secs();
        let phase = (point.fraction() * interval as f64) as u64 + self.offset;
        let earliest = last.0.saturating_add(interval / 2);
        let wait = (phase % interval + interval - earliest % interval) % interval;
        UnixTime(earliest.saturating_add(wait))
    }
}

/// The pause after so many failures.
pub(super) fn pause(config: &Config, failures: u32) -> Duration {
    config.retry.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(config.longest_retry)
}
