//! One torrent's peers: what is said to them, what is asked of whom, and whom to believe.
//!
//! Pure: bytes and time go in, bytes and decisions come out. No sockets, no clock, no files, no randomness but the
//! seed that was handed in, so the same code runs natively, in a browser, and in a simulation with virtual time.
//!
//! ```text
//!            bytes from peers          ranges from web seeds        playheads       verdicts on pieces
//!                  |                            |                       |                  |
//!                  v                            v                       v                  v
//!  +--------------------------------------------------------------------------------------------------+
//!  | Engine   wire --> sessions --> picker (deadline, rarest first, endgame) --> requests             |
//!  |                   choker (tit for tat, optimistic)    blame (who sent which block)    budgets    |
//!  +--------------------------------------------------------------------------------------------------+
//!                  |                            |                                          |
//!                  v                            v                                          v
//!            bytes to peers              ranges to fetch                    blocks to keep, pieces to check
//! ```
//!
//! | module | subject |
//! |---|---|
//! | [`ids`] | infohash, peer id, piece index, block, geometry |
//! | [`time`] | time as it is handed in |
//! | [`wire`] | BEP 3, 6 and 10 messages as bytes, both ways |
//! | [`engine`] | the decisions |

pub mod engine;
pub mod ids;
pub mod time;
pub mod wire;

pub use engine::{
    Config, Demand, Engine, Event, FetchFault, FetchId, Load, Origin, Outgoing, PeerInfo, PeerKind, Playhead,
    Reason, Refused, Stats, Verdict, WebSeed, WebSeedId,
};
pub use ids::{Bitfield, Block, ConnId, Geometry, InfoHash, PeerId, PieceIndex};
pub use time::Time;
