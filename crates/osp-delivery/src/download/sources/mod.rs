//! Places that give ranges of a file, and how they are judged while a download runs.

mod bitswap;
mod http;
mod spool;
mod tracked;

pub(crate) use bitswap::BlockRanges;
pub(crate) use http::{HttpRanges, Opening};
pub(crate) use tracked::Tracked;
