//! Nodes that find each other's music through the network alone, in one process, on loopback.

#![allow(clippy::unwrap_used, unreachable_pub)]

mod finding;
mod many;
mod members;
mod staying;
