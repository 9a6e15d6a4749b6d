//! The tracker itself: who is in which swarm, and whom to tell of whom.
//!
//! One swarm has two kinds of members. Who announced over HTTP or UDP can be **called** at an address; who announced
//! over a WebSocket can only be **reached** by passing offers and answers on. The kinds do not mix in what is handed
//! out, but they count together.
//!
//! ```text
//!               Registry                          budgets: swarms, members in all, per address
//!   infohash ──▶ Swarm                                     members a swarm, and per address in it
//!                 ├─ callable    address  ▶ peer id, key, scope    loopback and private addresses go only to those
//!                 └─ reachable   peer id  ▶ connection        to whom they mean the same machine
//! ```
//!
//! The node that the tracker is part of need not announce what it has: it is a *resident* of those swarms
//! ([`Registry::announce_web_beside`]), so that ten thousand tracks which nobody plays cost nothing.
//!
//! Peers are chosen at random; who has everything is told only of those who have not. Members leave when they say
//! so, when their connection closes, or when they have not announced for a while ([`Registry::expire`], to be called
//! now and then).

mod limits;
mod pool;
mod scope;
mod swarm;
mod web;

pub use limits::{Limits, Refused};
pub use web::WebAnswer;

use crate::{AnnounceKey, Event, Interval, Stats, random::Random};
use osp_swarm::{InfoHash, PeerId, Time};
use scope::{Scope, holder};
use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, SocketAddr},
};
use swarm::{Callable, Common, Swarm, count_down};

/// A WebSocket connection, as the caller numbers them; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WsConn(pub u64);

/// An announce of somebody who can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announce {
    /// The swarm.
    pub infohash: InfoHash,
    /// Who.
    pub peer_id: PeerId,
    /// Where: the address the announce came from, and the port that it says.
    pub address: SocketAddr,
    /// What it reports.
    pub event: Event,
    /// Bytes still to come; `None` when it does not say.
    pub left: Option<u64>,
    /// Most peers that are wanted; `None`: as many as there are for one.
    pub want: Option<u32>,
    /// What others at the same address do not know.
    pub key: Option<AnnounceKey>,
}

/// What an announce is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How many are in the swarm.
    pub stats: Stats,
    /// When to announce next.
    pub interval: Interval,
    /// Some of the others.
    pub peers: Vec<(SocketAddr, PeerId)>,
}

/// How much the tracker holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Swarms with at least one member.
    pub swarms: usize,
    /// Members who can be called, each swarm counted.
    pub callable: usize,
    /// Members whom offers reach, each swarm counted.
    pub reachable: usize,
}

/// Whether somebody has everything. `completed` and later announces of `bittorrent-tracker` do not say what is left.
fn is_complete(event: Event, left: Option<u64>, before: Option<&Common>) -> bool {
    match left {
        Some(left) => left == 0,
        None => event == Event::Completed || before.is_some_and(|before| before.complete),
    }
}

/// The tracker.
#[derive(Debug)]
pub struct Registry {
    limits: Limits,
    random: Random,
    swarms: HashMap<InfoHash, Swarm>,
    /// Members by address, in all swarms.
    holders: HashMap<IpAddr, usize>,
    /// Where a connection is a member.
    connections: HashMap<WsConn, HashSet<(InfoHash, PeerId)>>,
    counts: Counts,
}

impl Registry {
    /// An empty tracker. `seed` decides who is told of whom.
    #[must_use]
    pub fn new(limits: Limits, seed: u64) -> Self {
        Self {
            limits,
            random: Random::new(seed),
            swarms: HashMap::new(),
            holders: HashMap::new(),
            connections: HashMap::new(),
            counts: Counts::default(),
        }
    }

    /// Somebody who can be called announces. `Stopped` is answered with nobody.
    ///
    /// # Errors
    /// [`Refused`]: then nothing has changed.
    pub fn announce(&mut self, now: Time, announce: &Announce) -> Result<Answer, Refused> {
        let Announce { infohash, peer_id, event, left, key, .. } = *announce;
        let address = SocketAddr::new(announce.address.ip().to_canonical(), announce.address.port());
        let scope = Scope::of(address.ip()).filter(|_| address.port() != 0).ok_or(Refused::Address)?;
        let interval = Interval { usual: Some(self.limits.interval), min: Some(self.limits.min_interval) };
        let known = self.swarms.get(&infohash).and_then(|swarm| swarm.callable.get(&address));
        let own = known.is_none_or(|peer| peer.is_announced_by(peer_id, key));
        if event == Event::Stopped {
            // Behind one address there may be many, and the port is only what the announce says.
            if own {
                self.remove_callable(infohash, &address);
            }
            return Ok(Answer { stats: self.scrape(infohash), interval, peers: Vec::new() });
        }
        let owned = known.map_or(now, |peer| peer.owned);
        let known = known.map(|peer| peer.common);
        // Whoever said the port first has it while it announces; one that crashed and came back, after that.
        let takes = own || now.since(owned) >= self.limits.expiry;
        let complete = is_complete(event, left, known.as_ref());
        let common = Common { holder: holder(address.ip()), complete, seen: now };
        if let Some(before) = known {
            self.update(infohash, &before, &common, |swarm| {
                if let Some(peer) = swarm.callable.get_mut(&address) {
                    peer.common = common;
                    if takes {
                        *peer = Callable {
                            peer_id,
                            key: if own { key.or(peer.key) } else { key },
                            owned: now,
                            scope,
                            common,
                        };
                    }
                }
            });
        } else {
            let swarm = self.enter(infohash, &common, scope)?;
            swarm.callable.add(address, Callable { peer_id, key, owned: now, scope, common });
            self.counts.callable += 1;
        }
        let want = announce.want.map_or(self.limits.peers_per_reply, |want| {
            self.limits.peers_per_reply.min(usize::try_from(want).unwrap_or(usize::MAX))
        });
        let open = self.limits.allow_private;
        let Some(swarm) = self.swarms.get(&infohash) else { return Err(Refused::Swarms) };
        let fit = |other: &SocketAddr, peer: &Callable| {
            *other != address
                && peer.peer_id != peer_id
                && (open || scope.sees(peer.scope))
                && !(common.complete && peer.common.complete)
        };
        let chosen = swarm.callable.choose(want, &mut self.random, fit);
        let peers = chosen.map(|(address, peer)| (*address, peer.peer_id)).collect();
        Ok(Answer { stats: swarm.stats(), interval, peers })
    }

    /// How many are in a swarm.
    #[must_use]
    pub fn scrape(&self, infohash: InfoHash) -> Stats {
        self.swarms.get(&infohash).map(Swarm::stats).unwrap_or_default()
    }

    /// How much the tracker holds.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts { swarms: self.swarms.len(), ..self.counts }
    }

    /// Whether it holds nothing at all, budgets' counters included.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.swarms.is_empty() && self.holders.is_empty() && self.connections.is_empty()
    }

    /// Takes out who has not announced for [`Limits::expiry`] (over WebSockets: [`Limits::web_expiry`]).
    pub fn expire(&mut self, now: Time) {
        let Limits { expiry, web_expiry, .. } = self.limits;
        let (mut callable, mut reachable) = (Vec::new(), Vec::new());
        for (infohash, swarm) in &self.swarms {
            let old = swarm.callable.keys_of(|peer| now.since(peer.common.seen) > expiry);
            callable.extend(old.into_iter().map(|address| (*infohash, address)));
            let old = swarm.reachable.keys_of(|peer| now.since(peer.common.seen) > web_expiry);
            reachable.extend(old.into_iter().map(|peer_id| (*infohash, peer_id)));
        }
        for (infohash, address) in callable {
            self.remove_callable(infohash, &address);
        }
        for (infohash, peer_id) in reachable {
            self.remove_reachable(infohash, &peer_id);
        }
    }

    /// Takes out a swarm with all its members, as when its content was blocked.
    pub fn forget(&mut self, infohash: InfoHash) {
        let Some(swarm) = self.swarms.get(&infohash) else { return };
        let (callable, reachable) = (swarm.callable.keys_of(|_| true), swarm.reachable.keys_of(|_| true));
        callable.iter().for_each(|address| self.remove_callable(infohash, address));
        reachable.iter().for_each(|peer_id| self.remove_reachable(infohash, peer_id));
    }

    /// The swarms, in no order.
    pub fn swarms(&self) -> impl Iterator<Item = InfoHash> {
        self.swarms.keys().copied()
    }

    /// Makes room for a new member, within the budgets, and counts it.
    fn enter(&mut self, infohash: InfoHash, common: &Common, scope: Scope) -> Result<&mut Swarm, Refused> {
        let limits = &self.limits;
        if self.counts.callable + self.counts.reachable >= limits.members {
            return Err(Refused::Members);
        }
        let (len, here) =
            self.swarms.get(&infohash).map_or((0, 0), |s| (s.len(), s.of_holder(common.holder)));
        if len == 0 && self.swarms.len() >= limits.swarms {
            return Err(Refused::Swarms);
        }
        if len >= limits.members_a_swarm {
            return Err(Refused::Swarm);
        }
        // This machine is not counted: behind a reverse proxy that is everybody.
        let all = self.holders.get(&common.holder).copied().unwrap_or(0);
        if scope != Scope::Loopback && (here >= limits.per_address_a_swarm || all >= limits.per_address) {
            return Err(Refused::Holder);
        }
        *self.holders.entry(common.holder).or_insert(0) += 1;
        let swarm = self.swarms.entry(infohash).or_default();
        swarm.count_in(common);
        Ok(swarm)
    }

    /// A member announces again.
    fn update(
        &mut self,
        infohash: InfoHash,
        before: &Common,
        after: &Common,
        replace: impl FnOnce(&mut Swarm),
    ) {
        let Some(swarm) = self.swarms.get_mut(&infohash) else { return };
        swarm.count_out(before);
        swarm.count_in(after);
        if after.complete && !before.complete {
            swarm.downloaded = swarm.downloaded.saturating_add(1);
        }
        replace(swarm);
    }

    fn remove_callable(&mut self, infohash: InfoHash, address: &SocketAddr) {
        let Some(swarm) = self.swarms.get_mut(&infohash) else { return };
        if let Some(peer) = swarm.callable.remove(address) {
            self.counts.callable -= 1;
            self.left(infohash, &peer.common);
        }
    }

    /// Counts one who has left. A swarm without members is forgotten.
    fn left(&mut self, infohash: InfoHash, common: &Common) {
        count_down(&mut self.holders, common.holder);
        if let Some(swarm) = self.swarms.get_mut(&infohash) {
            swarm.count_out(common);
            if swarm.is_empty() {
                self.swarms.remove(&infohash);
            }
        }
    }
}
