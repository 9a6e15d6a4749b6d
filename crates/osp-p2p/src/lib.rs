//! The one libp2p host of the program, and Bitswap on it.
//!
//! | module | subject |
//! |---|---|
//! | [`host`] | identity, transports, limits, the guard against private addresses, the handle [`P2p`]; the public DHT of IPFS |
//! | [`bitswap`] | blocks given and asked: protocol, serving, [`Session`] |
//!
//! One process has one host: it owns the identity that peers know it by, and every protocol is a behaviour in
//! `host::behaviour`.

pub mod bitswap;
#[cfg(feature = "host")]
pub mod host;

#[cfg(feature = "host")]
pub use bitswap::{BlockError, Blocks, Fetched, Session, Uploads};
#[cfg(feature = "host")]
pub use host::{Config, ConnectError, P2p, StartError};
#[cfg(feature = "public-dht")]
pub use host::{PublicDht, PublicDhtConfig};
#[cfg(feature = "host")]
pub use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};
