//! The task that owns the swarm.

use super::{
    behaviour::{Behaviour, BehaviourEvent},
    error::ConnectError,
};
use futures_util::StreamExt as _;
#[cfg(feature = "public-dht")]
use libp2p::identify;
use libp2p::{
    Multiaddr, PeerId, Swarm,
    swarm::{
        ConnectionId, DialError, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use std::collections::HashMap;
use tokio::sync::{mpsc, oneshot};

/// What a connection attempt gives.
type Connected = Result<PeerId, ConnectError>;

/// What the handle asks of the task.
#[derive(Debug)]
pub(super) enum Command {
    /// Connects to a peer, whichever it is if none is named.
    Connect { peer: Option<PeerId>, addresses: Vec<Multiaddr>, answer: oneshot::Sender<Connected> },
    /// Closes all connections of a peer.
    Disconnect(PeerId),
    /// The addresses listened on.
    Listening(oneshot::Sender<Vec<Multiaddr>>),
    /// The peers connected.
    Peers(oneshot::Sender<Vec<PeerId>>),
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
}

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
            Command::Disconnect(peer) => {
                let _ = self.swarm.disconnect_peer_id(peer);
            }
            Command::Listening(answer) => {
                let _ = answer.send(self.swarm.listeners().cloned().collect());
            }
            Command::Peers(answer) => {
                let _ = answer.send(self.swarm.connected_peers().copied().collect());
            }
            Command::AddExternal(address) => self.swarm.add_external_address(address),
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

    fn event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, .. } => {
                if let Some(answer) = self.dials.remove(&connection_id) {
                    let _ = answer.send(Ok(peer_id));
                }
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                if let Some(answer) = self.dials.remove(&connection_id) {
                    let _ = answer.send(Err(connect_error(&error)));
                }
            }
            #[cfg(feature = "public-dht")]
            SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received {
                peer_id,
                info,
                ..
            })) => {
                if info.protocols.contains(&super::public_dht::PROTOCOL)
                    && let Some(dht) = self.swarm.behaviour_mut().public_dht.as_mut()
                {
                    dht.met(peer_id, &info.listen_addrs);
                }
            }
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
