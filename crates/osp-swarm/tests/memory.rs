//! What a node that seeds a whole catalogue holds: a thousand torrents and two hundred peers.
#![allow(clippy::unwrap_used)]

mod support;

use osp_core::torrent::TorrentInfo;
use osp_swarm::{
    Bitfield, Config, ConnId, Engine, InfoHash, PeerId, PeerInfo, PeerKind, Time,
    wire::{Handshake, Message},
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

static HELD: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[allow(unsafe_code, reason = "an allocator is unsafe by its trait; all is handed on to the system's")]
// SAFETY: every call is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Relaxed);
        // SAFETY: the caller's promises are ours.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promises are ours.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn a_thousand_seeds_with_two_hundred_peers_take_a_tenth_of_64_mib() {
    let before = HELD.load(Relaxed);
    let now = Time::ZERO;
    let mut engines: Vec<Engine> = (0..1000u64)
        .map(|n| {
            // Eight megabytes in 128 pieces.
            let info = TorrentInfo {
                length: (8 << 20) - n,
                name: "b".repeat(59),
                piece_length: 65_536,
                pieces: vec![[n as u8; 20]; 128],
            };
            let infohash = InfoHash(info.infohash());
            let config = Config { max_peers: 200, ..Config::default() };
            let mut engine = Engine::new(config, infohash, PeerId([1; 20]), n, now);
            assert!(engine.set_info(info, now));
            engine.add_pieces(&Bitfield::all(128), now);
            while engine.poll_event().is_some() {}
            engine
        })
        .collect();
    let idle = HELD.load(Relaxed) - before;
    for n in 0..200u64 {
        let engine = &mut engines[n as usize * 5 % 1000];
        let conn = ConnId(n);
        let mut name = [2; 20];
        name[..8].copy_from_slice(&n.to_be_bytes());
        let info = osp_core::torrent::hash_piece(&engine.info().unwrap().to_bencode());
        let handshake = Handshake::ours(InfoHash(info), PeerId(name));
        let peer = PeerInfo { kind: PeerKind::WebRtc, outgoing: false, address: None };
        engine.add_peer(conn, peer, Some(handshake), now).unwrap();
        let mut words = Vec::new();
        for message in [Message::HaveNone, Message::Interested] {
            message.encode(&mut words);
        }
        engine.received(conn, words.into(), now);
        while engine.poll_send(conn, now).is_some() {}
        while engine.poll_event().is_some() {}
    }
    let busy = HELD.load(Relaxed) - before;
    if std::env::var_os("OSP_SIM_FIGURES").is_some() {
        eprintln!("1000 seeds: {idle} bytes; with 200 peers: {busy} bytes");
    }
    assert!(busy < 64 * 1024 * 1024 / 10, "{busy} bytes");
    assert!(engines[1].poll_timeout().is_none(), "who has no peers need not be woken");
}
