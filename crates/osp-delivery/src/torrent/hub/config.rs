//! What a hub is opened with.

use crate::torrent::{Encryption, Patience, RangeSource};
use osp_fetch::Trust;
use osp_peers::{local::LocalConfig, tracker::Trackers};
use osp_swarm::{Config, PeerId};
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// What a [`Hub`](super::Hub) is opened with.
#[derive(Clone)]
pub struct HubConfig {
    /// Where peers may call, over TCP and uTP at the same port; port 0 takes any free one. `None`: nobody can call.
    pub listen: Option<SocketAddr>,
    /// Whether TCP is used.
    pub tcp: bool,
    /// Whether uTP is used.
    pub utp: bool,
    /// The tracker clients, which also bring WebRTC streams. `None`: nothing is announced.
    pub trackers: Option<Trackers>,
    /// Trackers at which every torrent is announced.
    pub announce: Vec<String>,
    /// This node's own trackers: what is joined is announced there, too, but not the library, of which they know; they
    /// pass offers on by [`Hub::answer`](super::Hub::answer).
    pub own_trackers: Vec<String>,
    /// Local discovery (BEP 14); its `listening` is set by the hub. `None`: torrents are not announced in the local
    /// network. It needs `listen`.
    pub local: Option<LocalConfig>,
    /// The mainline DHT (BEP 5). `None`: it is not asked and told nothing.
    #[cfg(feature = "mainline")]
    pub mainline: Option<osp_peers::mainline::Mainline>,
    /// Whether private addresses that strangers name are called.
    pub allow_private: bool,
    /// How connections over TCP and uTP are opened.
    pub encryption: Encryption,
    /// Bounds and habits of each torrent's engine. `listen_port` and `exchange_private` are set by the hub.
    pub engine: Config,
    /// Connections over all torrents.
    pub max_connections: usize,
    /// Connections from one public address (IPv6: from one /64).
    pub per_address: usize,
    /// Connections that may be without a handshake at once.
    pub half_open: usize,
    /// Bytes a second to all peers of all torrents; `None`: no cap.
    pub upload_limit: Option<u64>,
    /// How long is waited for what.
    pub patience: Patience,
    /// How often a library is asked again what to announce.
    pub library_refresh: Duration,
    /// Most torrents of a library that are announced.
    pub max_announced: usize,
    /// Who we are; `None` makes one up.
    pub peer_id: Option<PeerId>,
}

impl Default for HubConfig {
    fn default() -> Self {
        Self {
            listen: None,
            tcp: true,
            utp: true,
            trackers: None,
            announce: Vec::new(),
            own_trackers: Vec::new(),
            local: None,
            #[cfg(feature = "mainline")]
            mainline: None,
            allow_private: false,
            encryption: Encryption::default(),
            engine: Config::default(),
            max_connections: 400,
            per_address: 8,
            half_open: 64,
            upload_limit: None,
            patience: Patience::default(),
            library_refresh: Duration::from_secs(300),
            max_announced: 10_000,
            peer_id: None,
        }
    }
}

/// Where the content of a torrent that is joined may come from.
#[derive(Clone)]
pub struct Reach {
    /// Trackers, beside those of [`HubConfig::announce`], and who named them.
    pub trackers: Vec<(String, Trust)>,
    /// Web seeds.
    pub sources: Vec<Arc<dyn RangeSource>>,
    /// Peers, and who named them.
    pub peers: Vec<(SocketAddr, Trust)>,
    /// Whether the torrent is announced at all. `false`: nobody is told what is downloaded, only web seeds and the
    /// peers named here are used.
    pub announce: bool,
}

impl Default for Reach {
    /// The hub's own trackers alone.
    fn default() -> Self {
        Self { trackers: Vec::new(), sources: Vec::new(), peers: Vec::new(), announce: true }
    }
}

/// Why a torrent was not joined.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Somebody has joined it already: here is the handle.
    #[error("the torrent is open already")]
    AlreadyOpen(crate::torrent::Torrent),
}

impl std::fmt::Debug for JoinError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
