//! A cap on bytes a second: a token bucket that may go into debt once, so that a block is never cut.

use crate::time::Time;
use std::time::Duration;

/// What may be saved up, as a part of a second's tokens.
const BURST: f64 = 0.25;
/// What may be saved up at least.
const LEAST_BURST: f64 = 16.0 * 1024.0;

#[derive(Clone, Debug)]
pub(crate) struct Limiter {
    /// Tokens a second; `None`: no cap.
    rate: Option<f64>,
    burst: f64,
    tokens: f64,
    at: Time,
}

impl Limiter {
    /// At most `rate` bytes a second.
    pub(crate) fn new(rate: Option<u64>, now: Time) -> Self {
        let rate = rate.map(|rate| rate as f64);
        let burst = (rate.unwrap_or_default() * BURST).max(LEAST_BURST);
        Self { rate, burst, tokens: burst, at: now }
    }

    /// `rate` tokens a second, of which `burst` may be saved up: for counting messages.
    pub(crate) fn counting(rate: u32, burst: u32, now: Time) -> Self {
        let burst = f64::from(burst);
        Self { rate: Some(f64::from(rate)), burst, tokens: burst, at: now }
    }

    pub(crate) fn set_rate(&mut self, rate: Option<u64>, now: Time) {
        if rate.map(|rate| rate as f64) != self.rate {
            *self = Self::new(rate, now);
        }
    }

    pub(crate) fn is_capped(&self) -> bool {
        self.rate.is_some()
    }

    /// Whether something may go now.
    pub(crate) fn is_open(&mut self, now: Time) -> bool {
        let Some(rate) = self.rate else { return true };
        if now > self.at {
            self.tokens = (self.tokens + rate * now.since(self.at).as_secs_f64()).min(self.burst);
            self.at = now;
        }
        self.tokens > 0.0
    }

    /// What is saved up at the moment.
    pub(crate) fn saved(&self) -> u64 {
        if self.rate.is_some() { self.tokens.max(0.0) as u64 } else { u64::MAX }
    }

    /// Something went.
    pub(crate) fn take(&mut self, tokens: u64) {
        if self.rate.is_some() {
            self.tokens -= tokens as f64;
        }
    }

    /// When something may go again; `None` when it may already.
    pub(crate) fn opens_at(&self) -> Option<Time> {
        let rate = self.rate?;
        if self.tokens > 0.0 {
            return None;
        }
        // A little later than exact: rounding down would wake the caller in vain.
        let wait = (1.0 - self.tokens) / rate.max(1.0);
        Some(self.at + Duration::from_secs_f64(wait.min(3600.0)) + Duration::from_millis(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capped_stream_takes_its_time_and_wakes_at_the_right_moment() {
        let mut limiter = Limiter::new(Some(100_000), Time::ZERO);
        let (mut now, mut sent) = (Time::ZERO, 0u64);
        while sent < 1_000_000 {
            if limiter.is_open(now) {
                limiter.take(16_384);
                sent += 16_384;
            } else {
                let wake = limiter.opens_at().into_iter().max();
                assert!(wake > Some(now), "it wakes later, not at once");
                now = wake.unwrap_or(now);
            }
        }
        let seconds = now.since_origin().as_secs_f64();
        assert!((9.0..10.5).contains(&seconds), "{seconds}");
    }

    #[test]
    fn without_a_cap_everything_goes() {
        let mut limiter = Limiter::new(None, Time::ZERO);
        limiter.take(u64::MAX);
        assert!(limiter.is_open(Time::ZERO));
        assert_eq!(limiter.opens_at(), None);
    }
}
