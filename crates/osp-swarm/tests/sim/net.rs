//! The emulated network: ends of the same rate share it, packets are delayed, lost ones come later.

use osp_swarm::Time;
use std::time::Duration;

/// Bytes in a packet.
const PACKET: usize = 1400;

/// Chance, from a seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x5851_f42d_4c95_7f2d)
    }
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = self.0 ^ (self.0 >> 33);
        x.wrapping_mul(0xff51_afd7_ed55_8ccd) >> 16
    }
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.roll() % (to - from)
    }
    pub fn chance(&mut self, of: f64) -> bool {
        (self.roll() % 1_000_000) < (of * 1e6) as u64
    }
}

/// What connects somebody to the network.
#[derive(Clone, Copy)]
pub struct Line {
    /// Bytes a second.
    pub up: u64,
    pub down: u64,
    /// One way, to the middle of the network.
    pub delay: Duration,
    /// Packets lost of those that pass.
    pub loss: f64,
}

impl Line {
    /// A good home connection: 20 Mbit/s up, 100 down, 15 ms.
    pub fn home() -> Self {
        Self { up: 2_500_000, down: 12_500_000, delay: Duration::from_millis(15), loss: 0.0 }
    }
    /// A server.
    pub fn server() -> Self {
        Self { up: 25_000_000, down: 25_000_000, delay: Duration::from_millis(20), loss: 0.0 }
    }
}

/// One end's queue onto its line.
pub struct Port {
    pub line: Line,
    up_free: Time,
    down_free: Time,
}

impl Port {
    pub fn new(line: Line) -> Self {
        Self { line, up_free: Time::ZERO, down_free: Time::ZERO }
    }
    /// When these bytes have left.
    pub fn send(&mut self, bytes: usize, now: Time) -> Time {
        self.up_free = self.up_free.max(now) + transmission(bytes, self.line.up);
        self.up_free
    }
    /// When these bytes, which come to the line at `at`, are in.
    pub fn receive(&mut self, bytes: usize, at: Time) -> Time {
        self.down_free = self.down_free.max(at) + transmission(bytes, self.line.down);
        self.down_free
    }
}

fn transmission(bytes: usize, rate: u64) -> Duration {
    Duration::from_nanos((bytes as u64).saturating_mul(1_000_000_000) / rate.max(1))
}

/// How long these bytes travel; a stream waits for what was lost, a round trip or the retransmission timeout.
pub fn travel(a: &Line, b: &Line, bytes: usize, dice: &mut Dice) -> Duration {
    let one_way = a.delay + b.delay;
    let loss = a.loss + b.loss;
    let mut lost = Duration::ZERO;
    if loss > 0.0 {
        for _ in 0..bytes.div_ceil(PACKET) {
            while dice.chance(loss) {
                // Mostly a fast retransmission, sometimes a timeout.
                lost += if dice.chance(0.1) { Duration::from_millis(200) + one_way * 2 } else { one_way * 2 };
            }
        }
    }
    one_way + lost
}

/// How long these bytes take at the rate that TCP reaches with this delay and loss (Mathis et al. 1997).
pub fn pace(a: &Line, b: &Line, bytes: usize) -> Duration {
    let loss = a.loss + b.loss;
    if loss == 0.0 {
        return Duration::ZERO;
    }
    let round_trip = ((a.delay + b.delay) * 2).as_secs_f64().max(0.001);
    let rate = PACKET as f64 * 1.22 / (round_trip * loss.sqrt());
    Duration::from_secs_f64(bytes as f64 / rate)
}
