//! Trackers over WebSocket: a task for each connection.

use super::{
    super::{ApiError, AppState},
    Carrier, Outbox, Resident, Tracker,
    limits::{BURST, IDLE, MAX_NONSENSE, PER_MESSAGE, SILENCE},
    outbox::Waiting,
    served,
};
use axum::{
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    http::StatusCode,
    response::Response,
};
use osp_tracker::{
    registry::{WebAnswer, WsConn},
    ws::{MAX_MESSAGE_BYTES, Reply, Request},
};
use std::{net::IpAddr, sync::Arc};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// Takes a WebSocket, if there is room for it.
///
/// # Errors
/// 503
pub(super) fn accept(state: AppState, upgrade: WebSocketUpgrade, from: IpAddr) -> Result<Response, ApiError> {
    let tracker = Arc::clone(&state.tracker);
    let full = || {
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "local",
            "the tracker has no room for another connection",
        )
        .hint("try again later")
    };
    let room = Arc::clone(&tracker.room).try_acquire_owned().map_err(|_| full())?;
    let place = tracker.crowd.admit(from).ok_or_else(full)?;
    let upgrade = upgrade
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .read_buffer_size(8 * 1024)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * MAX_MESSAGE_BYTES);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let (conn, outbox) = tracker.open();
        let mut connection = Connection { state, tracker, conn, from, socket, announced: false, nonsense: 0 };
        connection.run(outbox).await;
        connection.tracker.registry().closed(conn);
        drop((room, place));
    }))
}

struct Connection {
    state: AppState,
    tracker: Arc<Tracker>,
    conn: WsConn,
    from: IpAddr,
    socket: WebSocket,
    announced: bool,
    nonsense: u32,
}

/// Resolves when the server stops.
async fn over(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// The connection is to be closed.
struct Closed;

impl Connection {
    async fn run(&mut self, mut outbox: Outbox) {
        let mut stopped = self.tracker.stopped.subscribe();
        let (opened, mut heard, mut pinged) = (Instant::now(), Instant::now(), false);
        // When the next message would be due if they came evenly; it lags behind by what may come at once.
        let mut free = Instant::now();
        loop {
            let silence = heard + if pinged { SILENCE * 2 } else { SILENCE };
            let wake = if self.announced { silence } else { silence.min(opened + IDLE) };
            let done = tokio::select! {
                () = over(&mut stopped) => Err(Closed),
                Some(Waiting { text, .. }) = outbox.waiting.recv() => self.send(Message::text(text)).await,
                message = self.socket.recv() => {
                    (heard, pinged) = (Instant::now(), false);
                    let ahead = PER_MESSAGE * BURST;
                    free = free.max(heard) + PER_MESSAGE;
                    if free > heard + ahead {
                        sleep_until(free - ahead).await;
                    }
                    match message {
                        Some(Ok(Message::Text(text))) => self.hear(text.as_str()).await,
                        Some(Ok(Message::Binary(bytes))) => match std::str::from_utf8(&bytes) {
                            Ok(text) => self.hear(text).await,
                            Err(_) => Err(Closed),
                        },
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                        Some(Ok(Message::Close(_)) | Err(_)) | None => Err(Closed),
                    }
                }
                () = sleep_until(wake) => {
                    let now = Instant::now();
                    if now >= heard + SILENCE * 2 || !self.announced && now >= opened + IDLE {
                        Err(Closed)
                    } else if now >= heard + SILENCE && !pinged {
                        pinged = true;
                        self.send(Message::Ping(Default::default())).await
                    } else {
                        Ok(())
                    }
                }
            };
            if done.is_err() {
                break;
            }
        }
        let _ = self.send(Message::Close(None)).await;
    }

    /// A socket that takes nothing fails after the server's write timeout.
    async fn send(&mut self, message: Message) -> Result<(), Closed> {
        self.socket.send(message).await.map_err(|_| Closed)
    }

    async fn hear(&mut self, text: &str) -> Result<(), Closed> {
        let request = match Request::parse(text) {
            Ok(request) => request,
            Err(error) => {
                self.nonsense += 1;
                let reason = error.to_string();
                self.send(Message::text(Reply::Failure { infohash: None, reason }.to_json())).await?;
                return if self.nonsense >= MAX_NONSENSE { Err(Closed) } else { Ok(()) };
            }
        };
        self.nonsense = 0;
        let infohash = match &request {
            Request::Announce(announce) => Some(announce.infohash),
            Request::Answer(answer) => Some(answer.infohash),
            Request::Scrape(_) => None,
        };
        let answer = match self.judge(&request).await {
            Ok(answer) => answer,
            Err(reason) => {
                WebAnswer { reply: Some(Reply::Failure { infohash, reason }), ..WebAnswer::default() }
            }
        };
        if let Some(reply) = answer.reply {
            self.send(Message::text(reply.to_json())).await?;
        }
        for (conn, message) in answer.relay {
            self.tracker.outboxes.send(conn, &message);
        }
        if let (Some(resident), Some(offer), Some(infohash)) =
            (self.tracker.resident.get(), answer.resident, infohash)
        {
            resident.answer(&self.tracker.outboxes, self.conn, infohash, offer);
        }
        Ok(())
    }

    /// What is to be sent to whom.
    async fn judge(&mut self, request: &Request) -> Result<WebAnswer, String> {
        let (tracker, conn) = (&self.tracker, self.conn);
        match request {
            Request::Announce(announce) => {
                tracker.count(Carrier::WebSocket);
                let here = served::check(&self.state, announce.infohash).await.map_err(|e| e.to_string())?;
                let resident = tracker.resident.get().filter(|_| here).map(Resident::peer_id);
                let told = tracker.registry().announce_web_beside(
                    tracker.now(),
                    conn,
                    self.from,
                    announce,
                    resident,
                );
                self.announced |= told.is_ok();
                told.map_err(|refused| refused.to_string())
            }
            Request::Answer(answer) => {
                served::check(&self.state, answer.infohash).await.map_err(|e| e.to_string())?;
                tracker.registry().answer_web(conn, answer).map_err(|refused| refused.to_string())
            }
            Request::Scrape(infohashes) => {
                let mut all = Vec::new();
                for infohash in infohashes {
                    if let Ok(here) = served::check(&self.state, *infohash).await {
                        all.push((*infohash, tracker.scrape(*infohash, here)));
                    }
                }
                Ok(WebAnswer { reply: Some(Reply::Scraped(all)), ..WebAnswer::default() })
            }
        }
    }
}
