//! Kademlia of whole hosts over loopback: routing tables, provider records, restarts, budgets, liars.

#![allow(clippy::unwrap_used, unreachable_pub)]

mod budgets;
mod network;
mod nodes;
mod raw;
mod records;
