//! Kademlia with what this host announces and looks for around it.

use super::{
    GAP, PROTOCOL, PublicDhtConfig,
    bootstrap::split,
    handle::{Command, Found, PublicDht, Status},
    schedule::Schedule,
    shelf::{LIFE, Place, Shelf},
};
use crate::{bitswap::Key, host::guard::Guard};
use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    kad::{
        self, GetClosestPeersOk, GetProvidersOk, InboundRequest, QueryId, QueryResult, RecordKey,
        store::{MemoryStore, MemoryStoreConfig, RecordStore as _},
    },
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm,
    },
};
use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    num::NonZeroUsize,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc,
    time::{Sleep, sleep_until},
};

type Kademlia = kad::Behaviour<MemoryStore>;

/// Commands that wait for the behaviour.
const COMMANDS: usize = 16;
/// Searches under way at once; more find nothing.
const MAX_SEARCHES: usize = 16;
/// Providers without an address that one search looks for.
const MAX_NAMELESS: usize = 4;
/// Addresses kept of one peer.
const MAX_ADDRESSES: usize = 8;
/// Peers asked at the same time by one query, as go-libp2p does: many a peer of the public DHT does not answer.
const PARALLELISM: NonZeroUsize = NonZeroUsize::new(10).unwrap();
/// The routing table is refreshed so often.
const REFRESH: Duration = Duration::from_secs(10 * 60);
/// A host that knows nobody calls the first peers again after this long.
const ALONE: Duration = Duration::from_secs(30);

/// What a query is for.
enum Purpose {
    Announce(Key),
    Find(Search),
    /// Where a provider is, of whom only the name was given.
    Locate(PeerId, mpsc::Sender<Found>),
}

struct Search {
    found: mpsc::Sender<Found>,
    seen: HashSet<PeerId>,
    nameless: Vec<PeerId>,
}

/// See the module's text.
pub(in crate::host) struct Behaviour {
    kad: Kademlia,
    guard: Guard,
    bootstrap: Vec<(PeerId, Multiaddr)>,
    commands: mpsc::Receiver<Command>,
    schedule: Schedule,
    shelf: Shelf,
    queries: HashMap<QueryId, Purpose>,
    /// Addresses at which this host is reached.
    external: HashSet<Multiaddr>,
    /// When the first peers were called last. `None`: nothing was asked of the DHT yet.
    called: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Behaviour {
    /// The behaviour, and the handle to it.
    pub(in crate::host) fn new(me: PeerId, config: &PublicDhtConfig, guard: &Guard) -> (Self, PublicDht) {
        let mut kademlia = kad::Config::new(PROTOCOL);
        kademlia
            .set_record_filtering(kad::StoreInserts::FilterBoth)
            .set_provider_record_ttl(Some(LIFE))
            // What is told when is the schedule's to say, and values are neither kept nor looked for.
            .set_provider_publication_interval(None)
            .set_publication_interval(None)
            .set_replication_interval(None)
            .set_caching(kad::Caching::Disabled)
            .set_parallelism(PARALLELISM)
            .set_periodic_bootstrap_interval(Some(REFRESH));
        // The shelf bounds it.
        let unbounded = MemoryStoreConfig { max_provided_keys: usize::MAX, ..MemoryStoreConfig::default() };
        let (sender, commands) = mpsc::channel(COMMANDS);
        let behaviour = Self {
            kad: Kademlia::with_config(me, MemoryStore::with_config(me, unbounded), kademlia),
            guard: guard.clone(),
            bootstrap: config.bootstrap.iter().filter_map(split).collect(),
            commands,
            schedule: Schedule::default(),
            shelf: Shelf::default(),
            queries: HashMap::new(),
            external: HashSet::new(),
            called: None,
            timer: None,
        };
        (behaviour, PublicDht(sender))
    }

    /// A peer that serves this DHT has said where it listens.
    pub(in crate::host) fn met(&mut self, peer: PeerId, addresses: &[Multiaddr]) {
        for address in addresses.iter().filter(|at| self.guard.permits_address(at)).take(MAX_ADDRESSES) {
            self.kad.add_address(&peer, address.clone());
        }
    }

    fn peers(&mut self) -> usize {
        self.kad.kbuckets().map(|bucket| bucket.num_entries()).sum()
    }

    /// Calls the first peers, unless somebody is known or it was just tried.
    fn call(&mut self, now: Instant) {
        let lately = self.called.is_some_and(|at| now.duration_since(at) < ALONE);
        if lately || self.peers() > 0 {
            return;
        }
        self.called = Some(now);
        for (peer, address) in &self.bootstrap {
            self.kad.add_address(peer, address.clone());
        }
        // It fails only when there is nobody to begin with.
        let _ = self.kad.bootstrap();
    }

    fn command(&mut self, command: Command, now: Instant) {
        match command {
            Command::Announce(keys) => {
                // An announcement under way goes on: Kademlia ends one only by telling those found so far.
                for key in self.schedule.set(&keys, now) {
                    self.kad.stop_providing(&record_key(&key));
                }
            }
            Command::Find { key, found } => {
                let searches = self.queries.values().filter(|purpose| matches!(purpose, Purpose::Find(_)));
                if searches.count() < MAX_SEARCHES {
                    self.call(now);
                    let id = self.kad.get_providers(record_key(&key));
                    let search = Search { found, seen: HashSet::new(), nameless: Vec::new() };
                    self.queries.insert(id, Purpose::Find(search));
                }
            }
            Command::Status(answer) => {
                let _ = answer.send(Status {
                    peers: self.peers(),
                    roots: self.schedule.roots(),
                    announced: self.schedule.announced(),
                    server: self.kad.mode() == kad::Mode::Server,
                });
            }
        }
    }

    /// Starts what is due.
    fn announce(&mut self, now: Instant) {
        if self.schedule.roots() == 0 || self.external.is_empty() {
            return;
        }
        self.call(now);
        if self.kad.kbuckets().all(|bucket| bucket.is_empty()) {
            return;
        }
        while let Some(key) = self.schedule.next(now) {
            match self.kad.start_providing(record_key(&key)) {
                Ok(id) => drop(self.queries.insert(id, Purpose::Announce(key))),
                Err(_) => self.schedule.done(key, false, now),
            }
        }
    }

    fn event(&mut self, event: kad::Event, now: Instant) {
        match event {
            kad::Event::OutboundQueryProgressed { id, result, stats, step } => {
                self.progress(id, result, step.last, stats.num_successes() > 0, now);
            }
            kad::Event::InboundRequest { request: InboundRequest::AddProvider { record: Some(record) } } => {
                self.keep(record, now);
            }
            _ => {}
        }
    }

    fn progress(&mut self, id: QueryId, result: QueryResult, last: bool, heard: bool, now: Instant) {
        if let (QueryResult::GetProviders(Ok(GetProvidersOk::FoundProviders { key, providers })), Some(_)) =
            (&result, self.queries.get(&id))
        {
            self.found(id, key, providers);
        }
        if !last {
            return;
        }
        match self.queries.remove(&id) {
            Some(Purpose::Announce(key)) => self.schedule.done(key, heard, now),
            Some(Purpose::Find(search)) => {
                for peer in search.nameless.into_iter().take(MAX_NAMELESS) {
                    let id = self.kad.get_closest_peers(peer);
                    self.queries.insert(id, Purpose::Locate(peer, search.found.clone()));
                }
            }
            Some(Purpose::Locate(peer, found)) => {
                let near = match result {
                    QueryResult::GetClosestPeers(Ok(GetClosestPeersOk { peers, .. })) => peers,
                    _ => Vec::new(),
                };
                for info in near.into_iter().filter(|info| info.peer_id == peer && !info.addrs.is_empty()) {
                    let _ = found.try_send(Found { peer, addresses: without_peer(info.addrs) });
                }
            }
            None => {}
        }
    }

    /// Peers were named as providers. Kademlia gives their names; their addresses are what it would dial them at.
    fn found(&mut self, id: QueryId, key: &RecordKey, providers: &HashSet<PeerId>) {
        let kept = self.kad.store_mut().providers(key);
        let mut located = Vec::new();
        for peer in providers {
            let dial = ConnectionId::new_unchecked(0);
            let addresses =
                self.kad.handle_pending_outbound_connection(dial, Some(*peer), &[], Endpoint::Dialer);
            let mut addresses = addresses.unwrap_or_default();
            // Or the record is kept here.
            addresses.extend(kept.iter().filter(|r| r.provider == *peer).flat_map(|r| r.addresses.clone()));
            located.push((*peer, without_peer(addresses)));
        }
        let Some(Purpose::Find(search)) = self.queries.get_mut(&id) else { return };
        for (peer, addresses) in located {
            if addresses.is_empty() {
                if !search.seen.contains(&peer) && !search.nameless.contains(&peer) {
                    search.nameless.push(peer);
                }
            } else if search.seen.insert(peer) {
                search.nameless.retain(|nameless| *nameless != peer);
                let _ = search.found.try_send(Found { peer, addresses });
            }
        }
    }

    /// A peer wants its record kept here.
    fn keep(&mut self, mut record: kad::ProviderRecord, now: Instant) {
        record.addresses.retain(|address| self.guard.permits_address(address));
        record.addresses.truncate(MAX_ADDRESSES);
        // Without an address it is of no use to anybody.
        if record.addresses.is_empty() {
            return;
        }
        if let Some(gone) = self.shelf.put((record.key.clone(), record.provider), now) {
            self.forget(gone);
            let _ = self.kad.store_mut().add_provider(record);
        }
    }

    fn forget(&mut self, places: Vec<Place>) {
        for (key, peer) in places {
            self.kad.store_mut().remove_provider(&key, &peer);
        }
    }

    /// Ends searches that nobody waits for any more.
    fn stop_searching(&mut self) {
        let idle = |purpose: &Purpose| match purpose {
            Purpose::Find(search) => search.found.is_closed(),
            Purpose::Locate(_, found) => found.is_closed(),
            Purpose::Announce(_) => false,
        };
        for (id, _) in self.queries.iter().filter(|(_, purpose)| idle(purpose)) {
            self.kad.query_mut(id).iter_mut().for_each(kad::QueryMut::finish);
        }
    }

    /// When there is something to do that nothing else wakes for.
    fn next_wake(&self, now: Instant) -> Option<Instant> {
        if self.queries.values().any(|purpose| !matches!(purpose, Purpose::Announce(_))) {
            return Some(now + Duration::from_secs(1));
        }
        // An address that becomes known wakes by itself.
        if self.external.is_empty() {
            return None;
        }
        // Not at the very moment it is due: it may be waiting for peers.
        self.schedule.due().map(|due| due.clamp(now + Duration::from_secs(1), now + GAP))
    }
}

/// The key under which IPFS files the providers of a CID.
fn record_key(key: &Key) -> RecordKey {
    RecordKey::new(&key.to_bytes())
}

/// Addresses without their peer id at the end, as many as are worth trying.
fn without_peer(addresses: Vec<Multiaddr>) -> Vec<Multiaddr> {
    let mut all: Vec<Multiaddr> = Vec::new();
    for address in addresses {
        let bare = split(&address).map_or(address, |(_, bare)| bare);
        if !all.contains(&bare) && all.len() < MAX_ADDRESSES {
            all.push(bare);
        }
    }
    all
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = <Kademlia as NetworkBehaviour>::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.kad.handle_established_inbound_connection(id, peer, local, remote)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        role: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        self.kad.handle_pending_outbound_connection(id, peer, addresses, role)
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.kad.handle_established_outbound_connection(id, peer, address, role, port)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match &event {
            FromSwarm::ExternalAddrConfirmed(confirmed) => {
                self.external.insert(confirmed.addr.clone());
            }
            FromSwarm::ExternalAddrExpired(expired) => {
                self.external.remove(expired.addr);
            }
            _ => {}
        }
        self.kad.on_swarm_event(event);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.kad.on_connection_handler_event(peer, connection, event);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        let now = Instant::now();
        loop {
            if let Poll::Ready(Some(command)) = self.commands.poll_recv(cx) {
                self.command(command, now);
                continue;
            }
            self.stop_searching();
            let gone = self.shelf.expired(now);
            self.forget(gone);
            self.announce(now);
            match self.kad.poll(cx) {
                Poll::Ready(ToSwarm::GenerateEvent(event)) => {
                    self.event(event, now);
                    continue;
                }
                Poll::Ready(other) => return Poll::Ready(other.map_out(|_| unreachable!("matched above"))),
                Poll::Pending => {}
            }
            match self.next_wake(now) {
                None => self.timer = None,
                Some(at) => {
                    let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at.into())));
                    if timer.is_elapsed() || timer.deadline() > at.into() {
                        timer.as_mut().reset(at.into());
                    }
                    if timer.as_mut().poll(cx).is_ready() {
                        continue;
                    }
                }
            }
            return Poll::Pending;
        }
    }
}
