//! Who sent what was bad.
//!
//! A bad piece from one sender needs no thought: it is dropped and banned. When several sent parts of it, the digests
//! of the blocks are kept as a *case*, and the piece is fetched again from one source alone:
//!
//! ```text
//!   several senders, bad --> case: (sender, digest) of each block
//!        again, from one alone --> bad:  that one did it; again from another
//!                              --> good: whoever sent a block with another digest did it
//! ```
//!
//! Pieces that can only be proven together (under one leaf of a DAG) come out bad together, and are fetched again from one
//! source together. A source that is too slow to have a piece alone is helped out by others, and is not the one chosen
//! next time.
//!
//! So nobody is dropped who only stood beside a liar. Digests are keyed with a secret of the engine: a liar cannot
//! find other bytes with the same one.

use super::{
    Origin,
    api::PeerKind,
    budget::{MAX_ATTEMPTS, MAX_BANS, MAX_CASES, MAX_HELPED},
};
use crate::ids::{PeerId, PieceIndex};
use std::{
    collections::{BTreeMap, VecDeque},
    hash::{DefaultHasher, Hasher as _},
    net::{IpAddr, SocketAddr},
};

/// Somebody who sent a block, with what is needed when the connection is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sender {
    pub(crate) origin: Origin,
    /// `None` for a web seed.
    pub(crate) kind: Option<PeerKind>,
    pub(crate) peer_id: Option<PeerId>,
    pub(crate) address: Option<SocketAddr>,
}

/// One time that a piece came out bad.
#[derive(Clone, Debug)]
struct Attempt {
    senders: Vec<Sender>,
    /// Sender and digest of each block.
    blocks: Vec<(u16, u64)>,
}

/// What a bad piece means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// This one did it.
    Guilty(Box<Sender>),
    /// It was one of several: the piece must come from one alone.
    Unclear,
}

pub(crate) struct Blame {
    secret: u64,
    cases: BTreeMap<PieceIndex, Case>,
}

/// A piece that came out bad.
#[derive(Clone, Debug, Default)]
struct Case {
    attempts: Vec<Attempt>,
    /// Who had it alone and was too slow.
    slow: Option<Origin>,
}

impl Blame {
    pub(crate) fn new(secret: u64) -> Self {
        Self { secret, cases: BTreeMap::new() }
    }

    pub(crate) fn digest(&self, data: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.secret);
        hasher.write(data);
        hasher.finish()
    }

    /// Whether senders of this piece are being told apart.
    pub(crate) fn is_open(&self, piece: PieceIndex) -> bool {
        self.cases.contains_key(&piece)
    }

    /// A piece came out bad.
    pub(crate) fn bad(
        &mut self,
        piece: PieceIndex,
        senders: Vec<Sender>,
        blocks: Vec<(u16, u64)>,
    ) -> Finding {
        if let [only] = senders.as_slice() {
            return Finding::Guilty(Box::new(only.clone()));
        }
        self.note(piece, senders, blocks);
        Finding::Unclear
    }

    /// Remembers who sent what, to be compared with the piece when it is known.
    pub(crate) fn note(&mut self, piece: PieceIndex, senders: Vec<Sender>, blocks: Vec<(u16, u64)>) {
        if self.cases.contains_key(&piece) || self.cases.len() < MAX_CASES {
            let attempts = &mut self.cases.entry(piece).or_default().attempts;
            if attempts.len() < MAX_ATTEMPTS {
                attempts.push(Attempt { senders, blocks });
            }
        }
    }

    /// The one source of a piece is too slow. Whether others may help it out: not again and again, or a liar that is quick
    /// could spoil what an honest one sends slowly, for ever.
    pub(crate) fn is_slow(&mut self, piece: PieceIndex, origin: Origin) -> bool {
        let Some(case) = self.cases.get_mut(&piece).filter(|case| case.attempts.len() < MAX_HELPED) else {
            return false;
        };
        case.slow = Some(origin);
        true
    }

    /// Who had the piece alone and was too slow.
    pub(crate) fn slow(&self, piece: PieceIndex) -> Option<Origin> {
        self.cases.get(&piece)?.slow
    }

    /// A piece came out good, with these digests: whoever sent others before, once each.
    pub(crate) fn good(&mut self, piece: PieceIndex, blocks: &[(u16, u64)]) -> Vec<Sender> {
        let mut guilty: Vec<Sender> = Vec::new();
        for attempt in self.cases.remove(&piece).unwrap_or_default().attempts {
            for ((sender, bad), (_, good)) in attempt.blocks.iter().zip(blocks) {
                let Some(sender) = attempt.senders.get(usize::from(*sender)) else { continue };
                // 0: not worked out, because there was only one source at the time.
                if *bad != 0 && *good != 0 && bad != good && !guilty.contains(sender) {
                    guilty.push(sender.clone());
                }
            }
        }
        guilty
    }

    /// The piece was proven in another way: nobody can be told apart.
    pub(crate) fn forget(&mut self, piece: PieceIndex) {
        self.cases.remove(&piece);
    }
}

/// Who must not come back.
#[derive(Default)]
pub(crate) struct Bans {
    ids: VecDeque<PeerId>,
    addresses: VecDeque<SocketAddr>,
    hosts: VecDeque<IpAddr>,
}

impl Bans {
    /// By peer id, and by the host of its address; on this machine itself, where many programs share the host, by
    /// address and port.
    pub(crate) fn add(&mut self, peer_id: Option<PeerId>, address: Option<SocketAddr>) {
        if let Some(id) = peer_id {
            remember(&mut self.ids, id);
        }
        match address {
            Some(address) if address.ip().is_loopback() => remember(&mut self.addresses, address),
            Some(address) => remember(&mut self.hosts, address.ip()),
            None => {}
        }
    }

    pub(crate) fn has_id(&self, id: PeerId) -> bool {
        self.ids.contains(&id)
    }

    pub(crate) fn has_address(&self, address: SocketAddr) -> bool {
        self.addresses.contains(&address) || self.hosts.contains(&address.ip())
    }
}

fn remember<T: PartialEq>(list: &mut VecDeque<T>, item: T) {
    if list.contains(&item) {
        return;
    }
    if list.len() >= MAX_BANS {
        list.pop_front();
    }
    list.push_back(item);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ConnId;

    const PIECE: PieceIndex = PieceIndex(3);

    fn peer(n: u64) -> Sender {
        Sender {
            origin: Origin::Peer(ConnId(n)),
            kind: Some(PeerKind::Tcp),
            peer_id: Some(PeerId([n as u8; 20])),
            address: None,
        }
    }

    #[test]
    fn a_single_sender_is_guilty_at_once() {
        let mut blame = Blame::new(1);
        assert_eq!(blame.bad(PIECE, vec![peer(7)], vec![(0, 1)]), Finding::Guilty(Box::new(peer(7))));
        assert!(!blame.is_open(PIECE));
    }

    #[test]
    fn of_several_senders_the_one_whose_digest_differs_is_guilty() {
        let mut blame = Blame::new(1);
        let sent = vec![(0, 10), (1, 99), (0, 12), (2, 13)];
        assert_eq!(blame.bad(PIECE, vec![peer(1), peer(2), peer(3)], sent), Finding::Unclear);
        assert!(blame.is_open(PIECE));
        let again = [(0, 10), (0, 11), (0, 12), (0, 13)];
        assert_eq!(blame.good(PIECE, &again), vec![peer(2)]);
        assert!(!blame.is_open(PIECE));
    }

    #[test]
    fn a_liar_that_sends_it_alone_again_is_guilty_and_the_first_attempt_is_not_forgotten() {
        let mut blame = Blame::new(1);
        assert_eq!(blame.bad(PIECE, vec![peer(1), peer(2)], vec![(0, 98), (1, 99)]), Finding::Unclear);
        let alone = blame.bad(PIECE, vec![peer(1)], vec![(0, 97), (0, 11)]);
        assert_eq!(alone, Finding::Guilty(Box::new(peer(1))));
        let both = blame.good(PIECE, &[(0, 10), (0, 11)]);
        assert_eq!(both, vec![peer(1), peer(2)], "both lied at the first attempt");
    }

    #[test]
    fn digests_depend_on_every_byte_and_on_the_secret() {
        let (a, b) = (Blame::new(1), Blame::new(2));
        let mut data = vec![7; 16384];
        let before = a.digest(&data);
        assert_ne!(before, b.digest(&data));
        data[16383] ^= 1;
        assert_ne!(before, a.digest(&data));
    }

    #[test]
    fn bans_hold_for_the_id_and_the_host_and_are_bounded() {
        let mut bans = Bans::default();
        let address = SocketAddr::from(([192, 0, 2, 1], 6881));
        bans.add(Some(PeerId([1; 20])), Some(address));
        assert!(bans.has_id(PeerId([1; 20])));
        assert!(bans.has_address(SocketAddr::from(([192, 0, 2, 1], 1))), "another port is no escape");
        let local = SocketAddr::from(([127, 0, 0, 1], 6881));
        bans.add(None, Some(local));
        assert!(bans.has_address(local) && !bans.has_address(SocketAddr::from(([127, 0, 0, 1], 1))));
        for n in 0..2 * MAX_BANS as u64 {
            let mut id = [2; 20];
            id[..8].copy_from_slice(&n.to_be_bytes());
            bans.add(Some(PeerId(id)), None);
        }
        assert!(bans.ids.len() <= MAX_BANS && !bans.has_id(PeerId([1; 20])));
    }
}
