//! libp2p-kad, with what comes in vetted.

use super::{
    Contact, KadConfig, KadMode, KadStatus, PROTOCOL,
    addresses::{Own, vet, without_peer},
    digest,
    maintain::maintain,
    store::Records,
    table::Peers,
};
use crate::host::guard::Guard;
use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    kad::{self, InboundRequest, KBucketKey},
    swarm::{
        ConnectionDenied, ConnectionId, DialError, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm,
    },
};
use osp_store::{
    DiscoveryStore,
    providers::{Added, Announcement},
};
use std::{
    convert::Infallible,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

type Kademlia = kad::Behaviour<Records>;

/// Commands that wait for the behaviour.
const COMMANDS: usize = 64;

/// Peers of the last run that the table begins with.
const REMEMBERED: usize = 400;

/// How often the routing table is refreshed.
const REFRESH: Duration = Duration::from_secs(10 * 60);

/// What the handle asks.
#[derive(Debug)]
pub(super) enum Command {
    /// Peers nearest to a point.
    Closest {
        point: [u8; 32],
        count: usize,
        answer: oneshot::Sender<Vec<Contact>>,
    },
    Status(oneshot::Sender<KadStatus>),
    SetMode(KadMode),
    /// Looks for peers around this host.
    Refresh,
}

/// The behaviour.
pub(in crate::host) struct Behaviour {
    kad: Kademlia,
    guard: Guard,
    own: Own,
    store: DiscoveryStore,
    mode: KadMode,
    peers: Peers,
    status: KadStatus,
    commands: mpsc::Receiver<Command>,
    _maintenance: JoinSet<()>,
}

impl Behaviour {
    /// The behaviour, and what the handle needs.
    pub(in crate::host) fn new(
        me: PeerId,
        config: KadConfig,
        guard: &Guard,
    ) -> (Self, super::handle::Shared) {
        let mut settings = kad::Config::new(PROTOCOL);
        settings
            .set_record_filtering(kad::StoreInserts::FilterBoth)
            .set_provider_publication_interval(None)
            .set_publication_interval(None)
            .set_replication_interval(None)
            .set_caching(kad::Caching::Disabled)
            .set_max_packet_size(crate::kad::MAX_MESSAGE)
            // What gets into the table is vetted first.
            .set_kbucket_inserts(kad::BucketInserts::Manual)
            .set_periodic_bootstrap_interval(Some(REFRESH));
        let own = Own::new(me, guard);
        let records = Records::new(config.store.clone(), own.clone());
        let mut kad = Kademlia::with_config(me, records, settings);
        kad.set_mode(Some(kad::Mode::Client));
        let (sender, commands) = mpsc::channel(COMMANDS);
        let shared = super::handle::Shared::new(sender, own.clone(), config.store.clone());
        let mut behaviour = Self {
            kad,
            guard: guard.clone(),
            own,
            _maintenance: maintain(config.store.clone()),
            store: config.store,
            mode: config.mode,
            peers: Peers::default(),
            status: KadStatus::default(),
            commands,
        };
        behaviour.remember();
        behaviour.choose_mode();
        (behaviour, shared)
    }

    /// Fills the table with peers of the last run.
    fn remember(&mut self) {
        for known in self.store.known_peers(REMEMBERED).unwrap_or_default() {
            let Ok(peer) = PeerId::from_bytes(&known.peer) else { continue };
            let addresses = known.addresses.into_iter().filter_map(|bytes| Multiaddr::try_from(bytes).ok());
            for address in vet(&self.guard, &peer, addresses) {
                self.kad.add_address(&peer, address);
            }
        }
        // It fails only if nobody is known.
        let _ = self.kad.bootstrap();
    }

    /// Identify says what a peer speaks and where it listens.
    pub(in crate::host) fn met(&mut self, peer: PeerId, server: bool, addresses: Vec<Multiaddr>) {
        self.peers.set_server(peer, server);
        let good = if server { vet(&self.guard, &peer, addresses) } else { Vec::new() };
        if good.is_empty() {
            self.kad.remove_peer(&peer);
            return;
        }
        for old in self.addresses_of(&peer) {
            if !good.contains(&old) {
                self.kad.remove_address(&peer, &old);
            }
        }
        for address in good {
            self.kad.add_address(&peer, address);
        }
    }

    /// What the table has of a peer, without its id.
    fn addresses_of(&mut self, peer: &PeerId) -> Vec<Multiaddr> {
        let Some(bucket) = self.kad.kbucket(*peer) else { return Vec::new() };
        let found = bucket.iter().find(|entry| entry.node.key.preimage() == peer);
        let addresses = found.map(|entry| entry.node.value.iter().cloned().collect::<Vec<_>>());
        addresses.unwrap_or_default().into_iter().filter_map(|address| without_peer(peer, address)).collect()
    }

    /// The table has changed: what libp2p-kad put in itself, such as a dialled address, is vetted too.
    fn updated(&mut self, peer: PeerId) {
        let all = self.addresses_of(&peer);
        let good = vet(&self.guard, &peer, all.clone());
        if good.is_empty() {
            self.kad.remove_peer(&peer);
            return;
        }
        for address in all.iter().filter(|address| !good.contains(address)) {
            self.kad.remove_address(&peer, address);
        }
        let bytes: Vec<Vec<u8>> = good.iter().map(Multiaddr::to_vec).collect();
        let _ = self.store.saw(&peer.to_bytes(), &bytes);
    }

    /// A peer announces that it provides something. libp2p-kad has seen to it that the provider is the sender.
    fn keep(&mut self, record: kad::ProviderRecord) {
        let Some(key) = digest(record.key.as_ref()) else { return self.status.refused += 1 };
        let addresses = vet(&self.guard, &record.provider, record.addresses);
        if addresses.is_empty() {
            self.status.refused += 1;
            return;
        }
        let addresses: Vec<Vec<u8>> = addresses.iter().map(Multiaddr::to_vec).collect();
        let kept = self.store.add_provider(&Announcement {
            key,
            peer: &record.provider.to_bytes(),
            addresses: &addresses,
            origin: self.peers.origin(&record.provider),
        });
        match kept {
            Ok(Added::New | Added::Renewed) => self.status.kept += 1,
            Ok(_) => self.status.refused += 1,
            Err(error) => {
                self.status.refused += 1;
                tracing::warn!(%error, "a provider record could not be kept");
            }
        }
    }

    fn event(&mut self, event: kad::Event) {
        match event {
            kad::Event::InboundRequest { request } => match request {
                InboundRequest::AddProvider { record: Some(record) } => self.keep(record),
                InboundRequest::FindNode { .. } => self.status.find_node += 1,
                InboundRequest::GetProvider { .. } => self.status.get_providers += 1,
                _ => {}
            },
            kad::Event::RoutingUpdated { peer, .. } => self.updated(peer),
            _ => {}
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Closest { point, count, answer } => {
                let _ = answer.send(self.closest(&point, count));
            }
            Command::Status(answer) => {
                let peers = self.kad.kbuckets().map(|bucket| bucket.num_entries()).sum();
                let servers = self.peers.servers().len();
                let server = self.kad.mode() == kad::Mode::Server;
                let _ = answer.send(KadStatus { peers, servers, server, ..self.status });
            }
            Command::SetMode(mode) => {
                self.mode = mode;
                self.choose_mode();
            }
            Command::Refresh => {
                let _ = self.kad.bootstrap();
            }
        }
    }

    /// Servers nearest to a point, of the table and of those connected.
    fn closest(&mut self, point: &[u8; 32], count: usize) -> Vec<Contact> {
        let mut all: Vec<([u8; 32], Contact)> = Vec::new();
        let distance = |key: &KBucketKey<PeerId>| {
            let mut out = *point;
            out.iter_mut().zip(key.hashed_bytes()).for_each(|(byte, other)| *byte ^= other);
            out
        };
        for bucket in self.kad.kbuckets() {
            for entry in bucket.iter() {
                let peer = *entry.node.key.preimage();
                let addresses = entry.node.value.iter().cloned();
                let addresses = addresses.filter_map(|address| without_peer(&peer, address)).collect();
                all.push((distance(entry.node.key), Contact { peer, addresses }));
            }
        }
        for peer in self.peers.servers() {
            if !all.iter().any(|(_, contact)| contact.peer == peer) {
                all.push((distance(&KBucketKey::from(peer)), Contact { peer, addresses: Vec::new() }));
            }
        }
        all.sort_by_key(|(distance, _)| *distance);
        all.into_iter().take(count).map(|(_, contact)| contact).collect()
    }

    fn choose_mode(&mut self) {
        let server = match self.mode {
            KadMode::Auto => self.own.reached(),
            KadMode::Server => true,
            KadMode::Client => false,
        };
        let mode = if server { kad::Mode::Server } else { kad::Mode::Client };
        if self.kad.mode() != mode {
            self.kad.set_mode(Some(mode));
        }
    }

    fn notice(&mut self, event: &FromSwarm<'_>) {
        match event {
            FromSwarm::ExternalAddrConfirmed(confirmed) => self.own.external(confirmed.addr, true),
            FromSwarm::ExternalAddrExpired(expired) => self.own.external(expired.addr, false),
            FromSwarm::NewListenAddr(new) => self.own.listening(new.addr, true),
            FromSwarm::ExpiredListenAddr(expired) => self.own.listening(expired.addr, false),
            FromSwarm::ConnectionEstablished(established) => {
                let address = established.endpoint.get_remote_address();
                return self.peers.connected(established.peer_id, address);
            }
            FromSwarm::ConnectionClosed(closed) => {
                if closed.remaining_established == 0 {
                    self.peers.gone(&closed.peer_id);
                }
                return;
            }
            FromSwarm::DialFailure(failure) => {
                if let (Some(peer), DialError::Transport(_)) = (failure.peer_id, failure.error)
                    && self.peers.failed(peer)
                {
                    self.kad.remove_peer(&peer);
                }
                return;
            }
            _ => return,
        }
        self.choose_mode();
    }
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
        self.notice(&event);
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
        loop {
            if let Poll::Ready(Some(command)) = self.commands.poll_recv(cx) {
                self.command(command);
                continue;
            }
            match self.kad.poll(cx) {
                Poll::Ready(ToSwarm::GenerateEvent(event)) => self.event(event),
                Poll::Ready(other) => return Poll::Ready(other.map_out(|_| unreachable!("matched above"))),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
