//! One swarm: those with addresses, and those that WebSockets lead to.

use super::{WsConn, pool::Pool, scope::Scope};
use crate::{AnnounceKey, Stats};
use osp_swarm::{PeerId, Time};
use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
};

/// Somebody who can be called.
#[derive(Debug)]
pub(super) struct Callable {
    pub(super) peer_id: PeerId,
    /// What it said that others cannot know.
    pub(super) key: Option<AnnounceKey>,
    /// When the one with this peer id and key announced last.
    pub(super) owned: Time,
    pub(super) scope: Scope,
    pub(super) common: Common,
}

impl Callable {
    /// Whether an announce with this peer id and key is its own. Peer ids are told to others, keys are not.
    pub(super) fn is_announced_by(&self, peer_id: PeerId, key: Option<AnnounceKey>) -> bool {
        self.peer_id == peer_id && (self.key.is_none() || self.key == key)
    }
}

/// Somebody whom offers reach through a WebSocket.
#[derive(Debug)]
pub(super) struct Reachable {
    pub(super) conn: WsConn,
    pub(super) common: Common,
}

/// What is kept of both kinds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Common {
    /// Whose budget it is in.
    pub(super) holder: IpAddr,
    pub(super) complete: bool,
    /// The last announce.
    pub(super) seen: Time,
}

#[derive(Debug, Default)]
pub(super) struct Swarm {
    pub(super) callable: Pool<SocketAddr, Callable>,
    pub(super) reachable: Pool<PeerId, Reachable>,
    pub(super) complete: u32,
    pub(super) downloaded: u32,
    /// Members by address.
    holders: HashMap<IpAddr, usize>,
}

impl Swarm {
    pub(super) fn count_in(&mut self, common: &Common) {
        self.complete += u32::from(common.complete);
        *self.holders.entry(common.holder).or_insert(0) += 1;
    }

    pub(super) fn count_out(&mut self, common: &Common) {
        self.complete -= u32::from(common.complete);
        count_down(&mut self.holders, common.holder);
    }

    pub(super) fn len(&self) -> usize {
        self.callable.len() + self.reachable.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.callable.is_empty() && self.reachable.is_empty()
    }

    pub(super) fn stats(&self) -> Stats {
        let all = u32::try_from(self.len()).unwrap_or(u32::MAX);
        Stats {
            complete: self.complete,
            incomplete: all.saturating_sub(self.complete),
            downloaded: self.downloaded,
        }
    }

    /// Members from one address.
    pub(super) fn of_holder(&self, holder: IpAddr) -> usize {
        self.holders.get(&holder).copied().unwrap_or(0)
    }
}

/// One less; who has none is forgotten.
pub(super) fn count_down(counts: &mut HashMap<IpAddr, usize>, holder: IpAddr) {
    if let Some(count) = counts.get_mut(&holder) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&holder);
        }
    }
}
