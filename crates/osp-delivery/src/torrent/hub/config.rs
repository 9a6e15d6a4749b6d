//! What a hub is opened with.

use crate::torrent::{Patience, RangeSource};
use osp_fetch::Trust;
use osp_peers::tracker::Trackers;
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
    /// Trackers at which every torrent is announced: the node's own, and those of its configuration.
    pub announce: Vec<String>,
    /// Whether private addresses that strangers name are called.
    pub allow_private: bool,
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
    /// Pause between the first announcements of two torrents of a library, so that a node with thousands does not
    /// flood its trackers at its start.
    pub announce_gap: Duration,
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
            allow_private: false,
            engine: Config::default(),
            max_connections: 400,
            per_address: 8,
            half_open: 64,
            upload_limit: None,
            patience: Patience::default(),
            announce_gap: Duration::from_millis(30),
            library_refresh: Duration::from_secs(300),
            max_announced: 10_000,
            peer_id: None,
        }
    }
}

/// Where the content of a torrent that is joined may come from.
#[derive(Clone, Default)]
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
