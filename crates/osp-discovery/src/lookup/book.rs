//! What is remembered of peers from one lookup to the next.

use std::{collections::BTreeMap, collections::VecDeque, time::Duration};

/// Peers whose failures are remembered.
const REMEMBERED: usize = 1024;
/// Round trips remembered.
const ROUND_TRIPS: usize = 64;
/// For how long a peer is left alone after its first failure; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// The longest of these pauses.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);
/// How long an answer is waited for before another peer is asked as well, while nothing is known yet.
const HEDGE_AT_FIRST: Duration = Duration::from_millis(400);
/// Bounds of the same later.
const HEDGE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// Failures and round trips of all lookups of a node. Bounded: 1,024 peers, 64 round trips.
#[derive(Clone, Debug)]
pub struct Book<P> {
    failures: BTreeMap<P, Failure>,
    round_trips: VecDeque<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Failure {
    count: u32,
    until: Duration,
}

impl<P> Default for Book<P> {
    fn default() -> Self {
        Self { failures: BTreeMap::new(), round_trips: VecDeque::new() }
    }
}

impl<P: Ord + Clone> Book<P> {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the peer failed lately and is not to be asked.
    #[must_use]
    pub fn is_out(&self, peer: &P, now: Duration) -> bool {
        self.failures.get(peer).is_some_and(|failure| failure.until > now)
    }

    /// The peer answered, `took` after it was asked.
    pub fn answered(&mut self, peer: &P, took: Duration) {
        self.failures.remove(peer);
        if self.round_trips.len() == ROUND_TRIPS {
            self.round_trips.pop_front();
        }
        self.round_trips.push_back(took);
    }

    /// The peer did not answer, or could not be reached.
    pub fn failed(&mut self, peer: &P, now: Duration) {
        if !self.failures.contains_key(peer) && self.failures.len() == REMEMBERED {
            // The one that is allowed again first. A thousand entries are looked through, once for each failed dial.
            let soonest = self.failures.iter().min_by_key(|(_, f)| f.until).map(|(peer, _)| peer.clone());
            soonest.and_then(|peer| self.failures.remove(&peer));
        }
        let failure = self.failures.entry(peer.clone()).or_insert(Failure { count: 0, until: now });
        // Several requests of one moment are one failure.
        if failure.count > 0 && failure.until > now {
            return;
        }
        failure.until = now + FIRST_PAUSE.saturating_mul(1 << failure.count.min(10)).min(LONGEST_PAUSE);
        failure.count += 1;
    }

    /// How long to wait for an answer before asking another peer as well: half as long again as nine of ten answers
    /// took lately.
    #[must_use]
    pub fn hedge_after(&self) -> Duration {
        if self.round_trips.len() < 4 {
            return HEDGE_AT_FIRST;
        }
        let mut sorted: Vec<Duration> = self.round_trips.iter().copied().collect();
        sorted.sort_unstable();
        (sorted[(sorted.len() - 1) * 9 / 10] * 3 / 2).clamp(HEDGE.0, HEDGE.1)
    }

    /// Peers that are remembered as failed.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.failures.len()
    }
}
