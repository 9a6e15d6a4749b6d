//! What comes from outside, handed to the engine.

use super::{
    Completion, Source, Task,
    connection::Connection,
    dial,
    messages::{Command, Input},
};
use crate::{
    Outcome,
    torrent::{
        RangeSource, TorrentStats,
        hub::limits::Permit,
        services::{Call, CallError},
        stats::WebSeedShare,
    },
};
use osp_peers::PeerStream;
use osp_swarm::{ConnId, FetchFault, PeerInfo, Refused, WebSeedId, wire::Handshake};
use std::{net::SocketAddr, sync::Arc};
use tokio::time::Instant;

impl Task {
    pub(super) fn obey(&mut self, command: Command) {
        let now = self.now();
        match command {
            Command::Written { conn, bytes, micros } => {
                if let Some(connection) = self.connections.get_mut(&conn) {
                    connection.written(bytes, micros);
                    self.pump(conn);
                }
            }
            Command::WriterGone(conn) => self.gone(conn),
            Command::Unreadable(conn, block) => self.engine.unreadable(conn, block, now),
            Command::AddStream(stream, handshake, permit) => self.connect(*stream, handshake, permit, None),
            Command::AddAddresses(addresses, trust) => {
                let now = Instant::now();
                addresses.into_iter().for_each(|address| self.book.learn(address, trust, now));
            }
            Command::AddSource(source) => self.add_source(source),
            Command::SetPlayheads(playheads) => self.engine.set_playheads(&playheads, now),
            Command::SetDemand(demand) => self.engine.set_demand(demand, now),
            Command::SetConfig(mut config) => {
                self.seeding.apply(&mut config);
                self.config = (*config).clone();
                self.engine.set_config(*config, now);
            }
            Command::SetGeometry(geometry) => {
                self.engine.set_geometry(geometry, now);
                self.publish_pieces();
            }
            Command::SetInfo(info) => {
                if self.engine.info().is_none() && self.engine.set_info((*info).clone(), now) {
                    self.links.content.info(&info);
                    self.publish.info(&info);
                    self.publish_pieces();
                }
            }
            Command::AddPieces(pieces) => {
                self.engine.add_pieces(&pieces, now);
                self.publish_pieces();
            }
            Command::ForgetPiece(piece) => {
                self.engine.forget_piece(piece, now);
                self.complete = Completion::Missing;
                self.publish_pieces();
            }
            Command::Stats(answer) => {
                let _ = answer.send(self.stats());
            }
            Command::Close => self.closing = true,
        }
    }

    pub(super) fn take(&mut self, input: Input) {
        let now = self.now();
        match input {
            Input::Bytes(conn, bytes) => {
                if let Some(connection) = self.connections.get_mut(&conn) {
                    connection.heard = true;
                    self.engine.received(conn, bytes, now);
                    // At once, so that a batch from many peers does not pile their blocks up.
                    self.drain();
                }
            }
            Input::Ended(conn) => self.gone(conn),
            Input::Fetched(seed, fetch, bytes) => {
                if self.fetches.contains_key(&fetch) {
                    self.engine.fetched(seed, fetch, bytes, now);
                    self.drain();
                }
            }
            Input::FetchEnded(seed, fetch, result) => {
                if self.fetches.remove(&fetch).is_some() {
                    let result = result.map_err(|outcome| self.fault(seed, &outcome));
                    self.engine.fetch_ended(seed, fetch, result, now);
                }
            }
        }
    }

    fn fault(&mut self, seed: WebSeedId, outcome: &Outcome) -> FetchFault {
        if let Some(source) = self.sources.get(&seed) {
            tracing::debug!(source = source.name, "fetch ended: {}", outcome.reason());
        }
        match outcome {
            Outcome::Failed(_) => FetchFault::Failed,
            Outcome::Absent(_) => FetchFault::Unusable,
            Outcome::Lied(_) => {
                self.blame_source(seed, outcome);
                FetchFault::Unusable
            }
        }
    }

    /// A connection that ended by itself.
    fn gone(&mut self, conn: ConnId) {
        let Some(connection) = self.connections.remove(&conn) else { return };
        let now = self.now();
        self.engine.closed(conn, now);
        if let Some(address) = connection.address {
            self.remember(address, &connection);
        }
    }

    /// How a connection went to an address.
    pub(super) fn remember(&mut self, address: SocketAddr, connection: &Connection) {
        let now = Instant::now();
        match connection {
            Connection { useful: true, .. } => self.book.ended(address, now),
            Connection { heard: true, .. } => self.book.failed(address, now),
            _ => self.book.declined(address, now),
        }
    }

    /// A new connection. `called`: the address we called it at.
    fn connect(
        &mut self,
        stream: PeerStream,
        handshake: Option<Handshake>,
        permit: Option<Permit>,
        called: Option<SocketAddr>,
    ) {
        let conn = ConnId(self.next_conn);
        self.next_conn += 1;
        let address = called.or(stream.remote.filter(|_| stream.outgoing));
        // A caller's own port says nothing of where it can be called, but the engine knows it by its host.
        let info =
            PeerInfo { kind: stream.kind, outgoing: stream.outgoing, address: called.or(stream.remote) };
        let now = self.now();
        match self.engine.add_peer(conn, info, handshake, now) {
            Ok(()) => {
                let halves = (stream.reader, stream.writer);
                let connection = Connection::start(conn, halves, address, permit, &self.links);
                self.connections.insert(conn, connection);
            }
            Err(refused) => {
                tracing::debug!("a peer was refused: {refused}");
                match address {
                    Some(address) if matches!(refused, Refused::Ourselves | Refused::Banned) => {
                        self.book.ban(address);
                    }
                    Some(address) => self.book.failed(address, Instant::now()),
                    None => {}
                }
            }
        }
    }

    fn add_source(&mut self, source: Arc<dyn RangeSource>) {
        let Ok(id) = u32::try_from(self.sources.len()).map(WebSeedId) else { return };
        let now = self.now();
        self.engine.add_web_seed(id, source.ability(), now);
        let (name, kind) = (source.name(), source.kind());
        self.sources.insert(id, Source { source, name, kind, active: true });
    }

    /// Whether addresses are called: not while there are enough peers, and a seed waits to be called itself.
    pub(super) fn wants_calls(&self) -> bool {
        let peers = self.connections.len() + self.calls.len();
        let enough = match self.complete {
            Completion::Missing => self.config.max_peers,
            Completion::Finishing | Completion::Complete => super::SEED_CALLS_BELOW,
        };
        peers < enough && self.calls.len() < dial::MAX_CALLS
    }

    pub(super) fn call_more(&mut self) {
        while self.wants_calls() {
            let Some((address, opening)) = self.book.next(Instant::now()) else { return };
            let services = Arc::clone(&self.links.services);
            let greeting = self.greeting;
            self.calls.spawn(async move { (address, services.call(address, opening, greeting).await) });
        }
    }

    /// A call was answered, or not.
    pub(super) fn called(&mut self, address: SocketAddr, result: Call) {
        let now = Instant::now();
        match result {
            Ok((stream, permit)) => self.connect(stream, None, Some(permit), Some(address)),
            Err(CallError::Full) => self.book.ended(address, now),
            Err(CallError::Unanswered) => self.book.failed(address, now),
            Err(CallError::Declined) => self.book.declined(address, now),
        }
    }

    pub(super) fn stats(&self) -> TorrentStats {
        let swarm = self.engine.stats(self.now());
        let bytes = |id: &WebSeedId| {
            swarm.web_seeds.iter().find(|(seed, _)| seed == id).map_or(0, |(_, bytes)| *bytes)
        };
        let mut ids: Vec<_> = self.sources.keys().collect();
        ids.sort();
        let web_seeds = ids
            .into_iter()
            .map(|id| {
                let source = &self.sources[id];
                WebSeedShare {
                    name: source.name.clone(),
                    kind: source.kind,
                    bytes: bytes(id),
                    active: source.active,
                }
            })
            .collect();
        TorrentStats { swarm, web_seeds }
    }
}
