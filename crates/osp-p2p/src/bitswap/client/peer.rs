//! What the engine knows of one peer.

use crate::bitswap::{Key, limits::MAX_STALLS};
use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

/// Asked blocks that are remembered, so that a late one is not taken for a false one.
const REMEMBERED: usize = 2048;

/// One connected peer.
#[derive(Debug)]
pub(super) struct Peer {
    /// Blocks asked of it and due.
    pub(super) due: HashSet<Key>,
    /// When it was last seen doing its part, or began to owe us something.
    pub(super) progress: Instant,
    /// Stalls since it last sent a block.
    pub(super) stalls: u32,
    expected: Expected,
}

impl Peer {
    pub(super) fn new(now: Instant) -> Self {
        Self { due: HashSet::new(), progress: now, stalls: 0, expected: Expected::default() }
    }

    pub(super) fn is_slow(&self) -> bool {
        self.stalls >= MAX_STALLS
    }

    /// The peer is being asked about a block and may send it.
    pub(super) fn expect(&mut self, key: Key) {
        self.expected.add(key);
    }

    /// A block came: whether the peer was asked for it, as often as it has sent it.
    pub(super) fn take_expected(&mut self, key: &Key) -> bool {
        self.expected.take(key)
    }
}

/// How often each of the last blocks was asked for: at least the last [`REMEMBERED`], at most twice as many.
#[derive(Debug, Default)]
struct Expected {
    recent: HashMap<Key, u32>,
    older: HashMap<Key, u32>,
}

impl Expected {
    fn add(&mut self, key: Key) {
        if self.recent.len() >= REMEMBERED {
            self.older = std::mem::take(&mut self.recent);
        }
        *self.recent.entry(key).or_default() += 1;
    }

    fn take(&mut self, key: &Key) -> bool {
        [&mut self.older, &mut self.recent].into_iter().any(|asked| {
            let Some(times) = asked.get_mut(key) else { return false };
            *times -= 1;
            if *times == 0 {
                asked.remove(key);
            }
            true
        })
    }
}
