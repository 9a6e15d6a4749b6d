//! Keeping music alive for others: what is followed, how much room it may take, and what goes first.
//!
//! Everything published here is the node's own and stays. What was fetched, to be played or because it is followed,
//! is a *guest*: it is seeded like the rest, and given up when the quota asks for it (see [`quota`]).
//!
//! ```text
//!  osp seed REF  -->  followed (in the store)
//!                        |  by osp node, or by osp seed itself where none runs: whoever has Home::lock_seeding
//!                        v
//!  Seeder     each REF to the tracks that it names now      (expand: the sources are asked again and again)
//!             those that are not here: room, then fetched   (quota, copies)
//!             those that were retracted or blocked: gone    (weed)
//!  Plays      what others were given, as plays              (how much each guest is wanted)
//! ```
//!
//! A track that is refused for want of room does not push out what was fetched for the same reason: only what is
//! wanted less than it was when its REF was followed gives way, so that a catalogue larger than the quota comes to
//! rest. A new release may push out whatever was here before it.

mod copies;
mod event;
mod expand;
mod follow;
mod plays;
pub mod quota;
mod run;
mod trim;
mod weed;

pub use copies::SeenCopies;
pub use event::{MAX_NAMED, SeedEvent, SeedEventKind, Titled};
pub use follow::{FollowError, MAX_SOURCES, follow, unfollow};
pub use plays::Plays;
pub use quota::{Copies, GiveWay, Room, make_room};
pub use run::{SeedReport, SeedSettings, run, settle};
pub use trim::trim;

use std::sync::atomic::AtomicU64;

/// What a node counts while it seeds.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// What was given to others.
    pub(crate) plays: Plays,
    /// Guests given up, since the program's start.
    pub(crate) evictions: AtomicU64,
    /// Bytes for guests; 0 until it is known.
    pub(crate) quota: AtomicU64,
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |t| t.as_secs())
}
