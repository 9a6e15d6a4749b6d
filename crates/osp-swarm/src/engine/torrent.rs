//! What is known of the torrent: how it is cut, its info dictionary, the pieces that are there.

use super::{
    Demand, Engine, Event, Reason,
    pieces::Pieces,
    session::{Early, Has},
};
use crate::{
    ids::{Bitfield, ConnId, Geometry, PieceIndex},
    time::Time,
};
use osp_core::torrent::TorrentInfo;

impl Engine {
    /// The first geometry that is said counts.
    pub(super) fn cut(&mut self, geometry: Geometry) {
        if self.pieces.is_none() {
            self.pieces = Some(Pieces::new(geometry));
            self.window.rebuild(geometry, &Bitfield::none(geometry.pieces()), self.config.window);
            self.feed_seeds = true;
        }
    }

    /// Takes an info dictionary whose hash is right. `false` when it is cut otherwise than we know.
    pub(super) fn learn(&mut self, info: TorrentInfo, now: Time) -> bool {
        let Some(geometry) = Geometry::of(&info) else { return false };
        if self.pieces.as_ref().is_some_and(|pieces| pieces.geometry() != geometry) {
            return false;
        }
        if self.info.is_some() {
            return true;
        }
        self.cut(geometry);
        self.info = Some(info);
        self.metadata = super::metadata::MetadataFetch::default();
        self.tell_all();
        let conns: Vec<ConnId> = self.sessions.keys().copied().collect();
        for conn in conns {
            self.say_hello(conn);
            self.interpret(conn, geometry, now);
        }
        self.look_again(now);
        true
    }

    /// Tells all peers of all pieces: they were told nothing before.
    pub(super) fn tell_all(&mut self) {
        let Some(pieces) = self.pieces.as_ref().filter(|_| self.config.upload && self.info.is_some()) else {
            return;
        };
        if self.sessions.is_empty() {
            return;
        }
        let have = pieces.have();
        let all = (0..pieces.geometry().pieces()).map(PieceIndex);
        self.have_log = all.filter(|piece| have.has(*piece)).collect();
        for session in self.sessions.values_mut() {
            session.haves_sent = 0;
        }
        self.mark_all();
    }

    /// What a peer said it has, now that we know what that means.
    fn interpret(&mut self, conn: ConnId, geometry: Geometry, now: Time) {
        let Some(session) = self.sessions.get_mut(&conn) else { return };
        let Has::Early(early) = std::mem::replace(&mut session.has, Has::Early(Early::default())) else {
            return;
        };
        match early.interpret(geometry.pieces()) {
            Some(has) => {
                session.has = Has::Known(Bitfield::none(geometry.pieces()));
                self.set_pieces(conn, has, now);
            }
            None => self.part(conn, Some(Reason::Protocol("a bitfield of another torrent")), now),
        }
    }

    /// Replaces what a peer has.
    pub(super) fn set_pieces(&mut self, conn: ConnId, has: Bitfield, _now: Time) {
        let fetching = !self.complete;
        let Some(session) = self.sessions.get_mut(&conn) else { return };
        if session.counted
            && let Has::Known(old) = &session.has
        {
            self.availability.remove(old);
        }
        session.counted = fetching && !has.is_complete();
        if session.counted {
            self.availability.add(&has);
        }
        session.has = Has::Known(has);
        self.hungry.insert(conn);
        self.feed_seeds = true;
    }

    /// The info dictionary is cut otherwise than we know: there are no peers for us.
    pub(super) fn mismatched(&mut self, now: Time) {
        self.mismatch = true;
        self.events.push_back(Event::InfoMismatch);
        let conns: Vec<ConnId> = self.sessions.keys().copied().collect();
        for conn in conns {
            self.part(conn, Some(Reason::Useless), now);
        }
    }

    /// Pieces that came in another way.
    pub(super) fn found(&mut self, found: &Bitfield, now: Time) {
        let Some(pieces) = &mut self.pieces else { return };
        if found.pieces() != pieces.geometry().pieces() {
            return;
        }
        let new: Vec<PieceIndex> = (0..found.pieces())
            .map(PieceIndex)
            .filter(|piece| found.has(*piece) && !pieces.have().has(*piece))
            .collect();
        for piece in new {
            self.give_up(piece);
            self.blame.forget(piece);
            if let Some(pieces) = &mut self.pieces {
                pieces.verified(piece);
            }
            self.announce(piece);
        }
        self.look_again(now);
        self.check_complete(now);
    }

    /// A piece is not there any more.
    pub(super) fn lost(&mut self, piece: PieceIndex) {
        let Some(pieces) = &mut self.pieces else { return };
        if !pieces.lose(piece) {
            return;
        }
        if std::mem::take(&mut self.complete) {
            for session in self.sessions.values_mut() {
                session.counted = session.pieces().is_some_and(|has| !has.is_complete());
                if session.counted
                    && let Some(has) = session.pieces()
                {
                    self.availability.add(has);
                }
            }
        }
        self.hungry.extend(self.sessions.keys());
        self.feed_seeds = self.demand != Demand::Nothing;
        if let Some(pieces) = &self.pieces {
            self.window.rebuild(pieces.geometry(), pieces.have(), self.config.window);
        }
    }

    /// Forgets what was begun of a piece and cancels what was asked.
    fn give_up(&mut self, piece: PieceIndex) {
        let Some(pieces) = &self.pieces else { return };
        if pieces.active(piece).is_none() {
            return;
        }
        let blocks = 0..pieces.blocks_in(piece);
        let ids: Vec<_> = blocks.map(|index| super::pieces::BlockId { piece, index }).collect();
        let asked: Vec<_> = ids
            .iter()
            .flat_map(|id| {
                pieces.slot(*id).into_iter().flat_map(move |slot| slot.asked().map(move |by| (*id, by)))
            })
            .collect();
        for (id, by) in asked {
            match by {
                super::Origin::Peer(conn) => self.cancel(conn, id),
                super::Origin::WebSeed(seed) => self.spare_web_seed(seed, id),
            }
        }
        if let Some(pieces) = &mut self.pieces {
            pieces.reset(piece);
        }
        self.events.push_back(Event::Discard(piece));
    }
}
