//! What must hold, at every moment and at the end.

use crate::{
    actor::Habit,
    world::{Actor, Id, Manner, World},
};
use osp_swarm::Reason;

impl World {
    /// What holds at every moment.
    pub(super) fn look(&mut self, id: Id) {
        let Actor::Node(node) = &self.hosts[id].actor else { return };
        if let Some(pieces) = node.engine.pieces() {
            assert!(pieces.count() <= node.verified.count(), "no piece counts that is not verified");
        }
        let unverified = node.unverified();
        let bound = (32 << 20).max(8 * node.track.geometry.piece_length() as usize);
        assert!(unverified <= bound, "{unverified} unverified bytes");
        self.most_unverified = self.most_unverified.max(unverified);
        let load = node.engine.load();
        assert!(load.within_bounds(), "{load:?}");
    }

    /// Who was closed by this node for lying or breaking the protocol.
    pub fn culprits(&self, id: Id) -> Vec<(Id, Reason)> {
        let closed = &self.node(id).closed;
        let serious =
            closed.iter().filter(|(_, reason)| reason.is_lie() || matches!(reason, Reason::Protocol(_)));
        serious.map(|(conn, reason)| (self.other(*conn, id), reason.clone())).collect()
    }

    /// Nobody honest was ever blamed by anybody honest.
    pub fn assert_honest_are_trusted(&self) {
        for id in 0..self.hosts.len() {
            if !self.is_honest(id) {
                continue;
            }
            for (other, reason) in self.culprits(id) {
                assert!(!self.is_honest(other), "{id} blamed {other}: {reason}");
            }
            for (mirror, reason) in &self.node(id).dropped {
                assert!(
                    self.mirrors[mirror.0 as usize].manner == Manner::Lies,
                    "{id} blamed a mirror: {reason}"
                );
            }
        }
    }

    pub fn is_honest(&self, id: Id) -> bool {
        matches!(&self.hosts[id].actor, Actor::Node(node) if node.habit == Habit::Honest)
    }
}
