//! Whether the listener heard a gap.
//!
//! A listener who began at the first sound has heard, after `t` seconds, `t` seconds of music, so that much must have been
//! delivered by then. Where it was not, playing stood still until more came: a stall, and from there the clock runs anew. This
//! is the same for a device, a file and nowhere: what is decoded faster than it sounds is ahead, and a network slower than
//! the music shows even where nothing sounds.

use crate::Format;
use std::time::{Duration, Instant};

/// What a device holds when it runs dry is not counted twice; below this nobody hears it.
const TOLERANCE: Duration = Duration::from_millis(20);

/// Counts stalls of one track.
#[derive(Debug)]
pub(super) struct StallMeter {
    format: Format,
    /// When the frame `from` sounded.
    start: Option<Instant>,
    delivered: u64,
    stalls: u32,
}

impl StallMeter {
    pub(super) fn new(format: Format) -> Self {
        Self { format, start: None, delivered: 0, stalls: 0 }
    }

    /// `frames` more are ready at `now`; what was ready before has sounded, or sounds on.
    pub(super) fn deliver(&mut self, frames: u64, now: Instant) {
        match self.start {
            None => self.start = Some(now),
            Some(start) => {
                let heard = now.saturating_duration_since(start);
                let had = self.format.duration(self.delivered);
                if let Some(silent) = heard.checked_sub(had).filter(|silent| *silent > TOLERANCE) {
                    self.stalls += 1;
                    self.start = Some(start + silent);
                }
            }
        }
        self.delivered += frames;
    }

    /// The listener stopped or went elsewhere: the clock begins again with what comes next.
    pub(super) fn restart(&mut self) {
        (self.start, self.delivered) = (None, 0);
    }

    /// Gaps so far.
    pub(super) fn stalls(&self) -> u32 {
        self.stalls
    }
}

#[cfg(test)]
mod tests {
    use super::StallMeter;
    use crate::Format;
    use std::time::{Duration, Instant};

    const SECOND: u64 = 1000;

    fn run(deliveries: &[(u64, u64)]) -> u32 {
        let start = Instant::now();
        let mut meter = StallMeter::new(Format { rate: 1000, channels: 2 });
        for (at, frames) in deliveries {
            meter.deliver(*frames, start + Duration::from_millis(*at));
        }
        meter.stalls()
    }

    #[test]
    fn gaps_are_counted_once_each() {
        assert_eq!(run(&[(0, SECOND), (900, SECOND), (1900, SECOND)]), 0);
        assert_eq!(run(&[(0, SECOND), (1500, SECOND), (2400, SECOND)]), 1);
        assert_eq!(run(&[(0, SECOND), (1500, SECOND), (3000, SECOND)]), 2);
        // Much at once lasts long.
        assert_eq!(run(&[(0, 10 * SECOND), (9999, SECOND), (10_999, SECOND)]), 0);
    }

    #[test]
    fn a_pause_is_no_stall() {
        let start = Instant::now();
        let mut meter = StallMeter::new(Format { rate: 1000, channels: 2 });
        meter.deliver(10, start);
        meter.restart();
        meter.deliver(10, start + Duration::from_secs(60));
        assert_eq!(meter.stalls(), 0);
    }
}
