//! Serving: who wants what, whose turn it is, and what may be in memory meanwhile. No I/O.
//!
//! ```text
//!   receive ─▶ queued ─ next_lookup ─▶ loading ─ found ─▶ outbox ─ next_message ─▶ in flight ─ sent ─▶ (gone)
//!                ▲                        │ nothing there
//!                └──── arrived ─── unmet ◀┘
//! ```
//!
//! A want that was answered is forgotten, so the same want a second time is served a second time. One that could
//! not be met waits, as the oldest of [`MAX_WANTS`](super::limits::MAX_WANTS), for the block to arrive.
//! Lookups go round the peers, one each; [`PEER_BUDGET`] and
//! [`TOTAL_BUDGET`] count what is loading (as a largest block), waiting and in flight.

mod ledger;
mod outbox;

#[cfg(test)]
mod tests;

use super::{
    limits::{MAX_BLOCK, PEER_BUDGET, TOTAL_BUDGET},
    wire::{Entry, Message, WantType},
};
use bytes::Bytes;
use ledger::Ledger;
use libp2p::PeerId;
use osp_core::Cid;
use std::collections::{HashMap, VecDeque};

/// Lookups under way for all peers.
const MAX_LOOKUPS: usize = 64;
/// Lookups under way for one peer.
const PEER_LOOKUPS: usize = 16;

/// One question to [`Blocks`](super::Blocks).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lookup {
    /// Who wants to know.
    pub(crate) peer: PeerId,
    /// The block.
    pub(crate) cid: Cid,
    /// The block itself, or whether it is there.
    pub(crate) want: WantType,
    /// Tells this lookup from an earlier one of the same block.
    pub(crate) ticket: u64,
}

/// The answer to a [`Lookup`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The block.
    Block(Bytes),
    /// It is there.
    Here,
    /// It is not there, or not to be served.
    Nothing,
}

/// All peers' wants.
#[derive(Default)]
pub(crate) struct Server {
    peers: HashMap<PeerId, Ledger>,
    /// Peers with something queued, in turn.
    turns: VecDeque<PeerId>,
    next_ticket: u64,
    lookups: usize,
    /// Bytes loading, waiting and in flight for all peers.
    held: usize,
}

impl Server {
    /// A message's wants came from a peer.
    pub(crate) fn receive(&mut self, peer: PeerId, entries: Vec<Entry>, full: bool) {
        let ticket = &mut self.next_ticket;
        let ledger = self.peers.entry(peer).or_default();
        let before = ledger.held();
        ledger.receive(entries, full, ticket);
        self.held = self.held + ledger.held() - before;
        self.take_turn(peer);
    }

    /// The next block to look for, if the budgets allow one.
    pub(crate) fn next_lookup(&mut self) -> Option<Lookup> {
        if self.lookups >= MAX_LOOKUPS || self.held + MAX_BLOCK > TOTAL_BUDGET {
            return None;
        }
        for _ in 0..self.turns.len() {
            let peer = self.turns.pop_front()?;
            let Some(ledger) = self.peers.get_mut(&peer) else { continue };
            let before = ledger.held();
            if ledger.lookups() >= PEER_LOOKUPS || before + MAX_BLOCK > PEER_BUDGET || ledger.is_full() {
                self.turns.push_back(peer);
                continue;
            }
            let Some((ticket, cid, want)) = ledger.start_lookup() else { continue };
            self.held = self.held + ledger.held() - before;
            self.lookups += 1;
            self.take_turn(peer);
            return Some(Lookup { peer, cid, want, ticket });
        }
        None
    }

    /// The answer to a lookup; every lookup must get one.
    pub(crate) fn found(&mut self, lookup: &Lookup, found: Found) {
        self.lookups -= 1;
        self.change(&lookup.peer, |ledger| ledger.found(lookup, found));
    }

    /// The next message for a peer, if there is anything to say. Its bytes count until [`Server::sent`].
    pub(crate) fn next_message(&mut self, peer: &PeerId) -> Option<Message> {
        self.change(peer, Ledger::next_message).flatten()
    }

    /// The oldest message in flight to this peer was written.
    pub(crate) fn sent(&mut self, peer: &PeerId) {
        self.change(peer, Ledger::sent);
    }

    /// The peer is gone, or what was in flight to it is lost: nothing of it is kept.
    pub(crate) fn gone(&mut self, peer: &PeerId) {
        if let Some(ledger) = self.peers.remove(peer) {
            self.held -= ledger.held();
        }
        self.turns.retain(|other| other != peer);
    }

    /// Blocks have come into the store: whoever waits for one gets it.
    pub(crate) fn arrived(&mut self, cids: &[Cid]) {
        for (peer, ledger) in &mut self.peers {
            if ledger.requeue(cids, &mut self.next_ticket) && !self.turns.contains(peer) {
                self.turns.push_back(*peer);
            }
        }
    }

    /// Bytes loading, waiting and in flight, for all peers.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    fn change<T>(&mut self, peer: &PeerId, change: impl FnOnce(&mut Ledger) -> T) -> Option<T> {
        let ledger = self.peers.get_mut(peer)?;
        let before = ledger.held();
        let result = change(ledger);
        self.held = self.held + ledger.held() - before;
        Some(result)
    }

    fn take_turn(&mut self, peer: PeerId) {
        if self.peers.get(&peer).is_some_and(Ledger::has_queued) && !self.turns.contains(&peer) {
            self.turns.push_back(peer);
        }
    }
}
