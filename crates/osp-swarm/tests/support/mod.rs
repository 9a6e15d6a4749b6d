//! A peer by hand: what an engine says to it, message by message.
#![allow(dead_code, unreachable_pub)]

use bytes::Bytes;
use osp_core::torrent::{TorrentInfo, hash_piece};
use osp_swarm::{
    Bitfield, Config, ConnId, Engine, Event, InfoHash, Outgoing, PeerId, PeerInfo, PeerKind, Reason, Time,
    wire::{Decoder, Handshake, Message, handshake::HANDSHAKE_BYTES},
};
use std::{net::SocketAddr, time::Duration};

pub const CONN: ConnId = ConnId(1);
pub const PIECE: usize = 65_536;

/// Ten pieces of 64 KiB, all bytes 7.
pub fn info() -> TorrentInfo {
    let pieces = vec![hash_piece(&[7; PIECE]); 10];
    TorrentInfo { length: 10 * PIECE as u64, name: "sevens".into(), piece_length: PIECE as u32, pieces }
}

pub fn infohash() -> InfoHash {
    InfoHash(info().infohash())
}

/// An engine that has everything.
pub fn seed(config: Config) -> Engine {
    let mut engine = leech(config);
    engine.add_pieces(&Bitfield::all(10), Time::ZERO);
    while engine.poll_event().is_some() {}
    engine
}

/// An engine that has the info dictionary and nothing else.
pub fn leech(config: Config) -> Engine {
    let mut engine = Engine::new(config, infohash(), PeerId(*b"-OS0001-engineengine"), 1, Time::ZERO);
    assert!(engine.set_info(info(), Time::ZERO));
    engine
}

pub fn at(seconds: f64) -> Time {
    Time::from_origin(Duration::from_secs_f64(seconds))
}

pub fn peer_info(kind: PeerKind) -> PeerInfo {
    PeerInfo { kind, outgoing: false, address: Some(SocketAddr::from(([80, 4, 4, 200], 5000))) }
}

/// The other side of a connection.
pub struct Hand {
    pub conn: ConnId,
    decoder: Decoder,
    skip: usize,
}

impl Hand {
    /// Connects; says its handshake with these extensions.
    pub fn shake(engine: &mut Engine, conn: ConnId, kind: PeerKind, fast: bool, now: Time) -> Self {
        let mut name = [b'h'; 20];
        name[12..].copy_from_slice(&conn.0.to_be_bytes());
        let mut handshake = Handshake::ours(infohash(), PeerId(name));
        if !fast {
            handshake.reserved[7] = 0;
        }
        engine.add_peer(conn, peer_info(kind), None, now).unwrap();
        engine.received(conn, Bytes::copy_from_slice(&handshake.encode()), now);
        Self { conn, decoder: Decoder::new(), skip: HANDSHAKE_BYTES }
    }

    pub fn say(&self, engine: &mut Engine, messages: &[Message], now: Time) {
        let mut out = Vec::new();
        for message in messages {
            message.encode(&mut out);
        }
        engine.received(self.conn, out.into(), now);
    }

    /// Everything that the engine says now; blocks as messages without data.
    pub fn hear(&mut self, engine: &mut Engine, now: Time) -> Vec<Message> {
        let mut out = Vec::new();
        while engine.sendable().is_some() {}
        while let Some(outgoing) = engine.poll_send(self.conn, now) {
            match outgoing {
                Outgoing::Bytes(mut bytes) => {
                    let handshake = self.skip.min(bytes.len());
                    self.skip -= handshake;
                    self.decoder.push(bytes.split_off(handshake));
                    while let Some(message) = self.decoder.next().unwrap() {
                        out.push(message);
                    }
                }
                Outgoing::Block(block) => {
                    out.push(Message::Piece { piece: block.piece, begin: block.begin, data: Bytes::new() });
                }
            }
        }
        out
    }

    /// What it says, extended messages aside.
    pub fn hear_ordinary(&mut self, engine: &mut Engine, now: Time) -> Vec<Message> {
        let mut out = self.hear(engine, now);
        out.retain(|message| !matches!(message, Message::Extended { .. } | Message::KeepAlive));
        out
    }
}

/// Lets time pass, a tenth of a second at a time.
pub fn pass(engine: &mut Engine, from: f64, to: f64) {
    let mut now = from;
    while now < to {
        now += 0.1;
        engine.handle_timeout(at(now));
    }
}

/// Why connections were closed.
pub fn closed(engine: &mut Engine) -> Vec<Reason> {
    let mut out = Vec::new();
    while let Some(event) = engine.poll_event() {
        if let Event::Close { reason, .. } = event {
            out.push(reason);
        }
    }
    out
}
