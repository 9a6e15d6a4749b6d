//! What version 3.0 promises, each with the attack that it forbids.
#![allow(clippy::unwrap_used)]
#![allow(clippy::single_range_in_vec_init, reason = "sets of chunks often are one range")]

mod attacks;
mod bytes;
mod formats;
mod licences;
mod model;
mod round_trip;
mod support;
mod tables;
mod vectors;
