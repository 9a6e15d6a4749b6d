//! The task that owns the swarm.

use super::{
    behaviour::{Behaviour, BehaviourEvent},
    error::ConnectError,
    guard::Guard,
    nat::{HOP, Local, Reachability, Relays, is_relayed},
};
use futures_util::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm, identify, mdns,
    swarm::{
        ConnectionId, DialError, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use std::{
    collections::{HashMap, VecDeque},
    time::Instant,
};
use tokio::sync::{mpsc, oneshot};

/// What a connection attempt gives.
type Connected = Result<PeerId, ConnectError>;

/// What the handle asks of the task.
#[derive(Debug)]
pub(super) enum Command {
    /// Connects to a peer, whichever it is if none is named.
    Connect { peer: Option<PeerId>, addresses: Vec<Multiaddr>, answer: oneshot::Sender<Connected> },
    /// Connects to a peer unless it is connected or an attempt is under way, and waits for that.
    Reach { peer: PeerId, addresses: Vec<Multiaddr>, answer: oneshot::Sender<Connected> },
    /// Closes all connections of a peer.
    Disconnect(PeerId),
    /// The addresses listened on.
    Listening(oneshot::Sender<Vec<Multiaddr>>),
    /// The peers connected.
    Peers(oneshot::Sender<Vec<PeerId>>),
    /// Whether others reach the host.
    Reachability(oneshot::Sender<Reachability>),
    /// Connected peers of the local network.
    LocalPeers(oneshot::Sender<Vec<PeerId>>),
    /// The host is reached here too.
    AddExternal(Multiaddr),
    /// Ends the task.
    Shutdown(oneshot::Sender<()>),
}

/// The swarm and who waits for it.
pub(super) struct Task {
    pub(super) swarm: Swarm<Behaviour>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) dials: HashMap<ConnectionId, oneshot::Sender<Connected>>,
    /// Who waits for an attempt of others. Entries end with the attempt.
    pub(super) waiting: HashMap<PeerId, Vec<oneshot::Sender<Connected>>>,
    pub(super) guard: Guard,
    pub(super) use_relays: bool,
    pub(super) relays: Relays,
    pub(super) local: Local,
    /// Addresses that a peer tried in vain, the latest last.
    pub(super) failed: VecDeque<Multiaddr>,
}

/// Failed addresses that are remembered.
const MAX_FAILED: usize = 8;

impl Task {
    /// Works until it is told to stop or every handle is gone.
    pub(super) async fn run(mut self) {
        loop {
            tokio::select! {
                event = self.swarm.select_next_some() => self.event(event),
                command = self.commands.recv() => match command {
                    None => return,
                    Some(Command::Shutdown(answer)) => {
                        // Dropping the swarm closes listeners and connections.
                        drop(self);
                        let _ = answer.send(());
                        return;
                    }
                    Some(command) => self.command(command),
                },
            }
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Connect { peer, addresses, answer } => self.dial(peer, addresses, answer),
            Command::Reach { peer, addresses, answer } => self.reach(peer, addresses, answer),
            Command::Disconnect(peer) => {
                let _ = self.swarm.disconnect_peer_id(peer);
            }
            Command::Listening(answer) => {
                let _ = answer.send(self.swarm.listeners().cloned().collect());
            }
            Command::Peers(answer) => {
                let _ = answer.send(self.swarm.connected_peers().copied().collect());
            }
            Command::AddExternal(address) => {
                self.swarm.add_external_address(address);
                self.tell_addresses();
            }
            Command::Reachability(answer) => {
                let _ = answer.send(self.reachability());
            }
            Command::LocalPeers(answer) => {
                let connected = self.local.peers().filter(|peer| self.swarm.is_connected(peer));
                let _ = answer.send(connected.copied().collect());
            }
            Command::Shutdown(_) => {}
        }
    }

    fn dial(&mut self, peer: Option<PeerId>, addresses: Vec<Multiaddr>, answer: oneshot::Sender<Connected>) {
        let opts = match peer {
            Some(peer) => {
                DialOpts::peer_id(peer).condition(PeerCondition::Disconnected).addresses(addresses).build()
            }
            None => {
                let Some(address) = addresses.into_iter().next() else {
                    let _ = answer.send(Err(ConnectError::Unreachable));
                    return;
                };
                DialOpts::unknown_peer_id().address(address).build()
            }
        };
        let id = opts.connection_id();
        match self.swarm.dial(opts) {
            Ok(()) => {
                self.dials.insert(id, answer);
            }
            Err(error) => {
                let result = match (error, peer) {
                    (DialError::DialPeerConditionFalse(_), Some(peer)) => Ok(peer),
                    (error, _) => Err(connect_error(&error)),
                };
                let _ = answer.send(result);
            }
        }
    }

    fn reach(&mut self, peer: PeerId, addresses: Vec<Multiaddr>, answer: oneshot::Sender<Connected>) {
        let condition = PeerCondition::DisconnectedAndNotDialing;
        let opts = DialOpts::peer_id(peer).condition(condition).addresses(addresses).build();
        let id = opts.connection_id();
        match self.swarm.dial(opts) {
            Ok(()) => drop(self.dials.insert(id, answer)),
            Err(DialError::DialPeerConditionFalse(_)) if self.swarm.is_connected(&peer) => {
                let _ = answer.send(Ok(peer));
            }
            Err(DialError::DialPeerConditionFalse(_)) => self.waiting.entry(peer).or_default().push(answer),
            Err(error) => {
                let _ = answer.send(Err(connect_error(&error)));
            }
        }
    }

    /// Identify tells connected peers of new listeners by itself, but not where else this host is reached now.
    fn tell_addresses(&mut self) {
        let peers: Vec<PeerId> = self.swarm.connected_peers().copied().collect();
        self.swarm.behaviour_mut().identify.push(peers);
    }

    /// Tells those who waited for another's attempt.
    fn settle(&mut self, peer: PeerId, result: &Connected) {
        for answer in self.waiting.remove(&peer).into_iter().flatten() {
            let _ = answer.send(result.clone());
        }
    }

    fn reachability(&self) -> Reachability {
        Reachability {
            external: self.swarm.external_addresses().cloned().collect(),
            failed: self.failed.iter().cloned().collect(),
            relays: self.relays.count(),
        }
    }

    /// Has a peer relay for this host that offers it, while it is not known to be reached otherwise.
    fn consider_relay(&mut self, peer: PeerId, info: &identify::Info) {
        let reached = self.swarm.external_addresses().any(|address| !is_relayed(address));
        if !self.use_relays || reached || !info.protocols.contains(&HOP) {
            return;
        }
        let mut public = info.listen_addrs.iter().filter(|at| !is_relayed(at) && self.guard.shareable(at));
        let Some(address) = public.next() else { return };
        if let Some(wanted) = self.relays.wanted(peer, address.clone())
            && let Ok(listener) = self.swarm.listen_on(wanted)
        {
            self.relays.reserved(listener, peer);
        }
    }

    /// Calls a peer that says it is on the local network.
    fn found_local(&mut self, peer: PeerId, address: Multiaddr) {
        if let Some(ip) = self.local.found(peer, &address, Instant::now()) {
            self.guard.allow(ip);
            let opts = DialOpts::peer_id(peer).condition(PeerCondition::DisconnectedAndNotDialing);
            let _ = self.swarm.dial(opts.addresses(vec![address]).build());
        }
    }

    fn met(&mut self, peer: PeerId, info: identify::Info) {
        self.consider_relay(peer, &info);
        #[cfg(feature = "public-dht")]
        if info.protocols.contains(&super::public_dht::PROTOCOL)
            && let Some(dht) = self.swarm.behaviour_mut().public_dht.as_mut()
        {
            dht.met(peer, &info.listen_addrs);
        }
        if let Some(kad) = self.swarm.behaviour_mut().kad.as_mut() {
            let server = info.protocols.contains(&super::kad::PROTOCOL);
            kad.met(peer, server, info.listen_addrs);
        }
    }

    fn event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, .. } => {
                if let Some(answer) = self.dials.remove(&connection_id) {
                    let _ = answer.send(Ok(peer_id));
                }
                self.settle(peer_id, &Ok(peer_id));
            }
            SwarmEvent::OutgoingConnectionError { connection_id, peer_id, error, .. } => {
                let error = connect_error(&error);
                if let Some(peer) = peer_id {
                    self.settle(peer, &Err(error.clone()));
                }
                if let Some(answer) = self.dials.remove(&connection_id) {
                    let _ = answer.send(Err(error));
                }
            }
            SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received {
                peer_id,
                info,
                ..
            })) => self.met(peer_id, info),
            SwarmEvent::ExternalAddrConfirmed { .. } | SwarmEvent::ExternalAddrExpired { .. } => {
                self.tell_addresses();
            }
            SwarmEvent::Behaviour(BehaviourEvent::Probe(tried)) if tried.result.is_err() => {
                self.failed.retain(|address| *address != tried.tested_addr);
                self.failed.push_back(tried.tested_addr);
                if self.failed.len() > MAX_FAILED {
                    self.failed.pop_front();
                }
            }
            SwarmEvent::Behaviour(BehaviourEvent::Local(mdns::Event::Discovered(found))) => {
                found.into_iter().for_each(|(peer, address)| self.found_local(peer, address));
            }
            SwarmEvent::Behaviour(BehaviourEvent::Local(mdns::Event::Expired(gone))) => {
                gone.iter().for_each(|(peer, _)| self.local.gone(peer));
            }
            SwarmEvent::ListenerClosed { listener_id, .. } => self.relays.closed(listener_id),
            // Nothing else is acted on yet, and nothing is logged: these events carry addresses.
            _ => {}
        }
    }
}

fn connect_error(error: &DialError) -> ConnectError {
    match error {
        DialError::LocalPeerId { .. } => ConnectError::Myself,
        DialError::WrongPeerId { obtained, .. } => ConnectError::WrongPeer { found: *obtained },
        DialError::Denied { cause } => ConnectError::Denied(denial(cause)),
        _ => ConnectError::Unreachable,
    }
}

/// What a behaviour said, which is one of our own and names no address.
fn denial(cause: &libp2p::swarm::ConnectionDenied) -> String {
    let mut error: &dyn std::error::Error = cause;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
