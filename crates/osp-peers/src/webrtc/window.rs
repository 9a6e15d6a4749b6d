//! How many bytes to hand to SCTP ahead of what the peer has acknowledged.
//!
//! `str0m`'s SCTP takes as much as it is given, and what it has been given is in flight as far as its congestion window
//! allows. Neither a small nor a large fixed amount is right:
//!
//! - throughput is at most amount / round trip time, so 64 KiB over 100 ms make 0.65 MB/s;
//! - beyond what the path holds the bytes only queue: in the receiver's socket buffer (212 KB on Linux, where the
//!   excess is lost, and a loss costs a second when it takes a timeout) and in SCTP's own queues, whose work per packet
//!   grows with their length. Measured against Chromium on one machine: 64 KiB 47 MB/s, 128 KiB 19, 1 MiB 7.5.
//!
//! So the amount follows the path, as in BBR: the greatest delivery rate seen lately times the least round trip time
//! seen lately is what the path holds; [`GAIN`] times that leaves room to find out that it holds more. A connection
//! that is held back by this amount delivers amount / round trip, so the next amount is twice as large: it grows
//! exponentially until the rate does not.
//!
//! And they are paced: a task that was not scheduled for a while would else send a whole window at once, which no
//! queue on the way and no receiver's socket holds: Chromium's has 64 KiB. [`Window::gain`] times the rate passes on
//! average, [`BURST_TIME`] of it (at least [`BURST`]) at once.
//!
//! Single losses say nothing (see [`recovery`](super::recovery)); when more than [`LOSSY`] of the packets of a round
//! trip are lost, a queue on the way is full: then the gain falls towards 1, which is what the path delivers, and what
//! was measured before is forgotten. Without such losses it comes back.

use super::recovery::Traffic;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Least amount, in bytes: four messages, and small enough for any receiver's socket buffer.
pub(super) const FLOOR: usize = 64 * 1024;
/// Greatest amount, in bytes: 20 MB/s at 100 ms. Bounds the memory of a connection.
pub(super) const CEILING: usize = 2 * 1024 * 1024;
/// Least amount when the path loses much.
const LOSSY_FLOOR: usize = 32 * 1024;
/// Over what the path is believed to hold, and over its rate: as much as both can grow in a round trip.
const GAIN: f64 = 2.0;
/// What the gain is multiplied with when the path loses much, and what is added to it when not.
const GAIN_DOWN: f64 = 0.75;
const GAIN_UP: f64 = 0.1;
/// Part of the packets of a round trip.
const LOSSY: f64 = 0.05;
/// Fewer lost ones prove nothing.
const LOSSY_PACKETS: u64 = 4;
/// Bytes that may go at once in any case.
const BURST: usize = 32 * 1024;
/// Bytes that SCTP may hold, over [`CEILING`]: a hole keeps back what came after it, for a round trip or a few.
pub(super) const HELD: usize = 2;
/// Time whose bytes may go at once: a timer's grain, and some.
const BURST_TIME: f64 = 0.003;
/// Rates are measured over a round trip, but at least this long: over less, a scheduler's burst looks like a fast path.
const SHORTEST_EPOCH: Duration = Duration::from_millis(20);
/// Epochs that a rate counts for.
const EPOCHS: usize = 10;
/// How long a round trip time counts for, at least; at most twice that.
const RTT_LIFE: Duration = Duration::from_secs(15);
/// Until a round trip was measured.
const ASSUMED_RTT: Duration = Duration::from_millis(100);
/// A write shorter than this is not timed: its acknowledgement may be delayed by 200 ms (RFC 9260, section 6.2).
const SHORTEST_TIMED: usize = 4 * 1024;

/// Follows one connection. Pure: bytes and times in, an amount out.
pub(super) struct Window {
    amount: usize,
    gain: f64,
    traffic: Traffic,
    written: u64,
    acknowledged: u64,
    /// Acknowledged bytes when a write into an empty connection began, and when.
    timed: Option<(u64, Instant)>,
    /// The least round trip of this period and of the one before.
    least: [Option<Duration>; 2],
    period: Instant,
    epoch: Instant,
    epoch_acknowledged: u64,
    /// Bytes per second of the last epochs.
    rates: VecDeque<f64>,
    /// Bytes that may go at once, and since when they are counted.
    allowance: f64,
    counted: Instant,
}

impl Window {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            amount: FLOOR,
            gain: GAIN,
            traffic: Traffic::default(),
            written: 0,
            acknowledged: 0,
            timed: None,
            least: [None; 2],
            period: now,
            epoch: now,
            epoch_acknowledged: 0,
            rates: VecDeque::with_capacity(EPOCHS),
            allowance: BURST as f64,
            counted: now,
        }
    }

    /// Whether as many bytes may be written now. `buffered` are those that SCTP counts as not acknowledged, `ahead` of
    /// which have arrived behind a hole.
    pub(super) fn has_room(&self, bytes: usize, buffered: usize, ahead: usize) -> bool {
        buffered.saturating_sub(ahead) + bytes <= self.amount && buffered + bytes <= HELD * CEILING
    }

    /// Bytes were handed to SCTP.
    pub(super) fn on_written(&mut self, now: Instant, bytes: usize) {
        if self.written == self.acknowledged {
            // From idle: the rate counts from here.
            self.epoch = now;
            self.epoch_acknowledged = self.acknowledged;
            if bytes >= SHORTEST_TIMED {
                self.timed = Some((self.acknowledged, now));
            }
        }
        self.written += bytes as u64;
        self.allowance -= bytes as f64;
    }

    /// Whether the next message may go now; else when.
    pub(super) fn paced(&mut self, now: Instant) -> Result<(), Instant> {
        let rate = self.pace();
        let gained = now.saturating_duration_since(self.counted).as_secs_f64() * rate;
        self.allowance = (self.allowance + gained).min((rate * BURST_TIME).max(BURST as f64));
        self.counted = now;
        if self.allowance > 0.0 {
            return Ok(());
        }
        Err(now + Duration::from_secs_f64(-self.allowance / rate) + Duration::from_micros(1))
    }

    /// Bytes per second that may go: never less than what fills the least amount in a round trip.
    fn pace(&self) -> f64 {
        let round_trip = self.round_trip().as_secs_f64().max(1e-5);
        self.gain * self.rate().max(self.floor() as f64 / round_trip)
    }

    fn floor(&self) -> usize {
        if self.gain < GAIN * GAIN_DOWN { LOSSY_FLOOR } else { FLOOR }
    }

    /// `unacknowledged` bytes remain, and so many packets have arrived or were lost so far.
    pub(super) fn on_progress(&mut self, now: Instant, unacknowledged: usize, traffic: Traffic) {
        let acknowledged = self.written.saturating_sub(unacknowledged as u64);
        if acknowledged > self.acknowledged {
            self.acknowledged = acknowledged;
            if let Some((before, since)) = self.timed
                && acknowledged > before
            {
                self.timed = None;
                self.on_round_trip(now, now - since);
            }
        }
        let epoch = now.saturating_duration_since(self.epoch);
        if epoch < self.round_trip().max(SHORTEST_EPOCH) {
            return;
        }
        let delivered = self.acknowledged - self.epoch_acknowledged;
        self.epoch = now;
        self.epoch_acknowledged = self.acknowledged;
        let lost = traffic.lost - self.traffic.lost;
        let arrived = traffic.arrived - self.traffic.arrived;
        let is_lossy = lost >= LOSSY_PACKETS && lost as f64 > LOSSY * (lost + arrived) as f64;
        self.traffic = traffic;
        if is_lossy {
            self.gain = (self.gain * GAIN_DOWN).max(1.0);
            self.rates.clear();
        } else {
            self.gain = (self.gain + GAIN_UP).min(GAIN);
        }
        if self.rates.len() == EPOCHS {
            self.rates.pop_front();
        }
        self.rates.push_back(delivered as f64 / epoch.as_secs_f64());
        self.amount = self.computed();
    }

    /// A round trip was measured, by an acknowledgement or by ICE's checks, which do not queue behind our own bytes.
    pub(super) fn on_round_trip(&mut self, now: Instant, took: Duration) {
        if now.saturating_duration_since(self.period) >= RTT_LIFE {
            self.least = [None, self.least[0]];
            self.period = now;
        }
        let least = self.least[0].get_or_insert(took);
        *least = took.min(*least);
    }

    fn round_trip(&self) -> Duration {
        self.least.iter().flatten().min().copied().unwrap_or(ASSUMED_RTT)
    }

    /// The greatest of the last epochs, in bytes per second.
    fn rate(&self) -> f64 {
        self.rates.iter().copied().fold(0.0, f64::max)
    }

    fn computed(&self) -> usize {
        let holds = self.rate() * self.round_trip().as_secs_f64();
        ((self.gain * holds) as usize).clamp(self.floor(), CEILING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path with this rate (bytes a second) and round trip, and a sender that keeps the window full, for `seconds`.
    /// The path delivers in steps of 1 ms, and what is more than it holds waits in a queue.
    fn run(rate: f64, round_trip: Duration, seconds: f64) -> (Window, f64) {
        let start = Instant::now();
        let step = Duration::from_millis(1);
        let mut window = Window::new(start);
        window.on_round_trip(start, round_trip);
        // What was sent when, and how much of the oldest the link has passed.
        let mut in_flight: VecDeque<(Instant, usize)> = VecDeque::new();
        let (mut unacknowledged, mut delivered, mut credit) = (0_usize, 0_u64, 0.0);
        let mut now = start;
        while (now - start).as_secs_f64() < seconds {
            now += step;
            credit = (credit + rate * step.as_secs_f64()).min(rate * 0.01);
            while let Some(&(sent, bytes)) = in_flight.front() {
                if now < sent + round_trip || credit < bytes as f64 {
                    break;
                }
                credit -= bytes as f64;
                in_flight.pop_front();
                unacknowledged -= bytes;
                delivered += bytes as u64;
            }
            window.on_progress(now, unacknowledged, Traffic::default());
            while unacknowledged < window.amount && window.paced(now).is_ok() {
                window.on_written(now, 1200);
                in_flight.push_back((now, 1200));
                unacknowledged += 1200;
            }
        }
        (window, delivered as f64 / seconds)
    }

    #[test]
    fn grows_until_a_long_path_is_full() {
        let (window, rate) = run(20e6, Duration::from_millis(100), 10.0);
        assert!(rate > 16e6, "{rate}");
        let holds = 20e6 * 0.1;
        assert!((window.amount as f64) < 2.5 * holds, "no more than that in flight: {}", window.amount);
    }

    #[test]
    fn stays_at_the_floor_on_a_short_path() {
        let (window, rate) = run(50e6, Duration::from_micros(300), 2.0);
        assert_eq!(window.amount, FLOOR);
        assert!(rate > 30e6, "{rate}");
    }

    #[test]
    fn single_losses_change_nothing_and_many_bring_the_amount_down_to_what_arrives() {
        let start = Instant::now();
        let mut window = Window::new(start);
        window.on_round_trip(start, Duration::from_millis(100));
        let mut traffic = Traffic::default();
        let mut round = |window: &mut Window, number: u32, lost: u64| {
            traffic = Traffic { arrived: traffic.arrived + 500, lost: traffic.lost + lost };
            let now = start + number * Duration::from_millis(101);
            window.on_written(now, 500_000);
            window.on_progress(now, 500_000, traffic);
        };
        window.on_written(start, 500_000);
        for number in 1..20 {
            round(&mut window, number, 15);
        }
        assert!(window.amount > 900_000, "{}", window.amount);
        for number in 20..24 {
            round(&mut window, number, 50);
        }
        assert!((450_000..550_000).contains(&window.amount), "{}", window.amount);
        for number in 24..40 {
            round(&mut window, number, 0);
        }
        assert!(window.amount > 900_000, "{}", window.amount);
    }

    #[test]
    fn after_a_pause_a_window_does_not_go_at_once() {
        let (mut window, _) = run(20e6, Duration::from_millis(100), 5.0);
        let now = window.counted + Duration::from_secs(1);
        let mut burst = 0;
        while window.paced(now).is_ok() {
            window.on_written(now, 16_384);
            burst += 16_384;
        }
        assert!(burst <= 160_000, "{burst} of {}", window.amount);
        let next = window.paced(now).expect_err("not yet");
        assert!(window.paced(next).is_ok() && next - now < Duration::from_millis(2));
    }

    #[test]
    fn never_beyond_the_ceiling() {
        let (window, _) = run(1e9, Duration::from_millis(300), 10.0);
        assert_eq!(window.amount, CEILING);
    }

    #[test]
    fn an_acknowledgement_of_a_first_write_measures_the_round_trip() {
        let start = Instant::now();
        let mut window = Window::new(start);
        window.on_written(start, 16_000);
        window.on_progress(start + Duration::from_millis(40), 12_000, Traffic::default());
        assert_eq!(window.round_trip(), Duration::from_millis(40));
    }

    #[test]
    fn an_old_round_trip_is_forgotten() {
        let start = Instant::now();
        let mut window = Window::new(start);
        window.on_round_trip(start, Duration::from_millis(5));
        for second in 1..40 {
            window.on_round_trip(start + Duration::from_secs(second), Duration::from_millis(80));
        }
        assert_eq!(window.round_trip(), Duration::from_millis(80));
    }
}
