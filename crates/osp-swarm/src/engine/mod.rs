//! The decisions: one engine for one torrent, over all its peers and web seeds.
//!
//! The caller (a *driver*) owns sockets, files and the clock. It tells the engine what happened, then asks until
//! there is nothing left: [`Engine::poll_event`], [`Engine::sendable`] and [`Engine::poll_send`] for each connection
//! that can take more, and sleeps until [`Engine::poll_timeout`].
//!
//! The engine never sees the file: blocks come out as [`Event::Block`] for the driver to keep, a piece whose blocks
//! are all there as [`Event::Check`], and the driver answers with [`Engine::checked`]. So pieces may be proven in
//! whatever way there is: SHA-1 of the torrent, or the UnixFS DAG.

mod api;

pub use api::*;

use crate::{
    ids::{Bitfield, ConnId, Geometry, InfoHash, PeerId, PieceIndex},
    time::Time,
    wire::Handshake,
};
use bytes::Bytes;
use osp_core::torrent::TorrentInfo;
use std::ops::Range;

/// One torrent's engine.
pub struct Engine {
    _todo: (),
}

#[allow(unused_variables, missing_docs, clippy::missing_errors_doc, clippy::must_use_candidate)]
impl Engine {
    /// An engine that knows nothing but the infohash. `seed` decides all that is left to chance.
    pub fn new(config: Config, infohash: InfoHash, peer_id: PeerId, seed: u64, now: Time) -> Self {
        todo!()
    }

    // What is wanted -----------------------------------------------------------------------------------------

    /// Says how the file is cut before the info dictionary is known, so that web seeds can be used at once. Peers
    /// are asked for pieces only once the info is there (theirs might be cut otherwise).
    ///
    /// An info dictionary that is cut otherwise is then refused with [`Event::InfoMismatch`].
    pub fn set_geometry(&mut self, geometry: Geometry, now: Time) {
        todo!()
    }
    /// The info dictionary, from elsewhere than peers. `false`, and nothing changes, unless it hashes to the
    /// infohash and is cut as [`Engine::set_geometry`] said.
    pub fn set_info(&mut self, info: TorrentInfo, now: Time) -> bool {
        todo!()
    }
    /// Pieces that are there and verified: a seed's, a resumed download's, or proven in another way.
    pub fn add_pieces(&mut self, pieces: &Bitfield, now: Time) {
        todo!()
    }
    /// Pieces that turn out not to be there any more (evicted, damaged).
    pub fn forget_piece(&mut self, piece: PieceIndex, now: Time) {
        todo!()
    }
    /// What to fetch. At first [`Demand::Everything`].
    pub fn set_demand(&mut self, demand: Demand, now: Time) {
        todo!()
    }
    /// Where readers are; replaces those given before.
    pub fn set_playheads(&mut self, playheads: &[Playhead], now: Time) {
        todo!()
    }
    /// Changes rates and slots while running.
    pub fn set_config(&mut self, config: Config, now: Time) {
        todo!()
    }

    // Peers ---------------------------------------------------------------------------------------------------

    /// A connection, at which no byte has been read yet, or the handshake alone (`handshake`, when the caller had
    /// to read it to know the torrent). [`Engine::poll_send`] gives our handshake first.
    ///
    /// # Errors
    /// [`Refused`]: the caller closes the connection.
    pub fn add_peer(
        &mut self,
        conn: ConnId,
        peer: PeerInfo,
        handshake: Option<Handshake>,
        now: Time,
    ) -> Result<(), Refused> {
        todo!()
    }
    /// Bytes from a peer.
    pub fn received(&mut self, conn: ConnId, bytes: Bytes, now: Time) {
        todo!()
    }
    /// The connection is closed; its requests are given to others.
    pub fn closed(&mut self, conn: ConnId, now: Time) {
        todo!()
    }
    /// Connections that have something to send. A driver asks after every other call, and when a connection that
    /// was full can take more it calls [`Engine::poll_send`] directly.
    pub fn sendable(&mut self) -> Option<ConnId> {
        todo!()
    }
    /// The next thing to send on a connection that can take it. Uploads wait here, in the engine, until the
    /// connection has room, so that a cancel still reaches them and memory does not grow.
    pub fn poll_send(&mut self, conn: ConnId, now: Time) -> Option<Outgoing> {
        todo!()
    }
    /// The block of an [`Outgoing::Block`] could not be read: it is refused to the peer instead.
    pub fn unreadable(&mut self, conn: ConnId, block: crate::ids::Block, now: Time) {
        todo!()
    }

    // Web seeds -----------------------------------------------------------------------------------------------

    /// A place that gives byte ranges: a mirror, a node, a gateway, a Bitswap peer.
    pub fn add_web_seed(&mut self, id: WebSeedId, seed: WebSeed, now: Time) {
        todo!()
    }
    /// It is gone, or must not be asked any more.
    pub fn remove_web_seed(&mut self, id: WebSeedId, now: Time) {
        todo!()
    }
    /// The next bytes of a range that [`Event::Fetch`] asked for, in order, from its start.
    pub fn fetched(&mut self, id: WebSeedId, fetch: FetchId, bytes: Bytes, now: Time) {
        todo!()
    }
    /// The fetch ended, well or not.
    pub fn fetch_ended(&mut self, id: WebSeedId, fetch: FetchId, result: Result<(), FetchFault>, now: Time) {
        todo!()
    }

    // Verdicts and time ---------------------------------------------------------------------------------------

    /// Answers [`Event::Check`].
    pub fn checked(&mut self, piece: PieceIndex, verdict: Verdict, now: Time) {
        todo!()
    }
    /// To be called when [`Engine::poll_timeout`] has come; harmless at any other time.
    pub fn handle_timeout(&mut self, now: Time) {
        todo!()
    }
    /// When the engine wants to be called again, whatever else happens.
    pub fn poll_timeout(&self) -> Option<Time> {
        todo!()
    }
    /// What the driver has to do or may want to know.
    pub fn poll_event(&mut self) -> Option<Event> {
        todo!()
    }

    // What is known -------------------------------------------------------------------------------------------

    pub fn geometry(&self) -> Option<Geometry> {
        todo!()
    }
    pub fn info(&self) -> Option<&TorrentInfo> {
        todo!()
    }
    pub fn pieces(&self) -> Option<&Bitfield> {
        todo!()
    }
    pub fn stats(&self, now: Time) -> Stats {
        todo!()
    }
    /// Bytes of a range still to come, for a reader that waits.
    pub fn missing_in(&self, range: Range<u64>) -> u64 {
        todo!()
    }
}
