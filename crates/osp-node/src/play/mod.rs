//! Playing: from what a person names to audio that can be read at once.
//!
//! ```text
//!  REF, file, playlist file ──► Tracks ── open(i) ──► store      verified
//!                                                 ├─► download   verified, while it comes
//!                                                 ├─► file
//!                                                 └─► sealed     opened in memory, or chunk by chunk
//! ```
//!
//! Decoding and sound are `osp-player`'s. What is fetched is kept, like everything that is resolved.

mod arriving;
mod error;
mod list;
mod release;
mod sealed;
mod tracks;

pub use error::PlayError;
pub use list::{MAX_ENTRIES, MAX_PLAYLIST_BYTES, Wanted, wanted};
pub use release::Opening;
pub use sealed::Keys;
pub use tracks::{TrackState, Tracks, Whose};
