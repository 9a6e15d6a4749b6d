//! How many peers the network has, and so how large the region of a key is.
//!
//! Peer ids are hashes, so peers lie evenly: with n peers the distance to the k-th nearest one, as a fraction of the key
//! space, is near k / n. From one look at a random point, n is estimated as (k - 1) / d_k, which is unbiased and off by
//! about 1 / sqrt(k - 2), a quarter for k = 20. A look that found fewer than k peers has seen them all.
//!
//! Many looks are kept, and their **median** is the estimate. Somebody who puts a hundred peers around one key, or
//! around this node, changes the looks at that place only; to move the median he must crowd half of all places, which
//! takes as many peers as the network has. For this the points must be ones that nobody can foresee: sample lookups at
//! [`DhtKey::random`](crate::DhtKey::random) and probes, not lookups of keys somebody announced.

use super::K;
use crate::key::{Distance, Point, Prefix};
use std::{collections::VecDeque, time::Duration};

/// Looks that are kept.
const SAMPLES: usize = 32;
/// Looks that are needed for an estimate.
const ENOUGH: usize = 3;
/// How long a look counts.
const MAX_AGE: Duration = Duration::from_secs(6 * 3600);

/// An estimate of the number of peers. Bounded: 32 looks.
#[derive(Clone, Debug, Default)]
pub struct Density {
    samples: VecDeque<(Duration, f64)>,
}

/// The region of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// Where.
    pub prefix: Prefix,
    /// Peers that it should hold.
    pub expected: f64,
}

impl Density {
    /// Nothing known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A look at a random point: distances of the nearest peers that answered, nearest first (of a
    /// [`Summary`](super::Summary)).
    pub fn sample(&mut self, nearest: &[Distance], now: Duration) {
        let peers = match nearest.get(K - 1) {
            Some(last) => (K - 1) as f64 / last.fraction().max(f64::MIN_POSITIVE),
            None => nearest.len() as f64,
        };
        if self.samples.len() == SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back((now, peers));
    }

    /// Looks that still count.
    #[must_use]
    pub fn samples(&self, now: Duration) -> usize {
        self.fresh(now).count()
    }

    /// Peers in the network (not counting this one); `None` before there are three looks.
    #[must_use]
    pub fn peers(&self, now: Duration) -> Option<f64> {
        let mut all: Vec<f64> = self.fresh(now).collect();
        all.sort_by(f64::total_cmp);
        let middle = all.len() / 2;
        match all.len() {
            n if n < ENOUGH => None,
            n if n % 2 == 1 => Some(all[middle]),
            _ => Some((all[middle - 1] + all[middle]) / 2.0),
        }
    }

    /// The region of the key at `point`: its longest prefix that should hold at least [`K`] peers, and so fewer than
    /// twice as many, or everything.
    #[must_use]
    pub fn region(&self, point: &Point, now: Duration) -> Option<Region> {
        self.peers(now).map(|peers| region(point, peers))
    }

    fn fresh(&self, now: Duration) -> impl Iterator<Item = f64> {
        let young = move |at: Duration| now.saturating_sub(at) <= MAX_AGE;
        self.samples.iter().filter(move |(at, _)| young(*at)).map(|(_, peers)| *peers)
    }
}

/// The region of a point in a network of so many peers.
fn region(point: &Point, peers: f64) -> Region {
    let length = (peers / K as f64).log2().floor().clamp(0.0, 200.0) as u8;
    Region { prefix: point.prefix(length), expected: peers / 2f64.powi(length.into()) }
}

impl Region {
    /// The region of the key at `point` in a network of `peers` peers.
    #[must_use]
    pub fn in_network(point: &Point, peers: f64) -> Self {
        region(point, peers)
    }
}
