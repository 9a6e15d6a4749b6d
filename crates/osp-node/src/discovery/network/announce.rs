//! Keeping the network told of what is here ([`osp_discovery::announce`]): what was published goes at once, everything
//! again about every 22 hours, what is blocked or gone no more.
//!
//! Nothing is announced before somebody is known, an address is known at which others reach this host, and the size of
//! the network has been estimated. Where there were few members to tell and there are more now, they are told too: soon
//! if they are half as many, somewhat later if it is only one.

use super::{
    driver::{Contact, Seen, Walk},
    holdings::{Change, Holdings},
    state::{State, unix_now},
};
use osp_discovery::{
    DhtKey, UnixTime,
    announce::{Batch, BatchId, Config, Cost, KEYS_PER_STREAM, Outcome, Planner, Tally},
    lookup::{Density, K},
};
use osp_p2p::PeerId;
use osp_store::{DiscoveryStore, StoreError, embedded::EmbeddedStore, providers::ProviderKey};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::Semaphore,
    task::{JoinSet, spawn_blocking},
    time::sleep,
};

/// How often the store is asked whether anything has changed.
const LOOK: Duration = Duration::from_millis(500);
/// Looks at the network that its size is estimated from at first, and how often there is another one.
const LOOKS: usize = 3;
const LOOK_AGAIN: Duration = Duration::from_secs(20 * 60);
/// Between two looks there is at least so much, whatever happens.
const AT_LEAST: Duration = Duration::from_secs(3);
/// Until one member more is told, where there were too few, and a tenth of it if there are half as many more; twice as
/// long each time that nobody new was found.
const ONE_MORE: Duration = Duration::from_secs(10);
/// Members that are told at once.
const AT_ONCE: usize = 8;
/// How often it is worked out how the announcements stand, when nothing has happened.
const STATUS: Duration = Duration::from_secs(15);
/// Keys that nobody has been told of: up to so many at the start go at once, like new ones; more are spread.
const AT_START: usize = 2000;
/// Announced keys that are read at once.
const PAGE: usize = 1000;

/// How the announcements stand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Announcements {
    /// Keys to be announced.
    pub keys: usize,
    /// Of these: new, and not in the network yet.
    pub waiting: usize,
    /// Due, and waiting for their batch.
    pub due: usize,
    /// Announced so long ago that the network may forget them.
    pub late: usize,
    /// What was spent since the start.
    pub tally: Tally,
    /// What they cost, as planned; `None` before the size of the network is known.
    pub cost: Option<Cost>,
}

/// The announcements of a node.
pub(super) struct Announcer {
    state: Arc<State>,
    holdings: Holdings,
    planner: Planner,
    batches: JoinSet<(Batch, Outcome, HashSet<PeerId>)>,
    looking: JoinSet<Option<usize>>,
    /// When it was last looked at the network.
    looked: Option<Instant>,
    /// How large the table was when that was of use.
    seen: Option<usize>,
    /// Looks in a row that were due because the network has changed.
    tries: u32,
    /// What the last batch found, if it was less than there should be.
    thin: Option<Thin>,
    /// The store has been read once.
    begun: bool,
    full: bool,
    /// When it was last worked out how they stand; not since something happened.
    told: Option<Instant>,
}

/// Fewer members than a region should have were there to be told. So the region is the whole network, and whoever is
/// known and not among them is to be told too.
#[derive(Clone, Debug)]
struct Thin {
    told: HashSet<PeerId>,
    since: Instant,
    /// Somebody the table has may be gone without its knowing: after a try that reached nobody new, the next is later.
    pause: Duration,
    /// All is being told once more.
    trying: bool,
}

impl Thin {
    /// After a batch that reached these.
    fn after(before: Option<Self>, told: HashSet<PeerId>) -> Option<Self> {
        let thin = match before {
            Some(before) if !told.is_subset(&before.told) => Self::new(told),
            Some(before) if before.trying => {
                Self { pause: (before.pause * 2).min(LOOK_AGAIN), ..Self::new(told) }
            }
            Some(before) => Self { told, ..before },
            None => Self::new(told),
        };
        (thin.told.len() < K).then_some(thin)
    }

    fn new(told: HashSet<PeerId>) -> Self {
        Self { told, since: Instant::now(), pause: ONE_MORE, trying: false }
    }

    /// Whether to tell everybody again, now that these are known.
    fn is_over(&self, known: impl Iterator<Item = PeerId>) -> bool {
        let new = known.filter(|peer| !self.told.contains(peer)).count();
        let pause = if new > self.told.len() / 2 { self.pause / 10 } else { self.pause };
        !self.trying && new > 0 && self.since.elapsed() > pause
    }
}

impl Announcer {
    pub(super) fn new(state: Arc<State>, store: EmbeddedStore) -> Self {
        let (seed, _) = state.own.as_bytes().split_first_chunk::<8>().expect("32 bytes begin with 8");
        Self {
            planner: Planner::new(Config::default(), u64::from_be_bytes(*seed)),
            state,
            holdings: Holdings::new(store),
            batches: JoinSet::new(),
            looking: JoinSet::new(),
            looked: None,
            seen: None,
            tries: 0,
            thin: None,
            begun: false,
            full: false,
            told: None,
        }
    }

    /// Works until it is dropped.
    pub(super) async fn run(mut self) {
        loop {
            match self.holdings.look().await {
                Ok(change) => self.note(change).await,
                Err(error) => tracing::warn!(%error, "what is to be announced cannot be read from the store"),
            }
            self.look_at_the_network().await;
            self.begin().await;
            self.tell_status();
            tokio::select! {
                Some(done) = self.batches.join_next() => if let Ok((batch, outcome, told)) = done {
                    self.finished(batch, outcome, told).await;
                },
                () = sleep(LOOK) => {}
            }
        }
    }

    /// Takes up what has come and gone.
    async fn note(&mut self, change: Change) {
        let now = unix_now();
        if change.is_empty() && self.begun {
            return;
        }
        self.told = None;
        let mut fresh = Vec::new();
        if self.begun {
            for key in change.needed {
                let known = self.planner.is_announced(&key, now);
                self.hold(key, None, true, now);
                if !known {
                    fresh.push(key);
                }
            }
        } else {
            let before = announced(self.state.kad.store().clone(), now).await;
            let unknown = change.needed.iter().filter(|key| !before.contains_key(&held(key))).count();
            for key in change.needed {
                let last = before.get(&held(&key)).copied();
                self.hold(key, last, unknown <= AT_START, now);
                if last.is_none() {
                    fresh.push(key);
                }
            }
            self.begun = true;
        }
        let gone: Vec<DhtKey> = change.released.into_iter().filter(|key| self.planner.release(key)).collect();
        self.keep_own(&fresh).await;
        self.forget(gone).await;
    }

    fn hold(&mut self, key: DhtKey, last: Option<UnixTime>, fresh: bool, now: UnixTime) {
        let held = match last {
            None if fresh => self.planner.publish(key, now),
            last => self.planner.restore(key, last, now),
        };
        if let Err(error) = held
            && !std::mem::replace(&mut self.full, true)
        {
            tracing::warn!("not everything here is announced to the network: {error}");
        }
    }

    /// This host answers for itself at once.
    async fn keep_own(&self, keys: &[DhtKey]) {
        let own = osp_p2p::Contact { peer: self.state.host.peer_id(), addresses: Vec::new() };
        for keys in keys.chunks(KEYS_PER_STREAM) {
            let keys: Vec<&[u8]> = keys.iter().map(|key| key.as_bytes().as_slice()).collect();
            let _ = self.state.kad.add_providers(&own, &keys).await;
        }
    }

    /// Nobody is told of these any more; others forget them as they expire.
    async fn forget(&self, keys: Vec<DhtKey>) {
        if keys.is_empty() {
            return;
        }
        let (store, me) = (self.state.kad.store().clone(), self.state.host.peer_id().to_bytes());
        let work = move || -> Result<(), StoreError> {
            let keys: Vec<ProviderKey> = keys.iter().map(held).collect();
            store.forget_announced(&keys)?;
            keys.into_iter().try_for_each(|key| store.remove_provider(key, &me).map(drop))
        };
        if let Ok(Err(error)) = spawn_blocking(work).await {
            tracing::warn!(%error, "what is no longer announced cannot be noted");
        }
    }

    /// Sees to an estimate of the network's size.
    async fn look_at_the_network(&mut self) {
        while let Some(looked) = self.looking.try_join_next() {
            if let Ok(Some(table)) = looked {
                self.tries = if self.seen == Some(table) { self.tries } else { 0 };
                self.seen = Some(table);
            }
        }
        if !self.looking.is_empty() || !self.state.knows_somebody().await {
            return;
        }
        let status = self.state.kad.status().await;
        let table = status.peers.max(status.servers);
        let peers = self.state.density().peers(self.state.now());
        // The table says little of how large the network is, but that it has changed, and that it is no smaller.
        let changed = self.seen.is_none_or(|then| table > then + then / 2 || table < then / 2);
        let anew = changed || peers.is_none_or(|peers| peers < table as f64 * 0.8);
        let due = if anew { AT_LEAST * (1 << self.tries.min(6)) } else { LOOK_AGAIN };
        if self.looked.is_none_or(|at| at.elapsed() > due) {
            self.looked = Some(Instant::now());
            self.tries = if anew { self.tries.saturating_add(1) } else { 0 };
            self.looking.spawn(look(Arc::clone(&self.state), anew, table));
        }
    }

    /// Begins what is due.
    async fn begin(&mut self) {
        let now = unix_now();
        let Some(peers) = self.state.density().peers(self.state.now()) else { return };
        if self.state.kad.own_addresses().is_empty() || !self.state.knows_somebody().await {
            return;
        }
        if let Some(thin) = &mut self.thin {
            let known = self.state.kad.closest_known(*self.state.own.as_bytes(), K).await;
            if thin.is_over(known.into_iter().map(|contact| contact.peer)) {
                thin.trying = true;
                self.planner.again(now);
            }
        }
        while let Some(batch) = self.planner.take(peers, now) {
            self.batches.spawn(tell(Arc::clone(&self.state), batch));
        }
    }

    async fn finished(&mut self, batch: Batch, outcome: Outcome, told: HashSet<PeerId>) {
        let now = unix_now();
        self.told = None;
        let (id, keys): (BatchId, Vec<DhtKey>) = (batch.id, batch.keys);
        let Some(reached) = self.planner.finished(id, outcome, now) else {
            tracing::debug!(members = outcome.members, stored = outcome.stored, "an announcement failed");
            return;
        };
        self.thin = Thin::after(self.thin.take(), told);
        if !reached.is_empty() {
            tracing::info!(
                keys = reached.len(),
                members = outcome.stored,
                "the network has what is new here"
            );
        }
        let store = self.state.kad.store().clone();
        let done = spawn_blocking(move || -> Result<(), StoreError> {
            let keys: Vec<ProviderKey> = keys.iter().map(held).collect();
            keys.chunks(PAGE).try_for_each(|keys| store.set_announced(keys))?;
            store.flush()
        });
        if let Ok(Err(error)) = done.await {
            tracing::warn!(%error, "what was announced cannot be noted");
        }
    }

    fn tell_status(&mut self) {
        if self.told.is_some_and(|at| at.elapsed() < STATUS) {
            return;
        }
        self.told = Some(Instant::now());
        let now = unix_now();
        let peers = self.state.density().peers(self.state.now());
        self.state.counters.announcements(Announcements {
            keys: self.planner.len(),
            waiting: self.planner.waiting(),
            due: self.planner.due(now),
            late: self.planner.late(now),
            tally: *self.planner.tally(),
            cost: peers.map(|peers| self.planner.cost(peers)),
        });
    }
}

/// Looks at the network from places that nobody can foresee, and gives `table` if that was any good. Of a network that has
/// become another what was seen before says nothing any more.
async fn look(state: Arc<State>, anew: bool, table: usize) -> Option<usize> {
    let one = || async {
        let mut walk = Walk::anywhere(&state);
        while let Some(seen) = walk.next().await {
            if let Seen::Done(summary) = seen {
                // Where most do not answer, those who do are too few to go by.
                let good = summary.complete && summary.answered > summary.failed;
                return good.then_some(summary.nearest);
            }
        }
        None
    };
    let looks = if anew { LOOKS } else { 1 };
    let seen = futures_util::future::join_all((0..looks).map(|_| one())).await;
    let seen = seen.into_iter().collect::<Option<Vec<_>>>()?;
    let mut density = state.density();
    if anew {
        *density = Density::new();
    }
    seen.iter().for_each(|nearest| density.sample(nearest, state.now()));
    Some(table)
}

/// Tells every member of a region. Says who took all.
async fn tell(state: Arc<State>, batch: Batch) -> (Batch, Outcome, HashSet<PeerId>) {
    let mut outcome = Outcome::default();
    let keys: Arc<[DhtKey]> = batch.keys.clone().into();
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut telling: JoinSet<Option<PeerId>> = JoinSet::new();
    // Its own store holds what others would ask this host for.
    let me = Contact { peer: state.host.peer_id(), point: state.own, group: None, addresses: Vec::new() };
    let _ = tell_one(&state, me, &keys).await;
    let mut walk = Walk::region(&state, batch.region);
    while let Some(seen) = walk.next().await {
        match seen {
            Seen::Member(member) => {
                outcome.members += 1;
                let (state, keys, room) = (Arc::clone(&state), Arc::clone(&keys), Arc::clone(&room));
                telling.spawn(async move {
                    let _turn = room.acquire_owned().await;
                    let peer = member.peer;
                    tell_one(&state, member, &keys).await.then_some(peer)
                });
            }
            Seen::Done(summary) => outcome.requests = summary.asked,
            Seen::Provider { .. } => {}
        }
    }
    let told: HashSet<PeerId> = telling.join_all().await.into_iter().flatten().collect();
    outcome.stored = told.len();
    (batch, outcome, told)
}

/// Tells one member. Says whether it took all.
async fn tell_one(state: &State, member: Contact, keys: &[DhtKey]) -> bool {
    let to = osp_p2p::Contact { peer: member.peer, addresses: member.addresses };
    for keys in keys.chunks(KEYS_PER_STREAM) {
        let keys: Vec<&[u8]> = keys.iter().map(|key| key.as_bytes().as_slice()).collect();
        if state.kad.add_providers(&to, &keys).await.is_err() {
            return false;
        }
    }
    true
}

/// What was announced before the start, and when.
async fn announced(store: DiscoveryStore, now: UnixTime) -> HashMap<ProviderKey, UnixTime> {
    let work = move || -> Result<HashMap<ProviderKey, UnixTime>, StoreError> {
        let (mut all, mut after) = (HashMap::new(), None);
        loop {
            let page = store.announced_after(after, PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(all) };
            after = Some(*last);
            all.extend(
                page.into_iter().map(|(key, age)| (key, UnixTime(now.0.saturating_sub(age.as_secs())))),
            );
        }
    };
    match spawn_blocking(work).await {
        Ok(Ok(all)) => all,
        _ => HashMap::new(),
    }
}

/// A key as the store has it.
fn held(key: &DhtKey) -> ProviderKey {
    ProviderKey(*key.as_bytes().last_chunk().expect("34 bytes end with 32"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn peers(count: usize) -> Vec<PeerId> {
        (0..count).map(|_| PeerId::random()).collect()
    }

    fn of(peers: &[PeerId]) -> HashSet<PeerId> {
        peers.iter().copied().collect()
    }

    /// Whether it is over so much later, when these are known.
    fn over(thin: &Thin, later: Duration, known: &[PeerId]) -> bool {
        let thin = Thin { since: thin.since.checked_sub(later).unwrap(), ..thin.clone() };
        thin.is_over(known.iter().copied())
    }

    #[test]
    fn whoever_joins_a_small_network_is_told_in_the_end() {
        let all = peers(K);
        let thin = Thin::after(None, of(&all[..4])).unwrap();
        let (soon, later) = (ONE_MORE / 9, ONE_MORE * 2);
        assert!(!over(&thin, later, &all[..4]));
        assert!(!over(&thin, Duration::ZERO, &all));
        assert!(over(&thin, soon, &all[..7]) && !over(&thin, soon, &all[..5]));
        assert!(over(&thin, later, &all[..5]));
        assert!(over(&thin, later, &all[1..5]), "one came when another went");
        assert!(Thin::after(Some(thin), of(&all)).is_none());
    }

    #[test]
    fn members_that_are_not_reached_are_tried_ever_more_rarely() {
        let all = peers(5);
        let mut thin = Thin::after(None, of(&all[..4])).unwrap();
        for _ in 0..20 {
            thin.trying = true;
            assert!(!over(&thin, thin.pause * 2, &all), "it is being tried");
            let before = thin.pause;
            thin = Thin::after(Some(thin), of(&all[..4])).unwrap();
            assert_eq!(thin.pause, (before * 2).min(LOOK_AGAIN));
            // A second batch of the same try.
            assert_eq!(Thin::after(Some(thin.clone()), of(&all[..3])).unwrap().pause, thin.pause);
        }
        thin.trying = true;
        assert_eq!(Thin::after(Some(thin), of(&all)).unwrap().pause, ONE_MORE);
    }
}
