//! Who takes part: an engine with a driver around it, honest or with a bad habit, or a scripted peer.

use crate::player::Player;
use bytes::Bytes;
use osp_core::torrent::{TorrentInfo, hash_piece, piece_length};
use osp_swarm::{
    Bitfield, Block, Config, ConnId, Engine, Geometry, InfoHash, PeerId, PieceIndex, Reason, Time, WebSeedId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, OnceLock},
};

/// A track.
pub struct Track {
    pub bytes: Bytes,
    pub info: TorrentInfo,
    pub geometry: Geometry,
    pub infohash: InfoHash,
}

impl Track {
    /// The same bytes for the same length, made once.
    pub fn of(length: usize) -> Arc<Self> {
        static MADE: OnceLock<Mutex<BTreeMap<usize, Arc<Track>>>> = OnceLock::new();
        let mut made = MADE.get_or_init(Mutex::default).lock().unwrap();
        made.entry(length).or_insert_with(|| Arc::new(Self::make(length))).clone()
    }

    fn make(length: usize) -> Self {
        let mut x = length as u64 | 1;
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            bytes.extend_from_slice(&x.to_le_bytes());
        }
        bytes.truncate(length);
        let piece_length = piece_length(length as u64);
        let pieces = bytes.chunks(piece_length as usize).map(hash_piece).collect();
        let info = TorrentInfo {
            length: length as u64,
            name: format!("track of {length} bytes"),
            piece_length,
            pieces,
        };
        let geometry = Geometry::of(&info).unwrap();
        let infohash = InfoHash(info.infohash());
        Self { bytes: bytes.into(), info, geometry, infohash }
    }

    pub fn piece(&self, piece: PieceIndex) -> &[u8] {
        let range = self.geometry.range(piece);
        &self.bytes[range.start as usize..range.end as usize]
    }
}

/// What a driver does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    Honest,
    /// One bit of every tenth piece is wrong.
    Poison,
    /// Promises everything, sends no block.
    Stall,
}

/// An engine and what a driver keeps for it.
pub struct Node {
    pub engine: Engine,
    pub habit: Habit,
    pub track: Arc<Track>,
    /// Blocks of pieces that are not verified.
    pub blocks: BTreeMap<PieceIndex, Vec<u8>>,
    /// What the driver has verified.
    pub verified: Bitfield,
    pub player: Option<Player>,
    pub closed: Vec<(ConnId, Reason)>,
    pub dropped: Vec<(WebSeedId, Reason)>,
    pub addresses: usize,
    pub complete: Option<Time>,
    pub fetches: BTreeSet<(u32, u64)>,
    /// Pieces that did not hold.
    pub bad: usize,
}

impl Node {
    pub fn new(track: &Arc<Track>, config: Config, number: u64, seed: u64, now: Time) -> Self {
        let mut id = [b'x'; 20];
        id[..8].copy_from_slice(b"-OS0001-");
        id[12..].copy_from_slice(&(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed).to_be_bytes());
        Self {
            engine: Engine::new(config, track.infohash, PeerId(id), seed ^ number, now),
            habit: Habit::Honest,
            track: track.clone(),
            blocks: BTreeMap::new(),
            verified: Bitfield::none(track.geometry.pieces()),
            player: None,
            closed: Vec::new(),
            dropped: Vec::new(),
            addresses: 0,
            complete: None,
            fetches: BTreeSet::new(),
            bad: 0,
        }
    }

    /// It has everything.
    pub fn seed(mut self, now: Time) -> Self {
        assert!(self.engine.set_info(self.track.info.clone(), now));
        self.verified = Bitfield::all(self.track.geometry.pieces());
        self.engine.add_pieces(&self.verified.clone(), now);
        self
    }

    pub fn with_info(mut self, now: Time) -> Self {
        assert!(self.engine.set_info(self.track.info.clone(), now));
        self
    }

    /// The bytes of a block as this driver sends them; `None`: it does not.
    pub fn read(&self, block: Block) -> Option<Bytes> {
        assert!(self.verified.has(block.piece), "only verified pieces are sent");
        let start = self.track.geometry.block_range(block).unwrap().start as usize;
        let bytes = self.track.bytes.slice(start..start + block.len as usize);
        match self.habit {
            Habit::Honest => Some(bytes),
            Habit::Stall => None,
            Habit::Poison if block.piece.0 % 10 == 3 && block.begin == 0 => {
                let mut bad = bytes.to_vec();
                bad[7] ^= 1;
                Some(bad.into())
            }
            Habit::Poison => Some(bytes),
        }
    }

    pub fn keep(&mut self, block: Block, data: &[u8]) {
        let len = self.track.geometry.piece_len(block.piece) as usize;
        let piece = self.blocks.entry(block.piece).or_insert_with(|| vec![0; len]);
        piece[block.begin as usize..block.begin as usize + data.len()].copy_from_slice(data);
    }

    /// Whether what was kept of a piece is right; it is forgotten if not.
    pub fn check(&mut self, piece: PieceIndex) -> bool {
        let blocks = self.blocks.remove(&piece).expect("a piece is checked after its blocks came");
        let good = blocks == self.track.piece(piece);
        if good {
            self.verified.set(piece);
        } else {
            self.bad += 1;
        }
        good
    }

    pub fn is_complete(&self) -> bool {
        self.verified.is_complete()
    }

    pub fn unverified(&self) -> usize {
        self.blocks.values().map(Vec::len).sum()
    }
}

/// A peer that follows a script.
pub trait Script {
    /// Bytes came (none at the beginning); gives what it sends.
    fn react(&mut self, bytes: &[u8]) -> Vec<u8>;
    /// Is asked again this often, with no bytes.
    fn every(&self) -> Option<std::time::Duration> {
        None
    }
}
