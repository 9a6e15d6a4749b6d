//! What peers take from us: who may, which requests wait, and in what turn they are served.

use super::{
    Engine,
    budget::{MAX_FAST_BYTES, MAX_QUEUED_UPLOADS},
    choker::Candidate,
    fast::{SET_SIZE, allowed_fast},
    session::Session,
};
use crate::{
    ids::{Block, ConnId, MAX_REQUEST_BYTES},
    time::Time,
    wire::Message,
};
use std::{collections::BTreeSet, net::IpAddr};

impl Engine {
    /// A peer asks for a block. `Ok(false)`: it is refused.
    ///
    /// # Errors
    /// What is broken about the request: the connection ends.
    pub(super) fn requested(&mut self, conn: ConnId, block: Block, now: Time) -> Result<bool, &'static str> {
        let Some(session) = self.sessions.get_mut(&conn) else { return Ok(true) };
        let Some(pieces) = self.pieces.as_ref().filter(|_| self.info.is_some()) else {
            return Err("a request before we have anything");
        };
        if block.len > MAX_REQUEST_BYTES {
            return Err("a request for too much at once");
        }
        if pieces.geometry().block_range(block).is_none() {
            return Err("a request for a block that is not there");
        }
        let fast = session.am_choking
            && session.up.allowed.contains(&block.piece)
            && session.up.fast_bytes + u64::from(block.len) <= MAX_FAST_BYTES;
        let may = (!session.am_choking || fast) && self.config.upload && pieces.have().has(block.piece);
        let known = session.up.queue.contains(&block);
        if !may || known || session.up.queue.len() >= MAX_QUEUED_UPLOADS {
            if !known {
                self.refuse_block(conn, block);
                self.check_backlog(conn, now);
            }
            return Ok(false);
        }
        if fast {
            session.up.fast_bytes += u64::from(block.len);
        }
        session.up.queue.push_back(block);
        self.mark(conn);
        Ok(true)
    }

    /// Says that a block will not come; without the Fast extension there is no way to.
    pub(super) fn refuse_block(&mut self, conn: ConnId, block: Block) {
        if let Some(session) = self.sessions.get_mut(&conn)
            && session.is_fast()
        {
            session.say(&Message::Reject(block));
            self.mark(conn);
        }
    }

    /// The next block for a peer, if the cap allows one now and it is its turn.
    pub(super) fn next_block(&mut self, conn: ConnId, now: Time) -> Option<Block> {
        let session = self.sessions.get_mut(&conn)?;
        session.up.queue.front()?;
        if !self.upload_limiter.is_open(now) {
            if !self.throttled.contains(&conn) {
                self.throttled.push_back(conn);
            }
            return None;
        }
        // Under a cap one block each, in turn: who asks for most does not get more than others.
        if self.upload_limiter.is_capped() && std::mem::take(&mut session.up.had_its_block) {
            self.mark(conn);
            return None;
        }
        let session = self.sessions.get_mut(&conn)?;
        let block = session.up.queue.pop_front()?;
        let bytes = u64::from(block.len);
        session.up.had_its_block = true;
        session.up.sent += bytes;
        session.up.rate.add(bytes, now);
        session.last_sent = now;
        self.totals.uploaded += bytes;
        self.upload_limiter.take(bytes);
        Some(block)
    }

    /// The cap allows uploads again: who waits gets its turn, in the order of waiting.
    pub(super) fn end_throttle(&mut self, now: Time) {
        if self.throttled.is_empty() || !self.upload_limiter.is_open(now) {
            return;
        }
        for conn in std::mem::take(&mut self.throttled) {
            self.mark(conn);
        }
    }

    /// Hands the slots out anew.
    pub(super) fn rechoke(&mut self, now: Time) {
        let seeding = self.complete;
        let candidates: Vec<Candidate> = self
            .sessions
            .iter()
            .filter(|(_, session)| session.interested && session.may_speak(now) && !session.is_seed())
            .map(|(conn, session)| Candidate {
                conn: *conn,
                gives: session.down.rate.get(now),
                takes: session.up.rate.get(now),
                snubbed: session.down.snubbed,
                unchoked: !session.am_choking,
                turn: session.up.sent - session.up.sent_at_unchoke,
                since: session.up.unchoked_at,
            })
            .collect();
        let slots = if self.config.upload { self.config.upload_slots } else { 0 };
        let chosen = self.choker.choose(&candidates, slots, seeding, &mut self.rng, now);
        self.apply(&chosen, now);
    }

    /// Fills free slots at once instead of at the next round.
    pub(super) fn hurry_choker(&mut self, now: Time) {
        let unchoked = self.sessions.values().filter(|session| !session.am_choking).count();
        self.choker.hurry(unchoked, self.config.upload_slots, now);
        if self.choker.is_due(now) {
            self.rechoke(now);
        }
    }

    fn apply(&mut self, chosen: &BTreeSet<ConnId>, now: Time) {
        let mut changed = Vec::new();
        for (conn, session) in &mut self.sessions {
            let choke = !chosen.contains(conn);
            if choke == session.am_choking {
                continue;
            }
            session.am_choking = choke;
            changed.push(*conn);
            if choke {
                session.say(&Message::Choke);
                refuse_all(session);
            } else {
                session.say(&Message::Unchoke);
                session.up.unchoked_at = now;
                session.up.sent_at_unchoke = session.up.sent;
            }
        }
        for conn in changed {
            self.mark(conn);
        }
    }

    /// A peer has sent its first ordinary message: now it is told which pieces it may take although it is choked.
    pub(super) fn spoken(&mut self, conn: ConnId, now: Time) {
        let infohash = self.infohash;
        let pieces = self.pieces.as_ref().filter(|_| self.info.is_some() && self.config.upload);
        if let (Some(pieces), Some(session)) = (pieces, self.sessions.get_mut(&conn))
            && session.is_fast()
            && let Some(IpAddr::V4(ip)) = session.address.map(|address| address.ip())
        {
            let total = pieces.geometry().pieces();
            // Only what is there: a set of promises that are not kept helps nobody.
            let mut set = allowed_fast(ip, infohash, total, SET_SIZE);
            set.retain(|piece| pieces.have().has(*piece));
            for piece in &set {
                session.say(&Message::AllowedFast(*piece));
            }
            session.up.allowed = set;
        }
        self.mark(conn);
        // It may have been interested, or we may owe it news, since before.
        self.hurry_choker(now);
    }

    /// A request that need not be answered any more. `false`: there is none.
    pub(super) fn cancelled(&mut self, conn: ConnId, block: Block) -> bool {
        let Some(session) = self.sessions.get_mut(&conn) else { return true };
        let Some(at) = session.up.queue.iter().position(|queued| *queued == block) else { return false };
        session.up.queue.remove(at);
        // BEP 6: a cancelled request is answered all the same.
        self.refuse_block(conn, block);
        true
    }
}

/// BEP 6: a choke refuses nothing by itself, each request is refused by name; but allowed fast ones stay.
fn refuse_all(session: &mut Session) {
    let queue = std::mem::take(&mut session.up.queue);
    let fast = session.is_fast();
    for block in queue {
        if fast && session.up.allowed.contains(&block.piece) {
            session.up.queue.push_back(block);
        } else if fast {
            session.say(&Message::Reject(block));
        }
    }
}
