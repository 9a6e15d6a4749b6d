//! A player: it begins when a second is there, and stutters when the next byte is not.

use osp_swarm::{Bitfield, Geometry, Playhead, Time};
use std::time::Duration;

/// Playing time that must be there before it begins, and again after a stutter.
const START: Duration = Duration::from_millis(1000);
/// How far it reads ahead of what is heard.
const READ_AHEAD: Duration = Duration::from_secs(10);

pub struct Player {
    /// Bytes a second.
    pub rate: u32,
    /// The byte that is heard, and since when it is being played.
    position: f64,
    at: Time,
    playing: bool,
    pub asked: Time,
    pub first_sound: Option<Time>,
    pub stutters: u32,
    pub finished: Option<Time>,
}

impl Player {
    pub fn new(rate: u32, now: Time) -> Self {
        Self {
            rate,
            position: 0.0,
            at: now,
            playing: false,
            asked: now,
            first_sound: None,
            stutters: 0,
            finished: None,
        }
    }

    /// Plays on until now. What came since `at` is there only from now on.
    pub fn step(&mut self, have: &Bitfield, geometry: Geometry, now: Time) {
        if self.finished.is_some() {
            return;
        }
        let length = geometry.length() as f64;
        let there = contiguous(have, geometry, self.position as u64) as f64;
        if self.playing {
            let want = self.position + now.since(self.at).as_secs_f64() * f64::from(self.rate);
            if want >= length && there >= length {
                self.finished = Some(now);
                self.position = length;
            } else if want > there {
                self.position = there;
                self.playing = false;
                self.stutters += 1;
            } else {
                self.position = want;
            }
        }
        self.at = now;
        if !self.playing && self.finished.is_none() {
            let enough = self.position + f64::from(self.rate) * START.as_secs_f64();
            if there >= enough.min(length) {
                self.playing = true;
                self.first_sound.get_or_insert(now);
            }
        }
    }

    pub fn head(&self, have: &Bitfield, geometry: Geometry) -> Option<Playhead> {
        if self.finished.is_some() {
            return None;
        }
        let there = contiguous(have, geometry, self.position as u64) as f64;
        let ahead = f64::from(self.rate) * READ_AHEAD.as_secs_f64();
        let read = there.min(self.position + ahead);
        let buffered = Duration::from_secs_f64((read - self.position).max(0.0) / f64::from(self.rate));
        Some(Playhead { position: read as u64, rate: self.rate, buffered, end: geometry.length() })
    }
}

/// The end of what is there without a gap from `from` on.
fn contiguous(have: &Bitfield, geometry: Geometry, from: u64) -> u64 {
    let mut at = from;
    while let Some(piece) = geometry.piece_at(at) {
        if !have.has(piece) {
            break;
        }
        at = geometry.range(piece).end;
    }
    at
}
