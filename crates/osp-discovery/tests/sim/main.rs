//! Whole networks in virtual time: nodes with Kademlia tables, 50 ms round trips, loss, dead nodes and liars.
//!
//! Everything is decided by a seed. `OSP_SIM_FIGURES=1` prints what was measured.
#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub)]

mod announcing;
mod finding;
mod liars;
mod node;
mod world;

/// Prints what was measured, when that is wanted.
pub fn figure(text: impl FnOnce() -> String) {
    if std::env::var_os("OSP_SIM_FIGURES").is_some() {
        println!("{}", text());
    }
}
