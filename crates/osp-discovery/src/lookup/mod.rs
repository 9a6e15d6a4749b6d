//! The iterative lookup: from a few contacts to the peers around a key, and to what they know (spec section 13.3, 13.4).
//!
//! The network is Kademlia (Maymounkov and Mazieres 2002) as libp2p speaks it; a peer answers three requests:
//!
//! ```text
//!  FIND_NODE key        the 20 peers it knows that are nearest to the key
//!  GET_PROVIDERS key    who announced the key to it, and the same 20 peers
//!  ADD_PROVIDER key     "I have records under this key"; no answer
//! ```
//!
//! A [`Lookup`] decides whom to ask next; the driver carries the requests and says what came of them:
//!
//! ```text
//!  Lookup::providers(key) ── add(contacts from the routing table)
//!     loop  poll ──> Ask(request)         send it; then answered(..) or failed(..)
//!                ──> Provider(contact)    at once, as the first peer names it
//!                ──> Member(contact)      a peer of the region that can be announced to
//!                ──> Done(summary)
//!           wake() says when to poll again although nothing has come
//! ```
//!
//! **Nearest first, then the region.** At first only the nearest peers known are asked (`alpha` at once), which finds
//! some peer that holds the key's provider records in two or three round trips. Then the *region* is covered: the
//! longest prefix of the key's point that should hold at least [`K`] peers. Records are announced to every peer of
//! that region (as SR-DHT-Store does, arXiv 2505.01139), and every peer of it is asked, so it takes more than a crowd
//! around the key to hide one.
//!
//! ```text
//!  layers of a region: peers by how many bits behind its prefix they share with the key
//!
//!  |  layer 0: half of the region   |  layer 1: a quarter  | 2    | 3 | .. | last |      each is asked in its turn and
//!  |      about 10 to 20 peers      |       5 to 10        | 2..5 |        key    |      within its own budget
//! ```
//!
//! Peers that were made up around the key all fall into the innermost layers, and whatever their number they cannot
//! use up what the others are allowed. A peer asked for the key names the twenty nearest it knows, which such a crowd
//! would fill; so the layers are looked at from places of their own as well (*probes*: keys that lie there, found by
//! hashing), until each part named fewer than twenty.
//!
//! The node itself may lie in the region: what was announced to it is in its own store, where the driver looks (and puts
//! what it announces itself) without a request.
//!
//! **Bounds.** Contacts a lookup keeps, contacts taken from one answer and from one peer, requests in all, requests in
//! flight, providers, probes: see [`Config`] and [`limits`]. Peers that share a network (an opaque [`Group`] that the
//! driver gives, such as an IPv4 /24) are asked after the others once their group has had its share.
//!
//! **Slow peers.** A request that takes longer than nearly all others lately gives its place to another (hedging); its
//! answer is still taken until the timeout. Peers that failed are left alone for a while ([`Book`]).

mod book;
mod config;
mod contact;
mod density;
mod engine;
mod entries;
mod probes;

pub use book::Book;
pub use config::{Config, limits};
pub use contact::{Answer, Contact, Group, Request, RequestId, Rpc, Step, Summary, Target};
pub use density::{Density, Region};
pub use engine::Lookup;

/// Peers a bucket holds, an answer names, and a key's records are held by: Kademlia's k.
pub const K: usize = 20;
