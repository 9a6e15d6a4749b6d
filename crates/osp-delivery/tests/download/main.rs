//! Downloads, from whatever has the bytes. One binary: to link each file alone took minutes.
#![allow(clippy::unwrap_used)]

mod blocks;
mod car;
mod delivery;
mod hostile_dags;
mod peers;
mod properties;
mod records;
#[path = "../../../osp-fetch/tests/server/mod.rs"]
mod server;
mod sharing;
mod shelf;
mod sink;
mod sources;
mod support;
mod twins;
