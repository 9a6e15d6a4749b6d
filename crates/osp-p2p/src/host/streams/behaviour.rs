//! The place of the streams in the swarm: a handler for each connection.

use super::{Connection, Incoming, Streams, handler::Handler};
use libp2p::{
    Multiaddr, PeerId, StreamProtocol,
    core::{Endpoint, transport::PortUse},
    multiaddr::Protocol,
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm,
    },
};
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, PoisonError},
    task::{Context, Poll},
};
use tokio::sync::mpsc;

/// Wishes that wait for one connection.
const REQUESTS: usize = 32;

/// Where the streams of each protocol that is spoken go.
pub(super) type Accepts = Arc<HashMap<StreamProtocol, mpsc::Sender<Incoming>>>;

/// The behaviour.
pub(in crate::host) struct Behaviour {
    streams: Streams,
    accepts: Accepts,
}

impl Behaviour {
    /// Takes in streams of the protocols given.
    pub(in crate::host) fn new(accepts: HashMap<StreamProtocol, mpsc::Sender<Incoming>>) -> (Self, Streams) {
        let streams = Streams::default();
        (Self { streams: streams.clone(), accepts: Arc::new(accepts) }, streams)
    }

    fn handler(&self, id: ConnectionId, peer: PeerId, address: &Multiaddr) -> Handler {
        let relayed = address.iter().any(|part| part == Protocol::P2pCircuit);
        let (requests, receiver) = mpsc::channel(REQUESTS);
        let mut connections = self.streams.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let of_peer = connections.entry(peer).or_default();
        // Another behaviour may have refused the connection after this one had made its handler.
        of_peer.retain(|connection| !connection.requests.is_closed());
        of_peer.push(Connection { id, relayed, requests });
        Handler::new(peer, self.accepts.clone(), receiver)
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.handler(id, peer, local))
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.handler(id, peer, address))
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        let mut connections = self.streams.connections.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            FromSwarm::ConnectionClosed(closed) => {
                if let Some(of_peer) = connections.get_mut(&closed.peer_id) {
                    of_peer.retain(|connection| connection.id != closed.connection_id);
                    if of_peer.is_empty() {
                        connections.remove(&closed.peer_id);
                    }
                }
            }
            // A connection refused by another behaviour leaves an entry behind.
            FromSwarm::DialFailure(_) | FromSwarm::ListenFailure(_) => {
                connections.retain(|_, of_peer| {
                    of_peer.retain(|connection| !connection.requests.is_closed());
                    !of_peer.is_empty()
                });
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}
