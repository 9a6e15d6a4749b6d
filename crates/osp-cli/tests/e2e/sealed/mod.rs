//! Sealed releases through the real program.

mod hostile;
mod keys;
mod licences;
mod release;
mod round_trip;
mod vectors;
mod whole_or_not;
