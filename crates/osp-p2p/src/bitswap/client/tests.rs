#![allow(clippy::unwrap_used)]

use super::*;
use crate::bitswap::{
    limits::{PEER_WINDOW, SESSION_WINDOW, STALL},
    wire::{Block, Presence, WantType},
};
use bytes::Bytes;
use libp2p::PeerId;
use osp_core::{
    Cid,
    content::{raw_cid, sha256},
};
use std::time::{Duration, Instant};

const S: SessionId = SessionId(1);

fn data(n: u32) -> Bytes {
    Bytes::copy_from_slice(&n.to_be_bytes())
}

fn cid(n: u32) -> Cid {
    raw_cid(sha256(&data(n)))
}

fn block(n: u32) -> Block {
    Block { cid: cid(n), data: data(n) }
}

fn peer(n: u8) -> PeerId {
    let mut seed = [n; 32];
    libp2p::identity::Keypair::ed25519_from_bytes(&mut seed).unwrap().public().to_peer_id()
}

/// An engine with a session over the peers 1 to `n`, all connected.
fn engine(peers: u8, now: Instant) -> Engine {
    let mut engine = Engine::default();
    for n in 1..=peers {
        engine.connected(peer(n), now);
    }
    engine.open(S, (1..=peers).map(peer).collect());
    engine
}

/// What the engine did, by kind.
#[derive(Debug, Default)]
struct Did {
    asked: Vec<(PeerId, Cid)>,
    probed: Vec<(PeerId, Cid)>,
    cancelled: Vec<(PeerId, Cid)>,
    done: Vec<(Cid, Result<Bytes, BlockError>)>,
    dropped: Vec<PeerId>,
}

fn did(engine: &mut Engine) -> Did {
    let mut did = Did::default();
    while let Some(action) = engine.next_action() {
        match action {
            Action::Send(to, e) if e.cancel => did.cancelled.push((to, e.cid)),
            Action::Send(to, e) if e.want == WantType::Block => did.asked.push((to, e.cid)),
            Action::Send(to, e) => did.probed.push((to, e.cid)),
            Action::Done(_, cid, result) => did.done.push((cid, result.map(|(data, _)| data))),
            Action::Drop(peer, _) => did.dropped.push(peer),
        }
    }
    did
}

#[test]
fn a_block_is_asked_of_one_peer_and_others_are_asked_whether_they_have_it() {
    let now = Instant::now();
    let mut engine = engine(3, now);
    engine.want(S, cid(1), now);
    let first = did(&mut engine);
    assert_eq!((first.asked.len(), first.probed.len()), (1, 2));
    let source = first.asked[0].0;
    engine.received(source, vec![block(1)], vec![], now);
    let then = did(&mut engine);
    assert_eq!(then.done, [(cid(1), Ok(data(1)))]);
    assert_eq!(then.cancelled.len(), 2, "those who were only asked whether they have it");
    assert_eq!(engine.active(), 0);
}

#[test]
fn who_says_no_is_followed_by_who_has_it_and_at_the_end_nobody_is_left() {
    let now = Instant::now();
    let mut engine = engine(3, now);
    engine.want(S, cid(1), now);
    let first = did(&mut engine);
    let source = first.asked[0].0;
    let has_it = first.probed[1].0;
    engine.received(has_it, vec![], vec![(cid(1), Presence::Have)], now);
    engine.received(source, vec![], vec![(cid(1), Presence::DontHave)], now);
    assert_eq!(did(&mut engine).asked, [(has_it, cid(1))]);
    engine.received(has_it, vec![], vec![(cid(1), Presence::DontHave)], now);
    let last = did(&mut engine).asked;
    assert_eq!(last, [(first.probed[0].0, cid(1))]);
    engine.received(last[0].0, vec![], vec![(cid(1), Presence::DontHave)], now);
    assert_eq!(did(&mut engine).done, [(cid(1), Err(BlockError::NotFound(cid(1))))]);
}

#[test]
fn a_stalled_peer_is_followed_by_another_and_what_it_still_sends_is_no_lie() {
    let now = Instant::now();
    let mut engine = engine(2, now);
    engine.want(S, cid(1), now);
    let source = did(&mut engine).asked[0].0;
    assert_eq!(engine.next_tick(), Some(now + STALL));
    engine.tick(now + STALL - Duration::from_millis(1));
    assert!(did(&mut engine).asked.is_empty());
    let later = now + STALL;
    engine.tick(later);
    let then = did(&mut engine);
    assert_eq!(then.cancelled, [(source, cid(1))]);
    let second = then.asked[0].0;
    assert_ne!(second, source);
    engine.received(source, vec![block(1)], vec![], later);
    let late = did(&mut engine);
    assert_eq!(late.done, [(cid(1), Ok(data(1)))]);
    assert!(late.dropped.is_empty());
    engine.received(second, vec![block(1)], vec![], later);
    assert!(did(&mut engine).dropped.is_empty());
}

#[test]
fn progress_on_one_block_gives_time_for_the_others() {
    let now = Instant::now();
    let mut engine = engine(1, now);
    for n in 0..4 {
        engine.want(S, cid(n), now);
    }
    did(&mut engine);
    let slow = STALL - Duration::from_secs(1);
    for n in 0..4 {
        let now = now + slow * (n + 1);
        engine.tick(now);
        engine.received(peer(1), vec![block(n)], vec![], now);
        assert_eq!(did(&mut engine).done, [(cid(n), Ok(data(n)))]);
    }
}

#[test]
fn when_the_only_peer_stalls_the_want_fails() {
    let now = Instant::now();
    let mut engine = engine(1, now);
    engine.want(S, cid(1), now);
    engine.tick(now + STALL);
    assert_eq!(did(&mut engine).done, [(cid(1), Err(BlockError::Stalled(cid(1))))]);
    assert_eq!(engine.next_tick(), None);
}

#[test]
fn a_false_block_drops_its_sender_and_the_next_peer_is_asked() {
    let now = Instant::now();
    let mut engine = engine(2, now);
    engine.want(S, cid(1), now);
    let liar = did(&mut engine).asked[0].0;
    // What it sent in place of block 1 hashes to something nobody asked for.
    engine.received(liar, vec![block(666)], vec![], now);
    let then = did(&mut engine);
    assert_eq!(then.dropped, [liar]);
    assert_eq!(then.asked.len(), 1);
    assert_ne!(then.asked[0].0, liar);
    assert!(then.done.is_empty());
}

#[test]
fn a_peer_that_leaves_is_followed_by_another_and_without_any_the_want_fails() {
    let now = Instant::now();
    let mut engine = engine(2, now);
    engine.want(S, cid(1), now);
    let first = did(&mut engine).asked[0].0;
    engine.disconnected(&first, now);
    let second = did(&mut engine).asked[0].0;
    assert_ne!(first, second);
    engine.disconnected(&second, now);
    assert_eq!(did(&mut engine).done, [(cid(1), Err(BlockError::NoPeers))]);
}

#[test]
fn windows_bound_what_is_asked_of_a_peer_and_for_a_session() {
    let now = Instant::now();
    let mut one = engine(1, now);
    let mut many = engine(4, now);
    for n in 0..1000 {
        one.want(S, cid(n), now);
        many.want(S, cid(n), now);
    }
    assert_eq!(did(&mut one).asked.len(), PEER_WINDOW);
    let asked = did(&mut many).asked;
    assert_eq!(asked.len(), SESSION_WINDOW);
    for n in 1..=4 {
        assert_eq!(asked.iter().filter(|(to, _)| *to == peer(n)).count(), SESSION_WINDOW / 4);
    }
    one.received(peer(1), vec![block(0)], vec![], now);
    assert_eq!(did(&mut one).asked.len(), 1, "one for one");
}

#[test]
fn every_block_of_a_long_list_comes_once_in_spite_of_peers_that_have_only_some() {
    let now = Instant::now();
    let mut engine = engine(3, now);
    let total = 500;
    (0..total).for_each(|n| engine.want(S, cid(n), now));
    let number = |cid: &Cid| (0..total).find(|n| self::cid(*n) == *cid).unwrap();
    let mut got = Vec::new();
    loop {
        let step = did(&mut engine);
        got.extend(step.done.iter().map(|(cid, result)| {
            assert!(result.is_ok(), "{result:?}");
            number(cid)
        }));
        if step.asked.is_empty() {
            break;
        }
        for (to, cid) in step.asked {
            let n = number(&cid);
            // Peer 1 has the thirds, peer 2 all odd ones, peer 3 everything.
            let has = to == peer(3) || to == peer(1) && n % 3 == 0 || to == peer(2) && n % 2 == 1;
            match has {
                true => engine.received(to, vec![block(n)], vec![], now),
                false => engine.received(to, vec![], vec![(cid, Presence::DontHave)], now),
            }
        }
    }
    got.sort_unstable();
    assert_eq!(got, (0..total).collect::<Vec<_>>());
}

#[test]
fn two_sessions_share_a_want_and_one_may_leave() {
    let now = Instant::now();
    let mut engine = engine(1, now);
    let other = SessionId(2);
    engine.open(other, vec![peer(1)]);
    engine.want(S, cid(1), now);
    engine.want(other, cid(1), now);
    assert_eq!(did(&mut engine).asked.len(), 1);
    engine.close(S, now);
    assert!(did(&mut engine).cancelled.is_empty());
    engine.received(peer(1), vec![block(1)], vec![], now);
    assert_eq!(did(&mut engine).done.len(), 1);
    assert!(engine.needs(&peer(1)));
    engine.close(other, now);
    assert!(!engine.needs(&peer(1)));
}

#[test]
fn a_want_that_is_taken_back_is_cancelled_at_the_peers() {
    let now = Instant::now();
    let mut engine = engine(2, now);
    engine.want(S, cid(1), now);
    did(&mut engine);
    engine.cancel(S, &cid(1), now);
    assert_eq!(did(&mut engine).cancelled.len(), 2);
    assert_eq!((engine.active(), engine.next_tick()), (0, None));
}
