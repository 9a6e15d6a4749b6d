//! Whole swarms in virtual time: engines, hostile peers, mirrors and players on an emulated network.
//!
//! Everything is decided by a seed, so a failure names the seed that shows it again. `OSP_SIM_SEEDS` sets how many
//! seeds the long runs take, `OSP_SIM_FIGURES=1` prints what was measured.
#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub)]

mod actor;
mod bad_days;
mod basics;
mod net;
mod player;
mod scripts;
mod swarm;
mod watch;
mod world;
