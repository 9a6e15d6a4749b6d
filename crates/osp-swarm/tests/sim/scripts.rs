//! Peers that follow a script instead of an engine.

use crate::actor::{Script, Track};
use bytes::Bytes;
use osp_swarm::{
    Block, PeerId,
    wire::{
        Decoder, Handshake, Message,
        extension::{ExtendedHandshake, METADATA_PART, MetadataMessage, UT_METADATA},
        handshake::HANDSHAKE_BYTES,
    },
};
use std::{sync::Arc, time::Duration};

fn hello(track: &Track, name: &[u8; 8]) -> Vec<u8> {
    let mut id = [b'-'; 20];
    id[..8].copy_from_slice(name);
    Handshake::ours(track.infohash, PeerId(id)).encode().to_vec()
}

fn say(messages: impl IntoIterator<Item = Message>) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        message.encode(&mut out);
    }
    out
}

/// Asks for everything, all the time, and for it again.
pub struct Flooder {
    track: Arc<Track>,
    begun: bool,
}

impl Flooder {
    pub fn new(track: &Arc<Track>) -> Self {
        Self { track: track.clone(), begun: false }
    }
}

impl Script for Flooder {
    fn react(&mut self, bytes: &[u8]) -> Vec<u8> {
        if !std::mem::replace(&mut self.begun, true) {
            let mut out = hello(&self.track, b"-FLOOD1-");
            out.extend(say([Message::HaveNone, Message::Interested]));
            return out;
        }
        if !bytes.is_empty() {
            return Vec::new();
        }
        let pieces = (0..self.track.geometry.pieces()).map(osp_swarm::PieceIndex);
        let blocks: Vec<Block> =
            pieces.flat_map(|piece| self.track.geometry.blocks(piece)).take(1000).collect();
        say(blocks.into_iter().map(Message::Request))
    }
    fn every(&self) -> Option<Duration> {
        Some(Duration::from_millis(20))
    }
}

/// How a metadata liar lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Right length, false bytes.
    Hash,
    /// This length, bytes to match.
    Length(u32),
    /// Right length, says nothing more.
    Silence,
}

/// Claims to have the info dictionary.
pub struct MetadataLiar {
    track: Arc<Track>,
    lie: Lie,
    begun: bool,
    skip: usize,
    decoder: Decoder,
    answers_as: u8,
}

impl MetadataLiar {
    pub fn new(track: &Arc<Track>, lie: Lie) -> Self {
        let (decoder, skip) = (Decoder::new(), HANDSHAKE_BYTES);
        Self { track: track.clone(), lie, begun: false, skip, decoder, answers_as: UT_METADATA }
    }

    fn size(&self) -> u32 {
        match self.lie {
            Lie::Length(size) => size,
            Lie::Hash | Lie::Silence => self.track.info.to_bencode().len() as u32,
        }
    }

    fn answer(&self, message: Message) -> Option<Message> {
        let Message::Extended { id: UT_METADATA, payload } = message else { return None };
        let Ok(Some(MetadataMessage::Request { part })) = MetadataMessage::parse(&payload) else {
            return None;
        };
        if self.lie == Lie::Silence {
            return None;
        }
        let total = self.size();
        let len = METADATA_PART.min((total as usize).saturating_sub(part as usize * METADATA_PART));
        let data = MetadataMessage::Data { part, total, data: Bytes::from(vec![7; len]) };
        Some(Message::Extended { id: self.answers_as, payload: data.encode().into() })
    }
}

impl Script for MetadataLiar {
    fn react(&mut self, bytes: &[u8]) -> Vec<u8> {
        if !std::mem::replace(&mut self.begun, true) {
            let hand = ExtendedHandshake {
                ut_metadata: Some(UT_METADATA),
                metadata_size: Some(self.size()),
                ..ExtendedHandshake::default()
            };
            let mut out = hello(&self.track, b"-LIAR01-");
            out.extend(say([Message::Extended { id: 0, payload: hand.encode().into() }, Message::HaveAll]));
            return out;
        }
        let handshake = self.skip.min(bytes.len());
        self.skip -= handshake;
        self.decoder.push(Bytes::copy_from_slice(&bytes[handshake..]));
        let mut out = Vec::new();
        while let Ok(Some(message)) = self.decoder.next() {
            if let Some(answer) = self.answer(message) {
                answer.encode(&mut out);
            }
        }
        out
    }
}
