//! Searching everywhere: what is here at once, and what the network has as it is found.
//!
//! ```text
//!  Query ── wanted::keys ──> Network::find ──> what matches, is not blocked and not here ──> Event
//!        └─ the store                                                                          │
//!             └──────────────────────> Ranking: whom the user trusts first <───────────────────┘
//! ```
//!
//! The network is asked for whole titles and genres (keys are hashes), the catalogue for words; what the network gives is
//! held against the query as well. Every record has been verified where it was gathered.

mod ranking;
mod session;
mod turns;
pub mod wanted;

pub use ranking::{Ranked, Ranking};
pub use session::{Event, FoundTrack, NetworkSearch, NotSearched};
pub use turns::Turns;
