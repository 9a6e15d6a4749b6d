//! libp2p's handler of one connection: takes streams in, opens streams, and hands them to the tasks.

use super::{
    Events, Link, LinkEvent, LinkId, SendError, Shared, VersionedStream, reader, upgrade::Upgrade, writer,
};
use crate::bitswap::{Uploads, limits::MAX_INBOUND_STREAMS};
use libp2p::{
    PeerId,
    swarm::{
        ConnectionHandler, ConnectionHandlerEvent, StreamUpgradeError, SubstreamProtocol,
        handler::{ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound},
    },
};
use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

/// A wish for an outbound stream.
pub(super) type StreamRequest = oneshot::Sender<Result<VersionedStream, SendError>>;

/// Messages handed to the writer and not written yet. Two, so that one is at hand when the other is done.
const OUTGOING: usize = 2;

/// The handler. Dropping it ends the connection's tasks and tells the service.
pub(crate) struct Handler {
    peer: PeerId,
    id: LinkId,
    shared: Arc<Shared>,
    events: Events,
    requests: mpsc::Receiver<StreamRequest>,
    /// Who waits for the stream being negotiated.
    waiting: Option<StreamRequest>,
    readers: JoinSet<()>,
    /// Aborted with the set.
    _writer: JoinSet<()>,
}

impl Handler {
    pub(super) fn new(peer: PeerId, id: LinkId, events: Events, uploads: Arc<dyn Uploads>) -> Self {
        let shared = Shared::new();
        let (outgoing, messages) = mpsc::channel(OUTGOING);
        let (ask, requests) = mpsc::channel(1);
        let link = Link { id, outgoing, shared: shared.clone() };
        // The service gone means that the host is going.
        let _ = events.life.send(LinkEvent::Opened { peer, link });
        let mut task = JoinSet::new();
        let toll = writer::Toll { uploads, shared: shared.clone() };
        task.spawn(writer::write(peer, id, messages, ask, events.clone(), toll));
        Self { peer, id, shared, events, requests, waiting: None, readers: JoinSet::new(), _writer: task }
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        let _ = self.events.life.send(LinkEvent::Closed { peer: self.peer, link: self.id });
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Infallible;
    type ToBehaviour = Infallible;
    type InboundProtocol = Upgrade;
    type OutboundProtocol = Upgrade;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Upgrade> {
        SubstreamProtocol::new(Upgrade, ())
    }

    fn connection_keep_alive(&self) -> bool {
        self.shared.needed() || self.shared.held_back()
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ConnectionHandlerEvent<Upgrade, (), Infallible>> {
        while let Poll::Ready(Some(_)) = self.readers.poll_join_next(cx) {}
        if self.waiting.is_none()
            && let Poll::Ready(Some(request)) = self.requests.poll_recv(cx)
        {
            self.waiting = Some(request);
            let protocol = SubstreamProtocol::new(Upgrade, ());
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        Poll::Pending
    }

    fn on_behaviour_event(&mut self, event: Infallible) {
        match event {}
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Upgrade, Upgrade>) {
        match event {
            // Beyond the bound the stream is dropped, which resets it.
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, .. })
                if self.readers.len() < MAX_INBOUND_STREAMS =>
            {
                let (mut stream, _version) = protocol;
                // Kubo leaves its stream open for good, which is no reason to keep the connection.
                stream.ignore_for_keep_alive();
                let shared = self.shared.clone();
                self.readers.spawn(reader::read(self.peer, stream, shared, self.events.clone()));
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, .. }) => {
                if let Some(waiting) = self.waiting.take() {
                    let _ = waiting.send(Ok(protocol));
                }
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { error, .. }) => {
                if let Some(waiting) = self.waiting.take() {
                    let _ = waiting.send(Err(match error {
                        StreamUpgradeError::NegotiationFailed => SendError::Unsupported,
                        _ => SendError::Broken,
                    }));
                }
            }
            _ => {}
        }
    }
}
