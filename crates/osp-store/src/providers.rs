//! What a node keeps for the DHT: who provides what (*provider records*), peers it has known, and when it announced
//! its own keys.
//!
//! All of it is disposable: announcements are repeated by those who make them, so a store that is damaged is begun
//! anew ([`crate::embedded::DiscoveryStore`]). It is synchronous, since libp2p-kad asks it from within its own task; what takes
//! longer is in [`crate::embedded::DiscoveryStore::maintain`].
//!
//! # Budgets
//!
//! Anyone may announce anything, so every count has a bound ([`Limits`]), and a full store gives way to others rather
//! than to whoever came first:
//!
//! ```text
//!  a key is full    the network ([`Origin`]) with most records at this key gives one up; in it, the record that
//!                   ranks last in an order which is drawn anew at each start and which nobody outside knows
//!  a peer is full   what it announces beyond is refused
//!  all is full      the network with most records in all gives up its oldest one
//! ```
//!
//! So many peer ids in one network (a /24, or /48 of IPv6) share one place, and among equals the ones kept are a fair
//! sample of all that ever asked, whatever the order in which they came.
//!
//! # Time
//!
//! Expiry has to survive restarts, so it is by the wall clock, which may be wrong ([`LeaseClock`]).

mod clock;

pub use clock::{Clock, LeaseClock, SystemClock};

use std::{net::IpAddr, time::Duration};

/// Longest peer id that is kept, in bytes.
pub const MAX_PEER_ID: usize = 64;

/// Addresses of one peer that are kept.
pub const MAX_ADDRESSES: usize = 8;

/// Bytes of all addresses of one peer together.
pub const MAX_ADDRESS_BYTES: usize = 512;

/// Known peers that are kept for the next start.
pub const MAX_KNOWN_PEERS: u64 = 2_000;

/// The digest within a key of the DHT: SHA-256 of the index key's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderKey(pub [u8; 32]);

/// The network a record came from: what a stranger cannot have many of cheaply. It is taken from the connection, not
/// from what the peer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin([u8; 8]);

impl Origin {
    /// This node itself: its records are bound by no budget but the total, and give way to nobody.
    pub const OWN: Self = Self([0xff; 8]);

    /// The network of an address: /24 of IPv4, /48 of IPv6.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let mut out = [0; 8];
        match address.to_canonical() {
            IpAddr::V4(ip) => {
                out[0] = 4;
                out[1..4].copy_from_slice(&ip.octets()[..3]);
            }
            IpAddr::V6(ip) => {
                out[0] = 6;
                out[1..7].copy_from_slice(&ip.octets()[..6]);
            }
        }
        Self(out)
    }

    /// Where nothing is known of the network; all such share one place.
    #[must_use]
    pub fn unknown() -> Self {
        Self([0; 8])
    }

    /// Its bytes: two networks have different ones.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 8] {
        self.0
    }

    pub(crate) fn bytes(&self) -> &[u8; 8] {
        &self.0
    }

    pub(crate) fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }
}

/// The bounds of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Records in all.
    pub total: u64,
    /// Records of one peer: room for an artist with some ten thousand tracks.
    pub per_peer: u64,
    /// Records of one key when the store is more than half full.
    pub per_key: usize,
    /// Records of one key while there is room.
    pub per_popular_key: usize,
    /// How long a record is kept after it was last announced.
    pub keep: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total: 1_000_000,
            per_peer: 50_000,
            per_key: 20,
            per_popular_key: 200,
            keep: Duration::from_secs(48 * 3600),
        }
    }
}

/// One announcement: a peer says that it provides a key.
#[derive(Clone, Copy, Debug)]
pub struct Announcement<'a> {
    /// What.
    pub key: ProviderKey,
    /// Who: the bytes of its peer id.
    pub peer: &'a [u8],
    /// Where it is reached: binary multiaddrs. They replace those it gave before, for all its records. More than
    /// [`MAX_ADDRESSES`] or [`MAX_ADDRESS_BYTES`] are cut off.
    pub addresses: &'a [Vec<u8>],
    /// The network it came from.
    pub origin: Origin,
}

/// What became of an announcement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is kept, and was not known before.
    New,
    /// It was known and is kept for longer now.
    Renewed,
    /// The peer has [`Limits::per_peer`] records already.
    PeerFull,
    /// The key's place was given to others.
    KeyFull,
    /// The store is full, and no network has more in it than this one.
    Full,
    /// The peer id is too long to be one.
    Malformed,
}

/// A provider of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The bytes of its peer id.
    pub peer: Vec<u8>,
    /// Binary multiaddrs.
    pub addresses: Vec<Vec<u8>>,
    /// It is this node.
    pub own: bool,
    /// How long the record will be kept.
    pub remaining: Duration,
}

/// A peer that was in the routing table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPeer {
    /// The bytes of its peer id.
    pub peer: Vec<u8>,
    /// Binary multiaddrs.
    pub addresses: Vec<Vec<u8>>,
    /// How long ago it was last seen.
    pub age: Duration,
}

/// Counts of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiscoveryCounts {
    /// Provider records.
    pub records: u64,
    /// Peers that made them.
    pub peers: u64,
    /// Known peers.
    pub known: u64,
    /// Own keys with the time they were announced.
    pub announced: u64,
}

/// What a round of maintenance did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Maintained {
    /// Records that had expired and are gone.
    pub expired: usize,
    /// There may be more of them: come back soon.
    pub more: bool,
}
