//! Looking for a moment in a file that has no index: guess a place, see which moment it is, guess better.

/// Guesses before the best one is taken.
const MAX_GUESSES: u32 = 16;

/// A search under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hunt {
    /// The moment, ticks.
    pub(super) target: u64,
    /// Ticks that may lie between what was found and the target.
    near: u64,
    /// A place and a moment before the target; both as they are at the beginning of the audio first.
    low: (u64, u64),
    /// A place and a moment behind it.
    high: (u64, u64),
    guess: u64,
    guesses: u32,
}

impl Hunt {
    /// `near`: ticks that may be read for nothing.
    pub(super) fn new(target: u64, near: u64, begin: u64, size: u64, ticks: u64) -> Self {
        let mut hunt = Self {
            target,
            near: near.max(1),
            low: (begin, 0),
            high: (size, ticks.max(target + 1)),
            guess: begin,
            guesses: 0,
        };
        hunt.next();
        hunt
    }

    /// From where to read.
    pub(super) fn place(&self) -> u64 {
        self.guess
    }

    /// What was found there: the moment of the first frame, `None` if there was none. `true` if it will do, else there is
    /// another [`Self::place`].
    pub(super) fn found(&mut self, moment: Option<u64>) -> bool {
        if self.guess <= self.low.0 {
            return true;
        }
        match moment {
            Some(moment) if moment <= self.target => {
                self.low = (self.guess, moment);
                if self.target - moment <= self.near {
                    return true;
                }
            }
            Some(moment) => self.high = (self.guess, moment),
            None => self.high = (self.guess, self.high.1),
        }
        self.guesses += 1;
        let before = self.guess;
        self.next();
        // Nowhere else to look.
        self.guess == before && moment.is_some_and(|moment| moment <= self.target)
    }

    /// Between the two, by their moments, a little early.
    fn next(&mut self) {
        let (low, high) = (self.low, self.high);
        if self.guesses >= MAX_GUESSES {
            self.guess = low.0;
            return;
        }
        let bytes = high.0.saturating_sub(low.0) as f64;
        let ticks = high.1.saturating_sub(low.1).max(1) as f64;
        let wanted = (self.target.saturating_sub(low.1) as f64 - self.near as f64 / 2.0).max(0.0);
        let mut step = bytes * (wanted / ticks).min(1.0);
        if self.guesses > 2 && self.guesses % 2 == 1 {
            // Where the rate varies much.
            step = bytes / 2.0;
        }
        self.guess = low.0 + step as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_found_whatever_the_rate_does() {
        // The first half of the bytes is a tenth of the time.
        let moment = |byte: u64| if byte < 500 { byte / 5 } else { 100 + (byte - 500) * 900 / 500 };
        for target in [0, 5, 99, 100, 500, 999] {
            let mut hunt = Hunt::new(target, 20, 0, 1_000, 1_000);
            let mut guesses = 0;
            while !hunt.found(Some(moment(hunt.place()))) {
                guesses += 1;
                assert!(guesses < 20, "{target}");
            }
            assert!(moment(hunt.place()) <= target, "{target} {}", hunt.place());
            assert!(target - moment(hunt.place()) <= 20, "{target} {}", hunt.place());
        }
    }
}
