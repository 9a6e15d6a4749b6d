//! Swarms of real peers on loopback. One binary: to link each file alone took minutes.
#![allow(clippy::unwrap_used)]

mod bad_days;
mod encryption;
mod exchange;
mod hub;
#[cfg(feature = "mainline")]
mod mainline;
mod support;
mod tracked;
mod webrtc;
