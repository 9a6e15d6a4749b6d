//! Tracker clients: HTTP (BEP 3, 23, 7), UDP (BEP 15), WebSocket (WebTorrent).
//!
//! The messages and the schedule are [`osp_tracker`]'s; here is what carries them.

use osp_fetch::Fetcher;
use osp_swarm::{InfoHash, PeerId};
use std::{net::SocketAddr, sync::Arc};
use tokio::sync::mpsc;

/// Numbers of the torrent that an announce carries, asked for at each announce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes sent to peers.
    pub uploaded: u64,
    /// Bytes from peers.
    pub downloaded: u64,
    /// Bytes still to come.
    pub left: u64,
    /// Whether more peers are wanted.
    pub want_peers: bool,
}

/// What one torrent announces.
#[derive(Clone)]
pub struct Announced {
    /// The torrent.
    pub infohash: InfoHash,
    /// Us.
    pub peer_id: PeerId,
    /// Our TCP port; `None` when we take no TCP connections.
    pub port: Option<u16>,
    /// Its numbers.
    pub progress: Arc<dyn Fn() -> Progress + Send + Sync>,
}

/// What trackers lead to.
pub enum Found {
    /// Addresses to call, already judged by the address policy; for loopback trackers the tracker's word is taken.
    Addresses(Vec<SocketAddr>),
    /// A WebRTC connection stands.
    #[cfg(feature = "webrtc")]
    Stream(crate::PeerStream),
}

/// Announces torrents to trackers, one connection a WebSocket tracker however many torrents there are. Cheap to
/// clone.
#[derive(Clone)]
pub struct Trackers {
    _todo: (),
}

/// An announcement that goes on until it is dropped; then `stopped` is sent.
pub struct Announcement {
    _todo: (),
}

impl Trackers {
    /// Through this HTTP client; WebRTC streams come from `agent`.
    #[must_use]
    pub fn new(fetcher: Fetcher, #[cfg(feature = "webrtc")] agent: Option<crate::webrtc::Agent>) -> Self {
        let _ = fetcher;
        #[cfg(feature = "webrtc")]
        let _ = agent;
        todo!()
    }
    /// Announces `torrent` to every tracker of `urls` (unknown schemes are passed over) until the result is dropped.
    /// `typed`: the user gave these addresses, so private ones are allowed.
    #[must_use]
    pub fn announce(
        &self,
        urls: &[String],
        typed: bool,
        torrent: Announced,
        found: mpsc::Sender<Found>,
    ) -> Announcement {
        let _ = (urls, typed, torrent, found);
        todo!()
    }
}
