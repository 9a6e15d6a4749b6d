//! One connection: a task that reads, a task that writes.
//!
//! What the engine wants to send stays in the engine until the connection has room, so that a cancel still reaches
//! it; the *window* is how much is handed to the writer ahead, about a fifth of a second's worth. Blocks are handed
//! over by name and read from the store when their turn comes.

use super::{
    AbortOnDrop,
    messages::{Command, Input},
    uploads::Uploads,
};
use crate::torrent::{Content, hub::ledger::Account, hub::limits::Permit, services::Services};
use bytes::Bytes;
use osp_peers::{ReadHalf, WriteHalf};
use osp_swarm::{ConnId, Geometry, Outgoing, wire::message::piece_header};
use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

/// Least and most bytes that are handed to a writer ahead.
const MIN_WINDOW: usize = 64 * 1024;
const MAX_WINDOW: usize = 1024 * 1024;
/// The part of a second whose bytes the window holds: one fifth.
const WINDOW_PART: u64 = 5;
/// Bytes that are written in one go.
const WRITE_BYTES: usize = 128 * 1024;
/// How long a peer may pause before what was read ahead for it is let go.
const REST_AFTER: Duration = Duration::from_secs(1);
/// What a message costs beside its bytes, so that many small ones cannot fill memory.
const MESSAGE_COST: usize = 64;

/// A connection, as the torrent's task sees it.
pub(super) struct Connection {
    /// Where it can be called again.
    pub(super) address: Option<SocketAddr>,
    /// Whether bytes of the file came.
    pub(super) useful: bool,
    /// Whether anything came at all.
    pub(super) heard: bool,
    queue: mpsc::UnboundedSender<Vec<Outgoing>>,
    /// Bytes that the writer has and has not reported as written.
    queued: usize,
    window: usize,
    _reader: AbortOnDrop,
    _writer: AbortOnDrop,
    _permit: Option<Permit>,
}

/// What a connection's tasks need of the torrent.
#[derive(Clone)]
pub(super) struct Links {
    pub(super) services: Arc<Services>,
    pub(super) content: Arc<dyn Content>,
    pub(super) account: Arc<Account>,
    pub(super) geometry: Arc<OnceLock<Geometry>>,
    pub(super) commands: mpsc::WeakUnboundedSender<Command>,
    pub(super) input: mpsc::Sender<Input>,
}

impl Connection {
    /// Starts both tasks.
    pub(super) fn start(
        conn: ConnId,
        (reader, writer): (Box<dyn ReadHalf>, Box<dyn WriteHalf>),
        address: Option<SocketAddr>,
        permit: Option<Permit>,
        links: &Links,
    ) -> Self {
        let (queue, queued) = mpsc::unbounded_channel();
        let reading = tokio::spawn(read(conn, reader, links.input.clone()));
        let sender = Writer {
            conn,
            writer,
            uploads: Uploads::new(Arc::clone(&links.content), Arc::clone(&links.services.read_ahead)),
            links: links.clone(),
        };
        let writing = tokio::spawn(sender.run(queued));
        Self {
            address,
            useful: false,
            heard: false,
            queue,
            queued: 0,
            window: MIN_WINDOW,
            _reader: AbortOnDrop(reading),
            _writer: AbortOnDrop(writing),
            _permit: permit,
        }
    }

    /// Hands as much of `next` to the writer as the window takes. Whether all of it was taken.
    pub(super) fn pump(&mut self, mut next: impl FnMut() -> Option<Outgoing>) {
        let mut batch = Vec::new();
        while self.queued < self.window {
            let Some(outgoing) = next() else { break };
            self.queued += cost(&outgoing);
            batch.push(outgoing);
        }
        if !batch.is_empty() {
            // A writer that is gone has said so.
            let _ = self.queue.send(batch);
        }
    }

    /// The writer has written.
    pub(super) fn written(&mut self, bytes: usize, micros: u64) {
        self.queued = self.queued.saturating_sub(bytes);
        let a_second = (bytes as u64).saturating_mul(1_000_000) / micros.max(1);
        let part = usize::try_from(a_second / WINDOW_PART).unwrap_or(MAX_WINDOW);
        // Halfway there, so that one quick write into an empty buffer does not open it all at once.
        self.window = usize::midpoint(self.window, part.clamp(MIN_WINDOW, MAX_WINDOW));
    }
}

fn cost(outgoing: &Outgoing) -> usize {
    match outgoing {
        Outgoing::Bytes(bytes) => bytes.len() + MESSAGE_COST,
        Outgoing::Block(block) => block.len as usize + MESSAGE_COST,
    }
}

async fn read(conn: ConnId, mut reader: Box<dyn ReadHalf>, input: mpsc::Sender<Input>) {
    while let Ok(Some(bytes)) = reader.read().await {
        if input.send(Input::Bytes(conn, bytes)).await.is_err() {
            return;
        }
    }
    let _ = input.send(Input::Ended(conn)).await;
}

struct Writer {
    conn: ConnId,
    writer: Box<dyn WriteHalf>,
    uploads: Uploads,
    links: Links,
}

/// What is written in one go.
#[derive(Default)]
struct Batch {
    parts: Vec<Bytes>,
    /// Bytes of blocks among them.
    blocks: usize,
    /// Bytes in all, headers too.
    total: usize,
    /// What was counted for them when they were queued.
    cost: usize,
}

impl Writer {
    async fn run(mut self, mut queue: mpsc::UnboundedReceiver<Vec<Outgoing>>) {
        loop {
            // What was read ahead for a peer that pauses is of more use to another.
            let first = match timeout(REST_AFTER, queue.recv()).await {
                Ok(first) => first,
                Err(_) => {
                    self.uploads.rest();
                    queue.recv().await
                }
            };
            let Some(first) = first else { break };
            let mut batch = Batch::default();
            let mut next = Some(first);
            while let Some(items) = next {
                for outgoing in items {
                    self.add(&mut batch, outgoing).await;
                    if batch.total >= WRITE_BYTES && !self.flush(&mut batch).await {
                        return self.report(Command::WriterGone(self.conn));
                    }
                }
                next = queue.try_recv().ok();
            }
            if !self.flush(&mut batch).await {
                return self.report(Command::WriterGone(self.conn));
            }
        }
        self.writer.close().await;
    }

    async fn add(&mut self, batch: &mut Batch, outgoing: Outgoing) {
        batch.cost += cost(&outgoing);
        match outgoing {
            Outgoing::Bytes(bytes) => {
                batch.total += bytes.len();
                batch.parts.push(bytes);
            }
            Outgoing::Block(block) => {
                let bytes = match self.links.geometry.get() {
                    Some(geometry) => self.uploads.read(geometry, block).await.ok(),
                    None => None,
                };
                let Some(bytes) = bytes else {
                    return self.report(Command::Unreadable(self.conn, block));
                };
                batch.total += bytes.len();
                batch.blocks += bytes.len();
                batch.parts.push(Bytes::copy_from_slice(&piece_header(block)));
                batch.parts.push(bytes);
            }
        }
    }

    /// `false` when the peer is gone, or takes nothing.
    async fn flush(&mut self, batch: &mut Batch) -> bool {
        let batch = std::mem::take(batch);
        if batch.blocks > 0 {
            self.links.services.upload.take(batch.blocks).await;
        }
        let started = Instant::now();
        if !batch.parts.is_empty() {
            let patience = self.links.services.patience.write;
            if !matches!(timeout(patience, self.writer.write(batch.parts)).await, Ok(Ok(()))) {
                return false;
            }
        }
        self.links.account.sent(batch.blocks as u64);
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.report(Command::Written { conn: self.conn, bytes: batch.cost, micros });
        true
    }

    fn report(&self, command: Command) {
        if let Some(commands) = self.links.commands.upgrade() {
            let _ = commands.send(command);
        }
    }
}
