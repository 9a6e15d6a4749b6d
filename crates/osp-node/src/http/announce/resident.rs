//! This node as a seeder of what it has, reached without an announce: its own tracker hands it the offers of browsers.

use super::Outboxes;
use osp_delivery::torrent::Hub;
use osp_swarm::{InfoHash, PeerId};
use osp_tracker::{
    registry::WsConn,
    ws::{MAX_SDP_BYTES, Offer, Reply},
};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Offers that are being answered at once; further ones are let go, as when a member does not answer.
const AT_ONCE: usize = 64;

/// This node among the members of its swarms.
pub(super) struct Resident {
    hub: Hub,
    turns: Arc<Semaphore>,
}

impl Resident {
    pub(super) fn new(hub: Hub) -> Self {
        Self { hub, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    pub(super) fn peer_id(&self) -> PeerId {
        self.hub.peer_id()
    }

    /// Answers an offer that came over `conn`; the answer goes there.
    pub(super) fn answer(&self, outboxes: &Outboxes, conn: WsConn, infohash: InfoHash, offer: Offer) {
        let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() else { return };
        let (hub, outboxes) = (self.hub.clone(), outboxes.clone());
        tokio::spawn(async move {
            let _turn = turn;
            match hub.answer(infohash, &offer.sdp).await {
                Ok(sdp) if sdp.len() <= MAX_SDP_BYTES => {
                    let peer_id = hub.peer_id();
                    outboxes.send(conn, &Reply::Answer { infohash, peer_id, offer_id: offer.id, sdp });
                }
                Ok(_) => tracing::debug!("an answer of ours is too long for trackers"),
                Err(error) => {
                    tracing::debug!(error = %error.kind(), "a WebRTC offer cannot be answered");
                }
            }
        });
    }
}
