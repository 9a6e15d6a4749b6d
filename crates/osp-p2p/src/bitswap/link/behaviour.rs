//! Bitswap's place in the swarm: a handler for each connection, and the closing of connections to peers at fault.

use super::{Events, LinkId, handler::Handler};
use crate::bitswap::Uploads;
use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    swarm::{
        CloseConnection, ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler,
        THandlerInEvent, THandlerOutEvent, ToSwarm,
    },
};
use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// A peer that lied or broke the protocol is not talked to for this long.
const BANISHMENT: Duration = Duration::from_secs(10 * 60);

/// Most peers kept away at once; a new identity costs them nothing, so more would not help.
const MAX_BANISHED: usize = 1024;

/// The behaviour.
pub(crate) struct Behaviour {
    events: Events,
    uploads: Arc<dyn Uploads>,
    next: u64,
    /// Peers whose connections are to be closed.
    close: mpsc::UnboundedReceiver<PeerId>,
    banished: VecDeque<(PeerId, Instant)>,
}

/// The peer is kept away.
#[derive(Debug, thiserror::Error)]
#[error("the peer lied or broke the protocol and is kept away for 10 minutes")]
pub(crate) struct Banished;

impl Behaviour {
    /// `close` names peers to drop.
    pub(crate) fn new(
        events: Events,
        uploads: Arc<dyn Uploads>,
        close: mpsc::UnboundedReceiver<PeerId>,
    ) -> Self {
        Self { events, uploads, next: 0, close, banished: VecDeque::new() }
    }

    fn handler(&mut self, peer: PeerId) -> Result<Handler, ConnectionDenied> {
        let now = Instant::now();
        self.banished.retain(|(_, until)| *until > now);
        if self.banished.iter().any(|(banished, _)| *banished == peer) {
            return Err(ConnectionDenied::new(Banished));
        }
        self.next += 1;
        Ok(Handler::new(peer, LinkId(self.next), self.events.clone(), self.uploads.clone()))
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.handler(peer)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.handler(peer)
    }

    fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        match self.close.poll_recv(cx) {
            Poll::Ready(Some(peer_id)) => {
                if self.banished.len() == MAX_BANISHED {
                    self.banished.pop_front();
                }
                self.banished.push_back((peer_id, Instant::now() + BANISHMENT));
                Poll::Ready(ToSwarm::CloseConnection { peer_id, connection: CloseConnection::All })
            }
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}
