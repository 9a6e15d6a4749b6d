//! [`PeerStream`]: an ordered byte stream to a peer, whatever carries it.

use bytes::Bytes;
use osp_swarm::PeerKind;
use std::{future::Future, io, net::SocketAddr, pin::Pin};

/// A future of a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The receiving side.
pub trait ReadHalf: Send {
    /// The next bytes, as many as there are; `None` at the end. Cancel safe.
    fn read(&mut self) -> BoxFuture<'_, io::Result<Option<Bytes>>>;
}

/// The sending side.
pub trait WriteHalf: Send {
    /// Sends all the bytes, in order. Returns once the stream has room for more, so that a slow peer holds its sender back
    /// and not our memory.
    fn write(&mut self, bytes: Vec<Bytes>) -> BoxFuture<'_, io::Result<()>>;
    /// Says that nothing more comes. Dropping it closes as well.
    fn close(&mut self) -> BoxFuture<'_, ()>;
}

/// A connection to a peer.
pub struct PeerStream {
    /// What carries it.
    pub kind: PeerKind,
    /// Whether we called (for WebRTC: whether we offered).
    pub outgoing: bool,
    /// The other end's address, where there is one. Never to be logged.
    pub remote: Option<SocketAddr>,
    /// What comes.
    pub reader: Box<dyn ReadHalf>,
    /// What goes.
    pub writer: Box<dyn WriteHalf>,
}
