//! WebRTC, as far as a tracker is part of it: making offers, answering them, and the connections that come of both.

use super::{
    super::{
        Found,
        signal::{Agent, Offer, Pending},
    },
    Token,
};
use osp_swarm::{InfoHash, PeerId};
use osp_tracker::ws::OfferId;
use tokio::sync::mpsc;

/// Handshakes at once, for all torrents of a tracker. Further offers that come are not answered.
pub(super) const MAX_WORK: usize = 128;

/// What has come about.
pub(super) enum Done {
    /// Offers for an announce.
    Offers(Token, Vec<Offer>),
    /// An answer to be sent.
    Answer(Box<Answered>),
    /// Nothing more to do.
    Nothing,
}

/// An answer, and the connection that it leads to.
pub(super) struct Answered {
    pub(super) token: Token,
    pub(super) infohash: InfoHash,
    pub(super) to: PeerId,
    pub(super) offer_id: OfferId,
    pub(super) sdp: String,
    pub(super) pending: Pending,
}

/// Makes offers; fewer if that fails.
pub(super) async fn offers(agent: Agent, token: Token, count: usize) -> Done {
    let mut offers = Vec::new();
    for _ in 0..count {
        match agent.offer().await {
            Ok(offer) => offers.push(offer),
            Err(error) => {
                tracing::debug!(error = %error.kind(), "cannot make a WebRTC offer");
                break;
            }
        }
    }
    Done::Offers(token, offers)
}

/// Answers an offer.
pub(super) async fn answer(
    agent: Agent,
    token: Token,
    infohash: InfoHash,
    to: PeerId,
    offer: osp_tracker::ws::Offer,
) -> Done {
    match agent.answer(&offer.sdp).await {
        Ok((sdp, pending)) => {
            Done::Answer(Box::new(Answered { token, infohash, to, offer_id: offer.id, sdp, pending }))
        }
        Err(error) => {
            tracing::debug!(error = %error.kind(), "a WebRTC offer cannot be answered");
            Done::Nothing
        }
    }
}

/// Goes on with an offer that was answered.
pub(super) async fn accept(offer: Offer, sdp: String, found: mpsc::Sender<Found>) -> Done {
    if let Ok(pending) = offer.accept(&sdp).await {
        return connect(pending, found).await;
    }
    Done::Nothing
}

/// Waits for the connection and hands it over.
pub(super) async fn connect(pending: Pending, found: mpsc::Sender<Found>) -> Done {
    match pending.stream().await {
        // Nobody wants it any more: it is dropped.
        Ok(stream) => drop(found.send(Found::Stream(stream)).await),
        Err(error) => tracing::debug!(error = %error.kind(), "no WebRTC connection came about"),
    }
    Done::Nothing
}
