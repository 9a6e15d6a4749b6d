//! Torrents in memory, hubs on loopback, and peers that misbehave by script.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

pub mod peer;
pub mod source;
pub mod tracker;

use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{
    Cid,
    torrent::{PieceHasher, TorrentInfo, piece_length},
};
use osp_delivery::torrent::{
    Content, Held, Hub, HubConfig, Library, Patience, Reach, Seeding, Torrent, TorrentSetup, piece_is,
};
use osp_swarm::{Bitfield, Demand, Geometry, InfoHash, PieceIndex, Verdict};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Longer than anything here takes; a test that waits for it hangs.
pub const LONG: Duration = Duration::from_secs(60);

/// Bytes that differ everywhere, always the same for a seed.
pub fn bytes_of(len: usize, seed: u64) -> Bytes {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut out = Vec::with_capacity(len + 8);
    while out.len() < len {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        out.extend_from_slice(&x.to_le_bytes());
    }
    out.truncate(len);
    out.into()
}

/// A file and its torrent.
#[derive(Clone)]
pub struct File {
    pub bytes: Bytes,
    pub info: TorrentInfo,
    pub infohash: InfoHash,
}

impl File {
    pub fn new(len: usize, seed: u64) -> Self {
        let bytes = bytes_of(len, seed);
        let mut hasher = PieceHasher::new(piece_length(len as u64));
        hasher.update(&bytes);
        let cid = Cid::try_from("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku").unwrap();
        let info = TorrentInfo::new(len as u64, &cid, hasher.finish());
        let infohash = InfoHash(info.infohash());
        Self { bytes, info, infohash }
    }

    pub fn geometry(&self) -> Geometry {
        Geometry::of(&self.info).unwrap()
    }
}

/// Pieces in memory, proven by the info dictionary.
pub struct Memory {
    info: TorrentInfo,
    pieces: Mutex<Vec<Option<Bytes>>>,
    /// Order in which pieces came.
    pub order: Mutex<Vec<u32>>,
    pub puts: AtomicUsize,
    pub reads: AtomicUsize,
    pub completed: AtomicBool,
}

impl Memory {
    pub fn empty(file: &File) -> Arc<Self> {
        Self::with(file, vec![None; file.info.pieces.len()])
    }

    pub fn full(file: &File) -> Arc<Self> {
        let pieces = file.info.piece_length as usize;
        let pieces = (0..file.info.pieces.len())
            .map(|i| Some(file.bytes.slice(i * pieces..((i + 1) * pieces).min(file.bytes.len()))));
        Self::with(file, pieces.collect())
    }

    fn with(file: &File, pieces: Vec<Option<Bytes>>) -> Arc<Self> {
        Arc::new(Self {
            info: file.info.clone(),
            pieces: Mutex::new(pieces),
            order: Mutex::default(),
            puts: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
            completed: AtomicBool::new(false),
        })
    }

    /// All of it, which must be there.
    pub fn whole(&self) -> Vec<u8> {
        self.pieces
            .lock()
            .unwrap()
            .iter()
            .flat_map(|p| p.as_ref().expect("a missing piece").to_vec())
            .collect()
    }
}

#[async_trait]
impl Content for Memory {
    async fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let length = u64::from(self.info.piece_length);
        let piece = self.pieces.lock().unwrap()[(range.start / length) as usize].clone().unwrap();
        let start = (range.start % length) as usize;
        Ok(piece.slice(start..start + (range.end - range.start) as usize))
    }

    async fn put(&self, piece: PieceIndex, blocks: Vec<Bytes>) -> Verdict {
        self.puts.fetch_add(1, Ordering::Relaxed);
        if !piece_is(&blocks, self.info.pieces[piece.0 as usize]).await {
            return Verdict::Bad;
        }
        self.pieces.lock().unwrap()[piece.0 as usize] = Some(blocks.concat().into());
        self.order.lock().unwrap().push(piece.0);
        Verdict::Good
    }

    async fn complete(&self) {
        assert!(!self.completed.swap(true, Ordering::SeqCst), "completed twice");
    }
}

/// What [`Library`] gives out.
pub struct Shelf(pub Vec<File>);

#[async_trait]
impl Library for Shelf {
    async fn find(&self, infohash: InfoHash) -> io::Result<Option<(TorrentInfo, Arc<dyn Content>)>> {
        let file = self.0.iter().find(|file| file.infohash == infohash);
        Ok(file.map(|file| (file.info.clone(), Memory::full(file) as Arc<dyn Content>)))
    }
    async fn announced(&self, limit: usize) -> io::Result<Vec<InfoHash>> {
        Ok(self.0.iter().map(|file| file.infohash).take(limit).collect())
    }
}

/// Which way hubs in a test talk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Tcp,
    Utp,
}

/// Who says nothing is given up soon, and who is slow because the machine is busy is not.
pub fn patience() -> Patience {
    Patience {
        handshake: LONG,
        write: Duration::from_secs(2),
        fetch: Duration::from_secs(2),
        idle: Duration::from_millis(300),
        redial: Duration::from_millis(100),
    }
}

pub fn config(way: Way) -> HubConfig {
    HubConfig {
        listen: Some((Ipv4Addr::LOCALHOST, 0).into()),
        tcp: way == Way::Tcp,
        utp: way == Way::Utp,
        allow_private: true,
        patience: patience(),
        ..HubConfig::default()
    }
}

/// For tests in which somebody says nothing.
pub fn soon_hangs_up(way: Way) -> HubConfig {
    let patience = Patience { handshake: Duration::from_millis(500), ..patience() };
    HubConfig { patience, ..config(way) }
}

pub async fn hub(way: Way) -> Hub {
    Hub::open(config(way)).await.unwrap()
}

pub fn setup(hub: &Hub, file: &File, content: Arc<dyn Content>) -> TorrentSetup {
    TorrentSetup {
        infohash: file.infohash,
        info: Some(file.info.clone()),
        geometry: None,
        held: Held::Nothing,
        content,
        config: hub.engine_config(),
        demand: Demand::Everything,
        peer_id: hub.peer_id(),
        seed: 7,
        seeding: Seeding::Always,
    }
}

/// Opens a torrent that is whole.
pub fn seed(hub: &Hub, file: &File) -> Torrent {
    let setup = TorrentSetup { held: Held::All, ..setup(hub, file, Memory::full(file)) };
    hub.join(setup, Reach::default()).unwrap()
}

/// Opens a torrent of which nothing is there, and names these peers to it.
pub fn leech(hub: &Hub, file: &File, peers: &[SocketAddr]) -> (Torrent, Arc<Memory>) {
    let content = Memory::empty(file);
    let setup = setup(hub, file, content.clone());
    (hub.join(setup, reach(peers)).unwrap(), content)
}

pub fn reach(peers: &[SocketAddr]) -> Reach {
    Reach { peers: peers.iter().map(|p| (*p, osp_fetch::Trust::Typed)).collect(), ..Reach::default() }
}

/// Waits until all pieces are there.
pub async fn whole(torrent: &Torrent) {
    pieces(torrent, Bitfield::is_complete).await;
}

/// Waits until the pieces are as `wanted` says.
pub async fn pieces(torrent: &Torrent, wanted: impl Fn(&Bitfield) -> bool) {
    let mut have = torrent.have();
    let wait = have.wait_for(|have| have.pieces() > 0 && wanted(have));
    if tokio::time::timeout(LONG, wait).await.map(|r| r.is_ok()) != Ok(true) {
        panic!("the pieces did not come: {:?}", torrent.stats().await);
    }
}

/// Waits until something holds.
pub async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LONG, wait).await.expect("it did not come to hold");
}
