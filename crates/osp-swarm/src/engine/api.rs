//! What goes in and comes out.

use crate::ids::{Block, ConnId, PieceIndex};
use bytes::Bytes;
use osp_core::torrent::TorrentInfo;
use std::{net::SocketAddr, ops::Range, time::Duration};

/// Bounds and habits of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Connections at once.
    pub max_peers: usize,
    /// Peers that are unchoked at once, the optimistic one included.
    pub upload_slots: usize,
    /// Bytes a second to all peers together; `None`: no cap.
    pub upload_limit: Option<u64>,
    /// Bytes a second from all peers and web seeds together; `None`: no cap.
    pub download_limit: Option<u64>,
    /// Whether blocks are sent to peers at all (`false`: off on request).
    pub upload: bool,
    /// How our program calls itself in the extended handshake.
    pub client: String,
    /// Our TCP port, for peers to tell others.
    pub listen_port: Option<u16>,
    /// Whether addresses of peers are exchanged (BEP 11). Loopback and unroutable ones never are, unless
    /// `exchange_private` is set for tests and closed networks; loopback not even then.
    pub exchange: bool,
    /// Whether private addresses are exchanged too.
    pub exchange_private: bool,
    /// How far ahead of a playhead pieces have deadlines, in playing time.
    pub window: Duration,
    /// A web seed is asked for a piece inside the window only when its deadline is nearer than this, or no peer has
    /// promised it: peers relieve web seeds. At the very start, with nothing buffered, everything is near.
    pub web_seed_reserve: Duration,
    /// How long to wait for the first source before a second one is asked for the same urgent bytes.
    pub hedge_after: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_peers: 64,
            upload_slots: 8,
            upload_limit: None,
            download_limit: None,
            upload: true,
            client: concat!("OpenSound ", env!("CARGO_PKG_VERSION")).to_owned(),
            listen_port: None,
            exchange: true,
            exchange_private: false,
            window: Duration::from_secs(30),
            web_seed_reserve: Duration::from_secs(8),
            hedge_after: Duration::from_millis(250),
        }
    }
}

/// What to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The whole file, playheads first.
    Everything,
    /// Only what lies inside the windows of playheads.
    Windows,
    /// Nothing: only what is there is served.
    Nothing,
}

/// A reader's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Playhead {
    /// The next byte that is read.
    pub position: u64,
    /// How fast it is read, in bytes a second of playing; a guess does.
    pub rate: u32,
    /// Playing time that the reader already has, ahead of `position`: deadlines are that much later.
    pub buffered: Duration,
    /// Where the reader stops (exclusive); the file's end at most.
    pub end: u64,
}

/// How bytes come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PeerKind {
    /// BitTorrent over TCP.
    Tcp,
    /// BitTorrent over uTP (BEP 29).
    Utp,
    /// WebTorrent: a WebRTC data channel.
    WebRtc,
}

/// What is known of a new connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerInfo {
    /// How it came about.
    pub kind: PeerKind,
    /// Whether we called.
    pub outgoing: bool,
    /// The address it can be called at, if that is known.
    pub address: Option<SocketAddr>,
}

/// Why a connection was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// [`Config::max_peers`].
    #[error("there are enough peers")]
    Full,
    /// It is us.
    #[error("the peer is this program itself")]
    Ourselves,
    /// Its handshake names another torrent.
    #[error("the peer speaks of another torrent")]
    OtherTorrent,
    /// A connection with this peer id is open.
    #[error("the peer is connected already")]
    Duplicate,
    /// It sent bad bytes before.
    #[error("the peer sent false bytes before")]
    Banned,
}

/// The caller's name of a web seed; never used twice in the life of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebSeedId(pub u32);

/// One fetch from a web seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FetchId(pub u64);

/// What a web seed can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebSeed {
    /// Ranges start and end at multiples of this many bytes (or at the file's end): 1 for HTTP, the size of a leaf
    /// for a source that gives whole blocks.
    pub align: u32,
    /// Fetches at once.
    pub parallel: u8,
    /// Its bytes cost nobody anything (our own machine, the local network): it needs no relief.
    pub free: bool,
}

/// Where bytes came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A peer.
    Peer(ConnId),
    /// A web seed.
    WebSeed(WebSeedId),
}

/// What to send on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// These bytes.
    Bytes(Bytes),
    /// [`crate::wire::message::piece_header`] of this block, then its bytes from the file.
    Block(Block),
}

/// How a piece came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is what it should be, and kept.
    Good,
    /// It is not.
    Bad,
    /// It was proven together with others, under one leaf of a DAG, and not all of them are what they should be. Each of
    /// them gets this verdict.
    BadAmong {
        /// The first of them.
        first: PieceIndex,
        /// How many there are, one after another.
        count: u32,
    },
    /// It could not be kept or read back: nobody's fault but ours.
    Lost,
}

/// Why a fetch failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchFault {
    /// It could not be reached, broke off, or stalled: it is asked again later, after a pause that grows.
    Failed,
    /// It does not have the file, or gives no ranges: it is not asked again.
    Unusable,
}

/// Why a peer or web seed is dropped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// It sent bytes that do not verify.
    #[error("it sent bytes that do not verify, in piece {}", .0.0)]
    BadPiece(PieceIndex),
    /// It broke the protocol.
    #[error("it broke the protocol: {0}")]
    Protocol(&'static str),
    /// It said nothing for too long.
    #[error("it was silent for too long")]
    Silent,
    /// It has nothing for us and wants nothing.
    #[error("neither side has anything for the other")]
    Useless,
    /// One of [`Refused`], found out after the handshake.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Its info dictionary is not what the infohash says.
    #[error("its metadata is false")]
    BadMetadata,
}

impl Reason {
    /// Whether the other side sent something false, rather than nothing.
    #[must_use]
    pub fn is_lie(&self) -> bool {
        matches!(self, Self::BadPiece(_) | Self::BadMetadata)
    }
}

/// What the driver has to do, or may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Keep these bytes of a piece that is not verified yet. The same block may come twice (endgame): the last
    /// counts.
    Block {
        /// Where.
        block: Block,
        /// The bytes, `block.len` of them.
        data: Bytes,
        /// From whom.
        from: Origin,
    },
    /// All blocks of this piece were given: check it, answer with [`Engine::checked`](super::Engine::checked).
    Check(PieceIndex),
    /// Forget the blocks of this piece: they come again.
    Discard(PieceIndex),
    /// The info dictionary came from a peer and hashes to the infohash.
    Info(TorrentInfo),
    /// The info dictionary hashes to the infohash but is cut otherwise than the geometry says: peers of this
    /// torrent cannot be used.
    InfoMismatch,
    /// Fetch a range of the file from a web seed.
    Fetch {
        /// Which seed.
        seed: WebSeedId,
        /// The name of the fetch.
        fetch: FetchId,
        /// The bytes.
        range: Range<u64>,
    },
    /// Stop a fetch; no answer is needed.
    CancelFetch {
        /// Which seed.
        seed: WebSeedId,
        /// Which fetch.
        fetch: FetchId,
    },
    /// Close this connection.
    Close {
        /// Which.
        conn: ConnId,
        /// Why.
        reason: Reason,
    },
    /// Don't ask this web seed again; it is removed.
    DropWebSeed {
        /// Which.
        seed: WebSeedId,
        /// Why.
        reason: Reason,
    },
    /// Addresses of peers, from a peer (BEP 11). Strangers' words: to be guarded before they are called.
    Addresses(Vec<SocketAddr>),
    /// All pieces are there.
    Complete,
}

/// Numbers about one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerStats {
    /// Which.
    pub conn: ConnId,
    /// How it came about.
    pub kind: PeerKind,
    /// The address, if known.
    pub address: Option<SocketAddr>,
    /// The other side's program.
    pub client: Option<String>,
    /// Verified bytes from it.
    pub downloaded: u64,
    /// Bytes of blocks to it.
    pub uploaded: u64,
    /// Bytes a second from it, lately.
    pub download_rate: u64,
    /// Bytes a second to it, lately.
    pub upload_rate: u64,
    /// Pieces it has.
    pub has: u32,
    /// Whether it chokes us.
    pub choking_us: bool,
    /// Whether we choke it.
    pub choked: bool,
}

/// Numbers about a torrent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Connected peers.
    pub peers: Vec<PeerStats>,
    /// Verified bytes from each web seed, gone ones included.
    pub web_seeds: Vec<(WebSeedId, u64)>,
    /// Verified bytes from peers by kind, gone ones included: TCP and uTP.
    pub from_bittorrent: u64,
    /// Verified bytes over WebRTC.
    pub from_webtorrent: u64,
    /// Bytes of blocks sent to peers, gone ones included.
    pub uploaded: u64,
    /// Bytes that came in vain: twice, or bad.
    pub wasted: u64,
    /// Pieces that are there.
    pub pieces: u32,
}
