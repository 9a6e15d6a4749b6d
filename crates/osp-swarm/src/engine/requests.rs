//! Asking peers for blocks, and noticing that they are late.

use super::{
    Demand, Engine, Event, Origin,
    budget::{LATE_SLACK, SNUB_AFTER, SNUB_AT_LAST},
    picker::{Asked, Picker},
    pieces::{BlockId, Sources},
    session::Pending,
};
use crate::{
    ids::{BLOCK_BYTES, ConnId, PieceIndex},
    time::Time,
    wire::Message,
};
use std::time::Duration;

/// A block must be this much before its deadline to be in time: its piece has to be whole, and checked.
const MARGIN: Duration = Duration::from_millis(500);
/// A range is this old before the rate of its web seed says when its blocks will come.
const RATE_KNOWN_AFTER: Duration = Duration::from_secs(1);
/// How much too late a web seed's block must be about to come to be asked of others.
const DRIP_SLACK: Duration = Duration::from_secs(1);
/// Most late blocks that are looked after at once.
const MAX_LATE: usize = 256;
/// Requests beyond its depth that a quick peer gets for blocks others are late with.
const RESCUES: u32 = 4;

/// A block that should have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Late {
    pub(crate) deadline: Time,
    pub(crate) id: BlockId,
    /// Who was asked for it.
    pub(crate) owner: Origin,
    /// Until when this holds; it is worked out anew by then.
    pub(crate) until: Time,
}

impl Engine {
    /// Whether anything is fetched at all.
    pub(super) fn is_fetching(&self, now: Time) -> bool {
        !self.complete
            && self.pieces.is_some()
            && now >= self.paused_until
            && match self.demand {
                Demand::Everything => true,
                Demand::Windows => !self.window.is_empty(),
                Demand::Nothing => false,
            }
    }

    /// What is wanted, or who can be asked, has changed: deadlines and everybody's room are looked at anew.
    pub(super) fn look_again(&mut self, _now: Time) {
        if let Some(pieces) = &self.pieces {
            self.window.rebuild(pieces.geometry(), pieces.have(), self.config.window);
        }
        self.hungry.extend(self.sessions.keys());
        self.feed_seeds = true;
    }

    /// Gives every peer that has room something to send, the quickest first.
    pub(super) fn feed_peers(&mut self, now: Time) {
        if self.info.is_none() || !self.is_fetching(now) {
            self.hungry.clear();
            return;
        }
        // Who was snubbed comes last, so that it is not the one chosen for a piece that one alone may send.
        let mut order: Vec<(bool, Duration, ConnId)> = std::mem::take(&mut self.hungry)
            .into_iter()
            .filter_map(|conn| self.sessions.get(&conn).map(|session| (conn, &session.down)))
            .map(|(conn, down)| (down.snubbed, down.delay(), conn))
            .collect();
        order.sort_unstable();
        for (_, _, conn) in order {
            if self.download_limiter.is_open(now) {
                self.feed(conn, now);
            } else {
                self.hungry.insert(conn);
            }
        }
    }

    fn feed(&mut self, conn: ConnId, now: Time) {
        self.update_interest(conn);
        let Some(session) = self.sessions.get(&conn) else { return };
        let only = session.choking_us.then_some(session.down.allowed.as_slice());
        if !session.am_interested
            || now < session.down.rest_until
            || only.is_some_and(<[PieceIndex]>::is_empty)
        {
            return;
        }
        let mut ids = self.rescue(conn, now);
        let Some(session) = self.sessions.get(&conn) else { return };
        let room = session.room().saturating_sub(ids.len() as u32);
        // Few at a time would mean to look for them all the time.
        let worth = (session.down.depth / 8).max(1);
        if room >= worth {
            // Under a cap no more than it allows now, or the next seconds' worth would be asked for at once.
            let allowed = self.download_limiter.saved() / u64::from(BLOCK_BYTES) + 1;
            let picked = self.pick(conn, u64::from(room).min(allowed) as usize, now);
            for piece in picked.given_up {
                self.events.push_back(Event::Discard(piece));
            }
            ids.extend(picked.blocks);
        }
        self.request(conn, &ids, now);
    }

    fn pick(&mut self, conn: ConnId, count: usize, now: Time) -> super::picker::Picked {
        let sessions = &self.sessions;
        let (Some(pieces), Some(session)) = (&mut self.pieces, sessions.get(&conn)) else {
            return Default::default();
        };
        let Some(has) = session.pieces() else { return Default::default() };
        let (delay, snubbed) = (session.down.delay(), session.down.snubbed);
        let quicker: Vec<ConnId> = sessions
            .iter()
            .filter(|(other, session)| **other != conn && !session.choking_us && !session.down.snubbed)
            .filter(|(_, session)| snubbed || session.down.delay() * 2 < delay)
            .map(|(other, _)| *other)
            .collect();
        let web_seed = self.web_seeds.values().any(|seed| seed.works(now));
        let leave = |piece: PieceIndex, deadline: Time| {
            let late = snubbed || now + delay > deadline;
            late && (web_seed || quicker.iter().any(|other| sessions[other].has(piece)))
        };
        let only = session.choking_us.then_some(session.down.allowed.as_slice());
        let idle = session.down.pending.is_empty();
        let who = Asked { origin: Origin::Peer(conn), has, only, idle, leave: &leave };
        let mut picker = Picker {
            pieces,
            window: &self.window,
            availability: &self.availability,
            everything: self.demand == Demand::Everything,
            rng: &mut self.rng,
        };
        picker.pick(&who, count)
    }

    /// Blocks that others are late with and this peer may have sooner.
    fn rescue(&mut self, conn: ConnId, now: Time) -> Vec<BlockId> {
        let origin = Origin::Peer(conn);
        let (Some(pieces), Some(session)) = (&mut self.pieces, self.sessions.get(&conn)) else {
            return Vec::new();
        };
        let web_seed = self.web_seeds.values().any(|seed| seed.works(now));
        let mut out = Vec::new();
        if session.choking_us || session.down.snubbed || self.late.is_empty() {
            return out;
        }
        let room = session.room() + RESCUES;
        for late in &self.late {
            if out.len() as u32 >= room.min(RESCUES) {
                break;
            }
            let soon = now + session.down.delay() < late.deadline || !web_seed;
            if late.owner != origin && soon && session.has(late.id.piece) && pieces.ask(late.id, origin) {
                out.push(late.id);
            }
        }
        out
    }

    fn request(&mut self, conn: ConnId, ids: &[BlockId], now: Time) {
        let (Some(pieces), Some(session)) = (&self.pieces, self.sessions.get_mut(&conn)) else { return };
        if ids.is_empty() {
            return;
        }
        for id in ids {
            session.say(&Message::Request(pieces.block(*id)));
            session.down.pending.push_back(Pending { id: *id, at: now });
        }
        self.download_limiter.take(ids.len() as u64 * u64::from(BLOCK_BYTES));
        self.mark(conn);
    }

    /// Whether a peer has anything that we want, and tells it when that changed.
    pub(super) fn update_interest(&mut self, conn: ConnId) {
        let wants = self.wants(conn);
        let Some(session) = self.sessions.get_mut(&conn) else { return };
        if session.am_interested == wants {
            return;
        }
        session.am_interested = wants;
        session.say(if wants { &Message::Interested } else { &Message::NotInterested });
        self.mark(conn);
    }

    fn wants(&self, conn: ConnId) -> bool {
        let (Some(pieces), Some(session)) = (&self.pieces, self.sessions.get(&conn)) else { return false };
        let Some(theirs) = session.pieces() else { return false };
        if self.complete {
            return false;
        }
        match self.demand {
            Demand::Everything => {
                let both = theirs.as_bytes().iter().zip(pieces.have().as_bytes());
                theirs.count() > 0 && both.into_iter().any(|(theirs, ours)| theirs & !ours != 0)
            }
            Demand::Windows => {
                let mut window = self.window.list().iter().map(|(_, piece)| *piece);
                window.any(|piece| theirs.has(piece) && !pieces.have().has(piece))
            }
            Demand::Nothing => false,
        }
    }

    /// Finds peers that owe blocks and send none, and blocks that are late.
    pub(super) fn find_late(&mut self, now: Time) {
        let mut snubbed = Vec::new();
        let mut late = Vec::new();
        let until = now + Duration::from_secs(1);
        for (conn, session) in &self.sessions {
            let Some(oldest) = session.down.pending.front() else { continue };
            let idle = now.since(session.down.last_block.max(oldest.at));
            let patience = (session.down.delay() * 4).clamp(SNUB_AFTER, SNUB_AT_LAST);
            if idle >= patience {
                snubbed.push(*conn);
                continue;
            }
            let usual = session.down.delay.unwrap_or_default();
            for pending in &session.down.pending {
                let age = now.since(pending.at);
                if age < self.config.hedge_after {
                    break;
                }
                if let Some(deadline) = self.window.deadline(pending.id.piece)
                    && deadline < now + LATE_SLACK
                    // It is overdue, or it will come too late even if it takes no longer than usual.
                    && (age >= usual * 2 || pending.at + usual + MARGIN > deadline)
                {
                    late.push(Late { deadline, id: pending.id, owner: Origin::Peer(*conn), until });
                }
            }
        }
        for (id, seed) in &mut self.web_seeds {
            // What one range gets of it.
            let rate = seed.rate.get(now) / seed.fetches.len().max(1) as u64;
            for fetch in seed.fetches.values() {
                let stalled = now.since(fetch.moved.unwrap_or(fetch.started)) >= self.config.hedge_after;
                // Bytes that drip are no better than none: what they make late is asked of others, too.
                let measured = now.since(fetch.started) >= RATE_KNOWN_AFTER;
                if !stalled && !measured {
                    continue;
                }
                for block in &fetch.blocks {
                    let Some(deadline) =
                        self.window.deadline(block.piece).filter(|at| *at < now + LATE_SLACK)
                    else {
                        continue;
                    };
                    let end = self.pieces.as_ref().and_then(|p| p.geometry().block_range(p.block(*block)));
                    let arrival = fetch.arrival(end.map_or(0, |range| range.end), rate, now);
                    let drips = measured && arrival > deadline.max(now) + DRIP_SLACK;
                    if drips {
                        seed.behind = until;
                    }
                    if stalled || drips {
                        late.push(Late { deadline, id: *block, owner: Origin::WebSeed(*id), until });
                    }
                }
            }
        }
        late.sort_unstable();
        late.truncate(MAX_LATE);
        self.help_out(&late);
        if !late.is_empty() {
            self.hungry.extend(self.sessions.keys());
            self.feed_seeds = true;
        }
        self.late = late;
        for conn in snubbed {
            if let Some(session) = self.sessions.get_mut(&conn) {
                session.down.snubbed = true;
            }
            self.withdraw(conn, now);
        }
    }

    /// Lets others send what the one source of a piece is late with. The piece may come out bad again; then another one
    /// is chosen for it.
    fn help_out(&mut self, late: &[Late]) {
        let Some(pieces) = &mut self.pieces else { return };
        for late in late {
            let alone = pieces.active(late.id.piece).is_some_and(|a| a.sources == Sources::Only(late.owner));
            if alone && self.blame.is_slow(late.id.piece, late.owner) {
                pieces.relax(late.id.piece);
            }
        }
    }

    /// Takes back everything that anybody was asked for.
    pub(super) fn stop_fetching(&mut self, now: Time) {
        let owing: Vec<ConnId> = self
            .sessions
            .iter()
            .filter(|(_, session)| !session.down.pending.is_empty())
            .map(|(conn, _)| *conn)
            .collect();
        for conn in owing {
            self.withdraw(conn, now);
        }
        self.cancel_fetches(now);
    }
}
