//! Numbers.

use super::{
    Engine, PeerStats, Stats, WebSeedId,
    budget::{MAX_CONTROL_BYTES, MAX_METADATA_HELD, MAX_QUEUED_UPLOADS},
};
use crate::{time::Time, wire::decode::MAX_HELD_BYTES};
use std::collections::BTreeMap;

/// What is counted over everybody, gone ones included.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// By web seed; the caller decides how many there are.
    pub(crate) web_seeds: BTreeMap<WebSeedId, u64>,
    pub(crate) from_bittorrent: u64,
    pub(crate) from_webtorrent: u64,
    pub(crate) uploaded: u64,
    pub(crate) wasted: u64,
}

/// What an engine holds for others at the moment, beside the bound of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Connections.
    pub peers: usize,
    /// Connections that may be.
    pub max_peers: usize,
    /// The most requests of one peer that wait.
    pub queued_uploads: usize,
    /// The most bytes of messages that wait for one peer to take them.
    pub control_bytes: usize,
    /// The most bytes that one connection's decoder holds.
    pub undecoded_bytes: usize,
    /// Pieces begun and not verified.
    pub begun_pieces: usize,
    /// Pieces that may be.
    pub max_begun_pieces: usize,
    /// Bytes of metadata that is not whole.
    pub metadata_bytes: usize,
    /// Events that wait for the driver.
    pub events: usize,
}

impl Load {
    /// Whether everything is within its bound.
    #[must_use]
    pub fn within_bounds(&self) -> bool {
        self.peers <= self.max_peers
            && self.queued_uploads <= MAX_QUEUED_UPLOADS
            // What one chunk of bytes from a peer causes comes on top before it is noticed.
            && self.control_bytes <= 2 * MAX_CONTROL_BYTES
            && self.undecoded_bytes <= MAX_HELD_BYTES
            && self.begun_pieces <= self.max_begun_pieces
            && self.metadata_bytes <= MAX_METADATA_HELD
    }
}

impl Engine {
    /// What is held for others, for the watchful: call it after everything was polled.
    #[must_use]
    pub fn load(&self) -> Load {
        let sessions = || self.sessions.values();
        let pieces = self.pieces.as_ref();
        Load {
            peers: self.sessions.len(),
            max_peers: self.config.max_peers,
            queued_uploads: sessions().map(|session| session.up.queue.len()).max().unwrap_or_default(),
            control_bytes: sessions().map(|session| session.out.len()).max().unwrap_or_default(),
            undecoded_bytes: sessions().map(|session| session.decoder.held()).max().unwrap_or_default(),
            begun_pieces: pieces.map_or(0, |pieces| pieces.active_count()),
            max_begun_pieces: pieces.map_or(0, |pieces| pieces.max_active()),
            metadata_bytes: self.metadata.held(),
            events: self.events.len(),
        }
    }

    pub(super) fn numbers(&self, now: Time) -> Stats {
        let peers = self
            .sessions
            .iter()
            .filter(|(_, session)| session.handshake.is_some())
            .map(|(conn, session)| PeerStats {
                conn: *conn,
                kind: session.kind,
                address: session.address,
                client: session.extensions.client.clone(),
                downloaded: session.down.verified,
                uploaded: session.up.sent,
                download_rate: session.down.rate.get(now),
                upload_rate: session.up.rate.get(now),
                has: session.pieces().map_or(0, |has| has.count()),
                choking_us: session.choking_us,
                choked: session.am_choking,
            })
            .collect();
        Stats {
            peers,
            web_seeds: self.totals.web_seeds.iter().map(|(id, bytes)| (*id, *bytes)).collect(),
            from_bittorrent: self.totals.from_bittorrent,
            from_webtorrent: self.totals.from_webtorrent,
            uploaded: self.totals.uploaded,
            wasted: self.totals.wasted,
            pieces: self.pieces.as_ref().map_or(0, |pieces| pieces.have().count()),
        }
    }
}
