//! Everything that happens because time passes.
//!
//! One tick looks at all that is due: often while somebody waits for bytes, rarely otherwise, and never when nobody is
//! there, so that a thousand idle torrents cost nothing.

use super::{
    Engine, Reason,
    budget::{HANDSHAKE_TIMEOUT, KEEP_ALIVE, SILENCE},
    exchange::is_exchangeable,
};
use crate::{
    ids::ConnId,
    time::Time,
    wire::{Message, extension::PexMessage},
};
use bytes::Bytes;
use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

/// While a reader waits. A hedge is at most this late.
const URGENT: Duration = Duration::from_millis(50);
/// While something is fetched.
const BUSY: Duration = Duration::from_millis(250);
/// While there are peers.
const QUIET: Duration = Duration::from_secs(1);
/// How long a peer that has everything, as we do, may stay; and when there is no room for others, one that neither has
/// nor wants anything.
const USELESS_AFTER: Duration = Duration::from_secs(30);

impl Engine {
    pub(super) fn next_wake(&self) -> Option<Time> {
        let upload = self.upload_limiter.opens_at().filter(|_| !self.throttled.is_empty());
        let starved = !self.hungry.is_empty();
        let download = self.download_limiter.opens_at().filter(|_| starved);
        [self.next_tick, upload, download].into_iter().flatten().min()
    }

    /// Sets the next tick, if there is anything to look after.
    pub(super) fn arm(&mut self, now: Time) {
        let fetching = self.is_fetching(now.max(self.paused_until));
        let sources = !self.sessions.is_empty() || (fetching && !self.web_seeds.is_empty());
        if !sources {
            self.next_tick = None;
            return;
        }
        let interval = match (fetching, self.window.is_empty()) {
            (true, false) => URGENT,
            (true, true) => BUSY,
            (false, _) => QUIET,
        };
        let due = now + interval;
        self.next_tick = Some(self.next_tick.map_or(due, |at| at.min(due)));
    }

    pub(super) fn wake(&mut self, now: Time) {
        self.end_throttle(now);
        if self.next_tick.is_none_or(|at| now < at) {
            return;
        }
        self.next_tick = None;
        if now >= self.next_second {
            self.next_second = now + QUIET;
            self.each_second(now);
        }
        if self.is_fetching(now) {
            self.find_late(now);
            self.expire_fetches(now);
            self.feed_seeds = true;
        }
    }

    fn each_second(&mut self, now: Time) {
        self.end_silent(now);
        self.expire_metadata(now);
        if let Some(pieces) = &mut self.pieces {
            pieces.forgive();
        }
        let conns: Vec<ConnId> = self.sessions.keys().copied().collect();
        for conn in &conns {
            self.update_interest(*conn);
        }
        let useful = |s: &super::session::Session| s.am_interested && !s.down.snubbed;
        if self.sessions.values().any(useful) {
            self.alone_since = None;
        } else {
            self.alone_since.get_or_insert(now);
        }
        if self.choker.is_due(now) {
            self.rechoke(now);
        }
        if self.config.exchange {
            self.exchange(now);
        }
        // Peers with blocks that were freed meanwhile, or that have been snubbed.
        self.hungry.extend(self.sessions.keys());
    }

    fn end_silent(&mut self, now: Time) {
        let mut ends = Vec::new();
        let mut greets = Vec::new();
        let full = self.sessions.len() >= self.config.max_peers;
        for (conn, session) in &mut self.sessions {
            // A handshake that drips does not keep its place: it is timed from the start.
            let gone = match session.handshake {
                Some(_) => now.since(session.last_received) >= SILENCE,
                None => now.since(session.since) >= HANDSHAKE_TIMEOUT,
            };
            if gone {
                ends.push((*conn, Reason::Silent));
            } else if now.since(session.since) >= USELESS_AFTER
                && ((self.complete && session.is_seed())
                    || (full && !session.interested && !session.am_interested))
            {
                ends.push((*conn, Reason::Useless));
            } else if session.may_speak(now) {
                if now.since(session.last_sent) >= KEEP_ALIVE {
                    session.say(&Message::KeepAlive);
                    greets.push(*conn);
                } else if session.haves_sent < self.have_log.len() {
                    greets.push(*conn);
                }
            }
        }
        for (conn, reason) in ends {
            self.part(conn, Some(reason), now);
        }
        for conn in greets {
            self.mark(conn);
        }
    }

    /// Tells peers of each other (BEP 11).
    fn exchange(&mut self, now: Time) {
        let due = |s: &super::session::Session| s.extensions.ut_pex.is_some() && s.pex.is_due(now);
        if !self.sessions.values().any(due) {
            return;
        }
        let private = self.config.exchange_private;
        let callable: BTreeSet<SocketAddr> = self
            .sessions
            .values()
            .filter(|session| session.handshake.is_some())
            .filter_map(|session| session.callable)
            .filter(|address| is_exchangeable(*address, private))
            .collect();
        let mut told = Vec::new();
        for (conn, session) in &mut self.sessions {
            let Some(id) = session.extensions.ut_pex.filter(|_| session.pex.is_due(now)) else { continue };
            let mut others = callable.clone();
            for own in [session.callable, session.address].into_iter().flatten() {
                others.remove(&own);
            }
            let message: Option<PexMessage> = session.pex.tell(&others, now);
            if let Some(message) = message {
                session.say(&Message::Extended { id, payload: Bytes::from(message.encode()) });
                told.push(*conn);
            }
        }
        for conn in told {
            self.mark(conn);
        }
    }
}
