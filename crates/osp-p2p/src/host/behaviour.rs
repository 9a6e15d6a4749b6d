//! The protocols of the host, composed. What comes later is a field here, in a `Toggle` if it can be switched off, and
//! an arm in `task` if it says anything.

#[cfg(feature = "public-dht")]
use super::public_dht;
use super::{config::Config, guard::Guard, kad, nat, streams};
use crate::bitswap;
use libp2p::{
    PeerId, autonat,
    connection_limits::{self, ConnectionLimits},
    dcutr, identify,
    identity::Keypair,
    mdns, ping, relay,
    swarm::{NetworkBehaviour, behaviour::toggle::Toggle},
};

/// `protocolVersion` of identify, as Kubo and Helia write it.
const PROTOCOL_VERSION: &str = "ipfs/0.1.0";

/// Connections of one peer: one each way, and one more while they are being exchanged.
const MAX_PER_PEER: u32 = 3;

/// Connections that are being set up.
const MAX_PENDING: u32 = 64;

/// All protocols. The limits come first, so that they refuse before others act.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    limits: connection_limits::Behaviour,
    bitswap: bitswap::Behaviour,
    pub(super) identify: identify::Behaviour,
    ping: ping::Behaviour,
    streams: streams::Behaviour,
    pub(super) kad: Toggle<kad::Behaviour>,
    pub(super) probe: Toggle<nat::Probe>,
    dial_back: Toggle<autonat::v2::server::Behaviour>,
    relays: Toggle<relay::client::Behaviour>,
    punch: Toggle<dcutr::Behaviour>,
    relay_server: Toggle<relay::Behaviour>,
    pub(super) local: Toggle<mdns::tokio::Behaviour>,
    #[cfg(feature = "public-dht")]
    pub(super) public_dht: Toggle<public_dht::Behaviour>,
}

impl Behaviour {
    /// All but what is switched on afterwards.
    pub(super) fn new(
        config: &Config,
        keypair: &Keypair,
        bitswap: bitswap::Behaviour,
        streams: streams::Behaviour,
    ) -> Self {
        let limits = ConnectionLimits::default()
            .with_max_established(Some(config.max_connections))
            .with_max_established_incoming(Some(config.max_connections.div_ceil(2)))
            .with_max_established_per_peer(Some(MAX_PER_PEER))
            .with_max_pending_incoming(Some(MAX_PENDING))
            .with_max_pending_outgoing(Some(MAX_PENDING));
        let identify = identify::Config::new(PROTOCOL_VERSION.into(), keypair.public())
            .with_agent_version(format!("opensound/{}", config.version))
            // A peer that has known this one for long has to hear of it when it is reached elsewhere.
            .with_push_listen_addr_updates(true)
            // Addresses that strangers give of themselves are not dialled on their word alone.
            .with_cache_size(0);
        Self {
            limits: connection_limits::Behaviour::new(limits),
            bitswap,
            identify: identify::Behaviour::new(identify),
            ping: ping::Behaviour::default(),
            streams,
            kad: Toggle::from(None),
            probe: Toggle::from(None),
            dial_back: Toggle::from(None),
            relays: Toggle::from(None),
            punch: Toggle::from(None),
            relay_server: Toggle::from(None),
            local: Toggle::from(None),
            #[cfg(feature = "public-dht")]
            public_dht: Toggle::from(None),
        }
    }

    /// Switches on what helps through routers; `relays` belongs to the transport of that name.
    pub(super) fn traverse(
        &mut self,
        me: PeerId,
        config: &Config,
        guard: &Guard,
        relays: Option<relay::client::Behaviour>,
    ) {
        let nat = config.nat;
        self.probe = nat.probe.then(|| nat::Probe::new(guard)).into();
        self.dial_back = nat.probe.then(autonat::v2::server::Behaviour::default).into();
        self.punch = relays.is_some().then(|| dcutr::Behaviour::new(me)).into();
        self.relays = relays.into();
        self.relay_server = nat.relay_server.then(|| relay::Behaviour::new(me, nat::relay_limits())).into();
        if nat.local && nat::Local::worth(&config.listen) {
            match mdns::tokio::Behaviour::new(mdns::Config::default(), me) {
                Ok(local) => self.local = Some(local).into(),
                Err(error) => tracing::warn!(%error, "the local network cannot be searched for peers"),
            }
        }
    }
}
