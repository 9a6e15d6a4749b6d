//! The real program, end to end: several homes, running nodes, hostile input. One file per subject.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod backup;
mod completions;
mod disk_full;
mod exporting;
mod following;
mod hostile;
mod ipfs;
mod liars;
mod lying_peers;
mod moderation;
mod network;
mod node;
mod output;
mod passphrases;
mod playing;
mod public_dht;
mod publishing;
mod remote;
mod resolving;
mod schemas;
mod sealed;
mod searching;
mod seeding;
mod selling;
