//! How a connection begins and ends.

use super::{
    Engine, Event, Origin, PeerInfo, Reason, Refused,
    budget::MAX_QUEUED_UPLOADS,
    session::{Has, Session},
};
use crate::{
    ids::{ConnId, PieceIndex},
    time::Time,
    wire::{
        Handshake, Message,
        extension::{ExtendedHandshake, UT_METADATA, UT_PEX},
    },
};
use bytes::Bytes;
use std::time::Duration;

/// When both sides called each other at once, the two connections are this close in time.
const AT_ONCE: Duration = Duration::from_secs(10);

impl Engine {
    pub(super) fn meet(
        &mut self,
        conn: ConnId,
        peer: PeerInfo,
        handshake: Option<Handshake>,
        now: Time,
    ) -> Result<(), Refused> {
        if self.mismatch {
            return Err(Refused::OtherTorrent);
        }
        if peer.address.is_some_and(|address| self.bans.has_address(address)) {
            return Err(Refused::Banned);
        }
        if self.sessions.contains_key(&conn) {
            return Err(Refused::Duplicate);
        }
        if self.sessions.len() >= self.config.max_peers {
            return Err(Refused::Full);
        }
        if let Some(theirs) = handshake {
            self.may_stay(&theirs, peer.outgoing, now)?;
        }
        let mut session = Session::new(peer, now);
        session.out.extend_from_slice(&Handshake::ours(self.infohash, self.peer_id).encode());
        self.sessions.insert(conn, session);
        self.mark(conn);
        if let Some(theirs) = handshake {
            self.greet(conn, theirs, now);
        }
        Ok(())
    }

    /// The other side's handshake has come. `false`: the connection is closed.
    pub(super) fn introduced(&mut self, conn: ConnId, theirs: Handshake, now: Time) -> bool {
        let Some(session) = self.sessions.get(&conn) else { return false };
        if let Err(refused) = self.may_stay(&theirs, session.outgoing, now) {
            self.part(conn, Some(Reason::Refused(refused)), now);
            return false;
        }
        self.greet(conn, theirs, now);
        true
    }

    fn may_stay(&mut self, theirs: &Handshake, outgoing: bool, now: Time) -> Result<(), Refused> {
        if theirs.infohash != self.infohash {
            return Err(Refused::OtherTorrent);
        }
        if theirs.peer_id == self.peer_id {
            return Err(Refused::Ourselves);
        }
        if self.bans.has_id(theirs.peer_id) {
            return Err(Refused::Banned);
        }
        let known = self
            .sessions
            .iter()
            .find(|(_, session)| session.handshake.is_some_and(|known| known.peer_id == theirs.peer_id));
        let Some((older, session)) = known else { return Ok(()) };
        // Both called at the same time: both sides keep the call of the one with the greater id.
        let crossed = session.outgoing != outgoing && now.since(session.since) < AT_ONCE;
        if crossed && outgoing == (self.peer_id > theirs.peer_id) {
            let older = *older;
            self.part(older, Some(Reason::Refused(Refused::Duplicate)), now);
            return Ok(());
        }
        Err(Refused::Duplicate)
    }

    /// Our first words: the extended handshake and what we have.
    fn greet(&mut self, conn: ConnId, theirs: Handshake, now: Time) {
        let Some(session) = self.sessions.get_mut(&conn) else { return };
        session.handshake = Some(theirs);
        session.last_received = now;
        self.say_hello(conn);
        let Some(session) = self.sessions.get_mut(&conn) else { return };
        let pieces = self.pieces.as_ref().filter(|_| self.info.is_some() && self.config.upload);
        match pieces.map(|pieces| pieces.have()) {
            Some(have) if theirs.fast() && have.is_complete() => session.say(&Message::HaveAll),
            Some(have) if have.count() > 0 => {
                session.say(&Message::Bitfield(Bytes::copy_from_slice(have.as_bytes())));
            }
            _ if theirs.fast() => session.say(&Message::HaveNone),
            _ => {}
        }
        session.haves_sent = self.have_log.len();
        if let Some(pieces) = self.pieces.as_ref().filter(|_| self.info.is_some()) {
            session.has = Has::Known(crate::ids::Bitfield::none(pieces.geometry().pieces()));
        }
        self.mark(conn);
    }

    /// The extended handshake (BEP 10). It may be sent again: when we have the metadata to give, others should know.
    pub(super) fn say_hello(&mut self, conn: ConnId) {
        let Some(session) = self.sessions.get_mut(&conn) else { return };
        if !session.handshake.is_some_and(|handshake| handshake.extended()) {
            return;
        }
        let hello = ExtendedHandshake {
            ut_metadata: Some(UT_METADATA),
            ut_pex: self.config.exchange.then_some(UT_PEX),
            metadata_size: self.info.as_ref().map(|info| info.to_bencode().len() as u32),
            reqq: Some(MAX_QUEUED_UPLOADS as u32),
            client: Some(self.config.client.clone()),
            port: self.config.listen_port,
            your_ip: session.address.map(|address| address.ip()),
            upload_only: self.complete,
        };
        session.say(&Message::Extended { id: 0, payload: Bytes::from(hello.encode()) });
        self.mark(conn);
    }

    /// Ends a connection. With a reason it is we who end it, and the driver is told.
    pub(super) fn part(&mut self, conn: ConnId, reason: Option<Reason>, now: Time) {
        let Some(session) = self.sessions.remove(&conn) else { return };
        if session.counted
            && let Some(has) = session.pieces()
        {
            self.availability.remove(has);
        }
        self.release(Origin::Peer(conn), session.down.pending.iter().map(|pending| pending.id), now);
        self.abandon(Origin::Peer(conn), now);
        self.hungry.remove(&conn);
        self.metadata.refused(conn, None);
        if !session.am_choking {
            self.hurry_choker(now);
        }
        if self.sessions.is_empty() {
            self.have_log.clear();
        }
        if let Some(reason) = reason {
            self.events.push_back(Event::Close { conn, reason });
        }
        self.feed_seeds = true;
        self.ask_for_metadata(now);
    }

    /// Puts a connection into the list of those with something to send.
    pub(super) fn mark(&mut self, conn: ConnId) {
        if let Some(session) = self.sessions.get_mut(&conn)
            && !session.queued
        {
            session.queued = true;
            self.sendable.push_back(conn);
        }
    }

    pub(super) fn mark_all(&mut self) {
        for (conn, session) in &mut self.sessions {
            if !session.queued {
                session.queued = true;
                self.sendable.push_back(*conn);
            }
        }
    }

    /// Tells all peers of a piece, when they can take it.
    pub(super) fn announce(&mut self, piece: PieceIndex) {
        if self.sessions.is_empty() || self.info.is_none() || !self.config.upload {
            return;
        }
        self.have_log.push(piece);
        // Pieces can be forgotten and come again, so the log is not bounded by their number alone.
        let bound = self.pieces.as_ref().map_or(0, |pieces| pieces.geometry().pieces() as usize) + 1024;
        if self.have_log.len() > bound {
            let half = self.have_log.len() / 2;
            self.have_log.drain(..half);
            for session in self.sessions.values_mut() {
                session.haves_sent = session.haves_sent.saturating_sub(half);
            }
        }
        self.mark_all();
    }
}
