//! The words between a lookup and its driver.

use crate::key::{DhtKey, Distance, Point, Prefix};
use std::time::Duration;

/// Addresses that are likely one party's, such as an IPv4 /24 or an IPv6 /48. What the number means is the driver's
/// affair; those of loopback and of the own network are better left without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Group(pub u64);

/// A peer that might be asked. `P` is its id, `A` whatever the driver needs to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact<P, A = ()> {
    /// Its id.
    pub peer: P,
    /// Where it lies: [`Point::of_peer`] of the id's bytes.
    pub point: Point,
    /// With whom it may share an owner.
    pub group: Option<Group>,
    /// How to reach it; carried, never looked at. The driver bounds it.
    pub addresses: A,
}

/// What a request asks about: the bytes of its `key`, and where they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    key: Vec<u8>,
    point: Point,
}

impl Target {
    /// Peers around a peer (its id's bytes), also the way to find one whose addresses are not known.
    #[must_use]
    pub fn peer(peer_id: &[u8]) -> Self {
        Self { key: peer_id.to_vec(), point: Point::of_peer(peer_id) }
    }

    /// The bytes of the message's `key`.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// Where it lies.
    #[must_use]
    pub fn point(&self) -> Point {
        self.point
    }
}

impl From<DhtKey> for Target {
    fn from(key: DhtKey) -> Self {
        Self { key: key.as_bytes().to_vec(), point: key.point() }
    }
}

/// What a peer is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rpc {
    /// FIND_NODE
    FindNode(Target),
    /// GET_PROVIDERS
    GetProviders(Target),
}

/// Names a request of one lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub(super) u64);

/// A request to send.
#[derive(Clone, Debug)]
pub struct Request<P, A> {
    /// To be given back with what came of it.
    pub id: RequestId,
    /// Whom.
    pub to: Contact<P, A>,
    /// What.
    pub rpc: Rpc,
}

/// What a peer answered. Lists may be of any length; a lookup takes of them what its bounds allow.
#[derive(Clone, Debug)]
pub struct Answer<P, A> {
    /// `closerPeers`
    pub closer: Vec<Contact<P, A>>,
    /// `providerPeers`; empty for FIND_NODE.
    pub providers: Vec<Contact<P, A>>,
}

/// What the driver shall do, or has been waiting for.
#[derive(Clone, Debug)]
pub enum Step<P, A> {
    /// Send this.
    Ask(Request<P, A>),
    /// Somebody who has records under the key, named for the first time.
    Provider {
        /// Who has them.
        provider: Contact<P, A>,
        /// Who says so.
        named_by: P,
    },
    /// A peer of the region, to announce to. Those that answered come as they answer, the others at the end.
    Member(Contact<P, A>),
    /// It is over; nothing follows.
    Done(Summary),
}

/// What a lookup did.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Requests sent.
    pub asked: usize,
    /// Requests answered.
    pub answered: usize,
    /// Requests that failed or took too long.
    pub failed: usize,
    /// Different providers named.
    pub providers: usize,
    /// Peers of the region given as members.
    pub members: usize,
    /// The region that was covered; `None` when there was none to cover.
    pub region: Option<Prefix>,
    /// Distances of the nearest peers that answered, at most [`K`](super::K), nearest first:
    /// for [`Density::sample`](super::Density::sample).
    pub nearest: Vec<Distance>,
    /// Whether it ran to its end, not into its deadline or its bound of requests.
    pub complete: bool,
    /// From its first request to its end.
    pub took: Duration,
}
