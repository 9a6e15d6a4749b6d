//! libp2p's handler of one connection.

use super::{Incoming, OpenError, OpenRequest, behaviour::Accepts};
use futures_util::future::{Ready, ready};
use libp2p::{
    PeerId, Stream, StreamProtocol,
    core::upgrade::{InboundUpgrade, OutboundUpgrade, UpgradeInfo},
    swarm::{
        ConnectionHandler, ConnectionHandlerEvent, StreamUpgradeError, SubstreamProtocol,
        handler::{ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound},
    },
};
use std::{
    convert::Infallible,
    task::{Context, Poll},
};
use tokio::sync::{mpsc, oneshot};

/// Who waits for a stream.
type Waiting = oneshot::Sender<Result<Stream, OpenError>>;

/// The handler.
pub(in crate::host) struct Handler {
    peer: PeerId,
    accepts: Accepts,
    requests: mpsc::Receiver<OpenRequest>,
}

impl Handler {
    pub(super) fn new(peer: PeerId, accepts: Accepts, requests: mpsc::Receiver<OpenRequest>) -> Self {
        Self { peer, accepts, requests }
    }
}

/// Negotiates one of some protocols; gives the stream and which it was.
#[derive(Clone, Debug)]
pub(in crate::host) struct OneOf(Vec<StreamProtocol>);

impl UpgradeInfo for OneOf {
    type Info = StreamProtocol;
    type InfoIter = std::vec::IntoIter<StreamProtocol>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.clone().into_iter()
    }
}

impl InboundUpgrade<Stream> for OneOf {
    type Output = (Stream, StreamProtocol);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, name: StreamProtocol) -> Self::Future {
        ready(Ok((stream, name)))
    }
}

impl OutboundUpgrade<Stream> for OneOf {
    type Output = (Stream, StreamProtocol);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_outbound(self, stream: Stream, name: StreamProtocol) -> Self::Future {
        ready(Ok((stream, name)))
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Infallible;
    type ToBehaviour = Infallible;
    type InboundProtocol = OneOf;
    type OutboundProtocol = OneOf;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Waiting;

    fn listen_protocol(&self) -> SubstreamProtocol<OneOf> {
        SubstreamProtocol::new(OneOf(self.accepts.keys().cloned().collect()), ())
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ConnectionHandlerEvent<OneOf, Waiting, Infallible>> {
        // Wishes that were given up meanwhile are passed over.
        while let Poll::Ready(Some(OpenRequest { protocol, answer })) = self.requests.poll_recv(cx) {
            if !answer.is_closed() {
                let protocol = SubstreamProtocol::new(OneOf(vec![protocol]), answer);
                return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
            }
        }
        Poll::Pending
    }

    fn on_behaviour_event(&mut self, event: Infallible) {
        match event {}
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, OneOf, OneOf, (), Waiting>) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, .. }) => {
                let (stream, name) = protocol;
                if let Some(to) = self.accepts.get(&name) {
                    let _ = to.try_send(Incoming { peer: self.peer, stream });
                }
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, info }) => {
                let _ = info.send(Ok(protocol.0));
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { error, info }) => {
                let _ = info.send(Err(match error {
                    StreamUpgradeError::NegotiationFailed => OpenError::Unsupported,
                    _ => OpenError::Broken,
                }));
            }
            _ => {}
        }
    }
}
