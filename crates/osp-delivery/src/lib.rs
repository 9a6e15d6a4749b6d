//! Content and records from whoever has them, believed only as far as they can be verified.
//!
//! ```text
//!  Want (CID) --> Delivery --> Source 1: node or gateway   CAR, else raw blocks, else the plain file
//!                    |         Source 2: mirror            the plain file
//!                    |         (later: BitTorrent, WebTorrent, Bitswap, behind the same trait)
//!                    v
//!             Assembly: the DAG as far as it is known and verified, the block that must come next
//!                    v
//!             VerifiedSink: file bytes, in order
//! ```
//!
//! Sources are tried in turn. One that sends a byte too many or wrong is dropped and named; the next goes on from
//! the last verified byte. What a mirror sends of a file whose DAG is not known can only be verified at its end:
//! those bytes are *spooled*, and a sink must not let them out before that.
//!
//! | module | subject |
//! |---|---|
//! | [`car`] | CARv1 streams |
//! | [`records`] | records by id and by artist from a node's API |

mod assembly;
pub mod car;
mod delivery;
pub mod download;
mod error;
mod feed;
mod gateway;
mod job;
mod mirror;
pub mod records;
mod source;
pub mod torrent;
mod want;

pub use assembly::{Assembly, MAX_NODE_BYTES, Pending};
pub use delivery::{Contribution, Delivery, Fetched};
pub use error::{Attempt, DeliveryError, Outcome, SinkError};
pub use feed::FeedPage;
pub use job::{Job, VerifiedSink};
pub use source::{Fault, Source, SourceKind};
pub use want::{HttpSource, MAX_CONTENT_BYTES, Want};
