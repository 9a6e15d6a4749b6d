//! When a client announces to a tracker, and when it tries again.
//!
//! ```text
//!  started ──interval──▶ update ──interval──▶ … completed (at once) … stopped
//!     │ no answer
//!     └──10 s, 20 s, 40 s … 1 h, each with up to half as much added──▶ again
//! ```
//!
//! Everything is jittered, so that clients which started together, or lost the same tracker, do not come together.

use crate::{Event, Interval, random::Random};
use osp_swarm::Time;
use std::time::Duration;

/// Most offers that one announce carries: each holds a socket's worth of state until it expires.
pub const MAX_OFFERS: usize = 5;
/// How long an offer waits for its answer. Trackers promise nothing; clients forget theirs after 50 s to a minute.
pub const OFFER_TTL: Duration = Duration::from_secs(60);
/// The shortest interval that is kept, whatever a tracker says.
pub const MIN_INTERVAL: Duration = Duration::from_secs(30);
/// The longest interval that is kept.
pub const MAX_INTERVAL: Duration = Duration::from_secs(2 * 60 * 60);
/// The first pause after a failure.
pub const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause after failures.
pub const MAX_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Pauses that double with every failure, from [`FIRST_PAUSE`] to [`MAX_PAUSE`], and up to half as much again.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after one more failure.
    pub fn failed(&mut self, random: &mut Random) -> Duration {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(16)).min(MAX_PAUSE);
        self.failures += 1;
        random.between(pause, pause + pause / 2)
    }

    /// It worked: the next pause is the first again.
    pub fn worked(&mut self) {
        self.failures = 0;
    }
}

/// Turns at something that must not be done in a burst: one every `gap`.
#[derive(Clone, Debug)]
pub struct Pace {
    gap: Duration,
    next: Time,
}

impl Pace {
    /// One turn every `gap`.
    #[must_use]
    pub fn new(gap: Duration) -> Self {
        Self { gap, next: Time::ZERO }
    }

    /// The next free turn, `now` or later. It is taken.
    pub fn turn(&mut self, now: Time) -> Time {
        let turn = self.next.max(now);
        self.next = turn + self.gap;
        turn
    }
}

/// The announces of one torrent to one tracker.
#[derive(Clone, Debug)]
pub struct Schedule {
    due: Time,
    started: bool,
    /// Whether the last piece was still missing at some announce.
    was_incomplete: bool,
    completed: bool,
    interval: Duration,
    min: Duration,
    last: Option<Time>,
    backoff: Backoff,
}

impl Schedule {
    /// Announces first at `first`, then every `interval`, and when peers are wanted after `min`, until the tracker
    /// names other times.
    #[must_use]
    pub fn new(first: Time, interval: Duration, min: Duration) -> Self {
        Self {
            due: first,
            started: false,
            was_incomplete: false,
            completed: false,
            interval,
            min: min.max(MIN_INTERVAL),
            last: None,
            backoff: Backoff::default(),
        }
    }

    /// When the next announce is due.
    #[must_use]
    pub fn due(&self) -> Time {
        self.due
    }

    /// What an announce at this moment reports, with `left` bytes still to come. It is repeated until
    /// [`Schedule::answered`].
    #[must_use]
    pub fn event(&mut self, left: u64) -> Event {
        self.was_incomplete |= left > 0;
        if !self.started {
            Event::Started
        } else if left == 0 && self.was_incomplete && !self.completed {
            Event::Completed
        } else {
            Event::Update
        }
    }

    /// The tracker answered an announce of `event`.
    pub fn answered(&mut self, now: Time, event: Event, interval: Interval, random: &mut Random) {
        self.started = true;
        self.completed |= event == Event::Completed;
        self.backoff.worked();
        if let Some(usual) = interval.usual {
            self.interval = usual.clamp(MIN_INTERVAL, MAX_INTERVAL);
        }
        if let Some(min) = interval.min {
            self.min = min.clamp(MIN_INTERVAL, self.interval.max(MIN_INTERVAL));
        }
        self.last = Some(now);
        self.due = now + random.between(self.interval, self.interval + self.interval / 10);
    }

    /// The tracker did not answer, or refused.
    pub fn failed(&mut self, now: Time, random: &mut Random) {
        self.due = now + self.backoff.failed(random);
    }

    /// The connection was lost: the tracker may have forgotten us, so the next announce, at `again`, starts anew.
    pub fn lost(&mut self, again: Time) {
        self.started = false;
        self.due = again;
    }

    /// Peers are wanted: announces as soon as the tracker allows. Does nothing after a failure.
    pub fn hurry(&mut self, now: Time) {
        if let Some(last) = self.last
            && self.backoff.failures == 0
        {
            self.due = self.due.min((last + self.min).max(now));
        }
    }

    /// Whether completion is still to be reported, and would be taken.
    #[must_use]
    pub fn may_complete(&self) -> bool {
        self.started && self.was_incomplete && !self.completed && self.backoff.failures == 0
    }

    /// The download is complete: that is announced at once, if anything was announced before.
    pub fn complete(&mut self, now: Time) {
        if self.may_complete() {
            self.due = self.due.min(now);
        }
    }

    /// Whether leaving has to be announced: whether the tracker has heard of us.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.started
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: u64) -> Time {
        Time::from_origin(Duration::from_secs(seconds))
    }

    #[test]
    fn started_then_updates_then_completed_once() {
        let (mut schedule, mut random) = (Schedule::new(at(0), MIN_INTERVAL, MIN_INTERVAL), Random::new(1));
        let mut events = Vec::new();
        for (now, left) in [(0, 9), (60, 5), (120, 0), (180, 0)] {
            let event = schedule.event(left);
            events.push(event);
            schedule.answered(at(now), event, Interval::default(), &mut random);
        }
        assert_eq!(events, [Event::Started, Event::Update, Event::Completed, Event::Update]);
    }

    #[test]
    fn what_was_not_heard_is_said_again() {
        let (mut schedule, mut random) = (Schedule::new(at(0), MIN_INTERVAL, MIN_INTERVAL), Random::new(1));
        assert_eq!(schedule.event(9), Event::Started);
        schedule.failed(at(0), &mut random);
        assert_eq!(schedule.event(0), Event::Started);
        schedule.answered(at(20), Event::Started, Interval::default(), &mut random);
        assert_eq!(schedule.event(0), Event::Completed);
        schedule.failed(at(60), &mut random);
        assert_eq!(schedule.event(0), Event::Completed);
    }

    #[test]
    fn a_seed_never_reports_completion() {
        let (mut schedule, mut random) = (Schedule::new(at(0), MIN_INTERVAL, MIN_INTERVAL), Random::new(1));
        assert_eq!(schedule.event(0), Event::Started);
        schedule.answered(at(0), Event::Started, Interval::default(), &mut random);
        schedule.complete(at(1));
        assert!(schedule.due() > at(1));
        assert_eq!(schedule.event(0), Event::Update);
    }

    #[test]
    fn a_tracker_cannot_have_us_announce_all_the_time_nor_never() {
        let mut random = Random::new(1);
        for (said, least, most) in [(0, 30, 33), (120, 120, 132), (u64::MAX, 7200, 7920)] {
            let mut schedule = Schedule::new(at(0), MIN_INTERVAL, MIN_INTERVAL);
            let said = Interval { usual: Some(Duration::from_secs(said)), min: Some(Duration::ZERO) };
            schedule.answered(at(0), Event::Started, said, &mut random);
            assert!((at(least)..=at(most)).contains(&schedule.due()), "{said:?}: {:?}", schedule.due());
            schedule.hurry(at(1));
            assert!(schedule.due() >= at(30));
        }
    }

    #[test]
    fn a_thousand_turns_are_spread() {
        let mut pace = Pace::new(Duration::from_millis(50));
        let turns: Vec<Time> = (0..1000).map(|_| pace.turn(at(5))).collect();
        assert_eq!(turns[0], at(5));
        assert_eq!(turns[999], at(5) + Duration::from_millis(50 * 999));
        assert_eq!(pace.turn(at(500)), at(500), "time that nobody used is gone");
    }

    proptest! {
        #[test]
        fn pauses_grow_and_end_somewhere(seed: u64) {
            let (mut backoff, mut random) = (Backoff::default(), Random::new(seed));
            for n in 0..40 {
                let pause = backoff.failed(&mut random);
                let least = (FIRST_PAUSE * (1 << n.min(12))).min(MAX_PAUSE);
                prop_assert!(pause >= least && pause <= least + least / 2);
            }
            backoff.worked();
            prop_assert!(backoff.failed(&mut random) <= FIRST_PAUSE * 3 / 2);
        }

        #[test]
        fn the_next_announce_is_never_sooner_than_allowed(
            seed: u64, steps in proptest::collection::vec((0u64..5, 0u64..10_000, 0u64..10_000), 1..40),
        ) {
            let (mut schedule, mut random) = (Schedule::new(at(0), MIN_INTERVAL, MIN_INTERVAL), Random::new(seed));
            let mut now = at(0);
            for (kind, a, b) in steps {
                now = now + Duration::from_secs(a);
                match kind {
                    0 => schedule.failed(now, &mut random),
                    1 => schedule.hurry(now),
                    _ => {
                        let event = schedule.event(b);
                        let said = Interval {
                            usual: Some(Duration::from_secs(a)), min: Some(Duration::from_secs(b)),
                        };
                        schedule.answered(now, event, said, &mut random);
                        schedule.hurry(now);
                        prop_assert!(schedule.due().since(now) >= MIN_INTERVAL);
                    }
                }
                prop_assert!(schedule.due().since(now) <= MAX_INTERVAL + MAX_INTERVAL / 2);
            }
        }
    }
}
