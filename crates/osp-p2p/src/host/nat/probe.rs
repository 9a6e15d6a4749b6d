//! AutoNAT v2 as a client, with the addresses it tries bounded: whoever is connected may claim to have seen this host
//! anywhere.

use crate::host::guard::Guard;
use libp2p::{
    Multiaddr, PeerId,
    autonat::v2::client,
    core::{Endpoint, transport::PortUse},
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm,
    },
};
use std::{
    collections::HashSet,
    task::{Context, Poll},
};

use super::relays::is_relayed;

/// Addresses that are tried in all. A host has one for each transport and family.
const MAX_CANDIDATES: usize = 32;

/// The behaviour.
pub(in crate::host) struct Probe {
    inner: client::Behaviour,
    guard: Guard,
    tried: HashSet<Multiaddr>,
}

impl Probe {
    pub(in crate::host) fn new(guard: &Guard) -> Self {
        Self { inner: client::Behaviour::default(), guard: guard.clone(), tried: HashSet::new() }
    }

    /// Whether an address is worth trying, and there is room to.
    fn worth(&mut self, address: &Multiaddr) -> bool {
        if self.tried.contains(address) {
            return true;
        }
        let good = self.tried.len() < MAX_CANDIDATES && !is_relayed(address) && self.guard.shareable(address);
        good && self.tried.insert(address.clone())
    }
}

impl NetworkBehaviour for Probe {
    type ConnectionHandler = <client::Behaviour as NetworkBehaviour>::ConnectionHandler;
    type ToSwarm = client::Event;

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.inner.handle_established_inbound_connection(id, peer, local, remote)
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.inner.handle_established_outbound_connection(id, peer, address, role, port)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        if let FromSwarm::NewExternalAddrCandidate(candidate) = &event
            && !self.worth(candidate.addr)
        {
            return;
        }
        self.inner.on_swarm_event(event);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.inner.on_connection_handler_event(peer, connection, event);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<client::Event, THandlerInEvent<Self>>> {
        self.inner.poll(cx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn claims_of_strangers_are_bounded_and_private_ones_passed_over() {
        let mut probe = Probe::new(&Guard::new(false));
        assert!(!probe.worth(&"/ip4/192.168.1.7/tcp/1".parse().unwrap()));
        let relayed = format!("/ip4/9.9.9.9/tcp/1/p2p/{}/p2p-circuit", PeerId::random());
        assert!(!probe.worth(&relayed.parse().unwrap()));
        let good =
            (0..100).filter(|n| probe.worth(&format!("/ip4/9.9.9.{n}/tcp/1").parse().unwrap())).count();
        assert_eq!(good, MAX_CANDIDATES);
        assert!(probe.worth(&"/ip4/9.9.9.0/tcp/1".parse().unwrap()));
    }
}
