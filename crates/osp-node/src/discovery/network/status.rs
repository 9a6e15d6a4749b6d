//! How the network stands, for metrics, `osp doctor` and whoever looks.

use super::{Announcements, FindSummary, Network};
use osp_discovery::lookup::Summary;
use osp_p2p::{KadStatus, Multiaddr, PeerId, Reachability};
use osp_store::providers::DiscoveryCounts;
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// Upper bounds of the histogram's buckets, in milliseconds.
pub const BUCKETS: [u64; 12] = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000];

/// How many took how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// By the bounds of [`BUCKETS`], not added up; the last is for those beyond.
    pub counts: [u64; BUCKETS.len() + 1],
    /// Milliseconds of all together.
    pub sum: u64,
}

/// Lookups since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lookups {
    /// Those that ran to their end: everybody who should know was asked.
    pub complete: u64,
    /// Those that met nobody, or their deadline.
    pub incomplete: u64,
    /// Requests they sent.
    pub asked: u64,
    /// Requests without an answer.
    pub failed: u64,
    /// How long they took.
    pub took: Histogram,
}

/// Searches since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Searches {
    /// How many.
    pub searches: u64,
    /// Records they found.
    pub records: u64,
    /// Records that were refused.
    pub refused: u64,
}

/// How the network stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NetworkStatus {
    /// Who this host is.
    pub peer: PeerId,
    /// What it tells others of where it is reached.
    pub addresses: Vec<Multiaddr>,
    /// Whether it is: `None` while nobody has tried.
    pub reachability: Reachability,
    /// Connected peers of the local network.
    pub local: usize,
    /// Whether the settings name members at private addresses only, and private addresses are refused.
    pub walled: bool,
    /// Routing table, and what was answered.
    pub kad: KadStatus,
    /// Members of the network, as estimated.
    pub members: Option<f64>,
    /// What is kept for others.
    pub store: DiscoveryCounts,
    /// Requests for records answered.
    pub answered: u64,
    /// Lookups made.
    pub lookups: Lookups,
    /// Searches made.
    pub searches: Searches,
    /// Records on the shelf.
    pub shelf: usize,
    /// Own announcements; `None` where there are none to make.
    pub announcements: Option<Announcements>,
}

/// Counters of a process.
#[derive(Default)]
pub(super) struct Counters {
    lookups: Mutex<Lookups>,
    searches: [AtomicU64; 3],
    announcements: Mutex<Option<Announcements>>,
}

impl Counters {
    pub(super) fn lookup(&self, summary: &Summary) {
        let mut lookups = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = if summary.complete { &mut lookups.complete } else { &mut lookups.incomplete };
        *ended += 1;
        lookups.asked += summary.asked as u64;
        lookups.failed += summary.failed as u64;
        lookups.took.count(summary.took);
    }

    pub(super) fn search(&self, summary: &FindSummary) {
        let values = [1, summary.records as u64, summary.refused as u64];
        for (counter, value) in self.searches.iter().zip(values) {
            counter.fetch_add(value, Relaxed);
        }
    }

    pub(super) fn announcements(&self, now: Announcements) {
        *self.announcements.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
}

impl Histogram {
    fn count(&mut self, took: Duration) {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.iter().position(|bound| millis <= *bound).unwrap_or(BUCKETS.len());
        self.counts[bucket] += 1;
        self.sum = self.sum.saturating_add(millis);
    }
}

impl Network {
    /// How the network stands at this moment.
    pub async fn status(&self) -> NetworkStatus {
        let state = self.state();
        let store = state.kad.store().clone();
        let counts = tokio::task::spawn_blocking(move || store.counts()).await;
        let [searches, records, refused] = &state.counters.searches;
        NetworkStatus {
            peer: state.host.peer_id(),
            addresses: state.kad.own_addresses(),
            reachability: state.host.reachability().await,
            walled: state.walled,
            local: state.host.local_peers().await.len(),
            kad: state.kad.status().await,
            members: state.density().peers(state.now()),
            store: counts.ok().and_then(Result::ok).unwrap_or_default(),
            answered: self.answered(),
            lookups: *state.counters.lookups.lock().unwrap_or_else(PoisonError::into_inner),
            searches: Searches {
                searches: searches.load(Relaxed),
                records: records.load(Relaxed),
                refused: refused.load(Relaxed),
            },
            shelf: self.shelf().len(),
            announcements: *state.counters.announcements.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}
