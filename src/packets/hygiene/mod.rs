//! What of sets in order could go: those that no packet reaches, and those without which no packet would fare otherwise.
//!
//! No command asks for it yet. The tests of `tests/packets` hold it to brute force, and the benchmarks measure it.

mod redundant;
mod shadowed;
mod spread;

pub use redundant::{Redundancies, Redundant};
pub use shadowed::{Shadowed, Shadows};
