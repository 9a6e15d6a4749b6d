//! What a torrent is opened with.

use super::Content;
use osp_core::torrent::TorrentInfo;
use osp_swarm::{Bitfield, Config, Demand, Geometry, InfoHash, PeerId};
use std::{sync::Arc, time::Duration};

/// What a torrent is opened with.
pub struct TorrentSetup {
    /// Its name.
    pub infohash: InfoHash,
    /// The info dictionary, where it is known already.
    pub info: Option<TorrentInfo>,
    /// How the file is cut, where that is known before the info dictionary: then web seeds can be used at once.
    pub geometry: Option<Geometry>,
    /// What is there already.
    pub held: Held,
    /// Where pieces are proven, kept and read from.
    pub content: Arc<dyn Content>,
    /// Bounds and habits of the engine.
    pub config: Config,
    /// What to fetch.
    pub demand: Demand,
    /// Who we are.
    pub peer_id: PeerId,
    /// Decides all that is left to chance.
    pub seed: u64,
    /// How much is given back.
    pub seeding: Seeding,
}

/// The pieces that are there when a torrent is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Held {
    /// None.
    #[default]
    Nothing,
    /// These. They need [`TorrentSetup::geometry`] or [`TorrentSetup::info`].
    Pieces(Bitfield),
    /// All of them. It needs [`TorrentSetup::geometry`] or [`TorrentSetup::info`].
    All,
}

/// Who plays, seeds: but how much is the listener's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Seeding {
    /// Nothing is sent to peers, and the torrent is closed when the file is whole.
    Off,
    /// Until this many times the file's length has been sent, then the torrent is closed.
    Ratio(f64),
    /// At most this many bytes a second, for as long as the program runs.
    Rate(u64),
    /// As fast as the caps of the [`Hub`](super::Hub) allow, for as long as the program runs.
    #[default]
    Always,
}

impl Seeding {
    /// Whether a whole file of `length` bytes, of which `uploaded` bytes were sent, has been seeded enough.
    #[must_use]
    pub fn is_done(self, uploaded: u64, length: u64) -> bool {
        match self {
            Self::Off => true,
            Self::Ratio(ratio) => uploaded as f64 >= ratio * length as f64,
            Self::Rate(_) | Self::Always => false,
        }
    }

    /// Brings the engine's settings in line.
    pub(crate) fn apply(self, config: &mut Config) {
        match self {
            Self::Off => config.upload = false,
            Self::Rate(rate) => {
                config.upload_limit = Some(config.upload_limit.map_or(rate, |limit| limit.min(rate)));
            }
            Self::Ratio(_) | Self::Always => {}
        }
    }
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the handshake of a peer that called.
    pub handshake: Duration,
    /// For a peer to take what is being written to it.
    pub write: Duration,
    /// For a web seed's answer, and for each next part of it.
    pub fetch: Duration,
    /// For another peer, before a torrent that was opened for a caller is closed again.
    pub idle: Duration,
    /// Before an address that could not be called is called again; doubles each time.
    pub redial: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            write: Duration::from_secs(60),
            fetch: Duration::from_secs(6),
            idle: Duration::from_secs(180),
            redial: Duration::from_secs(20),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seeding;

    #[test]
    fn enough_is_by_the_chosen_measure() {
        assert!(Seeding::Off.is_done(0, 1000));
        assert!(!Seeding::Ratio(1.5).is_done(1499, 1000));
        assert!(Seeding::Ratio(1.5).is_done(1500, 1000));
        assert!(!Seeding::Rate(1).is_done(u64::MAX, 1000));
        assert!(!Seeding::Always.is_done(u64::MAX, 1000));
    }
}
