//! Finding what others have: records that neighbours pass on over HTTP.

pub(crate) mod feeds;
