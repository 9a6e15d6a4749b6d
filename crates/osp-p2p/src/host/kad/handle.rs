//! What the rest of the program asks of Kademlia.

use super::{
    KadMode, PROTOCOL,
    addresses::Own,
    behaviour::Command,
    digest,
    rpc::{self, Contact, Providers, RpcError},
};
use crate::{host::handle::P2p, kad::Kind};
use libp2p::{Multiaddr, PeerId, StreamProtocol};
use osp_store::{
    DiscoveryStore,
    providers::{Announcement, Origin},
};
use std::time::Duration;
use tokio::{
    sync::{mpsc, oneshot},
    task::{JoinSet, spawn_blocking},
    time::timeout,
};

/// A question has this long, the connection included.
const ASK_TIME: Duration = Duration::from_secs(10);

/// Announcements have this long and [`PER_KEY`] for each key.
const ANNOUNCE_TIME: Duration = Duration::from_secs(15);

/// See [`ANNOUNCE_TIME`].
const PER_KEY: Duration = Duration::from_millis(10);

/// How Kademlia stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KadStatus {
    /// Peers in the routing table.
    pub peers: usize,
    /// Connected peers that answer questions.
    pub servers: usize,
    /// Whether this host answers.
    pub server: bool,
    /// FIND_NODE answered since the start.
    pub find_node: u64,
    /// GET_PROVIDERS answered.
    pub get_providers: u64,
    /// Announcements of others that were kept, renewals included.
    pub kept: u64,
    /// Announcements refused: malformed, without an address that can be passed on, or over a budget.
    pub refused: u64,
}

/// What handle and behaviour share.
#[derive(Clone, Debug)]
pub(in crate::host) struct Shared {
    commands: mpsc::Sender<Command>,
    own: Own,
    store: DiscoveryStore,
}

impl Shared {
    pub(super) fn new(commands: mpsc::Sender<Command>, own: Own, store: DiscoveryStore) -> Self {
        Self { commands, own, store }
    }
}

/// Kademlia of a running host. Cheap to clone. All questions end by themselves after some seconds and may be dropped
/// at any time.
#[derive(Clone, Debug)]
pub struct Kad {
    host: P2p,
    shared: Shared,
}

impl Kad {
    pub(in crate::host) fn new(host: P2p, shared: Shared) -> Self {
        Self { host, shared }
    }

    /// The protocol's name.
    pub const PROTOCOL: StreamProtocol = PROTOCOL;

    /// Asks a peer for peers near a key, which may be any bytes: a peer id's, or a DHT key's.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn find_node(&self, of: &Contact, key: &[u8]) -> Result<Vec<Contact>, RpcError> {
        let answer = within(ASK_TIME, self.ask(of, Kind::FindNode, key)).await?;
        Ok(self.usable(answer.closer))
    }

    /// Asks a peer for providers of a key, and for peers nearer to it.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn get_providers(&self, of: &Contact, key: &[u8]) -> Result<Providers, RpcError> {
        let answer = within(ASK_TIME, self.ask(of, Kind::GetProviders, key)).await?;
        let (guard, me) = (self.host.guard(), self.host.peer_id());
        Ok(Providers {
            providers: rpc::contacts(guard, me, answer.providers),
            closer: self.usable(answer.closer),
        })
    }

    /// Tells a peer that this host provides these keys, several messages on one stream. To this host itself: keeps
    /// them in its own store, without regard to the budgets of others.
    ///
    /// # Errors
    /// [`RpcError::NoAddress`] while no address is known at which this host is reached; [`RpcError`].
    pub async fn add_providers(&self, to: &Contact, keys: &[&[u8]]) -> Result<(), RpcError> {
        let own = Contact { peer: self.host.peer_id(), addresses: self.shared.own.told() };
        if to.peer == own.peer {
            return self.keep_own(keys).await;
        }
        if own.addresses.is_empty() {
            return Err(RpcError::NoAddress);
        }
        let time = ANNOUNCE_TIME + PER_KEY * u32::try_from(keys.len()).unwrap_or(u32::MAX);
        let work = async {
            self.reach(to).await?;
            rpc::announce(self.host.streams(), to.peer, &own, keys).await
        };
        within(time, work).await
    }

    async fn keep_own(&self, keys: &[&[u8]]) -> Result<(), RpcError> {
        let (store, me) = (self.shared.store.clone(), self.host.peer_id().to_bytes());
        let keys: Vec<_> = keys.iter().filter_map(|key| digest(key)).collect();
        let work = move || {
            keys.into_iter().try_for_each(|key| {
                let own = Announcement { key, peer: &me, addresses: &[], origin: Origin::OWN };
                store.add_provider(&own).map(drop)
            })
        };
        match spawn_blocking(work).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::warn!(%error, "own provider records could not be kept");
                Err(RpcError::Broken)
            }
            Err(_) => Err(RpcError::Broken),
        }
    }

    /// The addresses that this host tells others of itself at this moment. Empty while none is known.
    #[must_use]
    pub fn own_addresses(&self) -> Vec<Multiaddr> {
        self.shared.own.told()
    }

    /// The store of provider records, known peers and own announcements.
    #[must_use]
    pub fn store(&self) -> &DiscoveryStore {
        &self.shared.store
    }

    /// Up to `count` servers nearest to a point of the key space (SHA-256 of a key or a peer id), of the routing table
    /// and of those connected, the nearest first. Does not ask anybody.
    pub async fn closest_known(&self, point: [u8; 32], count: usize) -> Vec<Contact> {
        self.tell(|answer| Command::Closest { point, count, answer }).await.unwrap_or_default()
    }

    /// How it stands. Nothing of anything after a shutdown.
    pub async fn status(&self) -> KadStatus {
        self.tell(Command::Status).await.unwrap_or_default()
    }

    /// Whether this host answers others, from now on.
    pub async fn set_mode(&self, mode: KadMode) {
        let _ = self.shared.commands.send(Command::SetMode(mode)).await;
    }

    /// Connects to these addresses, which the **user** named, and looks for peers around this host. Gives those that
    /// answered.
    pub async fn bootstrap(&self, addresses: &[Multiaddr]) -> Vec<PeerId> {
        let mut attempts = JoinSet::new();
        for address in addresses.iter().cloned() {
            let host = self.host.clone();
            attempts.spawn(async move { timeout(ASK_TIME, host.connect(address)).await });
        }
        let mut reached = Vec::new();
        while let Some(result) = attempts.join_next().await {
            if let Ok(Ok(Ok(peer))) = result
                && !reached.contains(&peer)
            {
                reached.push(peer);
            }
        }
        let _ = self.shared.commands.send(Command::Refresh).await;
        reached
    }

    async fn ask(&self, of: &Contact, kind: Kind, key: &[u8]) -> Result<crate::kad::Message, RpcError> {
        self.reach(of).await?;
        rpc::ask(self.host.streams(), of.peer, kind, key).await
    }

    async fn reach(&self, contact: &Contact) -> Result<(), RpcError> {
        Ok(self.host.reach(contact.peer, &contact.addresses).await?)
    }

    /// Of peers to ask next: those with an address, and those connected.
    fn usable(&self, peers: Vec<crate::kad::Peer>) -> Vec<Contact> {
        let mut out = rpc::contacts(self.host.guard(), self.host.peer_id(), peers);
        out.retain(|contact| !contact.addresses.is_empty() || self.host.streams().connected(&contact.peer));
        out
    }

    /// `None` after a shutdown.
    async fn tell<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        self.shared.commands.send(command(answer)).await.ok()?;
        answered.await.ok()
    }
}

async fn within<T>(time: Duration, work: impl Future<Output = Result<T, RpcError>>) -> Result<T, RpcError> {
    timeout(time, work).await.unwrap_or(Err(RpcError::Timeout))
}
