//! Blocks that come, from peers and web seeds alike.

use super::{
    Engine, Event, Origin,
    blame::Sender,
    pieces::{Arrival, BlockId, Sources},
};
use crate::{
    ids::{ConnId, PieceIndex},
    time::Time,
    wire::Message,
};
use bytes::Bytes;
use std::collections::BTreeSet;

impl Engine {
    /// A whole block from somebody who was asked for it.
    pub(super) fn block_arrived(&mut self, id: BlockId, data: Bytes, sender: Sender, now: Time) {
        let several = self.sessions.len() + self.web_seeds.len() > 1;
        let digest = if several { self.blame.digest(&data) } else { 0 };
        let Some(pieces) = &mut self.pieces else { return };
        let origin = sender.origin;
        let block = pieces.block(id);
        match pieces.arrive(id, sender, digest) {
            Arrival::Vain => {
                self.totals.wasted += data.len() as u64;
                pieces.unask(id, origin);
            }
            Arrival::New { others, whole } => {
                self.events.push_back(Event::Block { block, data, from: origin });
                if whole {
                    self.events.push_back(Event::Check(id.piece));
                }
                for other in others {
                    match other {
                        Origin::Peer(conn) => self.cancel(conn, id),
                        Origin::WebSeed(seed) => self.spare_web_seed(seed, id),
                    }
                }
            }
        }
        let _ = now;
    }

    /// Tells a peer that a block need not come any more. It may be on its way.
    pub(super) fn cancel(&mut self, conn: ConnId, id: BlockId) {
        let (Some(pieces), Some(session)) = (&self.pieces, self.sessions.get_mut(&conn)) else { return };
        if session.down.answered(id).is_some() {
            session.down.forgiven += 1;
            session.say(&Message::Cancel(pieces.block(id)));
            self.hungry.insert(conn);
            self.mark(conn);
        }
    }

    /// A source will not send these blocks: others are asked.
    pub(super) fn release(&mut self, origin: Origin, ids: impl IntoIterator<Item = BlockId>, now: Time) {
        let Some(pieces) = &mut self.pieces else { return };
        let mut alone: BTreeSet<PieceIndex> = BTreeSet::new();
        let mut any = false;
        for id in ids {
            pieces.unask(id, origin);
            any = true;
            if pieces.active(id.piece).is_some_and(|active| active.sources == Sources::Only(origin)) {
                alone.insert(id.piece);
            }
        }
        let alone = pieces.with_their_group(&alone, origin);
        self.start_over(&alone);
        if any {
            self.look_again(now);
        }
    }

    /// A source sends nothing more for now: pieces that it alone may send are left to others, also those of which it
    /// owes nothing at the moment.
    pub(super) fn abandon(&mut self, origin: Origin, now: Time) {
        let Some(pieces) = &self.pieces else { return };
        let alone = pieces.left_to(origin);
        if !alone.is_empty() {
            self.start_over(&alone);
            self.look_again(now);
        }
    }

    /// Pieces that one source alone may send start again with another.
    fn start_over(&mut self, alone: &[PieceIndex]) {
        let Some(pieces) = &mut self.pieces else { return };
        for piece in alone {
            pieces.restrict(*piece, self.blame.slow(*piece));
            self.events.push_back(Event::Discard(*piece));
        }
    }

    /// Takes back everything that a peer was asked for, because it chokes us.
    pub(super) fn take_back(&mut self, conn: ConnId, now: Time) {
        let Some(session) = self.sessions.get_mut(&conn) else { return };
        let pending = std::mem::take(&mut session.down.pending);
        // What it had begun to send still comes.
        session.down.forgiven = session.down.forgiven.saturating_add(pending.len() as u32);
        self.release(Origin::Peer(conn), pending.into_iter().map(|pending| pending.id), now);
        self.abandon(Origin::Peer(conn), now);
    }

    /// Takes back everything that a peer was asked for and tells it so, because it does not send.
    pub(super) fn withdraw(&mut self, conn: ConnId, now: Time) {
        let (Some(pieces), Some(session)) = (&self.pieces, self.sessions.get_mut(&conn)) else { return };
        let blocks: Vec<Message> =
            session.down.pending.iter().map(|pending| Message::Cancel(pieces.block(pending.id))).collect();
        for message in &blocks {
            session.say(message);
        }
        self.mark(conn);
        self.take_back(conn, now);
    }
}
