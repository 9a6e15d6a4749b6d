//! The one libp2p host of the program, and Bitswap on it.
//!
//! | module | subject |
//! |---|---|
//! | [`host`] | identity, transports, limits, the guard against private addresses, the handle [`P2p`]; the public DHT of IPFS |
//! | [`kad`] | the bytes of Kademlia's messages; its server, routing table and questions are in [`host::kad`] |
//! | [`bitswap`] | blocks given and asked: protocol, serving, [`Session`] |
//!
//! One process has one host: it owns the identity that peers know it by, and every protocol is a behaviour in
//! `host::behaviour`.

pub mod bitswap;
#[cfg(feature = "host")]
pub mod host;
pub mod kad;
mod protobuf;

#[cfg(feature = "host")]
pub use bitswap::{BlockError, Blocks, Fetched, Session, Uploads};
#[cfg(feature = "host")]
pub use host::{
    Config, ConnectError, P2p, StartError,
    kad::{Contact, Kad, KadConfig, KadMode, KadStatus, Providers, RpcError},
    nat::{NatConfig, Reachability},
    records::{RecordsError, RecordsServer},
};
#[cfg(feature = "public-dht")]
pub use host::{PublicDht, PublicDhtConfig};
#[cfg(feature = "host")]
pub use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};
