//! What announcing costs.

use super::{INTERVAL, KEYS_PER_STREAM, Outcome};

/// Requests that enumerating a region takes, as measured in simulated networks of 300 to 1,000 nodes.
const ENUMERATION: f64 = 16.0;
/// Requests of one lookup and of telling the twenty peers it found: what announcing a key alone takes.
const ALONE: f64 = 40.0 + 20.0;

/// What was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Batches that were done.
    pub batches: u64,
    /// Batches that failed.
    pub failed: u64,
    /// Keys announced, each time counted.
    pub keys: u64,
    /// Requests: those of enumerations, and one for each stream that carried announcements.
    pub requests: u64,
    /// ADD_PROVIDERs on these streams.
    pub messages: u64,
}

impl Tally {
    pub(super) fn batch(&mut self, keys: usize, outcome: &Outcome, done: bool) {
        let streams = outcome.stored * keys.div_ceil(KEYS_PER_STREAM);
        self.requests += (outcome.requests + streams) as u64;
        self.messages += (outcome.stored * keys) as u64;
        if done {
            self.batches += 1;
            self.keys += keys as u64;
        } else {
            self.failed += 1;
        }
    }
}

/// What the keys of a node cost, as planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Keys.
    pub keys: usize,
    /// Regions they lie in.
    pub regions: usize,
    /// Requests an hour, streams of announcements included.
    pub requests_per_hour: f64,
    /// ADD_PROVIDERs an hour.
    pub messages_per_hour: f64,
    /// Requests an hour if each key were looked up and announced alone.
    pub one_by_one_per_hour: f64,
}

impl Cost {
    pub(super) fn new(keys: usize, regions: usize, members: f64) -> Self {
        let hours = INTERVAL.as_secs_f64() / 3600.0;
        let streams = regions.max(keys.div_ceil(KEYS_PER_STREAM)) as f64 * members;
        Self {
            keys,
            regions,
            requests_per_hour: (regions as f64 * ENUMERATION + streams) / hours,
            messages_per_hour: keys as f64 * members / hours,
            one_by_one_per_hour: keys as f64 * ALONE / hours,
        }
    }
}
