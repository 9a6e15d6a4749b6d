//! One peer's wants.

use super::{Found, Lookup, outbox::Outbox};
use crate::bitswap::{
    Key,
    limits::{MAX_BLOCK, MAX_WANTS},
    wire::{Block, Entry, Message, Presence, WantType},
};
use osp_core::Cid;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

/// Where a want stands. The number orders it among its like, and tells it from an earlier want of the same block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Queued(u64),
    Loading(u64),
    Unmet(u64),
}

#[derive(Debug)]
struct Want {
    cid: Cid,
    want: WantType,
    send_dont_have: bool,
    state: State,
}

/// What one peer wants, and what is on its way to it.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    wants: HashMap<Key, Want>,
    queued: BTreeMap<u64, Key>,
    unmet: BTreeMap<u64, Key>,
    /// Lookups under way, with the bytes set aside for each.
    loading: HashMap<u64, usize>,
    outbox: Outbox,
}

impl Ledger {
    /// Bytes set aside, waiting and in flight.
    pub(super) fn held(&self) -> usize {
        self.loading.values().sum::<usize>() + self.outbox.held()
    }

    pub(super) fn lookups(&self) -> usize {
        self.loading.len()
    }

    pub(super) fn has_queued(&self) -> bool {
        !self.queued.is_empty()
    }

    /// Whether the peer does not fetch its answers.
    pub(super) fn is_full(&self) -> bool {
        self.outbox.is_full()
    }

    pub(super) fn receive(&mut self, mut entries: Vec<Entry>, full: bool, ticket: &mut u64) {
        if full {
            self.wants.clear();
            self.queued.clear();
            self.unmet.clear();
            self.outbox.clear();
        }
        // Stable: equals stay in the order they were written.
        entries.sort_by_key(|entry| Reverse(entry.priority));
        for entry in entries {
            if entry.cancel {
                self.cancel(entry.cid.hash());
            } else {
                *ticket += 1;
                self.want(entry, *ticket);
            }
        }
    }

    fn cancel(&mut self, key: &Key) {
        self.remove(key);
        self.outbox.cancel(key);
    }

    fn remove(&mut self, key: &Key) -> Option<Want> {
        let want = self.wants.remove(key)?;
        match want.state {
            State::Queued(at) => drop(self.queued.remove(&at)),
            State::Unmet(at) => drop(self.unmet.remove(&at)),
            State::Loading(_) => {}
        }
        Some(want)
    }

    fn want(&mut self, entry: Entry, ticket: u64) {
        let key = *entry.cid.hash();
        if let Some(known) = self.wants.get_mut(&key) {
            let more = entry.want == WantType::Block && known.want == WantType::Have;
            match known.state {
                // Already on its way, and a question does not lessen a want.
                State::Queued(_) => {
                    if more {
                        known.want = WantType::Block;
                    }
                    known.send_dont_have |= entry.send_dont_have;
                    return;
                }
                State::Loading(_) if !more => return,
                State::Loading(_) | State::Unmet(_) => {}
            }
            self.remove(&key);
        }
        if self.wants.len() >= MAX_WANTS && !self.forget_oldest_unmet() {
            return;
        }
        let Entry { cid, want, send_dont_have, .. } = entry;
        self.queued.insert(ticket, key);
        self.wants.insert(key, Want { cid, want, send_dont_have, state: State::Queued(ticket) });
    }

    fn forget_oldest_unmet(&mut self) -> bool {
        let Some((_, key)) = self.unmet.pop_first() else { return false };
        self.wants.remove(&key);
        true
    }

    /// Queues the unmet wants among `cids` again; whether there was one.
    pub(super) fn requeue(&mut self, cids: &[Cid], ticket: &mut u64) -> bool {
        if self.unmet.is_empty() {
            return false;
        }
        for cid in cids {
            let Some(want) = self.wants.get_mut(cid.hash()) else { continue };
            let State::Unmet(at) = want.state else { continue };
            *ticket += 1;
            want.state = State::Queued(*ticket);
            self.unmet.remove(&at);
            self.queued.insert(*ticket, *cid.hash());
        }
        self.has_queued()
    }

    /// Takes the next want to look for.
    pub(super) fn start_lookup(&mut self) -> Option<(u64, Cid, WantType)> {
        let (ticket, key) = self.queued.pop_first()?;
        let want = self.wants.get_mut(&key)?;
        want.state = State::Loading(ticket);
        self.loading.insert(ticket, if want.want == WantType::Block { MAX_BLOCK } else { 0 });
        Some((ticket, want.cid, want.want))
    }

    pub(super) fn found(&mut self, lookup: &Lookup, found: Found) {
        // From before this peer came back, or not ours.
        if self.loading.remove(&lookup.ticket).is_none() {
            return;
        }
        let key = lookup.cid.hash();
        let Some(want) = self.wants.get_mut(key) else { return };
        if want.state != State::Loading(lookup.ticket) {
            return;
        }
        // A block over the limit could not be sent; nor could anything that is no block of ours.
        let found = match found {
            Found::Block(data) if data.len() > MAX_BLOCK => Found::Nothing,
            other => other,
        };
        match found {
            Found::Block(data) => self.outbox.block(Block { cid: want.cid, data }),
            Found::Here => self.outbox.presence(want.cid, Presence::Have),
            Found::Nothing => {
                if want.send_dont_have {
                    self.outbox.presence(want.cid, Presence::DontHave);
                }
                want.state = State::Unmet(lookup.ticket);
                self.unmet.insert(lookup.ticket, *key);
                return;
            }
        }
        self.wants.remove(key);
    }

    pub(super) fn next_message(&mut self) -> Option<Message> {
        self.outbox.next_message()
    }

    pub(super) fn sent(&mut self) {
        self.outbox.sent();
    }

    #[cfg(test)]
    pub(super) fn wants(&self) -> usize {
        self.wants.len()
    }
}
