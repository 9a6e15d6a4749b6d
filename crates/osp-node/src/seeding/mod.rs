//! Keeping music alive for others: what is followed, how much room it may take, and what goes first.
//!
//! Everything published here is the node's own and stays. What was fetched, to be played or because it is followed,
//! is a *guest*: it is seeded like the rest, and given up when the quota asks for it (see [`quota`]).

pub mod quota;

pub use quota::{Copies, Room, make_room};
