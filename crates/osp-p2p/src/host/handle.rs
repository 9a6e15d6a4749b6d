//! The handle of the running host.

use super::{
    behaviour::Behaviour,
    config::Config,
    error::{ConnectError, StartError},
    guard::{Guard, ip},
    kad::{self, Kad},
    nat::{Local, Reachability, Relays},
    records::{self, RecordsError},
    streams::{self, Streams},
    task::{Command, Task},
    told::Told,
    transport,
};
use crate::bitswap::{self, Session, client::SessionId};
use bytes::Bytes;
use futures_util::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm,
    identity::Keypair,
    multiaddr::Protocol,
    relay,
    swarm::{self, SwarmEvent, behaviour::toggle::Toggle},
};
use osp_core::Cid;
use std::{
    collections::{HashMap, HashSet, VecDeque},
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// Commands that wait for the task.
const COMMANDS: usize = 64;

/// A connection on which nothing moves and nobody counts is closed after this.
const IDLE: Duration = Duration::from_secs(60);

/// Addresses of one peer that are tried.
const MAX_ADDRESSES: usize = 16;

/// Incoming streams that wait to be looked at; beyond, they are reset.
const INCOMING: usize = 64;

/// A listener has this long to say where it listens.
const LISTEN_TIME: Duration = Duration::from_secs(5);

/// Listeners that have told nothing new for so long have told everything.
const SETTLE: Duration = Duration::from_millis(50);

/// The running host. Cheap to clone; when the last clone is gone, so is the host.
#[derive(Clone, Debug)]
pub struct P2p {
    peer_id: PeerId,
    guard: Guard,
    commands: mpsc::Sender<Command>,
    bitswap: mpsc::UnboundedSender<bitswap::Command>,
    sessions: Arc<AtomicU64>,
    streams: Streams,
    kad: Option<kad::Shared>,
    #[cfg(feature = "public-dht")]
    public_dht: Option<super::PublicDht>,
}

impl P2p {
    /// Starts a host and waits until it listens. Gives the handle and the addresses listened on, of each listener
    /// and interface, without the peer id.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(config: Config) -> Result<(Self, Vec<Multiaddr>), StartError> {
        let mut seed = config.identity;
        let keypair = Keypair::ed25519_from_bytes(&mut seed).map_err(|_| StartError::Identity)?;
        let peer_id = keypair.public().to_peer_id();
        let guard = Guard::new(config.allow_private);
        let (to_bitswap, bitswap_commands) = mpsc::unbounded_channel();
        let (service, behaviour) =
            bitswap::Service::new(config.blocks.clone(), config.uploads.clone(), bitswap_commands);
        let mut accepts = HashMap::new();
        if let Some(server) = config.records.clone() {
            let (sender, incoming) = mpsc::channel(INCOMING);
            accepts.insert(records::PROTOCOL, sender);
            tokio::spawn(records::serve(server, incoming));
        }
        let (relay_transport, relays) = if config.nat.relays {
            let (transport, behaviour) = relay::client::new(peer_id);
            (Some(transport), Some(behaviour))
        } else {
            (None, None)
        };
        let (streams_behaviour, streams) = streams::Behaviour::new(accepts);
        let mut swarm = Swarm::new(
            transport::build(&keypair, &guard, relay_transport)?,
            Behaviour::new(&config, &keypair, behaviour, streams_behaviour),
            peer_id,
            swarm::Config::with_tokio_executor().with_idle_connection_timeout(IDLE),
        );
        swarm.behaviour_mut().traverse(peer_id, &config, &guard, relays);
        let kad = config.kad.clone().map(|config| {
            let (behaviour, shared) = kad::Behaviour::new(peer_id, config, &guard);
            swarm.behaviour_mut().kad = Toggle::from(Some(behaviour));
            shared
        });
        #[cfg(feature = "public-dht")]
        let public_dht = match &config.public_dht {
            None => None,
            Some(config) => {
                // They were chosen by the user.
                for address in &config.bootstrap {
                    typed_ips(address).await.into_iter().for_each(|ip| guard.allow(ip));
                }
                let (behaviour, handle) = super::public_dht::Behaviour::new(peer_id, config, &guard);
                swarm.behaviour_mut().public_dht = Toggle::from(Some(behaviour));
                Some(handle)
            }
        };
        listen(&mut swarm, &config.listen).await?;
        for address in config.external {
            swarm.add_external_address(address);
        }
        let listening = swarm.listeners().cloned().collect();
        let (commands, receiver) = mpsc::channel(COMMANDS);
        let task = Task {
            swarm,
            commands: receiver,
            dials: HashMap::new(),
            waiting: HashMap::new(),
            guard: guard.clone(),
            use_relays: config.nat.relays,
            relays: Relays::default(),
            local: Local::default(),
            failed: VecDeque::new(),
        };
        tokio::spawn(task.run());
        tokio::spawn(service.run());
        let host = Self {
            peer_id,
            guard,
            commands,
            bitswap: to_bitswap,
            sessions: Arc::default(),
            streams,
            kad,
            #[cfg(feature = "public-dht")]
            public_dht,
        };
        Ok((host, listening))
    }

    /// Kademlia of OpenSound's own, if this host takes part in it.
    #[must_use]
    pub fn kad(&self) -> Option<Kad> {
        self.kad.clone().map(|shared| Kad::new(self.clone(), shared))
    }

    pub(super) fn streams(&self) -> &Streams {
        &self.streams
    }

    /// The public DHT of IPFS, if this host takes part in it.
    #[cfg(feature = "public-dht")]
    #[must_use]
    pub fn public_dht(&self) -> Option<&super::PublicDht> {
        self.public_dht.as_ref()
    }

    /// Who this host is to others.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        self.peer_id
    }

    /// The guard, for whoever keeps addresses learned from strangers or searches the local network.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// The addresses listened on at this moment, without the peer id. None after a shutdown.
    pub async fn listen_addrs(&self) -> Vec<Multiaddr> {
        self.ask(Command::Listening).await.unwrap_or_default()
    }

    /// The peers connected at this moment.
    pub async fn peers(&self) -> Vec<PeerId> {
        self.ask(Command::Peers).await.unwrap_or_default()
    }

    /// Whether others reach this host, as far as is known. Nothing is known after a shutdown.
    pub async fn reachability(&self) -> Reachability {
        self.ask(Command::Reachability).await.unwrap_or_default()
    }

    /// Connected peers of the local network.
    pub async fn local_peers(&self) -> Vec<PeerId> {
        self.ask(Command::LocalPeers).await.unwrap_or_default()
    }

    /// Whether there is a connection to a peer that does not lead over a relay.
    #[must_use]
    pub fn directly_connected(&self, peer: PeerId) -> bool {
        self.streams.directly_connected(&peer)
    }

    /// Tells peers that the host is reached at this address too.
    pub async fn add_external_addr(&self, address: Multiaddr) {
        let _ = self.commands.send(Command::AddExternal(address)).await;
    }

    /// Connects to an address that the **user** named, private or not. Names the peer that answered, which is the
    /// one after `/p2p/` if there is one. No error if it is connected already.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect(&self, address: Multiaddr) -> Result<PeerId, ConnectError> {
        if !transport::speaks(&address) {
            return Err(ConnectError::Unsupported);
        }
        for ip in typed_ips(&address).await {
            self.guard.allow(ip);
        }
        // Over a relay there are two, the relay's first.
        let named = |part| match part {
            Protocol::P2p(peer) => Some(peer),
            _ => None,
        };
        let peer = address.iter().filter_map(named).last();
        self.dial(peer, vec![address]).await
    }

    /// Connects to a peer at addresses that a **stranger** named (a provider record, another peer). Private ones
    /// are left out, unless the host was started to allow them.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect_learned(
        &self,
        peer: PeerId,
        mut addresses: Vec<Multiaddr>,
    ) -> Result<PeerId, ConnectError> {
        addresses.retain(transport::speaks);
        if addresses.is_empty() {
            return Err(ConnectError::Unsupported);
        }
        addresses.truncate(MAX_ADDRESSES);
        addresses.retain(|address| self.guard.permits_address(address));
        if addresses.is_empty() {
            return Err(ConnectError::Private);
        }
        self.dial(Some(peer), addresses).await
    }

    /// Connects to a peer at addresses that a **stranger** named, unless it is connected or an attempt is under way,
    /// whose end is waited for then.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn reach(&self, peer: PeerId, addresses: &[Multiaddr]) -> Result<(), ConnectError> {
        if self.streams.connected(&peer) {
            return Ok(());
        }
        if peer == self.peer_id {
            return Err(ConnectError::Myself);
        }
        let mut usable: Vec<Multiaddr> =
            addresses.iter().filter(|at| transport::speaks(at)).cloned().collect();
        if usable.is_empty() {
            return Err(if addresses.is_empty() {
                ConnectError::Unreachable
            } else {
                ConnectError::Unsupported
            });
        }
        usable.truncate(MAX_ADDRESSES);
        usable.retain(|address| self.guard.permits_address(address));
        if usable.is_empty() {
            return Err(ConnectError::Private);
        }
        self.ask(|answer| Command::Reach { peer, addresses: usable, answer })
            .await
            .unwrap_or(Err(ConnectError::Shutdown))
            .map(drop)
    }

    /// Puts one request to a peer that has records (`/osp/records/0.1.0`), at most 4 KiB, and gives its answer, at most
    /// 256 KiB. It is connected to first if need be, at addresses that a stranger named.
    ///
    /// # Errors
    /// [`RecordsError`].
    pub async fn ask_records(
        &self,
        peer: PeerId,
        addresses: &[Multiaddr],
        request: &[u8],
    ) -> Result<Bytes, RecordsError> {
        self.reach(peer, addresses).await?;
        records::ask(&self.streams, peer, request).await
    }

    async fn dial(&self, peer: Option<PeerId>, addresses: Vec<Multiaddr>) -> Result<PeerId, ConnectError> {
        self.ask(|answer| Command::Connect { peer, addresses, answer })
            .await
            .unwrap_or(Err(ConnectError::Shutdown))
    }

    /// Closes all connections of a peer.
    pub async fn disconnect(&self, peer: PeerId) {
        let _ = self.commands.send(Command::Disconnect(peer)).await;
    }

    /// A Bitswap session with these peers, which should be connected. It asks nobody else; connections to them are
    /// kept while it lives.
    #[must_use]
    pub fn session(&self, peers: Vec<PeerId>) -> Session {
        let id = SessionId(self.sessions.fetch_add(1, Ordering::Relaxed));
        Session::open(id, peers, self.bitswap.clone())
    }

    /// Blocks have come into the store since: peers that wait for them get them.
    pub fn blocks_arrived(&self, cids: Vec<Cid>) {
        let _ = self.bitswap.send(bitswap::Command::Arrived(cids));
    }

    /// Closes everything and waits until it is closed.
    pub async fn shutdown(&self) {
        self.ask(Command::Shutdown).await;
    }

    /// `None` after a shutdown.
    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(command(answer)).await.ok()?;
        answered.await.ok()
    }
}

/// Starts the listeners and waits until each has told its addresses.
///
/// A listener at `0.0.0.0` tells one address for each interface, one after the other and each in its own time. It has
/// told all when nothing new has come for [`SETTLE`] and none of those of its family knows an interface that another
/// one lacks.
async fn listen(swarm: &mut Swarm<Behaviour>, addresses: &[Multiaddr]) -> Result<(), StartError> {
    let mut told = Told::default();
    for (index, address) in addresses.iter().enumerate() {
        let id = swarm
            .listen_on(address.clone())
            .map_err(|error| StartError::Listen { index, reason: listen_reason(&error) })?;
        told.listener(id, index, address);
    }
    let started = async {
        loop {
            let event = match timeout(SETTLE, swarm.select_next_some()).await {
                Ok(event) => event,
                Err(_) if told.complete() => return Ok(()),
                Err(_) => continue,
            };
            match event {
                SwarmEvent::NewListenAddr { listener_id, address } => told.address(listener_id, &address),
                SwarmEvent::ListenerClosed { listener_id, reason, .. } => {
                    if let Some(index) = told.closed(listener_id) {
                        let reason = reason.err().map_or_else(|| "it closed".into(), |e| e.to_string());
                        return Err(StartError::Listen { index, reason });
                    }
                }
                _ => {}
            }
        }
    };
    // A machine without any interface of the family has no address to wait for.
    timeout(LISTEN_TIME, started).await.unwrap_or(Ok(()))
}

fn listen_reason(error: &libp2p::TransportError<std::io::Error>) -> String {
    match error {
        libp2p::TransportError::MultiaddrNotSupported(_) => {
            "it is not of the form /ip4/…/tcp/…, /ip4/…/tcp/…/ws or /ip4/…/udp/…/quic-v1".into()
        }
        libp2p::TransportError::Other(error) => error.to_string(),
    }
}

/// The IP addresses that a typed address stands for: its own, or those of its name at this moment.
async fn typed_ips(address: &Multiaddr) -> HashSet<IpAddr> {
    if let Some(ip) = ip(address) {
        return HashSet::from([ip]);
    }
    let name = match address.iter().next() {
        Some(Protocol::Dns(name) | Protocol::Dns4(name) | Protocol::Dns6(name)) => name.into_owned(),
        _ => return HashSet::new(),
    };
    // The port is of no matter here. A name that does not resolve fails where it is dialled.
    let found = timeout(LISTEN_TIME, tokio::net::lookup_host((name, 0))).await;
    found.ok().and_then(Result::ok).map(|found| found.map(|a| a.ip()).collect()).unwrap_or_default()
}
