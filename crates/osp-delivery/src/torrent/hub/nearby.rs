//! Peers in the local network (BEP 14): announced to, heard of, called.

use super::{HubConfig, Inner};
use osp_fetch::Trust;
use osp_peers::local::{Announced, LocalConfig, LocalDiscovery, LocalPeer};
use osp_swarm::InfoHash;
use std::{net::SocketAddr, sync::Weak};
use tokio::sync::mpsc;

/// Starts local discovery, if it is wanted and somebody could call. Without a network it is done without.
pub(super) fn start(
    config: &HubConfig,
    local: Option<SocketAddr>,
) -> (Option<LocalDiscovery>, Option<mpsc::Receiver<LocalPeer>>) {
    let (Some(settings), Some(local)) = (&config.local, local) else { return (None, None) };
    match LocalDiscovery::start(&LocalConfig { listening: local.port(), ..settings.clone() }) {
        Ok((discovery, found)) => (Some(discovery), Some(found)),
        Err(error) => {
            tracing::info!("no local discovery: {error}");
            (None, None)
        }
    }
}

/// Calls whoever is found. Such addresses cannot come from outside, so private ones are allowed. A torrent of the
/// library is opened for it: whoever is near may wait for a call, and we are the ones who heard.
pub(super) async fn call(mut found: mpsc::Receiver<LocalPeer>, hub: Weak<Inner>) {
    while let Some(peer) = found.recv().await {
        let Some(inner) = hub.upgrade() else { return };
        if let Some(torrent) = inner.torrent_for(peer.infohash).await {
            torrent.add_addresses(vec![peer.address], Trust::Typed);
        }
    }
}

impl Inner {
    /// Announces a torrent in the local network until the result is dropped.
    pub(super) fn announce_nearby(&self, infohash: InfoHash) -> Option<Announced> {
        Some(self.local_discovery.as_ref()?.announce(infohash))
    }
}
