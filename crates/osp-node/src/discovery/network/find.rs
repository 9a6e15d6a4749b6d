//! Searching: everything under several keys, merged, blocked records left out.

use super::{
    Network,
    driver::{Seen, Walk},
    seek::{Seek, Sought},
};
use osp_core::{
    did::Did,
    record::{Record, RecordId, Verified},
};
use osp_discovery::IndexKey;
use osp_p2p::{Multiaddr, PeerId};
use osp_store::Withdrawn;
use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{sleep_until, timeout_at},
};

/// When a search ends, whatever is under way.
pub const DEADLINE: Duration = Duration::from_secs(15);
/// Keys of one search; further ones are left out.
pub const MAX_KEYS: usize = 8;
/// Records that are here already and are not fetched again.
const HELD: usize = 1000;
/// Results that wait for whoever searches; then the search waits.
const AHEAD: usize = 64;
/// How long a record that was found waits for word of its withdrawal.
const SECOND_THOUGHTS: Duration = Duration::from_millis(200);

/// What a search has found.
#[derive(Debug)]
pub enum Found {
    /// A record, verified, met for the first time.
    Record {
        /// The record.
        record: Box<Verified<Record>>,
        /// Who sent it.
        provider: PeerId,
        /// A track that is neither superseded nor withdrawn, as far as is known. Never set for other kinds.
        current: bool,
    },
    /// Another one has it as well.
    Also {
        /// The record's id.
        id: String,
        /// Who.
        provider: PeerId,
    },
    /// A track that was given as current is superseded or withdrawn.
    Gone {
        /// The track's id.
        id: String,
    },
    /// Nothing more will come.
    Done(FindSummary),
}

/// What a search did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FindSummary {
    /// Members of the network that answered.
    pub asked: usize,
    /// Peers that were said to have something.
    pub providers: usize,
    /// Records found.
    pub records: usize,
    /// Records that did not verify, or were not what was asked for.
    pub refused: usize,
    /// Whether everybody who should know was asked, and all of it was gathered.
    pub complete: bool,
    /// From the first request to the end.
    pub took: Duration,
}

/// A search under way. Dropped, it ends.
pub struct Finding {
    found: mpsc::Receiver<Found>,
    _task: JoinSet<()>,
}

impl Finding {
    /// The next thing found; `None` after [`Found::Done`].
    pub async fn next(&mut self) -> Option<Found> {
        self.found.recv().await
    }
}

/// A peer that has something, and where it is said to be reached. Strangers say so: nothing of it is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedProvider {
    /// Who.
    pub peer: PeerId,
    /// Where.
    pub addresses: Vec<Multiaddr>,
}

/// Peers as they are named. Dropped, the lookup ends.
pub struct Providers {
    found: mpsc::Receiver<NamedProvider>,
    _task: JoinSet<()>,
}

impl Providers {
    /// The next one; `None` at the end.
    pub async fn next(&mut self) -> Option<NamedProvider> {
        self.found.recv().await
    }
}

impl Network {
    /// Searches under several keys at once. It begins at once and ends by itself, after [`DEADLINE`] at the latest. What
    /// is found is kept on the shelf ([`super::shelf`]), not in the store.
    #[must_use]
    pub fn find(&self, mut keys: Vec<IndexKey>) -> Finding {
        keys.sort_unstable();
        keys.dedup();
        keys.truncate(MAX_KEYS);
        let (sender, found) = mpsc::channel(AHEAD);
        let mut task = JoinSet::new();
        task.spawn(Search::new(self.clone(), sender).run(keys));
        Finding { found, _task: task }
    }

    /// Who has something under a key. It ends by itself.
    #[must_use]
    pub fn providers(&self, key: IndexKey) -> Providers {
        let (sender, found) = mpsc::channel(AHEAD);
        let (network, mut task) = (self.clone(), JoinSet::new());
        task.spawn(async move {
            let state = network.state();
            let mut walk = Walk::providers(state, key.dht_key(), Default::default());
            // Who told this host is named by others too. The lookup bounds how many there are.
            let mut named = HashSet::from([state.host.peer_id()]);
            while let Some(seen) = walk.next().await {
                let Seen::Provider { provider, .. } = seen else { continue };
                let provider = NamedProvider { peer: provider.peer, addresses: provider.addresses };
                if named.insert(provider.peer) && sender.send(provider).await.is_err() {
                    return;
                }
            }
        });
        Providers { found, _task: task }
    }

    /// One record, found by its id. `None` if nobody has it, or all that is found is that it was withdrawn.
    pub async fn record(&self, id: &RecordId) -> Option<Verified<Record>> {
        let mut finding = self.find(vec![IndexKey::track(id).ok()?]);
        let mut wanted = None;
        let mut until = tokio::time::Instant::now() + DEADLINE;
        while let Ok(Some(found)) = timeout_at(until, finding.next()).await {
            match found {
                Found::Record { record, current, .. }
                    if record.id().same_record(id) && (current || record.as_track().is_none()) =>
                {
                    wanted = Some(*record);
                    until = tokio::time::Instant::now() + SECOND_THOUGHTS;
                }
                Found::Gone { id: gone } if gone == id.as_str() => wanted = None,
                _ => {}
            }
        }
        wanted
    }
}

/// One search over several keys.
struct Search {
    network: Network,
    out: mpsc::Sender<Found>,
    started: Instant,
    /// Records that were given, and whether as current.
    given: HashMap<String, bool>,
    /// Records that are not shown.
    refused: HashSet<String>,
    told: HashSet<(String, PeerId)>,
    summary: FindSummary,
}

/// Nobody listens any more.
struct Unheard;

impl Search {
    fn new(network: Network, out: mpsc::Sender<Found>) -> Self {
        Self {
            network,
            out,
            started: Instant::now(),
            given: HashMap::new(),
            refused: HashSet::new(),
            told: HashSet::new(),
            summary: FindSummary::default(),
        }
    }

    async fn run(mut self, keys: Vec<IndexKey>) {
        let (sender, mut sought) = mpsc::channel(AHEAD);
        let mut seeks = JoinSet::new();
        let all = keys.len();
        for key in keys {
            let (network, sender) = (self.network.clone(), sender.clone());
            seeks.spawn(async move {
                let held = network.held(&key).await;
                let mut seek = Seek::new(network.state(), network.did_web(), key, &held).await;
                while let Some(sought) = seek.next().await {
                    if sender.send(sought).await.is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let deadline = sleep_until((self.started + DEADLINE).into());
        let mut deadline = std::pin::pin!(deadline);
        let (mut done, mut complete) = (0, true);
        loop {
            let sought = tokio::select! {
                sought = sought.recv() => sought,
                () = &mut deadline => None,
                () = self.out.closed() => return,
            };
            match sought {
                Some(Sought::Done { lookup, gathered }) => {
                    done += 1;
                    complete &= lookup.complete && gathered.failed == 0;
                    self.summary.asked += lookup.answered;
                    self.summary.providers += lookup.providers;
                    self.summary.refused += gathered.bad;
                }
                Some(sought) => {
                    if self.take(sought).await.is_err() {
                        return;
                    }
                }
                None => break,
            }
        }
        self.summary.complete = complete && done == all;
        self.summary.took = self.started.elapsed();
        self.network.state().counters.search(&self.summary);
        let _ = self.out.send(Found::Done(self.summary)).await;
    }

    async fn take(&mut self, sought: Sought) -> Result<(), Unheard> {
        match sought {
            Sought::Found { record, provider, current } => self.found(record, provider, current).await,
            Sought::Also { id, provider } => self.also(id, provider).await,
            Sought::Gone(id) => self.gone(id).await,
            Sought::Done { .. } => Ok(()),
        }
    }

    async fn found(
        &mut self,
        record: Box<Verified<Record>>,
        provider: PeerId,
        current: bool,
    ) -> Result<(), Unheard> {
        let id = record.id().as_str().to_owned();
        if self.refused.contains(&id) {
            return Ok(());
        }
        if let Some(before) = self.given.get(&id) {
            if *before && !current {
                self.gone(id.clone()).await?;
            }
            return self.also(id, provider).await;
        }
        let current = match self.network.judge(&record, current).await {
            Some(current) => current,
            None => {
                self.refused.insert(id);
                return Ok(());
            }
        };
        self.network.heed(&record).await;
        self.given.insert(id.clone(), current);
        self.told.insert((id, provider));
        self.summary.records += 1;
        if current || record.as_track().is_none() && record.as_retraction().is_none() {
            self.network.shelf().put(&record);
        }
        self.say(Found::Record { record, provider, current }).await
    }

    async fn also(&mut self, id: String, provider: PeerId) -> Result<(), Unheard> {
        // Of a record that is here, and was not given, it is worth saying too; but once.
        if self.refused.contains(&id) || !self.told.insert((id.clone(), provider)) {
            return Ok(());
        }
        self.say(Found::Also { id, provider }).await
    }

    async fn gone(&mut self, id: String) -> Result<(), Unheard> {
        self.network.shelf().remove(&id);
        if self.given.insert(id.clone(), false) == Some(false) {
            return Ok(());
        }
        self.say(Found::Gone { id }).await
    }

    async fn say(&self, found: Found) -> Result<(), Unheard> {
        self.out.send(found).await.map_err(|_| Unheard)
    }
}

impl Network {
    /// The records under a key that are here, as far as they can be verified without asking anybody.
    async fn held(&self, key: &IndexKey) -> Vec<Verified<Record>> {
        let Some(under) = super::serve::under(key) else { return Vec::new() };
        let held = self.store().under(&under, 0, HELD).await.unwrap_or_default();
        let verified = |json: &[u8]| {
            let record = Record::parse(json).ok()?;
            matches!(record.artist(), Did::Key(_)).then(|| record.verify().ok()).flatten()
        };
        let work = move || held.iter().filter_map(|held| verified(&held.record.json)).collect();
        tokio::task::spawn_blocking(work).await.unwrap_or_default()
    }

    /// Whether a record may be shown: `None` if not, else whether it is current as far as this home knows too.
    async fn judge(&self, record: &Verified<Record>, current: bool) -> Option<bool> {
        if self.records().is_blocked(record).await.unwrap_or(true) {
            return None;
        }
        if !current {
            return Some(false);
        }
        let stored = self.records().get(record.id().as_str()).await.ok().flatten();
        let withdrawn = match stored {
            Some(stored) => {
                matches!(stored.withdrawn, Some(Withdrawn::Retracted(_) | Withdrawn::Superseded(_)))
            }
            None => self.withdrawn_here(record).await,
        };
        Some(!withdrawn)
    }

    /// Stores a retraction of a track that is here: of what an artist withdraws nothing more is to be shown.
    async fn heed(&self, record: &Verified<Record>) {
        let Some(retraction) = record.as_retraction() else { return };
        let stored = self.records().get(retraction.track().as_str()).await.ok().flatten();
        let of_artist =
            stored.and_then(|stored| Record::parse(&stored.json).ok()).map(|track| track.artist());
        if of_artist == Some(record.artist())
            && let Err(error) = self.records().put(std::slice::from_ref(record)).await
        {
            tracing::warn!(%error, "a retraction that was found could not be stored");
        }
    }

    /// Whether a retraction by the record's artist, or a successor, is here, though the record itself is not.
    async fn withdrawn_here(&self, record: &Verified<Record>) -> bool {
        let under = osp_store::embedded::Under::Record(record.id());
        let held = self.store().under(&under, 0, 100).await.unwrap_or_default();
        held.iter()
            .filter_map(|held| Record::parse(&held.record.json).ok())
            .any(|other| other.artist() == record.artist() && !other.id().same_record(&record.id()))
    }
}
