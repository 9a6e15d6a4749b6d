//! A clock for leases of days: the wall clock, with its faults taken out.
//!
//! ```text
//!  the wall clock …                 lease time …
//!  runs                             is the wall clock
//!  is set back                      runs on by the monotonic clock until the wall clock has caught up
//!  is set forward, or the           runs on by the monotonic clock for an hour; if the wall clock says the same
//!  machine slept                    then, it is believed
//!  is behind at the start           runs on from what was last saved (a machine without a battery clock)
//! ```
//!
//! So a clock that is wrong for some minutes expires nothing, and no record outlives its lease by more than an hour
//! of running time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A wall clock that differs by more than this from what was expected was set, or the machine slept.
const JUMP: u64 = 10 * 60;

/// A wall clock set forward is believed after this.
const DOUBT: Duration = Duration::from_secs(3600);

/// Where the time comes from.
pub trait Clock: Send {
    /// Seconds since 1970, as the system believes at this moment.
    fn wall(&self) -> u64;
    /// Time since some moment; it never goes back.
    fn running(&self) -> Duration;
}

/// The system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn running(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Lease time, in seconds since 1970. It never goes back.
#[derive(Clone, Copy, Debug)]
pub struct LeaseClock {
    /// Lease time at `running`.
    time: u64,
    running: Duration,
    /// Since when the wall clock has been ahead.
    doubted: Option<Duration>,
}

impl LeaseClock {
    /// Starts from the lease time that was saved last, if any.
    #[must_use]
    pub fn new(saved: Option<u64>, clock: &dyn Clock) -> Self {
        let time = clock.wall().max(saved.unwrap_or(0));
        Self { time, running: clock.running(), doubted: None }
    }

    /// Reads the clocks.
    pub fn now(&mut self, clock: &dyn Clock) -> u64 {
        let (wall, running) = (clock.wall(), clock.running());
        let passed = running.saturating_sub(self.running);
        let expected = self.time.saturating_add(passed.as_secs());
        if wall > expected.saturating_add(JUMP) {
            let since = *self.doubted.get_or_insert(running);
            if running.saturating_sub(since) >= DOUBT {
                self.set(wall, running);
            } else {
                self.advance(passed);
            }
        } else if wall >= expected {
            self.set(wall, running);
        } else {
            self.doubted = None;
            self.advance(passed);
        }
        self.time
    }

    fn set(&mut self, time: u64, running: Duration) {
        *self = Self { time, running, doubted: None };
    }

    /// By whole seconds: the rest is kept for the next reading.
    fn advance(&mut self, passed: Duration) {
        self.time = self.time.saturating_add(passed.as_secs());
        self.running += Duration::from_secs(passed.as_secs());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Set {
        wall: u64,
        running: u64,
    }

    impl Clock for Set {
        fn wall(&self) -> u64 {
            self.wall
        }
        fn running(&self) -> Duration {
            Duration::from_secs(self.running)
        }
    }

    fn at(wall: u64, running: u64) -> Set {
        Set { wall, running }
    }

    const DAY: u64 = 86_400;

    #[test]
    fn follows_a_wall_clock_that_runs() {
        let mut lease = LeaseClock::new(None, &at(1000 * DAY, 0));
        assert_eq!(lease.now(&at(1000 * DAY + 30, 30)), 1000 * DAY + 30);
        // A little ahead, as after a correction.
        assert_eq!(lease.now(&at(1000 * DAY + 90, 60)), 1000 * DAY + 90);
    }

    #[test]
    fn goes_on_when_the_wall_clock_is_set_back() {
        let mut lease = LeaseClock::new(None, &at(1000 * DAY, 0));
        assert_eq!(lease.now(&at(10 * DAY, 60)), 1000 * DAY + 60);
        assert_eq!(lease.now(&at(10 * DAY + 60, 120)), 1000 * DAY + 120);
        assert_eq!(lease.now(&at(1000 * DAY + 180, 180)), 1000 * DAY + 180);
    }

    #[test]
    fn a_jump_forward_that_is_taken_back_has_not_been() {
        let mut lease = LeaseClock::new(None, &at(1000 * DAY, 0));
        assert_eq!(lease.now(&at(2000 * DAY, 60)), 1000 * DAY + 60);
        assert_eq!(lease.now(&at(2000 * DAY + 1800, 1860)), 1000 * DAY + 1860);
        assert_eq!(lease.now(&at(1000 * DAY + 2000, 2000)), 1000 * DAY + 2000);
        // The doubt begins anew with the next jump.
        assert_eq!(lease.now(&at(2000 * DAY, 3700)), 1000 * DAY + 3700);
    }

    #[test]
    fn a_jump_forward_that_stays_is_believed_after_an_hour() {
        let mut lease = LeaseClock::new(None, &at(1000 * DAY, 0));
        assert_eq!(lease.now(&at(1003 * DAY, 60)), 1000 * DAY + 60);
        assert_eq!(lease.now(&at(1003 * DAY + 3599, 3659)), 1000 * DAY + 3659);
        assert_eq!(lease.now(&at(1003 * DAY + 3600, 3660)), 1003 * DAY + 3600);
    }

    #[test]
    fn a_machine_that_starts_in_1970_goes_on_from_what_was_saved() {
        let mut lease = LeaseClock::new(Some(1000 * DAY), &at(0, 0));
        assert_eq!(lease.now(&at(100, 100)), 1000 * DAY + 100);
    }

    #[test]
    fn parts_of_seconds_are_not_lost() {
        struct Fine(u64);
        impl Clock for Fine {
            fn wall(&self) -> u64 {
                0
            }
            fn running(&self) -> Duration {
                Duration::from_millis(self.0)
            }
        }
        let mut lease = LeaseClock::new(Some(50), &Fine(0));
        let read: Vec<u64> = (1..=4).map(|n| lease.now(&Fine(n * 700))).collect();
        assert_eq!(read, [50, 51, 52, 52]);
    }
}
