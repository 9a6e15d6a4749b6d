//! A tracker's task: connections one after the other, pauses between them.

use super::{
    super::{Shared, lock, shown},
    Command,
    session::{End, Session},
    torrent::{Torrent, Torrents},
};
use osp_fetch::{Connection, Target, Trust, Url};
use osp_swarm::Time;
use osp_tracker::{
    schedule::{Backoff, FIRST_PAUSE, Pace},
    ws::MAX_MESSAGE_BYTES,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{self, protocol::WebSocketConfig},
};

/// How long the WebSocket handshake may take once there is a connection.
const HANDSHAKE: Duration = Duration::from_secs(15);
/// A connection that held this long was a good one: the next pause is short again.
const GOOD: Duration = Duration::from_secs(60);

pub(super) struct Hub {
    pub(super) shared: Arc<Shared>,
    url: Url,
    typed: bool,
    pub(super) commands: mpsc::UnboundedReceiver<Command>,
    pub(super) torrents: Torrents,
    /// Turns of torrents that are not in a hurry.
    pub(super) pace: Pace,
    backoff: Backoff,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
enum ConnectError {
    #[error("its address cannot be used")]
    Fetch(#[from] osp_fetch::FetchError),
    #[error("it speaks no WebSocket")]
    WebSocket(#[from] Box<tungstenite::Error>),
    #[error("it is silent")]
    Silent,
}

impl Hub {
    pub(super) fn new(
        shared: Arc<Shared>,
        url: Url,
        typed: bool,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        let (torrents, backoff) = (Torrents::default(), Backoff::default());
        Self { shared, url, typed, commands, torrents, pace: Pace::new(super::super::GAP), backoff }
    }

    /// Goes on until the last torrent has left.
    pub(super) async fn run(mut self) {
        loop {
            while let Ok(command) = self.commands.try_recv() {
                self.take(command);
            }
            if self.torrents.is_empty() && self.is_over() {
                return;
            }
            let connected = tokio::select! {
                connected = connect(&self.shared, &self.url, self.typed) => connected,
                // Everybody left before there was a connection.
                () = all_left(&mut self.commands, &mut self.torrents, &self.shared, &mut self.pace) => continue,
            };
            let now = self.shared.now();
            match connected {
                Ok(socket) => {
                    let end = Session::new(&mut self, socket).run().await;
                    if end == End::Left {
                        continue;
                    }
                    tracing::debug!(tracker = shown(&self.url), "lost the tracker");
                    if self.shared.now().since(now) >= GOOD {
                        self.backoff.worked();
                    }
                }
                Err(error) => tracing::debug!(tracker = shown(&self.url), %error, "cannot reach the tracker"),
            }
            self.pause().await;
        }
    }

    /// Waits before the next attempt; every torrent then announces anew.
    async fn pause(&mut self) {
        let pause = self.shared.with_random(|random| self.backoff.failed(random));
        let again = self.shared.now() + pause;
        let mut until = self.shared.instant(again);
        loop {
            let command = tokio::select! {
                () = sleep_until(until) => break,
                command = self.commands.recv() => command,
            };
            let Some(command) = command else { break };
            if matches!(command, Command::Join(..)) {
                // Who comes new does not wait for others' failures.
                until = until.min(Instant::now() + FIRST_PAUSE);
            }
            self.take(command);
            if self.torrents.is_empty() {
                return;
            }
        }
        let again = self.shared.now();
        let pace = &mut self.pace;
        self.torrents.change_all(|torrent| {
            let turn = if torrent.progress().want_peers { again } else { pace.turn(again) };
            torrent.schedule.lost(turn);
            torrent.asked = None;
        });
    }

    /// Somebody joins or leaves. Gives who left.
    pub(super) fn take(&mut self, command: Command) -> Option<Torrent> {
        apply(command, &mut self.torrents, self.shared.now(), &mut self.pace)
    }

    /// Ends the hub unless somebody has just joined.
    fn is_over(&mut self) -> bool {
        let mut hubs = lock(&self.shared.hubs);
        let over = self.commands.is_empty();
        if over {
            hubs.remove(&(self.url.to_string(), self.typed));
        }
        over
    }
}

fn apply(command: Command, torrents: &mut Torrents, now: Time, pace: &mut Pace) -> Option<Torrent> {
    match command {
        Command::Join(token, announced, found) => {
            let first = if (announced.progress)().want_peers { now } else { pace.turn(now) };
            torrents.add(token, Torrent::new(announced, found, first));
            None
        }
        Command::Leave(token) => torrents.remove(token),
    }
}

/// Takes commands until no torrent is left.
async fn all_left(
    commands: &mut mpsc::UnboundedReceiver<Command>,
    torrents: &mut Torrents,
    shared: &Shared,
    pace: &mut Pace,
) {
    loop {
        match commands.recv().await {
            Some(command) => drop(apply(command, torrents, shared.now(), pace)),
            None => return std::future::pending().await,
        }
        if torrents.is_empty() {
            return;
        }
    }
}

async fn connect(
    shared: &Shared,
    url: &Url,
    typed: bool,
) -> Result<WebSocketStream<Connection>, ConnectError> {
    // The same address in the words of the HTTP client, which judges it.
    let http = url.as_str().replacen("ws", "http", 1);
    let trust = if typed { Trust::Typed } else { Trust::Learned };
    let connection = shared.fetcher.connect(&Target::parse(&http, trust)?).await?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES))
        // Whoever does not read cannot have us hold more.
        .max_write_buffer_size(4 * MAX_MESSAGE_BYTES);
    let handshake = client_async_with_config(url.as_str(), connection, Some(config));
    match timeout(HANDSHAKE, handshake).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(Box::new(error).into()),
        Err(_) => Err(ConnectError::Silent),
    }
}
