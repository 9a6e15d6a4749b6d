//! The public DHT of IPFS, `/ipfs/kad/1.0.0`: root CIDs announced, and providers found.
//!
//! ```text
//!   PublicDht (handle) ──commands──▶ Behaviour ─ owns ─▶ kad::Behaviour, Schedule (own roots), Shelf (others' records)
//!                                        └─ Found ─────▶ whoever asked
//! ```
//!
//! Switched off by default: whoever announces tells strangers all over the world which address gives which content.
//!
//! - The key of a record is the multihash of the CID, as Kubo has it.
//! - A provider record is told with the addresses that the host is known to be reached at
//!   ([`Config::external`](super::Config::external), [`P2p::add_external_addr`](super::P2p::add_external_addr)). A
//!   host that has none announces nothing: storers drop records without an address.
//! - With such an address it is a server and keeps other peers' records, up to [`MAX_RECORDS`]; else it only asks.
//! - Records live 48 hours with those who keep them. Each is told again every [`REPUBLISH`]. One that was taken back is
//!   never told again, and forgotten by others within the 48 hours.
//! - One announcement asks some 50 peers who is nearest, and tells 20: about 100 small messages and as many
//!   connections. At most [`CONCURRENT`] run at once and new ones begin [`GAP`] apart, so about 8,000 roots are kept
//!   up; with more, each still has its turn, later.
//!
//! Nothing is dialled before the first root is announced or the first provider is asked for.

mod behaviour;
mod bootstrap;
mod handle;
mod schedule;
mod shelf;

pub(super) use behaviour::Behaviour;
pub use bootstrap::WELL_KNOWN;
pub use handle::{Found, PublicDht, Status};

use libp2p::{Multiaddr, StreamProtocol};
use std::time::Duration;

/// The protocol's name, as all of IPFS speaks it.
pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/ipfs/kad/1.0.0");

/// How often a root is announced: Kubo's own interval, well below the records' 48 hours.
pub const REPUBLISH: Duration = Duration::from_secs(22 * 60 * 60);

/// Announcements under way at once.
pub const CONCURRENT: usize = 4;

/// Between the beginnings of announcements, when many are due.
pub const GAP: Duration = Duration::from_secs(10);

/// Provider records kept for others.
pub const MAX_RECORDS: usize = 16 * 1024;

/// What the DHT is joined with.
#[derive(Clone, Debug)]
pub struct PublicDhtConfig {
    /// Peers to begin with, each with its peer id (`/ip4/…/tcp/4001/p2p/12D3…`); others are left out.
    pub bootstrap: Vec<Multiaddr>,
}

/// The well-known peers.
impl Default for PublicDhtConfig {
    fn default() -> Self {
        Self { bootstrap: WELL_KNOWN.iter().filter_map(|address| address.parse().ok()).collect() }
    }
}
