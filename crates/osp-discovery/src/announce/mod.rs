//! What to announce when, so that others find this node's records and the network is not flooded (spec section 13.4).
//!
//! A provider record lives [`EXPIRY`] in the peers that hold it, and is given anew every [`INTERVAL`] or so. One lookup
//! for each key would be about sixty requests for each; but a key's records go to every peer of its *region*, so all
//! keys that lie in one region go to the same peers: the region is enumerated once, and each of its peers gets all of
//! them on one stream.
//!
//! ```text
//!  key space   0        1/4       1/2       3/4       1
//!              |----|----|----|----|----|----|----|----|      2^L regions of 20 to 40 peers
//!  keys        .. .  .    ... .  .  ..   .    . ... ..  .      a batch is the keys of one region
//!  time        0        5.5 h     11 h      16.5 h    22 h    each region has its hour; every node begins elsewhere
//! ```
//!
//! For n keys and N peers that is at most N/20 enumerations and 1.5 N streams for each interval, however large n is.
//!
//! - **New keys go first and at once**, and whatever else is soon due in their region goes with them.
//! - **No burst**, neither after many keys came at once nor after a restart: when a key was last announced is kept by
//!   the caller and handed in, each region comes back to its own hour, and what is overdue after a long sleep is spread
//!   over [`Config::catch_up`].
//! - **Failures** are tried again after a pause that doubles, new keys as well as old.
//! - A clock that jumps forward makes everything due, which is caught up with in an orderly way; one that jumps back
//!   is noticed, and nothing waits for a time that was wrong.
//!
//! The planner decides; the driver runs [`Lookup::region`](crate::lookup::Lookup::region) for a [`Batch`], sends
//! ADD_PROVIDER to each member as it comes, and reports with [`Planner::finished`].

mod cost;
mod planner;
mod schedule;

pub use cost::{Cost, Tally};
pub use planner::{Batch, BatchId, Outcome, Planner, TooMany};
pub use schedule::Config;

use std::time::Duration;

/// How long a provider record lives in the peers that hold it.
pub const EXPIRY: Duration = Duration::from_secs(48 * 3600);
/// How often it is given anew. One missed time does no harm.
pub const INTERVAL: Duration = Duration::from_secs(22 * 3600);
/// ADD_PROVIDERs sent on one stream; more keys take more streams.
pub const KEYS_PER_STREAM: usize = 1000;
