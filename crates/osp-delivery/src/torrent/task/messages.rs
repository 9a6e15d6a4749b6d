//! What reaches a torrent's task, and from whom.

use crate::{
    Outcome,
    torrent::{RangeSource, TorrentStats, hub::limits::Permit},
};
use bytes::Bytes;
use osp_core::torrent::TorrentInfo;
use osp_fetch::Trust;
use osp_peers::PeerStream;
use osp_swarm::{
    Bitfield, Block, Config, ConnId, Demand, FetchId, Geometry, PieceIndex, Playhead, WebSeedId,
    wire::Handshake,
};
use std::{net::SocketAddr, sync::Arc};
use tokio::sync::oneshot;

/// From handles, and from the connections' writers. Not bounded as a channel: writers have at most one report each
/// outstanding for each batch that was given to them, and handles are in our own hands.
pub(crate) enum Command {
    AddStream(Box<PeerStream>, Option<Handshake>, Option<Permit>),
    AddAddresses(Vec<SocketAddr>, Trust),
    AddSource(Arc<dyn RangeSource>),
    SetPlayheads(Vec<Playhead>),
    SetDemand(Demand),
    SetConfig(Box<Config>),
    SetGeometry(Geometry),
    SetInfo(Box<TorrentInfo>),
    AddPieces(Bitfield),
    ForgetPiece(PieceIndex),
    Stats(oneshot::Sender<TorrentStats>),
    Close,
    /// A writer has written this much of what was queued, in this many microseconds.
    Written {
        conn: ConnId,
        bytes: usize,
        micros: u64,
    },
    /// A writer cannot write any more.
    WriterGone(ConnId),
    /// A block to be sent could not be read.
    Unreadable(ConnId, Block),
}

/// Bytes from outside, in a bounded channel: a torrent that is busy holds its sources back.
pub(super) enum Input {
    /// From a peer.
    Bytes(ConnId, Bytes),
    /// A peer's stream has ended.
    Ended(ConnId),
    /// The next bytes of a fetch.
    Fetched(WebSeedId, FetchId, Bytes),
    /// A fetch has ended.
    FetchEnded(WebSeedId, FetchId, Result<(), Outcome>),
}
