//! How much a tracker holds, and what it says when that is reached.

use std::time::Duration;

/// Budgets and times. A member takes about 200 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most swarms.
    pub swarms: usize,
    /// Most members, in all swarms.
    pub members: usize,
    /// Most members of one swarm.
    pub members_a_swarm: usize,
    /// Most memberships of one address (IPv6: one /64) in all swarms; this machine's own are not counted.
    pub per_address: usize,
    /// Most members of one swarm with one address.
    pub per_address_a_swarm: usize,
    /// Most peers in one answer.
    pub peers_per_reply: usize,
    /// Most offers that are passed on for one announce.
    pub offers_per_announce: usize,
    /// Time between two announces over HTTP and UDP.
    pub interval: Duration,
    /// The shortest time that is asked for.
    pub min_interval: Duration,
    /// Time between two announces over WebSockets.
    pub web_interval: Duration,
    /// How long a member stays who does not announce.
    pub expiry: Duration,
    /// How long one stays on a WebSocket that is open.
    pub web_expiry: Duration,
    /// Whether everybody may be told loopback and private addresses.
    pub allow_private: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            swarms: 50_000,
            members: 200_000,
            members_a_swarm: 20_000,
            per_address: 10_000,
            per_address_a_swarm: 64,
            peers_per_reply: 50,
            offers_per_announce: 10,
            interval: Duration::from_secs(15 * 60),
            min_interval: Duration::from_secs(60),
            web_interval: Duration::from_secs(2 * 60),
            expiry: Duration::from_secs(35 * 60),
            web_expiry: Duration::from_secs(10 * 60),
            allow_private: false,
        }
    }
}

/// Why an announce is refused. The messages go to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// An address or port that nobody can be called at.
    #[error("nobody can be called at that address")]
    Address,
    /// Too many swarms.
    #[error("this tracker is full: too many torrents")]
    Swarms,
    /// Too many members.
    #[error("this tracker is full: too many peers")]
    Members,
    /// Too many members of this swarm.
    #[error("this swarm is full")]
    Swarm,
    /// Too many members from this address.
    #[error("too many peers with your address")]
    Holder,
    /// Another connection, from another address, has this peer id in this swarm.
    #[error("that peer id is taken; choose another")]
    PeerId,
    /// An answer from somebody who is not in the swarm on this connection.
    #[error("announce first")]
    Stranger,
}
