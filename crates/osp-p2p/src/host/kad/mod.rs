//! Kademlia of OpenSound's own, `/osp/kad/0.1.0`: this host as a server, its routing table, and the questions put to
//! other servers.
//!
//! ```text
//!  others' questions ──▶ libp2p-kad ──▶ routing table, DiscoveryStore (SQLite)
//!  Kad::find_node, get_providers, add_providers ──▶ a stream of our own ──▶ libp2p-kad at the other end
//!  Kad::closest_known ──▶ routing table
//! ```
//!
//! Which peers are asked in which order, and how a lookup ends, is not decided here (`osp-discovery`); libp2p-kad's own
//! iterative queries only keep the routing table fresh.
//!
//! # What is passed on
//!
//! Addresses of others get into the routing table from identify, and into provider records from the provider itself.
//! Private and special ones do not, unless the host was started to allow them, and not even where the user typed them:
//! a typed address is for this host to dial. So a peer that has none but private addresses is not passed on. The bytes
//! of each peer's addresses are bounded ([`ADDRESS_BYTES`]), so that an answer with 20 peers and 20 providers stays
//! under the 16 KiB that implementations read.
//!
//! # Provider records
//!
//! One is kept if the sender is the provider, its key has the form of ours (`12 20` and 32 bytes), and it leaves at
//! least one address that may be passed on; within the budgets of [`osp_store::providers`].

mod addresses;
mod behaviour;
mod handle;
mod maintain;
mod rpc;
mod store;
mod table;

pub(super) use behaviour::Behaviour;
pub(super) use handle::Shared;
pub use handle::{Kad, KadStatus};
pub use rpc::{Contact, Providers, RpcError};

use libp2p::StreamProtocol;
use osp_store::{DiscoveryStore, providers::ProviderKey};

/// The protocol's name.
pub(super) const PROTOCOL: StreamProtocol = StreamProtocol::new(crate::kad::PROTOCOL_NAME);

/// Bytes of one peer's addresses in an answer, each with the peer's id at its end as libp2p-kad writes them.
pub const ADDRESS_BYTES: usize = 256;

/// Addresses of one peer that are kept.
pub const MAX_ADDRESSES: usize = 6;

/// Whether this host answers others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KadMode {
    /// It does when an address is known at which it is reached directly: the operator's, or one that AutoNAT confirmed.
    /// Where private addresses are allowed, one it listens on will do.
    #[default]
    Auto,
    /// It does: the operator knows that it is reached.
    Server,
    /// It does not.
    Client,
}

/// What a host needs to take part.
#[derive(Clone, Debug)]
pub struct KadConfig {
    /// Provider records and known peers.
    pub store: DiscoveryStore,
    /// Whether others are answered.
    pub mode: KadMode,
}

/// The digest in a key of the form that is kept.
pub(super) fn digest(key: &[u8]) -> Option<ProviderKey> {
    let digest = key.strip_prefix(&[0x12, 0x20])?;
    digest.try_into().ok().map(ProviderKey)
}
