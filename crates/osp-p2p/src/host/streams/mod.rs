//! Streams for protocols that are questions and answers: opened on a connection that is there, and taken in.
//!
//! ```text
//!  Streams::open(peer, protocol) ──▶ Handler of a connection ── negotiates ──▶ Stream
//!  a peer opens a stream ──▶ Handler ──▶ the channel given for its protocol (dropped, and so reset, when it is full)
//! ```
//!
//! A direct connection is preferred to a relayed one. Who uses a stream bounds its time and its bytes ([`framing`]).

mod behaviour;
pub(super) mod framing;
mod handler;

pub(super) use behaviour::Behaviour;

use libp2p::{PeerId, Stream, StreamProtocol, swarm::ConnectionId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{mpsc, oneshot};

/// Why a stream was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum OpenError {
    /// There is no connection to the peer.
    #[error("the peer is not connected")]
    NotConnected,
    /// The peer does not speak the protocol.
    #[error("the peer does not speak the protocol")]
    Unsupported,
    /// The connection broke, or the peer did not answer.
    #[error("the connection broke")]
    Broken,
}

/// A stream that a peer opened.
pub(super) struct Incoming {
    pub(super) peer: PeerId,
    pub(super) stream: Stream,
}

/// A wish for a stream.
pub(super) struct OpenRequest {
    protocol: StreamProtocol,
    answer: oneshot::Sender<Result<Stream, OpenError>>,
}

/// A connection that streams can be opened on.
struct Connection {
    id: ConnectionId,
    relayed: bool,
    requests: mpsc::Sender<OpenRequest>,
}

/// Connections by peer, as many as the host's limits allow.
type Connections = Arc<Mutex<HashMap<PeerId, Vec<Connection>>>>;

/// Opens streams. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Streams {
    connections: Connections,
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams").finish_non_exhaustive()
    }
}

impl Streams {
    /// Whether there is a connection.
    pub(super) fn connected(&self, peer: &PeerId) -> bool {
        self.best(peer).is_some()
    }

    /// Whether there is a connection that does not lead over a relay.
    pub(super) fn directly_connected(&self, peer: &PeerId) -> bool {
        let connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let direct = |connection: &Connection| !connection.relayed && !connection.requests.is_closed();
        connections.get(peer).is_some_and(|of_peer| of_peer.iter().any(direct))
    }

    /// Opens a stream on a connection that is there.
    pub(super) async fn open(&self, peer: PeerId, protocol: StreamProtocol) -> Result<Stream, OpenError> {
        let requests = self.best(&peer).ok_or(OpenError::NotConnected)?;
        let (answer, answered) = oneshot::channel();
        requests.send(OpenRequest { protocol, answer }).await.map_err(|_| OpenError::NotConnected)?;
        answered.await.unwrap_or(Err(OpenError::Broken))
    }

    fn best(&self, peer: &PeerId) -> Option<mpsc::Sender<OpenRequest>> {
        let connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let live = connections.get(peer)?.iter().filter(|connection| !connection.requests.is_closed());
        live.min_by_key(|connection| connection.relayed).map(|connection| connection.requests.clone())
    }
}
