//! What follows from a piece that was checked.

use super::{
    Engine, Event, Origin, PeerKind, Reason, Verdict,
    blame::{Finding, Sender},
    budget::LOST_PAUSE,
};
use crate::{ids::PieceIndex, time::Time};
use std::time::Duration;

/// The longest pause after pieces that could not be kept.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl Engine {
    pub(super) fn judge(&mut self, piece: PieceIndex, verdict: Verdict, now: Time) {
        // One of several that were judged together, said before.
        if self.judged.remove(&piece) && matches!(verdict, Verdict::BadAmong { .. }) {
            return;
        }
        let Some(pieces) = &mut self.pieces else { return };
        if !pieces.active(piece).is_some_and(super::pieces::Active::is_whole) {
            return;
        }
        match verdict {
            Verdict::Good => self.good(piece, now),
            Verdict::Bad => self.bad(piece, now),
            Verdict::BadAmong { first, count } => self.bad_among(piece, first, count, now),
            Verdict::Lost => {
                pieces.reset(piece);
                self.pause = (self.pause * 2).clamp(LOST_PAUSE, LONGEST_PAUSE);
                self.paused_until = now + self.pause;
                self.look_again(now);
            }
        }
    }

    fn good(&mut self, piece: PieceIndex, now: Time) {
        self.pause = Duration::ZERO;
        let Some(pieces) = &mut self.pieces else { return };
        let Some(active) = pieces.verified(piece) else { return };
        let sent = active.sent();
        let geometry = pieces.geometry();
        for (block, (sender, _)) in geometry.blocks(piece).zip(&sent) {
            if let Some(sender) = active.senders.get(usize::from(*sender)) {
                self.credit(sender, u64::from(block.len));
            }
        }
        for liar in self.blame.good(piece, &sent) {
            self.condemn(&liar, Reason::BadPiece(piece), now);
        }
        self.announce(piece);
        self.check_complete(now);
    }

    fn bad(&mut self, piece: PieceIndex, now: Time) {
        let Some(pieces) = &mut self.pieces else { return };
        let Some(active) = pieces.reset(piece) else { return };
        self.totals.wasted += u64::from(pieces.geometry().piece_len(piece));
        let sent = active.sent();
        let finding = self.blame.bad(piece, active.senders, sent);
        if self.blame.is_open(piece)
            && let Some(pieces) = &mut self.pieces
        {
            pieces.restrict(piece, self.blame.slow(piece));
        }
        if let Finding::Guilty(liar) = finding {
            self.condemn(&liar, Reason::BadPiece(piece), now);
        }
        self.look_again(now);
    }

    /// Of these pieces, which can only be proven together, at least one is bad.
    fn bad_among(&mut self, said: PieceIndex, first: PieceIndex, count: u32, now: Time) {
        let Some(pieces) = &mut self.pieces else { return };
        let end = first.0.saturating_add(count).min(pieces.geometry().pieces());
        let mut together: Vec<PieceIndex> = (first.0..end).map(PieceIndex).collect();
        together.retain(|piece| pieces.active(*piece).is_some_and(super::pieces::Active::is_whole));
        let senders =
            |piece: &PieceIndex| pieces.active(*piece).map_or(&[][..], |active| active.senders.as_slice());
        let mut origins: Vec<&Sender> = together.iter().flat_map(senders).collect();
        origins.dedup_by_key(|sender| sender.origin);
        let only = match origins.as_slice() {
            [only, rest @ ..] if rest.iter().all(|other| other.origin == only.origin) => {
                Some((*only).clone())
            }
            _ => None,
        };
        let avoid = together.iter().find_map(|piece| self.blame.slow(*piece));
        for piece in &together {
            let Some(active) = pieces.reset(*piece) else { continue };
            self.totals.wasted += u64::from(pieces.geometry().piece_len(*piece));
            if only.is_none() {
                let sent = active.sent();
                self.blame.note(*piece, active.senders, sent);
            }
            if *piece != said {
                self.judged.insert(*piece);
            }
        }
        pieces.restrict_together(&together, avoid);
        if let Some(liar) = only {
            self.condemn(&liar, Reason::BadPiece(first), now);
        }
        self.look_again(now);
    }

    fn credit(&mut self, sender: &Sender, bytes: u64) {
        match sender.origin {
            Origin::Peer(conn) => {
                match sender.kind {
                    Some(PeerKind::WebRtc) => self.totals.from_webtorrent += bytes,
                    _ => self.totals.from_bittorrent += bytes,
                }
                if let Some(session) = self.sessions.get_mut(&conn) {
                    session.down.verified += bytes;
                }
            }
            Origin::WebSeed(seed) => *self.totals.web_seeds.entry(seed).or_default() += bytes,
        }
    }

    /// Drops somebody who sent something false, so that it does not come back.
    pub(super) fn condemn(&mut self, liar: &Sender, reason: Reason, now: Time) {
        match liar.origin {
            Origin::Peer(conn) => {
                self.bans.add(liar.peer_id, liar.address);
                self.part(conn, Some(reason), now);
            }
            Origin::WebSeed(seed) => self.drop_web_seed(seed, Some(reason), now),
        }
    }

    /// When everything is there: nothing is asked for any more, and what only fetching needs is given back.
    pub(super) fn check_complete(&mut self, now: Time) {
        if self.complete || !self.pieces.as_ref().is_some_and(super::pieces::Pieces::is_complete) {
            return;
        }
        self.stop_fetching(now);
        self.complete = true;
        self.late = Vec::new();
        self.hungry.clear();
        self.availability.clear();
        for session in self.sessions.values_mut() {
            session.counted = false;
        }
        self.events.push_back(Event::Complete);
        let conns: Vec<_> = self.sessions.keys().copied().collect();
        for conn in conns {
            self.update_interest(conn);
        }
    }
}
