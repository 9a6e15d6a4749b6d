//! The decisions: which peer is asked for which block, and what follows from what they send. No I/O, no clock.

use super::{error::BlockError, peer::Peer};
use crate::bitswap::{
    Key,
    limits::{MAX_SESSION_QUEUE, PEER_WINDOW, PROBES, SESSION_WINDOW, STALL},
    wire::{Block, Entry, Presence, WantType},
};
use bytes::Bytes;
use libp2p::PeerId;
use osp_core::Cid;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    time::Instant,
};

/// Names a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SessionId(pub(crate) u64);

/// What the engine wants done.
#[derive(Debug)]
pub(crate) enum Action {
    /// Wants and cancels to be sent.
    Send(PeerId, Entry),
    /// A session's block is here, or will not come.
    Done(SessionId, Cid, Result<(Bytes, PeerId), BlockError>),
    /// A peer is at fault and is to be dropped.
    Drop(PeerId, String),
}

/// What a peer said about a wanted block, as far as it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// Asked whether it has it; no answer yet.
    Nothing,
    Have,
    DontHave,
    /// It was asked for the block and did not send it in time.
    Stalled,
    /// It was asked for the block when it sent something else.
    Lied,
}

#[derive(Debug)]
struct Want {
    cid: Cid,
    sessions: BTreeSet<SessionId>,
    said: HashMap<PeerId, Said>,
    /// Who is to send it.
    source: Option<PeerId>,
}

#[derive(Debug, Default)]
struct State {
    peers: Vec<PeerId>,
    queue: VecDeque<Cid>,
    active: HashSet<Key>,
}

/// All sessions.
#[derive(Debug, Default)]
pub(crate) struct Engine {
    sessions: BTreeMap<SessionId, State>,
    peers: HashMap<PeerId, Peer>,
    wants: HashMap<Key, Want>,
    /// Wants without a source, because all who may have the block have enough to do.
    idle: VecDeque<Key>,
    actions: VecDeque<Action>,
}

impl Engine {
    /// The next thing to do. Ask after every call until there is none.
    pub(crate) fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// A session with these peers.
    pub(crate) fn open(&mut self, session: SessionId, peers: Vec<PeerId>) {
        self.sessions.insert(session, State { peers, ..State::default() });
    }

    /// A session may ask this peer too.
    pub(crate) fn add_peer(&mut self, session: SessionId, peer: PeerId, now: Instant) {
        if let Some(state) = self.sessions.get_mut(&session)
            && !state.peers.contains(&peer)
        {
            state.peers.push(peer);
            self.assign_idle(now);
        }
    }

    /// The session wants no more.
    pub(crate) fn close(&mut self, session: SessionId, now: Instant) {
        let Some(state) = self.sessions.remove(&session) else { return };
        for key in state.active {
            self.leave(session, &key);
        }
        self.assign_idle(now);
    }

    /// Whether a session counts on this peer.
    #[must_use]
    pub(crate) fn needs(&self, peer: &PeerId) -> bool {
        self.sessions.values().any(|state| state.peers.contains(peer))
    }

    /// A peer can be asked.
    pub(crate) fn connected(&mut self, peer: PeerId, now: Instant) {
        self.peers.entry(peer).or_insert_with(|| Peer::new(now));
        self.assign_idle(now);
    }

    /// A peer cannot be asked any more: it is gone, or does not speak Bitswap.
    pub(crate) fn disconnected(&mut self, peer: &PeerId, now: Instant) {
        let Some(lost) = self.peers.remove(peer) else { return };
        for want in self.wants.values_mut() {
            want.said.remove(peer);
        }
        self.reassign(lost, now);
    }

    /// As [`Engine::disconnected`], after it sent what it was not asked for: it is not asked for the same blocks again.
    fn lied(&mut self, peer: &PeerId, now: Instant) {
        let Some(lost) = self.peers.remove(peer) else { return };
        for (key, want) in &mut self.wants {
            want.said.remove(peer);
            if lost.due.contains(key) {
                want.said.insert(*peer, Said::Lied);
            }
        }
        self.reassign(lost, now);
    }

    fn reassign(&mut self, lost: Peer, now: Instant) {
        for key in lost.due {
            self.release(&key);
            self.assign(&key, now);
        }
        self.assign_idle(now);
    }

    /// A session wants a block, which must have a sha2-256 CID.
    pub(crate) fn want(&mut self, session: SessionId, cid: Cid, now: Instant) {
        let Some(state) = self.sessions.get_mut(&session) else { return };
        if state.active.contains(cid.hash()) {
            return;
        }
        if state.queue.len() >= MAX_SESSION_QUEUE {
            self.actions.push_back(Action::Done(session, cid, Err(BlockError::TooMany)));
            return;
        }
        state.queue.push_back(cid);
        self.fill(session, now);
    }

    /// A session does not want a block any more.
    pub(crate) fn cancel(&mut self, session: SessionId, cid: &Cid, now: Instant) {
        let Some(state) = self.sessions.get_mut(&session) else { return };
        if state.active.remove(cid.hash()) {
            self.leave(session, cid.hash());
            self.fill(session, now);
            self.assign_idle(now);
        } else {
            state.queue.retain(|queued| queued.hash() != cid.hash());
        }
    }

    /// What a peer sent. The blocks are hashed.
    pub(crate) fn received(
        &mut self,
        from: PeerId,
        blocks: Vec<Block>,
        presences: Vec<(Cid, Presence)>,
        now: Instant,
    ) {
        for block in blocks {
            let Some(peer) = self.peers.get_mut(&from) else { return };
            let key = *block.cid.hash();
            if !peer.take_expected(&key) {
                let reason = format!("it sent block {}, which it was not asked for", block.cid);
                self.actions.push_back(Action::Drop(from, reason));
                return self.lied(&from, now);
            }
            peer.progress = now;
            peer.stalls = 0;
            self.arrived(&key, block.data, from, now);
        }
        for (cid, presence) in presences {
            self.heard(from, cid.hash(), presence, now);
        }
        self.assign_idle(now);
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Instant) {
        let late = |peer: &Peer| !peer.due.is_empty() && now.duration_since(peer.progress) >= STALL;
        let stalled: Vec<PeerId> = self.peers.iter().filter(|(_, p)| late(p)).map(|(id, _)| *id).collect();
        for id in stalled {
            let Some(peer) = self.peers.get_mut(&id) else { continue };
            peer.stalls += 1;
            let due: Vec<Key> = peer.due.drain().collect();
            for key in &due {
                if let Some(want) = self.wants.get_mut(key) {
                    want.source = None;
                    want.said.insert(id, Said::Stalled);
                    self.actions.push_back(Action::Send(id, Entry::cancel(want.cid)));
                }
            }
            for key in due {
                self.assign(&key, now);
            }
        }
        self.assign_idle(now);
    }

    /// When [`Engine::tick`] is next of use.
    #[must_use]
    pub(crate) fn next_tick(&self) -> Option<Instant> {
        self.peers.values().filter(|peer| !peer.due.is_empty()).map(|peer| peer.progress + STALL).min()
    }

    /// Wants that are being asked for.
    #[cfg(test)]
    pub(crate) fn active(&self) -> usize {
        self.wants.len()
    }

    fn arrived(&mut self, key: &Key, data: Bytes, from: PeerId, now: Instant) {
        // Cancelled meanwhile, or a second copy.
        let Some(want) = self.wants.remove(key) else { return };
        self.forget(key, &want, Some(from));
        for session in want.sessions {
            self.actions.push_back(Action::Done(session, want.cid, Ok((data.clone(), from))));
            self.finished(session, key, now);
        }
    }

    /// Tells everybody who was asked for a block, but `from`, that it is no longer wanted.
    fn forget(&mut self, key: &Key, want: &Want, from: Option<PeerId>) {
        for peer in self.peers.values_mut() {
            peer.due.remove(key);
        }
        for (peer, said) in &want.said {
            let open = matches!(said, Said::Nothing | Said::Have);
            if open && Some(*peer) != from && self.peers.contains_key(peer) {
                self.actions.push_back(Action::Send(*peer, Entry::cancel(want.cid)));
            }
        }
    }

    fn finished(&mut self, session: SessionId, key: &Key, now: Instant) {
        if let Some(state) = self.sessions.get_mut(&session) {
            state.active.remove(key);
            self.fill(session, now);
        }
    }

    fn leave(&mut self, session: SessionId, key: &Key) {
        let Some(want) = self.wants.get_mut(key) else { return };
        want.sessions.remove(&session);
        if want.sessions.is_empty()
            && let Some(want) = self.wants.remove(key)
        {
            self.forget(key, &want, None);
        }
    }

    fn heard(&mut self, from: PeerId, key: &Key, presence: Presence, now: Instant) {
        let Some(want) = self.wants.get_mut(key) else { return };
        // An answer to no question, or a late one after it stalled, changes nothing.
        let Some(said) = want.said.get_mut(&from) else { return };
        if matches!(said, Said::Stalled | Said::Lied) {
            return;
        }
        match presence {
            Presence::Have => *said = Said::Have,
            Presence::DontHave => {
                *said = Said::DontHave;
                if want.source == Some(from) {
                    want.source = None;
                    if let Some(peer) = self.peers.get_mut(&from) {
                        peer.due.remove(key);
                        peer.progress = now;
                    }
                    self.assign(key, now);
                }
            }
        }
    }

    /// Moves wants of a session from its queue into the window.
    fn fill(&mut self, session: SessionId, now: Instant) {
        loop {
            let Some(state) = self.sessions.get_mut(&session) else { return };
            if state.active.len() >= SESSION_WINDOW {
                return;
            }
            let Some(cid) = state.queue.pop_front() else { return };
            let key = *cid.hash();
            if !state.active.insert(key) {
                continue;
            }
            let want = self.wants.entry(key).or_insert_with(|| Want {
                cid,
                sessions: BTreeSet::new(),
                said: HashMap::new(),
                source: None,
            });
            want.sessions.insert(session);
            if want.source.is_none() {
                self.assign(&key, now);
            }
        }
    }

    fn release(&mut self, key: &Key) {
        if let Some(want) = self.wants.get_mut(key) {
            want.source = None;
        }
    }

    fn assign_idle(&mut self, now: Instant) {
        for _ in 0..self.idle.len() {
            let Some(key) = self.idle.pop_front() else { return };
            if self.wants.get(&key).is_some_and(|want| want.source.is_none()) {
                self.assign(&key, now);
            }
        }
    }

    /// Finds a source for a want that has none.
    fn assign(&mut self, key: &Key, now: Instant) {
        let Some(want) = self.wants.get_mut(key) else { return };
        let mut candidates: Vec<PeerId> = want
            .sessions
            .iter()
            .filter_map(|session| self.sessions.get(session))
            .flat_map(|state| &state.peers)
            .filter(|id| self.peers.contains_key(id))
            .filter(|id| !matches!(want.said.get(id), Some(Said::DontHave | Said::Stalled | Said::Lied)))
            .copied()
            .collect();
        let rank = |id: &PeerId| {
            let peer = &self.peers[id];
            (peer.is_slow(), want.said.get(id) != Some(&Said::Have), peer.due.len(), *id)
        };
        candidates.sort_by_key(rank);
        candidates.dedup();
        if candidates.is_empty() {
            return self.fail(key, now);
        }
        let Some(at) = candidates.iter().position(|id| self.peers[id].due.len() < PEER_WINDOW) else {
            if !self.idle.contains(key) {
                self.idle.push_back(*key);
            }
            return;
        };
        let source = candidates.remove(at);
        want.source = Some(source);
        if let Some(peer) = self.peers.get_mut(&source) {
            if peer.due.is_empty() {
                peer.progress = now;
            }
            peer.due.insert(*key);
            peer.expect(*key);
        }
        want.said.entry(source).or_insert(Said::Nothing);
        self.actions.push_back(Action::Send(source, Entry::want(want.cid, WantType::Block)));
        let unasked = candidates.into_iter().filter(|id| !want.said.contains_key(id)).take(PROBES);
        for id in unasked.collect::<Vec<_>>() {
            want.said.insert(id, Said::Nothing);
            if let Some(peer) = self.peers.get_mut(&id) {
                // A small block may come instead of the word that it is there.
                peer.expect(*key);
            }
            self.actions.push_back(Action::Send(id, Entry::want(want.cid, WantType::Have)));
        }
    }

    /// Nobody is left to ask.
    fn fail(&mut self, key: &Key, now: Instant) {
        let Some(want) = self.wants.remove(key) else { return };
        self.forget(key, &want, None);
        let cid = want.cid;
        let error = if want.said.values().any(|said| *said == Said::Lied) {
            BlockError::Lied(cid)
        } else if want.said.values().any(|said| *said == Said::Stalled) {
            BlockError::Stalled(cid)
        } else if want.said.values().any(|said| *said == Said::DontHave) {
            BlockError::NotFound(cid)
        } else {
            BlockError::NoPeers
        };
        for session in want.sessions {
            self.actions.push_back(Action::Done(session, cid, Err(error.clone())));
            self.finished(session, key, now);
        }
    }
}
