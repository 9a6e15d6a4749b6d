//! Members whom offers reach: announces over WebSockets, and what is passed on between them.

use super::{
    Common, Refused, Registry, WsConn, is_complete,
    scope::{Scope, holder},
    swarm::Reachable,
};
use crate::{
    Event, Interval, Stats,
    ws::{
        Offer, Reply,
        request::{Announce, Answer},
    },
};
use osp_swarm::{InfoHash, PeerId, Time};
use std::net::IpAddr;

/// What to send after a message: to its sender, and to others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebAnswer {
    /// To whom it came from.
    pub reply: Option<Reply>,
    /// To other connections (or, for other peers on the same one, to the same).
    pub relay: Vec<(WsConn, Reply)>,
    /// To the resident: it answers by [`Reply::Answer`] to the sender.
    pub resident: Option<Offer>,
}

impl Registry {
    /// Somebody announces over connection `conn`, which comes from `from`. Each offer goes to one other member.
    ///
    /// # Errors
    /// [`Refused`]: then nothing has changed.
    pub fn announce_web(
        &mut self,
        now: Time,
        conn: WsConn,
        from: IpAddr,
        announce: &Announce,
    ) -> Result<WebAnswer, Refused> {
        self.announce_web_beside(now, conn, from, announce, None)
    }

    /// [`Registry::announce_web`] in a swarm of which `resident` has everything: the node that this tracker is part of.
    /// It is no member, announces nothing and costs nothing until somebody offers; then it is chosen like one. Whoever
    /// announces with its peer id (it does so itself, for what it plays) is given no offers.
    ///
    /// # Errors
    /// [`Refused`]: then nothing has changed.
    pub fn announce_web_beside(
        &mut self,
        now: Time,
        conn: WsConn,
        from: IpAddr,
        announce: &Announce,
        resident: Option<PeerId>,
    ) -> Result<WebAnswer, Refused> {
        let Announce { infohash, peer_id, event, left, .. } = *announce;
        let known = self.swarms.get(&infohash).and_then(|swarm| swarm.reachable.get(&peer_id));
        let known = known.map(|peer| (peer.conn, peer.common));
        let complete = is_complete(event, left, known.as_ref().map(|(_, before)| before));
        let common = Common { holder: holder(from), complete, seen: now };
        if let Some((other, before)) = known
            && other != conn
            // Somebody whose connection broke comes back before we have noticed.
            && before.holder != common.holder
        {
            return Err(Refused::PeerId);
        }
        if event == Event::Stopped {
            // Others behind the same address know the peer id, too; the connection is its own.
            if known.is_some_and(|(member, _)| member == conn) {
                self.remove_reachable(infohash, &peer_id);
            }
            return Ok(WebAnswer { reply: Some(self.announced(infohash, resident)), ..WebAnswer::default() });
        }
        match known {
            Some((other, before)) => {
                self.update(infohash, &before, &common, |swarm| {
                    if let Some(peer) = swarm.reachable.get_mut(&peer_id) {
                        *peer = Reachable { conn, common };
                    }
                });
                if other != conn {
                    self.detach(other, infohash, peer_id);
                }
            }
            None => {
                let scope = Scope::of(from).unwrap_or(Scope::Public);
                let swarm = self.enter(infohash, &common, scope)?;
                swarm.reachable.add(peer_id, Reachable { conn, common });
                self.counts.reachable += 1;
            }
        }
        self.connections.entry(conn).or_default().insert((infohash, peer_id));
        let offers = &announce.offers[..announce.offers.len().min(self.limits.offers_per_announce)];
        let Some(swarm) = self.swarms.get(&infohash) else { return Err(Refused::Swarms) };
        let (first, rest) = match offers {
            // As likely as every other, and sure of one where there are enough for all.
            [first, rest @ ..]
                if resident.is_some_and(|id| id != peer_id)
                    && !common.complete
                    && self.random.below(swarm.reachable.len().max(1)) < offers.len() =>
            {
                (Some(first.clone()), rest)
            }
            _ => (None, offers),
        };
        let fit = |other: &PeerId, peer: &Reachable| {
            *other != peer_id && Some(*other) != resident && !(common.complete && peer.common.complete)
        };
        let chosen = swarm.reachable.choose(rest.len(), &mut self.random, fit);
        let relay = chosen
            .zip(rest)
            .map(|((_, peer), offer)| (peer.conn, Reply::Offer { infohash, peer_id, offer: offer.clone() }))
            .collect();
        Ok(WebAnswer { reply: Some(self.announced(infohash, resident)), relay, resident: first })
    }

    /// Somebody answers an offer: it goes to who offered. Nothing goes anywhere when that one has left.
    ///
    /// # Errors
    /// [`Refused::Stranger`]
    pub fn answer_web(&mut self, conn: WsConn, answer: &Answer) -> Result<WebAnswer, Refused> {
        let Answer { infohash, peer_id, to, offer_id, .. } = *answer;
        let swarm = self.swarms.get(&infohash).ok_or(Refused::Stranger)?;
        if swarm.reachable.get(&peer_id).is_none_or(|peer| peer.conn != conn) {
            return Err(Refused::Stranger);
        }
        let sdp = answer.sdp.clone();
        let pass = |to: &Reachable| (to.conn, Reply::Answer { infohash, peer_id, offer_id, sdp });
        let relay = swarm.reachable.get(&to).map(pass).into_iter().collect();
        Ok(WebAnswer { relay, ..WebAnswer::default() })
    }

    /// A connection has closed: its members leave.
    pub fn closed(&mut self, conn: WsConn) {
        for (infohash, peer_id) in self.connections.remove(&conn).unwrap_or_default() {
            self.remove_reachable(infohash, &peer_id);
        }
    }

    pub(super) fn remove_reachable(&mut self, infohash: InfoHash, peer_id: &PeerId) {
        let Some(swarm) = self.swarms.get_mut(&infohash) else { return };
        if let Some(peer) = swarm.reachable.remove(peer_id) {
            self.counts.reachable -= 1;
            self.detach(peer.conn, infohash, *peer_id);
            self.left(infohash, &peer.common);
        }
    }

    /// A connection has one membership less.
    fn detach(&mut self, conn: WsConn, infohash: InfoHash, peer_id: PeerId) {
        if let Some(memberships) = self.connections.get_mut(&conn) {
            memberships.remove(&(infohash, peer_id));
            if memberships.is_empty() {
                self.connections.remove(&conn);
            }
        }
    }

    /// How many are in a swarm of which `resident` has everything, whether it announces or not.
    #[must_use]
    pub fn scrape_beside(&self, infohash: InfoHash, resident: PeerId) -> Stats {
        let mut stats = self.scrape(infohash);
        let member = self.swarms.get(&infohash).and_then(|swarm| swarm.reachable.get(&resident));
        match member {
            Some(member) if member.common.complete => {}
            Some(_) => {
                stats.complete += 1;
                stats.incomplete -= 1;
            }
            None => stats.complete += 1,
        }
        stats
    }

    fn announced(&self, infohash: InfoHash, resident: Option<PeerId>) -> Reply {
        let interval = Interval { usual: Some(self.limits.web_interval), min: None };
        let stats = resident.map_or_else(|| self.scrape(infohash), |id| self.scrape_beside(infohash, id));
        Reply::Announced { infohash, stats, interval }
    }
}
