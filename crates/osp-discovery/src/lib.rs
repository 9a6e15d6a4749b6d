//! Layer 2 of the OpenSound Protocol (spec/OSP-v0.1.md section 13): who has records about an artist, a title, a
//! genre, a track or some content, and which of those records to believe and to show first.
//!
//! Pure: messages and time go in, messages and decisions come out. No sockets, no clock, no threads, no randomness
//! but the seeds that were handed in, so the same code runs in a node, in a browser, and in a simulation with
//! virtual time. Time within a run is a [`Duration`](std::time::Duration) since an origin that the caller chose;
//! what has to survive a restart is in seconds since 1970 ([`UnixTime`]).
//!
//! ```text
//!    record ──key──> index keys ──> 32-byte points ─────────────┐
//!                                                                v
//!    announce   which region is due, which keys go there ──> lookup ──> peers of the region ──> ADD_PROVIDER
//!                                                                │
//!    query  ──key──> one point ─────────────────────────────> lookup ──> providers, as they are found
//!                                                                           │
//!    gather     whom to ask next, over /osp/records/0.1.0 (exchange)  <─────┘
//!       └── verified records, merged ──> trust: which of them first
//! ```
//!
//! | module | subject |
//! |---|---|
//! | [`key`] | index keys of a record, where they lie, distances, regions |
//! | [`exchange`] | `/osp/records/0.1.0`: messages, limits, paging |
//! | [`lookup`] | the iterative lookup over a Kademlia network, regions, density of the network |
//! | [`announce`] | which keys to announce when, a region at a time, and what it costs |
//! | [`gather`] | from providers to verified records |
//! | [`trust`] | which results come first |

pub mod announce;
pub mod exchange;
pub mod gather;
pub mod key;
pub mod lookup;
mod rng;
mod time;
pub mod trust;

pub use key::{DhtKey, IndexKey, Point, Prefix};
pub use time::UnixTime;
