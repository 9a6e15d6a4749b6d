//! Bytes a second, lately: an average whose weights fall off exponentially.

use crate::time::Time;

/// After this many seconds a byte counts for a third of what it did.
const SPAN: f64 = 3.0;
/// Averages over less than this (in seconds) say nothing.
const SHORTEST: f64 = 0.25;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rate {
    /// The average at `at`, too low while it is younger than a few spans.
    value: f64,
    first: Option<Time>,
    at: Time,
}

impl Rate {
    pub(crate) fn add(&mut self, bytes: u64, now: Time) {
        self.first.get_or_insert(now);
        self.value = self.decayed(now) + bytes as f64 / SPAN;
        self.at = now;
    }

    /// Bytes a second.
    pub(crate) fn get(&self, now: Time) -> u64 {
        let Some(first) = self.first else { return 0 };
        let age = now.since(first).as_secs_f64().max(SHORTEST);
        // The average started from nothing: what it lacks for that is known.
        (self.decayed(now) / (1.0 - (-age / SPAN).exp())) as u64
    }

    fn decayed(&self, now: Time) -> f64 {
        if now <= self.at {
            return self.value;
        }
        self.value * (-now.since(self.at).as_secs_f64() / SPAN).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_steady_stream_is_measured_from_its_first_seconds_and_forgotten_when_it_ends() {
        let mut rate = Rate::default();
        let at = |ms| Time::from_origin(Duration::from_millis(ms));
        for ms in (0..1000).step_by(10) {
            rate.add(1000, at(ms));
        }
        let early = rate.get(at(1000));
        assert!((90_000..125_000).contains(&early), "{early}");
        for ms in (1000..20_000).step_by(10) {
            rate.add(1000, at(ms));
        }
        let late = rate.get(at(20_000));
        assert!((95_000..105_000).contains(&late), "{late}");
        assert!(rate.get(at(50_000)) < 100);
    }
}
