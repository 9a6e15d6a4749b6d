#![allow(clippy::unwrap_used)]

use super::*;
use crate::bitswap::{limits::MAX_WANTS, wire::Presence};
use osp_core::content::{raw_cid, sha256};
use proptest::prelude::*;

fn cid(n: u32) -> Cid {
    raw_cid(sha256(&n.to_be_bytes()))
}

fn want(n: u32) -> Entry {
    Entry::want(cid(n), WantType::Block)
}

fn peer(n: u8) -> PeerId {
    let mut seed = [n; 32];
    libp2p::identity::Keypair::ed25519_from_bytes(&mut seed).unwrap().public().to_peer_id()
}

fn block(bytes: usize) -> Found {
    Found::Block(Bytes::from(vec![0; bytes]))
}

/// Every lookup that is allowed now.
fn lookups(server: &mut Server) -> Vec<Lookup> {
    std::iter::from_fn(|| server.next_lookup()).collect()
}

#[test]
fn a_want_is_answered_by_the_block_a_question_by_a_presence() {
    let mut server = Server::default();
    let ask = |n, kind| Entry::want(cid(n), kind);
    server.receive(
        peer(1),
        vec![
            ask(1, WantType::Block),
            ask(2, WantType::Have),
            ask(3, WantType::Have),
            ask(4, WantType::Block),
        ],
        false,
    );
    for lookup in lookups(&mut server) {
        let found = match lookup.cid {
            c if c == cid(1) => block(5),
            c if c == cid(2) => Found::Here,
            _ => Found::Nothing,
        };
        server.found(&lookup, found);
    }
    let message = server.next_message(&peer(1)).unwrap();
    assert_eq!(message.blocks.iter().map(|b| b.cid).collect::<Vec<_>>(), [cid(1)]);
    let expected = [(cid(2), Presence::Have), (cid(3), Presence::DontHave), (cid(4), Presence::DontHave)];
    assert_eq!(message.presences, expected);
    assert!(server.next_message(&peer(1)).is_none());
}

#[test]
fn a_repeated_want_is_served_again() {
    let mut server = Server::default();
    for _ in 0..3 {
        server.receive(peer(1), vec![want(1)], false);
        let lookup = server.next_lookup().unwrap();
        server.found(&lookup, block(5));
        assert_eq!(server.next_message(&peer(1)).unwrap().blocks.len(), 1);
        server.sent(&peer(1));
    }
    assert_eq!(server.held(), 0);
}

#[test]
fn a_cancelled_want_is_not_sent() {
    let mut server = Server::default();
    server.receive(peer(1), vec![want(1), want(2), want(3)], false);
    let first = server.next_lookup().unwrap();
    let second = server.next_lookup().unwrap();
    server.found(&first, block(5));
    // One waiting to be sent, one loading, one queued.
    let cancels = (1..=3).map(|n| Entry::cancel(cid(n))).collect();
    server.receive(peer(1), cancels, false);
    server.found(&second, block(5));
    assert!(server.next_lookup().is_none());
    assert!(server.next_message(&peer(1)).is_none());
    assert_eq!(server.held(), 0);
}

#[test]
fn a_full_wantlist_replaces_the_old_one() {
    let mut server = Server::default();
    server.receive(peer(1), vec![want(1), want(2)], false);
    server.receive(peer(1), vec![want(3)], true);
    assert_eq!(lookups(&mut server).iter().map(|l| l.cid).collect::<Vec<_>>(), [cid(3)]);
}

#[test]
fn urgent_wants_go_first() {
    let mut server = Server::default();
    let entries = [(1, 1), (2, 9), (3, 9)];
    let entries = entries.map(|(n, priority)| Entry { priority, ..want(n) }).into();
    server.receive(peer(1), entries, false);
    assert_eq!(lookups(&mut server).iter().map(|l| l.cid).collect::<Vec<_>>(), [2, 3, 1].map(cid));
}

#[test]
fn a_question_that_becomes_a_want_while_it_is_looked_up_gets_the_block() {
    let mut server = Server::default();
    server.receive(peer(1), vec![Entry::want(cid(1), WantType::Have)], false);
    let question = server.next_lookup().unwrap();
    server.receive(peer(1), vec![want(1)], false);
    server.found(&question, Found::Here);
    let lookup = server.next_lookup().unwrap();
    server.found(&lookup, block(5));
    assert_eq!(server.next_message(&peer(1)).unwrap().blocks.len(), 1);
}

#[test]
fn a_want_that_could_not_be_met_is_served_when_the_block_arrives() {
    let mut server = Server::default();
    server.receive(peer(1), vec![Entry { send_dont_have: false, ..want(1) }], false);
    let lookup = server.next_lookup().unwrap();
    server.found(&lookup, Found::Nothing);
    assert!(server.next_message(&peer(1)).is_none(), "silence, as was asked");
    server.arrived(&[cid(2)]);
    assert!(server.next_lookup().is_none());
    server.arrived(&[cid(1)]);
    let lookup = server.next_lookup().unwrap();
    server.found(&lookup, block(5));
    assert_eq!(server.next_message(&peer(1)).unwrap().blocks.len(), 1);
}

#[test]
fn a_wantlist_is_bounded_and_old_unmet_wants_make_room() {
    let mut server = Server::default();
    server.receive(peer(1), (0..100_000).map(want).collect(), false);
    assert_eq!(server.peers[&peer(1)].wants(), MAX_WANTS);
    for _ in 0..MAX_WANTS {
        let lookup = server.next_lookup().unwrap();
        server.found(&lookup, Found::Nothing);
        server.next_message(&peer(1));
        server.sent(&peer(1));
    }
    assert!(server.next_lookup().is_none());
    server.receive(peer(1), vec![want(200_000)], false);
    assert_eq!(server.next_lookup().unwrap().cid, cid(200_000));
    assert_eq!(server.peers[&peer(1)].wants(), MAX_WANTS);
}

#[test]
fn a_peer_that_does_not_read_holds_no_more_than_its_budget_and_no_other_peer_up() {
    let mut server = Server::default();
    server.receive(peer(1), (0..1000).map(want).collect(), false);
    loop {
        let now = lookups(&mut server);
        if now.is_empty() {
            break;
        }
        for lookup in now {
            server.found(&lookup, block(1 << 20));
        }
        while server.next_message(&peer(1)).is_some() {}
    }
    assert!(server.held() <= PEER_BUDGET, "{}", server.held());
    server.receive(peer(2), vec![want(1)], false);
    assert_eq!(server.next_lookup().unwrap().peer, peer(2));
    // The first goes on as soon as it has read something.
    for _ in 0..2 {
        server.sent(&peer(1));
    }
    assert_eq!(server.next_lookup().unwrap().peer, peer(1));
}

#[test]
fn peers_take_turns() {
    let mut server = Server::default();
    for n in 1..=3 {
        server.receive(peer(n), (0..10).map(want).collect(), false);
    }
    let first: Vec<PeerId> = lookups(&mut server).iter().take(6).map(|lookup| lookup.peer).collect();
    assert_eq!(first, [1, 2, 3, 1, 2, 3].map(peer));
}

#[test]
fn a_message_holds_a_mebibyte_of_blocks_or_a_single_larger_one() {
    let mut server = Server::default();
    let sizes = [600_000, 400_000, 300_000, 2_000_000, 5];
    server.receive(peer(1), (0..sizes.len() as u32).map(want).collect(), false);
    let mut sent = Vec::new();
    while sent.iter().sum::<usize>() < sizes.len() {
        for lookup in lookups(&mut server) {
            let n = (0..).find(|n| cid(*n) == lookup.cid).unwrap();
            server.found(&lookup, block(sizes[n as usize]));
        }
        while let Some(message) = server.next_message(&peer(1)) {
            sent.push(message.blocks.len());
            server.sent(&peer(1));
        }
    }
    assert_eq!(sent, [2, 1, 1, 1]);
}

#[test]
fn what_a_gone_peer_wanted_is_forgotten() {
    let mut server = Server::default();
    server.receive(peer(1), (0..10).map(want).collect(), false);
    let lookup = server.next_lookup().unwrap();
    server.gone(&peer(1));
    assert_eq!(server.held(), 0);
    assert!(server.next_lookup().is_none());
    server.found(&lookup, block(5));
    assert_eq!(server.held(), 0);
    assert!(server.next_message(&peer(1)).is_none());
}

/// One step of a peer or of the world.
#[derive(Clone, Debug)]
enum Step {
    Want(u8, Vec<u8>, bool),
    Cancel(u8, u8),
    LookUp,
    Found(prop::sample::Index, u8),
    Message(u8),
    Sent(u8),
    Gone(u8),
    Arrived(u8),
}

fn any_step() -> impl Strategy<Value = Step> {
    let who = 0..3_u8;
    prop_oneof![
        (who.clone(), prop::collection::vec(0..20_u8, 0..8), any::<bool>())
            .prop_map(|(p, n, full)| Step::Want(p, n, full)),
        (who.clone(), 0..20_u8).prop_map(|(p, n)| Step::Cancel(p, n)),
        Just(Step::LookUp),
        (any::<prop::sample::Index>(), 0..3_u8).prop_map(|(at, what)| Step::Found(at, what)),
        who.clone().prop_map(Step::Message),
        who.clone().prop_map(Step::Sent),
        who.prop_map(Step::Gone),
        (0..20_u8).prop_map(Step::Arrived),
    ]
}

proptest! {
    #[test]
    fn budgets_hold_and_nothing_leaks_whatever_happens(
        steps in prop::collection::vec(any_step(), 0..200),
    ) {
        let mut server = Server::default();
        let mut open = Vec::new();
        for step in steps {
            match step {
                Step::Want(p, n, full) => {
                    server.receive(peer(p), n.into_iter().map(|n| want(n.into())).collect(), full);
                }
                Step::Cancel(p, n) => server.receive(peer(p), vec![Entry::cancel(cid(n.into()))], false),
                Step::LookUp => open.extend(server.next_lookup()),
                Step::Found(at, what) => {
                    if !open.is_empty() {
                        let lookup = open.swap_remove(at.index(open.len()));
                        let found = [block(1 << 20), block(7), Found::Nothing][usize::from(what)].clone();
                        server.found(&lookup, found);
                    }
                }
                Step::Message(p) => drop(server.next_message(&peer(p))),
                Step::Sent(p) => server.sent(&peer(p)),
                Step::Gone(p) => server.gone(&peer(p)),
                Step::Arrived(n) => server.arrived(&[cid(n.into())]),
            }
            let held: usize = server.peers.values().map(Ledger::held).sum();
            prop_assert_eq!(server.held(), held);
            prop_assert!(server.peers.values().all(|ledger| ledger.held() <= PEER_BUDGET));
        }
        for lookup in open {
            server.found(&lookup, Found::Nothing);
        }
        for p in 0..3 {
            while server.next_message(&peer(p)).is_some() {}
            for _ in 0..200 {
                server.sent(&peer(p));
            }
        }
        prop_assert_eq!(server.held(), 0);
    }
}
