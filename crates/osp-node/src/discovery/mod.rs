//! Finding what others have.
//!
//! | module | subject |
//! |---|---|
//! | `feeds` | records that neighbours pass on over HTTP |
//! | [`network`] | the node's part in the DHT, and what it finds there |
//! | [`search`] | what is here and what the network has, as one list |

pub(crate) mod feeds;
pub mod network;
pub mod search;
