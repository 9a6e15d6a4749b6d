//! What can be asked of a torrent: numbers, and who was dropped.

use crate::SourceKind;

/// Numbers about a torrent and its web seeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TorrentStats {
    /// Of the engine.
    pub swarm: osp_swarm::Stats,
    /// Of each web seed, gone ones included.
    pub web_seeds: Vec<WebSeedShare>,
}

/// What one web seed gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSeedShare {
    /// The web seed, as shown to people.
    pub name: String,
    /// What its bytes are counted as.
    pub kind: SourceKind,
    /// Verified bytes from it.
    pub bytes: u64,
    /// Whether it is still asked.
    pub active: bool,
}

impl TorrentStats {
    /// Verified bytes that came from sources of this kind.
    #[must_use]
    pub fn bytes_from(&self, kind: SourceKind) -> u64 {
        let peers = match kind {
            SourceKind::BitTorrent => self.swarm.from_bittorrent,
            SourceKind::WebTorrent => self.swarm.from_webtorrent,
            _ => 0,
        };
        peers + self.web_seeds.iter().filter(|seed| seed.kind == kind).map(|seed| seed.bytes).sum::<u64>()
    }
}

/// Who was dropped because it sent something false.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// A web seed's name, or `a peer`: addresses of peers are never shown.
    pub name: String,
    /// What it did.
    pub reason: String,
}

impl std::fmt::Display for Culprit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} was dropped: {}", self.name, self.reason)
    }
}

/// Most culprits that are remembered of one torrent.
pub(crate) const MAX_CULPRITS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_by_kind() {
        let seed =
            |kind, bytes| WebSeedShare { name: "https://example.org".into(), kind, bytes, active: true };
        let stats = TorrentStats {
            swarm: osp_swarm::Stats { from_bittorrent: 1, from_webtorrent: 2, ..Default::default() },
            web_seeds: vec![
                seed(SourceKind::Http, 10),
                seed(SourceKind::Ipfs, 100),
                seed(SourceKind::Http, 20),
            ],
        };
        assert_eq!(stats.bytes_from(SourceKind::Http), 30);
        assert_eq!(stats.bytes_from(SourceKind::Ipfs), 100);
        assert_eq!(stats.bytes_from(SourceKind::BitTorrent), 1);
        assert_eq!(stats.bytes_from(SourceKind::WebTorrent), 2);
    }
}
