//! Who is given uploads.
//!
//! Every ten seconds the slots go to the interested peers that give us most (while we fetch) or that take fastest
//! (while we seed, each for its turn: who has had its share steps behind those who wait). One slot is for somebody by
//! chance, for half a minute, so that newcomers can show what they give.

use super::{
    budget::{OPTIMISTIC, RECHOKE},
    rng::Rng,
};
use crate::{ids::ConnId, time::Time};
use std::{collections::BTreeSet, time::Duration};

/// Bytes a peer gets in one turn while we seed and others wait.
const TURN_BYTES: u64 = 4 * 1024 * 1024;
/// How long a turn lasts at least.
const TURN: Duration = Duration::from_secs(30);

/// A peer that wants uploads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) conn: ConnId,
    /// Bytes a second from it.
    pub(crate) gives: u64,
    /// Bytes a second to it.
    pub(crate) takes: u64,
    /// It owes us blocks and sends none.
    pub(crate) snubbed: bool,
    pub(crate) unchoked: bool,
    /// Bytes to it since it was unchoked, and since when.
    pub(crate) turn: u64,
    pub(crate) since: Time,
}

#[derive(Debug)]
pub(crate) struct Choker {
    next: Time,
    next_optimistic: Time,
    optimistic: Option<ConnId>,
}

impl Choker {
    pub(crate) fn new(now: Time) -> Self {
        Self { next: now, next_optimistic: now, optimistic: None }
    }

    /// Whether the slots are to be handed out anew.
    pub(crate) fn is_due(&self, now: Time) -> bool {
        now >= self.next
    }

    /// Who is unchoked from now on.
    pub(crate) fn choose(
        &mut self,
        candidates: &[Candidate],
        slots: usize,
        seeding: bool,
        rng: &mut Rng,
        now: Time,
    ) -> BTreeSet<ConnId> {
        self.next = now + RECHOKE;
        if candidates.len() <= slots {
            // Enough for all.
            self.optimistic = None;
            return candidates.iter().map(|candidate| candidate.conn).collect();
        }
        let mut order: Vec<&Candidate> = candidates.iter().collect();
        // What a choked one still seems to take is left over from its last turn: it must not put it before those who
        // have waited longer.
        let takes = |c: &Candidate| std::cmp::Reverse(if c.unchoked { c.takes } else { 0 });
        let turn = |c: &Candidate| (had_its_turn(c, now), takes(c), c.since, c.conn);
        if seeding {
            order.sort_by_key(|c| turn(c));
        } else {
            // Who gives alike, nothing mostly, takes turns.
            order.sort_by_key(|c| (c.snubbed, std::cmp::Reverse(c.gives), turn(c)));
        }
        let mut chosen: BTreeSet<ConnId> =
            order.iter().take(slots.saturating_sub(1)).map(|c| c.conn).collect();
        if chosen.len() < slots {
            self.choose_optimistic(candidates, &chosen, rng, now);
            chosen.extend(self.optimistic);
        }
        chosen
    }

    /// A peer became interested while a slot is free: it gets it at once.
    pub(crate) fn hurry(&mut self, unchoked: usize, slots: usize, now: Time) {
        if unchoked < slots {
            self.next = now;
        }
    }

    fn choose_optimistic(&mut self, all: &[Candidate], regular: &BTreeSet<ConnId>, rng: &mut Rng, now: Time) {
        let waiting: Vec<ConnId> =
            all.iter().map(|c| c.conn).filter(|conn| !regular.contains(conn)).collect();
        let still = self.optimistic.filter(|conn| waiting.contains(conn));
        if now < self.next_optimistic && still.is_some() {
            return;
        }
        self.next_optimistic = now + OPTIMISTIC;
        let others: Vec<ConnId> = waiting.iter().copied().filter(|conn| Some(*conn) != still).collect();
        self.optimistic = others.get(rng.below(others.len())).copied().or(still);
    }
}

fn had_its_turn(candidate: &Candidate, now: Time) -> bool {
    candidate.unchoked && candidate.turn >= TURN_BYTES && now.since(candidate.since) >= TURN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(count: u64) -> Vec<Candidate> {
        let one = |n| Candidate {
            conn: ConnId(n),
            gives: n * 1000,
            takes: n * 1000,
            snubbed: false,
            unchoked: false,
            turn: 0,
            since: Time::ZERO,
        };
        (0..count).map(one).collect()
    }

    fn at(seconds: u64) -> Time {
        Time::from_origin(Duration::from_secs(seconds))
    }

    #[test]
    fn while_fetching_the_ones_that_give_most_are_chosen_and_snubbers_are_not() {
        let mut peers = candidates(10);
        peers[9].snubbed = true;
        let chosen = Choker::new(at(0)).choose(&peers, 4, false, &mut Rng::new(1), at(0));
        assert_eq!(chosen.len(), 4);
        for best in [8, 7, 6] {
            assert!(chosen.contains(&ConnId(best)), "{chosen:?}");
        }
    }

    #[test]
    fn everybody_is_tried_by_chance_within_some_minutes() {
        let peers = candidates(12);
        let mut choker = Choker::new(at(0));
        let mut rng = Rng::new(7);
        let mut seen = BTreeSet::new();
        for round in 0..60 {
            seen.extend(choker.choose(&peers, 4, false, &mut rng, at(30 * round)));
        }
        assert_eq!(seen.len(), 12);
    }

    #[test]
    fn the_optimistic_one_keeps_its_turn() {
        let peers = candidates(12);
        let mut choker = Choker::new(at(0));
        let mut rng = Rng::new(7);
        let first = choker.choose(&peers, 4, false, &mut rng, at(0));
        assert_eq!(choker.choose(&peers, 4, false, &mut rng, at(10)), first);
        assert_eq!(choker.choose(&peers, 4, false, &mut rng, at(20)), first);
        assert_ne!(choker.choose(&peers, 4, false, &mut rng, at(30)), first);
    }

    #[test]
    fn while_seeding_who_had_its_share_steps_behind() {
        let mut peers = candidates(6);
        peers[3..].iter_mut().for_each(|peer| peer.unchoked = true);
        peers[5].turn = TURN_BYTES;
        let chosen = Choker::new(at(0)).choose(&peers, 3, true, &mut Rng::new(1), at(60));
        assert!(chosen.contains(&ConnId(4)) && chosen.contains(&ConnId(3)), "{chosen:?}");
    }

    #[test]
    fn with_enough_slots_nobody_waits_and_without_any_everybody_does() {
        let peers = candidates(3);
        let mut choker = Choker::new(at(0));
        assert_eq!(choker.choose(&peers, 3, false, &mut Rng::new(1), at(0)).len(), 3);
        assert!(choker.choose(&peers, 0, false, &mut Rng::new(1), at(0)).is_empty());
    }

    /// Lets equal peers be served for some minutes; how many rounds each had a slot.
    fn shares(count: u64, slots: usize, seeding: bool) -> Vec<u32> {
        const RATE: u64 = 1_000_000;
        let mut peers = candidates(count);
        for peer in &mut peers {
            (peer.gives, peer.takes) = (0, 0);
        }
        let (mut choker, mut rng) = (Choker::new(at(0)), Rng::new(3));
        let mut shares = vec![0; peers.len()];
        for round in 0..120 {
            let now = at(10 * round);
            let chosen = choker.choose(&peers, slots, seeding, &mut rng, now);
            for (peer, share) in peers.iter_mut().zip(&mut shares) {
                let unchoked = chosen.contains(&peer.conn);
                if unchoked && !peer.unchoked {
                    (peer.since, peer.turn) = (now, 0);
                }
                peer.unchoked = unchoked;
                if unchoked {
                    peer.takes = RATE;
                    peer.turn += 10 * RATE;
                    *share += 1;
                } else {
                    // What the rate has fallen to after ten seconds.
                    peer.takes /= 28;
                }
            }
        }
        shares
    }

    #[test]
    fn peers_that_take_alike_have_like_shares() {
        for seeding in [true, false] {
            for (count, slots) in [(6, 3), (4, 2), (12, 4), (3, 1)] {
                let shares = shares(count, slots, seeding);
                let fair = 120 * slots as u32 / count as u32;
                for share in &shares {
                    assert!(
                        (fair / 2..=2 * fair).contains(share),
                        "seeding {seeding}, {slots} slots: {shares:?}"
                    );
                }
            }
        }
    }
}
