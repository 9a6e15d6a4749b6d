//! Finding what others have.
//!
//! | module | subject |
//! |---|---|
//! | `feeds` | records that neighbours pass on over HTTP |
//! | [`network`] | the node's part in the DHT, and what it finds there |

pub(crate) mod feeds;
pub mod network;
