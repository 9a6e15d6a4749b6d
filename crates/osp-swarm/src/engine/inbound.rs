//! What a peer says.

use super::{
    Engine, Reason,
    budget::{MAX_ALLOWED_FAST, MAX_UNASKED_BLOCKS},
    session::{Early, Has},
};
use crate::{
    ids::{Bitfield, Block, ConnId, PieceIndex},
    time::Time,
    wire::{Handshake, Message, handshake::HANDSHAKE_BYTES},
};
use bytes::{Buf as _, Bytes};
use std::time::Duration;

/// How long a peer that refuses a block is not asked for any.
const REJECTED_REST: Duration = Duration::from_millis(500);

/// What a message did.
enum Effect {
    /// Something, or it is accounted for elsewhere.
    Some,
    /// Nothing: it counts as noise.
    None,
    /// It breaks the protocol.
    Break(&'static str),
}

impl Engine {
    pub(super) fn read(&mut self, conn: ConnId, mut bytes: Bytes, now: Time) {
        let Some(session) = self.sessions.get_mut(&conn) else { return };
        session.last_received = now;
        if session.handshake.is_none() {
            let missing = HANDSHAKE_BYTES - session.head.len();
            let head = bytes.split_to(missing.min(bytes.len()));
            session.head.extend_from_slice(&head);
            let Some(head) = session.head.first_chunk::<HANDSHAKE_BYTES>() else { return };
            let parsed = Handshake::parse(head);
            session.head = Vec::new();
            let Some(theirs) = parsed else {
                self.part(conn, Some(Reason::Protocol("it speaks another protocol")), now);
                return;
            };
            if !self.introduced(conn, theirs, now) {
                return;
            }
        }
        if let Some(session) = self.sessions.get_mut(&conn)
            && bytes.has_remaining()
        {
            session.decoder.push(bytes);
        }
        self.read_messages(conn, now);
    }

    fn read_messages(&mut self, conn: ConnId, now: Time) {
        // A message may end the connection.
        while let Some(session) = self.sessions.get_mut(&conn) {
            match session.decoder.next() {
                Ok(Some(message)) => {
                    self.hear(conn, message, now);
                    // Whatever it said may have called for an answer, and it may not be reading any.
                    self.check_backlog(conn, now);
                }
                Ok(None) => return,
                Err(_) => {
                    self.part(conn, Some(Reason::Protocol("a message of an impossible length")), now);
                    return;
                }
            }
        }
    }

    fn hear(&mut self, conn: ConnId, message: Message, now: Time) {
        let ordinary =
            !matches!(message, Message::KeepAlive | Message::Extended { .. } | Message::Unknown(_));
        if let Some(session) = self.sessions.get_mut(&conn)
            && ordinary
            && !session.spoken
        {
            session.spoken = true;
            self.spoken(conn, now);
        }
        let effect = match message {
            Message::KeepAlive | Message::Port(_) | Message::Suggest(_) | Message::Unknown(_) => Effect::None,
            Message::Choke => self.heard_choke(conn, now),
            Message::Unchoke => self.heard_unchoke(conn),
            Message::Interested => self.heard_interest(conn, true, now),
            Message::NotInterested => self.heard_interest(conn, false, now),
            Message::Have(piece) => self.heard_have(conn, piece),
            Message::Bitfield(bits) => self.heard_pieces(conn, Some(&bits), now),
            Message::HaveAll => self.heard_all(conn, now),
            Message::HaveNone => self.heard_none(conn),
            Message::Request(block) => match self.requested(conn, block, now) {
                Ok(true) => Effect::Some,
                Ok(false) => Effect::None,
                Err(broken) => Effect::Break(broken),
            },
            Message::Cancel(block) => {
                if self.cancelled(conn, block) {
                    Effect::Some
                } else {
                    Effect::None
                }
            }
            Message::Piece { piece, begin, data } => {
                let block = Block { piece, begin, len: data.len() as u32 };
                self.heard_block(conn, block, data, now)
            }
            Message::Reject(block) => self.heard_reject(conn, block, now),
            Message::AllowedFast(piece) => self.heard_allowed(conn, piece),
            Message::Extended { id, payload } => match self.heard_extended(conn, id, payload, now) {
                Ok(true) => Effect::Some,
                Ok(false) => Effect::None,
                Err(reason) => {
                    self.part(conn, Some(reason), now);
                    return;
                }
            },
        };
        match effect {
            Effect::Some => {}
            Effect::Break(what) => self.part(conn, Some(Reason::Protocol(what)), now),
            Effect::None => {
                let Some(session) = self.sessions.get_mut(&conn) else { return };
                session.noise.take(1);
                if !session.noise.is_open(now) {
                    self.part(conn, Some(Reason::Protocol("a flood of messages without effect")), now);
                }
            }
        }
    }

    fn heard_choke(&mut self, conn: ConnId, now: Time) -> Effect {
        let Some(session) = self.sessions.get_mut(&conn) else { return Effect::Some };
        if std::mem::replace(&mut session.choking_us, true) {
            return Effect::None;
        }
        self.take_back(conn, now);
        // Choking and unchoking in turns is cheap for a peer and dear for us.
        Effect::None
    }

    fn heard_unchoke(&mut self, conn: ConnId) -> Effect {
        let Some(session) = self.sessions.get_mut(&conn) else { return Effect::Some };
        session.choking_us = false;
        self.hungry.insert(conn);
        Effect::None
    }

    fn heard_interest(&mut self, conn: ConnId, interested: bool, now: Time) -> Effect {
        let Some(session) = self.sessions.get_mut(&conn) else { return Effect::Some };
        let changed = std::mem::replace(&mut session.interested, interested) != interested;
        if changed {
            self.hurry_choker(now);
        }
        Effect::None
    }

    fn heard_have(&mut self, conn: ConnId, piece: PieceIndex) -> Effect {
        let ours = self.pieces.as_ref();
        let total = ours.map_or(0, |pieces| pieces.geometry().pieces());
        let needed = ours.is_some_and(|pieces| !pieces.have().has(piece));
        let fetching = ours.is_some_and(|pieces| !pieces.is_complete());
        let Some(session) = self.sessions.get_mut(&conn) else { return Effect::Some };
        match &mut session.has {
            Has::Early(early) => {
                if early.have(piece) {
                    Effect::Some
                } else {
                    Effect::Break("a piece that no torrent has")
                }
            }
            Has::Known(has) if piece.0 < has.pieces() => {
                let was_complete = has.is_complete();
                if !has.set(piece) {
                    return Effect::None;
                }
                if fetching && !was_complete {
                    if !session.counted && has.count() > 1 {
                        // Counted from its first piece on; this happens after we forgot one ourselves.
                        self.availability.add(has);
                    } else {
                        self.availability.add_one(piece, total);
                    }
                    session.counted = true;
                }
                if needed {
                    self.hungry.insert(conn);
                    self.feed_seeds |= self.window.contains(piece);
                }
                Effect::Some
            }
            _ => Effect::Break("a piece that the torrent does not have"),
        }
    }

    /// `bitfield`, or with `None` the same of a peer that has everything.
    fn heard_pieces(&mut self, conn: ConnId, bits: Option<&[u8]>, now: Time) -> Effect {
        let Some(session) = self.sessions.get_mut(&conn) else { return Effect::Some };
        let Has::Known(old) = &session.has else {
            session.has = Has::Early(bits.map_or_else(Early::all, Early::bitfield));
            return Effect::Some;
        };
        let new = match bits {
            Some(bits) => Bitfield::parse(bits, old.pieces()),
            None => Some(Bitfield::all(old.pieces())),
        };
        let Some(new) = new else { return Effect::Break("a bitfield of another torrent") };
        self.set_pieces(conn, new, now);
        // It is as dear as it is long, and one is enough.
        Effect::None
    }

    fn heard_all(&mut self, conn: ConnId, now: Time) -> Effect {
        match self.sessions.get(&conn) {
            Some(session) if session.is_fast() => self.heard_pieces(conn, None, now),
            _ => Effect::Break("have all without the Fast extension"),
        }
    }

    fn heard_none(&mut self, conn: ConnId) -> Effect {
        match self.sessions.get(&conn) {
            Some(session) if session.is_fast() => Effect::None,
            _ => Effect::Break("have none without the Fast extension"),
        }
    }

    fn heard_block(&mut self, conn: ConnId, block: Block, data: Bytes, now: Time) -> Effect {
        let (Some(pieces), Some(session)) = (&self.pieces, self.sessions.get_mut(&conn)) else {
            return Effect::Break("a block although we asked for none");
        };
        let len = data.len() as u64;
        session.down.rate.add(len, now);
        self.hungry.insert(conn);
        let Some(id) = pieces.id_of(block) else { return Effect::Break("a block that we never ask for") };
        let limit = session.depth_limit();
        match session.down.answered(id) {
            Some(pending) => session.down.measured(pending.at, now, limit),
            None if session.down.forgiven > 0 => session.down.forgiven -= 1,
            None => {
                session.down.unasked += 1;
                self.totals.wasted += len;
                if session.down.unasked > MAX_UNASKED_BLOCKS {
                    return Effect::Break("blocks that nobody asked for");
                }
                return Effect::Some;
            }
        }
        session.down.last_block = now;
        session.down.snubbed = false;
        let sender = session.sender(conn);
        self.block_arrived(id, data, sender, now);
        Effect::Some
    }

    fn heard_reject(&mut self, conn: ConnId, block: Block, now: Time) -> Effect {
        let (Some(pieces), Some(session)) = (&self.pieces, self.sessions.get_mut(&conn)) else {
            return Effect::None;
        };
        let answered = pieces.id_of(block).and_then(|id| session.down.answered(id));
        let Some(pending) = answered else {
            // The answer to a cancel, or to what it was asked before it choked us.
            let expected = session.down.forgiven > 0;
            session.down.forgiven = session.down.forgiven.saturating_sub(1);
            return if expected { Effect::Some } else { Effect::None };
        };
        // Nothing else would stop us from asking for the same block again at once.
        session.down.rest_until = now + REJECTED_REST;
        session.down.allowed.retain(|piece| *piece != block.piece);
        self.release(super::Origin::Peer(conn), [pending.id], now);
        Effect::None
    }

    fn heard_allowed(&mut self, conn: ConnId, piece: PieceIndex) -> Effect {
        let Some(session) = self.sessions.get_mut(&conn) else { return Effect::Some };
        let allowed = &mut session.down.allowed;
        if allowed.len() < MAX_ALLOWED_FAST && !allowed.contains(&piece) {
            allowed.push(piece);
            self.hungry.insert(conn);
        }
        Effect::None
    }
}
