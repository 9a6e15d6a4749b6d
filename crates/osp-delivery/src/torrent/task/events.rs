//! What the engine says, done.

use super::{AbortOnDrop, Completion, Done, Task, fetch};
use crate::{Outcome, torrent::Culprit};
use osp_fetch::Trust;
use osp_swarm::{Block, ConnId, Event, FetchId, Origin, PieceIndex, Reason, Refused, Verdict, WebSeedId};
use std::{ops::Range, sync::Arc};
use tokio::{
    task::{Id, JoinError},
    time::Instant,
};

impl Task {
    /// Asks the engine until it has nothing left to say.
    pub(super) fn drain(&mut self) {
        loop {
            while let Some(event) = self.engine.poll_event() {
                self.act(event);
            }
            while let Some(conn) = self.engine.sendable() {
                self.pump(conn);
            }
            // Sending can lead to events, though rarely.
            match self.engine.poll_event() {
                Some(event) => self.act(event),
                None => break,
            }
        }
    }

    fn act(&mut self, event: Event) {
        match event {
            Event::Block { block, data, from } => self.block(block, data, from),
            Event::Check(piece) => self.check(piece),
            Event::Discard(piece) => self.pieces.discard(piece),
            Event::Info(info) => {
                self.links.content.info(&info);
                self.publish.info(&info);
                self.publish_pieces();
            }
            Event::InfoMismatch => {
                let reason = "the torrent is cut otherwise than the file: peers cannot be used".to_owned();
                tracing::debug!("{reason}");
                self.seen().blame(Culprit { name: "the torrent".to_owned(), reason });
            }
            Event::Fetch { seed, fetch, range } => self.start_fetch(seed, fetch, range),
            Event::CancelFetch { fetch, .. } => {
                self.fetches.remove(&fetch);
            }
            Event::Close { conn, reason } => self.hang_up(conn, &reason),
            Event::DropWebSeed { seed, reason } => self.drop_source(seed, &reason),
            Event::Addresses(addresses) => {
                let now = Instant::now();
                addresses.into_iter().for_each(|a| self.book.learn(a, Trust::Learned, now));
                self.call_more();
            }
            Event::Complete => self.finish(),
            _ => {}
        }
    }

    fn block(&mut self, block: Block, data: bytes::Bytes, from: Origin) {
        self.links.account.received(data.len() as u64);
        if let Origin::Peer(conn) = from
            && let Some(connection) = self.connections.get_mut(&conn)
        {
            connection.useful = true;
        }
        if let Some(geometry) = self.geometry() {
            self.pieces.keep(&geometry, block, data);
        }
    }

    /// Has a piece checked and kept, beside everything else.
    fn check(&mut self, piece: PieceIndex) {
        let Some(blocks) = self.pieces.take(piece) else {
            let now = self.now();
            return self.engine.checked(piece, Verdict::Lost, now);
        };
        let bytes = blocks.iter().map(bytes::Bytes::len).sum();
        let content = Arc::clone(&self.links.content);
        let put = async move { Done::Checked(piece, bytes, content.put(piece, blocks).await) };
        let task = self.work.spawn(put);
        self.checking.insert(task.id(), (piece, bytes));
        self.checking_bytes += bytes;
    }

    /// A piece was checked, or all is done.
    pub(super) fn done(&mut self, done: Result<(Id, Done), JoinError>) {
        let (id, done) = match done {
            Ok((id, done)) => (id, done),
            Err(error) => {
                // A panic in there is a defect, but no reason to wait for the piece for ever.
                let id = error.id();
                match self.checking.get(&id) {
                    Some((piece, bytes)) => (id, Done::Checked(*piece, *bytes, Verdict::Lost)),
                    None => (id, Done::Completed),
                }
            }
        };
        self.checking.remove(&id);
        match done {
            Done::Checked(piece, bytes, verdict) => {
                self.checking_bytes -= bytes;
                let now = self.now();
                self.engine.checked(piece, verdict, now);
                if verdict == Verdict::Good {
                    self.publish.piece(piece);
                }
            }
            Done::Completed => {
                self.complete = Completion::Complete;
                self.publish_stats();
            }
        }
    }

    /// All pieces are there.
    fn finish(&mut self) {
        self.publish_pieces();
        if self.complete != Completion::Missing {
            return;
        }
        self.complete = if self.told { Completion::Complete } else { Completion::Finishing };
        if !std::mem::replace(&mut self.told, true) {
            let content = Arc::clone(&self.links.content);
            self.work.spawn(async move {
                content.complete().await;
                Done::Completed
            });
        }
    }

    fn start_fetch(&mut self, seed: WebSeedId, fetch: FetchId, range: Range<u64>) {
        let Some(source) = self.sources.get(&seed) else { return };
        let source = Arc::clone(&source.source);
        let patience = self.links.services.patience.fetch;
        let task = fetch::fetch(source, (seed, fetch), range, patience, self.links.input.clone());
        self.fetches.insert(fetch, AbortOnDrop(tokio::spawn(task)));
    }

    /// Gives a connection what it can take.
    pub(super) fn pump(&mut self, conn: ConnId) {
        let now = self.now();
        if let Some(connection) = self.connections.get_mut(&conn) {
            connection.pump(|| self.engine.poll_send(conn, now));
        } else {
            // What is left for a connection that is gone is let go.
            while self.engine.poll_send(conn, now).is_some() {}
        }
    }

    /// Closes a connection because the engine says so.
    fn hang_up(&mut self, conn: ConnId, reason: &Reason) {
        let Some(connection) = self.connections.remove(&conn) else { return };
        if reason.is_lie() {
            tracing::info!("a peer was dropped: {reason}");
            self.seen().blame(Culprit { name: "a peer".to_owned(), reason: reason.to_string() });
        } else {
            tracing::debug!("a peer was dropped: {reason}");
        }
        let Some(address) = connection.address else { return };
        match reason {
            _ if reason.is_lie() => self.book.ban(address),
            Reason::Refused(Refused::Ourselves | Refused::OtherTorrent | Refused::Banned) => {
                self.book.ban(address);
            }
            _ => self.remember(address, &connection),
        }
    }

    fn drop_source(&mut self, seed: WebSeedId, reason: &Reason) {
        let Some(source) = self.sources.get_mut(&seed) else { return };
        source.active = false;
        let culprit = Culprit { name: source.name.clone(), reason: reason.to_string() };
        if reason.is_lie() {
            tracing::warn!("{culprit}");
            self.seen().blame(culprit);
        } else {
            tracing::debug!("{culprit}");
        }
    }

    /// A fetch told that its source lied, rather than that it failed.
    pub(super) fn blame_source(&mut self, seed: WebSeedId, outcome: &Outcome) {
        if let Some(source) = self.sources.get(&seed)
            && outcome.is_lie()
        {
            let culprit = Culprit { name: source.name.clone(), reason: outcome.reason().to_owned() };
            tracing::warn!("{culprit}");
            self.seen().blame(culprit);
        }
    }
}
