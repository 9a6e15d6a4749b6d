//! How fast bytes go through the engine alone: one that fetches, any number that serve, no sockets, no hashing.
//!
//! `cargo run --release -p osp-swarm --example engine_throughput -- [PEERS] [MIB] [PIECE_KIB]`
#![allow(clippy::print_stdout)]

use bytes::{Bytes, BytesMut};
use osp_core::torrent::TorrentInfo;
use osp_swarm::{
    Bitfield, Config, ConnId, Engine, Event, Geometry, InfoHash, Outgoing, PeerId, PeerInfo, PeerKind, Time,
    Verdict, wire::message::piece_header,
};
use std::time::{Duration, Instant};

fn main() {
    let number = |at: usize, default: u64| {
        std::env::args().nth(at).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (peers, mib, piece_kib) = (number(1, 1), number(2, 1024), number(3, 256));
    let (length, piece_length) = (mib << 20, (piece_kib << 10) as u32);
    let pieces = length.div_ceil(u64::from(piece_length)) as usize;
    let info = TorrentInfo { length, name: "bytes".into(), piece_length, pieces: vec![[0; 20]; pieces] };
    let Some(geometry) = Geometry::of(&info) else { return };
    let infohash = InfoHash(info.infohash());
    let begin = Instant::now();
    let now = || Time::from_origin(begin.elapsed());
    let engine = |n: u8| {
        let mut engine = Engine::new(Config::default(), infohash, PeerId([n; 20]), u64::from(n), now());
        assert!(engine.set_info(info.clone(), now()));
        engine
    };
    let mut leech = engine(0);
    let mut seeds: Vec<Engine> = (1..=peers as u8).map(engine).collect();
    for (n, seed) in seeds.iter_mut().enumerate() {
        let conn = ConnId(n as u64);
        seed.add_pieces(&Bitfield::all(geometry.pieces()), now());
        let info = |outgoing| PeerInfo { kind: PeerKind::Tcp, outgoing, address: None };
        assert!(seed.add_peer(conn, info(false), None, now()).is_ok());
        assert!(leech.add_peer(conn, info(true), None, now()).is_ok());
    }
    let data = Bytes::from(vec![7; 4 << 20]);
    let mut complete = false;
    let (mut in_leech, mut in_seeds) = (Duration::ZERO, Duration::ZERO);
    while !complete {
        for (n, seed) in seeds.iter_mut().enumerate() {
            let conn = ConnId(n as u64);
            let up = collect(&mut leech, conn, &data, now(), &mut in_leech);
            if !up.is_empty() {
                seed.received(conn, up, now());
            }
            while seed.poll_event().is_some() {}
            seed.handle_timeout(now());
            let down = collect(seed, conn, &data, now(), &mut in_seeds);
            let start = Instant::now();
            if !down.is_empty() {
                leech.received(conn, down, now());
            }
            leech.handle_timeout(now());
            while let Some(event) = leech.poll_event() {
                match event {
                    Event::Check(piece) => leech.checked(piece, Verdict::Good, now()),
                    Event::Complete => complete = true,
                    _ => {}
                }
            }
            in_leech += start.elapsed();
        }
    }
    println!(
        "{mib} MiB in {pieces} pieces from {peers} peers: {:.0} MB/s with both sides in one thread, {:.0} MB/s through \
         the fetching engine",
        length as f64 / begin.elapsed().as_secs_f64() / 1e6,
        length as f64 / in_leech.as_secs_f64() / 1e6,
    );
}

/// What an engine sends on a connection now, at most 256 KiB of it.
fn collect(engine: &mut Engine, conn: ConnId, data: &Bytes, now: Time, spent: &mut Duration) -> Bytes {
    let start = Instant::now();
    while engine.sendable().is_some() {}
    let mut out = BytesMut::new();
    while out.len() < 256 * 1024 {
        match engine.poll_send(conn, now) {
            Some(Outgoing::Bytes(bytes)) => out.extend_from_slice(&bytes),
            Some(Outgoing::Block(block)) => {
                out.extend_from_slice(&piece_header(block));
                out.extend_from_slice(&data[..block.len as usize]);
            }
            None => break,
        }
    }
    *spent += start.elapsed();
    out.freeze()
}
