//! The DHT of BitTorrent (BEP 5): peers of a torrent without a tracker.
//!
//! Whoever asks shows their address and their interest to the nodes they ask, so it is a feature that the program is
//! built with, and a setting on top. A node that takes part ([`MainlineConfig::serve`]) also answers others' questions;
//! otherwise it only asks, until the library finds that it can be reached from outside.

use futures_util::StreamExt;
use mainline::{Dht, Id, async_dht::AsyncDht};
use osp_fetch::address::special;
use osp_swarm::InfoHash;
use std::{collections::HashSet, io, net::SocketAddr, time::Duration};

/// Peers that one search gives, at most.
pub const MAX_PEERS: usize = 200;
/// How long a search may take.
pub const SEARCH_TIMEOUT: Duration = Duration::from_secs(30);

/// Settings.
#[derive(Clone, Debug, Default)]
pub struct MainlineConfig {
    /// The UDP port; `None` for the library's choice.
    pub port: Option<u16>,
    /// Nodes to begin with (`host:port`); `None` for the well-known ones.
    pub bootstrap: Option<Vec<String>>,
    /// Whether others' questions are answered from the start.
    pub serve: bool,
    /// Whether peers at private and loopback addresses are believed.
    pub allow_private: bool,
}

/// A node of the DHT. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mainline {
    dht: AsyncDht,
    allow_private: bool,
}

impl Mainline {
    /// Starts the node, on a thread of its own.
    ///
    /// # Errors
    /// What the system says.
    pub fn start(config: &MainlineConfig) -> io::Result<Self> {
        let mut builder = Dht::builder();
        if let Some(port) = config.port {
            builder.port(port);
        }
        match &config.bootstrap {
            Some(nodes) if nodes.is_empty() => {
                builder.no_bootstrap();
            }
            Some(nodes) => {
                builder.bootstrap(nodes);
            }
            None => {}
        }
        if config.serve {
            builder.server_mode();
        }
        Ok(Self { dht: builder.build()?.as_async(), allow_private: config.allow_private })
    }

    /// Peers of a torrent: at most [`MAX_PEERS`], within [`SEARCH_TIMEOUT`]. Private addresses are left out unless
    /// allowed.
    pub async fn peers(&self, infohash: InfoHash) -> Vec<SocketAddr> {
        let mut found = HashSet::new();
        let mut answers = self.dht.get_peers(id(infohash));
        let search = async {
            while let Some(peers) = answers.next().await {
                let peers = peers.into_iter().map(SocketAddr::from);
                let usable = peers
                    .filter(|peer| peer.port() != 0 && (self.allow_private || special(peer.ip()).is_none()))
                    .take(MAX_PEERS - found.len());
                found.extend(usable);
                if found.len() == MAX_PEERS {
                    return;
                }
            }
        };
        // What was found by then counts.
        let _ = tokio::time::timeout(SEARCH_TIMEOUT, search).await;
        found.into_iter().collect()
    }

    /// Announces that we take connections for a torrent at `port`. Nodes forget it after about half an hour.
    ///
    /// # Errors
    /// No node took it.
    pub async fn announce(&self, infohash: InfoHash, port: u16) -> io::Result<()> {
        // Its own words may hold addresses.
        let failed =
            |_| io::Error::new(io::ErrorKind::NotConnected, "no node of the DHT took the announcement");
        self.dht.announce_peer(id(infohash), Some(port)).await.map(drop).map_err(failed)
    }
}

fn id(infohash: InfoHash) -> Id {
    Id::from(infohash.0)
}
