//! The host: one identity, its transports and connections.
//!
//! ```text
//!   P2p (handle) ──commands──▶ task ─ owns ─▶ Swarm { transport, Behaviour { limits, identify, ping, bitswap, … } }
//!        └───────sessions────▶ bitswap service ◀──── connections
//! ```
//!
//! Addresses are never logged, nor part of an error: who talks to whom is nobody's business but theirs.

mod behaviour;
mod config;
mod error;
mod guard;
mod handle;
pub mod kad;
mod muxer;
pub mod nat;
#[cfg(feature = "public-dht")]
pub mod public_dht;
pub mod records;
mod streams;
mod task;
mod told;
mod transport;

pub use config::Config;
pub use error::{ConnectError, StartError};
pub use guard::Guard;
pub use handle::P2p;
#[cfg(feature = "public-dht")]
pub use public_dht::{PublicDht, PublicDhtConfig};
