//! What callers with MSE name the library's torrents by.

use osp_peers::mse::SkeyHash;
use osp_swarm::InfoHash;
use std::collections::HashMap;

/// Torrents by the hash that names them in an encrypted handshake. Without this table every such caller would cost a
/// hash of each torrent; with it, about 80 bytes for each of at most
/// [`HubConfig::max_announced`](super::HubConfig::max_announced). It holds what the library announces: nobody knows of
/// anything else to call for.
#[derive(Default)]
pub(super) struct Names(HashMap<SkeyHash, InfoHash>);

impl Names {
    /// These and no others.
    pub(super) fn of(torrents: &[InfoHash]) -> Self {
        Self(torrents.iter().map(|infohash| (SkeyHash::of(*infohash), *infohash)).collect())
    }

    pub(super) fn find(&self, name: SkeyHash) -> Option<InfoHash> {
        self.0.get(&name).copied()
    }
}
