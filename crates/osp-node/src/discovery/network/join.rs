//! How a process comes to take part: the node's host serves, other commands start a client when something is first looked
//! for.
//!
//! ```text
//!   <home>/discovery.db          of the running node
//!   <home>/discovery-client.db   of one command at a time (discovery.lock); another one beside it keeps its own in memory
//! ```
//!
//! Commands begin with the members that the settings name, those that earlier commands met, and those the node knows.

use super::{Network, StoreRecords};
use crate::{Home, Node, config::discovery::Discovery, home::NodeLock};
use osp_p2p::{KadConfig, KadMode, P2p};
use osp_store::{
    DiscoveryStore, StoreError, StoredRecord,
    providers::{KnownPeer, Limits},
};
use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};
use tokio::sync::OnceCell;

/// Peers of before that a command begins with.
const REMEMBERED: usize = 200;

/// How a process takes part, and once it does, the network.
#[derive(Default)]
pub(crate) struct Joining {
    pub(crate) settings: Arc<OnceLock<Discovery>>,
    network: OnceCell<Option<Network>>,
}

/// What a client host is started with.
pub(crate) struct Client {
    pub(crate) kad: KadConfig,
    /// Held while the store's file is in use.
    pub(crate) lock: Option<NodeLock>,
}

impl Node {
    /// Says how the network is met, once: later calls change nothing. Without it there is no network.
    pub fn use_discovery(&self, settings: Discovery) {
        let _ = self.lazy().joining.settings.set(settings);
    }

    /// The network as this process takes part in it: the serving host of `osp node`, or for other commands a client
    /// that is started when first needed. `None` when it is switched off, or there is nobody to begin with: no member
    /// named in the settings, and none known from before.
    pub async fn network(&self) -> Option<Network> {
        self.lazy().joining.network.get_or_init(|| self.join_as_client()).await.clone()
    }

    /// The network, if this process takes part already.
    #[must_use]
    pub fn network_joined(&self) -> Option<&Network> {
        self.lazy().joining.network.get()?.as_ref()
    }

    /// A record that a search found in the network, by its whole id or CID part; not in the store. Whether it is blocked
    /// is for the caller to ask.
    #[must_use]
    pub fn shelved(&self, id_or_cid: &str) -> Option<StoredRecord> {
        self.network_joined()?.shelf().get(id_or_cid)
    }

    async fn join_as_client(&self) -> Option<Network> {
        let settings = self.lazy().joining.settings.get()?;
        if !is_worth_it(self.home(), settings) {
            return None;
        }
        let host = match self.ipfs().host().await {
            Ok(host) => host.clone(),
            Err(error) => {
                tracing::warn!(%error, "the network is not asked");
                return None;
            }
        };
        let kad = host.kad()?;
        Some(Network::start(self, host, kad, settings.bootstrap.clone(), None))
    }

    /// What the host of `osp node` takes part with; `None` when that is switched off.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn kad_to_serve(&self) -> Result<Option<KadConfig>, StoreError> {
        if !self.lazy().joining.settings.get().is_some_and(|settings| settings.dht) {
            return Ok(None);
        }
        let store = DiscoveryStore::open(&node_file(self.home()), Limits::default())?;
        Ok(Some(KadConfig { store, mode: KadMode::Auto }))
    }

    /// Whether others may meet through this host.
    pub(crate) fn relays(&self) -> bool {
        self.lazy().joining.settings.get().is_some_and(|settings| settings.relay)
    }

    /// The node's host has started.
    pub(crate) fn serve_network(&self, host: &P2p, server: Arc<StoreRecords>) {
        let (Some(kad), Some(settings)) = (host.kad(), self.lazy().joining.settings.get()) else { return };
        let network = Network::start(self, host.clone(), kad, settings.bootstrap.clone(), Some(server));
        // The node starts its host before anything is looked for.
        let _ = self.lazy().joining.network.set(Some(network));
    }
}

/// What a client host takes part with; `None` where it would meet nobody.
pub(crate) fn client(home: &Home, settings: &Discovery) -> Option<Client> {
    if !is_worth_it(home, settings) {
        return None;
    }
    match client_store(home) {
        Ok((store, lock)) => Some(Client { kad: KadConfig { store, mode: KadMode::Client }, lock }),
        Err(error) => {
            tracing::warn!(%error, "the network is not asked");
            None
        }
    }
}

/// Whether the network is to be met and there is somebody to begin with.
fn is_worth_it(home: &Home, settings: &Discovery) -> bool {
    settings.dht && (!settings.bootstrap.is_empty() || !known(home, 1).is_empty())
}

fn node_file(home: &Home) -> PathBuf {
    home.root().join("discovery.db")
}

fn client_file(home: &Home) -> PathBuf {
    home.root().join("discovery-client.db")
}

/// Peers of before: those commands met, then those the node knows.
fn known(home: &Home, count: usize) -> Vec<KnownPeer> {
    let mut all = DiscoveryStore::peek_known_peers(&client_file(home), count);
    for peer in DiscoveryStore::peek_known_peers(&node_file(home), count) {
        if !all.iter().any(|known| known.peer == peer.peer) {
            all.push(peer);
        }
    }
    all.truncate(count);
    all
}

/// The store of a command: the file, unless another command has it.
fn client_store(home: &Home) -> Result<(DiscoveryStore, Option<NodeLock>), StoreError> {
    let known = known(home, REMEMBERED);
    let lock = home.lock_discovery().ok().flatten();
    let store = match &lock {
        Some(_) => DiscoveryStore::open(&client_file(home), Limits::default())?,
        None => DiscoveryStore::in_memory(Limits::default())?,
    };
    // The latest last.
    for peer in known.iter().rev() {
        store.saw(&peer.peer, &peer.addresses)?;
    }
    Ok((store, lock))
}
