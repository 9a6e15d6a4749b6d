//! One connection to a tracker.

use super::{
    Token,
    hub::Hub,
    torrent::{ANSWER, Torrent},
    work::{self, Answered, Done, MAX_WORK},
};
use crate::tracker::signal;
use futures_util::{SinkExt as _, StreamExt as _};
use osp_fetch::Connection;
use osp_swarm::{InfoHash, PeerId};
use osp_tracker::{
    Event, Interval,
    schedule::{MAX_OFFERS, OFFER_TTL},
    ws::{self, OfferId, Reply, Request, request},
};
use std::time::Duration;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

/// After so long a silence a ping is sent, after two the connection is given up.
const SILENCE: Duration = Duration::from_secs(60);
/// How long the tracker may take to take a message.
const SEND: Duration = Duration::from_secs(30);

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The last torrent left.
    Left,
    /// It broke.
    Lost,
}

/// The connection broke, or the tracker does not read.
struct Broken;

pub(super) struct Session<'a> {
    hub: &'a mut Hub,
    socket: WebSocketStream<Connection>,
    /// Ends with the session, but for connections that stand already.
    work: JoinSet<Done>,
    heard: Instant,
    pinged: bool,
}

impl<'a> Session<'a> {
    pub(super) fn new(hub: &'a mut Hub, socket: WebSocketStream<Connection>) -> Self {
        Self { hub, socket, work: JoinSet::new(), heard: Instant::now(), pinged: false }
    }

    pub(super) async fn run(mut self) -> End {
        let end = self.turns().await.map_or(End::Lost, |()| End::Left);
        if end == End::Left {
            let _ = timeout(SEND, self.socket.close(None)).await;
        }
        // Handshakes under way do not need the tracker any more.
        self.work.detach_all();
        end
    }

    async fn turns(&mut self) -> Result<(), Broken> {
        loop {
            self.announce_due().await?;
            let silence = self.heard + if self.pinged { SILENCE * 2 } else { SILENCE };
            let wake = self.hub.torrents.wake().map(|time| self.hub.shared.instant(time));
            let wake = wake.map_or(silence, |wake| wake.min(silence));
            tokio::select! {
                command = self.hub.commands.recv() => {
                    // The sender is kept where the hub is known.
                    let Some(command) = command else { return Ok(()) };
                    if let Some(torrent) = self.hub.take(command) {
                        self.leave(&torrent).await?;
                    }
                    if self.hub.torrents.is_empty() {
                        return Ok(());
                    }
                }
                message = self.socket.next() => {
                    let Some(Ok(message)) = message else { return Err(Broken) };
                    (self.heard, self.pinged) = (Instant::now(), false);
                    if let Message::Text(text) = message {
                        self.hear(&text);
                    }
                }
                Some(done) = self.work.join_next() => match done {
                    Ok(Done::Offers(token, offers)) => self.announce(token, offers).await?,
                    Ok(Done::Answer(answered)) => self.answer(*answered).await?,
                    Ok(Done::Nothing) => {}
                    Err(error) => tracing::error!(%error, "a WebRTC handshake failed badly; please report this"),
                },
                () = sleep_until(wake) => {
                    if Instant::now() >= self.heard + SILENCE * 2 {
                        return Err(Broken);
                    }
                    if Instant::now() >= self.heard + SILENCE && !self.pinged {
                        self.pinged = true;
                        self.send(Message::Ping(Default::default())).await?;
                    }
                }
            }
        }
    }

    /// Announces what is due. Those that want peers wait for their offers first.
    async fn announce_due(&mut self) -> Result<(), Broken> {
        let now = self.hub.shared.now();
        let (due, unanswered) = self.hub.torrents.due(now);
        for token in unanswered {
            if let Some(mut torrent) = self.hub.torrents.change(token) {
                torrent.asked = None;
                self.hub.shared.with_random(|random| torrent.schedule.failed(now, random));
            }
        }
        for token in due {
            if self.hub.torrents.get(token).is_some_and(|torrent| torrent.found.is_closed()) {
                if let Some(torrent) = self.hub.torrents.remove(token) {
                    self.leave(&torrent).await?;
                }
                continue;
            }
            let Some(mut torrent) = self.hub.torrents.change(token) else { continue };
            let progress = torrent.progress();
            let event = torrent.schedule.event(progress.left);
            torrent.asked = Some((event, now + ANSWER));
            let wanted = MAX_OFFERS.saturating_sub(torrent.offers.len());
            drop(torrent);
            let room = MAX_WORK.saturating_sub(self.work.len());
            match &self.hub.shared.agent {
                Some(agent) if progress.want_peers && event != Event::Completed && room > 0 => {
                    self.work.spawn(work::offers(agent.clone(), token, wanted));
                }
                _ => self.announce(token, Vec::new()).await?,
            }
        }
        Ok(())
    }

    async fn announce(&mut self, token: Token, offers: Vec<signal::Offer>) -> Result<(), Broken> {
        let now = self.hub.shared.now();
        // It may have left while its offers were made.
        let Some(mut torrent) = self.hub.torrents.change(token) else { return Ok(()) };
        let Some((event, until)) = &mut torrent.asked else { return Ok(()) };
        *until = now + ANSWER;
        let event = *event;
        let mut message = announce_of(&torrent, event);
        for offer in offers {
            if offer.sdp().len() > ws::MAX_SDP_BYTES {
                tracing::debug!("an offer of ours is too long for trackers");
                continue;
            }
            let id = self.hub.shared.with_random(|random| {
                let mut id = [0; 20];
                id.chunks_mut(8)
                    .for_each(|part| part.copy_from_slice(&random.bits().to_le_bytes()[..part.len()]));
                OfferId(id)
            });
            message.offers.push(ws::Offer { id, sdp: offer.sdp().to_owned() });
            torrent.offers.insert(id, (offer, now + OFFER_TTL));
        }
        drop(torrent);
        self.send_request(Request::Announce(message)).await
    }

    async fn answer(&mut self, answered: Answered) -> Result<(), Broken> {
        let Answered { token, infohash, to, offer_id, sdp, pending } = answered;
        let Some(torrent) = self.hub.torrents.get(token) else { return Ok(()) };
        let peer_id = torrent.announced.peer_id;
        self.work.spawn(work::connect(pending, torrent.found.clone()));
        self.send_request(Request::Answer(request::Answer { infohash, peer_id, to, offer_id, sdp })).await
    }

    /// Tells the tracker that a torrent has left, if it knows of it.
    async fn leave(&mut self, torrent: &Torrent) -> Result<(), Broken> {
        if !torrent.schedule.is_known() && torrent.asked.is_none() {
            return Ok(());
        }
        self.send_request(Request::Announce(announce_of(torrent, Event::Stopped))).await
    }

    fn hear(&mut self, text: &str) {
        match Reply::parse(text) {
            Ok(Reply::Announced { infohash, interval, .. }) => self.announced(infohash, interval),
            Ok(Reply::Offer { infohash, peer_id, offer }) => self.offered(infohash, peer_id, offer),
            Ok(Reply::Answer { infohash, offer_id, sdp, .. }) => self.answered(infohash, offer_id, sdp),
            Ok(Reply::Failure { infohash, .. }) => self.refused(infohash),
            // Nobody asked.
            Ok(Reply::Scraped(_)) => {}
            Err(error) => tracing::debug!(%error, "the tracker sends what is no message"),
        }
    }

    fn announced(&mut self, infohash: InfoHash, interval: Interval) {
        let now = self.hub.shared.now();
        for token in self.hub.torrents.tokens(infohash) {
            let Some(mut torrent) = self.hub.torrents.change(token) else { continue };
            // Some trackers also answer answers: only what was asked counts, and once.
            let Some((event, _)) = torrent.asked.take() else { continue };
            self.hub.shared.with_random(|random| torrent.schedule.answered(now, event, interval, random));
            if torrent.progress().want_peers {
                torrent.schedule.hurry(now);
            }
            return;
        }
    }

    fn refused(&mut self, infohash: Option<InfoHash>) {
        let now = self.hub.shared.now();
        let tokens = infohash.map(|infohash| self.hub.torrents.tokens(infohash)).unwrap_or_default();
        for token in tokens {
            if let Some(mut torrent) = self.hub.torrents.change(token)
                && torrent.asked.take().is_some()
            {
                self.hub.shared.with_random(|random| torrent.schedule.failed(now, random));
            }
        }
    }

    /// Somebody's offer: answered unless it is our own, or too much is under way.
    fn offered(&mut self, infohash: InfoHash, peer_id: PeerId, offer: ws::Offer) {
        let Some(agent) = self.hub.shared.agent.clone() else { return };
        if self.work.len() >= MAX_WORK {
            return;
        }
        let Some((token, torrent)) = self.hub.torrents.first(infohash) else { return };
        if torrent.announced.peer_id != peer_id {
            self.work.spawn(work::answer(agent, token, infohash, peer_id, offer));
        }
    }

    /// An answer to an offer of ours. Each offer takes one.
    fn answered(&mut self, infohash: InfoHash, offer_id: OfferId, sdp: String) {
        for token in self.hub.torrents.tokens(infohash) {
            if let Some(mut torrent) = self.hub.torrents.change(token)
                && let Some((offer, _)) = torrent.offers.remove(&offer_id)
            {
                self.work.spawn(work::accept(offer, sdp, torrent.found.clone()));
                return;
            }
        }
    }

    async fn send_request(&mut self, request: Request) -> Result<(), Broken> {
        self.send(Message::text(request.to_json())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Broken> {
        match timeout(SEND, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Broken),
        }
    }
}

fn announce_of(torrent: &Torrent, event: Event) -> request::Announce {
    let progress = torrent.progress();
    request::Announce {
        infohash: torrent.announced.infohash,
        peer_id: torrent.announced.peer_id,
        event,
        uploaded: progress.uploaded,
        downloaded: progress.downloaded,
        left: Some(progress.left),
        offers: Vec::new(),
    }
}
